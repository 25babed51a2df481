"""A laid-out equation as a display that GitHub renders: one `aligned` between double dollars."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from solver.document.breaking import Cell, LaidRow, Layout
from solver.notation import math as m
from solver.notation.tex import GITHUB, Dialect, tex
from solver.notation.walk import walk
from solver.notation.words import github_words
from solver.writers.markdown_lines import math_lines

# A display with fifty colours is not rendered at all.
_MOST_TONES: Final = 40
_PLAIN: Final[Dialect] = replace(GITHUB, colour=lambda _tone, body: f"{{{body}}}")


def markdown_equation(layout: Layout) -> str:
    """Return the display with its dollars, each row of the equation on lines of its own.

    Args:
        layout: The rows.
    """
    dialect = GITHUB if _tones(layout) <= _MOST_TONES else _PLAIN
    tags = [row.tag for row in layout.rows if row.tag is not None]
    single = tags[0] if len(tags) == 1 else None
    rows = [_row(row, dialect, numbered=single is None) for row in layout.rows]
    mark = f"\n\\tag{{{_tag(single)}}}" if single is not None else ""
    if len(rows) == 1 and layout.columns == 1:
        body = (
            rows[0].replace("&", "", 1)
            if layout.rows[0].cells[0].left is None
            else _row(layout.rows[0], dialect, numbered=False, align="")
        )
        return f"$$\n{math_lines(body.strip())}{mark}\n$$"
    body = " \\cr\n".join(rows)
    return f"$$\n\\begin{{aligned}}\n{math_lines(body)}\n\\end{{aligned}}{mark}\n$$"


def _tones(layout: Layout) -> int:
    formulas = [part for row in layout.rows for cell in row.cells for part in (cell.left, cell.right) if part]
    return sum(isinstance(part, m.Toned) for formula in formulas for part in walk(formula))


def _tag(tag: str) -> str:
    return "".join(char for char in tag if char.isalnum() or char in ".' ") or "?"


def _row(row: LaidRow, dialect: Dialect, *, numbered: bool, align: str = "&") -> str:
    text = " & \\qquad ".join(_cell(cell, dialect, align) for cell in row.cells)
    return f"{text} \\qquad {github_words(f'({row.tag})')}" if numbered and row.tag is not None else text


def _cell(cell: Cell, dialect: Dialect, align: str) -> str:
    left = f"{tex(cell.left, dialect)} " if cell.left is not None else ""
    # An empty group keeps a sign away from the start of the line.
    indent = "\\quad" * round(cell.indent) + " " if cell.indent else ""
    return f"{left}{align}{indent}{tex(cell.right, dialect)}"
