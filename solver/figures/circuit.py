"""Draw an expression as a circuit: inputs left, operators in boxes, on every wire the value above, the gradient below.

Each layer has three zones: the boxes, the stems that carry the labels, and the fan in which wires turn. Wires slope in
fans alone, so none can run through a label. A graph that is too deep for the width of a page runs downwards instead:
then values stand left of their wire and gradients right of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from solver.figures.framing import TEXT_WIDTH
from solver.figures.geometry import rect
from solver.figures.labels import Surroundings, Wanted, along_edge, place_labels
from solver.figures.layered import Layers, layered
from solver.figures.measure import box, label_box
from solver.figures.scene import Box, Label, Point, Polyline, Role, Scene, Size
from solver.figures.sheet import fitted
from solver.notation.math import Math, Operator, row

_BOX = 0.62
_FAN = 0.45
_PITCH: dict[Size, float] = {"small": 1.25, "tiny": 1.1}
_DOWN_STEM = 0.42
_BESIDE = 0.085
# Distance between wires that enter one box.
_PORT = 0.2
_CORNER = 0.08

Stop = str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Component:
    """A node of a circuit.

    Attributes:
        key: Names the node in `parents` and in paths.
        label: What the box says: an operator ("×", "max") or the name of an input.
        parents: Keys of the operands, in order, one as often as it is used; () for an input.
        name: Name of the result, shown before its value ("q = 3").
        value: Its value, above its wire.
        gradient: The derivative of the output by it, below its wire.
        shares: Where several wires leave: the addend that each reader sends back, by the reader's key.
    """

    key: str
    label: Math
    parents: tuple[str, ...] = ()
    name: Math | None = None
    value: Math | None = None
    gradient: Math | None = None
    shares: tuple[tuple[str, Math], ...] = ()


@dataclass(frozen=True, slots=True)
class CircuitPicture:
    """A computation graph: operands before what uses them."""

    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class CircuitPath:
    """A path of wires, as the keys it runs through, and its tone."""

    keys: tuple[str, ...]
    tone: Role = "highlighted"


def circuit_scene(picture: CircuitPicture, paths: Sequence[CircuitPath] = ()) -> Scene:
    """Return the drawing of a circuit.

    Args:
        picture: The graph.
        paths: What is lit; then everything else is muted.
    """
    plan = _fitting(picture)
    tones = _tones(paths)
    idle: Role = "muted" if paths else "wire"
    # Lit wires last, so that they lie on top; and over them their stems, which several paths may share.
    wires = sorted(_wires(picture, plan, tones, idle), key=lambda wire: wire.role == idle, reverse=True)
    stems = [_stem(part, plan, tones[part.key]) for part in picture.components if part.key in tones]
    boxes = [_drawn_box(part, plan, tones.get(part.key), lit=bool(paths)) for part in picture.components]
    labels = [
        label
        for part in picture.components
        for label in _labels(part, plan, muted=bool(paths) and part.key not in tones)
    ]
    shares = _shares(picture, plan, boxes, labels)
    return fitted([*wires, *stems, *boxes, *labels, *shares])


def runs_downwards(picture: CircuitPicture) -> bool:
    """Return whether a circuit is too deep for the width of a page, so that its values stand left and right of wires."""
    return _fitting(picture).downwards


def _fitting(picture: CircuitPicture) -> _Plan:
    plans = (
        _plan(picture, "small", downwards=False),
        _plan(picture, "tiny", downwards=False),
        _plan(picture, "tiny", downwards=True),
    )
    return next((plan for plan in plans if plan.length <= TEXT_WIDTH - 0.3), plans[-1])


def _tones(paths: Sequence[CircuitPath]) -> dict[Stop, Role]:
    """Return the tone of each lit node and wire; what two tones share is "highlighted"."""
    tones: dict[Stop, Role] = {}
    for path in paths:
        stops: list[Stop] = [*path.keys, *pairwise(path.keys)]
        for stop in stops:
            tones[stop] = path.tone if tones.get(stop, path.tone) == path.tone else "highlighted"
    return tones


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where things stand: `along` the flow and `across` it.

    Attributes:
        size: Type size of values and gradients.
        downwards: Whether the flow runs from top to bottom.
        layers: Layer and place of each node.
        parts: The components by key.
        entry: Along, where the boxes of each layer begin.
        middle: Along, their middle.
        stem: Along, where the stems end and the fan begins.
        pitch: Across, the distance between neighbours.
        length: Along, all of it.
    """

    size: Size
    downwards: bool
    layers: Layers
    parts: Mapping[str, Component]
    entry: tuple[float, ...]
    middle: tuple[float, ...]
    stem: tuple[float, ...]
    pitch: float
    length: float

    def point(self, along: float, across: float) -> Point:
        """Return the place on the paper; `across` counts to the right, or downwards."""
        return (across, -along) if self.downwards else (along, -across)

    def across(self, key: str) -> float:
        """Return where a node stands across the flow, in centimetres."""
        return self.layers.across[key] * self.pitch

    def half(self, part: Component) -> float:
        """Return half the length of a box along the flow."""
        return _BOX / 2 if self.downwards else _box_width(part) / 2


