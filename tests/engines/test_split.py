from __future__ import annotations

import hashlib
import io

import pikepdf
import pypdfium2
import pytest

from solver.engines.bind import Book
from solver.engines.compile import CompiledPdf, compile_latex
from solver.engines.marks import Mark, parse_marks, sheet_pages, unfinished_sheet
from solver.engines.pieces import pieces_from
from solver.engines.reader import read_piece, read_pieces
from solver.engines.source import LatexSource
from solver.engines.split import split_pdf
from tests.engines.conftest import PREAMBLE

NAMES = ("one", "two", "three")


@pytest.fixture(scope="module")
def run() -> CompiledPdf:
    """Return three sheets of one, two and three pages; each links to itself, the second also to the first."""
    sheets = []
    for count, name in enumerate(NAMES, 1):
        pages = "\\newpage\n".join(f"Page {page} of sheet {name}.\n" for page in range(1, count + 1))
        other = "\\hyperref[sec:one]{elsewhere}" if name == "two" else ""
        sheets.append(
            f"\\begin{{sheet}}{{{name}}}\\section{{About {name}}}\\label{{sec:{name}}}"
            f"{pages}See \\ref{{sec:{name}}} {other} \\href{{http://example.org}}{{outside}}\\end{{sheet}}\n"
        )
    return compile_latex(LatexSource(PREAMBLE, "".join(sheets)))


@pytest.fixture(scope="module")
def parts(run: CompiledPdf) -> dict[str, bytes]:
    return split(run)


def split(run: CompiledPdf) -> dict[str, bytes]:
    made = split_pdf(run.pdf, sheet_pages(run.marks), {"two": "Zweites – “quoted”"}).parts
    assert {name: part.sha256 for name, part in made.items()} == {
        name: hashlib.sha256(part.pdf).hexdigest() for name, part in made.items()
    }
    return {name: part.pdf for name, part in made.items()}


