"""The evaluator: arrays and scalars, cases branch by branch, and failures that name their formula."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, fmpq

from solver.arithmetic import Certified, DomainError, Float64, Residues, Undecided
from solver.formula import Call, Case, Cases, Derivative, Number, Quotient, Ref, Sum, Variable, formula
from solver.functions import evaluate
from solver.quantities import Quantity

X, Y = Variable("x"), Variable("y")
EVERY = pytest.mark.parametrize(
    "numbers", [Float64(), Certified(), Residues(256)], ids=lambda numbers: numbers.name
)
LOGARITHM = Cases((Case(X, ">", formula(0), Call("log", (X,))),), formula(0))


@EVERY
def test_operators_on_arrays_and_scalars(numbers: Float64 | Certified | Residues) -> None:
    tree = (X + 2 * Y - 1) / (X**2 + 1) - (-Y)
    x, y = numbers.array([[1, 2], [3, -4]]), numbers.number(Fraction(1, 2))
    expected = np.array([[0.5, 0.4], [0.3, -4 / 17]]) + 0.5
    assert np.allclose(
        numbers.to_float(evaluate(tree, arithmetic=numbers, variables={"x": x, "y": y})), expected
    )
    single = evaluate(tree, arithmetic=numbers, variables={"x": numbers.number(3), "y": y})
    assert float(numbers.to_float(single)) == pytest.approx(0.8, rel=1e-15)
    assert np.shape(single) == ()


@EVERY
def test_references_are_looked_up(numbers: Float64 | Certified | Residues) -> None:
    weight, entering = Quantity("W", 1).at(1, 2), Quantity("x").at(2)
    found = evaluate(
        Ref(weight) * Ref(entering),
        {weight: numbers.number(3), entering: numbers.number(5)}.__getitem__,
        arithmetic=numbers,
    )
    assert float(numbers.to_float(found)) == 15
    with pytest.raises(LookupError, match="W1\\[1,2\\]"):
        evaluate(Ref(weight), arithmetic=numbers)
    with pytest.raises(LookupError, match="'x'"):
        evaluate(X, arithmetic=numbers)


@EVERY
def test_a_branch_sees_only_its_own_elements(numbers: Float64 | Certified | Residues) -> None:
    x = numbers.array([[1, -1, 0], [np.e, -2, 1]])
    found = numbers.to_float(evaluate(LOGARITHM, arithmetic=numbers, variables={"x": x}))
    assert np.allclose(found, [[0, 0, 0], [1, 0, 0]])
    assert evaluate(LOGARITHM, arithmetic=numbers, variables={"x": numbers.number(-3)}) == 0


@EVERY
def test_cases_broadcast(numbers: Float64 | Certified | Residues) -> None:
    larger = Cases((Case(X, ">=", Y, X),), Y)
    x, y = numbers.array([[1], [5]]), numbers.array([2, 3, 9])
    found = numbers.to_float(evaluate(larger, arithmetic=numbers, variables={"x": x, "y": y}))
    assert found.tolist() == [[2, 3, 9], [5, 5, 9]]


@EVERY
@pytest.mark.parametrize("relation", ["<", "<=", ">", ">=", "=", "!="])
def test_relations(numbers: Float64 | Certified | Residues, relation: str) -> None:
    expected = {
        "<": [1, 0, 0],
        "<=": [1, 1, 0],
        ">": [0, 0, 1],
        ">=": [0, 1, 1],
        "=": [0, 1, 0],
        "!=": [1, 0, 1],
    }
    tree = Cases((Case(X, relation, formula(2), formula(1)),), formula(0))
    found = evaluate(tree, arithmetic=numbers, variables={"x": numbers.array([1, 2, 3])})
    assert numbers.to_float(found).tolist() == expected[relation]


def test_a_ball_across_the_border_is_undecided() -> None:
    numbers = Certified()
    wide = arb(0, 1)
    for tree in (LOGARITHM, Call("relu", (X,)) / Call("relu", (X,)), Call("log", (X,))):
        with pytest.raises(Undecided):
            evaluate(tree, arithmetic=numbers, variables={"x": wide})


@EVERY
def test_failures_name_the_innermost_formula(numbers: Float64 | Certified | Residues) -> None:
    inner = Call("log", (X - 1,))
    tree = Sum((Quotient(formula(3), inner), Y))
    with pytest.raises(DomainError, match="log of zero") as failure:
        evaluate(tree, arithmetic=numbers, variables={"x": numbers.array([2, 1]), "y": numbers.number(0)})
    assert failure.value.subject == inner
    assert failure.value.position == (2,)
    with pytest.raises(DomainError, match="division by zero") as failure:
        evaluate(tree, arithmetic=numbers, variables={"x": numbers.number(2), "y": numbers.number(0)})
    assert failure.value.subject == tree.terms[0]
    assert failure.value.position == ()


def test_float64_never_returns_infinity() -> None:
    for tree in (Call("exp", (X,)), X * X * X, X + X, Call("exp", (Call("exp", (X,)),)), X**40):
        with pytest.raises(DomainError, match="too large"):
            evaluate(tree, arithmetic=Float64(), variables={"x": np.float64(1.7e308)})
    big = evaluate(Call("exp", (X,)), arithmetic=Certified(), variables={"x": fmpq(10**6)})
    assert big > 10**300


def test_powers() -> None:
    numbers = Certified()
    half = Number(Fraction(1, 2))
    assert evaluate(X**half, arithmetic=numbers, variables={"x": fmpq(4, 9)}) == fmpq(2, 3)
    assert evaluate(X**-2, arithmetic=numbers, variables={"x": fmpq(2, 3)}) == fmpq(9, 4)
    assert evaluate(X**Y, arithmetic=numbers, variables={"x": fmpq(8), "y": fmpq(-2, 3)}) == fmpq(1, 4)
    assert evaluate(X**Y, arithmetic=numbers, variables={"x": fmpq(0), "y": fmpq(0)}) == 1
    assert evaluate(X**Y, arithmetic=Float64(), variables={"x": 0.0, "y": 0.0}) == 1
    assert (evaluate(X**half, arithmetic=numbers, variables={"x": fmpq(2)}) ** 2 - 2).contains(0)


def test_several_arguments_of_max() -> None:
    tree = Call("max", (X, Y, formula(2)))
    for numbers in (Float64(), Certified(), Residues(256)):
        found = evaluate(
            tree, arithmetic=numbers, variables={"x": numbers.array([1, 7]), "y": numbers.number(5)}
        )
        assert numbers.to_float(found).tolist() == [5, 7]


def test_what_has_no_value() -> None:
    for tree in (Derivative(X, X), Call("softmax", (X,)), Call("sigmoid", (X,), 1)):
        with pytest.raises(TypeError):
            evaluate(tree, arithmetic=Float64(), variables={"x": 1.0})
    with pytest.raises(LookupError, match="sigmold"):
        evaluate(Call("sigmold", (X,)), arithmetic=Float64(), variables={"x": 1.0})


def test_precision_is_the_arithmetics_own() -> None:
    third = evaluate(Call("exp", (Number(Fraction(1, 3)),)), arithmetic=Certified(500))
    assert third.rel_accuracy_bits() > 490