def _plan(picture: CircuitPicture, size: Size, *, downwards: bool) -> _Plan:
    """Decide how long the boxes, stems and fan of each layer are."""
    layers = layered({part.key: part.parents for part in picture.components})
    rows: list[list[Component]] = [[] for _ in range(layers.depth)]
    for part in picture.components:
        rows[layers.layer[part.key]].append(part)
    label = max((_label_width(part, size) for part in picture.components), default=0.0)
    share = max((box(body, "tiny")[0] for part in picture.components for _, body in part.shares), default=0.0)
    fan = max(_FAN, share + 0.4 if share else 0.0)
    entry, middle, stem = [], [], []
    along = 0.0
    for parts in rows:
        thick = _BOX if downwards else max(map(_box_width, parts))
        length = _DOWN_STEM if downwards else max(_label_width(part, size) for part in parts) + 0.2
        entry.append(along)
        middle.append(along + thick / 2)
        stem.append(along + thick + length)
        along += thick + length + fan
    widest = max(map(_box_width, picture.components), default=0.0)
    pitch = max(_PITCH[size], 2 * (1.12 * label + 0.15), widest + 0.4) if downwards else _PITCH[size]
    parts_by_key = {part.key: part for part in picture.components}
    return _Plan(
        size,
        downwards,
        layers,
        parts_by_key,
        tuple(entry),
        tuple(middle),
        tuple(stem),
        pitch,
        max(along - fan, 0.0),
    )


def _box_width(part: Component) -> float:
    return max(_BOX, box(part.label, "small")[0] + 0.26)


def _value(part: Component) -> Math | None:
    """Return what stands above a wire: "q = 3", or the value or the name alone."""
    if part.name is not None and part.value is not None:
        return row(part.name, Operator("="), part.value)
    return part.value if part.value is not None else part.name


def _label_width(part: Component, size: Size) -> float:
    return max(
        (box(body, size)[0] for body in (_value(part), part.gradient) if body is not None), default=0.1
    )


def _drawn_box(part: Component, plan: _Plan, tone: Role | None, *, lit: bool) -> Box:
    role: Role = tone or ("muted" if lit else "neuron" if part.parents else "input")
    center = plan.point(plan.middle[plan.layers.layer[part.key]], plan.across(part.key))
    return Box(center, _box_width(part), _BOX, part.label, role, rounded=bool(part.parents))


def _wires(
    picture: CircuitPicture, plan: _Plan, tones: Mapping[Stop, Role], idle: Role
) -> Iterator[Polyline]:
    """Yield every wire: into each box from its operands, and out of the nodes that nothing reads."""
    read = {parent for part in picture.components for parent in part.parents}
    for part in picture.components:
        for parent, points in zip(part.parents, _routes(part, plan), strict=True):
            yield Polyline(points, tones.get((parent, part.key), idle), arrow=True, radius=_CORNER)
        if part.key not in read:
            layer, across = plan.layers.layer[part.key], plan.across(part.key)
            start, end = plan.middle[layer] + plan.half(part), plan.stem[layer] + 0.1
            line = (plan.point(start, across), plan.point(end, across))
            yield Polyline(line, tones.get(part.key, idle), arrow=True, radius=_CORNER)


