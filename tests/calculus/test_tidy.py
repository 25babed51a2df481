from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from mpmath import mp, mpf

from solver.calculus.derivation import DerivationLine, part
from solver.calculus.script import formula_of, line_of, read
from solver.calculus.simplify import length, shorter
from solver.calculus.tidy import clean, light, reordered, signed
from solver.formula import Formula, Number, Variable
from tests.calculus.judge import Judge, NoValueError
from tests.calculus.reading import text
from tests.formula.strategies import NAMES, formulas


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1*x + 0", "x"),
        ("x*1*y", "x*y"),
        ("0*x + y - 0", "y"),
        ("--x", "x"),
        ("x - -y", "x + y"),
        ("(-1)*x*y", "-x*y"),
        ("(-x)*y", "-x*y"),
        ("x*(-y)", "x*(-y)"),
        ("x^1 + y^0", "x + 1"),
        ("(x + y) + z", "x + y + z"),
        ("cases(gt(x, 0, 0*y), 0)", "0"),
        ("2*x*3", "2*x*3"),
    ],
)
def test_light(before: str, after: str) -> None:
    assert text(light(formula_of(before))) == text(formula_of(after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("exp(-x^2)*(-2*x)", "-2*x*exp(-x^2)"),
        ("x*2*y*3", "6*x*y"),
        ("x*x^2/x", "x^2"),
        ("x/y*y", "x"),
        ("(1/x)*y", "y/x"),
        ("x + x + x", "3*x"),
        ("x - y - x", "-y"),
        ("-x + 1", "1 - x"),
        ("2*(x - t)/2", "x - t"),
        ("0.5*x", "0.5*x"),
        ("x/2", "x/2"),
        ("(1/sqrt(x))*(1/(2*sqrt(x)))", "1/(2*x)"),
        ("x*sqrt(x)", "x*sqrt(x)"),
        ("x*cases(gt(x, 0, 1), 0)", "cases(gt(x, 0, x), 0)"),
        ("x/(y - y)", "x/0"),
        ("exp(0)", "1"),
        ("(x + y)*(x + y)", "(x + y)^2"),
        ("(x + y)*2", "2*(x + y)"),
    ],
)
def test_clean(before: str, after: str) -> None:
    assert text(clean(formula_of(before))) == text(formula_of(after))


@given(formulas(kinks=False))
def test_tidying_changes_no_value(formula: Formula) -> None:
    judge = Judge({(Variable(name), 0): mpf(31 + 17 * n) / 41 for n, name in enumerate(NAMES)})
    with mp.workdps(60):
        try:
            value = judge.of(formula)
            assume(abs(value) < 1e12)
            found = [judge.of(change(formula)) for change in (light, clean, signed)]
        except (NoValueError, ZeroDivisionError, OverflowError, TypeError, ValueError):
            assume(False)
        for other in found:
            assert abs(other - value) <= mpf(10) ** -30 * (1 + abs(value))


@given(formulas())
def test_tidying_twice_changes_nothing_more(formula: Formula) -> None:
    assert light(light(formula)) == light(formula)


def test_only_the_order_counts_as_reordering() -> None:
    assert reordered(formula_of("x*2 + y"), formula_of("y + 2*x"))
    assert not reordered(formula_of("x*2"), formula_of("2 + x"))
    assert not reordered(formula_of("x*x"), formula_of("x^2"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("exp(-x^2) - 2*x^2*exp(-x^2)", "exp(-x^2)*(1 - 2*x^2)"),
        ("tanh(x)*(1 - tanh(x))^2 - tanh(x)^2*(1 - tanh(x))", "tanh(x)*(1 - 2*tanh(x))*(1 - tanh(x))"),
        ("(x*exp(x) - exp(x))/x^2", "exp(x)*(x - 1)/x^2"),
        ("1 - tanh(x)^2", None),
        ("2*x + 3", None),
        ("cos(x)*sin(x) + sin(x)*cos(x) + 0*x", "2*cos(x)*sin(x)"),
        ("cases(gt(x, 0, x + x + x + x + x), 0)", None),
    ],
)
def test_a_shorter_form_is_taken_only_where_it_is_clearly_shorter(before: str, after: str | None) -> None:
    found = shorter(formula_of(before))
    assert (None if found is None else text(found)) == after
    assert found is None or length(found) < length(formula_of(before))


def test_the_language_of_scripts() -> None:
    line = line_of("cancel expand", "-(struck(t*y) - gone(0))/at(y, k)")
    assert isinstance(line, DerivationLine)
    assert [rule.key for rule in line.rules] == ["cancel", "expand"]
    assert text(part(line.formula, line.cancelled[0])) == "t*y"
    assert part(line.formula, line.vanishing[0]) == Number(Fraction(0))
    assert text(line.marked) == "-(cancelled(t*y) - vanishing(0))/y_k"
    assert text(read("x^(-1)").formula) == "x^(-1)"
