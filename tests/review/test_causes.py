"""Every mistake of the table, made by hand in a small network and carried through: one slip, named as what it is.

The network is computed here with numpy alone, line by line as a person would; a mistake replaces one line, and all lines
after it go on from what it gave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from solver.exercises.mistakes import MISTAKES
from solver.quantities import Quantity
from solver.review.verdicts import Judgement, Verdict
from tests.review.given import claimed

X = np.array([[1.2, -0.7], [0.4, 1.5], [-0.9, 0.3]])
T = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
W1 = np.array([[0.6, -0.4], [0.3, 0.8]])
B1 = np.array([0.25, -0.15])
W2 = np.array([[0.5, -0.9], [0.7, 0.2]])
B2 = np.array([-0.35, 0.45])
RATE = 0.2

TEXT = f"""
[network]
inputs = {X.tolist()}
targets = {T.tolist()}
loss = {{ name = "squared_error", factor = 0.5 }}
learning_rate = {RATE}
[[network.layer]]
weights = {W1.tolist()}
biases = {B1.tolist()}
activation = "sigmoid"
[[network.layer]]
weights = {W2.tolist()}
biases = {B2.tolist()}
activation = "sigmoid"
"""

Values = dict[str, Any]
Line = Callable[[Values], Any]


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


LINES: Mapping[str, Line] = {
    "a1": lambda v: X @ W1.T + B1,
    "h1": lambda v: sigmoid(v["a1"]),
    "a2": lambda v: v["h1"] @ W2.T + B2,
    "h2": lambda v: sigmoid(v["a2"]),
    "L": lambda v: np.sum((v["h2"] - T) ** 2) / 2 / 3,
    "dL/dh2": lambda v: (v["h2"] - T) / 3,
    "dL/da2": lambda v: v["dL/dh2"] * v["h2"] * (1 - v["h2"]),
    "dL/db2": lambda v: v["dL/da2"].sum(axis=0),
    "dL/dW2": lambda v: v["dL/da2"].T @ v["h1"],
    "dL/dh1": lambda v: v["dL/da2"] @ W2,
    "dL/da1": lambda v: v["dL/dh1"] * v["h1"] * (1 - v["h1"]),
    "dL/db1": lambda v: v["dL/da1"].sum(axis=0),
    "dL/dW1": lambda v: v["dL/da1"].T @ X,
    "W1'": lambda v: W1 - RATE * v["dL/dW1"],
    "b1'": lambda v: B1 - RATE * v["dL/db1"],
    "W2'": lambda v: W2 - RATE * v["dL/dW2"],
    "b2'": lambda v: B2 - RATE * v["dL/db2"],
}


def worked(wrong: Mapping[str, Line] = MappingProxyType({})) -> Values:
    """Return every line of the solution, some of them wrong."""
    values: Values = {}
    for name, line in LINES.items():
        values[name] = wrong.get(name, line)(values)
    return values


def judged(wrong: Mapping[str, Line], text: str = TEXT) -> list[Judgement]:
    """Return what is found of a solution with some lines wrong, every number printed to six digits."""
    values = worked(wrong)
    claims = [(name, _toml(values[name])) for name in LINES]
    return list(claimed(*claims, problem=text).figures)


def _toml(value: Any) -> str:
    if np.ndim(value):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return f'"{value:#.6g}"'


def without(array: Any, place: tuple[int, int], amount: float) -> Any:
    """Return an array with something taken from one of its elements."""
    changed = array.copy()
    changed[place] -= amount
    return changed


def step(name: str, of: Callable[[Any, Any], Any]) -> dict[str, Line]:
    """Return an update that is made otherwise, from the old parameter and its gradient."""
    old = {"W1": W1, "b1": B1, "W2": W2, "b2": B2}[name]
    return {f"{name}'": lambda v: of(old, v[f"dL/d{name}"])}


def every_step(of: Callable[[Any, Any], Any]) -> dict[str, Line]:
    """Return all updates made otherwise."""
    return {key: line for name in ("W1", "b1", "W2", "b2") for key, line in step(name, of).items()}


CAUSES: dict[str, tuple[str, dict[str, Line]]] = {
    "the sign of dL/da2 was flipped": ("sign-flipped", {"dL/da2": lambda v: -LINES["dL/da2"](v)}),
    "the sign of dL/dh2 was flipped": ("sign-flipped", {"dL/dh2": lambda v: (T - v["h2"]) / 3}),
    "W1[2,1] · x[1,1] was left out of a1[1,2]": (
        "term-left-out", {"a1": lambda v: without(LINES["a1"](v), (0, 1), W1[1, 0] * X[0, 0])}),
    "the path through a2[2,1] was left out of dL/dh1[2,2]": (
        "term-left-out",
        {"dL/dh1": lambda v: without(LINES["dL/dh1"](v), (1, 1), W2[0, 1] * v["dL/da2"][1, 0])}),
    "the bias b2 was left out of a2": ("bias-left-out", {"a2": lambda v: v["h1"] @ W2.T}),
    "a factor ½ was forgotten in L": ("factor", {"L": lambda v: 2 * LINES["L"](v)}),
    "a factor ½ was taken twice in L": ("factor", {"L": lambda v: LINES["L"](v) / 2}),
    "the factor 1/3 of the mean over the 3 samples was forgotten in dL/dW2": (
        "factor", {"dL/dW2": lambda v: 3 * LINES["dL/dW2"](v)}),
    "the mean over the 3 samples was taken once too often in dL/db1": (
        "factor", {"dL/db1": lambda v: LINES["dL/db1"](v) / 3}),
    "the derivative of the activation was forgotten in dL/da1": (
        "derivative-forgotten", {"dL/da1": lambda v: v["dL/dh1"]}),
    "the pre-activation a1 was used for h1 in the derivative in dL/da1": (
        "preactivation-used", {"dL/da1": lambda v: v["dL/dh1"] * v["a1"] * (1 - v["a1"])}),
    "the pre-activation a1 was used for the activation h1": ("preactivation-used", {"h1": lambda v: v["a1"]}),
    "the pre-activation a1 was used for the activation h1 in dL/dW2": (
        "preactivation-used", {"dL/dW2": lambda v: v["dL/da2"].T @ v["a1"]}),
    "the weights W2 were transposed in a2": ("weights-transposed", {"a2": lambda v: v["h1"] @ W2 + B2}),
    "the weights W2 were transposed in dL/dh1": (
        "weights-transposed", {"dL/dh1": lambda v: v["dL/da2"] @ W2.T}),
    "the already updated weights W2 were used in dL/dh1": (
        "updated-weights", {"dL/dh1": lambda v: v["dL/da2"] @ (W2 - RATE * v["dL/dW2"])}),
    "dL/dW1 was divided by x instead of multiplied": (
        "divided", {"dL/dW1": lambda v: v["dL/da1"].T @ (1 / X)}),
    "dL/da2 was divided by the derivative of the activation instead of multiplied": (
        "divided", {"dL/da2": lambda v: v["dL/dh2"] / (v["h2"] * (1 - v["h2"]))}),
    "the gradient was divided by the learning rate in W2'": ("divided", step("W2", lambda w, g: w - g / RATE)),
    "the learning rate was forgotten in W1'": ("rate-forgotten", step("W1", lambda w, g: w - g)),
    "the learning rate was applied twice in every update": (
        "rate-twice", every_step(lambda w, g: w - RATE**2 * g)),
    "the gradient was added instead of subtracted in every update": (
        "update-sign", every_step(lambda w, g: w + RATE * g)),
    "b1' was left at its old value": ("not-updated", step("b1", lambda w, g: w)),
    "h1 was rounded to 2 digits before it was used": (
        "rounded", {"a2": lambda v: np.round(v["h1"], 2) @ W2.T + B2,
                    "dL/dW2": lambda v: v["dL/da2"].T @ np.round(v["h1"], 2),
                    "dL/da1": lambda v: v["dL/dh1"] * np.round(v["h1"], 2) * (1 - np.round(v["h1"], 2))}),
}  # fmt: skip


@pytest.mark.parametrize("sentence", CAUSES)
def test_a_mistake_that_is_carried_through_is_one_slip_with_its_name(sentence: str) -> None:
    name, wrong = CAUSES[sentence]
    figures = judged(wrong)
    slip = next(j for j in figures if j.verdict is Verdict.WRONG)
    assert str(slip.cause) == sentence
    assert slip.mistakes == (name,)
    assert isinstance(slip.figure.key, Quantity)
    assert slip.figure.key.array_name == next(iter(wrong))
    assert [j for j in figures if j.verdict is Verdict.WRONG and j.root is None] == [slip]
    place = figures.index(slip)
    for judgement in figures:
        if judgement.root is not None:
            assert judgement.root == place
            assert str(judgement.cause) == f"follows from the slip in {slip.figure.key}"


def test_the_solution_itself_has_nothing_to_tell() -> None:
    assert {(j.verdict, j.cause) for j in judged({})} == {(Verdict.AGREES, None)}


def test_a_fixed_bias_that_is_updated() -> None:
    text = TEXT.replace(f"learning_rate = {RATE}", f'learning_rate = {RATE}\nfixed = ["b2"]')
    slip, sibling = (j for j in judged({}, text) if j.verdict is Verdict.WRONG)
    assert str(slip.cause) == "b2 is fixed, but was updated in b2'"
    assert slip.mistakes == ("fixed-updated",)
    assert str(sibling.cause) == "follows from the slip in b2'[1]"


def test_the_logarithm_to_base_ten() -> None:
    text = TEXT.replace('{ name = "squared_error", factor = 0.5 }', '"binary_cross_entropy"')
    y = worked()["h2"]
    loss = -np.sum(T * np.log10(y) + (1 - T) * np.log10(1 - y)) / 3
    found = claimed(("L", f'"{loss:.6f}"'), problem=text).findings[0]
    assert found.cause == "the logarithm to base 10 was taken in L"


PENMANSHIP = [
    ("the decimal point slipped one place to the left in L", "decimal-point", 0.1),
    ("the decimal point slipped two places to the right in L", "decimal-point", 100),
    ("the sign of L was flipped", "sign-flipped", -1),
]


@pytest.mark.parametrize(("sentence", "name", "factor"), PENMANSHIP)
def test_a_slip_of_the_pen(sentence: str, name: str, factor: float) -> None:
    loss = worked()["L"]
    found = claimed(("h2", _toml(worked()["h2"])), ("L", f'"{factor * loss:.6g}"'), problem=TEXT).figures[-1]
    assert (str(found.cause), found.mistakes) == (sentence, (name,))


def test_every_row_of_the_table_is_met_here_or_beside() -> None:
    met = {name for name, _ in CAUSES.values()} | {name for _, name, _ in PENMANSHIP}
    met |= {"fixed-updated", "decadic-logarithm"}  # above
    met |= {"digits-swapped", "digit-mistyped", "softmax-elementwise", "other-quantity"}  # in test_judge
    assert met == set(MISTAKES)
