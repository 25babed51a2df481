"""Draw a recurrent network unrolled through time: one column a step, the state running along the middle.

A long sequence shows its first steps and its last ones, with dots between. Nodes are addressed by the quantities that
they hold, so that a path through time is lit just as a path through layers is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from solver.figures.framing import TEXT_WIDTH
from solver.figures.geometry import towards
from solver.figures.labels import Place, Segment, Surroundings, Wanted, along_edge, around_node, place_labels
from solver.figures.lighting import Lit, lit_among
from solver.figures.measure import box, label_box
from solver.figures.picture import Highlight, Joint
from solver.figures.scene import Anchor, Circle, Label, Line, Point, Role, Scene, Shape, Size
from solver.figures.sheet import fitted
from solver.notation.math import Math, Operator
from solver.quantities import Quantity

# Sequences up to this length are drawn in full; of longer ones the first three steps and the last two.
FULL_STEPS = 6
_FIRST, _LAST = 3, 2

_RADIUS, _LARGEST = 0.41, 0.6
_ROW = 1.45
_PITCHES = (1.5, 2.7)
# Half the room that the dots take.
_DOTS = 0.35
_BESIDE = 0.09


@dataclass(frozen=True, slots=True)
class State:
    """One node of a time step.

    Attributes:
        quantity: The array that it holds; a path may name it by any element.
        label: Its name, in the circle.
        value: Its value, beside it.
        also: Other quantities that the node stands for, such as the pre-activation.
    """

    quantity: Quantity
    label: Math
    value: Math | None = None
    also: tuple[Quantity, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeStep:
    """One column: the input below, the state, and above it the read-out and its loss where there are any.

    `scored` marks a step without a read-out whose state itself is held against a target.
    """

    hidden: State
    input: State | None = None
    output: State | None = None
    loss: State | None = None
    scored: bool = False

    @property
    def top(self) -> State | None:
        """What the loss of the whole sequence reads of this step."""
        return self.loss or self.output or (self.hidden if self.scored else None)


@dataclass(frozen=True, slots=True)
class UnrolledPicture:
    """A recurrent network through time.

    Attributes:
        steps: In order of time.
        initial: The state before the first step.
        total: The loss of the whole sequence, above the columns.
        input_weights: Name of the weights from input to state, set beside every such arrow.
        hidden_weights: Name of the weights from state to state.
        output_weights: Name of the weights from state to read-out.
    """

    steps: tuple[TimeStep, ...]
    initial: State | None = None
    total: State | None = None
    input_weights: Math | None = None
    hidden_weights: Math | None = None
    output_weights: Math | None = None


@dataclass(frozen=True, slots=True)
class UnrolledFigure:
    """The drawing, and the steps (first and last, counted from 1) that it leaves out, if any."""

    scene: Scene
    elided: tuple[int, int] | None = None


def unrolled_scene(picture: UnrolledPicture, highlight: Highlight | None = None) -> Scene:
    """Return the drawing of a recurrent network through time, with the highlighted paths lit."""
    return unrolled_figure(picture, highlight).scene


def unrolled_figure(picture: UnrolledPicture, highlight: Highlight | None = None) -> UnrolledFigure:
    """Draw a recurrent network through time and say which steps are left out.

    Args:
        picture: The network.
        highlight: What is lit. Then only lit nodes show their values and only lit arrows their weights.
    """
    lit = lit_among(_known(picture), highlight)
    grid = _grid(picture)
    links = list(_links(picture, grid))
    around = Surroundings(circles=[(spot.center, grid.radius) for spot in grid.spots.values()])
    around.barred.extend(link.line for link in links)
    names, _ = place_labels([wanted for link in links for wanted in _name(link, lit)], around)
    around.boxes.extend(label_box(place.label) for place in names.values())
    values, _ = place_labels(
        [wanted for spot in grid.spots.values() for wanted in _value(spot, grid, lit)], around
    )
    quiet: Role = "muted" if lit.active else "plain"
    lines = [Line(*link.line, lit.edges.get(link.joint, quiet), arrow=True) for link in links]
    lines.sort(key=lambda line: line.role == quiet, reverse=True)
    shapes: list[Shape] = [*lines, *_circles(grid, lit)]
    if grid.dots is not None:
        shapes.append(Label(grid.dots, Operator("⋯"), quiet, halo=False))
    labels = [place.label for place in (*names.values(), *values.values())]
    return UnrolledFigure(fitted([*shapes, *labels]), grid.elided)


def _states(picture: UnrolledPicture) -> Iterator[State]:
    """Yield every node of a picture, drawn or not."""
    for step in picture.steps:
        yield from (state for state in (step.input, step.hidden, step.output, step.loss) if state is not None)
    yield from (state for state in (picture.initial, picture.total) if state is not None)


def _known(picture: UnrolledPicture) -> dict[Quantity, Quantity]:
    """Map every quantity that names a node to the one that the node holds."""
    return {
        name.of_sample(None): state.quantity
        for state in _states(picture)
        for name in (state.quantity, *state.also)
    }


@dataclass(frozen=True, slots=True)
class _Spot:
    state: State
    center: Point
    role: Role


@dataclass(frozen=True, slots=True)
class _Link:
    joint: Joint
    line: Segment
    name: Math | None = None


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where the drawn nodes stand, by quantity; `dots` marks the steps left out."""

    spots: Mapping[Quantity, _Spot]
    radius: float
    size: Size
    dots: Point | None
    elided: tuple[int, int] | None


