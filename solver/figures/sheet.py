"""The last step of every layout: move the shapes so that the drawing starts at (0, 0), and size the scene to fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import assert_never

from solver.figures.measure import label_box
from solver.figures.scene import Box, Circle, Label, Line, Point, Polyline, Scene, Shape
from solver.figures.strokes import arc_controls

_BORDER = 0.08


def outline(shape: Shape) -> Sequence[Point]:
    """Return points whose bounding box holds the shape."""
    match shape:
        case Circle(center, radius):
            return [(center[0] - radius, center[1] - radius), (center[0] + radius, center[1] + radius)]
        case Box(center, width, height):
            return [
                (center[0] - width / 2, center[1] - height / 2),
                (center[0] + width / 2, center[1] + height / 2),
            ]
        case Line(start, end, bend=bend):
            return [start, end, *arc_controls(shape)] if bend else [start, end]
        case Polyline(points):
            return points
        case Label():
            return label_box(shape).corners
        case _:
            assert_never(shape)


def moved(shape: Shape, dx: float, dy: float) -> Shape:
    """Return the shape moved by (dx, dy)."""
    match shape:
        case Circle() | Box():
            return replace(shape, center=(shape.center[0] + dx, shape.center[1] + dy))
        case Line():
            return replace(
                shape,
                start=(shape.start[0] + dx, shape.start[1] + dy),
                end=(shape.end[0] + dx, shape.end[1] + dy),
            )
        case Polyline():
            return replace(shape, points=tuple((x + dx, y + dy) for x, y in shape.points))
        case Label():
            return replace(shape, at=(shape.at[0] + dx, shape.at[1] + dy))
        case _:
            assert_never(shape)


def fitted(shapes: Iterable[Shape]) -> Scene:
    """Return the scene that holds these shapes with a thin border, its lower left corner at (0, 0)."""
    drawn = list(shapes)
    points = [point for shape in drawn for point in outline(shape)]
    if not points:
        return Scene(0.0, 0.0, ())
    left, right = min(x for x, _ in points) - _BORDER, max(x for x, _ in points) + _BORDER
    low, high = min(y for _, y in points) - _BORDER, max(y for _, y in points) + _BORDER
    return Scene(right - left, high - low, tuple(moved(shape, -left, -low) for shape in drawn))
