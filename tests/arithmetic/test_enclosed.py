"""Enclosures hold the true value after every operation, and they round as exact numbers and balls do, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from solver.arithmetic import (
    OPERATIONS,
    RELATIONS,
    Arithmetic,
    Certified,
    Digits,
    DomainError,
    Undecided,
    precision,
    rational,
    round_number,
)
from solver.arithmetic.enclosed import Enclosed
from solver.arithmetic.enclosed_array import RECORD, EnclosedArray, enclosed, fields, tightened, whole_numbers
from solver.arithmetic.enclosed_rounding import round_enclosed

ENCLOSED = Enclosed()
BALLS = Certified(300)

DECIMALS = st.decimals(-99, 99, places=2) | st.decimals(-3, 3, places=4) | st.integers(-9, 9).map(Decimal)
WRITTEN = DECIMALS | st.fractions(-9, 9, max_denominator=64)
SHOWN = [Digits(4), Digits(3), Digits(1), Digits(4, decimals=3), Digits(4, decimals=0)]


def assert_holds(found: Any, true: Any) -> None:
    """Every true value lies in its enclosure; what counts as known exactly is exactly that."""
    mid, rad, _ = fields(np.atleast_1d(found))
    whole, places, known = whole_numbers(np.atleast_1d(found))
    with precision(600):
        columns = (part.ravel().tolist() for part in (mid, rad, whole, places, known))
        values = np.atleast_1d(np.asarray(true, dtype=object)).ravel().tolist()
        for m, r, k, p, exact, value in zip(*columns, values, strict=True):
            ball = value if isinstance(value, arb) else arb(value)
            assert abs(ball - arb(m)) <= arb(r) + arb(2) ** -500
            if exact:
                assert isinstance(value, fmpq)
                assert value == fmpq(k, 10**p)


def in_both(values: Sequence[Any]) -> tuple[Any, Any]:
    return ENCLOSED.array(list(values)), BALLS.array(list(values))


def computed(operation: str, arguments: Sequence[Any], numbers: Arithmetic) -> Any:
    with numbers.working():
        try:
            if operation == "+":
                return arguments[0] + arguments[1]
            if operation == "-":
                return arguments[0] - arguments[1]
            if operation == "*":
                return arguments[0] * arguments[1]
            if operation == "square":
                return arguments[0] ** 2
            if operation == "minus":
                return -arguments[0]
            return numbers.call(operation, *arguments)
        except (DomainError, Undecided):
            return None


ARITIES = {"+": 2, "-": 2, "*": 2, "square": 1, "minus": 1} | {k: n for k, n in OPERATIONS.items() if n}


@pytest.mark.parametrize("operation", sorted(ARITIES))
@given(data=st.data())
def test_every_operation_holds_the_true_value(operation: str, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 3))
    written = WRITTEN.map(abs) if operation in ("log", "sqrt", "power") else WRITTEN
    columns = [
        in_both(data.draw(st.lists(written, min_size=count, max_size=count)))
        for _ in range(ARITIES[operation])
    ]
    # The second time its arguments are no longer exact.
    for _ in range(2):
        ours, theirs = (
            computed(operation, [pair[k] for pair in columns], numbers)
            for k, numbers in enumerate((ENCLOSED, BALLS))
        )
        if ours is None or theirs is None or not np.isfinite([fields(ours)[0], fields(ours)[1]]).all():
            return
        assert_holds(ours, theirs)
        columns = [(ENCLOSED.settle(ours), BALLS.settle(theirs)), *columns[1:]]


@given(data=st.data())
def test_long_calculations_hold_the_true_value(data: st.DataObject) -> None:
    """Sums, products, quotients and functions of what came before, as a graph makes them."""
    known = [in_both(data.draw(st.lists(DECIMALS, min_size=3, max_size=3))) for _ in range(3)]
    for _ in range(data.draw(st.integers(1, 12))):
        operation = data.draw(st.sampled_from(["+", "-", "*", "divide", "tanh", "max", "min", "abs", "erf"]))
        chosen = [data.draw(st.sampled_from(known)) for _ in range(ARITIES[operation])]
        pair = [computed(operation, [c[k] for c in chosen], n) for k, n in enumerate((ENCLOSED, BALLS))]
        if pair[0] is None or pair[1] is None or float(np.abs(fields(pair[0])[0]).max()) > 1e30:
            continue
        assert_holds(*pair)
        known.append((ENCLOSED.settle(pair[0]), BALLS.settle(pair[1])))


@given(data=st.data())
def test_products_of_matrices_and_sums(data: st.DataObject) -> None:
    n, m, p = (data.draw(st.integers(1, 4)) for _ in range(3))
    entries = st.just(Decimal(0)) | WRITTEN
    one, two = (
        in_both(data.draw(st.lists(entries, min_size=size, max_size=size))) for size in (2 * n * m, 2 * m * p)
    )
    half = data.draw(st.booleans())
    results = []
    for k, numbers in enumerate((ENCLOSED, BALLS)):
        left, right = one[k].reshape(2, n, m), two[k].reshape(2, m, p)
        with numbers.working():
            if half:
                left = numbers.settle(numbers.call("tanh", left))
            results.append([left @ right, left.sum(axis=1), left.sum(axis=(1, 2)), left[0, 0] @ right[0]])
    for ours, theirs in zip(*results, strict=True):
        assert np.shape(ours) == np.shape(theirs)
        assert_holds(ours, theirs)


@given(
    st.lists(WRITTEN, min_size=1, max_size=4), st.sampled_from(SHOWN), st.sampled_from(["", "exp", "tanh"])
)
def test_rounding_is_that_of_exact_numbers_and_balls(
    values: list[Any], digits: Digits, operation: str
) -> None:
    ours, theirs = in_both(values)
    if operation:
        ours, theirs = (
            numbers.settle(numbers.call(operation, x)) for numbers, x in ((ENCLOSED, ours), (BALLS, theirs))
        )
    for found, value in zip(round_enclosed(ours, digits), theirs.tolist(), strict=True):
        if found is None:
            continue
        expected = round_number(value, digits)
        assert found == expected
        assert str(found) == str(expected)


def test_decimals_stay_exact_and_are_shown_so() -> None:
    x = ENCLOSED.array([Decimal("0.1"), Decimal("0.25"), Decimal("-1.50"), Decimal(0)])
    y = ENCLOSED.array([Decimal("0.2"), Decimal("0.5"), Decimal("0.75"), Decimal(3)])
    shown = [
        [str(number) for number in round_enclosed(ENCLOSED.settle(values), Digits(4))]
        for values in (x + y, x * y, x - y, ENCLOSED.call("divide", x, y))
    ]
    assert shown == [
        ["0.3", "0.75", "-0.75", "3"],
        ["0.02", "0.125", "-1.125", "0"],
        ["-0.1", "-0.25", "-2.25", "-3"],
        ["0.5", "0.5", "-2", "0"],
    ]
    # 2.9, known exactly, against a number that only lies next to it: that one is nobody's to print.
    assert round_enclosed(enclosed([2.9], 1e-15, 1.0), Digits(4))[0] == round_number(
        Decimal("2.9"), Digits(4)
    )
    assert round_enclosed(enclosed([2.9], 1e-15, np.inf), Digits(4)) == [None]
    assert str(round_enclosed(enclosed([2.90001], 1e-15, np.inf), Digits(4))[0]) == "2.900"
    assert round_enclosed(enclosed([0.12345], 1e-9, np.inf), Digits(4)) == [None]  # a tie
    assert round_enclosed(enclosed([0.0], 1e-20, np.inf), Digits(4)) == [None]
    assert round_enclosed(enclosed([12345.0], 1e-12, np.inf), Digits(4)) == [
        None
    ]  # prints whole if it is whole


def test_cases_are_decided_or_refused() -> None:
    third = ENCLOSED.call("divide", ENCLOSED.number(1), ENCLOSED.number(3))
    nothing = third * 3 - 1
    for relation in RELATIONS:
        with pytest.raises(Undecided):
            ENCLOSED.compare(nothing, relation, ENCLOSED.number(0))
        expected = BALLS.compare(rational(Fraction(1, 3)), relation, rational(Decimal("0.3333")))
        assert ENCLOSED.compare(third, relation, ENCLOSED.number(Decimal("0.3333"))) == expected
        same = BALLS.compare(rational(Decimal("0.3")), relation, rational(Decimal("0.3")))
        tenths = ENCLOSED.number(Decimal("0.1")) + ENCLOSED.number(Decimal("0.2"))
        assert ENCLOSED.compare(tenths, relation, ENCLOSED.number(Decimal("0.3"))) == same
    with pytest.raises(Undecided):
        ENCLOSED.call("divide", third, nothing)
    with pytest.raises(Undecided):
        ENCLOSED.call("max", nothing, ENCLOSED.number(0))


def test_what_has_no_value_is_named_by_its_place() -> None:
    for operation, prepared in (
        ("divide", lambda x: (1, x)),
        ("log", lambda x: (x,)),
        ("log", lambda x: (x - 1,)),
        ("sqrt", lambda x: (x - 1,)),
        ("log1p", lambda x: (-x,)),
    ):
        told = []
        for numbers in (ENCLOSED, BALLS):
            x = numbers.array([[1, 0], [0, 1]])
            with pytest.raises(DomainError) as caught:
                numbers.call(operation, *prepared(x))
            told.append((caught.value.what, caught.value.position))
        assert told[0] == told[1]


def test_overflow_is_undecided_and_underflow_is_held() -> None:
    large = ENCLOSED.array([10**200])
    with ENCLOSED.working(), pytest.raises(Undecided):
        ENCLOSED.settle(large * large)
    with pytest.raises(Undecided):
        ENCLOSED.settle(ENCLOSED.call("exp", large))
    small = ENCLOSED.array([Fraction(1, 3**400)])
    assert_holds(small * small, [fmpq(1, 3**800)])
    assert round_enclosed(small * small, Digits(4)) == [None]


def test_numpy_moves_the_elements_and_nothing_else() -> None:
    x = ENCLOSED.array([[Decimal("0.5"), 2], [3, 4]])
    assert x.dtype == RECORD
    for moved in (
        x.T,
        x[0],
        x.reshape(4),
        np.swapaxes(x, 0, 1),
        np.concatenate([x, x]),
        np.repeat(x, 2, axis=0),
    ):
        assert isinstance(moved, EnclosedArray)
    assert_holds(x.T @ x, [[fmpq(37, 4), fmpq(13)], [fmpq(13), fmpq(20)]])
    with pytest.raises(TypeError):
        np.exp(x)
    with pytest.raises(TypeError, match="float"):
        x + 0.5
    assert fields(tightened(x))[1].max() == pytest.approx(2.0**-54)
