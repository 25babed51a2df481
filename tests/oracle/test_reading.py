"""A judge refuses what it does not know, and notices what differs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oracle import disagreements, read_network

TABLE: dict[str, Any] = {
    "inputs": [1],
    "targets": [0],
    "loss": "squared_error",
    "learning_rate": 1,
    "layer": [{"weights": [[2]], "activation": "linear"}],
}


@pytest.mark.parametrize(
    "change",
    [
        {"momentum": 0.9},
        {"loss": "focal"},
        {"loss": {"name": "huber", "delta": 2}},
        {"weight_order": "from_to"},
        {"softmax_jacobian": "half"},
        {"optimizer": {"name": "adam", "learning_rate": 0.1}},
        {"optimizer": {"name": "sgd", "learning_rate": 0.1, "weight_decay": 0.1}},
        {"layer": [{"weights": [[2]], "activation": "mish"}]},
        {"layer": [{"weights": [[2]], "activation": "linear", "dropout": [1]}]},
    ],
    ids="-".join,
)
def test_what_is_not_judged_is_refused(change: dict[str, Any]) -> None:
    assert read_network({"network": TABLE}).learning_rate == 1
    with pytest.raises(ValueError, match=r"judge|neither"):
        read_network({"network": {**TABLE, **change}})


def test_other_kinds_are_refused() -> None:
    with pytest.raises(ValueError, match="expression"):
        read_network({"kind": "expression", "expression": {}})


REFERENCE = {"L": 2.0, "dL/dW1": [[1.0, 1e-15]], "dL/db1": [1e-3, 0.0]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"L": 2.0 + 1e-11}, "L is"),
        ({"L": float("nan")}, "L is nan, not 2.0"),
        ({"L": [2.0]}, "L has shape (1,), not ()"),
        ({"dL/dW1": [[1.0 + 2e-12, 0.0]]}, "dL/dW1[0, 0] is"),
        ({"dL/db1": [1e-3, 1e-13]}, "dL/db1[1] is"),
        ({"dL/db1": [1e-3 + 2e-14, 0.0]}, "dL/db1[0] is"),
    ],
)
def test_a_difference_is_named(change: dict[str, Any], said: str) -> None:
    (found,) = disagreements(REFERENCE | change, REFERENCE)
    assert found.startswith(said)


def test_rounding_is_no_difference() -> None:
    computed = {"L": 2.0 + 1e-12, "dL/dW1": [[1.0, 3e-15]], "dL/db1": [1e-3 + 1e-15, 1e-15], "more": 1}
    assert not disagreements(computed, REFERENCE)


def test_a_missing_quantity_is_named() -> None:
    assert disagreements({}, {"L": 1.0}) == ["L is missing"]
