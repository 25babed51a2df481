"""Who judges the judges: hand calculation, each other, and difference quotients at 60 digits."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

from tests.oracle import (
    disagreements,
    high_precision_network,
    high_precision_steps,
    networks,
    read_network,
    reference_network,
    reference_steps,
    to_toml,
    weight_paths,
)
from tests.oracle.high_precision import WORKING_DIGITS, evaluate, typed_parameters
from tests.oracle.tape import Tape

BY_HAND = """
# a1 = 1·3 + 2·(−1) + 0.5 = 1.5, h1 = relu(1.5); a2 = (2·1.5, −1·1.5) + 0.25; L = ½ Σ (h2 − t)²
[network]
inputs = [1, 2]
targets = [3, -1]
loss = { name = "squared_error", factor = 0.5 }
weight_order = "from-to"
learning_rate = 0.1
fixed = ["b1"]
[[network.layer]]
weights = [[3], [-1]]
biases = [0.5]
activation = "relu"
[[network.layer]]
weights = [[2, -1]]
bias = 0.25
activation = "linear"
"""
# Exact in decimals, but for the loss afterwards, which is worked out beside its line.
EXPECTED = {
    "x": [1, 2],
    "t": [3, -1],
    "W1": [[3], [-1]],
    "b1": [0.5],
    "a1": [1.5],
    "h1": [1.5],
    "W2": [[2, -1]],
    "b2": 0.25,
    "a2": [3.25, -1.25],
    "h2": [3.25, -1.25],
    "L": 0.0625,
    "dL/dh2": [0.25, -0.25],
    "dL/da2": [0.25, -0.25],
    "dL/dW2": [[0.375, -0.375]],
    "dL/db2": 0,
    "dL/dh1": [0.75],
    "dL/da1": [0.75],
    "dL/dW1": [[0.75], [1.5]],
    "dL/db1": [0.75],
    "dL/dx": [2.25, -0.75],
    "W1'": [[2.925], [-1.15]],
    "b1'": [0.5],
    "W2'": [[1.9625, -0.9625]],
    "b2'": 0.25,
    # h1' = 2.925 − 2.3 + 0.5 = 1.125; h2' = (2.4578125, −0.8328125); residuals −0.5421875 and 0.1671875
    "L'": (0.5421875**2 + 0.1671875**2) / 2,
}


@pytest.mark.parametrize("judge", [reference_network, high_precision_network])
def test_a_network_worked_by_hand(judge: Any) -> None:
    judged = judge(tomllib.loads(BY_HAND))
    assert judged.keys() == EXPECTED.keys()
    assert not disagreements(judged, EXPECTED, relative=1e-15)
    assert not disagreements(EXPECTED, judged, relative=1e-15)


@pytest.mark.parametrize("judge", [reference_network, high_precision_network])
def test_nothing_is_updated_without_a_rate(judge: Any) -> None:
    judged = judge(tomllib.loads(BY_HAND.replace("learning_rate = 0.1\n", "")))
    assert judged.keys() == {name for name in EXPECTED if not name.endswith("'")}


@pytest.mark.parametrize("judge", [reference_network, high_precision_network])
def test_several_samples_keep_their_axis_and_share_the_loss(judge: Any) -> None:
    layer = {"weights": [[2]], "activation": "linear"}
    table = {
        "inputs": [[1], [3]],
        "targets": [[0], [0]],
        "loss": "squared_error",
        "learning_rate": 1,
        "layer": [layer],
    }
    judged = judge({"network": table})
    expected = {"L": 20, "dL/da1": [[2], [6]], "dL/dW1": [[20]], "dL/dx": [[4], [12]], "h1": [[2], [6]]}
    assert not disagreements(judged, expected, relative=1e-15)


@pytest.mark.parametrize("judge", [reference_network, high_precision_network])
def test_a_diagonal_softmax_takes_each_output_for_itself(judge: Any) -> None:
    layer = {"weights": [[0.5, -0.5], [0.25, 1]], "activation": "softmax"}
    table = {
        "inputs": [1, 2],
        "targets": [1, 0],
        "loss": "squared_error",
        "learning_rate": 1,
        "layer": [layer],
    }
    diagonal = judge({"network": {**table, "softmax_jacobian": "diagonal"}})
    h, by_h, by_a = (np.array(diagonal[name]).astype(float) for name in ("h1", "dL/dh1", "dL/da1"))
    np.testing.assert_allclose(by_a, by_h * h * (1 - h), rtol=1e-14)
    full = judge({"network": table})
    np.testing.assert_allclose(float(np.sum(full["dL/da1"])), 0, atol=1e-15)


@given(networks(steps=(1, 2)))
@settings(max_examples=60)
def test_the_judges_agree(problem: dict[str, Any]) -> None:
    for computed, reference in zip(reference_steps(problem), high_precision_steps(problem), strict=True):
        assert computed.keys() == reference.keys()
        assert not disagreements(computed, reference)


@pytest.mark.slow
@given(networks(steps=(1, 3)))
@settings(max_examples=1000)
def test_the_judges_agree_at_length(problem: dict[str, Any]) -> None:
    for computed, reference in zip(reference_steps(problem), high_precision_steps(problem), strict=True):
        assert computed.keys() == reference.keys()
        assert not disagreements(computed, reference)


@given(networks(), st.integers(0, 2**32))
@settings(max_examples=60)
def test_gradients_are_difference_quotients(problem: dict[str, Any], seed: int) -> None:
    # The diagonal softmax is not a derivative of anything.
    problem["network"].pop("softmax_jacobian", None)
    network, rng = read_network(problem), np.random.default_rng(seed)
    judged = high_precision_network(problem)
    with mp.workdps(WORKING_DIGITS):
        parameters = typed_parameters(network)
        direction = {name: rng.integers(-9, 10, np.shape(value)) for name, value in parameters.items()}
        slope = mp.fsum(np.sum(np.array(judged[f"dL/d{name}"]) * by) for name, by in direction.items())

        def loss(step: Any) -> Any:
            moved = {name: np.array(value) + step * direction[name] for name, value in parameters.items()}
            tape = Tape()
            on_tape = {
                name: np.vectorize(tape.node, otypes=[object])(value).tolist()
                for name, value in moved.items()
            }
            return evaluate(network, tape, on_tape).loss.value

        tiny = mp.mpf(10) ** -20
        quotient = (loss(tiny) - loss(-tiny)) / (2 * tiny)
        # The quotient is off by the third derivative times 10⁻⁴⁰, and by 10⁻⁶⁰ / 10⁻²⁰ of rounding.
        assert abs(slope - quotient) <= mp.mpf(10) ** -30 * (1 + abs(slope))


@given(networks(depths=(1, 3), widths=(1, 3)), st.data())
@settings(max_examples=60)
def test_the_paths_of_a_weight_sum_to_its_gradient(problem: dict[str, Any], data: st.DataObject) -> None:
    problem["network"].pop("l2", None)
    judged, network = high_precision_network(problem), read_network(problem)
    layer = data.draw(st.integers(1, len(network.layers)))
    by_file = np.array(judged[f"dL/dW{layer}"])
    gradient = by_file.T if network.from_to else by_file
    to, from_ = (data.draw(st.integers(1, size)) for size in gradient.shape)
    paths = [
        path
        for sample in range(1, len(network.inputs) + 1)
        for path in weight_paths(problem, layer, to, from_, sample)
    ]
    with mp.workdps(50):
        total = mp.fsum(path.product for path in paths)
        assert abs(total - gradient[to - 1, from_ - 1]) <= mp.mpf(10) ** -50


def test_a_path_names_its_factors() -> None:
    (first, second) = weight_paths(tomllib.loads(BY_HAND), layer=1, to=1, from_=2)
    assert [name for name, _ in first.factors] == [
        "dL/dh2[1]",
        "dh2[1]/da2[1]",
        "da2[1]/dh1[1]",
        "dh1[1]/da1[1]",
        "da1[1]/dW1[1,2]",
    ]
    assert [float(value) for _, value in first.factors] == [0.25, 1, 2, 1, 2]
    assert (first.product, second.product) == (1, 0.5)


def test_fifty_digits_from_the_decimals_as_typed() -> None:
    typed = tomllib.loads(BY_HAND.replace("-1\n", "0.1\n").replace("0.5]", "0.1]"), parse_float=Decimal)
    judged = high_precision_network(typed)
    with mp.workdps(55):
        assert abs(judged["b1"][0] - mp.mpf("0.1")) < mp.mpf(10) ** -50
        assert abs(judged["b1"][0] - mp.mpf(0.1)) > mp.mpf(10) ** -20  # the float64 next to it
        assert abs(judged["a1"][0] - mp.mpf("1.1")) < mp.mpf(10) ** -50


@given(networks(steps=(1, 2)))
@settings(max_examples=60)
def test_a_file_says_what_the_problem_says(problem: dict[str, Any]) -> None:
    text = to_toml(problem)
    assert tomllib.loads(text) == problem
    as_typed = high_precision_network(tomllib.loads(text, parse_float=Decimal))
    assert all(np.all(as_typed[name] == value) for name, value in high_precision_network(problem).items())
