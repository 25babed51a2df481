"""Grids of numbers: the planes that a convolution reads and writes, a matrix of attention weights.

A grid is drawn cell by cell, with some cells lit (darker, and framed by one thick line) or muted (padding). Wide ones
keep their first and last cells and what is lit, with dots between.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from solver.figures.measure import box
from solver.figures.scene import Box, Label, Point, Polyline, Role, Shape
from solver.notation.math import Digits, Math, Operator

# Grids up to this many rows or columns are drawn in full.
FULL = 8
CELL = 0.56
_DOTS = 0.5
# How dark a lit cell is.
_LIT = 0.4

Cell = tuple[int, int]
Corners = tuple[Point, Point, Point, Point]


@dataclass(frozen=True, slots=True)
class Plane:
    """A grid of numbers: rows from top to bottom, and a name to stand above it. One row for a sequence."""

    cells: tuple[tuple[Math, ...], ...]
    title: Math | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A rectangle of cells: the first row and column, counted from 1 (padding is 0 and less), and how many of each."""

    row: int
    column: int
    height: int = 1
    width: int = 1

    def holds(self, cell: Cell) -> bool:
        """Tell whether a cell lies in the rectangle."""
        return (
            self.row <= cell[0] < self.row + self.height and self.column <= cell[1] < self.column + self.width
        )


@dataclass(frozen=True, slots=True)
class Laid:
    """A grid with the place of each of its rows and columns that is drawn.

    Attributes:
        plane: The numbers.
        columns: Left edge of each column, by its number counted from 1; padding has 0 and less.
        rows: Upper edge of each row, downwards from 0.
        dots: Centres of dots, (x, y, sign).
        width: All of it.
        height: All of it.
        cell: Width and height of a cell.
    """

    plane: Plane
    columns: dict[int, float]
    rows: dict[int, float]
    dots: tuple[tuple[float, float, str], ...]
    width: float
    height: float
    cell: tuple[float, float]

    def corners(self, span: Span, origin: Point) -> Corners:
        """Return the corners of a rectangle of cells, anticlockwise from the lower left; `origin` is the upper left."""
        columns = [c for c in range(span.column, span.column + span.width) if c in self.columns]
        rows = [r for r in range(span.row, span.row + span.height) if r in self.rows]
        left = origin[0] + self.columns[columns[0]]
        right = origin[0] + self.columns[columns[-1]] + self.cell[0]
        top = origin[1] - self.rows[rows[0]]
        low = origin[1] - self.rows[rows[-1]] - self.cell[1]
        return (left, low), (right, low), (right, top), (left, top)


def cell_width(planes: Sequence[Plane]) -> float:
    """Return the width of a cell that holds every number of these grids."""
    numbers = (box(number, "tiny")[0] for plane in planes for line in plane.cells for number in line)
    return max(CELL, max(numbers, default=0.0) + 0.16)


def lay(
    plane: Plane, width: float, lit: Span | None = None, padding: tuple[int, int] = (0, 0), around: int = 1
) -> Laid:
    """Decide which rows and columns of a grid are drawn, and where.

    Args:
        plane: The numbers.
        width: Of a cell, in centimetres.
        lit: Cells that must be drawn.
        padding: Rows and columns of zeros around the grid.
        around: How many neighbours of the lit cells a shortened grid keeps.
    """
    many = len(plane.cells), len(plane.cells[0]) if plane.cells else 0
    row, column = ((lit.row, lit.height), (lit.column, lit.width)) if lit is not None else ((1, 1), (1, 1))
    rows, row_dots, height = _line(many[0], padding[0], row, CELL, around)
    columns, column_dots, across = _line(many[1], padding[1], column, width, around)
    dots = [(across / 2, y, "⋮") for y in row_dots] + [(x, height / 2, "⋯") for x in column_dots]
    return Laid(plane, columns, rows, tuple(dots), across, height, (width, CELL))


def _line(
    count: int, padding: int, lit: tuple[int, int], size: float, around: int
) -> tuple[dict[int, float], list[float], float]:
    """Return the edges of the drawn rows (or columns), the places of dots, and the whole length."""
    everything = range(1 - padding, count + padding + 1)
    kept: Collection[int] = everything
    if len(everything) > FULL:
        near = range(lit[0] - around, lit[0] + lit[1] + around)
        kept = sorted({everything[0], everything[-1], *(index for index in near if index in everything)})
    edges: dict[int, float] = {}
    dots: list[float] = []
    at, before = 0.0, everything[0] - 1 if everything else 0
    for index in kept:
        if index > before + 1:
            dots.append(at + _DOTS / 2)
            at += _DOTS
        edges[index] = at
        at += size
        before = index
    return edges, dots, at


def grid_shapes(
    laid: Laid, origin: Point, lit: Span | None = None, *, tone: Role = "highlighted"
) -> list[Shape]:
    """Return the shapes of a grid with its upper left corner at `origin`: cells, dots, title, frame of what is lit."""
    shapes: list[Shape] = []
    for row, y in laid.rows.items():
        for column, x in laid.columns.items():
            center = (origin[0] + x + laid.cell[0] / 2, origin[1] - y - laid.cell[1] / 2)
            inside = 1 <= row <= len(laid.plane.cells) and 1 <= column <= len(laid.plane.cells[0])
            number = laid.plane.cells[row - 1][column - 1] if inside else _ZERO
            role: Role = "plain" if inside else "muted"
            dark = _LIT if lit is not None and lit.holds((row, column)) else None
            shapes.append(Box(center, laid.cell[0], laid.cell[1], number, role, size="tiny", shade=dark))
    # Plain cells over muted ones, so that the rim of the padding does not cut into the grid.
    shapes.sort(key=lambda shape: shape.role != "muted")
    for x, y, sign in laid.dots:
        shapes.append(Label((origin[0] + x, origin[1] - y), Operator(sign), halo=False))
    if laid.plane.title is not None:
        above = (origin[0] + laid.width / 2, origin[1] + 0.12)
        shapes.append(Label(above, laid.plane.title, anchor="above", halo=False))
    if lit is not None:
        shapes.append(frame(laid.corners(lit, origin), tone))
    return shapes


def frame(corners: Corners, tone: Role) -> Polyline:
    """Return a line around four corners, closed on a side so that no corner is left open."""
    (left, low), (_, _), (right, top), _ = corners
    middle = (left + right) / 2
    line = ((middle, low), (right, low), (right, top), (left, top), (left, low), (middle, low))
    return Polyline(line, tone, radius=0.03)


_ZERO = Digits("0")