def _stem(part: Component, plan: _Plan, tone: Role) -> Polyline:
    """Return the part of a wire before it fans out."""
    layer, across = plan.layers.layer[part.key], plan.across(part.key)
    start = plan.middle[layer] + plan.half(part)
    return Polyline((plan.point(start, across), plan.point(plan.stem[layer] - _CORNER, across)), tone)


def _routes(part: Component, plan: _Plan) -> list[tuple[Point, ...]]:
    """Return the wires into a box, one for each operand in order."""
    into = plan.layers.layer[part.key]
    ways = [_way(parent, part.key, plan) for parent in part.parents]
    # Wires enter in the order in which they arrive, so that none crosses another at the door.
    arrival = sorted(range(len(ways)), key=lambda i: (ways[i][-1][1], i))
    step = min(_PORT, 0.8 * _BOX / max(len(ways) - 1, 1))
    routes: dict[int, tuple[Point, ...]] = {}
    for port, index in enumerate(arrival):
        across = plan.across(part.key) + (port - (len(ways) - 1) / 2) * step
        door = plan.middle[into] - plan.half(part)
        ends = [(plan.entry[into], across)] if door - plan.entry[into] > 0.01 else []
        routes[index] = tuple(plan.point(*stop) for stop in (*ways[index], *ends, (door, across)))
    return [routes[index] for index in range(len(ways))]


def _way(source: str, target: str, plan: _Plan) -> list[tuple[float, float]]:
    """Return the stops (along, across) of a wire up to the fan before its target."""
    layer = plan.layers.layer[source]
    across = plan.across(source)
    stops = [(plan.middle[layer] + plan.half(plan.parts[source]), across), (plan.stem[layer], across)]
    for joint in plan.layers.lanes[source, target]:
        layer += 1
        stops += [(plan.entry[layer], joint * plan.pitch), (plan.stem[layer], joint * plan.pitch)]
    return stops


def _labels(part: Component, plan: _Plan, *, muted: bool) -> Iterator[Label]:
    """Yield the value above (or left of) the stem of a node, and the gradient below (or right of) it."""
    layer, across = plan.layers.layer[part.key], plan.across(part.key)
    start = plan.middle[layer] + plan.half(part)
    x, y = plan.point((start + plan.stem[layer]) / 2, across)
    value = _value(part)
    if value is not None:
        role: Role = "muted" if muted else "value"
        if plan.downwards:
            yield Label((x - _BESIDE, y), value, role, "left", size=plan.size, halo=False)
        else:
            yield Label((x, y + _BESIDE), value, role, "above", size=plan.size, halo=False)
    if part.gradient is not None:
        role = "muted" if muted else "gradient"
        if plan.downwards:
            yield Label((x + _BESIDE, y), part.gradient, role, "right", size=plan.size, halo=False)
        else:
            yield Label((x, y - _BESIDE), part.gradient, role, "below", size=plan.size, halo=False)


def _shares(picture: CircuitPicture, plan: _Plan, boxes: list[Box], labels: list[Label]) -> list[Label]:
    """Place the addends of gradients along the wires that bring them, where there is room."""
    routes = {
        (parent, part.key): points
        for part in picture.components
        for parent, points in zip(part.parents, _routes(part, plan), strict=True)
    }
    around = Surroundings(
        boxes=[*map(label_box, labels), *(rect(drawn.center, drawn.width, drawn.height) for drawn in boxes)],
        barred=[segment for points in routes.values() for segment in pairwise(points)],
    )
    wanted = []
    for part in picture.components:
        for reader, body in part.shares:
            # The slope in the last fan: the piece before the door.
            slope = max(
                pairwise(routes[part.key, reader][1:]), key=lambda piece: abs(piece[1][1] - piece[0][1])
            )
            places = along_edge(body, "tiny", slope, "gradient", (0.5, 0.4, 0.6), sides=(-1, 1))
            wanted.append(Wanted((part.key, reader), places, frozenset({slope})))
    chosen, _ = place_labels(wanted, around)
    return [place.label for place in chosen.values()]
