from __future__ import annotations

import pytest
from flint import ctx

from solver.calculus.balls import Point, Undefined, Unknown, working
from solver.calculus.check import Checker
from solver.calculus.derivation import Condition, Equation
from solver.calculus.script import equation_of, formula_of
from solver.formula import Variable

X = Variable("x")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("(x + 1)^2", "x^2 + 2*x + 1"),
        ("log(exp(x))", "x"),
        ("D(x^3, x)", "3*x^2"),
        ("D(erf(x), x)", "2*exp(-x^2)/sqrt(pi)"),
        ("D(max(x, y), x)", "cases(gt(x, y, 1), 0)"),
        ("D(phi(x^2), x)", "2*x*dphi(x^2)"),
        ("sum(at(z, k), k)", "at(z, j) + sumx(at(z, k), k, j)"),
        ("D(sum(exp(at(z, k)), k), at(z, j))", "exp(at(z, j))"),
        ("sum(exp(at(z, k))/sum(exp(at(z, i)), i), k)", "1"),
        ("tanh(x)", "(exp(x) - exp(-x))/(exp(x) + exp(-x))"),
        ("x^2.5", "x^2*sqrt(x)"),
        ("min(x, y)", "x + y - max(x, y)"),
    ],
)
def test_what_is_equal_is_found_equal(left: str, right: str) -> None:
    assert Checker().equal(formula_of(left), formula_of(right))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("x", "x + 1e-49"),
        ("1e30*x", "1e30*x + 1e-15"),
        ("D(x^3, x)", "3*x^2 + x/1e45"),
        ("D(abs(x), x)", "1"),
        ("max(0, x)", "x"),
        ("D(sum(exp(at(z, k)), k), at(z, j))", "exp(at(z, k))"),
        ("sum(at(z, k), k)", "sumx(at(z, k), k, j)"),
        ("sqrt(x^2)", "x"),
        ("log(x^2)", "2*log(x)"),
        ("phi(x)", "dphi(x)"),
        ("D(phi(2*x), x)", "dphi(2*x)"),
        ("x", "1/0*x"),
    ],
)
def test_what_differs_is_found_to_differ(left: str, right: str) -> None:
    assert not Checker().equal(formula_of(left), formula_of(right))


def test_only_the_left_side_says_where_to_look() -> None:
    assert Checker().equal(formula_of("x/x"), formula_of("1"))
    assert Checker().equal(formula_of("log(x) + log(y)"), formula_of("log(x*y)"))
    assert not Checker().equal(formula_of("log(x*y)"), formula_of("log(x) + log(y)"))


def test_definitions_are_seen_through_or_held_free() -> None:
    checker = Checker((equation_of("y = sigmoid(z)"), equation_of("L = (y - t)^2")))
    assert checker.equal(formula_of("D(L, y)"), formula_of("2*(y - t)"))
    assert checker.equal(formula_of("D(L, z)"), formula_of("2*(y - t)*y*(1 - y)"))
    assert checker.equal(formula_of("D(y*z, z)"), formula_of("y + z*y*(1 - y)"))
    assert not checker.equal(formula_of("D(L, z)"), formula_of("2*(y - t)"))


def test_assumptions_and_conditions_are_used() -> None:
    one = equation_of("sum(at(t, k), k) = 1")
    assert Checker(assumptions=(one,)).equal(formula_of("sum(x*at(t, k), k)"), X)
    assert not Checker().equal(formula_of("sum(x*at(t, k), k)"), X)
    positive = Condition(X, ">", formula_of("0"))
    assert Checker(conditions=(positive,)).equal(formula_of("abs(x)"), X)
    same = Condition(Variable("k"), "=", Variable("j"))
    assert Checker(conditions=(same,)).equal(formula_of("at(z, k)"), formula_of("at(z, j)"))
    other = Condition(Variable("k"), "!=", Variable("j"))
    assert Checker(conditions=(other,)).equal(formula_of("D(at(z, k), at(z, j))"), formula_of("0"))
    assert not Checker().equal(formula_of("D(at(z, k), at(z, j))"), formula_of("0"))


@pytest.mark.parametrize(
    "left",
    [
        "log(-1 - x^2)",
        "D(D(x, x), x)",
        "D(x, x + 1)",
        "sqrt(-x^2 - 1)",
        "1/(x - x)",
        "log(0*x)",
        "x^0.5/(y - y)",
    ],
)
def test_what_cannot_be_decided_is_not_decided(left: str) -> None:
    with pytest.raises(Unknown):
        Checker().equal(formula_of(left), formula_of(left))


def test_an_assumption_that_cannot_be_drawn_is_refused() -> None:
    wrong = Checker(assumptions=(Equation(X, formula_of("1")),))
    with pytest.raises(Unknown, match="cannot be drawn"):
        wrong.equal(X, X)


def test_the_settings_of_flint_come_back() -> None:
    before = (ctx.prec, ctx.cap)
    with pytest.raises(Undefined), working(512):
        Point({(X, 0): 0}).value(formula_of("1/x"))
    assert (ctx.prec, ctx.cap) == before
