"""Fractions and balls under operators, exactness of special values, matrix products, proven comparisons."""

from __future__ import annotations

import operator
from decimal import Decimal
from fractions import Fraction
from threading import Barrier, Thread
from time import sleep

import flint
import mpmath
import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from solver.arithmetic import Arithmetic, Certified, DomainError, Float64, Undecided, precision, rational

NUMBERS = Certified(200)
SMALL = st.integers(-5, 5)


def holds(ball: arb, true: fmpq) -> bool:
    # `contains` would first round the fraction to the precision outside.
    with precision(1000):
        return bool((ball - true).contains(0))


def test_numbers_as_written() -> None:
    for written in (0.1, Decimal("0.10"), Fraction(1, 10), np.float64(0.1), fmpq(1, 10), arb("0.1")):
        number = NUMBERS.number(written)
        assert isinstance(number, (fmpq, arb))
        if isinstance(number, fmpq):
            assert number == fmpq(1, 10)
    assert NUMBERS.number(np.int64(3)) == 3
    assert NUMBERS.array([[1, Decimal("0.5")], [0.25, Fraction(1, 3)]]).tolist() == [
        [fmpq(1), fmpq(1, 2)],
        [fmpq(1, 4), fmpq(1, 3)],
    ]
    for wrong in (float("nan"), float("inf"), Decimal("NaN")):
        with pytest.raises(ValueError, match="finite"):
            NUMBERS.number(wrong)
    with pytest.raises(TypeError):
        NUMBERS.number("1/10")


@pytest.mark.parametrize(
    "operation", [operator.add, operator.sub, operator.mul, operator.truediv], ids=lambda o: o.__name__
)
@pytest.mark.parametrize("mixed", ["fraction-ball", "ball-fraction", "ball-ball", "fraction-fraction"])
def test_operators_mix(operation, mixed: str) -> None:  # noqa: ANN001
    first, second = Fraction(2, 3), Fraction(-7, 5)
    with NUMBERS.working():
        left, right = (
            rational(value) if kind == "fraction" else arb(rational(value))
            for value, kind in zip((first, second), mixed.split("-"), strict=True)
        )
        array, other = NUMBERS.array([left, left]), NUMBERS.array([right, right])
        true = rational(operation(first, second))
        in_place = array.copy()
        in_place = getattr(operator, f"i{operation.__name__}")(in_place, other)
        results = (operation(array, other), operation(array, right), operation(left, other), in_place)
    for result in results:
        assert result.dtype == object
        for element in result:
            assert (element == true) if mixed == "fraction-fraction" else holds(element, true)
            assert isinstance(element, fmpq) == (mixed == "fraction-fraction")


def test_whole_powers_and_signs() -> None:
    x = NUMBERS.array([Fraction(-2, 3), 2])
    assert (x**3).tolist() == [fmpq(-8, 27), fmpq(8)]
    assert (-x).tolist() == [fmpq(2, 3), fmpq(-2)]
    assert NUMBERS.call("abs", x).tolist() == [fmpq(2, 3), fmpq(2)]


@pytest.mark.parametrize(
    ("operation", "given", "exact"),
    [
        ("exp", 0, 1), ("log", 1, 0), ("sqrt", Fraction(4, 9), Fraction(2, 3)), ("sqrt", 0, 0), ("sin", 0, 0),
        ("cos", 0, 1), ("tanh", 0, 0), ("erf", 0, 0), ("erfc", 0, 1), ("expm1", 0, 0), ("log1p", 0, 0),
        ("abs", Fraction(-1, 7), Fraction(1, 7)),
    ],
)  # fmt: skip
def test_special_values_stay_exact(operation: str, given: Fraction, exact: Fraction) -> None:
    for x in (NUMBERS.number(given), arb(0) if given == 0 else NUMBERS.number(given)):
        found = NUMBERS.call(operation, x)
        assert isinstance(found, fmpq)
        assert found == rational(exact)


@pytest.mark.parametrize(
    "operation", ["exp", "log", "sqrt", "sin", "cos", "tanh", "erf", "erfc", "expm1", "log1p"]
)
def test_everything_else_is_a_ball_around_the_value(operation: str) -> None:
    for point in (Fraction(1, 3), Fraction(7, 2), Fraction(1, 10**12)):
        with mpmath.workdps(60):
            true = getattr(mpmath, operation)(mpmath.mpf(point.numerator) / point.denominator)
            around = arb(mpmath.nstr(true, 55), abs(true) * mpmath.mpf("1e-54"))
        with NUMBERS.working():
            again = arb(rational(point)) + NUMBERS.call("exp", fmpq(1)) - NUMBERS.call("exp", fmpq(1))
        exact = () if operation == "sqrt" and point.denominator == 10**12 else (rational(point),)
        for x in (*exact, again):
            ball = NUMBERS.call(operation, x)
            assert isinstance(ball, arb)
            assert ball.overlaps(around)
            assert ball.rel_accuracy_bits() > 150