def _grid(picture: UnrolledPicture) -> _Grid:
    """Place the nodes: time to the right, from input to loss upwards."""
    count = len(picture.steps)
    long = count > FULL_STEPS
    drawn = [*range(_FIRST), *range(count - _LAST, count)] if long else list(range(count))
    radius, size = _circle(picture)
    columns = len(drawn) + long + (picture.initial is not None)
    widest = max((box(s.value, "tiny")[0] for s in _states(picture) if s.value is not None), default=0.0)
    room = (TEXT_WIDTH - 2 * radius - widest - 0.4) / max(columns - 1, 1)
    pitch = min(max(room, _PITCHES[0], 2 * radius + 0.6), _PITCHES[1])
    start = pitch if picture.initial is not None else 0.0
    xs = {index: start + pitch * (place + (long and place >= _FIRST)) for place, index in enumerate(drawn)}
    spots: list[_Spot] = []
    if picture.initial is not None:
        spots.append(_Spot(picture.initial, (0.0, 0.0), "neuron"))
    for index, x in xs.items():
        step = picture.steps[index]
        column: tuple[tuple[State | None, int, Role], ...] = (
            (step.input, -1, "input"), (step.hidden, 0, "neuron"), (step.output, 1, "output"), (step.loss, 2, "loss"),
        )  # fmt: skip
        spots.extend(_Spot(state, (x, y * _ROW), role) for state, y, role in column if state is not None)
    if picture.total is not None:
        tops = [x for index, x in xs.items() if picture.steps[index].top is not None]
        high = 1 + max((2 if step.loss else 1 if step.output else 0 for step in picture.steps), default=0)
        x = sum(tops) / len(tops) if tops else max(xs.values(), default=0.0)
        spots.append(_Spot(picture.total, (x, high * _ROW), "loss"))
    dots = (start + pitch * _FIRST, 0.0) if long else None
    elided = (_FIRST + 1, count - _LAST) if long else None
    return _Grid({spot.state.quantity: spot for spot in spots}, radius, size, dots, elided)


def _circle(picture: UnrolledPicture) -> tuple[float, Size]:
    """Return the radius and the type size at which every name fits its circle."""
    sizes: tuple[Size, Size] = ("small", "tiny")
    for size in sizes:
        needed = max((box(state.label, size)[0] / 2 for state in _states(picture)), default=0.0) + 0.1
        if needed <= _LARGEST:
            break
    return max(needed, _RADIUS), size


def _links(picture: UnrolledPicture, grid: _Grid) -> Iterator[_Link]:
    """Yield the arrows between drawn nodes, and the stubs at the dots."""

    def link(source: State | None, target: State | None, name: Math | None = None) -> Iterator[_Link]:
        if source is None or target is None:
            return
        start, end = grid.spots.get(source.quantity), grid.spots.get(target.quantity)
        if (start is None and end is None) or ((start is None or end is None) and grid.dots is None):
            return
        x, y = grid.dots or (0.0, 0.0)
        first = start.center if start is not None else (x + _DOTS, y)
        last = end.center if end is not None else (x - _DOTS, y)
        line = (
            towards(first, last, grid.radius if start is not None else 0.0),
            towards(last, first, grid.radius if end is not None else 0.0),
        )
        yield _Link((source.quantity, target.quantity), line, name)

    before = picture.initial
    for step in picture.steps:
        yield from link(before, step.hidden, picture.hidden_weights)
        before = step.hidden
        if step.hidden.quantity in grid.spots:
            yield from link(step.input, step.hidden, picture.input_weights)
            yield from link(step.hidden, step.output, picture.output_weights)
            yield from link(step.output, step.loss)
            yield from link(step.top, picture.total)


def _circles(grid: _Grid, lit: Lit) -> Iterator[Circle]:
    for quantity, spot in grid.spots.items():
        role: Role = lit.nodes.get(quantity, "muted") if lit.active else spot.role
        yield Circle(spot.center, grid.radius, spot.state.label, role, grid.size)


def _name(link: _Link, lit: Lit) -> Iterator[Wanted]:
    """Yield the name of a link's weights: upright beside a vertical arrow, along any other."""
    if link.name is None or (lit.active and link.joint not in lit.edges):
        return
    role: Role = lit.edges.get(link.joint, "plain")
    upright = abs(link.line[1][0] - link.line[0][0]) < 0.01
    places = (
        _upright(link.name, link.line, role)
        if upright
        else along_edge(link.name, "small", link.line, role, _SHARES)
    )
    yield Wanted(link.joint, places, frozenset({link.line}))


_SHARES = (0.5, 0.4, 0.6)


def _upright(name: Math, line: Segment, role: Role) -> Iterator[Place]:
    """Yield the places left and right of a vertical arrow."""
    x, y = line[0][0], (line[0][1] + line[1][1]) / 2
    sides: tuple[tuple[Anchor, int], ...] = (("left", -1), ("right", 1))
    for rank, (anchor, way) in enumerate(sides):
        label = Label((x + way * _BESIDE, y), name, role, anchor)
        yield Place(label_box(label), label, 0.1 * rank)


_SIDES: dict[str, tuple[Anchor, ...]] = {
    "input": ("right", "left", "below"),
    "neuron": ("below right", "above right", "below left", "above left"),
    "output": ("right", "left", "above"),
    "loss": ("right", "left", "above"),
}


def _value(spot: _Spot, grid: _Grid, lit: Lit) -> Iterator[Wanted]:
    """Yield the value of a node, clear of the arrows that meet it."""
    state = spot.state
    if state.value is None or (lit.active and state.quantity not in lit.nodes):
        return
    places = around_node(state.value, "tiny", spot.center, grid.radius, "value", _SIDES[spot.role])
    yield Wanted(state.quantity, places)