def words(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def test_marks_say_which_pages_are_whose(run: CompiledPdf) -> None:
    assert sheet_pages(run.marks) == {"one": range(1), "two": range(1, 3), "three": range(3, 6)}
    assert unfinished_sheet(run.marks) is None


def test_half_a_mark_is_passed_over() -> None:
    marks = parse_marks("begin a 1\nend a 2\nfigure f 1 10 20 -3\nbegin b 3\nend b")
    assert marks[2] == Mark("figure", "f", 1, (10, 20, -3))
    assert sheet_pages(marks) == {"a": range(2)}
    assert unfinished_sheet(marks) == "b"


def test_each_part_has_its_own_pages_counted_from_one(parts: dict[str, bytes]) -> None:
    for count, name in enumerate(NAMES, 1):
        pages = words(parts[name])
        assert len(pages) == count
        for number, text in enumerate(pages, 1):
            assert f"Page {number} of sheet {name}." in text
            assert f"{name}: page {number} of {count}" in text
        assert "1 About" in pages[0]  # section numbers begin anew


def test_the_same_run_gives_the_same_parts(run: CompiledPdf, parts: dict[str, bytes]) -> None:
    assert split(run) == parts


def test_links_stay_within_their_sheet(parts: dict[str, bytes]) -> None:
    for name in NAMES:
        with pikepdf.open(io.BytesIO(parts[name])) as pdf:
            links = [link for page in pdf.pages for link in page.get("/Annots", [])]
            inner = [link.Dest[0].objgen for link in links if "/Dest" in link]
            outer = [str(link.A.URI) for link in links if "/A" in link]
            assert inner == [pdf.pages[0].objgen]  # the one that led to another sheet is gone
            assert outer == ["http://example.org"]
            assert "/Names" not in pdf.Root
            with pdf.open_outline() as outline:
                assert [item.title for item in outline.root] == [f"About {name}"]


def test_nothing_of_the_others_is_in_a_part(parts: dict[str, bytes]) -> None:
    for name in NAMES:
        with pikepdf.open(io.BytesIO(parts[name])) as pdf:
            assert len([item for item in pdf.objects if _is_page(item)]) == len(pdf.pages)


def _is_page(item: object) -> bool:
    return isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Page"


def test_a_part_is_no_larger_than_the_sheet_alone(parts: dict[str, bytes]) -> None:
    alone = "\\begin{sheet}{one}\\section{About one}\\label{sec:one}Page 1 of sheet one. See \\ref{sec:one} \\href{http://example.org}{outside}\\end{sheet}"
    made = compile_latex(LatexSource(PREAMBLE, alone)).pdf
    assert len(parts["one"]) < 1.1 * len(made)


def test_metadata_is_the_title_and_no_date(parts: dict[str, bytes]) -> None:
    with pikepdf.open(io.BytesIO(parts["two"])) as pdf:
        assert dict(pdf.docinfo) == {"/Producer": "pdfTeX-1.40.26", "/Title": "Zweites – “quoted”"}
    with pikepdf.open(io.BytesIO(parts["one"])) as pdf:
        assert "/Title" not in pdf.docinfo


def test_every_part_is_valid_and_looks_like_its_pages_in_the_run(
    run: CompiledPdf, parts: dict[str, bytes]
) -> None:
    with pypdfium2.PdfDocument(run.pdf) as whole:
        for name, pages in sheet_pages(run.marks).items():
            assert _faults(parts[name]) == []
            with pypdfium2.PdfDocument(parts[name]) as part:
                assert [_picture(page) for page in part] == [_picture(whole[page]) for page in pages]


def test_parts_of_a_run_begin_with_what_they_share(parts: dict[str, bytes]) -> None:
    two, three = parts["two"], parts["three"]
    start = int(0.8 * len(two))
    assert two[:start] == three[:start]


def test_every_object_of_a_part_is_used(parts: dict[str, bytes]) -> None:
    for name in NAMES:
        with pikepdf.open(io.BytesIO(parts[name])) as pdf:
            found = _reached(pdf)
            for item in pdf.objects:
                structure = isinstance(item, pikepdf.Stream) and item.get("/Type") in ("/ObjStm", "/XRef")
                assert structure or item.objgen in found


def _reached(pdf: pikepdf.Pdf) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    waiting: list[object] = [pdf.Root, pdf.trailer.Info]
    while waiting:
        item = waiting.pop()
        if not isinstance(item, pikepdf.Object) or (item.is_indirect and item.objgen in found):
            continue
        if item.is_indirect:
            found.add(item.objgen)
        if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
            waiting += [item[key] for key in item.keys()]  # noqa: SIM118 - pikepdf's are no mappings
        elif isinstance(item, pikepdf.Array):
            waiting += list(item)
    return found


def test_references_in_strings_are_none() -> None:
    piece = read_piece(rb"<< /A 7 0 R /T (see 12 0 R \(50% of 5 0 R\)) /B [ 1 8 0 R 9 0 R ] >>")
    assert piece.needs == (7, 8, 9)
    spelled = piece.spelled({7: b"1 0 R", 8: b"2 0 R", 12: b"3 0 R"})
    assert spelled == rb"<< /A 1 0 R /T (see 12 0 R \(50% of 5 0 R\)) /B [ 1 2 0 R null ] >>"


def test_what_a_page_leaves_to_the_page_tree_comes_along() -> None:
    with pikepdf.new() as pdf:
        for _ in range(2):
            pdf.add_blank_page(page_size=(200, 300))
            del pdf.pages[-1].obj["/MediaBox"]
        pdf.Root.Pages["/MediaBox"] = pikepdf.Array([0, 0, 70, 90])
        pdf.Root.Pages["/Rotate"] = 90
        stream = io.BytesIO()
        pdf.save(stream)
    for part in split_pdf(stream.getvalue(), {"a": [1], "b": [0, 1]}).parts.values():
        with pypdfium2.PdfDocument(part.pdf) as document:
            assert document[0].get_size() == (90, 70)
            assert _faults(part.pdf) == []


def test_chapters_of_a_book_look_as_they_do_apart(run: CompiledPdf, parts: dict[str, bytes]) -> None:
    pages = sheet_pages(run.marks)

    def bound() -> bytes:
        book = Book()
        book.add(read_pieces(run.pdf), {1: ("Drei", pages["three"]), 0: ("Zwei", pages["two"])})
        kept = split_pdf(run.pdf, {"some": pages["two"]}, keep=True).pages
        book.add(pieces_from(kept), {2: ("Zwei, again", pages["two"])})
        made = book.finished("All – “quoted”")
        assert made.sha256 == hashlib.sha256(made.pdf).hexdigest()
        return made.pdf

    made = bound()
    assert made == bound()
    assert _faults(made) == []
    assert words(made) == words(parts["two"]) + words(parts["three"]) + words(parts["two"])
    with pypdfium2.PdfDocument(made) as whole, pypdfium2.PdfDocument(parts["three"]) as part:
        assert [_picture(whole[index]) for index in (2, 3, 4)] == [_picture(page) for page in part]
    assert len(made) < 1.05 * len(run.pdf)  # the fonts of the second run are those of the first
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert dict(pdf.docinfo) == {"/Title": "All – “quoted”"}
        assert set(pdf.Root.keys()) == {"/Type", "/Pages", "/Outlines"}
        assert len([item for item in pdf.objects if _is_page(item)]) == 7
        numbers = [page.objgen for page in pdf.pages]
        with pdf.open_outline() as outline:
            entries = [(item.title, item.destination[0].objgen) for item in outline.root]  # type: ignore[index]
        assert entries == [("Zwei", numbers[0]), ("Drei", numbers[2]), ("Zwei, again", numbers[5])]
        links = [
            link.Dest[0].objgen for page in pdf.pages for link in page.get("/Annots", []) if "/Dest" in link
        ]
        assert links == [numbers[0], numbers[2], numbers[5]]  # those to the first sheet are gone


def test_pages_that_were_stored_are_read_as_they_were(run: CompiledPdf) -> None:
    stored = read_pieces(run.pdf).to_bytes()
    assert pieces_from(stored) == read_pieces(run.pdf)
    with pytest.raises(ValueError, match="Expecting value"):
        pieces_from(run.pdf)
    with pytest.raises(ValueError, match="no stored pages"):
        pieces_from(b"{}\n")


def test_what_refers_to_itself_can_be_bound_and_a_later_version_is_told() -> None:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(200, 300))
        note = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, A=pikepdf.Dictionary(S=pikepdf.Name.Named)
            )
        )
        popup = pdf.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Popup, Parent=note, P=page.obj)
        )
        note["/Popup"] = popup
        page["/Annots"] = pikepdf.Array([note])
        stream = io.BytesIO()
        pdf.save(stream, force_version="1.7")
    book = Book()
    book.add(read_pieces(stream.getvalue()), {0: ("One", [0])})
    made = book.finished("").pdf
    assert _faults(made) == []
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert pdf.Root.Version == "/1.7"
        kept = pdf.pages[0].Annots[0]
        assert kept.Popup.Parent.objgen == kept.objgen
        assert kept.Popup.P.objgen == pdf.pages[0].objgen


def _faults(pdf: bytes) -> list[str]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [str(fault) for fault in document.check_pdf_syntax()]


def _picture(page: pypdfium2.PdfPage) -> bytes:
    return page.render(scale=1).to_numpy().tobytes()
