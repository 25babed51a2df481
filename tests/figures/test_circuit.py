"""Circuits: layers point onward, wires keep clear of labels and boxes, values above and gradients below."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.figures.circuit import CircuitPath, CircuitPicture, circuit_scene
from solver.figures.framing import TEXT_WIDTH
from solver.figures.geometry import rect
from solver.figures.layered import layered, spread
from solver.figures.measure import label_box
from solver.figures.scene import Box, Label, Polyline
from solver.notation.math import Digits
from tests.figures.boxes import clashes, runs_through
from tests.figures.pictures import SUM_TIMES, circuits, part


@settings(max_examples=20)
@given(circuits())
def test_no_label_clashes_and_no_wire_runs_through_a_label_or_a_box(picture: CircuitPicture) -> None:
    scene = circuit_scene(picture)
    assert clashes(scene) == []
    wires = [
        piece for shape in scene.shapes if isinstance(shape, Polyline) for piece in pairwise(shape.points)
    ]
    for shape in scene.shapes:
        if isinstance(shape, Label):
            assert not any(runs_through(label_box(shape), *piece) for piece in wires)
        if isinstance(shape, Box):
            inner = rect(shape.center, shape.width - 0.02, shape.height - 0.02)
            assert not any(runs_through(inner, *piece) for piece in wires)


@settings(max_examples=30)
@given(circuits())
def test_every_operand_has_its_wire(picture: CircuitPicture) -> None:
    wires = [shape for shape in circuit_scene(picture).shapes if isinstance(shape, Polyline)]
    read = {parent for node in picture.components for parent in node.parents}
    ends = sum(len(node.parents) for node in picture.components) + sum(
        n.key not in read for n in picture.components
    )
    assert len(wires) == ends
    assert all(wire.arrow for wire in wires)


def test_values_stand_above_their_wire_and_gradients_below() -> None:
    scene = circuit_scene(SUM_TIMES)
    labels = {label.body: label for label in scene.shapes if isinstance(label, Label)}
    value, gradient = labels[Digits("5")], labels[Digits("3")]
    assert (value.role, value.anchor) == ("value", "above")
    assert (gradient.role, gradient.anchor) == ("gradient", "below")
    y = {box.label: box.center[1] for box in scene.shapes if isinstance(box, Box)}
    assert (
        value.at[1] > y[SUM_TIMES.components[1].label] > labels[Digits("-4")].at[1]
        or value.at[1] > gradient.at[1]
    )


def test_flow_runs_to_the_right_and_downwards_where_it_is_deep() -> None:
    chain = [
        part("n0", "x", (), "1", "1"),
        *(part(f"n{i}", "tanh", (f"n{i - 1}",), "1", "1") for i in range(1, 20)),
    ]
    deep = [box.center for box in circuit_scene(CircuitPicture(tuple(chain))).shapes if isinstance(box, Box)]
    assert all(after[1] < before[1] for before, after in pairwise(deep))
    assert max(x for x, _ in deep) < TEXT_WIDTH
    short = [
        box.center for box in circuit_scene(CircuitPicture(tuple(chain[:4]))).shapes if isinstance(box, Box)
    ]
    assert all(after[0] > before[0] for before, after in pairwise(short))


def test_a_lit_path_mutes_the_rest() -> None:
    scene = circuit_scene(SUM_TIMES, (CircuitPath(("x", "q", "f"), "path-2"),))
    boxes = {box.label: box.role for box in scene.shapes if isinstance(box, Box)}
    assert [boxes[node.label] for node in SUM_TIMES.components] == [
        "path-2",
        "muted",
        "muted",
        "path-2",
        "path-2",
    ]
    assert sum(isinstance(s, Polyline) and s.role == "path-2" and s.arrow for s in scene.shapes) == 3


def test_shares_of_a_gradient_stand_beside_the_wires_that_bring_them() -> None:
    used = replace(part("x", "x", (), "3", "7"), shares=(("s", Digits("6")), ("f", Digits("1"))))
    picture = CircuitPicture(
        (used, part("s", "×", ("x", "x"), "9", "1"), part("f", "+", ("s", "x"), "12", "1"))
    )
    scene = circuit_scene(picture)
    assert clashes(scene) == []
    assert {Digits("6"), Digits("1")} <= {
        label.body for label in scene.shapes if isinstance(label, Label) and label.halo
    }


@settings(max_examples=30)
@given(circuits())
def test_layers_point_onward(picture: CircuitPicture) -> None:
    layers = layered({node.key: node.parents for node in picture.components})
    for node in picture.components:
        for parent in node.parents:
            assert layers.layer[parent] < layers.layer[node.key]
            assert len(layers.lanes[parent, node.key]) == layers.layer[node.key] - layers.layer[parent] - 1
    for depth in range(layers.depth):
        row = sorted(layers.across[n.key] for n in picture.components if layers.layer[n.key] == depth)
        assert all(after - before >= 0.98 for before, after in pairwise(row))


def test_ordering_undoes_a_crossing() -> None:
    layers = layered({"a": (), "b": (), "c": ("b",), "d": ("a",)})
    assert (layers.across["a"] - layers.across["b"]) * (layers.across["d"] - layers.across["c"]) > 0


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(1, 3)), min_size=1, max_size=8), st.integers(1, 3))
def test_spread_is_the_least_squares_answer(wanted: list[tuple[int, int]], gap: int) -> None:
    """Convex problem: nothing that keeps the gaps, in any direction of a fine net around it, does better."""
    goals, weights = zip(*wanted, strict=True)
    placed = np.array(spread(goals, [gap] * (len(goals) - 1), weights))
    assert all(np.diff(placed) >= gap - 1e-9)

    def cost(y: np.ndarray) -> float:
        return float(np.sum(np.array(weights) * (y - np.array(goals)) ** 2))

    for start in range(len(placed)):
        for stop in range(start + 1, len(placed) + 1):
            for step in (-0.01, 0.01):
                other = placed.copy()
                other[start:stop] += step
                if all(np.diff(other) >= gap - 1e-9):
                    assert cost(other) >= cost(placed) - 1e-9


def test_the_same_graph_gives_the_same_scene() -> None:
    assert circuit_scene(SUM_TIMES) == circuit_scene(SUM_TIMES)


@pytest.mark.parametrize("size", [1, 2])
def test_the_smallest_graphs_are_drawn(size: int) -> None:
    scene = circuit_scene(CircuitPicture(SUM_TIMES.components[:size]))
    assert scene.width > 0
    assert clashes(scene) == []
