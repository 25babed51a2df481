"""Work that is done once for all numbers with which it would come out the same."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.notation.cases import Decided, Length, TooEarlyError, longest, remembered

FIRST, SECOND = Length(0.0, {0: 1.0}), Length(0.5, {1: 2.0})
values = st.lists(st.floats(-9, 9), min_size=2, max_size=2)


def at(length: float, numbers: list[float]) -> float:
    return length.at(numbers) if isinstance(length, Length) else length


@given(values, st.floats(-5, 5))
def test_lengths_are_added_and_multiplied(numbers: list[float], plain: float) -> None:
    x, y = numbers[0], 0.5 + 2 * numbers[1]
    for found, expected in (
        (FIRST + SECOND, x + y), (plain + FIRST, plain + x), (FIRST - plain, x - plain), (plain - SECOND, plain - y),
        (FIRST * plain, x * plain), (sum([FIRST, SECOND, plain]), x + y + plain), (SECOND / 4, y / 4), (-FIRST, -x),
        (longest([FIRST, SECOND, plain]), max(x, y, plain)),
    ):  # fmt: skip
        assert at(found, numbers) == pytest.approx(expected)


def test_what_is_left_of_a_difference_is_a_number() -> None:
    assert FIRST + 2 - FIRST == 2
    assert longest([FIRST, FIRST]) is FIRST
    assert longest([]) == 0


@given(st.lists(values, min_size=1, max_size=20), st.floats(-5, 5))
def test_what_is_decided_is_what_would_have_been_made_alone(many: list[list[float]], bound: float) -> None:
    made: list[None] = []

    def compare(first: float, second: float) -> tuple[object, ...]:
        if first <= bound:
            return "low", second > first
        return "high", second < bound, bound >= second, math.ceil(first)

    def make() -> tuple[object, ...]:
        made.append(None)
        return compare(FIRST, SECOND)

    decided = Decided(make)
    results = [decided.at(numbers) for numbers in many]
    assert results == [compare(at(FIRST, numbers), at(SECOND, numbers)) for numbers in many]
    made.clear()
    assert [decided.at(numbers) for numbers in many] == results
    assert not made


def test_a_result_within_another_is_made_once() -> None:
    made: list[str] = []

    def noting(name: str, make: Callable[[], object]) -> Decided[object]:
        return Decided(lambda: made.append(name) or make())  # type: ignore[func-returns-value]

    inner = noting("inner", lambda: FIRST <= 1)
    outer = noting("outer", lambda: (inner.here(), SECOND <= 1))
    assert [outer.at([x, y]) for x, y in ((0, 0), (2, 0), (0, 9), (0.5, 0.1), (3, 0.2))] == [
        (True, True), (False, True), (True, False), (True, True), (False, True),
    ]  # fmt: skip
    assert sorted(made) == ["inner", "inner", "outer", "outer", "outer"]


def test_results_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solver.notation.cases.MOST_RESULTS", 2)
    decided = Decided(lambda: math.ceil(FIRST))
    assert [decided.at([x, 0]) for x in (1, 2, 3, 4, 1)] == [1, 2, 3, 4, 1]


def test_a_length_without_numbers_is_refused() -> None:
    with pytest.raises(TooEarlyError):
        assert FIRST <= 1
    for look in (
        float,
        str,
        round,
        "{:.2f}".format,
        lambda length: 1 / length,
        lambda length: length * length,
    ):
        with pytest.raises(TooEarlyError):
            look(FIRST)


def test_only_what_depends_on_no_numbers_is_remembered() -> None:
    calls: list[float] = []

    @remembered(4)
    def doubled(x: float) -> bool:
        calls.append(x)
        return x * 2 <= 3

    assert doubled(1.0) is doubled(1.0) is True
    assert len(calls) == 1
    decided = Decided(lambda: doubled(FIRST))
    assert [decided.at([x]) for x in (1, 2, 1, 9)] == [True, False, True, False]
    assert len(calls) == 3
