"""What is said of all variants at once is what is said of each alone: which numbers follow, and what they are."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver import formula as f
from solver.arithmetic import Digits, Rounded, round_number
from solver.document.numbers import NumberColumn
from solver.graph import build
from solver.quantities import Key, Quantity
from solver.trace.ledger import Ledger
from solver.trace.recomputed import ShownColumn, follow
from tests.exercises.test_told import DRAWN, told, variants

X = Quantity("x")
DIGITS = Digits(4)


def column(numbers: list[Rounded]) -> ShownColumn:
    return NumberColumn(numbers).recomputed


def ledger(shown: dict[Key, Rounded]) -> Ledger:
    """Return a ledger that knows these numbers."""
    (problem,) = variants("padhai-multiple-paths", 1)
    found = Ledger(build(problem), DIGITS)
    found._numbers |= shown
    return found


parts = st.recursive(
    st.integers(1, 3).map(lambda k: f.Ref(X.at(k)))
    | st.integers(-3, 3).map(lambda k: f.Number(Fraction(k, 2))),
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(f.Sum)
        | st.lists(inner, min_size=2, max_size=3).map(tuple).map(f.Product)
        | inner.map(f.Negative)
        | inner.map(lambda base: f.Power(base, f.Number(Fraction(2))))
        | st.builds(f.Quotient, inner, inner)
        | inner.map(lambda part: f.Call("exp", (part,)))
    ),
    max_leaves=6,
)
decimals = st.decimals(-3, 3, places=3, allow_nan=False) | st.sampled_from(
    [Decimal(0), Decimal("0.5"), Decimal("1e-7"), Decimal(123456789)]
)


@given(parts, st.lists(st.lists(decimals, min_size=3, max_size=3), min_size=1, max_size=4), st.data())
def test_a_number_follows_where_exact_arithmetic_says_so(
    formula: f.Formula, rows: list[list[Decimal]], data: st.DataObject
) -> None:
    given_numbers = [[round_number(value, DIGITS) for value in row] for row in rows]
    results = []
    for row in given_numbers:
        known = ledger({X.at(k + 1): number for k, number in enumerate(row)})
        try:
            true = known.evaluate(formula)
        except ArithmeticError:
            true = round_number(Decimal(1), DIGITS)
        wrong = round_number(data.draw(decimals), DIGITS)
        results.append(data.draw(st.sampled_from([true, wrong])))
    columns = {X.at(k + 1): column([row[k] for row in given_numbers]) for k in range(3)}
    together = follow(formula, column(results), columns, DIGITS, {})
    for row, result, found in zip(given_numbers, results, together, strict=True):
        known = ledger({X.at(k + 1): number for k, number in enumerate(row)})
        assert found is None or found == known.follows(formula, result)


def test_what_lies_halfway_is_left_to_exact_arithmetic() -> None:
    half = round_number(Decimal("0.00005"), Digits(decimals=4))
    one, result = (round_number(Decimal(text), DIGITS) for text in ("0.00005", "0.0001"))
    assert half is not None
    assert follow(f.Ref(X.at(1)), column([result]), {X.at(1): column([one])}, Digits(decimals=4), {}) == [
        None
    ]


@pytest.mark.parametrize("name", DRAWN)
def test_numbers_looked_up_together_are_those_looked_up_alone(name: str) -> None:
    some = told(variants(name, 5))
    first = some[0].telling.ledger
    assert first is not None
    keys = [
        *first.definitions,
        *(key for formula in first.definitions.values() for key in f.references(formula)),
    ]
    for key in dict.fromkeys(keys):
        together = first.together(key)
        for one in some:
            own = one.telling.ledger
            assert own is not None
            assert own.member is not None
            assert first.member is not None
            # Where a solution depends on the numbers, variants have formulas of their own.
            if own.member.cohort is first.member.cohort and own.definitions == first.definitions:
                number = together[own.member.place]
                assert number is None or str(number) == str(own.number(key))
