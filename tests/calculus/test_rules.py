from __future__ import annotations

import pytest
from mpmath import mp, mpf

from solver.calculus import derivative
from solver.calculus.check import Checker
from solver.calculus.derivation import Equation
from solver.calculus.elementary import tabled_slope
from solver.calculus.rules import DIFFERENTIATION, RULES
from solver.calculus.script import equation_of, formula_of
from solver.formula import Call, Cases, Number, Variable, transform, walk
from solver.functions import ACTIVATIONS, PRIMITIVES
from tests.calculus.judge import Judge

X, U, V = map(Variable, "xuv")
STATED = [rule for rule in RULES.values() if rule.statement]


def depending() -> tuple[Equation, ...]:
    """u and v as functions of x that are positive and differ; c and n are constants."""
    return (Equation(U, formula_of("2 + sin(x)")), Equation(V, formula_of("exp(x/3) + x^2")))


def test_every_rule_of_differentiation_states_its_formula() -> None:
    assert all(rule.statement.startswith("D(") and "=" in rule.statement for rule in DIFFERENTIATION)
    assert [rule.key for rule in RULES.values()] == list(RULES)
    names = [rule.name for rule in DIFFERENTIATION]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("rule", STATED, ids=lambda rule: rule.key)
def test_the_stated_formula_is_true(rule: object) -> None:
    equation = equation_of(rule.statement)
    assert Checker(depending()).equal(equation.left, equation.right)


@pytest.mark.parametrize("rule", STATED, ids=lambda rule: rule.key)
def test_a_second_judge_agrees(rule: object) -> None:
    equation = equation_of(rule.statement)
    with mp.workdps(60):
        for x in (mpf("-1.7"), mpf("0.3"), mpf("1.9")):
            values = {(X, 0): x, (Variable("c"), 0): mpf("0.7"), (Variable("n"), 0): mpf("2.5")}
            judge = Judge(values, depending())
            assert abs(judge.of(equation.left) - judge.of(equation.right)) < mpf(10) ** -25


@pytest.mark.parametrize("rule", DIFFERENTIATION, ids=lambda rule: rule.key)
def test_the_rule_does_what_it_states(rule: object) -> None:
    # u and v are functions of x that the rule cannot see through.
    opaque = {U: Call("phi", (X,)), V: Call("phi", (X,), 1)}
    equation = equation_of(rule.statement)
    asked = transform(equation.left, opaque.get)
    assert rule.apply is not None
    step = rule.apply(asked.of, asked.by)
    assert step is not None
    assert Checker().equal(step, transform(equation.right, opaque.get))


@pytest.mark.parametrize("name", [name for name, p in PRIMITIVES.items() if p.arity == 1 and name != "neg"])
def test_the_tables_of_functions_agree_with_the_rules(name: str) -> None:
    call = Call(name, (X,))
    rule = next(r for r in DIFFERENTIATION if r.apply is not None and r.apply(call, X) is not None)
    slope = tabled_slope(name, X, (), call)
    assert slope is not None
    assert rule.apply is not None
    assert Checker().equal(rule.apply(call, X), slope)


@pytest.mark.parametrize("name", ["max", "min"])
@pytest.mark.parametrize(("left", "right"), [(1, 2), (2, 1), (2, 2)])
def test_a_tie_is_shared_as_the_table_states(name: str, left: int, right: int) -> None:
    by_u, by_v = PRIMITIVES[name].slopes
    found = derivative(Call(name, (U * X, V * X)), X)
    assert isinstance(found, Cases)
    judge = Judge({(X, 0): mpf(1), (U, 0): mpf(left), (V, 0): mpf(right)})
    assert judge.of(found) == judge.of(by_u) * left + judge.of(by_v) * right


def test_of_three_the_first_meets_the_rest() -> None:
    tied = derivative(Call("max", (2 * X, U * X, V * X)), X)
    judge = Judge({(X, 0): mpf(1), (U, 0): mpf(2), (V, 0): mpf(2)})
    assert judge.of(tied) == 2
    assert Judge({(X, 0): mpf(0), (U, 0): mpf(4), (V, 0): mpf(8)}).of(tied) == 2 / 2 + (4 + 8) / 4


def test_options_of_a_function_reach_its_slope() -> None:
    slope = tabled_slope("elu", X, (Number(2 * ACTIVATIONS["elu"].options[0][1]),), Variable("y"))
    assert slope is not None
    assert Number(2 * ACTIVATIONS["elu"].options[0][1]) in list(walk(slope))
    assert tabled_slope("zeta", X, (), X) is None


def test_the_slope_of_a_table_is_followed_by_the_inner_derivative() -> None:
    formula = Call("relu", (U * X,))
    assert Judge({(X, 0): mpf(2), (U, 0): mpf(3)}).of(derivative(formula, X)) == 3
