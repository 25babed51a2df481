"""Draw one time step of an LSTM or a GRU: its gates as boxes, and the wires that they open and close.

The state runs along the top from left to right; input and previous output run along the bottom and feed every gate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from solver.figures.framing import TEXT_WIDTH
from solver.figures.picture import Highlight
from solver.figures.scene import Box, Point, Scene
from solver.figures.unrolled import State
from solver.figures.wiring import GATE_HEIGHT, GATE_WIDTH, OPERATOR, Gate, Mark, Note, Wire, room_for, wired
from solver.notation.math import Digits, Math, Operator, Row
from solver.quantities import Quantity

_BUS, _GATES, _LOW, _MIDDLE, _SQUASH, _TOP = 0.5, 1.45, 2.35, 2.8, 3.1, 3.95
_GATE_LOW, _GATE_TOP = _GATES - GATE_HEIGHT / 2, _GATES + GATE_HEIGHT / 2
# Where the cell's hull begins, and where its wires begin left of it and below it.
_HULL, _OUTSIDE = 0.45, -0.45
_INPUT = 0.95
_FIRST = 1.75
_LEAST = 1.35
# In an LSTM, the height of the last product; in a GRU, of the wire from z to its product with the candidate.
_OUTPUT, _BRANCH = 2.0, 2.68
# How far the input of a GRU stands right of the previous state.
_APART = 0.4
_TIMES = Operator("×")


@dataclass(frozen=True, slots=True)
class LstmPicture:
    """One step of an LSTM: c = f ⊙ c₋ + i ⊙ g and h = o ⊙ squash(c); `times` is the sign of its products."""

    input: State
    hidden_before: State
    cell_before: State
    forget: Gate
    input_gate: Gate
    candidate: Gate
    output_gate: Gate
    cell: State
    hidden: State
    squash: Math
    times: Math = _TIMES


@dataclass(frozen=True, slots=True)
class GruPicture:
    """One step of a GRU, with the reset gate on the previous state.

    `z_keeps`: h = (1 − z) ⊙ n + z ⊙ h₋; otherwise h = z ⊙ n + (1 − z) ⊙ h₋. `times` is the sign of its products.
    """

    input: State
    hidden_before: State
    update: Gate
    reset: Gate
    candidate: Gate
    hidden: State
    z_keeps: bool = True
    times: Math = _TIMES


def _columns(*states: State, stacked: bool = False) -> list[float]:
    """Return the positions of gates such that each has room for its name and value at its right."""
    xs = [_FIRST]
    for state in states:
        xs.append(xs[-1] + max(room_for(state, stacked=stacked), _LEAST))
    return xs


def _hull(end: float) -> Box:
    """Return the outline of a cell whose inside ends at `end`."""
    return Box(((_HULL + end) / 2, _TOP / 2 + 0.18), end - _HULL, _TOP + 0.7, None, "muted", rounded=True)


def _gate_mark(gate: Gate, x: float) -> Mark:
    return Mark((x, _GATES), gate.activation, of=gate.state.quantity, boxed=True)


def _feed(hidden: State, given: State, gates: Sequence[tuple[Gate, float]]) -> Iterator[Wire]:
    """Yield the wires along the bottom: from the previous output and from the input, up into each gate."""
    for gate, x in gates:
        up = ((x, _BUS), (x, _GATE_LOW))
        yield Wire(((_OUTSIDE, _BUS), *up), ((hidden.quantity, gate.state.quantity),))
        yield Wire(((_INPUT, _OUTSIDE), (_INPUT, _BUS), *up), ((given.quantity, gate.state.quantity),))
    yield Wire(((_OUTSIDE, _BUS), (_INPUT, _BUS)), stub=hidden.quantity, arrow=False)
    yield Wire(((_INPUT, _OUTSIDE), (_INPUT, _BUS - 0.2)), stub=given.quantity, arrow=False)


def lstm_scene(picture: LstmPicture, highlight: Highlight | None = None) -> Scene:
    """Return the drawing of one step of an LSTM, with the highlighted paths lit."""
    scene = _lstm(picture, highlight, stacked=False)
    return scene if scene.width <= TEXT_WIDTH else _lstm(picture, highlight, stacked=True)


def _lstm(picture: LstmPicture, highlight: Highlight | None, *, stacked: bool) -> Scene:
    """Draw an LSTM with names and values in one line, or stacked where values are long."""
    gates = (picture.forget, picture.input_gate, picture.candidate, picture.output_gate)
    xs = _columns(*(gate.state for gate in gates), stacked=stacked)
    end = xs[4] + 0.9
    c, h = picture.cell.quantity, picture.hidden.quantity
    before = picture.cell_before.quantity
    forget, given, candidate, opens = (gate.state.quantity for gate in gates)
    times = picture.times
    marks = [
        *(_gate_mark(gate, x) for x, gate in zip(xs, gates, strict=False)),
        Mark((xs[0], _TOP), times, ((before, c), (forget, c))),
        Mark((xs[2], _MIDDLE), times, ((given, c), (candidate, c))),
        Mark((xs[2], _TOP), Operator("+"), ((before, c), (forget, c), (given, c), (candidate, c))),
        Mark((xs[4], _SQUASH), picture.squash, ((c, h),), boxed=True),
        Mark((xs[4], _OUTPUT), times, ((c, h), (opens, h))),
    ]
    lift = 0.3 if stacked else 0.17
    notes = [
        Note((_OUTSIDE - 0.1, _TOP), picture.cell_before, "left", stacked),
        Note((_OUTSIDE - 0.1, _BUS), picture.hidden_before, "left", stacked),
        Note((_INPUT, _OUTSIDE - 0.1), picture.input, "below"),
        Note((end + 0.9, _TOP), picture.cell, "right", stacked),
        Note((end + 0.9, _BUS), picture.hidden, "right", stacked),
        *(
            Note((x + 0.1, _GATE_TOP + 0.33), gate.state, "right", stacked)
            for x, gate in zip(xs, gates[:3], strict=False)
        ),
        Note((xs[3] + 0.12, _OUTPUT + lift), picture.output_gate.state, "right", stacked),
    ]
    return wired(_hull(end), _lstm_wires(picture, xs, end), marks, notes, highlight)


def _lstm_wires(picture: LstmPicture, xs: Sequence[float], end: float) -> Iterator[Wire]:
    """Yield the wires of an LSTM; `xs` are the columns of the four gates and of the squashing function."""
    gates = (picture.forget, picture.input_gate, picture.candidate, picture.output_gate)
    f, i, g, o = (gate.state.quantity for gate in gates)
    c, h, before = picture.cell.quantity, picture.hidden.quantity, picture.cell_before.quantity
    half = GATE_HEIGHT / 2
    yield from _feed(picture.hidden_before, picture.input, list(zip(gates, xs, strict=False)))
    yield Wire(((_OUTSIDE, _TOP), (xs[0] - OPERATOR, _TOP)), ((before, c),))
    yield Wire(((xs[0], _GATE_TOP), (xs[0], _TOP - OPERATOR)), ((f, c),))
    yield Wire(((xs[0] + OPERATOR, _TOP), (xs[2] - OPERATOR, _TOP)), ((before, c), (f, c)))
    yield Wire(((xs[1], _GATE_TOP), (xs[1], _MIDDLE), (xs[2] - OPERATOR, _MIDDLE)), ((i, c),))
    yield Wire(((xs[2], _GATE_TOP), (xs[2], _MIDDLE - OPERATOR)), ((g, c),))
    yield Wire(((xs[2], _MIDDLE + OPERATOR), (xs[2], _TOP - OPERATOR)), ((i, c), (g, c)))
    yield Wire(((xs[3], _GATE_TOP), (xs[3], _OUTPUT), (xs[4] - OPERATOR, _OUTPUT)), ((o, h),))
    yield Wire(((xs[2] + OPERATOR, _TOP), (xs[4], _TOP), (xs[4], _SQUASH + half)), ((c, h),))
    yield Wire(((xs[4], _SQUASH - half), (xs[4], _OUTPUT + OPERATOR)), ((c, h),))
    yield Wire(((xs[2] + OPERATOR, _TOP), (end + 0.8, _TOP)), stub=c)
    yield Wire(((xs[4], _OUTPUT - OPERATOR), (xs[4], _BUS), (end + 0.8, _BUS)), stub=h)


def gru_scene(picture: GruPicture, highlight: Highlight | None = None) -> Scene:
    """Return the drawing of one step of a GRU, with the highlighted paths lit."""
    z, r, n, h = _gru_quantities(picture)
    before = picture.hidden_before.quantity
    first, second, join = _columns(picture.update.state, picture.reset.state)
    xs = (first, second, join + 0.85)
    end = xs[2] + max(room_for(picture.candidate.state), 1.0)
    rest = Row((Digits("1"), Operator("−")))
    # One minus z closes the way of the candidate, or of the previous state.
    rest_at = ((xs[1] + xs[2]) / 2, _SQUASH) if picture.z_keeps else (xs[0], _SQUASH + 0.02)
    times = picture.times
    marks = [
        *(
            _gate_mark(gate, x)
            for x, gate in zip(xs, (picture.update, picture.reset, picture.candidate), strict=True)
        ),
        Mark((xs[0], _TOP), times, ((before, h), (z, h))),
        Mark((xs[1], _LOW), times, ((before, n), (r, n))),
        Mark((xs[2], _SQUASH), times, ((n, h), (z, h))),
        Mark((xs[2], _TOP), Operator("+"), ((before, h), (n, h), (z, h))),
        Mark(rest_at, rest, ((z, h),), boxed=True),
    ]
    notes = [
        Note((_OUTSIDE - 0.1, _TOP), picture.hidden_before, "left"),
        Note((_INPUT + _APART, _OUTSIDE - 0.1), picture.input, "below"),
        Note((end + 0.9, _TOP), picture.hidden, "right"),
        Note((xs[0] + 0.1, _GATE_TOP + 0.2), picture.update.state, "right"),
        Note((xs[1] + 0.1, _GATE_TOP + 0.2), picture.reset.state, "right"),
        Note((xs[2] + 0.1, _GATE_TOP + 0.4), picture.candidate.state, "right"),
    ]
    return wired(_hull(end), _gru_wires(picture, xs, join, end, rest_at), marks, notes, highlight)


def _gru_quantities(picture: GruPicture) -> tuple[Quantity, Quantity, Quantity, Quantity]:
    """Return what the update gate, the reset gate, the candidate and the new state hold."""
    gates = (picture.update, picture.reset, picture.candidate)
    z, r, n = (gate.state.quantity for gate in gates)
    return z, r, n, picture.hidden.quantity


def _gru_wires(
    picture: GruPicture, xs: tuple[float, float, float], join: float, end: float, rest_at: Point
) -> Iterator[Wire]:
    """Yield the wires of a GRU; `join` is where the reset state turns down to the candidate."""
    z, r, n, h = _gru_quantities(picture)
    x, before = picture.input.quantity, picture.hidden_before.quantity
    left, given, half = _INPUT, _INPUT + _APART, GATE_HEIGHT / 2
    for gate, at in ((z, xs[0]), (r, xs[1])):
        down = ((left, _TOP), (left, _BUS), (at, _BUS), (at, _GATE_LOW))
        yield Wire(((_OUTSIDE, _TOP), *down), ((before, gate),))
    for gate, at in ((z, xs[0]), (r, xs[1]), (n, xs[2])):
        yield Wire(((given, _OUTSIDE), (given, _BUS), (at, _BUS), (at, _GATE_LOW)), ((x, gate),))
    yield Wire(((_OUTSIDE, _TOP), (left, _TOP), (left, _LOW), (xs[1] - OPERATOR, _LOW)), ((before, n),))
    yield Wire(((xs[1], _GATE_TOP), (xs[1], _LOW - OPERATOR)), ((r, n),))
    around = ((join, _LOW), (join, _BUS), (xs[2], _BUS), (xs[2], _GATE_LOW))
    yield Wire(((xs[1] + OPERATOR, _LOW), *around), ((before, n), (r, n)))
    yield Wire(((xs[2], _GATE_TOP), (xs[2], _SQUASH - OPERATOR)), ((n, h),))
    yield Wire(((xs[2], _SQUASH + OPERATOR), (xs[2], _TOP - OPERATOR)), ((n, h), (z, h)))
    yield Wire(((_OUTSIDE, _TOP), (xs[0] - OPERATOR, _TOP)), ((before, h),))
    yield Wire(((xs[0] + OPERATOR, _TOP), (xs[2] - OPERATOR, _TOP)), ((before, h), (z, h)))
    if picture.z_keeps:
        yield Wire(((xs[0], _GATE_TOP), (xs[0], _TOP - OPERATOR)), ((z, h),))
        yield Wire(((xs[0], _GATE_TOP), (xs[0], _SQUASH), (rest_at[0] - GATE_WIDTH / 2, _SQUASH)), ((z, h),))
        yield Wire(((rest_at[0] + GATE_WIDTH / 2, _SQUASH), (xs[2] - OPERATOR, _SQUASH)), ((z, h),))
    else:
        yield Wire(((xs[0], _GATE_TOP), (xs[0], rest_at[1] - half)), ((z, h),))
        yield Wire(((xs[0], rest_at[1] + half), (xs[0], _TOP - OPERATOR)), ((z, h),))
        over = ((xs[0], _BRANCH), (join, _BRANCH), (join, _SQUASH), (xs[2] - OPERATOR, _SQUASH))
        yield Wire(((xs[0], _GATE_TOP), *over), ((z, h),))
    yield Wire(((_OUTSIDE, _TOP), (left - 0.2, _TOP)), stub=before, arrow=False)
    yield Wire(((given, _OUTSIDE), (given, _BUS - 0.2)), stub=x, arrow=False)
    yield Wire(((xs[2] + OPERATOR, _TOP), (end + 0.8, _TOP)), stub=h)
