"""Where the nodes of a network stand: columns from left to right, sized to the text width, wide ones elided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from solver.figures.columns import shown, stack
from solver.figures.lighting import Lit
from solver.figures.measure import box
from solver.figures.picture import NetworkPicture, Neuron
from solver.figures.scene import Point, Role, Size
from solver.notation.math import Math, Space, row
from solver.quantities import Quantity

# Width of the text on a page, in centimetres.
TEXT_WIDTH = 16.4

_SMALLEST, _LARGEST = 0.34, 0.56
_RADIUS = 0.41
_PITCH = 1.26
_GAP_LIT, _GAP_NAMED = 3.9, 4.7
# The gap before the loss carries no weights and may be narrower.
_LOSS_GAP = 0.72


@dataclass(frozen=True, slots=True)
class Spot:
    """A node at its place; `value` is what stands beside it, `lowest` tells that nothing stands below it."""

    neuron: Neuron
    center: Point
    role: Role
    value: Math | None
    lowest: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """All nodes at their places.

    Attributes:
        spots: By the quantity that the picture knows the node by.
        dots: Where ⋮ stands.
        radius: Of every circle.
        size: Type size of the names in the circles.
        half_size: Type size of the names in the halves of split circles.
        columns: Horizontal positions of the columns (without the loss).
        top: Height of the highest centre.
        right: How far to the right a label may reach.
        elided: Columns of which not every node is drawn.
    """

    spots: Mapping[Quantity, Spot]
    dots: tuple[Point, ...]
    radius: float
    size: Size
    half_size: Size
    columns: tuple[float, ...]
    top: float
    right: float
    elided: tuple[int, ...]


def frame(picture: NetworkPicture, lit: Lit, *, named: bool) -> Frame:
    """Place the nodes of a picture.

    Args:
        picture: The network.
        lit: What is lit: lit nodes are drawn even in an elided column.
        named: Every edge is to carry its name, so spread the nodes as far as the text width allows.
    """
    radius, size, half_size = _circles(picture)
    xs, right = _across(picture, radius, named=named)
    pitch = max(_PITCH, 2 * radius + 0.42) * (1.15 if named else 1.0)
    spots: dict[Quantity, Spot] = {}
    dots: list[Point] = []
    elided = []
    for index, column in enumerate(picture.columns):
        neurons = [neuron for neuron in column if neuron.kind != "bias"]
        kept = shown(len(neurons), [i for i, neuron in enumerate(neurons) if neuron.quantity in lit.nodes])
        layout = stack(len(neurons), kept, pitch)
        role: Role = "input" if index == 0 else "output" if index == len(picture.columns) - 1 else "neuron"
        for i, y in layout.places.items():
            value = _value(picture, neurons[i], role)
            lowest = i == len(column) - 1 and len(kept) > 1
            spots[neurons[i].quantity] = Spot(neurons[i], (xs[index], y), role, value, lowest)
        dots.extend((xs[index], y) for y in layout.dots)
        if len(kept) < len(neurons):
            elided.append(index)
        low = -layout.height / 2
        for bias in (neuron for neuron in column if neuron.kind == "bias"):
            low -= pitch
            spots[bias.quantity] = Spot(bias, (xs[index], low), "bias", None)
    if picture.loss is not None:
        spots[picture.loss.quantity] = Spot(picture.loss, (xs[-1], 0.0), "loss", picture.loss.value)
    top = max((spot.center[1] for spot in spots.values()), default=0.0)
    return Frame(
        spots,
        tuple(dots),
        radius,
        size,
        half_size,
        tuple(xs[: len(picture.columns)]),
        top,
        right,
        tuple(elided),
    )


def _value(picture: NetworkPicture, neuron: Neuron, role: Role) -> Math | None:
    """Return what stands beside a node: its value, or both values of a split one."""
    if not picture.split or neuron.pre is None or neuron.pre.value is None or role == "input":
        return neuron.value
    if neuron.value is None:
        return neuron.pre.value
    return row(neuron.pre.value, Space(0.9), neuron.value)


def _circles(picture: NetworkPicture) -> tuple[float, Size, Size]:
    """Return the radius at which every name fits its circle, and the type sizes of whole and of half circles."""
    whole = [picture.loss.label] if picture.loss is not None else []
    halves: list[Math] = []
    for column in picture.columns:
        for neuron in column:
            if picture.split and neuron.pre is not None:
                halves.extend((neuron.label, neuron.pre.label))
            else:
                whole.append(neuron.label)
    size: Size = "small" if _across_circle(whole, "small") <= _LARGEST else "tiny"
    half_size: Size = "small" if _across_half(halves, "small") <= _LARGEST else "tiny"
    columns = len(picture.columns) + (picture.loss is not None)
    crowded = TEXT_WIDTH / max(columns, 1) / 4.2
    needed = max(_across_circle(whole, size), _across_half(halves, half_size))
    return max(needed, min(_RADIUS, crowded), _SMALLEST), size, half_size


def _across_circle(labels: list[Math], size: Size) -> float:
    """Return the radius of a circle that holds each of these labels."""
    return max((box(label, size)[0] / 2 for label in labels), default=0.0) + 0.1


def _across_half(labels: list[Math], size: Size) -> float:
    """Return the radius of a circle of which each half holds any of these labels."""
    return max((box(label, size)[0] + 0.14 for label in labels), default=0.0)


def _across(picture: NetworkPicture, radius: float, *, named: bool) -> tuple[list[float], float]:
    """Return the horizontal position of each column, the loss last, and where the drawing ends."""
    left = _widest(neuron.value for neuron in picture.columns[0])
    last = [_value(picture, neuron, "output") for neuron in picture.columns[-1]]
    right = _widest([picture.loss.value] if picture.loss is not None else last)
    room = TEXT_WIDTH - 2 * radius - left - right - 0.35
    gaps = [1.0] * (len(picture.columns) - 1)
    if picture.loss is not None:
        gaps.append(_LOSS_GAP)
    limit = _GAP_NAMED if named else _GAP_LIT
    unit = min(limit, room / sum(gaps)) if gaps else 0.0
    unit = max(unit, 2 * radius + 0.4)
    xs = [0.0]
    for gap in gaps:
        xs.append(xs[-1] + gap * unit)
    return xs, max(xs[-1] + radius + right + 0.1, TEXT_WIDTH - radius - left - 0.25)


def _widest(values: Iterable[Math | None]) -> float:
    """Return the width of the widest of some values."""
    return max((box(value, "tiny")[0] for value in values if value is not None), default=0.0)
