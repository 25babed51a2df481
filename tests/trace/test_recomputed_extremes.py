"""What is said of shown numbers in one pass is what exact arithmetic says of them, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest

from solver import formula as f
from solver.arithmetic import Digits, Rounded
from solver.document.numbers import Shown
from solver.quantities import Quantity
from solver.trace.recomputed import ShownColumn, follow

A, B, C = (Quantity("q").at(place) for place in (1, 2, 3))
ALL = f.Product((f.Ref(A), f.Ref(B), f.Ref(C)))
TINY, OTHER = "1e-400", "2e-400"


def column(text: str) -> ShownColumn:
    number = Decimal(text)
    exponent = number.adjusted() if number and not -5 < number.adjusted() < 7 else None
    coefficient = abs(number).scaleb(-(exponent or 0))
    rounded = Rounded((number > 0) - (number < 0), coefficient, exponent, exact=True)
    return ShownColumn([rounded], [Shown(rounded)])


def told(formula: f.Formula, result: str, read: Sequence[str]) -> bool | None:
    columns = {key: column(text) for key, text in zip((A, B, C), read, strict=False)}
    (found,) = follow(formula, column(result), columns, Digits(4), {})
    return found


@pytest.mark.parametrize(
    ("formula", "result", "read"),
    [
        (ALL, "1e-100", ("1e-200", "1e-200", "1e300")),
        (ALL, "0", ("1e-200", "1e-200", "1")),
        (f.Power(f.Ref(A), f.Number(Fraction(3))), "0", ("1e-150",)),
        (f.Ref(A), TINY, (OTHER,)),
        (f.Sum((f.Ref(A), f.Ref(B))), "0", (TINY, OTHER)),
        (f.Call("exp", (f.Ref(A),)), "1", (TINY,)),
        (f.Call("max", (f.Ref(A), f.Ref(B))), "0", (TINY, "0")),
        (f.Quotient(f.Ref(A), f.Ref(B)), "0", (TINY, "1")),
        (f.Product((f.Ref(A), f.Number(Fraction(10**400)))), "0", ("1",)),
    ],
)
def test_nothing_is_said_of_numbers_that_float64_does_not_hold(
    formula: f.Formula, result: str, read: Sequence[str]
) -> None:
    assert told(formula, result, read) is None


@pytest.mark.parametrize(
    ("formula", "result", "read", "expected"),
    [
        (ALL, "0", ("0", "5", "1e-30"), True),
        (ALL, "24", ("2", "3", "4"), True),
        (ALL, "25", ("2", "3", "4"), False),
        (f.Power(f.Ref(A), f.Number(Fraction(3))), "0", ("0",), True),
        (f.Call("exp", (f.Ref(A),)), "1", ("0",), True),
        (f.Quotient(f.Ref(A), f.Ref(B)), "0.5", ("1", "2"), True),
    ],
)
def test_what_is_proven_is_said(
    formula: f.Formula, result: str, read: Sequence[str], *, expected: bool
) -> None:
    assert told(formula, result, read) is expected
