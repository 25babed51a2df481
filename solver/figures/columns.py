"""Which nodes of a layered figure are drawn, and where: columns from left to right, wide ones with a gap of dots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Columns up to this size are drawn in full; of wider ones the first three and the last.
FULL = 6
_LEADING = 3
# Never more than this many circles in a column, however many are lit.
_MOST = 8
# Height of a row of dots, as a share of a row of nodes.
_DOTS = 0.62


@dataclass(frozen=True, slots=True)
class Column:
    """The vertical layout of one column.

    Attributes:
        places: Height of each node that is drawn, by its index.
        dots: Heights at which ⋮ stands.
        height: From the highest to the lowest centre.
    """

    places: dict[int, float]
    dots: tuple[float, ...]
    height: float


def shown(size: int, lit: Sequence[int]) -> tuple[int, ...]:
    """Return the indices (from 0) of the nodes that a column of `size` shows: all, or some with every lit one.

    Where more are lit than a column can hold, the first lit ones and the last are kept.
    """
    if size <= FULL:
        return tuple(range(size))
    wanted = sorted(set(lit))
    if len(wanted) > _MOST - 1:
        wanted = [*wanted[: _MOST - 2], wanted[-1]]
    for extra in (*range(_LEADING), size - 1):
        if len(set(wanted) | {extra}) <= max(_LEADING + 1, min(len(wanted) + 2, _MOST)):
            wanted.append(extra)
    return tuple(sorted(set(wanted)))


def stack(size: int, indices: Sequence[int], pitch: float) -> Column:
    """Stack nodes from top to bottom around height 0, `pitch` apart, with dots where some are left out."""
    heights: dict[int, float] = {}
    dots = []
    y = 0.0
    before = -1
    for index in indices:
        if index > before + 1:
            if before >= 0:
                dots.append(y - pitch * (1 + _DOTS) / 2)
                y -= pitch * (1 + _DOTS)
            else:
                dots.append(y)
                y -= pitch * (0.5 + _DOTS / 2)
        elif before >= 0:
            y -= pitch
        heights[index] = y
        before = index
    if before < size - 1:
        y -= pitch * (0.5 + _DOTS / 2)
        dots.append(y)
    middle = y / 2
    return Column({i: h - middle for i, h in heights.items()}, tuple(h - middle for h in dots), -y)


def pitch_x(columns: int, widest: float, room: float, limits: tuple[float, float]) -> float:
    """Return the distance between columns that fills `room`, within limits (centimetres)."""
    if columns < 2:
        return limits[0]
    return min(max((room - widest) / (columns - 1), limits[0]), limits[1])
