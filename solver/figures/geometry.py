"""Plane geometry for figures: do two labels overlap, does a line run through one.

Labels along an edge are turned, so boxes are oriented rectangles. All lengths are in centimetres, angles in degrees,
y upwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, hypot, radians, sin

from solver.figures.scene import Point


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle around (x, y), turned by an angle whose cosine and sine are held."""

    x: float
    y: float
    half_width: float
    half_height: float
    cos: float = 1.0
    sin: float = 0.0

    @property
    def corners(self) -> tuple[Point, Point, Point, Point]:
        """The four corners, counterclockwise."""
        ux, uy = self.half_width * self.cos, self.half_width * self.sin
        vx, vy = -self.half_height * self.sin, self.half_height * self.cos
        x, y = self.x, self.y
        return (
            (x - ux - vx, y - uy - vy),
            (x + ux - vx, y + uy - vy),
            (x + ux + vx, y + uy + vy),
            (x - ux + vx, y - uy + vy),
        )

    def grown(self, margin: float) -> Rect:
        """Return the rectangle with a margin on every side."""
        return Rect(self.x, self.y, self.half_width + margin, self.half_height + margin, self.cos, self.sin)


def rect(center: Point, width: float, height: float, angle: float = 0.0) -> Rect:
    """Return the rectangle of this size around a point, turned by `angle` degrees."""
    turn = radians(angle)
    return Rect(center[0], center[1], width / 2, height / 2, cos(turn), sin(turn))


def overlap(a: Rect, b: Rect) -> bool:
    """Tell whether two rectangles share an inner point, by the separating axis theorem."""
    dx, dy = b.x - a.x, b.y - a.y
    reach = a.half_width + a.half_height + b.half_width + b.half_height
    if dx > reach or -dx > reach or dy > reach or -dy > reach:
        return False
    c = abs(a.cos * b.cos + a.sin * b.sin)
    s = abs(a.cos * b.sin - a.sin * b.cos)
    return (
        abs(dx * a.cos + dy * a.sin) < a.half_width + b.half_width * c + b.half_height * s
        and abs(dy * a.cos - dx * a.sin) < a.half_height + b.half_width * s + b.half_height * c
        and abs(dx * b.cos + dy * b.sin) < b.half_width + a.half_width * c + a.half_height * s
        and abs(dy * b.cos - dx * b.sin) < b.half_height + a.half_width * s + a.half_height * c
    )


def meets_circle(box: Rect, center: Point, radius: float) -> bool:
    """Tell whether a rectangle reaches into a circle."""
    dx, dy = center[0] - box.x, center[1] - box.y
    across = max(abs(dx * box.cos + dy * box.sin) - box.half_width, 0.0)
    along = max(abs(dy * box.cos - dx * box.sin) - box.half_height, 0.0)
    return across * across + along * along < radius * radius


def meets_segment(box: Rect, start: Point, end: Point) -> bool:
    """Tell whether a straight line from start to end runs through a rectangle (Liang-Barsky clipping)."""
    ax, ay = start[0] - box.x, start[1] - box.y
    bx, by = end[0] - box.x, end[1] - box.y
    reach = box.half_width + box.half_height
    if (ax > reach and bx > reach) or (ax < -reach and bx < -reach):
        return False
    if (ay > reach and by > reach) or (ay < -reach and by < -reach):
        return False
    low, high = 0.0, 1.0
    for p, q, half in (
        (ax * box.cos + ay * box.sin, bx * box.cos + by * box.sin, box.half_width),
        (ay * box.cos - ax * box.sin, by * box.cos - bx * box.sin, box.half_height),
    ):
        step = q - p
        if abs(step) < 1e-12:
            if abs(p) >= half:
                return False
            continue
        first, second = (-half - p) / step, (half - p) / step
        low, high = max(low, min(first, second)), min(high, max(first, second))
        if low >= high:
            return False
    return True


def towards(start: Point, end: Point, distance: float) -> Point:
    """Return the point at this distance from start on the way to end."""
    length = hypot(end[0] - start[0], end[1] - start[1])
    share = distance / length if length else 0.0
    return (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
