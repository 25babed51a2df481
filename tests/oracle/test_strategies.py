"""The random networks are what they promise: varied, short to type, clear of trouble."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from tests.oracle import networks, read_network, reference_steps
from tests.oracle.clearance import is_clear, suits, suits_loss
from tests.oracle.reading import ACTIVATIONS, LOSSES


def _numbers(value: Any) -> list[int | float]:
    if isinstance(value, dict):
        return [number for part in value.values() for number in _numbers(part)]
    if isinstance(value, list):
        return [number for part in value for number in _numbers(part)]
    return [value] if isinstance(value, int | float) else []


@given(networks(steps=(1, 2)))
@settings(max_examples=40)
def test_numbers_are_short_and_clear(problem: dict[str, Any]) -> None:
    assert all(Decimal(str(number)) * 1000 % 1 == 0 for number in _numbers(problem))
    assert all(is_clear(problem, step) for step in reference_steps(problem))


@given(networks(activations=["relu"], losses=["hinge"], depths=(2, 2), widths=(3, 4), samples=(2, 3)))
@settings(max_examples=20)
def test_a_sweep_can_be_narrowed(problem: dict[str, Any]) -> None:
    network = read_network(problem)
    assert [layer.activation for layer in network.layers] == ["relu", "relu"]
    assert network.loss.name == "hinge"
    assert len(network.inputs) in (2, 3)
    assert len(network.inputs[0]) in (3, 4)


@pytest.mark.slow
def test_every_function_and_spelling_turns_up() -> None:
    hidden: set[str] = set()
    last: set[tuple[str, str]] = set()
    spellings: set[str] = set()

    @settings(max_examples=2000, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(networks())
    def collect(problem: dict[str, Any]) -> None:
        network, table = read_network(problem), problem["network"]
        hidden.update(layer.activation for layer in network.layers[:-1])
        last.add((network.loss.name, network.layers[-1].activation))
        spellings.update(table)
        spellings.update(key for layer in table["layer"] for key in layer)
        spellings.update(table["loss"] if isinstance(table["loss"], dict) else ["plain loss"])
        spellings.add(f"batched {network.batched}")
        spellings.add(f"depth {len(network.layers)}")

    collect()
    assert hidden == set(ACTIVATIONS)
    probabilities = ("binary_cross_entropy", "cross_entropy")
    assert last == {
        (loss, name)
        for loss in LOSSES
        for name in (("sigmoid", "softmax") if loss in probabilities else ACTIVATIONS)
    }
    assert spellings >= {
        *("weight_order", "learning_rate", "optimizer", "fixed", "l2", "softmax_jacobian", "bias", "biases"),
        *("plain loss", "name", "factor", "outputs", "samples", "batched True", "batched False"),
        *(f"depth {depth}" for depth in range(1, 6)),
    }


def test_clearance_knows_kinks_saturation_and_log_zero() -> None:
    assert not suits("relu", np.array([[1.0, 1e-9]]))
    assert suits("linear", np.array([[1.0, 1e-9]]))
    assert not suits("sigmoid", np.array([[30.0]]))
    assert not suits("softmax", np.array([[1.0]]))
    assert not suits_loss("cross_entropy", np.array([1e-9]), np.array([1.0]))
    assert not suits_loss("huber", np.array([1.0]), np.array([2.0]))
    assert not suits_loss("hinge", np.array([1.0]), np.array([1.0]))
    assert suits_loss("squared_error", np.array([1.0]), np.array([2.0]))
