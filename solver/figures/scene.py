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
Size = Literal["small", "tiny"]
Anchor = Literal[
    "center", "left", "right", "above", "below", "above left", "above right", "below left", "below right"
]


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle with a label in it."""

    center: Point
    radius: float
    label: Math | None = None
    role: Role = "plain"
    size: Size = "small"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle around its centre, with a label in it.

    `shade` (0 to 1, a weight that a figure shows as darkness) fills it with that much ink instead of the role's fill.
    """

    center: Point
    width: float
    height: float
    label: Math | None = None
    role: Role = "plain"
    rounded: bool = False
    size: Size = "small"
    shade: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line or, with `bend` ≠ 0 (degrees at both ends, positive to the left), an arc."""

    start: Point
    end: Point
    role: Role = "plain"
    arrow: bool = False
    bend: float = 0.0


@dataclass(frozen=True, slots=True)
class Polyline:
    """Straight pieces through two or more points, with corners rounded by `radius`; a wire that turns."""

    points: tuple[Point, ...]
    role: Role = "plain"
    arrow: bool = False
    radius: float = 0.12


@dataclass(frozen=True, slots=True)
class Label:
    """Mathematics at a point; `anchor` says on which side of the point it stands, `angle` in degrees.

    `halo` paints the paper's colour behind it, so that lines do not run through the letters.
    """

    at: Point
    body: Math
    role: Role = "plain"
    anchor: Anchor = "center"
    angle: float = 0.0
    size: Size = "small"
    halo: bool = True


Shape = Circle | Box | Line | Polyline | Label
"""A primitive of a scene. These are all there are: a renderer that forgets one does not pass the type checker."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A finished drawing; `width` and `height` in centimetres, shapes painted in order."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
