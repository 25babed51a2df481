"""Every activation with every loss, in every form: a document comes out, and its lines keep the rounding contract."""

from __future__ import annotations

import itertools
import random

import pytest

from solver.document.explain import explain
from solver.functions import ACTIVATIONS, LOSSES
from solver.spec import loads_problem
from solver.writers.formats import write
from tests.document.test_rounding_contract import broken

PAIRS = list(itertools.product([name for name in ACTIVATIONS if name != "phi"], LOSSES))


def problem_text(activation: str, loss: str) -> str:
    """Return a 2-3-2 network with these functions; form, rounding, weight order and samples vary with the pair."""
    choose = random.Random(f"{activation} {loss}")
    order = choose.choice(["to-from", "from-to"])
    samples = choose.choice([0, 2])
    last = choose.choice(["sigmoid", "softmax"]) if "cross" in loss else choose.choice([activation, "linear"])

    def grid(rows: int, columns: int) -> list[list[float]]:
        return [[round(choose.uniform(-0.9, 0.9), 2) for _ in range(columns)] for _ in range(rows)]

    first, second = ((3, 2), (2, 3)) if order == "to-from" else ((2, 3), (3, 2))
    inputs = grid(samples, 2) if samples else grid(1, 2)[0]
    targets = [[1, 0]] * samples if samples else [1, 0]
    return f"""
    [network]
    inputs = {inputs}
    targets = {targets}
    loss = "{loss}"
    weight_order = "{order}"
    learning_rate = 0.1
    [[network.layer]]
    weights = {grid(*first)}
    biases = [0.1, 0.2, -0.1]
    activation = "{activation}"
    [[network.layer]]
    weights = {grid(*second)}
    bias = 0.05
    activation = "{last}"
    [numbers]
    rounding = "{choose.choice(["carry", "by-hand"])}"
    [work]
    form = "{choose.choice(["paths", "matrix"])}"
    derive = {choose.choice(["true", "false"])}
    detail = "first"
    gradients = ["W1", "b2"]
    """


@pytest.mark.parametrize(("activation", "loss"), PAIRS)
def test_every_pair_of_functions_makes_a_document(activation: str, loss: str) -> None:
    document = explain(loads_problem(problem_text(activation, loss)))
    assert broken(document) == []
    assert b"not finished" not in write(document, "md", stem="s")["s.md"]
