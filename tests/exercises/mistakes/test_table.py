"""Every mistake of the table against a computation that shares no line with it, and what each row must offer."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from solver import load
from solver.exercises.mistakes import MISTAKES, Cell, Plant, Saying, Subject, all_elements, outcomes, planted
from solver.graph import Model, build
from solver.graph.build import BUILDERS
from solver.quantities import Quantity
from solver.review.figures import cell_of
from solver.spec import loads_problem, new_problem_text

PROBLEMS = Path(__file__).parents[3] / "problems"

Floats = Any

X = np.array([1, 0.5, -1, 2])
W1 = np.array([[0.2, -0.1, 0.4, 0.1], [-0.3, 0.2, 0.1, -0.2], [0.1, 0.3, -0.2, 0.2]])
B1 = np.array([0, 0.1, -0.1])
W2 = np.array([[0.3, -0.2, 0.1], [-0.4, 0.1, 0.2]])
B2 = np.array([0.05, -0.05])
T = np.array([1, 0])
RATE = 0.1


def sigmoid(z: Floats) -> Floats:
    return 1 / (1 + np.exp(-z))


A1 = W1 @ X + B1
H1 = sigmoid(A1)
A2 = W2 @ H1 + B2
H2 = sigmoid(A2)
D2 = (H2 - T) * H2 * (1 - H2)
D1 = W2.T @ D2 * H1 * (1 - H1)


@pytest.fixture(scope="module")
def model() -> Model:
    return build(load(PROBLEMS / "four-three-two.toml"))


@pytest.fixture(scope="module")
def plants(model: Model) -> dict[str, Plant]:
    return {str(plant.saying): plant for plant in planted(Subject(model))}


def got(model: Model, plant: Plant, name: Quantity) -> Floats:
    """Return an array of the problem with a mistake planted."""
    cells = [cell_of(model.graph, element, 1) for element in all_elements(model.graph, name)]
    found, alive = outcomes(model, [plant.edits], cells)
    assert alive[0]
    shape = model.graph.node(name.value).shape
    return found[0].reshape(shape)


W, B = Quantity("W", 1), Quantity("b", 1)
GRADIENT = W.gradient()
DELTA1, DELTA2 = Quantity("a", 1).gradient(), Quantity("a", 2).gradient()


def relu_free(d2: Floats, weights: Floats = W2) -> Floats:
    return weights.T @ d2 * H1 * (1 - H1)


BY_HAND: dict[str, tuple[Quantity, Callable[[], Floats]]] = {
    "the derivative of the activation was forgotten in dL/da1": (DELTA1, lambda: W2.T @ D2),
    "the derivative of the activation was forgotten in dL/da2": (DELTA1, lambda: relu_free(H2 - T)),
    "the sign of dL/da2 was flipped": (GRADIENT, lambda: np.outer(relu_free(-D2), X)),
    "the sign of a1[2] was flipped": (Quantity("h", 1), lambda: sigmoid(A1 * [1, -1, 1])),
    "the bias b1 was left out of a1": (Quantity("a", 1), lambda: W1 @ X),
    "the pre-activation a1 was used for the activation h1": (Quantity("a", 2), lambda: W2 @ A1 + B2),
    "the pre-activation a1 was used for h1 in the derivative in dL/da1": (DELTA1, lambda: W2.T @ D2 * A1 * (1 - A1)),
    "the pre-activation a1 was used for the activation h1 in dL/dW2": (
        Quantity("W", 2).gradient(), lambda: np.outer(D2, A1)),
    "the derivative was taken at h1 instead of at a1 in dL/da1": (
        DELTA1, lambda: W2.T @ D2 * sigmoid(H1) * (1 - sigmoid(H1))),
    "dL/da1 was divided by the derivative of the activation instead of multiplied": (
        DELTA1, lambda: W2.T @ D2 / (H1 * (1 - H1))),
    "dL/dW1 was divided by x instead of multiplied": (GRADIENT, lambda: D1[:, None] / X),
    "the already updated weights W2 were used in dL/dh1": (
        DELTA1, lambda: relu_free(D2, W2 - RATE * np.outer(D2, H1))),
    "a factor ½ was forgotten in L": (Quantity("L"), lambda: np.sum((H2 - T) ** 2)),
    "a factor ½ was forgotten in dL/dh2": (DELTA2, lambda: 2 * D2),
    "a mean over the 2 outputs was taken once too often in L and in its gradients": (
        GRADIENT, lambda: np.outer(D1, X) / 2),
    "the learning rate was forgotten in W1'": (W.updated(), lambda: W1 - np.outer(D1, X)),
    "the learning rate was applied twice in every update": (B.updated(), lambda: B1 - RATE**2 * D1),
    "the gradient was added instead of subtracted in W1'": (W.updated(), lambda: W1 + RATE * np.outer(D1, X)),
    "the gradient was divided by the learning rate in b1'": (B.updated(), lambda: B1 - D1 / RATE),
    "every parameter was left at its old value": (W.updated(), lambda: W1),
    "W1[2,3] · x[3] was left out of a1[2]": (
        Quantity("a", 1), lambda: A1 - [0, W1[1, 2] * X[2], 0]),
    "the path through a2[1] was left out of dL/dh1": (
        Quantity("h", 1).gradient(), lambda: W2[1] * D2[1]),
    "the path through a2[2] was left out of dL/dh1[3]": (
        Quantity("h", 1).gradient(), lambda: W2.T @ D2 - [0, 0, W2[1, 2] * D2[1]]),
    "h1 was rounded to 1 decimal before it was used": (
        Quantity("a", 2), lambda: W2 @ np.round(H1, 1) + B2),
}  # fmt: skip


@pytest.mark.parametrize("sentence", BY_HAND)
def test_a_mistake_has_the_consequences_that_it_has_on_paper(
    model: Model, plants: dict[str, Plant], sentence: str
) -> None:
    name, by_hand = BY_HAND[sentence]
    np.testing.assert_allclose(got(model, plants[sentence], name), by_hand(), rtol=1e-12, atol=1e-15)


def test_the_softmax_as_if_elementwise() -> None:
    text = (PROBLEMS / "padhai-multiple-paths.toml").read_text().replace('softmax_jacobian = "diagonal"', "")
    full = build(loads_problem(text))
    short = build(load(PROBLEMS / "padhai-multiple-paths.toml"))
    plant = next(
        p for p in planted(Subject(full)) if p.mistake == "softmax-elementwise" and not p.place.index
    )
    name = GRADIENT
    cells = [cell_of(short.graph, element, 1) for element in all_elements(short.graph, name)]
    np.testing.assert_allclose(
        got(full, plant, name).ravel(), outcomes(short, [()], cells)[0][0], rtol=1e-12, atol=1e-16
    )


@pytest.mark.parametrize("factor", [1, 0.5])
@pytest.mark.parametrize("samples", ["mean", "sum"])
def test_only_a_factor_that_is_there_is_forgotten(factor: float, samples: str) -> None:
    problem = loads_problem(
        f"[network]\ninputs = [[1, 2], [3, 1], [0, 1]]\ntargets = [[1], [0], [1]]\n"
        f'loss = {{ name = "squared_error", factor = {factor}, samples = "{samples}" }}\n'
        "[[network.layer]]\nweights = [[0.1, 0.2]]\n"
    )
    model = build(problem)
    said = {str(plant.saying) for plant in planted(Subject(model)) if plant.mistake == "factor"}
    halved, averaged = factor == 0.5, samples == "mean"
    assert ("a factor ½ was forgotten in L" in said) == halved
    assert ("a factor 2 too many was taken in L" in said) != halved
    assert ("a factor ½ was taken twice in L" in said) == halved
    assert ("the factor 1/3 of a mean over the 3 samples was forgotten in L" in said) == averaged
    assert ("the factor 1/3 of the mean over the 3 samples was forgotten in dL/dW1" in said) == averaged
    assert ("the mean over the 3 samples was taken instead of the sum in dL/dW1" in said) != averaged


def test_weights_are_transposed_only_where_it_goes_unnoticed(plants: dict[str, Plant]) -> None:
    assert not any(plant.mistake == "weights-transposed" for plant in plants.values())
    square = loads_problem(
        "[network]\ninputs = [1, 2]\ntargets = [0, 1]\n[[network.layer]]\nweights = [[0.1, 0.2], [0.3, 0.4]]\n"
    )
    model = build(square)
    plant = next(p for p in planted(Subject(model)) if p.mistake == "weights-transposed")
    np.testing.assert_allclose(got(model, plant, Quantity("a", 1)), [0.7, 1.0])


def test_a_fixed_parameter_is_updated_all_the_same() -> None:
    text = (PROBLEMS / "four-three-two.toml").read_text().split("# Every figure")[0]
    model = build(loads_problem(text.replace("learning_rate = 0.1", 'learning_rate = 0.1\nfixed = ["b1"]')))
    plant = next(p for p in planted(Subject(model)) if p.mistake == "fixed-updated" and not p.place.index)
    assert str(plant.saying) == "b1 is fixed, but was updated in b1'"
    np.testing.assert_allclose(got(model, plant, B.updated()), B1 - RATE * D1, rtol=1e-12)


@pytest.mark.parametrize("kind", BUILDERS)
def test_every_row_of_the_table_speaks_of_itself_and_changes_something(kind: str) -> None:
    model = build(loads_problem(new_problem_text(kind)))
    subject = Subject(model)
    effects = 0
    for name, record in MISTAKES.items():
        for plant in record.planted(subject):
            assert plant.mistake == name
            assert "{" not in str(plant.saying)
            assert 0 < plant.weight <= 1
            assert plant.place.value.whole in model.graph.by_quantity
            effects += 1
    assert effects > 20


def test_a_place_is_where_a_mistake_first_shows(model: Model) -> None:
    graph = model.graph
    keys = [node.quantity for node in graph.nodes]
    keys += [
        graph.gradient(node.quantity)
        for node in reversed(graph.nodes[:-1])
        if node.quantity not in graph.targets
    ]
    keys += [parameter.updated() for parameter in graph.parameters]
    elements = [element for key in keys for element in all_elements(graph, key)]
    cells = [cell_of(graph, element, 1) for element in elements]
    true = outcomes(model, [()], cells)[0][0]
    plants = [plant for plant in planted(Subject(model)) if plant.mistake != "rounded"]
    found, _ = outcomes(model, [plant.edits for plant in plants], cells)
    for plant, row in zip(plants, found, strict=True):
        changed = np.flatnonzero(np.abs(row - true) > 1e-12)
        if changed.size:
            first = elements[changed[0]]
            assert first.whole == plant.place.whole
            assert not plant.place.index or first == plant.place


def test_only_elements_in_focus_are_tried() -> None:
    model = build(load(PROBLEMS / "four-three-two.toml"))
    focus = frozenset({DELTA1.at(2)})
    narrow = [plant for plant in planted(Subject(model, focus)) if plant.place.index]
    assert narrow
    assert {plant.place for plant in narrow} == focus


def test_hundreds_of_hypotheses_take_milliseconds(model: Model) -> None:
    plants = list(planted(Subject(model)))
    cells = [cell_of(model.graph, element, 1) for element in all_elements(model.graph, GRADIENT)]
    best = min(_timed(model, plants, cells) for _ in range(3))
    assert len(plants) > 400
    assert best < 1.0  # about 0.04 s on a desk; the limit allows for a busy machine


def _timed(model: Model, plants: list[Plant], cells: list[Cell]) -> float:
    start = perf_counter()
    outcomes(model, [plant.edits for plant in plants], cells)
    return perf_counter() - start


@pytest.mark.parametrize("figure", ["0.0204", "-0.487", "12.30", "10.5", "0", "0.000", "5e-7", "-1.05"])
def test_every_misprint_undoes_itself(figure: str) -> None:
    meant = Decimal(figure)
    for record in MISTAKES.values():
        for misprint in record.misprinted(meant):
            back = [again.value for again in record.misprinted(misprint.value)]
            assert any(value == meant for value in back), (record.name, misprint.value)
            assert "{" not in str(misprint.at(DELTA1))


def test_misprints_keep_the_digits() -> None:
    slipped = {str(m.value) for m in MISTAKES["decimal-point"].misprinted(Decimal("-0.0204"))}
    assert {"-0.204", "-0.00204", "-2.04"} <= slipped
    assert "0.478" in {str(m.value) for m in MISTAKES["digits-swapped"].misprinted(Decimal("0.487"))}
    assert "0.482" in {str(m.value) for m in MISTAKES["digit-mistyped"].misprinted(Decimal("0.487"))}


def test_a_saying_falls_into_words_and_quantities() -> None:
    saying = Saying("the sign of {place} was flipped", {"place": DELTA1})
    assert saying.parts == ("the sign of ", DELTA1, " was flipped")
    assert str(saying) == "the sign of dL/da1 was flipped"
