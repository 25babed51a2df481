"""A second way to tell whether two rectangles overlap or a line runs through one: by corners and crossings of edges."""

from __future__ import annotations

from itertools import pairwise

from solver.figures.geometry import Rect
from solver.figures.measure import label_box
from solver.figures.scene import Box, Circle, Label, Point, Scene


def _side(a: Point, b: Point, p: Point) -> float:
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def inside(box: Rect, point: Point, margin: float = 0.0) -> bool:
    """Tell whether a point lies inside a rectangle, deeper than `margin`."""
    corners = box.corners
    lengths = [((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5 for a, b in pairwise((*corners, corners[0]))]
    return all(
        _side(a, b, point) > margin * length
        for (a, b), length in zip(pairwise((*corners, corners[0])), lengths, strict=True)
    )


def crossing(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Tell whether two segments cross properly."""
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def meet(one: Rect, other: Rect) -> bool:
    """Tell whether two rectangles share an inner point."""
    if any(inside(one, p) for p in (*other.corners, (other.x, other.y))):
        return True
    if any(inside(other, p) for p in (*one.corners, (one.x, one.y))):
        return True
    sides = [list(pairwise((*box.corners, box.corners[0]))) for box in (one, other)]
    return any(crossing(*p, *q) for p in sides[0] for q in sides[1])


def runs_through(box: Rect, start: Point, end: Point) -> bool:
    """Tell whether a segment has a point inside a rectangle."""
    if inside(box, start) or inside(box, end):
        return True
    return any(crossing(start, end, *edge) for edge in pairwise((*box.corners, box.corners[0])))


def free_labels(scene: Scene) -> list[Label]:
    """Return the labels that stand on their own, not in a circle or a box."""
    return [shape for shape in scene.shapes if isinstance(shape, Label)]


def clashes(scene: Scene) -> list[str]:
    """Name the labels that overlap each other, a circle that they do not name, or stick out of the scene."""
    labels = free_labels(scene)
    found = []
    boxes = [label_box(label) for label in labels]
    for i, (label, box) in enumerate(zip(labels, boxes, strict=True)):
        for other, other_box in zip(labels[i + 1 :], boxes[i + 1 :], strict=True):
            if meet(box, other_box):
                found.append(f"{label.body} on {other.body}")
        for x, y in box.corners:
            if not (-1e-9 <= x <= scene.width + 1e-9 and -1e-9 <= y <= scene.height + 1e-9):
                found.append(f"{label.body} outside")
    for shape in scene.shapes:
        for label, box in zip(labels, boxes, strict=True):
            if isinstance(shape, Circle) and _reaches(box, shape) and not _names(label, shape):
                found.append(f"{label.body} in circle at {shape.center}")
            if isinstance(shape, Box) and meet(box, Rect(*shape.center, shape.width / 2, shape.height / 2)):
                found.append(f"{label.body} in box at {shape.center}")
    return found


def _names(label: Label, circle: Circle) -> bool:
    """Tell whether the label is one half of a split circle's name."""
    return not label.halo and abs(label.at[1] - circle.center[1]) < 1e-9


def _reaches(box: Rect, circle: Circle) -> bool:
    cx, cy = circle.center
    if inside(box, (cx, cy)):
        return True
    for (ax, ay), (bx, by) in pairwise((*box.corners, box.corners[0])):
        t = ((cx - ax) * (bx - ax) + (cy - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)
        t = min(max(t, 0.0), 1.0)
        if (ax + t * (bx - ax) - cx) ** 2 + (ay + t * (by - ay) - cy) ** 2 < circle.radius**2 - 1e-9:
            return True
    return False
