from __future__ import annotations

import pickle
import time
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.spec.array import Array, read_array
from solver.spec.findings import RefusedError

NUMBERS = st.one_of(
    st.integers(-(10**30), 10**30),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=12),
)


def test_digits_as_typed_survive() -> None:
    array = read_array([[Decimal("0.10"), 3], [Decimal("-1e-3"), Decimal("2.50")]], (2,))
    assert array.shape == (2, 2)
    assert [str(number) for number in array.exact.ravel()] == ["0.10", "3", "-0.001", "2.50"]
    assert array.values.dtype == np.float64
    assert array.values.tolist() == [[0.1, 3.0], [-0.001, 2.5]]


@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_values_are_the_nearest_floats(numbers: list[int | Decimal]) -> None:
    array = read_array(numbers, (1,))
    for exact, value in zip(array.exact, array.values, strict=True):
        error = abs(Fraction(float(value)) - Fraction(exact))
        for neighbour in (np.nextafter(value, np.inf), np.nextafter(value, -np.inf)):
            assert error <= abs(Fraction(float(neighbour)) - Fraction(exact))


def test_nothing_can_be_changed() -> None:
    array = Array.of([1, 2])
    for view in (array.exact, array.values, pickle.loads(pickle.dumps(array)).values):
        with pytest.raises(ValueError, match="read-only"):
            view[0] = 3


def test_equality_and_hash_are_of_the_numbers() -> None:
    assert Array.of([[1, 2]]) == Array.of([[Decimal("1.0"), 2]])
    assert hash(Array.of([[1, 2]])) == hash(Array.of([[Decimal("1.0"), 2]]))
    assert Array.of([1, 2]) != Array.of([[1, 2]])
    assert Array.of([1, 2]) != Array.of([1, 3])
    assert Array.of([1]) != [1]
    assert pickle.loads(pickle.dumps(Array.of([0.25]))) == Array.of([Decimal("0.25")])


def test_a_float_stands_for_its_shortest_decimal() -> None:
    assert Array.of(np.array([0.1, 2.0])).exact.tolist() == [Decimal("0.1"), Decimal("2.0")]


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ([[1, 2], [3]], [(1,)]),
        ([[1], [2, 3], [4, 5]], [(0,)]),
        ([[1, 2], 3, [4, 5]], [(1,)]),
        ([1, [2], 3], [(1,)]),
        ([[1, Decimal("nan")], [True, 4]], [(0, 1), (1, 0)]),
        ([[], [1]], [(0,)]),
        ([], [()]),
        ([["a"]], [(0, 0)]),
        ([10**400, 1, -(10**301)], [(0,), (2,)]),
        ([Decimal("1e-301"), Decimal(0), Decimal("-1e-400")], [(0,), (2,)]),
    ],
)
def test_every_fault_has_its_position(value: object, paths: list[tuple[int, ...]]) -> None:
    with pytest.raises(RefusedError) as caught:
        read_array(value, (1, 2))
    assert [finding.path for finding in caught.value.findings] == paths


def test_the_largest_and_the_smallest_are_usable() -> None:
    array = read_array([Decimal("1e300"), Decimal("-1e-300"), 0, Decimal("0.0"), 10**300], (1,))
    assert array.values.tolist() == [1e300, -1e-300, 0.0, 0.0, 1e300]


def test_a_wrong_number_of_axes() -> None:
    for value in (1, [1], [[[1]]]):
        with pytest.raises(RefusedError):
            read_array(value, (2,))


def test_a_hundred_thousand_numbers_take_a_moment() -> None:
    rows = [[Decimal(f"0.{column:04}") for column in range(1, 785)] for _ in range(128)]
    start = time.perf_counter()
    array = read_array(rows, (2,))
    assert array.shape == (128, 784)
    assert time.perf_counter() - start < 1.5  # 0.08 s alone; the bound allows for a busy machine


def test_a_lenient_reading_keeps_the_shape() -> None:
    array = read_array([[1, Decimal("nan")], ["x", 4]], (2,), lenient=True)
    assert array.values.tolist() == [[1.0, 0.0], [0.0, 4.0]]
