"""Recurrent networks through time and gated cells: columns of time, elision, paths, and labels that keep clear."""

from __future__ import annotations

from itertools import pairwise

import pytest

from solver.figures.cells import gru_scene, lstm_scene
from solver.figures.framing import TEXT_WIDTH
from solver.figures.measure import label_box
from solver.figures.picture import Highlight, LitPath
from solver.figures.scene import Box, Circle, Label, Line, Polyline, Scene
from solver.figures.unrolled import unrolled_figure, unrolled_scene
from solver.notation.math import Digits, Operator
from solver.quantities import Quantity
from tests.figures.boxes import clashes, runs_through
from tests.figures.recurrent import gru, lstm, unrolled


def q(base: str, time: int | None = None, *index: int) -> Quantity:
    return Quantity(base, time=time, index=index)


def lit_wires(scene: Scene) -> list[Polyline | Line]:
    return [
        s for s in scene.shapes if isinstance(s, Polyline | Line) and s.role not in ("muted", "wire", "plain")
    ]


@pytest.mark.parametrize("steps", [1, 2, 3, 6, 7, 50])
@pytest.mark.parametrize("losses", [False, True])
@pytest.mark.parametrize("last_only", [False, True])
def test_no_label_clashes(steps: int, losses: bool, last_only: bool) -> None:
    scene = unrolled_scene(unrolled(steps, losses=losses and not last_only, last_only=last_only))
    assert clashes(scene) == []
    assert scene.width <= TEXT_WIDTH
    lines = [s for s in scene.shapes if isinstance(s, Line)]
    for label in (s for s in scene.shapes if isinstance(s, Label) and s.halo):
        assert not any(runs_through(label_box(label), line.start, line.end) for line in lines)


def test_time_runs_to_the_right_and_the_network_upwards() -> None:
    picture = unrolled(3)
    at = {s.label: s.center for s in unrolled_scene(picture).shapes if isinstance(s, Circle)}
    columns = [[at[s.label] for s in (c.input, c.hidden, c.output) if s is not None] for c in picture.steps]
    for column in columns:
        assert len({x for x, _ in column}) == 1
        assert [y for _, y in column] == sorted(y for _, y in column)
    assert all(left[1][0] < right[1][0] for left, right in pairwise(columns))
    assert len({column[1][1] for column in columns}) == 1


def test_every_value_is_shown() -> None:
    picture = unrolled(4, losses=True)
    said = {s.body for s in unrolled_scene(picture).shapes if isinstance(s, Label)}
    for step in picture.steps:
        for node in (step.input, step.hidden, step.output, step.loss):
            assert node is not None
            assert node.value in said


def test_a_long_sequence_keeps_its_ends_and_says_what_it_leaves_out() -> None:
    figure = unrolled_figure(unrolled(50))
    assert figure.elided == (4, 48)
    names = {s.label for s in figure.scene.shapes if isinstance(s, Circle)}
    assert len(names) == 1 + 3 * 5 + 1
    assert sum(isinstance(s, Label) and s.body == Operator("⋯") for s in figure.scene.shapes) == 1
    assert unrolled_figure(unrolled(6)).elided is None


def test_a_path_through_time_is_lit_by_any_element() -> None:
    nodes = (q("x", 1, 2), q("h", 1, 1), q("h", 2, 3), q("h", 3, 1), q("o", 3, 1), q("L"))
    scene = unrolled_scene(unrolled(3, last_only=True), Highlight((LitPath(nodes),)))
    assert len(lit_wires(scene)) == 5
    assert sum(isinstance(s, Circle) and s.role == "highlighted" for s in scene.shapes) == 6
    # Only lit arrows name their weights.
    assert sum(isinstance(s, Label) and s.body == unrolled(1).hidden_weights for s in scene.shapes) == 2


def test_a_path_runs_on_through_the_dots() -> None:
    nodes = (*(q("h", t) for t in range(2, 51)), q("o", 50), q("L"))
    scene = unrolled_scene(unrolled(50), Highlight((LitPath(nodes),)))
    lines = [line for line in lit_wires(scene) if isinstance(line, Line)]
    assert len(lines) == 6
    dots = next(s.at for s in scene.shapes if isinstance(s, Label) and s.body == Operator("⋯"))
    beside = [line for line in lines if min(abs(line.start[0] - dots[0]), abs(line.end[0] - dots[0])) < 0.5]
    assert len(beside) == 2


@pytest.mark.parametrize("value", [None, "0", "-0.73106"])
@pytest.mark.parametrize("scene", [lambda v: lstm_scene(lstm(v)), lambda v: gru_scene(gru(v)),
                                   lambda v: gru_scene(gru(v, z_keeps=False))])  # fmt: skip
def test_labels_of_a_cell_keep_clear_of_wires_and_boxes(scene, value) -> None:  # noqa: ANN001
    drawn = scene(value)
    assert drawn.width <= TEXT_WIDTH
    hull = next(s for s in drawn.shapes if isinstance(s, Box))
    rest = Scene(drawn.width, drawn.height, tuple(s for s in drawn.shapes if s is not hull))
    assert clashes(rest) == []
    wires = [piece for s in drawn.shapes if isinstance(s, Polyline) for piece in pairwise(s.points)]
    for label in (s for s in drawn.shapes if isinstance(s, Label)):
        assert not any(runs_through(label_box(label), *piece) for piece in wires)


def test_the_gates_of_an_lstm_are_boxes_with_their_functions() -> None:
    boxes = [s.label for s in lstm_scene(lstm()).shapes if isinstance(s, Box)]
    picture = lstm()
    functions = [
        g.activation for g in (picture.forget, picture.input_gate, picture.candidate, picture.output_gate)
    ]
    assert boxes[1:] == [*functions, picture.squash]
    assert sum(isinstance(s, Circle) and s.label == Operator("×") for s in lstm_scene(lstm()).shapes) == 3


def test_a_path_through_the_cell_state_lights_no_gate() -> None:
    scene = lstm_scene(lstm(), Highlight((LitPath((q("c", 0), q("c", 1), q("h", 1))),)))
    boxes = [s.role for s in scene.shapes if isinstance(s, Box)][1:]
    assert boxes == ["muted"] * 4 + ["highlighted"]
    said = {s.body: s.role for s in scene.shapes if isinstance(s, Label)}
    assert sorted(said.values()) == ["highlighted"] * 3 + ["muted"] * 6
    # The new state ends the path, so its way out is lit; the cell state goes on to it.
    ends = [wire.points[-1] for wire in lit_wires(scene) if wire.arrow]
    assert len([x for x, _ in ends if x > scene.width - 2.6]) == 1


def test_both_conventions_of_the_gru_differ_in_one_minus_z() -> None:
    keeps, replaces = (gru_scene(gru(z_keeps=z)) for z in (True, False))
    rest = [
        next(
            s.center
            for s in scene.shapes
            if isinstance(s, Box) and s.label is not None and "1" in repr(s.label)
        )
        for scene in (keeps, replaces)
    ]
    gates = next(s.center for s in keeps.shapes if isinstance(s, Box) and s.label is not None)
    assert rest[0][0] > gates[0] + 1
    assert rest[1][0] == pytest.approx(gates[0])


def test_values_are_the_callers_own() -> None:
    assert Digits("-0.7311") in [
        s.body.items[-1]
        for s in lstm_scene(lstm()).shapes
        if isinstance(s, Label) and hasattr(s.body, "items")
    ]
