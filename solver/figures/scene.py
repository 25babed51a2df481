"""A figure as data: circles, lines, boxes and labels with roles, in centimetres, y upwards.

Layouts make scenes; `tikz` and `svg` are exhaustive matches over the shapes below. A role says what a shape *means*
("highlighted", "muted", "path-2"); how it looks (width, dash and colour together, so that it survives a black-and-white
printer) is decided once, in `figures.style`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from solver.notation.math import Math

Point = tuple[float, float]
Role = Literal[
    "plain", "input", "neuron", "output", "loss", "bias", "highlighted", "muted",
    "path-1", "path-2", "path-3", "path-4", "value", "gradient", "wire",
]  # fmt: skip
Anchor = Literal["center", "left", "right", "above", "below", "above left", "above right", "below left", "below right"]


class Shape:
    """A primitive of a scene. The subclasses below are all there are."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Circle(Shape):
    """A circle with a label in it."""

    center: Point
    radius: float
    label: Math | None = None
    role: Role = "plain"


@dataclass(frozen=True, slots=True)
class Box(Shape):
    """A rectangle around its centre, with a label in it."""

    center: Point
    width: float
    height: float
    label: Math | None = None
    role: Role = "plain"
    rounded: bool = False


@dataclass(frozen=True, slots=True)
class Line(Shape):
    """A straight line or, with `bend` ≠ 0 (degrees at both ends, positive to the left), an arc."""

    start: Point
    end: Point
    role: Role = "plain"
    arrow: bool = False
    bend: float = 0.0


@dataclass(frozen=True, slots=True)
class Label(Shape):
    """Mathematics at a point; `anchor` says on which side of the point it stands, `angle` in degrees.

    `halo` paints the paper's colour behind it, so that lines do not run through the letters.
    """

    at: Point
    body: Math
    role: Role = "plain"
    anchor: Anchor = "center"
    angle: float = 0.0
    size: Literal["small", "tiny"] = "small"
    halo: bool = True


@dataclass(frozen=True, slots=True)
class Scene:
    """A finished drawing; `width` and `height` in centimetres, shapes painted in order."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
