from __future__ import annotations

import io
import re
from typing import Literal

import numpy as np
import pikepdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solver.document import nodes as n
from solver.engines.compile import CompiledPdf, compile_latex
from solver.engines.source import LatexSource
from solver.notation import math as m
from solver.notation.latex_text import is_printable
from solver.writers.html import write_html
from solver.writers.latex import LatexFile, write_latex
from solver.writers.latex_inline import breakable
from tests.document.test_breaking import equations
from tests.notation.trees import leaves, trees
from tests.writers.documents import HOSTILE, SAMPLE, everywhere, words
from tests.writers.golden import hold


def compiled(file: LatexFile, passes: Literal["auto"] | int = "auto") -> CompiledPdf:
    return compile_latex(LatexSource(file.preamble, file.body), passes=passes)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_the_sample(accept: bool) -> None:
    hold("sample.tex", write_latex(SAMPLE).text, accept)


def test_the_same_document_gives_the_same_text() -> None:
    assert write_latex(SAMPLE) == write_latex(SAMPLE)


def test_the_preamble_is_the_same_for_every_document() -> None:
    assert write_latex(SAMPLE).preamble == write_latex(everywhere("another")).preamble


def test_parts_make_the_whole() -> None:
    file = write_latex(SAMPLE)
    assert file.text == LatexSource(file.preamble, file.body).text


def test_the_sample_compiles_with_nothing_overfull() -> None:
    result = compiled(write_latex(SAMPLE))
    assert result.log.overfull == ()
    assert result.log.missing == ()
    assert result.pages == 3
    text = text_of(result.pdf)
    for piece in (
        "Multiple paths",
        "Worked solution",
        "1 of 3",
        "Backward pass",
        "0.001580",
        "(2)",
        "Before and after.",
    ):
        assert piece in text


