"""Lay out an equation for a given width, so that nothing is ever overfull: which line goes on which row.

A line stays on one row when it fits. Otherwise it is broken before a relation; a step that is too long by itself is
broken before a sign at its top level, then inside brackets; lines side by side go one below the other. Where a piece
cannot be broken (a wide matrix), its columns move together, then the block is set smaller, and at the very last the
piece is scaled. Widths come from `notation.width`; the result is what every writer prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from solver.document.nodes import Equation, EquationLine, SharedLine
from solver.document.splitting import split
from solver.notation import math as m
from solver.notation.cases import Decided, longest, remembered
from solver.notation.walk import walk
from solver.notation.width import COLUMN_GAP, DISPLAY, Extent, measure, text_width

Size = Literal["normal", "small", "footnote", "script"]

_SIZES: Final[tuple[tuple[Size, float], ...]] = (
    ("normal", 1.0),
    ("small", 0.94),
    ("footnote", 0.885),
    ("script", 0.845),
)
"""Type sizes and what an em of the formula measures in them, as a share of the text's em."""

REMEMBERED: Final = 8192
"""Lines and cells of which is known how they are set: the lines of an exam come back with other digits."""

TIGHT_GAP: Final = 0.45
"""Space between the columns of a matrix that has to be narrow, in em."""

