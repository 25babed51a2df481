"""The slopes of a formula: as numbers and as printed, they are the same; in float64 they keep their digits."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings

from solver.arithmetic import Certified, DomainError, Float64, Undecided
from solver.formula.ordering import names
from solver.formula.parser import parse
from solver.functions import evaluate
from solver.functions.slopes import slopes
from solver.graph.pointwise import OUTPUT, textbook_slope
from tests.oracle.kind_strategies import formulas

POINT = {"x": Fraction(3, 4), "y": Fraction(-5, 4), "z": Fraction(2)}


@settings(max_examples=80)
@given(formulas(["x", "y", "z"]))
def test_printed_slopes_have_the_computed_value(text: str) -> None:
    formula, numbers = parse(text), Certified(256)
    read = names(formula)
    with numbers.working():
        values: dict[str, Any] = {name: numbers.number(POINT[name]) for name in read}
        try:
            values[OUTPUT.name] = evaluate(formula, arithmetic=numbers, variables=values)
            computed = slopes(formula, {name: values[name] for name in read}, numbers)
            told = {
                name: evaluate(textbook_slope(formula, name), arithmetic=numbers, variables=values)
                for name in read
            }
        except (DomainError, Undecided):
            assume(False)
        for name in read:
            # The difference alone may be too large for float64: exp(exp(8)) has 1,294 digits.
            relative = (told[name] - computed[name]) / (1 + abs(computed[name]))
            assert abs(float(numbers.to_float(relative))) <= 5e-41


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("max(x, 2)", 2.0, 0.5),  # equal arguments share
        ("max(x, x)", 2.0, 1.0),
        ("min(2, x)", 3.0, 0.0),
        ("abs(x)", 0.0, 0.0),
        ("x^2", 0.0, 0.0),
        ("x^0", 0.0, 0.0),
        ("x^3", -2.0, 12.0),
        ("x^-1", -2.0, -0.25),
        ("(-x)^2", 3.0, 6.0),
        ("2^x", 3.0, 8 * math.log(2)),
        ("tanh(x)", 25.0, 4 * math.exp(-50) / (1 + math.exp(-50)) ** 2),
        ("sigmoid(x)", 40.0, math.exp(-40) / (1 + math.exp(-40)) ** 2),
        ("sigmoid(x)", -800.0, 0.0),
    ],
)
def test_slopes_in_float64(text: str, at: float, expected: float) -> None:
    found = slopes(parse(text), {"x": Float64().number(at)}, Float64())["x"]
    assert float(found) == pytest.approx(expected, rel=1e-14, abs=0)


def test_a_slope_that_does_not_exist_is_a_fault() -> None:
    with pytest.raises(DomainError, match="division by zero"):
        slopes(parse("sqrt(x)"), {"x": Float64().number(0)}, Float64())


def test_a_function_is_differentiated_in_its_output() -> None:
    assert textbook_slope(parse("exp(x)"), "x") == OUTPUT
    assert textbook_slope(parse("sigmoid(x)"), "x") == OUTPUT * (1 - OUTPUT)