@pytest.mark.parametrize("operation", ["max", "min"])
def test_extremes(operation: str) -> None:
    pick = max if operation == "max" else min
    first, second = [Fraction(1, 3), -2, 5], [Fraction(1, 2), -3, 5]
    found = NUMBERS.call(operation, NUMBERS.array(first), NUMBERS.array(second))
    assert found.tolist() == [rational(pick(a, b)) for a, b in zip(first, second, strict=True)]
    apart = NUMBERS.call(operation, fmpq(0), NUMBERS.call("exp", fmpq(1)))
    assert (apart == 0) if operation == "min" else (apart > 2)
    # overlapping balls: the result still holds the truth
    wide = NUMBERS.call(operation, arb(0, 1), fmpq(0))
    assert wide.contains(0)
    assert wide.contains(fmpq(1, 2) if operation == "max" else fmpq(-1, 2))


def test_precision_is_restored_also_after_a_failure() -> None:
    before = flint.ctx.prec
    with Certified(999).working():
        assert flint.ctx.prec == 999
        with Certified(77).working():
            assert flint.ctx.prec == 77
        assert flint.ctx.prec == 999
        with pytest.raises(DomainError):
            NUMBERS.call("log", fmpq(0))
        assert flint.ctx.prec == 999
    assert flint.ctx.prec == before
    with precision(61):
        assert flint.ctx.prec == 61
    assert flint.ctx.prec == before


def test_long_fractions_become_balls() -> None:
    numbers = Certified(128, rational_bits=100)
    long, short = fmpq(3, 7) ** 60, fmpq(3, 7)
    settled = numbers.settle(numbers.array([long, short, 0]))
    assert isinstance(settled[0], arb)
    assert holds(settled[0], long)
    assert settled[1] == short
    assert numbers.settle(arb(0)) == fmpq(0)
    assert isinstance(numbers.settle(arb(0)), fmpq)
    assert isinstance(numbers.call("power", fmpq(3, 7), fmpq(10**5)), arb)


def test_failures_carry_their_place() -> None:
    for operation, arguments, words in (
        ("log", ([[1, 2], [0, 3]],), "log of zero"),
        ("log", ([[1, 2], [-1, 3]],), "log of a negative number"),
        ("sqrt", ([[1, 2], [-1, 3]],), "square root"),
        ("log1p", ([[1, 2], [-1, 3]],), "log of zero"),
        ("divide", ([[1]], [[1, 2], [0, 3]]), "division by zero"),
    ):
        numbers: Arithmetic
        for numbers in (NUMBERS, Float64()):
            with pytest.raises(DomainError, match=words) as failure:
                numbers.call(operation, *(numbers.array(argument) for argument in arguments))
            assert failure.value.position == (2, 1)


def test_what_a_ball_cannot_tell() -> None:
    wide = arb(0, 1e-30)
    for operation, arguments in (
        ("log", (wide,)), ("sqrt", (wide,)), ("divide", (fmpq(1), wide)), ("power", (wide, fmpq(1, 2))),
    ):  # fmt: skip
        with pytest.raises(Undecided):
            NUMBERS.call(operation, *arguments)
    for relation in ("<", "<=", ">", ">=", "=", "!="):
        with pytest.raises(Undecided):
            NUMBERS.compare(wide, relation, fmpq(0))
    assert NUMBERS.compare(wide, "=", wide)  # the same number is equal to itself, however wide


@given(SMALL, SMALL, st.booleans(), st.sampled_from(["<", "<=", ">", ">=", "=", "!="]))
def test_comparisons(left: int, right: int, as_ball: bool, relation: str) -> None:
    python = {
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
        "=": operator.eq,
        "!=": operator.ne,
    }
    x = arb(left) if as_ball else fmpq(left)
    assert bool(NUMBERS.compare(x, relation, fmpq(right))) == python[relation](left, right)
    assert (
        NUMBERS.compare(NUMBERS.array([left, left]), relation, fmpq(right)).tolist()
        == [python[relation](left, right)] * 2
    )


