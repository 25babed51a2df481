"""A laid-out equation as a display."""

from __future__ import annotations

from typing import Final

from solver.document.breaking import REMEMBERED, Cell, LaidRow, Layout
from solver.notation.cases import remembered
from solver.writers.latex_inline import breakable, latex_math

LONGEST_UNBROKEN: Final = 4
"""Printed rows of one line of mathematics that stay on one page."""

_SIZES: Final = {"normal": "", "small": r"\eqsmall", "footnote": r"\eqfootnote", "script": r"\eqscript"}

_ENVIRONMENTS: Final = {
    (True, False): (r"\formula", r"\endformula"),
    (False, False): (r"\rows", r"\endrows"),
    (True, True): (r"\begin{equation*}", r"\end{equation*}"),
    (False, True): (r"\begin{align*}", r"\end{align*}"),
}
"""How a display starts and ends: of a single formula or not, with tags or not. Only amsmath's know tags."""


def latex_equation(layout: Layout) -> str:
    """Return the display, one printed row a line, ready to stand after the words that lead to it.

    Args:
        layout: The rows.
    """
    single = len(layout.rows) == 1 and layout.columns == 1
    tagged = any(row.tag is not None for row in layout.rows)
    begin, end = _ENVIRONMENTS[single, tagged]
    mark = "" if single else "&"
    lines = _row(layout.rows[0], layout.columns, mark) if layout.rows else ""
    for row, kept in zip(layout.rows[1:], _kept(layout), strict=True):
        lines += (" \\\\*\n" if kept else " \\\\\n") + _row(row, layout.columns, mark)
    switch = _SIZES[layout.size] + (r"\tightcolumns" if layout.tight else "")
    # \noindent: a display that starts a paragraph must not leave an empty line above it.
    display = "\n".join([rf"\noindent{begin}", lines, end])
    return f"{{{switch}%\n{display}}}\\ignorespaces" if switch else display


def _kept(layout: Layout) -> list[bool]:
    """Return for each row past the first whether no page may end before it, because it goes on with a short line."""
    starts = [
        place for place, row in enumerate(layout.rows) if any(cell.left is not None for cell in row.cells)
    ]
    ends = [*starts[1:], len(layout.rows)][: len(starts)]
    short = {
        place
        for start, end in zip(starts, ends, strict=True)
        if end - start <= LONGEST_UNBROKEN
        for place in range(start + 1, end)
    }
    # No page begins or ends with a single line of many.
    lengths = [end - start for start, end in zip(starts, ends, strict=True)]
    if len(starts) > LONGEST_UNBROKEN:
        short |= {starts[at] for at in (1, -1) if lengths[at - 1] + lengths[at] <= LONGEST_UNBROKEN}
    return [place in short for place in range(1, len(layout.rows))]


def _row(row: LaidRow, columns: int, mark: str) -> str:
    cells = [_cell(cell, mark) for cell in row.cells] + [mark] * (columns - len(row.cells))
    tag = rf" \tag{{{breakable(row.tag)}}}" if row.tag is not None else ""
    return " & ".join(cells) + tag


@remembered(REMEMBERED)
def _cell(cell: Cell, mark: str) -> str:
    left = f"{latex_math(cell.left, display=True)} " if cell.left is not None else ""
    indent = rf"\hspace{{{cell.indent:g}em}}" if cell.indent else ""
    right = latex_math(cell.right, display=True)
    if cell.scale < 1:
        right = rf"\scalebox{{{cell.scale:.3f}}}{{$\displaystyle {right}$}}"
    return f"{left}{mark}{indent}{right}"
