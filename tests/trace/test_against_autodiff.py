"""Every quantity of `solve` against automatic differentiation, over random dense networks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.arithmetic import Certified, Digits, Float64
from solver.graph import build
from solver.graph.model import Model
from solver.spec import loads_problem
from solver.trace.chain import chain_rule
from solver.trace.check import check_gradients
from solver.trace.json_form import to_json
from solver.trace.ledger import Ledger
from solver.trace.solve import solve_steps
from tests.oracle import disagreements, high_precision_network, networks, reference_steps, to_toml
from tests.oracle.complex_step import complex_step, has_complex_step


def model_of(table: dict[str, Any]) -> Model:
    """Return the graph of a problem that hypothesis drew, read as a file would be."""
    return build(loads_problem(to_toml(table)))


def quantities(table: dict[str, Any]) -> dict[str, Any]:
    """Return what `solve` prints."""
    return dict(to_json(model_of(table), title="", kind="network")["quantities"])


@settings(max_examples=120)
@given(networks())
def test_every_quantity_equals_automatic_differentiation(table: dict[str, Any]) -> None:
    assert disagreements(quantities(table), reference_steps(table)[0]) == []


@pytest.mark.slow
@settings(max_examples=500)
@given(networks())
def test_every_quantity_of_five_hundred_networks(table: dict[str, Any]) -> None:
    assert disagreements(quantities(table), reference_steps(table)[0]) == []


@settings(max_examples=40)
@given(networks(steps=(2, 4)))
def test_later_steps_go_on_from_earlier_ones(table: dict[str, Any]) -> None:
    steps = to_json(model_of(table), title="", kind="network")["steps"]
    expected = reference_steps(table)
    assert len(steps) == len(expected)
    for mine, theirs in zip(steps, expected, strict=True):
        assert disagreements(mine, theirs, relative=1e-11) == []


@settings(max_examples=40)
@given(networks(depths=(1, 3), widths=(1, 4), samples=(1, 2)))
def test_certified_balls_contain_fifty_digits(table: dict[str, Any]) -> None:
    """What is printed is computed in balls: their midpoints agree with an independent 50-digit evaluation."""
    model = model_of(table)
    numbers = Certified(256)
    step = solve_steps(model, numbers)[0]
    expected = high_precision_network(table)
    for group in (step.values, step.gradients):
        for quantity, array in group.items():
            name = (quantity.gradient() if group is step.gradients else quantity).array_name
            if name not in expected or name == "dL/dL":
                continue
            found = np.asarray(array[0])
            if model.graph.node(quantity).per_sample and not model.graph.sample_axis:
                found = found[0]
            for mine, theirs in zip(
                found.ravel(), np.asarray(expected[name], dtype=object).ravel(), strict=True
            ):
                assert abs(float(mine - numbers.number(0)) - float(theirs)) <= 1e-15 * max(
                    1.0, abs(float(theirs))
                )


@settings(max_examples=60)
@given(networks(depths=(1, 3), widths=(1, 3), samples=(1, 2)), st.data())
def test_sum_over_paths_equals_delta_form_equals_complex_step_equals_difference_quotient(
    table: dict[str, Any], data: st.DataObject
) -> None:
    model = model_of(table)
    graph = model.graph
    elements = [element for parameter in graph.parameters for element in graph.elements(parameter)]
    element = data.draw(st.sampled_from(elements))
    chains = chain_rule(graph, [element])
    numbers = Certified(128)
    by_paths = Ledger(model, Digits(12), definitions=chains.definitions)
    by_arrays = Ledger(model, Digits(12))
    with numbers.working():
        first, second = (ledger.value(element.gradient(), numbers) for ledger in (by_paths, by_arrays))
        assert float(abs(numbers.to_float(first - second))) <= 1e-25
        gradient = float(numbers.to_float(first))
    if has_complex_step(table):
        stepped = complex_step(table, element.array_name, element.index)
        assert abs(gradient - stepped) <= 1e-12 * max(1.0, abs(gradient))
    assert check_gradients(model).largest <= 1e-12


@pytest.mark.parametrize(
    ("activation", "loss", "corners"),
    [
        ("relu", "huber", 2),
        ("tanh", "huber", 0),
        ("tanh", "absolute_error", 2),
        ("step", "squared_error", 2),
    ],
)
def test_a_corner_has_no_difference_quotient_to_compare(activation: str, loss: str, corners: int) -> None:
    text = f"""
    [network]
    inputs = [1, 2]
    targets = [0, 0.5]
    loss = "{loss}"
    [[network.layer]]
    weights = [[0.5, -0.25]]
    activation = "{activation}"
    [[network.layer]]
    weights = [[2], [1]]
    activation = "tanh"
    """
    found = check_gradients(build(loads_problem(text)))
    assert (found.at_kinks, found.compared) == (corners, 4 - corners)
    assert found.largest <= 1e-12


@pytest.mark.parametrize("scale", [1, 20, 60])
def test_saturated_outputs_keep_their_digits(scale: int) -> None:
    """σ(60) rounds to 1 in float64; loss and delta are still right, from the pre-activation."""
    text = f"""
    [network]
    inputs = [{scale}]
    targets = [1]
    loss = "binary_cross_entropy"
    [[network.layer]]
    weights = [[1]]
    activation = "sigmoid"
    """
    model = build(loads_problem(text))
    step = solve_steps(model, Float64())[0]
    by_name = {quantity.array_name: array for quantity, array in step.values.items()}
    slopes = {quantity.array_name: array for quantity, array in step.gradients.items()}
    loss = float(by_name["L"][0])
    delta = float(slopes["a1"][0, 0, 0])
    assert loss == pytest.approx(np.log1p(np.exp(-scale)), rel=1e-14)
    assert delta == pytest.approx(-1 / (1 + np.exp(scale)), rel=1e-14)


@pytest.mark.parametrize("scale", [20, 30, 37, 300])
def test_a_saturated_output_may_miss_its_target(scale: int) -> None:
    """σ(37) rounds to 1 in float64; ∂L/∂h is 1 + e³⁷ all the same, and every digit of it is right."""
    text = f"""
    [network]
    inputs = [{scale}]
    targets = [0]
    loss = "binary_cross_entropy"
    [[network.layer]]
    weights = [[1]]
    activation = "sigmoid"
    """
    step = solve_steps(build(loads_problem(text)), Float64())[0]
    slopes = {quantity.array_name: array for quantity, array in step.gradients.items()}
    assert float(slopes["h1"][0, 0, 0]) == pytest.approx(1 + np.exp(scale), rel=1e-14)
    assert float(slopes["a1"][0, 0, 0]) == pytest.approx(1 / (1 + np.exp(-scale)), rel=1e-14)
