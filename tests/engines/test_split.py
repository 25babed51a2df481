from __future__ import annotations

import io

import pikepdf
import pypdfium2
import pytest

from solver.engines.bind import bound_pdf
from solver.engines.compile import CompiledPdf, compile_latex
from solver.engines.join import join_pdfs
from solver.engines.marks import Mark, parse_marks, sheet_pages, unfinished_sheet
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
    return split_pdf(run.pdf, sheet_pages(run.marks), {"two": "Zweites – “quoted”"})


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
    assert split_pdf(run.pdf, sheet_pages(run.marks), {"two": "Zweites – “quoted”"}) == parts


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


def test_joined_parts_are_the_run_again_in_any_order(run: CompiledPdf, parts: dict[str, bytes]) -> None:
    order = ("three", "one", "two")
    joined = join_pdfs({name: parts[name] for name in order}, title="All")
    assert joined == join_pdfs({name: parts[name] for name in order}, title="All")
    assert words(joined) == [text for name in order for text in words(parts[name])]
    # Fonts are held once, so the whole is hardly larger than the run it came from.
    assert len(joined) < 1.05 * len(run.pdf)
    assert len(joined) < 0.5 * sum(map(len, parts.values()))
    with pikepdf.open(io.BytesIO(joined)) as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root] == list(order)
        assert str(pdf.docinfo["/Title"]) == "All"


def test_joining_looks_the_same(parts: dict[str, bytes]) -> None:
    joined = join_pdfs(parts)
    with pypdfium2.PdfDocument(joined) as whole, pypdfium2.PdfDocument(parts["three"]) as part:
        assert _picture(whole[4]) == _picture(part[1])


def test_some_sheets_of_a_run_are_bound_as_they_look_apart(run: CompiledPdf, parts: dict[str, bytes]) -> None:
    pages = sheet_pages(run.marks)
    bound = bound_pdf(run.pdf, [pages[name] for name in ("two", "three")])
    assert bound == bound_pdf(run.pdf, [pages[name] for name in ("two", "three")])
    assert words(bound) == words(parts["two"]) + words(parts["three"])
    with pypdfium2.PdfDocument(bound) as whole, pypdfium2.PdfDocument(parts["three"]) as part:
        assert _picture(whole[3]) == _picture(part[1])
    with pikepdf.open(io.BytesIO(bound)) as pdf:
        assert set(pdf.Root.keys()) <= {"/Type", "/Pages", "/Lang", "/ViewerPreferences", "/PageLayout"}
        assert len([item for item in pdf.objects if _is_page(item)]) == 5
        links = [
            [link.Dest[0].objgen for link in page.get("/Annots", []) if "/Dest" in link] for page in pdf.pages
        ]
        two, three = pdf.pages[0].objgen, pdf.pages[2].objgen
        assert [target for page in links for target in page] == [
            two,
            three,
        ]  # that to the first sheet is gone


def _picture(page: pypdfium2.PdfPage) -> bytes:
    return page.render(scale=1).to_numpy().tobytes()


def test_nothing_cannot_be_joined() -> None:
    with pytest.raises(ValueError, match="no PDF"):
        join_pdfs({})
