"""Every primitive: float64 = ball = formula, each slope = difference quotient, ties and domains."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb

from solver.arithmetic import Certified, DomainError, Float64, Residues, rational
from solver.formula import substitute
from solver.functions import PRIMITIVES, Primitive, evaluate
from tests.functions import judge

ANY = [-2.5, -1.0, -0.3, 1e-12, 0.4, 1.0, 3.0]
FIRST = {
    "log": [1e-300, 0.2, 1.0, 5.0],
    "sqrt": [1e-300, 0.2, 4.0],
    "^": [0.3, 1.0, 2.5],
    "log1p": [-0.9, 1e-300, 3.0],
}
FUNCTIONS = ["exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "max", "min", "abs"]
SECOND = {"/": [-2.0, 0.7], "^": [-1.5, 0.0, 2.0, 0.3]}


def arguments(record: Primitive) -> list[dict[str, float]]:
    firsts = FIRST.get(record.name, ANY)
    if record.arity == 1:
        return [{"u": u} for u in firsts]
    return [{"u": u, "v": v} for u in firsts for v in SECOND.get(record.name, ANY)]


@pytest.mark.parametrize("record", PRIMITIVES.values(), ids=lambda record: record.name)
def test_value_and_slopes(record: Primitive) -> None:
    for given in arguments(record):
        if record.name in ("max", "min") and given["u"] == given["v"]:
            continue
        with mpmath.workdps(1000):
            at = {name: mpmath.mpf(value) for name, value in given.items()}
            true = judge.value(record.formula, at)
            check(record.formula, given, true)
            for name, rule in zip(("u", "v"), record.slopes, strict=False):
                rise = judge.difference(
                    lambda x, name=name, at=at: judge.value(record.formula, {**at, name: x}), at[name]
                )
                check(substitute(rule, y=record.formula), given, rise)


def check(formula: object, given: dict[str, float], true: mpmath.mpf) -> None:
    found = evaluate(
        formula, arithmetic=Float64(), variables={name: np.float64(value) for name, value in given.items()}
    )
    assert abs(mpmath.mpf(float(found)) - true) <= 4e-15 * (abs(true) + 1e-3), (given, found)
    numbers = Certified(1500)
    exact = {name: rational(Fraction(value)) for name, value in given.items()}
    ball = evaluate(formula, arithmetic=numbers, variables=exact)
    with mpmath.workdps(60):
        wanted = arb(mpmath.nstr(true, 40), (abs(true) + mpmath.mpf("1e-300")) * mpmath.mpf("1e-39"))
    assert (ball if isinstance(ball, arb) else arb(ball)).overlaps(wanted), given


@pytest.mark.parametrize("numbers", [Float64(), Certified(), Residues(256)], ids=lambda numbers: numbers.name)
def test_kinks_take_the_stated_slopes(numbers: Float64 | Certified | Residues) -> None:
    for record in PRIMITIVES.values():
        for kink in record.kinks:
            for point in (Fraction(0), Fraction(3, 2)) if record.arity == 2 else (Fraction(0),):
                u = numbers.number(point)
                at = {"u": u, "v": u, "y": u}
                for rule, stated in zip(record.slopes, kink.slopes, strict=True):
                    found = evaluate(rule, arithmetic=numbers, variables=at)
                    assert float(numbers.to_float(found)) == float(stated)


@pytest.mark.parametrize("numbers", [Float64(), Certified(), Residues(256)], ids=lambda numbers: numbers.name)
@pytest.mark.parametrize(
    ("name", "u", "v", "words"),
    [
        ("log", 0, 0, "log of zero"),
        ("log", -2, 0, "log of a negative number"),
        ("sqrt", -2, 0, "square root of a negative number"),
        ("/", 1, 0, "division by zero"),
        ("/", 0, 0, "division by zero"),
        ("^", 0, -1, "division by zero"),
        ("^", -2, Fraction(1, 2), "fractional power of a negative number"),
    ],
)
def test_outside_the_domain(
    numbers: Float64 | Certified | Residues, name: str, u: int, v: Fraction | int, words: str
) -> None:
    record = PRIMITIVES[name]
    with pytest.raises(DomainError, match=words) as failure:
        evaluate(
            record.formula, arithmetic=numbers, variables={"u": numbers.number(u), "v": numbers.number(v)}
        )
    assert failure.value.subject == record.formula


def test_the_expressions_of_the_contract_are_all_there() -> None:
    allowed = {name for name, record in PRIMITIVES.items() if record.in_expressions}
    assert allowed == {*"+-*/^", "neg", *FUNCTIONS}
