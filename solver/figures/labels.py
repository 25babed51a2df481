"""Find a place for every label: along its edge or around its node, clear of whatever is there already.

Placing is a deterministic search. Each label brings its possible places, best first; one that finds none moves to the
head of the queue and the search starts over, so that the labels with the fewest ways out choose first. A label without
any free place is reported, never drawn across another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import atan2, cos, degrees, hypot, radians, sin, sqrt

from solver.figures.geometry import Rect, meets_circle, meets_segment, overlap
from solver.figures.measure import box, side
from solver.figures.scene import Anchor, Label, Point, Role, Size
from solver.notation.math import Math

Segment = tuple[Point, Point]

_ROUNDS = 12
_MARGIN = 0.035
# More of it around circles, whose rims are drawn and meet arrow tips.
_RIM = 0.03
# Space between a label and the line or circle it stands beside.
_BESIDE = 0.07
_DIAGONAL = sqrt(0.5)
# How far a value may move aside from above its node, in widths.
_ASIDE = (0.2, -0.2, 0.35, -0.35, 0.5, -0.5)


@dataclass(frozen=True, slots=True)
class Place:
    """One way to set one label: the box it would take, and how much it is disliked (0 is best)."""

    box: Rect
    label: Label
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label that looks for a place.

    Attributes:
        key: Names the label in the answer.
        places: Where it may stand, cheapest first; read once, and only as far as needed.
        own: Segments that the label may touch: its own edge.
    """

    key: object
    places: Iterable[Place]
    own: frozenset[Segment] = frozenset()


@dataclass(slots=True)
class Surroundings:
    """What labels must keep clear of (circles, boxes, lit lines), and what they should rather not cover (lines)."""

    circles: list[tuple[Point, float]] = field(default_factory=list)
    boxes: list[Rect] = field(default_factory=list)
    barred: list[Segment] = field(default_factory=list)
    crossed: list[Segment] = field(default_factory=list)

    def forbids(self, box: Rect, own: frozenset[Segment]) -> bool:
        """Tell whether something fixed stands in this box already."""
        x, y = box.x, box.y
        reach = hypot(box.half_width, box.half_height)
        for (cx, cy), radius in self.circles:
            near = reach + radius + _RIM
            if abs(cx - x) < near and abs(cy - y) < near and meets_circle(box, (cx, cy), radius + _RIM):
                return True
        return any(overlap(box, other) for other in self.boxes) or any(
            line not in own and meets_segment(box, *line) for line in self.barred
        )

    def crossings(self, box: Rect, own: frozenset[Segment]) -> int:
        """Count the plain lines that run through this box."""
        return sum(1 for line in self.crossed if line not in own and meets_segment(box, *line))


def place_labels(
    wanted: Sequence[Wanted], around: Surroundings, crossing_cost: float = 1.0
) -> tuple[dict[object, Place], tuple[object, ...]]:
    """Choose a place for every label such that no two boxes overlap.

    Args:
        wanted: The labels and their possible places.
        around: What is drawn already.
        crossing_cost: How much one plain line behind a label is disliked.

    Returns:
        The place of each label by key, and the keys of those that found none.
    """
    options = {label.key: _Ranked(label, around, crossing_cost) for label in wanted}
    order = [label.key for label in wanted]
    best: dict[object, Place] = {}
    for _ in range(_ROUNDS):
        chosen, failed = _greedy(order, options)
        if len(chosen) > len(best) or not best:
            best = chosen
        if not failed or all(not any(options[key]) for key in failed):
            break
        order = [*failed, *(key for key in order if key not in set(failed))]
    lost = tuple(label.key for label in wanted if label.key not in best)
    return best, lost


class _Ranked:
    """The places of one label that nothing fixed forbids, cheapest first; equal ones keep their order.

    Most labels take their first place, so the others are looked at only when they are asked for.
    """

    __slots__ = ("_found", "_source")

    def __init__(self, label: Wanted, around: Surroundings, crossing_cost: float) -> None:
        self._found: list[Place] = []
        self._source = _ranked(label, around, crossing_cost)

    def __iter__(self) -> Iterator[Place]:
        yield from self._found
        for place in self._source:
            self._found.append(place)
            yield place


