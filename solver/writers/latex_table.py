"""Tables in LaTeX: how wide each column is, and whether the table may break across pages.

A table that is narrower than the page keeps its natural columns. In a wider one the widest columns give way first and
break their words; what is left for each is decided here, so that TeX never finds a line overfull.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from solver.document import nodes as n
from solver.document.kinds import plain_text
from solver.notation import math as m
from solver.notation.cases import longest, remembered
from solver.notation.width import TEXT, measure, text_width, width
from solver.writers.latex_inline import breakable, fits_inline, is_plain, latex_phrase, plain_width

_GAP: Final = 1.1
_LEAST: Final = 2.5
_BOLD: Final = 1.15
_ROW: Final = (1.04, 0.44)
"""How far a row reaches above and below its line without a strut, in em."""

_APART: Final = 0.17
"""Space between what stands in a row and its edges, in em; no row needs more of it than a line of words has."""

_REMEMBERED: Final = 4096


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how it is aligned, and its width in em where its words are broken."""

    align: str
    width: float | None = None

    @property
    def spec(self) -> str:
        """The column as LaTeX's tables take it."""
        if self.width is None:
            return self.align
        side = {"l": r"\raggedright", "c": r"\centering", "r": r"\raggedleft"}[self.align]
        return rf">{{{side}\arraybackslash}}p{{{self.width:.2f}em}}"


class _Cell(Protocol):
    """What stands in a place of a table."""

    @property
    def width(self) -> float:
        """How wide it is on one line, in em."""

    @property
    def reach(self) -> tuple[float, float]:
        """How far it reaches above and below its line, in em."""

    def latex(self, line: float) -> str:
        """Return it as LaTeX, broken where it is wider than a line."""


@dataclass(slots=True)
class _Numbers:
    """Numbers, with words between them: read in one pass, and never met again.

    Attributes:
        phrase: As the document has it.
        width: Of all of it.
        widest: Of the widest number.
        text: What it is where no number is too wide for its line.
        reach: None: numbers are no taller than words.
    """

    phrase: n.Phrase
    width: float = 0.0
    widest: float = 0.0
    text: str = ""
    reach: tuple[float, float] = (0.0, 0.0)

    def latex(self, line: float) -> str:
        return self.text if fits_inline(self.widest, line) else latex_phrase(self.phrase, line)


@dataclass(frozen=True, slots=True)
class _Words:
    """Words and formulas: the same sentences stand in the keys of all students."""

    phrase: n.Phrase

    @property
    def width(self) -> float:
        return phrase_width(self.phrase)

    @property
    def reach(self) -> tuple[float, float]:
        return _reach(self.phrase)

    def latex(self, line: float) -> str:
        return _latex(self.phrase, line)


def _cell(phrase: n.Phrase) -> _Cell:
    numbers = _Numbers(phrase)
    for place, part in enumerate(phrase):
        if isinstance(part, n.InlineMath) and isinstance(part.math, m.Digits) and is_plain(part.math):
            own = plain_width(part.math.text)
            numbers.widest = max(numbers.widest, own)
            numbers.text += f"${part.math.text}$"
        elif place and isinstance(part, n.Text):
            own = text_width(part.text)
            numbers.text += breakable(part.text)
        else:
            return _Words(phrase)
        numbers.width += own
    return numbers


@dataclass(frozen=True, slots=True)
class TableText:
    """A table as LaTeX.

    Attributes:
        columns: Such that it is no wider than its line.
        header: Its first row, without its end.
        rows: The others.
    """

    columns: tuple[Column, ...]
    header: str
    rows: list[str]


def latex_table(table: n.Table, line: float) -> TableText:
    """Return a table that is no wider than a line.

    Args:
        table: The table.
        line: Room on a line, in em.
    """
    rows = [[_cell(phrase) for phrase in row] for row in table.rows]
    natural = [
        longest([_BOLD * phrase_width(head), *(row[i].width for row in rows if i < len(row))])
        for i, head in enumerate(table.header)
    ]
    align = [side if side in "lcr" else "l" for side in table.align.ljust(len(natural), "l")]
    columns = _planned(align, natural, line)
    header = [_Words(_strong(head)) for head in table.header]
    return TableText(columns, _row(header, columns, line), [_row(row, columns, line) for row in rows])


def _planned(align: Sequence[str], natural: Sequence[float], line: float) -> tuple[Column, ...]:
    """Return columns of some natural widths such that together they are no wider than a line."""
    room = line - _GAP * max(len(natural) - 1, 0)
    if sum(natural) <= room:
        return tuple(Column(side) for side in align)
    limit = _limit(natural, room)
    return tuple(
        Column(side, limit if wide > limit else None) for side, wide in zip(align, natural, strict=True)
    )


def _limit(natural: Sequence[float], room: float) -> float:
    """Return the width to which the widest columns shrink for all to fit."""
    left, wide = room, sorted(natural)
    for i, own in enumerate(wide):
        share = left / (len(wide) - i)
        if own > share:
            return max(share, _LEAST)
        left -= own
    return room


def _row(row: Sequence[_Cell], columns: Sequence[Column], line: float) -> str:
    """Return one row of a table, without its end."""
    blank = [""] * (len(columns) - len(row))
    written = [
        cell.latex(line if column.width is None else column.width)
        for cell, column in zip(row, columns, strict=False)
    ]
    return " & ".join([*written, *blank]) + _strut([cell.reach for cell in row])


def _strut(reaches: Sequence[tuple[float, float]]) -> str:
    """Return what keeps a tall row apart from its neighbours, and from the rules of the table."""
    height = max((above for above, _ in reaches), default=0.0) + _APART
    depth = max((below for _, below in reaches), default=0.0) + _APART
    if height <= _ROW[0] and depth <= _ROW[1]:
        return ""
    return rf"\rule[-{depth:.2f}em]{{0pt}}{{{height + depth:.2f}em}}"


@remembered(_REMEMBERED, same=True)
def phrase_width(phrase: n.Phrase) -> float:
    """Return the width of a phrase on one line, in em."""
    return sum(
        width(part.math, display=False) if isinstance(part, n.InlineMath) else text_width(plain_text((part,)))
        for part in phrase
    )


@remembered(_REMEMBERED, same=True)
def _strong(phrase: n.Phrase) -> n.Phrase:
    return (n.Strong(phrase),)


@remembered(_REMEMBERED, same=True)
def _latex(phrase: n.Phrase, line: float) -> str:
    return latex_phrase(phrase, line)


@remembered(_REMEMBERED, same=True)
def _reach(phrase: n.Phrase) -> tuple[float, float]:
    height = depth = 0.0
    for part in phrase:
        match part:
            case n.InlineMath(math):
                extent = measure(math, TEXT)
                own = (extent.height, extent.depth)
            case n.Strong(inner) | n.Emphasis(inner) | n.Tone(inner) | n.Link(inner):
                own = _reach(inner)
            case _:
                continue
        height, depth = max(height, own[0]), max(depth, own[1])
    return height, depth
