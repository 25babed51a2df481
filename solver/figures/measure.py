"""How much room a label takes in a drawing, in centimetres.

Layouts keep labels apart by these boxes before any renderer sees them. The metrics are TeX's; a browser's serif may be
a little wider, for which the margins around a label leave room.
"""

from __future__ import annotations

from math import cos, radians, sin

from solver.figures.geometry import Rect, rect
from solver.figures.scene import Anchor, Label, Point, Size
from solver.figures.style import em
from solver.notation import math as m
from solver.notation.atoms import flat
from solver.notation.math import Math
from solver.notation.width import TEXT, Extent, measure


def extent(math: Math) -> Extent:
    """Return the room around the baseline of a label, in em of its size."""
    return measure(math, TEXT)


# Small type is cut wider for its size, and its scripts more so: how much wider than the metrics, which are those of
# 11 points, for a label without scripts, with scripts, and with a fraction. Measured from the embedded engine's boxes.
_WIDER: dict[Size, tuple[float, float, float]] = {"small": (1.035, 1.06, 1.11), "tiny": (1.155, 1.24, 1.38)}


def box(math: Math, size: Size) -> tuple[float, float]:
    """Return the width and the height of a label, in centimetres."""
    return _width(math, size) * em(size), extent(math).total * em(size)


def _width(math: Math, size: Size) -> float:
    """Return the width of a label in print, in em of its size."""
    plain, scripts, fraction = _WIDER[size]
    match math:
        case m.Toned(body):
            return _width(body, size)
        case m.Row():
            parts = flat(math)
            space = extent(math).width - sum(extent(part).width for part in parts)
            return sum(_width(part, size) for part in parts) + space * plain
        case m.Symbol() | m.Words() | m.Operator() | m.Space():
            return extent(math).width * plain
        case m.Digits(_, exponent):
            return extent(math).width * (plain if exponent is None else scripts)
        case m.Fraction():
            return extent(math).width * fraction
        case _:
            return extent(math).width * scripts


def side(anchor: Anchor) -> tuple[int, int]:
    """Return on which side of its point a label stands: right (1) or left (-1), above (1) or below (-1)."""
    return ("right" in anchor) - ("left" in anchor), ("above" in anchor) - ("below" in anchor)


def turned(offset: Point, label: Label) -> Point:
    """Return the point that lies at an offset from a label's own point, in the label's turned frame."""
    c, s = cos(radians(label.angle)), sin(radians(label.angle))
    dx, dy = offset
    return (label.at[0] + dx * c - dy * s, label.at[1] + dx * s + dy * c)


def label_box(label: Label) -> Rect:
    """Return the rectangle that a label takes."""
    width, height = box(label.body, label.size)
    right, up = side(label.anchor)
    return rect(turned((right * width / 2, up * height / 2), label), width, height, label.angle)


def baseline(label: Label) -> float:
    """Return how far above its point a label's baseline runs, in centimetres, in the label's turned frame.

    Both renderers set labels on this line, so that labels of one height stand level in either.
    """
    room = extent(label.body)
    _, up = side(label.anchor)
    return ((up - 1) * room.total / 2 + room.depth) * em(label.size)
