"""A document as LaTeX: a whole text that compiles alone with a plain pdflatex.

Each block is one template, so a teacher can restyle one at a time; what the templates are given is decided here: where
an equation is broken, how wide a column is, how much room a heading needs below it. The preamble is the same for every
document of one style, and apart, so that an engine can precompile it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, assert_never

from solver.document import nodes as n
from solver.document.breaking import lay_out
from solver.document.kinds import block
from solver.errors import Fault, InputError
from solver.figures.tikz import tikz
from solver.notation.cases import remembered
from solver.notation.width import text_width
from solver.writers.heights import (
    EM,
    LONG_TABLE,
    LONGEST_UNBROKEN,
    block_height,
    blocks_height,
    opening_height,
)
from solver.writers.latex_equation import latex_equation
from solver.writers.latex_inline import bookmark, breakable, latex_phrase, pdf_text
from solver.writers.latex_preamble import preamble
from solver.writers.latex_table import latex_table
from solver.writers.lines import slotted, wrapped
from solver.writers.templating import Raw, Templates, load_templates

_REMEMBERED: Final = 4096
_HEADING: Final = 3.2
_NOTE_HEAD: Final = 3.0
_LIST_INDENT: Final = 2.0
_SMALL: Final = 0.945
_TITLE_SHARE: Final = 0.68
_RUNNING_SHARE: Final = 0.27
_PAGE_SHARE: Final = 0.9
_GROUP_SHARE: Final = 0.42
_WIDEST_FIGURE: Final = 1.0


@dataclass(frozen=True, slots=True)
class LatexFile:
    r"""A LaTeX document in its parts.

    Attributes:
        preamble: From ``\documentclass`` up to, but without, ``\begin{document}``.
        content: What stands on its pages: the inside of a ``sheet``, alone in a file or one of many.
        title: For the metadata of a PDF.
    """

    preamble: str
    content: str
    title: str = ""

    @property
    def body(self) -> str:
        """What stands between ``\\begin{document}`` and ``\\end{document}`` of a file of its own."""
        return f"\\begin{{sheet}}{{document}}\n{self.content}\\end{{sheet}}\n"

    @property
    def text(self) -> str:
        """The whole document."""
        return f"{self.preamble}\\begin{{document}}\n{self.body}\\end{{document}}\n"


@dataclass(frozen=True, slots=True)
class Page:
    """The room on a page, in em of its text."""

    width: float
    height: float


def write_latex(document: n.Document, *, templates: Path | None = None) -> LatexFile:
    """Return a document as LaTeX.

    Args:
        document: The document.
        templates: A teacher's folder of templates; a file ``latex/note.tex`` in it replaces the shipped one.

    Raises:
        InputError: A template has a fault.
    """
    known = latex_templates(templates)
    return LatexFile(preamble(known), latex_content(document, known), document.title)


def latex_escape(text: str) -> str:
    """Return plain text as LaTeX prints it literally."""
    return breakable(text)


def latex_templates(folder: Path | None = None) -> Templates:
    """Return the templates of LaTeX documents, a teacher's folder first."""
    return load_templates("latex", ".tex", latex_escape, folder)


def latex_blocks(blocks: Sequence[n.Block], templates: Templates) -> str:
    """Return blocks as they stand in the body of a LaTeX document."""
    return _Writer(templates, read_page(templates)).blocks(blocks)


def latex_content(document: n.Document, templates: Templates) -> str:
    """Return what stands on the pages of a document."""
    page = read_page(templates)
    language = "".join(
        char for char in document.language if char.isascii() and (char.isalnum() or char == "-")
    )
    body = templates.render(
        "document",
        title=document.title,
        source=document.source,
        running=document.running,
        short_title=_shortened(document.title, _TITLE_SHARE * page.width),
        short_running=_shortened(document.running, _RUNNING_SHARE * page.width),
        pdf_title=Raw(pdf_text(document.title)),
        language=Raw(language or "en"),
        content=Raw(_Writer(templates, page).blocks(document.blocks)),
    )
    return wrapped(body) + "\n"


def read_page(templates: Templates) -> Page:
    """Return the room on a page, as the page template says it.

    Raises:
        InputError: The template does not say how wide and how tall the text is.
    """
    exported = templates.exported("page", tones={})
    sizes = []
    for name in ("text_width", "text_height"):
        size = exported.get(name)
        if not isinstance(size, (int, float)) or not 20 <= size <= 2000:
            found = "nothing" if size is None else repr(size)
            raise InputError(
                Fault(
                    key=name,
                    file=templates.file_of("page"),
                    found=found,
                    expected=f"<% set {name} = millimetres %>",
                )
            )
        sizes.append(size / 10 / EM)
    return Page(*sizes)


