"""A document as Markdown that GitHub renders: formulas between dollars, figures as SVG files beside it.

As in LaTeX, each block is a template. Lines are wrapped where a reader of the source would wrap them; a formula in a
line of words is never broken, since GitHub would not see it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, assert_never

from solver.document import nodes as n
from solver.document.breaking import lay_out
from solver.document.kinds import block
from solver.figures.svg import svg
from solver.writers.markdown_equation import markdown_equation
from solver.writers.markdown_inline import KEPT_SPACE, markdown_phrase, markdown_text
from solver.writers.markdown_lines import indented, lines_of, started
from solver.writers.templating import Raw, Templates, load_templates

COLUMN: Final = 46.0
"""Room for an equation on a page of GitHub, in em."""

_NO_LIMIT: Final = 1e6
_LINES_A_CENTIMETRE: Final = 1.6
_MOST_BLANK_LINES: Final = 40


@dataclass(frozen=True, slots=True)
class MarkdownFiles:
    """A Markdown document and the figures it refers to.

    Attributes:
        text: The document, ending with a newline.
        figures: SVG by the name under which the document refers to it, relative to its folder.
    """

    text: str
    figures: Mapping[str, str]


def write_markdown(
    document: n.Document, *, templates: Path | None = None, stem: str = "figure"
) -> MarkdownFiles:
    """Return a document as GitHub's Markdown.

    Args:
        document: The document.
        templates: A teacher's folder of templates; a file ``markdown/note.md`` in it replaces the shipped one.
        stem: Begins the names of the figures, so that several documents can share a folder.

    Raises:
        InputError: A template has a fault.
    """
    known = load_templates("markdown", ".md", markdown_text, templates)
    writer = _Writer(known, stem)
    content = writer.blocks(document.blocks)
    text = known.render(
        "document",
        title=_inline(started(markdown_text(document.title))),
        source=_inline(started(markdown_text(document.source))),
        running=document.running,
        content=Raw(content),
    )
    return MarkdownFiles(_tidy(text), MappingProxyType(dict(writer.figures)))


def _inline(text: str) -> Raw:
    return Raw(text.replace(KEPT_SPACE, " "))


def _tidy(text: str) -> str:
    """Return text without spaces at the ends of lines and without two empty lines in a row."""
    rows: list[str] = []
    for row in text.split("\n"):
        stripped = row.rstrip(" ")
        if stripped or (rows and rows[-1]):
            rows.append(stripped)
    return "\n".join(rows).strip("\n") + "\n"


@dataclass(slots=True)
class _Writer:
    templates: Templates
    stem: str
    figures: dict[str, str] = field(default_factory=dict)
    sections: int = 0

    def blocks(self, blocks: Sequence[n.Block]) -> str:
        return "\n\n".join(text for node in blocks if (text := self.block(node)))

    def block(self, node: n.Block) -> str:
        match block(node):
            case n.Paragraph(phrase):
                return self.templates.render("paragraph", words=self._lines(phrase))
            case n.Equation() as equation:
                display = markdown_equation(lay_out(equation, COLUMN, _NO_LIMIT))
                return self.templates.render("equation", display=Raw(display))
            case n.Figure() as figure:
                return self._figure(figure)
            case n.Table() as table:
                return self._table(table)
            case n.Note(lead, blocks, kind):
                words = _inline(markdown_phrase((n.Strong(lead),)))
                first = block(blocks[0]) if blocks else None
                if isinstance(first, n.Paragraph):
                    words = Raw(
                        lines_of(f"{markdown_phrase((n.Strong(lead),))} {markdown_phrase(first.phrase)}")
                    )
                    blocks = blocks[1:]
                content = "\n\n".join(part for part in (str(words), self.blocks(blocks)) if part)
                return self.templates.render(
                    "note", lines=[Raw(row) for row in content.split("\n")], kind=kind
                )
            case n.Listing(items, ordered):
                return self._listing(items, ordered=ordered)
            case n.Together(blocks):
                return self.templates.render("together", content=Raw(self.blocks(blocks)))
            case n.Section(title, blocks, level):
                self.sections += level == 1
                heading = self.templates.render(
                    "section", title=_inline(markdown_phrase(title)), level=level, number=self.sections
                )
                return "\n\n".join(part for part in (heading, self.blocks(blocks)) if part)
            case n.AnswerSpace(height):
                count = min(max(round(height * _LINES_A_CENTIMETRE), 1), _MOST_BLANK_LINES)
                return self.templates.render("answer-space", lines=count)
            case n.PageBreak():
                return self.templates.render("page-break")
            case _ as never:
                assert_never(never)

    def _lines(self, phrase: n.Phrase) -> Raw:
        return Raw(lines_of(started(markdown_phrase(phrase))))

    def _figure(self, figure: n.Figure) -> str:
        picture = svg(figure.scene, title="", description=figure.alt)
        digest = hashlib.sha256(picture.encode()).hexdigest()
        name = next((known for known, other in self.figures.items() if other == picture), None)
        if name is None:
            name = f"figures/{self.stem}-{len(self.figures) + 1}.svg"
            self.figures[name] = picture
        return self.templates.render(
            "figure",
            file=Raw(name),
            alt=figure.alt,
            caption=self._lines(figure.caption),
            digest=Raw(digest[:12]),
        )

    def _table(self, table: n.Table) -> str:
        columns = len(table.header)
        align = [side if side in "lcr" else "l" for side in table.align.ljust(columns, "l")]
        rows = [
            [_inline(markdown_phrase(cell)) for cell in row] + [Raw("")] * (columns - len(row))
            for row in table.rows
        ]
        return self.templates.render(
            "table",
            header=[_inline(markdown_phrase(cell)) for cell in table.header],
            align=align,
            rows=rows,
            caption=self._lines(table.caption),
        )

    def _listing(self, items: Sequence[Sequence[n.Block]], *, ordered: bool) -> str:
        rows = []
        for number, item in enumerate(items, start=1):
            marker = f"{number}. " if ordered else "- "
            rows.append(Raw(indented(self.blocks(item), marker, " " * len(marker))))
        return self.templates.render("listing", items=rows, ordered=ordered)
