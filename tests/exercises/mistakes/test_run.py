"""A run without edits is the trace, for every kind; a row never disturbs its neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from solver.arithmetic import Float64
from solver.exercises.mistakes import Cell, Edit, Spot, Subject, all_elements, outcomes, planted
from solver.graph import Model, build
from solver.graph.build import BUILDERS
from solver.quantities import Quantity, Role
from solver.review.figures import cell_of
from solver.spec import loads_problem, new_problem_text
from solver.trace.solve import solve_steps

EXTREME = """
[network]
inputs = [40, -30]
targets = [1, 0]
loss = "cross_entropy"
learning_rate = 0.1
steps = 2
[[network.layer]]
weights = [[1, 0.5], [0.5, -1]]
activation = "softmax"
"""


def addressed(model: Model) -> tuple[list[Cell], np.ndarray]:
    """Return every element of every step with its true value."""
    cells: list[Cell] = []
    values: list[float] = []
    graph = model.graph
    for step, found in enumerate(solve_steps(model, Float64()), start=1):
        arrays = dict(found.values) | {
            graph.gradient(q): a for q, a in found.gradients.items() if q != graph.root.quantity
        }
        arrays |= {**found.states, **found.updated}
        for key, array in arrays.items():
            cells += [cell_of(graph, element, step) for element in all_elements(graph, key)]
            values += array[0].ravel().tolist()
    return cells, np.array(values)


@pytest.mark.parametrize("kind", BUILDERS)
def test_without_an_edit_a_run_is_the_trace(kind: str) -> None:
    model = build(loads_problem(new_problem_text(kind)))
    cells, true = addressed(model)
    found, alive = outcomes(model, [(), ()], cells)
    assert alive.all()
    np.testing.assert_allclose(found, np.stack([true, true]), rtol=1e-9, atol=1e-13)


def test_several_steps_and_saturated_outputs() -> None:
    model = build(loads_problem(EXTREME))
    cells, true = addressed(model)
    found, _ = outcomes(model, [()], cells)
    np.testing.assert_allclose(found[0], true, rtol=1e-6, atol=1e-12)


def test_an_output_that_rounds_to_one_may_miss_its_target() -> None:
    text = (
        EXTREME.replace("steps = 2", "")
        .replace("softmax", "sigmoid")
        .replace("cross_ent", "binary_cross_ent")
    )
    model = build(loads_problem(text.replace("targets = [1, 0]", "targets = [0, 0]")))
    cells, true = addressed(model)
    found, alive = outcomes(model, [()], cells)
    assert alive.all()
    np.testing.assert_allclose(found[0], true, rtol=1e-6, atol=1e-12)


def test_rows_do_not_disturb_each_other() -> None:
    model = build(loads_problem(new_problem_text("network")))
    cells, true = addressed(model)
    plants = list(planted(Subject(model)))
    trials = [edits for plant in plants[:60] for edits in (plant.edits, ())]
    found, _ = outcomes(model, trials, cells)
    np.testing.assert_allclose(found[1::2], np.broadcast_to(true, found[1::2].shape), rtol=1e-9, atol=1e-13)
    alone = [outcomes(model, [plant.edits], cells)[0][0] for plant in plants[:12]]
    np.testing.assert_allclose(found[0:24:2], np.stack(alone), rtol=1e-12, atol=1e-15)


def test_a_row_without_a_value_dies_alone() -> None:
    text = '[network]\ninputs = [0.5]\ntargets = [1]\nloss = "binary_cross_entropy"\nlearning_rate = 1\n'
    text += "[[network.layer]]\nweights = [[1]]\n"
    model = build(loads_problem(text))
    cells, true = addressed(model)
    outside = Edit(Quantity("h", 1), lambda sight: sight.array * 0 - 2.0)
    found, alive = outcomes(model, [(), (outside,), ()], cells)
    assert alive.tolist() == [True, False, True]
    np.testing.assert_allclose(found[[0, 2]], np.stack([true, true]), rtol=1e-9)


def test_a_state_without_a_value_kills_its_row_alone() -> None:
    """A sign slipped into Adam's v leaves nothing to take a root of in the next step."""
    text = '[network]\ninputs = [0.5]\ntargets = [1]\nloss = "squared_error"\nsteps = 2\n'
    text += 'optimizer = { name = "adam", learning_rate = 0.1 }\n[[network.layer]]\nweights = [[1]]\n'
    model = build(loads_problem(text))
    cells, true = addressed(model)
    flipped = Edit(Quantity("W", 1).state(Role.SECOND_MOMENT), lambda sight: -sight.array, step=1)
    found, alive = outcomes(model, [(), (flipped,), ()], cells)
    assert alive.tolist() == [True, False, True]
    np.testing.assert_allclose(found[[0, 2]], np.stack([true, true]), rtol=1e-9)


def test_parts_of_a_large_batch_are_joined_in_order() -> None:
    model = build(loads_problem(new_problem_text("network")))
    cells, _ = addressed(model)
    trials = [plant.edits for plant in list(planted(Subject(model)))[:40]]
    np.testing.assert_array_equal(
        outcomes(model, trials, cells)[0], outcomes(model, trials, cells, budget=100)[0]
    )


def test_a_silent_edit_is_used_but_not_printed() -> None:
    model = build(loads_problem(new_problem_text("network")))
    first = Cell(Spot(1, Quantity("a", 1)), 0)
    after = Cell(Spot(1, Quantity("h", 1)), 0)
    moved = Edit(Quantity("a", 1), lambda sight: sight.array + 1.0, shown=False)
    found, _ = outcomes(model, [(), (moved,)], [first, after])
    assert found[0, 0] == found[1, 0]
    assert found[0, 1] != found[1, 1]


def test_an_update_goes_on_from_the_states_that_were_written() -> None:
    text = EXTREME.replace("learning_rate = 0.1", 'optimizer = { name = "adam", learning_rate = 0.1 }')
    model = build(loads_problem(text.replace("[40, -30]", "[1, -2]")))
    weights = next(iter(model.graph.trainable))
    before = float(model.given[weights].values[0, 0, 0])
    every = [(), *(plant.edits for plant in planted(Subject(model)))]
    assert outcomes(model, every, [Cell(Spot(1, weights.updated()), 0)])[1][
        0
    ]  # a v below 0 spoils no other row
    plants = [plant for plant in planted(Subject(model)) if "bias correction" in plant.saying.template]
    found, _ = outcomes(
        model, [(), *(plant.edits for plant in plants)], [Cell(Spot(1, weights.updated()), 0)]
    )
    by_name = {str(plant.saying): after - before for plant, (after,) in zip(plants, found[1:], strict=True)}
    step = found[0, 0] - before  # η m̂ / √v̂, with m = 0.1 m̂ and v = 0.001 v̂
    assert by_name["the bias correction was left out of mhat_W1"] == pytest.approx(0.1 * step, rel=1e-4)
    assert by_name["the bias correction was left out of vhat_W1"] == pytest.approx(
        step / 0.001**0.5, rel=1e-4
    )
    assert by_name["the bias correction was left out of every moment"] == pytest.approx(
        0.1 * step / 0.001**0.5, rel=1e-4
    )
