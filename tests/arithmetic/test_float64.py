"""Float64: nearest constants, faults with their place, no infinity that travels on."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq

from solver.arithmetic import OPERATIONS, Certified, DomainError, Float64

FLOATS = Float64()


def test_constants_are_the_nearest() -> None:
    for written in (Fraction(1, 3), fmpq(1, 3), Decimal(1) / 3):
        assert FLOATS.number(written) == 1 / 3
    assert FLOATS.array([[fmpq(1, 10), 2], [Decimal("0.3"), Fraction(1, 7)]]).tolist() == [
        [0.1, 2.0],
        [0.3, 1 / 7],
    ]
    assert FLOATS.array([1, 2]).dtype == np.float64
    assert FLOATS.zeros((2, 3)).shape == (2, 3)


def test_every_operation_agrees_with_balls() -> None:
    numbers = Certified(128)
    for operation, arity in OPERATIONS.items():
        given = [Fraction(7, 10), Fraction(3, 10)][:arity]
        ball = numbers.call(operation, *map(numbers.number, given))
        found = FLOATS.call(operation, *map(float, given))
        assert float(found) == pytest.approx(float(numbers.to_float(ball)), rel=3e-16), operation
        arrays = FLOATS.call(operation, *(np.full((2, 1), float(value)) for value in given))
        assert arity == 0 or np.array_equal(arrays, np.full((2, 1), found))


@pytest.mark.parametrize(
    ("operation", "arguments", "words"),
    [
        ("exp", ([0.0, 710.0],), "too large"),
        ("log", ([1.0, 0.0],), "log of zero"),
        ("log", ([1.0, -1.0],), "log of a negative number"),
        ("log1p", ([1.0, -1.0],), "log of zero"),
        ("sqrt", ([1.0, -1.0],), "square root"),
        ("divide", ([1.0, 1.0], [1.0, 0.0]), "division by zero"),
        ("power", ([1.0, 0.0], [1.0, -1.0]), "division by zero"),
        ("power", ([1.0, -1.0], [1.0, 0.5]), "fractional power"),
        ("power", ([1.0, 1e200], [1.0, 2.0]), "too large"),
        ("divide", ([1.0, 1e300], [1.0, 1e-300]), "too large"),
    ],
)
def test_faults_have_a_place(operation: str, arguments: tuple[list[float], ...], words: str) -> None:
    with pytest.raises(DomainError, match=words) as failure:
        FLOATS.call(operation, *map(np.array, arguments))
    assert failure.value.position == (2,)
    assert str(failure.value).endswith("at [2]")


def test_negative_bases_with_whole_exponents() -> None:
    assert FLOATS.call("power", np.array([-2.0]), np.array([3.0])) == -8
    assert FLOATS.call("pi") == math.pi
