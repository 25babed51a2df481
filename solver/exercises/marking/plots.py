"""Plots of a class's marks, as scenes: bars, stacked bars and points, readable without colour.

They are drawn by the same hand as the networks: boxes with a shade, lines and labels in a scene, which TikZ and SVG paint
alike. A shade says how much, and every bar carries its number, so that nothing is lost on a grey printer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from solver.figures.measure import box
from solver.figures.scene import Anchor, Box, Circle, Label, Line, Polyline, Role, Scene, Shape
from solver.figures.sheet import fitted
from solver.notation import math as m

WIDTH = 10.5
"""Of the field of a plot, in centimetres."""

HEIGHT = 4.6
ROW = 0.5
BAR = 0.34
MOST_BINS = 12
MOST_ROWS = 26
"""Rows of one figure of horizontal bars; more go into another one."""

DARK, MIDDLE, LIGHT = 0.95, 0.45, 0.0


@dataclass(frozen=True)
class Bar:
    """One horizontal bar.

    Attributes:
        label: What stands left of it.
        parts: Lengths and shades of its pieces, from the left.
        number: What stands right of it.
    """

    label: m.Math
    parts: tuple[tuple[float, float], ...]
    number: str


@dataclass(frozen=True)
class Dot:
    """One point of a scatter plot, with its name if it has one."""

    x: float
    y: float
    label: m.Math | None


def histogram(values: Sequence[float], most: float, mean: float, title: str) -> Scene:
    """Return how many students have how many points.

    Args:
        values: Points of each student.
        most: What a perfect sheet is worth.
        mean: Marked by a line.
        title: Of the horizontal axis.
    """
    width = bin_width(most)
    count = max(1, math.ceil(most / width - 1e-9))
    bins = [0] * count
    for value in values:
        bins[min(count - 1, int(value / width + 1e-9))] += 1
    tallest = max(bins, default=0) or 1
    step = WIDTH / count
    shapes: list[Shape] = []
    for place, number in enumerate(bins):
        if number:
            height = HEIGHT * number / tallest
            shapes.append(Box(((place + 0.5) * step, height / 2), step * 0.86, height, shade=MIDDLE))
            shapes.append(_label((place + 0.5) * step, height + 0.06, str(number), "above"))
    shapes.append(Line((0.0, 0.0), (WIDTH, 0.0), "wire"))
    for place in range(count + 1):
        x = place * step
        shapes.append(Line((x, 0.0), (x, -0.09), "wire"))
        shapes.append(_label(x, -0.14, f"{min(place * width, most):g}", "below"))
    at = WIDTH * min(mean / (count * width), 1.0)
    shapes.append(Line((at, 0.0), (at, HEIGHT + 0.55), "path-2"))
    shapes.append(_label(at, HEIGHT + 0.6, f"mean {mean:.3g}", "above", "path-2"))
    shapes.append(Label((WIDTH / 2, -0.62), m.Words(title), anchor="below"))
    return fitted(shapes)


def bin_width(most: float) -> float:
    """Return a round width of which at most a dozen cover the points."""
    for width in (width * 10.0**power for power in range(-2, 7) for width in (1, 2, 2.5, 5)):
        if most / width <= MOST_BINS:
            return width
    return max(most, 1.0)


def bars(rows: Sequence[Bar], most: float, title: str, legend: Sequence[tuple[str, float]] = ()) -> Scene:
    """Return horizontal bars, one below the other.

    Args:
        rows: From the top.
        most: The length that fills the field.
        title: Of the horizontal axis.
        legend: What the shades mean.
    """
    shapes: list[Shape] = []
    for place, row in enumerate(rows):
        y = -(place + 0.5) * ROW
        shapes.append(Label((-0.15, y), row.label, anchor="left"))
        x = 0.0
        for length, shade in row.parts:
            if length > 0:
                wide = WIDTH * length / most
                shapes.append(Box((x + wide / 2, y), wide, BAR, shade=shade))
                x += wide
        shapes.append(_label(x + 0.1, y, row.number, "right"))
    low = -len(rows) * ROW
    shapes.append(Line((0.0, 0.0), (0.0, low), "wire"))
    shapes.append(Label((WIDTH / 2, low - 0.1), m.Words(title), anchor="below"))
    x = 0.0
    for name, shade in legend:
        shapes.append(Box((x + 0.14, 0.4), 0.28, 0.28, shade=shade))
        shapes.append(Label((x + 0.38, 0.4), m.Words(name), anchor="right"))
        x += 0.95 + box(m.Words(name), "small")[0]
    return fitted(shapes)


def scatter(dots: Sequence[Dot], across: str, up: str, line: float) -> Scene:
    """Return points over a field from 0 to 1 across and from −1 (or 0, where nothing is below) to 1 upwards.

    Args:
        dots: The points.
        across: Title of the horizontal axis.
        up: Title of the vertical axis.
        line: Height of a dashed line: what should lie above it.
    """
    lowest = -1.0 if any(dot.y < -0.25 for dot in dots) else -0.25
    tall = HEIGHT + 1.4

    def height(value: float) -> float:
        return tall * (value - lowest) / (1.0 - lowest)

    frame = ((0.0, 0.0), (WIDTH, 0.0), (WIDTH, tall), (0.0, tall), (0.0, 0.0))
    shapes: list[Shape] = [Polyline(frame, "muted", radius=0.0)]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        shapes.append(Line((WIDTH * tick, 0.0), (WIDTH * tick, -0.09), "wire"))
        shapes.append(_label(WIDTH * tick, -0.14, f"{tick:g}", "below"))
    for tick in (-1.0, -0.5, 0.0, 0.5, 1.0):
        if tick >= lowest:
            shapes.append(Line((0.0, height(tick)), (-0.09, height(tick)), "wire"))
            shapes.append(_label(-0.14, height(tick), f"{tick:g}", "left"))
    shapes.append(Line((0.0, height(0.0)), (WIDTH, height(0.0)), "wire"))
    shapes.append(Line((0.0, height(line)), (WIDTH, height(line)), "path-2"))
    shapes.append(_label(WIDTH + 0.1, height(line), f"{line:g}", "right", "path-2"))
    shapes += [Circle((WIDTH * dot.x, height(dot.y)), 0.07, role="path-1") for dot in dots]
    shapes += _named(dots, height)
    shapes.append(Label((WIDTH / 2, -0.62), m.Words(across), anchor="below"))
    shapes.append(Label((-1.0, tall / 2), m.Words(up), anchor="center", angle=90.0))
    return fitted(shapes)


def _named(dots: Sequence[Dot], height: Callable[[float], float]) -> list[Shape]:
    """Return the names of points, each on the first side where it meets no other; one that finds no room is left out."""
    taken: list[tuple[float, float, float, float]] = [
        (WIDTH * dot.x - 0.1, height(dot.y) - 0.1, WIDTH * dot.x + 0.1, height(dot.y) + 0.1) for dot in dots
    ]
    found: list[Shape] = []
    for dot in dots:
        if dot.label is None:
            continue
        x, y = WIDTH * dot.x, height(dot.y)
        wide, high = box(dot.label, "small")
        sides: tuple[tuple[Anchor, float, float], ...] = (
            ("right", 0.16, 0.0), ("left", -0.16, 0.0), ("above", 0.0, 0.14), ("below", 0.0, -0.14)
        )  # fmt: skip
        for anchor, dx, dy in sides:
            left = x + dx - (wide if anchor == "left" else wide / 2 if dx == 0 else 0.0)
            low = y + dy - (high if anchor == "below" else high / 2 if dy == 0 else 0.0)
            room = (left, low, left + wide, low + high)
            if left < 0.05 or left + wide > WIDTH - 0.05 or any(_overlap(room, other) for other in taken):
                continue
            taken.append(room)
            found.append(Label((x + dx, y + dy), dot.label, anchor=anchor))
            break
    return found


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _label(x: float, y: float, text: str, anchor: Anchor, role: Role = "plain") -> Label:
    body: m.Math = m.Digits(text) if _is_number(text) else m.Words(text)
    return Label((x, y), body, role, anchor, halo=False)


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit()
