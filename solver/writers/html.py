"""A document as one HTML file: MathML, inline SVG, a small style sheet; no script, nothing from a network.

It can be mailed, opened from a disk and printed. As in the other formats each block is a template, and the style sheet
is one of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

from solver.document import nodes as n
from solver.document.breaking import Cell, LaidRow, Layout, lay_out
from solver.document.kinds import block, inline, tied
from solver.figures.svg import svg
from solver.notation.mathml import mathml, mathml_body
from solver.notation.tones import COLOURS, known_tone
from solver.notation.xml_text import xml_text
from solver.writers.html_text import html_text
from solver.writers.templating import Raw, Templates, load_templates

COLUMN: Final = 46.0
"""Room for an equation on the page, in em; the style sheet makes the column as wide."""

_NO_LIMIT: Final = 1e6
_LANGUAGE: Final = re.compile(r"[A-Za-z0-9-]{1,35}\Z")
_ADDRESS: Final = re.compile(r"(?:https?://|mailto:)[\x21-\x7e]{1,2000}\Z")


def write_html(document: n.Document, *, templates: Path | None = None) -> str:
    """Return a document as one self-contained HTML file, ending with a newline.

    Args:
        document: The document.
        templates: A teacher's folder of templates; a file ``html/note.html`` in it replaces the shipped one.

    Raises:
        InputError: A template has a fault.
    """
    known = load_templates("html", ".html", html_text, templates)
    return (
        known.render(
            "document",
            title=document.title,
            source=document.source,
            running=document.running,
            language=Raw(document.language if _LANGUAGE.match(document.language) else "en"),
            tones={f"tone-{tone}": Raw(f"#{colour}") for tone, colour in COLOURS.items()},
            content=Raw(_Writer(known).blocks(document.blocks)),
        )
        + "\n"
    )


def html_phrase(phrase: n.Phrase) -> str:
    """Return a phrase as HTML."""
    return "".join(_inline(part) for part in tied(phrase))


def _inline(part: n.Inline) -> str:
    match inline(part):
        case n.Text(text):
            return html_text(text)
        case n.InlineMath(math):
            return mathml(math)
        case n.Strong(phrase):
            return f"<strong>{html_phrase(phrase)}</strong>"
        case n.Emphasis(phrase):
            return f"<em>{html_phrase(phrase)}</em>"
        case n.Tone(phrase, tone):
            return f'<span class="tone-{known_tone(tone)}">{html_phrase(phrase)}</span>'
        case n.EquationReference(tag):
            return f"({html_text(tag)})"
        case n.Link(phrase, address):
            words = html_phrase(phrase)
            return (
                f'<a href="{xml_text(address)}" rel="noreferrer">{words}</a>'
                if _ADDRESS.match(address)
                else words
            )
        case _ as never:
            assert_never(never)


def html_equation(layout: Layout) -> str:
    """Return a laid-out equation as one `<math>`: a table with a column on each side of the relations."""
    tagged = any(row.tag is not None for row in layout.rows)
    rows = "\n".join(_row(row, layout.columns, tagged=tagged) for row in layout.rows)
    table = f'<mtable class="aligned" displaystyle="true">\n{rows}\n</mtable>'
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{table}</math>'


def _row(row: LaidRow, columns: int, *, tagged: bool) -> str:
    empty = '<mtd class="before"></mtd><mtd class="after"></mtd>'
    cells = "".join(_cell(cell) for cell in row.cells) + empty * (columns - len(row.cells))
    words = f"<mtext>({html_text(row.tag)})</mtext>" if row.tag is not None else ""
    tag = f'<mtd class="tag">{words}</mtd>' if tagged else ""
    return f"<mtr>{cells}{tag}</mtr>"


def _cell(cell: Cell) -> str:
    before = mathml_body(cell.left) if cell.left is not None else ""
    indent = f'<mspace width="{cell.indent:g}em"/>' if cell.indent else ""
    after = mathml_body(cell.right)
    return f'<mtd class="before">{before}</mtd><mtd class="after">{indent}{after}</mtd>'


@dataclass(slots=True)
class _Writer:
    templates: Templates
    sections: int = 0

    def blocks(self, blocks: Sequence[n.Block]) -> str:
        return "\n".join(self.block(node) for node in blocks)

    def block(self, node: n.Block) -> str:
        match block(node):
            case n.Paragraph(phrase):
                return self.templates.render("paragraph", words=Raw(html_phrase(phrase)))
            case n.Equation(_, small) as equation:
                display = html_equation(lay_out(equation, COLUMN, _NO_LIMIT))
                return self.templates.render("equation", display=Raw(display), small=small)
            case n.Figure(scene, alt, caption):
                return self.templates.render(
                    "figure",
                    picture=Raw(svg(scene, standalone=False, description=alt).strip()),
                    alt=alt,
                    caption=Raw(html_phrase(caption)),
                )
            case n.Table() as table:
                return self._table(table)
            case n.Note(lead, blocks, kind):
                first = block(blocks[0]) if blocks else None
                words = html_phrase(first.phrase) if isinstance(first, n.Paragraph) else ""
                return self.templates.render(
                    "note",
                    lead=Raw(html_phrase(lead)),
                    words=Raw(words),
                    content=Raw(self.blocks(blocks[1:] if words else blocks)),
                    kind=kind,
                )
            case n.Listing(items, ordered):
                return self.templates.render(
                    "listing", items=[Raw(self.blocks(item)) for item in items], ordered=ordered
                )
            case n.Together(blocks):
                return self.templates.render("together", content=Raw(self.blocks(blocks)))
            case n.Section(title, blocks, level):
                self.sections += level == 1
                number = self.sections
                return self.templates.render(
                    "section",
                    title=Raw(html_phrase(title)),
                    level=level,
                    number=number,
                    content=Raw(self.blocks(blocks)),
                )
            case n.AnswerSpace(height):
                return self.templates.render("answer-space", height=Raw(f"{height:.2f}cm"))
            case n.PageBreak():
                return self.templates.render("page-break")
            case _ as never:
                assert_never(never)

    def _table(self, table: n.Table) -> str:
        columns = len(table.header)
        names = {"l": "left", "c": "center", "r": "right"}
        align = [names.get(side, "left") for side in table.align.ljust(columns, "l")]
        rows = [
            [Raw(html_phrase(cell)) for cell in row] + [Raw("")] * (columns - len(row)) for row in table.rows
        ]
        return self.templates.render(
            "table",
            header=[Raw(html_phrase(cell)) for cell in table.header],
            align=align,
            rows=rows,
            caption=Raw(html_phrase(table.caption)),
        )