_BETWEEN_COLUMNS: Final = 2.4
_TAG_GAP: Final = 1.5
_WIDEST_LEFT: Final = 0.4
_STEP_INDENT: Final = 2.0
_SAFETY: Final = 0.3
_RELATION_SPACE: Final = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One row of one line: what stands left of the alignment point, and right of it.

    Equal to itself alone: writers remember what they made of a cell.

    Attributes:
        left: Nothing, or what the line determines.
        right: From the relation on; on a continued row from where the break was.
        indent: Space before `right`, in em.
        scale: At most 1; below it, `right` is scaled down since nothing else makes it fit.
    """

    left: m.Math | None
    right: m.Math
    indent: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class LaidRow:
    """One printed row: a cell per column, and the equation number at the margin."""

    cells: tuple[Cell, ...]
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """An equation as rows.

    Attributes:
        rows: Top to bottom, all with the same number of cells or fewer.
        size: Type size of the whole block.
        tight: Whether the columns of matrices move together.
    """

    rows: tuple[LaidRow, ...]
    size: Size = "normal"
    tight: bool = False

    @property
    def columns(self) -> int:
        """Number of lines side by side."""
        return max((len(row.cells) for row in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class _Frame:
    """One attempt: the room there is, and how formulas are measured."""

    width: float
    height: float
    em: float
    gap: float
    scaling: bool = False

    def extent(self, math: m.Math) -> Extent:
        # The gap is in em of the text, whatever the size of the formula.
        return measure(math, DISPLAY, self.gap / self.em)

    def wide(self, math: m.Math) -> float:
        return self.extent(math).width * self.em

    def split(self, math: m.Math, first: float, rest: float) -> list[m.Math] | None:
        return split(
            math, first / self.em, rest / self.em, lambda part: self.extent(part).width, force=self.scaling
        )


@remembered(1024)
def lay_out(equation: Equation, width: float, height: float = 50.0) -> Layout:
    """Return the rows of an equation such that each fits.

    Args:
        equation: The lines.
        width: Room between the margins, in em of the text.
        height: Room on a page, in em; a single row higher than that is scaled down.
    """
    start = 1 if equation.small else 0
    room = width - _SAFETY
    for size, em in _SIZES[start : start + 2] if _is_side_by_side(equation) else ():
        rows = _beside(equation, _Frame(room, height, em, COLUMN_GAP))
        if rows is not None:
            return Layout(rows, size)
    lines = _stacked(equation)
    for size, em in _SIZES[start:]:
        for gap in (COLUMN_GAP, TIGHT_GAP) if any(_has_matrix(line) for line in lines) else (COLUMN_GAP,):
            rows = _below(lines, _Frame(room, height, em, gap))
            if rows is not None:
                return Layout(rows, size, gap != COLUMN_GAP)
    size, em = _SIZES[start]
    rows = _below(lines, _Frame(room, height, em, COLUMN_GAP, scaling=True))
    return Layout(rows or (), size)


def _is_side_by_side(equation: Equation) -> bool:
    return any(len(row) > 1 for row in equation.rows)


def _stacked(equation: Equation) -> tuple[EquationLine, ...]:
    """Return lines that do not fit side by side in reading order.

    A column is one path, and is read to its end; numbered lines and arrays are read row by row: W₁, b₁, then W₂, b₂.
    """
    lines = tuple(line for row in equation.rows for line in row)
    if any(line.tag is not None or _has_matrix(line) for line in lines):
        return lines
    columns = max((len(row) for row in equation.rows), default=0)
    return tuple(row[i] for i in range(columns) for row in equation.rows if i < len(row))


@remembered(REMEMBERED)
def _extent(cell: Cell, frame: _Frame) -> Extent:
    return frame.extent(cell.right)


def _beside(equation: Equation, frame: _Frame) -> tuple[LaidRow, ...] | None:
    """Lay every line on one row, or return None where they do not all fit side by side."""
    rows = [LaidRow(tuple(_whole(line) for line in row), _tag(row)) for row in equation.rows]
    columns = max(len(row.cells) for row in rows)
    across = (
        _BETWEEN_COLUMNS * (columns - 1)
        + _RELATION_SPACE * columns
        + max((_tag_room(row.tag) for row in rows), default=0.0)
    )
    for i in range(columns):
        cells = [row.cells[i] for row in rows if i < len(row.cells)]
        across += longest(frame.wide(cell.left) for cell in cells if cell.left is not None)
        across += longest(_extent(cell, frame).width * frame.em for cell in cells)
    return tuple(rows) if across <= frame.width and _all_low(rows, frame) else None


def _all_low(rows: Sequence[LaidRow], frame: _Frame) -> bool:
    return all(_extent(cell, frame).total * frame.em <= frame.height for row in rows for cell in row.cells)


def _tag(row: Sequence[EquationLine]) -> str | None:
    return next((line.tag for line in row if line.tag is not None), None)


def _tag_room(tag: str | None) -> float:
    return 0.0 if tag is None else text_width(f"({tag})") + _TAG_GAP


@remembered(REMEMBERED)
def _whole(line: EquationLine) -> Cell:
    steps = m.row(*(part for step in line.steps for part in (m.Operator(step.relation), step.body)))
    if line.steps:
        return Cell(line.left, steps)
    return Cell(None, line.left if line.left is not None else m.Row(()))


def _below(lines: Sequence[EquationLine], frame: _Frame) -> tuple[LaidRow, ...] | None:
    """Lay lines one below the other, broken where they must be; None where some piece fits nowhere."""
    widths = [frame.wide(line.left) if line.left is not None and line.steps else 0.0 for line in lines]
    limit = _WIDEST_LEFT * frame.width
    column = max((wide for wide in widths if wide <= limit), default=0.0)
    rows: list[LaidRow] = []
    for line, wide in zip(lines, widths, strict=True):
        room = replace(frame, width=frame.width - column - _RELATION_SPACE - _tag_room(line.tag))
        cells = _set(line, room, hung=wide > limit or not line.steps)
        if cells is None:
            return None
        rows += [LaidRow((cell,), line.tag if i == len(cells) - 1 else None) for i, cell in enumerate(cells)]
    return tuple(rows)


def _set(line: EquationLine, frame: _Frame, *, hung: bool) -> tuple[Cell, ...] | None:
    """Lay out one line, which is done once for all numbers with which it comes out the same."""
    return _setting(line, frame, hung).here() if isinstance(line, SharedLine) else _rows(line, frame, hung)


@remembered(REMEMBERED)
def _setting(line: SharedLine, frame: _Frame, hung: bool) -> Decided[tuple[Cell, ...] | None]:
    return Decided(lambda: _rows(line, frame, hung))


@remembered(REMEMBERED)
def _rows(line: EquationLine, frame: _Frame, hung: bool) -> tuple[Cell, ...] | None:
    return _hung(line, frame) if hung else _broken(line, frame)


def _hung(line: EquationLine, frame: _Frame) -> tuple[Cell, ...] | None:
    """Lay out a line whose left side would push all others away: it gets rows of its own, its steps hang below it."""
    left = line.left if line.left is not None else m.Row(())
    head = _rows_of(left, frame, 0.0)
    tail = _broken(replace(line, left=None), frame, _STEP_INDENT)
    return None if head is None or tail is None else (*head, *tail)


def _broken(line: EquationLine, frame: _Frame, indent: float = 0.0) -> tuple[Cell, ...] | None:
    """Fill rows with steps; a step that is too long for a row is broken inside."""
    cells: list[Cell] = []
    room = frame.width - indent
    whole = _whole(line)
    if line.steps and _fits(whole.right, frame, room):
        return (whole if not indent else replace(whole, indent=indent),)
    current: m.Math | None = None
    for step in line.steps:
        piece = m.row(m.Operator(step.relation), step.body)
        if current is not None:
            joined = m.row(current, piece)
            if _fits(joined, frame, room):
                current = joined
                continue
            cells.append(Cell(None, current, indent))
            current = None
        if _fits(piece, frame, room):
            current = piece
            continue
        parts = _rows_of(piece, frame, indent)
        if parts is None:
            return None
        # The last part stays a row of its own: a new relation starts at the alignment point.
        cells += parts
    if current is not None:
        cells.append(Cell(None, current, indent))
    return (replace(cells[0], left=line.left), *cells[1:]) if cells else ()


def _fits(math: m.Math, frame: _Frame, room: float) -> bool:
    extent = frame.extent(math)
    return extent.width * frame.em <= room and extent.total * frame.em <= frame.height


def _rows_of(math: m.Math, frame: _Frame, indent: float) -> list[Cell] | None:
    """Return the rows of one piece, continued rows indented further; scaled where that is allowed and needed."""
    further = indent + _STEP_INDENT
    parts = frame.split(math, frame.width - indent, frame.width - further)
    if parts is None:
        return None
    cells = [_fitted(part, frame, indent if i == 0 else further) for i, part in enumerate(parts)]
    return cells if frame.scaling or all(cell.scale == 1 for cell in cells) else None


def _fitted(math: m.Math, frame: _Frame, indent: float) -> Cell:
    extent = frame.extent(math)
    room = frame.width - indent
    if _fits(math, frame, room):
        return Cell(None, math, indent)
    scale = min(
        1.0, room / max(extent.width * frame.em, 1e-9), frame.height / max(extent.total * frame.em, 1e-9)
    )
    return Cell(None, math, indent, scale)


@remembered(REMEMBERED)
def _has_matrix(line: EquationLine) -> bool:
    bodies = [step.body for step in line.steps] + ([line.left] if line.left is not None else [])
    return any(isinstance(part, m.Matrix) for body in bodies for part in walk(body))