def _ranked(label: Wanted, around: Surroundings, crossing_cost: float) -> Iterator[Place]:
    """Yield the free places of a label, cheapest first.

    The cost without crossings is a lower bound: a place is given out once no later one can be cheaper.
    """
    waiting: list[tuple[float, int, Place]] = []
    for rank, place in enumerate(label.places):
        while waiting and waiting[0][0] <= place.cost:
            yield heappop(waiting)[2]
        grown = place.box.grown(_MARGIN)
        if not around.forbids(grown, label.own):
            cost = place.cost + crossing_cost * around.crossings(grown, label.own)
            heappush(waiting, (cost, rank, place))
    while waiting:
        yield heappop(waiting)[2]


def _greedy(
    order: Iterable[object], options: Mapping[object, _Ranked]
) -> tuple[dict[object, Place], list[object]]:
    """Give each label in turn its cheapest place that no earlier one took."""
    chosen: dict[object, Place] = {}
    taken: list[Rect] = []
    failed: list[object] = []
    for key in order:
        for place in options[key]:
            grown = place.box.grown(_MARGIN)
            if not any(overlap(grown, other) for other in taken):
                chosen[key] = place
                taken.append(place.box)
                break
        else:
            failed.append(key)
    return chosen, failed


def along_edge(
    body: Math,
    size: Size,
    line: Segment,
    role: Role,
    shares: Sequence[float],
    sides: Sequence[int] = (1, -1),
) -> Iterator[Place]:
    """Yield the places of a label along a line, turned with it, cheapest first.

    Args:
        body: What the label says.
        size: Its type size.
        line: The visible part of the edge.
        role: The label's tone.
        shares: Positions along the line to try, from 0 to 1, best first.
        sides: Above (1), below (-1) or on the line, interrupting it (0), best first.

    Yields:
        The places at which the label does not stick out past the line's ends.
    """
    (ax, ay), (bx, by) = line
    length = hypot(bx - ax, by - ay)
    width, height = box(body, size)
    low = (width / 2 + _MARGIN + _RIM) / length if length else 1.0
    if low > 0.5:
        return
    angle = degrees(atan2(by - ay, bx - ax))
    if angle > 90 or angle <= -90:
        angle += 180 if angle <= -90 else -180
    c, s = cos(radians(angle)), sin(radians(angle))
    for rank, share in enumerate(_kept(shares, low)):
        x, y = ax + (bx - ax) * share, ay + (by - ay) * share
        for turn, way in enumerate(sides):
            off = way * (height / 2 + _BESIDE)
            at = (x - s * off, y + c * off)
            label = Label(at, body, role, "center", angle, size)
            yield Place(Rect(*at, width / 2, height / 2, c, s), label, 0.12 * rank + 0.1 * turn)


def _kept(shares: Sequence[float], low: float) -> list[float]:
    """Move positions in from the ends by half a label, keeping the order and dropping what falls together."""
    moved = (round(min(max(share, low), 1 - low), 4) for share in shares)
    return list(dict.fromkeys(moved))


def around_node(
    body: Math, size: Size, center: Point, radius: float, role: Role, sides: Sequence[Anchor]
) -> Iterator[Place]:
    """Yield the places of a label around a circle, in the order of `sides`; then above and below, moved aside."""
    width, height = box(body, size)
    straight = [anchor for anchor in sides if anchor in ("above", "below")]
    moved = [(anchor, aside) for aside in _ASIDE for anchor in straight]
    for rank, (anchor, aside) in enumerate([*((anchor, 0.0) for anchor in sides), *moved]):
        right, up = side(anchor)
        reach = radius + _BESIDE if right == 0 or up == 0 else _DIAGONAL * (radius + _BESIDE + _MARGIN)
        point = (center[0] + right * reach + aside * width, center[1] + up * reach)
        at = (point[0] + right * width / 2, point[1] + up * height / 2)
        label = Label(point, body, role, anchor, 0.0, size)
        yield Place(Rect(*at, width / 2, height / 2), label, 0.5 * rank)