def test_metadata_and_outline() -> None:
    with pikepdf.open(io.BytesIO(compiled(write_latex(SAMPLE)).pdf)) as pdf:
        assert str(pdf.docinfo["/Title"]) == "Multiple paths"
        assert str(pdf.Root["/Lang"]) == "en"
        with pdf.open_outline() as outline:
            assert [entry.title for entry in outline.root] == ["1 Backward pass: ∂L/∂w₁₃₁", "2 Update"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_printed_literally(name: str) -> None:
    text = HOSTILE[name]
    result = compiled(write_latex(everywhere(text)), passes=1)
    assert result.log.overfull == ()
    assert result.log.missing == ()
    if text.isascii() and text.isprintable() and len(text) < 300:
        # Spaces fall at line ends, and a hyphen may be added there.
        found = re.sub(r"[\s\u0002-]", "", text_of(result.pdf))
        assert re.sub(r"[\s-]", "", text) in found
    elif is_printable(text) and len(text) > 5000:
        assert text_of(result.pdf).count(text[:5]) >= len(text) // len("Donaudampfschiff")


def test_long_titles_are_shortened_in_the_header_alone() -> None:
    body = write_latex(everywhere("word " * 200)).body
    (header,) = re.findall(r"\\renewcommand\\runningtitle\{(.*?)\\textellipsis", body, re.DOTALL)
    assert len(header) < 120


def document(*blocks: n.Block) -> n.Document:
    return n.Document("Title", blocks)


def test_a_display_follows_its_words_without_an_empty_line() -> None:
    equation = n.Equation(((n.EquationLine(m.Symbol("x"), (n.Step("=", m.Digits("1")),)),),))
    body = write_latex(document(n.Paragraph(words("With")), equation, n.Paragraph(words("and")))).body
    assert "With\n\\noindent\\formula\nx = 1\n\\endformula\n\nand" in body


def test_the_number_of_an_equation_starts_no_line() -> None:
    phrase = (
        *words(m.Symbol("x"), " ", n.EquationReference("3"), ", see "),
        n.EquationReference("12"),
        n.Text("."),
    )
    text = write_latex(n.Document("T", (n.Paragraph(phrase),))).text
    assert "$x$~(3), see~(12)." in text
    assert "</math>\u00a0(3), see\u00a0(12)." in write_html(n.Document("T", (n.Paragraph(phrase),)))


@pytest.mark.parametrize("level", [2, 3])
def test_the_formula_of_a_heading_is_bold_where_its_words_are(level: int) -> None:
    sections = tuple(
        n.Section(words(title), (n.Paragraph(words("x")),), level) for title in (m.Symbol("w"), "Layer")
    )
    text = write_latex(n.Document("T", sections)).text
    assert re.search(r"\{\\boldmath \$w\$\}", text)
    assert "{Layer}" in text


def test_a_fraction_among_words_does_not_touch_the_next_line() -> None:
    below = m.Script(m.Symbol("a", "bold"), sub=m.row(m.Symbol("z"), m.Operator(","), m.Symbol("t")))
    fraction = m.Fraction(m.Symbol("L"), m.row(m.Operator("∂"), below), small=True)
    file = write_latex(n.Document("T", (n.Paragraph(words(fraction, " ddd" * 80)),)))
    page = pypdfium2.PdfDocument(compiled(file).pdf)[0].render(scale=10).to_pil().convert("L")
    edges = np.flatnonzero(
        np.diff(np.asarray(page).min(axis=1) < 128)
    )  # where a line of ink begins, and where it ends
    begins, ends = edges[::2], edges[1::2]
    assert len(begins) == 7  # head, title, four of words, foot
    assert begins[3] - ends[2] > 8


def test_a_long_word_with_hyphens_is_broken_behind_them() -> None:
    assert breakable("Hohenlohe-Langenburg-Schillingsfürst") == "Hohenlohe-Langenburg-Schillingsfürst"
    assert breakable("Hohenlohe-" + "x" * 25).startswith("Hohenlohe-xxxxxx\\hspace")
    assert breakable("x" * 25).count("hspace") == breakable("-" * 25).count("hspace") == 4


def test_an_unsafe_address_is_no_link() -> None:
    link = n.Link(words("here"), "javascript:alert(1)")
    assert r"\href" not in write_latex(document(n.Paragraph((link,)))).body


def test_a_wide_table_breaks_its_words() -> None:
    long = "several words that go on and on " * 6
    table = n.Table((words("a"), words("b")), ((words(long), words("x")),), "lr")
    result = compiled(write_latex(document(table)))
    assert result.log.overfull == ()


def test_a_long_table_repeats_its_header() -> None:
    rows = tuple((words(f"row {i}"), words(m.Digits("0.1"))) for i in range(90))
    result = compiled(write_latex(document(n.Table((words("Name"), words("Value")), rows, "lr"))))
    assert result.pages == 3
    assert text_of(result.pdf).count("Name") == 3


def test_a_heading_is_never_the_last_line_of_a_page() -> None:
    paragraph = n.Paragraph(
        words("Some words to fill a line or two of the page before the next heading comes. " * 2)
    )
    for count in range(16, 22):
        section = n.Section(words("Heading"), (paragraph,))
        result = compiled(write_latex(document(*[paragraph] * count, section)), passes=1)
        pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(result.pdf)]
        (page,) = (page for page in pages if "Heading" in page)
        assert "Some words" in page[page.index("Heading") :]


@pytest.mark.slow
@settings(max_examples=4, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(equations(), trees(10), leaves()), min_size=60, max_size=80))
def test_nothing_random_is_overfull(parts: list[n.Equation | m.Math]) -> None:
    """Many equations and formulas of every kind in one document, in paragraphs, notes and lists."""
    blocks: list[n.Block] = []
    for i, part in enumerate(parts):
        if isinstance(part, m.Math):
            blocks.append(
                n.Paragraph(words("Some words before ", part, " and some more of them after it, on and on."))
            )
        elif i % 3 == 1:
            blocks.append(n.Note(words("Lead."), (part,)))
        elif i % 3 == 2:
            blocks.append(n.Listing(((n.Paragraph(words("item")), part),)))
        else:
            blocks.append(part)
    result = compiled(write_latex(document(*blocks)))
    assert result.log.overfull == ()
