from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt

from solver.document import nodes as n
from solver.notation import math as m
from solver.writers.markdown import MarkdownFiles, write_markdown
from solver.writers.visible import visible
from tests.document.test_breaking import equations
from tests.notation.trees import trees
from tests.writers.documents import HOSTILE, SAMPLE, everywhere, line, words
from tests.writers.golden import hold

X = m.Symbol("x")


def written(*blocks: n.Block) -> str:
    """The Markdown of blocks, without the title."""
    text = write_markdown(n.Document("Title", blocks)).text
    return text.removeprefix("# Title\n\n").removesuffix("\n")


def rendered(text: str) -> str:
    """HTML as GitHub's parser makes it, before anybody looks for mathematics."""
    return str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))


def shown(html: str) -> str:
    """The words of HTML, as a browser shows them."""
    return "".join(ET.fromstring(f"<body>{html.replace('<br>', '<br/>')}</body>").itertext())


def formulas(text: str) -> list[str]:
    return [body.strip() for body in re.findall(r"\$\$(.*?)\$\$", text, re.DOTALL)] + re.findall(
        r"(?<!\$)\$([^$\n]+)\$(?!\$)",
        re.sub(r"\$\$.*?\$\$", "", text, flags=re.DOTALL).replace("<span>$</span>", ""),
    )


def squeezed(text: str) -> str:
    return re.sub(r"[\s>]+", "", text.replace("&lt;", "").replace("&amp;", "&"))


def test_the_sample(accept: bool) -> None:
    files = write_markdown(SAMPLE, stem="solution")
    hold("sample.md", files.text, accept)
    assert list(files.figures) == ["figures/solution-1.svg"]
    assert files.text.endswith("\n")
    assert not files.text.endswith("\n\n")


def test_figures_are_there_and_described() -> None:
    files = write_markdown(SAMPLE, stem="solution")
    (reference,) = re.findall(r"!\[(.*?)\]\((.*?)\)", files.text)
    assert reference == ("Two paths from h₁₃ to the loss", "figures/solution-1.svg")
    assert ET.fromstring(files.figures[reference[1]]).tag == "{http://www.w3.org/2000/svg}svg"


def test_the_same_figure_is_written_once() -> None:
    figure = next(block for block in SAMPLE.blocks[0].blocks if isinstance(block, n.Figure))  # type: ignore[attr-defined]
    files = write_markdown(n.Document("Title", (figure, figure)))
    assert len(files.figures) == 1
    assert files.text.count("figures/figure-1.svg") == 2


def test_lines_are_wrapped_but_formulas_are_not_broken() -> None:
    text = write_markdown(SAMPLE).text
    assert all(len(row) <= 120 for row in text.split("\n") if not row.startswith("|"))
    for row in text.split("\n"):
        assert row.replace("<span>$</span>", "").count("$") % 2 == 0


@settings(max_examples=60)
@given(equations())
def test_displays_survive_markdown(equation: n.Equation) -> None:
    text = written(equation)
    (body,) = formulas(text)
    html = rendered(text)
    assert "<em>" not in html
    assert "<h" not in html
    assert "<li>" not in html
    assert "<a" not in html
    assert squeezed(body) in squeezed(shown(html)).replace("&", "&")


@settings(max_examples=60)
@given(trees())
def test_formulas_in_lines_survive_markdown(math: m.Math) -> None:
    text = written(n.Paragraph(words("Some words ", math, " and others, then ", math, ".")))
    html = rendered(text)
    assert re.sub(r"</?p>|<span>|</span>", "", html).count("<") == 0
    for body in formulas(text):
        assert squeezed(body) in squeezed(shown(html))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_printed_literally(name: str) -> None:
    text = HOSTILE[name]
    files = write_markdown(everywhere(text))
    html = rendered(files.text)
    assert not re.search(
        r"<(?!/?(?:p|h1|h2|h3|em|strong|img|table|thead|tbody|tr|th|td|ul|li|blockquote|span|br)\b)", html
    )
    assert "<a " not in html
    paragraph = shown(rendered(written(n.Paragraph((n.Text(f"{text} end"),)))))
    assert " ".join(paragraph.split()) == " ".join(f"{visible(text)} end".split())


def test_a_dollar_outside_mathematics_is_none_to_github() -> None:
    assert written(n.Paragraph(words("costs $5 and $6"))) == "costs <span>$</span>5 and <span>$</span>6"


def test_emphasis_stops_before_a_formula() -> None:
    phrase = (n.Strong(words("all of ", X, " here")),)
    assert written(n.Paragraph(phrase)) == "**all of** $x$ **here**"


def test_a_formula_does_not_touch_a_word() -> None:
    assert written(n.Paragraph(words("the ", X, "th of (", X, ")."))) == "the $x$ th of ($x$)."


def test_a_pipe_does_not_end_a_cell() -> None:
    table = n.Table((words("a"),), ((words("b | c"),), (words(m.Fenced(X, "|", "|")),)), "c")
    assert written(table).split("\n") == ["| a |", "| :-: |", r"| b \| c |", r"| $\lvert x\rvert$ |"]


def test_numbers_of_equations() -> None:
    one = n.Equation(((line(X, "=", X, tag="1"),),))
    assert written(one) == "$$\nx = x\n\\tag{1}\n$$"
    two = n.Equation(((line(X, "=", X, tag="1"),), (line(X, "=", X, tag="chain rule, twice"),)))
    assert r"\qquad \text{(chain rule, twice)}" in written(two)


def test_a_display_of_many_colours_gives_them_up() -> None:
    tones = m.row(*[m.Toned(X, "path-1") for _ in range(50)])
    assert r"\color" not in written(n.Equation(((line(X, "=", tones),),)))


def test_notes_and_lists() -> None:
    note = n.Note(words("Look."), (n.Paragraph(words("Here.")), n.Equation(((line(X, "=", X),),))), "warning")
    assert written(note) == "> [!WARNING]\n> **Look.** Here.\n>\n> $$\n> x = x\n> $$"
    items = n.Listing(
        ((n.Paragraph(words("one")), n.Paragraph(words("more"))), (n.Paragraph(words("two")),)), ordered=True
    )
    assert written(items) == "1. one\n\n   more\n2. two"


def test_result_is_frozen() -> None:
    files = write_markdown(SAMPLE)
    assert isinstance(files, MarkdownFiles)
    with pytest.raises(TypeError):
        files.figures["x"] = "y"  # type: ignore[index]
