from __future__ import annotations

from pathlib import Path

import pytest

from solver.errors import InputError
from solver.writers.formats import WRITERS, write
from solver.writers.latex import write_latex
from solver.writers.locations import template_root
from solver.writers.markdown import write_markdown
from solver.writers.templating import Raw, load_templates
from tests.writers.documents import SAMPLE


def own(folder: Path, name: str, text: str) -> Path:
    """Put a template of one's own into a folder, and return the folder."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return folder


def fault(folder: Path, name: str, text: str) -> str:
    """The message for a template with a fault in it, the folder's name left out."""
    with pytest.raises(InputError) as caught:
        write_markdown(SAMPLE, templates=own(folder, name, text))
    return str(caught.value).replace(f"{folder}/", "")


def test_one_block_can_be_replaced(tmp_path: Path) -> None:
    folder = own(tmp_path, "markdown/note.md", "NOTE of kind << kind >>\n")
    changed, shipped = write_markdown(SAMPLE, templates=folder).text, write_markdown(SAMPLE).text
    assert "NOTE of kind warning" in changed
    assert "[!WARNING]" not in changed
    assert changed.split("NOTE")[0] == shipped.split("> [!WARNING]")[0]


BLOCKS = (
    "document", "title", "section", "paragraph", "equation", "figure", "table", "note", "listing", "together",
    "answer-space",
)  # fmt: skip
STYLES = ("fonts", "colours", "headings", "header", "displays", "marks", "extras")


@pytest.mark.parametrize(
    ("name", "block"),
    [
        *((name, block) for name in WRITERS for block in BLOCKS),
        *(("tex", style) for style in STYLES),
        ("html", "style"),
    ],
)
def test_every_block_of_every_format_can_be_replaced(name: str, block: str, tmp_path: Path) -> None:
    family, suffix = {"tex": ("latex", ".tex"), "md": ("markdown", ".md"), "html": ("html", ".html")}[name]
    assert (template_root() / family / f"{block}{suffix}").is_file()
    folder = own(tmp_path, f"{family}/{block}{suffix}", "MINE")
    pages = write(SAMPLE, name, stem="x", templates=folder)
    assert "MINE" in next(iter(pages.values())).decode()


def test_a_template_extends_the_shipped_one(tmp_path: Path) -> None:
    text = '<% extends "default/latex/document.tex" %>\n<% block title %>My \\emph{own}: << title >><% endblock %>'
    body = write_latex(SAMPLE, templates=own(tmp_path, "latex/document.tex", text)).body
    assert "My \\emph{own}: Multiple paths" in body
    assert "\\section{" in body


def test_a_template_includes_the_shipped_one(tmp_path: Path) -> None:
    text = '\\begin{center}\n<% include "default/latex/figure.tex" %>\n\\end{center}\n'
    body = write_latex(SAMPLE, templates=own(tmp_path, "latex/figure.tex", text)).body
    assert "\\begin{center}\n\\Needspace" in body


def test_the_page_decides_where_lines_are_broken(tmp_path: Path) -> None:
    page = "<% set text_width = 80 %><% set text_height = 200 %>\n\\usepackage[textwidth=80mm]{geometry}\n"
    narrow = write_latex(SAMPLE, templates=own(tmp_path, "latex/page.tex", page))
    assert "textwidth=80mm" in narrow.preamble
    assert narrow.body.count("\\hspace{2em}") > write_latex(SAMPLE).body.count("\\hspace{2em}")


def test_a_page_must_say_its_size(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_latex(SAMPLE, templates=own(tmp_path, "latex/page.tex", "\\usepackage{geometry}\n"))
    assert str(caught.value).endswith(
        "latex/page.tex: text_width: found nothing, expected <% set text_width = millimetres %>"
    )


def test_plain_text_is_escaped_and_a_writers_own_is_not(tmp_path: Path) -> None:
    own(tmp_path, "latex/x.tex", "<< plain >>|<< raw >>|<< number >>|<% set y = plain %><< y >>")
    templates = load_templates("latex", ".tex", lambda text: f"[{text}]", tmp_path)
    assert templates.render("x", plain="a&b", raw=Raw("a&b"), number=3) == "[a&b]|a&b|[3]|[a&b]"


def test_what_a_template_builds_is_not_escaped_twice(tmp_path: Path) -> None:
    own(tmp_path, "latex/x.tex", "<% macro twice(z) %><< z >><< z >><% endmacro %><< twice(plain) >>")
    templates = load_templates("latex", ".tex", lambda text: f"[{text}]", tmp_path)
    assert templates.render("x", plain="a") == "[a][a]"


def test_a_syntax_error_has_a_file_and_a_line(tmp_path: Path) -> None:
    message = fault(tmp_path, "markdown/note.md", "fine\n<% if kind %>\nnever ended\n")
    assert message.startswith("markdown/note.md:3: Unexpected end of template")


def test_an_unknown_name_has_a_file_and_a_line(tmp_path: Path) -> None:
    message = fault(tmp_path, "markdown/note.md", "fine\n\n<< knid >>\n")
    assert message == "markdown/note.md:3: 'knid' is undefined; expected one of: kind, lines"


def test_a_failing_expression_has_a_file_and_a_line(tmp_path: Path) -> None:
    message = fault(tmp_path, "markdown/note.md", "\n<< 1 // 0 >>\n")
    assert message.startswith("markdown/note.md:2: ")


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    message = fault(tmp_path, "markdown/note.md", '\n<% include "markdown/titel.md" %>\n')
    assert (
        message
        == 'markdown/note.md:2: no such template; found markdown/titel.md; did you mean "markdown/title.md"?'
    )


def test_templates_reach_nothing_outside(tmp_path: Path) -> None:
    message = fault(tmp_path, "markdown/note.md", "<< kind.__class__.__mro__ >>")
    assert "markdown/note.md:1: " in message
    message = fault(tmp_path / "b", "markdown/note.md", '<% include "../../secret.md" %>')
    assert "no such template" in message


def test_a_missing_folder_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_markdown(SAMPLE, templates=tmp_path / "none")
    assert "no such folder of templates" in str(caught.value)


def test_templates_are_read_anew_when_they_change(tmp_path: Path) -> None:
    import os

    folder = own(tmp_path, "markdown/note.md", "ONE\n")
    assert "ONE" in write_markdown(SAMPLE, templates=folder).text
    own(tmp_path, "markdown/note.md", "TWO\n")
    os.utime(tmp_path / "markdown/note.md", (1, 1))
    assert "TWO" in write_markdown(SAMPLE, templates=folder).text
