"""Tables in LaTeX: how wide each column is, and whether the table may break across pages.

A table that is narrower than the page keeps its natural columns. In a wider one the widest columns give way first and
break their words; what is left for each is decided here, so that TeX never finds a line overfull.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from solver.document import nodes as n
from solver.document.kinds import plain_text
from solver.notation import math as m
from solver.notation.cases import longest, remembered
from solver.notation.walk import walk
from solver.notation.width import text_width, width
from solver.writers.latex_inline import is_plain, latex_phrase, plain_width

_GAP: Final = 1.1
_LEAST: Final = 2.5
_BOLD: Final = 1.15
_WITH_FRACTION: Final = r"\rule[-1.3ex]{0pt}{4ex}"
_WITH_SCRIPTS: Final = r"\rule[-1.1ex]{0pt}{3.6ex}"
"""Struts that keep a tall row apart from its neighbours."""

_STRUTS: Final = ("", _WITH_SCRIPTS, _WITH_FRACTION)
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


def plan_columns(table: n.Table, line: float) -> tuple[Column, ...]:
    """Return the columns of a table such that it is no wider than a line.

    Args:
        table: The table.
        line: Room on a line, in em.
    """
    align = [side if side in "lcr" else "l" for side in table.align.ljust(len(table.header), "l")]
    natural = [
        longest([_BOLD * phrase_width(head), *(phrase_width(row[i]) for row in table.rows if i < len(row))])
        for i, head in enumerate(table.header)
    ]
    room = line - _GAP * max(len(natural) - 1, 0)
    if sum(natural) <= room:
        return tuple(Column(side) for side in align)
    limit = _limit(natural, room)
    return tuple(
        Column(side, limit if wide > limit else None) for side, wide in zip(align, natural, strict=True)
    )


def phrase_width(phrase: n.Phrase) -> float:
    """Return the width of a phrase on one line, in em."""
    if not _is_plain(phrase):
        return _phrase_width(phrase)
    return sum(map(_part_width, phrase))


def _part_width(part: n.Inline) -> float:
    if isinstance(part, n.InlineMath) and isinstance(part.math, m.Digits):
        return plain_width(part.math.text)
    return text_width(plain_text((part,)))


def _is_plain(phrase: n.Phrase) -> bool:
    """Return whether a cell begins with a number, and holds nothing but numbers and words: it never comes again."""
    first = phrase[0] if phrase else None
    return isinstance(first, n.InlineMath) and all(
        isinstance(part, n.Text)
        or (isinstance(part, n.InlineMath) and isinstance(part.math, m.Digits) and is_plain(part.math))
        for part in phrase
    )


@remembered(_REMEMBERED, same=True)
def _phrase_width(phrase: n.Phrase) -> float:
    return sum(
        width(part.math, display=False) if isinstance(part, n.InlineMath) else text_width(plain_text((part,)))
        for part in phrase
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


def cells(row: Sequence[n.Phrase], columns: Sequence[Column], line: float) -> str:
    """Return one row of a table, without its end."""
    filled = [*row, *[()] * (len(columns) - len(row))]
    written = " & ".join(
        (latex_phrase if _is_plain(phrase) else _cell)(phrase, line if column.width is None else column.width)
        for phrase, column in zip(filled, columns, strict=False)
    )
    struts = {_strut(phrase) for phrase in row if not _is_plain(phrase)}
    return written + max(struts, key=_STRUTS.index, default="")


def header_cells(header: Sequence[n.Phrase], columns: Sequence[Column], line: float) -> str:
    """Return the first row of a table, without its end."""
    strong = [_strong(phrase) for phrase in header]
    return cells(strong, columns, line)


@remembered(_REMEMBERED, same=True)
def _strong(phrase: n.Phrase) -> n.Phrase:
    return (n.Strong(phrase),)


@remembered(_REMEMBERED, same=True)
def _cell(phrase: n.Phrase, line: float) -> str:
    # The same sentences stand in the keys of all students.
    return latex_phrase(phrase, line)


@remembered(_REMEMBERED, same=True)
def _strut(phrase: n.Phrase) -> str:
    nodes = [node for part in phrase if isinstance(part, n.InlineMath) for node in walk(part.math)]
    if any(isinstance(node, m.Fraction) for node in nodes):
        return _WITH_FRACTION
    # One above the other, as in w₁₁ with its layer in brackets.
    stacked = any(isinstance(node, m.Script) and node.sub and node.sup for node in nodes)
    return _WITH_SCRIPTS if stacked else ""