def _shortened(title: str, room: float) -> str:
    """Return a title that fits into the header."""
    text = " ".join(title.split())
    if text_width(text) <= room:
        return text
    while text and text_width(text + "…") > room:
        text = text[: max(0, len(text) - max(1, len(text) // 50))]
    return text.rstrip() + "…"


@remembered(_REMEMBERED, same=True)
def _phrase(phrase: n.Phrase, line: float) -> Raw:
    return Raw(latex_phrase(phrase, line))  # the headings of all sheets are the same


@dataclass(frozen=True, slots=True)
class _Writer:
    templates: Templates
    page: Page

    def blocks(self, blocks: Sequence[n.Block]) -> str:
        """Return blocks one below the other.

        A display follows its words without an empty line: it belongs to their paragraph.
        """
        text = ""
        for i, node in enumerate(blocks):
            if i:
                text += (
                    "\n"
                    if isinstance(n.looks(node), n.Equation)
                    and isinstance(n.looks(blocks[i - 1]), n.Paragraph)
                    else "\n\n"
                )
            text += self.block(node)
        return text

    def block(self, node: n.Block) -> str:
        if isinstance(node, n.Filled):
            text = node.once((self.templates, self.page), lambda like: slotted(self.block(like)))
            return text.filled(node.numbers.texts)
        line = self.page.width
        match block(node):
            case n.Paragraph(phrase):
                return self.templates.render("paragraph", words=self.phrase(phrase))
            case n.Equation() as equation:
                layout = lay_out(equation, line, 0.85 * self.page.height)
                return self.templates.render(
                    "equation", display=Raw(latex_equation(layout)), small=equation.small
                )
            case n.Figure() as figure:
                return self._figure(figure)
            case n.Table() as table:
                return self._table(table)
            case n.Note() as note:
                return self._note(note)
            case n.Listing(items, ordered):
                inner = self._narrower(_LIST_INDENT)
                return self.templates.render(
                    "listing", items=[Raw(inner.blocks(item)) for item in items], ordered=ordered
                )
            case n.Together(blocks):
                room = Raw(f"{self._kept(blocks):.1f}em")
                return self.templates.render_around("together", {"content": self.blocks(blocks)}, room=room)
            case n.Section(title, blocks, level):
                height = min(_HEADING + self._opening(blocks), _PAGE_SHARE * self.page.height)
                return self.templates.render_around(
                    "section",
                    {"content": self.blocks(blocks)},
                    title=self.phrase(title),
                    bookmark=Raw(bookmark(title)),
                    level=level,
                    room=Raw(f"{height:.1f}em"),
                )
            case n.AnswerSpace(height):
                most = _PAGE_SHARE * self.page.height * EM
                return self.templates.render("answer-space", height=Raw(f"{min(height, most):.2f}cm"))
            case n.PageBreak():
                return self.templates.render("page-break")
            case _ as never:
                assert_never(never)

    def _kept(self, blocks: Sequence[n.Block]) -> float:
        """Return the room that a group asks for: all of it, or its first piece where it would leave a page half empty."""
        whole = blocks_height(blocks, self.page.width)
        most = _GROUP_SHARE * self.page.height
        return whole if whole <= most else min(opening_height(blocks, self.page.width), most)

    def _opening(self, blocks: Sequence[n.Block]) -> float:
        first = blocks[0] if blocks else None
        if isinstance(first, n.Together):
            return self._kept(first.blocks)
        return opening_height(blocks, self.page.width)

    def phrase(self, phrase: n.Phrase) -> Raw:
        return _phrase(phrase, self.page.width)

    def _narrower(self, indent: float, em: float = 1.0) -> _Writer:
        return replace(self, page=replace(self.page, width=(self.page.width - indent) / em))

    def _figure(self, figure: n.Figure) -> str:
        picture = tikz(figure.scene).strip()
        name = "figure-" + hashlib.sha256(picture.encode()).hexdigest()[:16]
        scale = min(1.0, self.page.width * EM / max(figure.scene.width, 0.01))
        room = min(block_height(figure, self.page.width), _PAGE_SHARE * self.page.height)
        return self.templates.render(
            "figure",
            name=Raw(name),
            picture=Raw(picture),
            scale=Raw(f"{scale:.3f}") if scale < _WIDEST_FIGURE else "",
            caption=self.phrase(figure.caption),
            room=Raw(f"{room:.1f}em"),
        )

    def _table(self, table: n.Table) -> str:
        text = latex_table(table, self.page.width)
        long = len(table.rows) > LONGEST_UNBROKEN
        whole = LONG_TABLE if long else block_height(table, self.page.width)
        room = min(whole, _PAGE_SHARE * self.page.height)
        return self.templates.render_around(
            "table",
            {"header": text.header, "rows": text.rows},
            columns=tuple(Raw(column.spec) for column in text.columns),
            caption=self.phrase(table.caption),
            long=long,
            room=Raw(f"{room:.1f}em"),
        )

    def _note(self, note: n.Note) -> str:
        inner = self._narrower(0.0, _SMALL)
        room = _NOTE_HEAD + self._kept(note.blocks)
        return self.templates.render_around(
            "note",
            {"content": inner.blocks(note.blocks)},
            lead=inner.phrase(note.lead),
            starts_with_words=bool(note.blocks) and isinstance(n.looks(note.blocks[0]), n.Paragraph),
            kind=note.kind,
            room=Raw(f"{room:.1f}em"),
        )
