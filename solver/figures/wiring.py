"""Wires between named states: what the drawings of gated cells are made of, lit by the joints that they carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from solver.figures.lighting import Lit, lit_among
from solver.figures.measure import box
from solver.figures.picture import Highlight, Joint
from solver.figures.scene import Anchor, Box, Circle, Label, Point, Polyline, Role, Scene, Shape
from solver.figures.sheet import fitted
from solver.figures.unrolled import State
from solver.notation.math import Math, Operator, row
from solver.quantities import Quantity

# Radius of the circle around × or +.
OPERATOR = 0.2
GATE_WIDTH, GATE_HEIGHT = 0.95, 0.6
_CORNER = 0.14
# Distance of the two lines of a stacked note.
_LINE = 0.3


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate: what it holds, and the function that its box shows ("σ", "tanh")."""

    state: State
    activation: Math


@dataclass(frozen=True, slots=True)
class Wire:
    """A wire along some points, lit where one of the joints that it carries is.

    `stub` marks the piece by which a state enters or leaves the cell; it is lit with that state.
    """

    points: tuple[Point, ...]
    joints: tuple[Joint, ...] = ()
    stub: Quantity | None = None
    arrow: bool = True


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign in a circle, or a function in a box; lit with the state `of` that it makes, or with joints through it."""

    at: Point
    label: Math
    joints: tuple[Joint, ...] = ()
    of: Quantity | None = None
    boxed: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """The name and value of a state, at a point: in one line, or stacked where lines would be too long."""

    at: Point
    state: State
    anchor: Anchor
    stacked: bool = False


def said(state: State) -> Math:
    """Return "name = value", or the name where there is no value."""
    return state.label if state.value is None else row(state.label, Operator("="), state.value)


def room_for(state: State, *, stacked: bool = False) -> float:
    """Return the width of a state's name and value, with a little air, in centimetres."""
    lines = [state.label, state.value] if stacked else [said(state)]
    return max(box(line, "tiny")[0] for line in lines if line is not None) + 0.4


def wired(
    hull: Box,
    wires: Iterable[Wire],
    marks: Iterable[Mark],
    notes: Iterable[Note],
    highlight: Highlight | None,
) -> Scene:
    """Return the drawing of a cell: its hull, wires, signs and names, with the highlighted path lit."""
    said_notes, all_wires = list(notes), list(wires)
    known = {
        name.of_sample(None): note.state.quantity
        for note in said_notes
        for name in (note.state.quantity, *note.state.also)
    }
    lit = lit_among(known, highlight)
    quiet: Role = "muted" if lit.active else "wire"
    lines = [Polyline(wire.points, _tone(wire, lit) or quiet, wire.arrow, _CORNER) for wire in all_wires]
    # Quiet wires first; stubs last, since all that a state carries runs through its stub.
    order = sorted(range(len(lines)), key=lambda i: (lines[i].role != quiet, all_wires[i].stub is not None))
    return fitted(
        [hull, *(lines[i] for i in order), *_drawn_marks(marks, lit), *_drawn_notes(said_notes, lit)]
    )


def _tone(wire: Wire, lit: Lit) -> Role | None:
    """Return the tone of a wire; a stub that leads out is lit where a path ends at its state."""
    if wire.stub is None:
        return _mixed(wire.joints, lit)
    goes_on = any(joint[0] == wire.stub for joint in lit.edges)
    return lit.nodes.get(wire.stub) if not (wire.arrow and goes_on) else None


def _mixed(joints: Iterable[Joint], lit: Lit) -> Role | None:
    """Return the common tone of the lit joints, "highlighted" where they differ, None where none is lit."""
    tones = {lit.edges[joint] for joint in joints if joint in lit.edges}
    return None if not tones else tones.pop() if len(tones) == 1 else "highlighted"


def _drawn_marks(marks: Iterable[Mark], lit: Lit) -> Iterator[Shape]:
    for mark in marks:
        tone = lit.nodes.get(mark.of) if mark.of is not None else _mixed(mark.joints, lit)
        role: Role = tone or ("muted" if lit.active else "neuron")
        if mark.boxed:
            yield Box(mark.at, GATE_WIDTH, GATE_HEIGHT, mark.label, role, rounded=True)
        else:
            yield Circle(mark.at, OPERATOR, mark.label, role, "tiny")


def _drawn_notes(notes: Iterable[Note], lit: Lit) -> Iterator[Shape]:
    for note in notes:
        role: Role = lit.nodes.get(note.state.quantity, "muted") if lit.active else "value"
        if note.stacked and note.state.value is not None:
            x, y = note.at
            yield Label((x, y + _LINE / 2), note.state.label, role, note.anchor, size="tiny")
            yield Label((x, y - _LINE / 2), note.state.value, role, note.anchor, size="tiny")
        else:
            yield Label(note.at, said(note.state), role, note.anchor, size="tiny")