def test_to_float_is_the_nearest() -> None:
    random = np.random.default_rng(3)
    for value in [Fraction(1, 10), Fraction(1, 3), *map(Fraction, random.normal(size=50))]:
        assert NUMBERS.to_float(
            rational(value) if value.denominator < 100 else fmpq(value.numerator, value.denominator)
        ) == float(value)
        with NUMBERS.working():
            assert NUMBERS.to_float(arb(fmpq(value.numerator, value.denominator))) == float(value)
    with NUMBERS.working():
        tiny, huge = arb(-10000).exp(), arb(10000).exp()
    assert NUMBERS.to_float(tiny) == 0
    for too_large in (huge, fmpq(10**400), -fmpq(10**400, 3)):
        with pytest.raises(DomainError, match="too large"):
            NUMBERS.to_float(too_large)


class TestMatrixProducts:
    """`@` runs in FLINT and must not be told from numpy's own."""

    @given(st.data())
    def test_every_shape(self, data: st.DataObject) -> None:
        n, m, p = (data.draw(st.integers(1, 4)) for _ in range(3))
        lead = data.draw(st.sampled_from([(), (2,), (3, 2)]))
        left_shape = data.draw(st.sampled_from([(m,), (n, m), (*lead, n, m)]))
        right_shape = data.draw(st.sampled_from([(m,), (m, p), (*lead, m, p)]))
        left, right = (
            np.array(data.draw(st.lists(SMALL, min_size=size, max_size=size))).reshape(shape)
            for shape, size in (
                (left_shape, int(np.prod(left_shape))),
                (right_shape, int(np.prod(right_shape))),
            )
        )
        expected = left @ right
        found = NUMBERS.array(left) @ NUMBERS.array(right)
        assert np.shape(found) == np.shape(expected)
        assert NUMBERS.to_float(found).tolist() == expected.tolist()
        reflected = np.asarray(NUMBERS.array(left)).view(np.ndarray) @ NUMBERS.array(right)
        assert NUMBERS.to_float(reflected).tolist() == expected.tolist()

    def test_wrong_shapes_are_refused(self) -> None:
        with pytest.raises(ValueError, match="do not fit"):
            _ = NUMBERS.zeros((2, 3)) @ NUMBERS.zeros((2, 3))

    def test_no_inner_axis(self) -> None:
        assert (NUMBERS.zeros((2, 0)) @ NUMBERS.zeros((0, 3))).tolist() == [[0] * 3] * 2

    def test_entries_that_need_no_ball_stay_exact(self) -> None:
        with NUMBERS.working():
            e = arb(1).exp()
            left = NUMBERS.array([[Fraction(1, 3), 0], [Fraction(1, 3), 1], [0, 0]])
            right = NUMBERS.array([[Fraction(1, 7), 5], [e, e]])
            product = left @ right
        assert product[0].tolist() == [fmpq(1, 21), fmpq(5, 3)]
        assert product[2].tolist() == [fmpq(0), fmpq(0)]
        assert product[1, 0].overlaps(fmpq(1, 21) + e)
        assert isinstance(product[1, 1], arb)

    def test_balls_hold_the_truth(self) -> None:
        random = np.random.default_rng(0)
        with NUMBERS.working():
            x = NUMBERS.array(random.integers(-99, 99, (6, 40)).tolist()) / 7
            y = NUMBERS.call("exp", NUMBERS.array(random.integers(-9, 9, (40, 5)).tolist()) / 3)
            product = x @ y
            plain = np.asarray(x).view(np.ndarray) @ np.asarray(y).view(np.ndarray)
        for inside, elementwise in zip(product.ravel(), plain.ravel(), strict=True):
            assert inside.overlaps(elementwise)
            assert inside.rel_accuracy_bits() > 170


def test_the_same_code_runs_in_every_arithmetic() -> None:
    def layer(numbers: Arithmetic) -> np.ndarray:
        with numbers.working():
            x, W, b = (
                numbers.array([[[0.5, -1.0]], [[0.25, 2.0]]]),
                numbers.array([[0.1, 0.2], [0.3, -0.4]]),
                numbers.array([1, 2]),
            )
            a = x @ W.T + b
            return numbers.to_float(numbers.call("tanh", a).sum(axis=0) / 2)

    assert np.allclose(layer(Float64()), layer(NUMBERS), rtol=1e-15)


def test_threads_do_not_disturb_each_others_precision() -> None:
    asked, found = Barrier(2), dict[int, int]()
    before = flint.ctx.prec

    def work(bits: int) -> None:
        asked.wait()
        with precision(bits):
            sleep(0.05)
            found[bits] = flint.ctx.prec

    threads = [Thread(target=work, args=(bits,)) for bits in (100, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {100: 100, 300: 300}
    assert flint.ctx.prec == before
