"""Digits as schools round them, against the decimal module, and never unproven."""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from solver.arithmetic import (
    Digits,
    Rounded,
    Undecided,
    as_written,
    by_hand,
    precision,
    round_number,
    shown_rational,
)

FOUR = Digits()
PLACES = Digits(decimals=4)
TIE = Digits(decimals=2)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        # exact and short
        (Fraction(1, 5), FOUR, "0.2"),
        (2, FOUR, "2"),
        (Fraction(-1, 20), FOUR, "-0.05"),
        (Decimal("0.50"), FOUR, "0.5"),
        (0, FOUR, "0"),
        (0, PLACES, "0"),
        (0.1, FOUR, "0.1"),
        (1234567, FOUR, "1234567"),
        (-1234567, Digits(2), "-1234567"),
        (Decimal("0.0001"), FOUR, "0.0001"),
        (Decimal("0.00005"), FOUR, "5e-5"),
        (10**7, FOUR, "1e7"),
        (12340000, FOUR, "1.234e7"),
        (Decimal("123.5"), PLACES, "123.5"),
        (10**7, Digits(10), "10000000"),
        (Decimal("12345678.5"), Digits(10), "12345678.5"),
        (Decimal("0.00002"), Digits(decimals=5), "0.00002"),
        (Decimal("0.00001"), PLACES, "1e-5"),
        # rounded: zeros stay
        (Fraction(1, 3), FOUR, "0.3333"),
        (Fraction(-2, 3), FOUR, "-0.6667"),
        (Decimal("0.46000001"), FOUR, "0.4600"),
        (Decimal("0.00158004"), FOUR, "0.001580"),
        (Decimal("2.00001"), FOUR, "2.000"),
        (Decimal("2.00001"), PLACES, "2.0000"),
        (Decimal("0.99996"), FOUR, "1.000"),
        (Decimal("0.99996"), PLACES, "1.0000"),
        (Decimal("123.456"), FOUR, "123.5"),
        (Decimal("123.456"), Digits(decimals=0), "123"),
        (Decimal("9999.4"), FOUR, "9999"),
        (Decimal("9999.5"), FOUR, "1.000e4"),
        (Decimal("12345.6"), FOUR, "1.235e4"),
        (12345678, FOUR, "1.235e7"),
        (Decimal("0.00012344"), FOUR, "0.0001234"),
        (Decimal("0.000012344"), FOUR, "1.234e-5"),
        (Decimal("0.000099999"), FOUR, "0.0001000"),
        (Decimal("0.0000999949"), FOUR, "9.999e-5"),
        (Decimal("12345.67891"), PLACES, "12345.6789"),
        (Decimal("12345678.9"), PLACES, "1.235e7"),
        (Decimal("9999999.99999"), PLACES, "1.000e7"),
        # a number that is not zero never prints as zero
        (Decimal("0.00004999"), PLACES, "4.999e-5"),
        (Decimal("0.000012345678"), PLACES, "1.235e-5"),
        (Decimal("0.0012345"), Digits(decimals=0), "1.2e-3"),
        (Fraction(-1, 3 * 10**30), FOUR, "-3.333e-31"),
        # ties go away from zero
        (Decimal("0.125"), TIE, "0.13"),
        (Decimal("-0.125"), TIE, "-0.13"),
        (Decimal("0.005"), TIE, "0.01"),
        (Decimal("2.5"), Digits(1), "3"),
        (Decimal("1234.5"), FOUR, "1235"),
        (Decimal("0.00005"), PLACES, "0.0001"),
    ],
)
def test_what_is_shown(value: object, digits: Digits, text: str) -> None:
    assert str(round_number(value, digits)) == text


@pytest.mark.parametrize(
    ("value", "digits", "exact"),
    [
        (Fraction(1, 8), FOUR, True),
        (Fraction(1, 8), TIE, False),
        (Fraction(1, 3), FOUR, False),
        (0, FOUR, True),
        (12345678, FOUR, False),
        (1234567, FOUR, True),
        (arb(2).sqrt(), FOUR, False),
        (arb("0.125"), FOUR, True),
    ],
)
def test_exact_says_that_nothing_was_lost(value: object, digits: Digits, exact: bool) -> None:
    assert round_number(value, digits).exact is exact


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**6), max_value=10**6),
    st.integers(0, 8),
)
def test_decimals_round_like_the_decimal_module(value: Decimal, places: int) -> None:
    context = decimal.Context(prec=60, rounding=decimal.ROUND_HALF_UP)  # its "up" is away from zero
    wanted = value.quantize(Decimal(1).scaleb(-places, context), context=context)
    shown = round_number(value, Digits(decimals=places))
    if shown.exponent is None:
        assert shown.fraction == Fraction(wanted)
        assert Decimal(shown.text) == wanted
    else:
        assert wanted == 0 or abs(wanted) >= 10**7
        assert shown.fraction != 0


@given(
    st.fractions(max_denominator=10**9).filter(bool),
    st.integers(-12, 12),
    st.integers(1, 12),
)
def test_significant_digits_round_like_the_decimal_module(value: Fraction, power: int, count: int) -> None:
    scaled = value * Fraction(10) ** power
    # The first 60 digits are more than enough: a tie has fewer, as the denominator is below 10^21.
    with decimal.localcontext(decimal.Context(prec=60)) as context:
        long = context.divide(Decimal(scaled.numerator), Decimal(scaled.denominator))
    wanted = decimal.Context(prec=count, rounding=decimal.ROUND_HALF_UP).plus(long)
    shown = round_number(scaled, Digits(count))
    if shown.exact and scaled.denominator == 1 and abs(scaled) < 10**7:
        assert shown.fraction == scaled
    else:
        assert shown.fraction == Fraction(wanted)
    assert shown.exact == (shown.fraction == scaled)
    if not shown.exact:
        assert len(str(shown.coefficient).replace(".", "").lstrip("0")) == count
    if shown.exponent is None:
        assert shown.coefficient.adjusted() >= -4
        assert shown.exact or shown.coefficient.adjusted() < count
    else:
        assert shown.coefficient.adjusted() == 0
        assert shown.exponent < -4 or shown.exponent >= (max(count, 7) if shown.exact else count)


@given(st.floats(1e-30, 1e30), st.integers(1, 15))
def test_balls_and_the_fractions_inside_them_show_the_same(value: float, count: int) -> None:
    with precision(200):
        root = arb(value).sqrt()
        shown = round_number(root, Digits(count))
    with mpmath.workdps(60):
        true = mpmath.sqrt(mpmath.mpf(value))
        middle = round_number(Fraction(int(mpmath.floor(true * mpmath.mpf(10) ** 45)), 10**45), Digits(count))
    if not shown.exact:
        assert str(shown) == str(middle)
    assert shown.sign == 1


@given(
    st.decimals(allow_nan=False, allow_infinity=False) | st.decimals(-2000, 2000, places=5),
    st.integers(1, 15),
    st.none() | st.integers(0, 6),
)
def test_decimals_and_the_fractions_that_they_are_show_the_same(
    value: Decimal, count: int, decimals: int | None
) -> None:
    digits = Digits(count, decimals)
    one, other = round_number(value, digits), round_number(Fraction(value), digits)
    assert one == other
    assert one.coefficient.as_tuple() == other.coefficient.as_tuple()


@pytest.mark.parametrize(
    "typed", ["1e900", "-1e-900", "1." + "0" * 5000 + "1", "12345" * 30, "9" * 80 + "e-300"]
)
def test_long_decimals_show_like_fractions(typed: str) -> None:
    for digits in (Digits(4), Digits(200), Digits(decimals=3)):
        assert round_number(Decimal(typed), digits) == round_number(Fraction(Decimal(typed)), digits)


def test_a_ball_that_does_not_prove_its_digits_is_undecided() -> None:
    for ball in (arb(0, 1e-30), arb("0.12345", 1e-10), arb(1) / 3 + arb(0, 1e-3), arb("nan"), arb("inf")):
        with pytest.raises(Undecided):
            round_number(ball, FOUR)
    with pytest.raises(Undecided):  # from 0.9 to 1: the midpoint's own decade does not decide
        round_number(arb(1, 0.055), Digits(1))
    assert str(round_number(arb("0.12345001", 1e-10), FOUR)) == "0.1235"
    assert str(round_number(arb("0.12344999", 1e-9), FOUR)) == "0.1234"


def test_precision_outside_does_not_matter() -> None:
    with precision(300):
        value = arb(2).sqrt()
    # Source: OEIS A002193
    assert (
        str(round_number(value, Digits(60)))
        == "1.41421356237309504880168872420969807856967187537694807317668"
    )


def test_far_exponents() -> None:
    assert str(round_number(arb(-(10**9)).exp(), FOUR)) == "1.250e-434294482"
    assert str(round_number(arb(10**9).exp(), PLACES)) == "8.003e434294481"
    assert str(round_number(-(arb(2) ** -5000), Digits(3))) == "-7.08e-1506"


def test_a_power_of_ten_that_would_fill_memory_is_no_fraction() -> None:
    with pytest.raises(Undecided, match=r"1\.250e-434294482"):
        shown_rational(round_number(arb(-(10**9)).exp(), FOUR))


def test_a_number_that_no_power_of_ten_scales_is_not_shown() -> None:
    with precision(2048), pytest.raises(Undecided, match="below 2"):
        round_number((-(arb(10) ** 300)).exp(), FOUR)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("0.50", "0.5"), ("1e-3", "0.001"), ("100", "100"), ("1E+2", "100"), ("-0.0", "0"), ("3.14159265", "3.14159265"),
        ("1e-8", "1e-8"), ("12345678", "1.2345678e7"), ("0.00012", "0.00012"), ("-1234567.25", "-1234567.25"),
    ],
)  # fmt: skip
def test_numbers_as_their_author_wrote_them(typed: str, text: str) -> None:
    shown = as_written(Decimal(typed))
    assert str(shown) == text
    assert shown.exact
    assert shown.fraction == Fraction(Decimal(typed))


def test_by_hand_goes_on_with_what_is_shown() -> None:
    assert by_hand(fmpq(1, 3), FOUR) == fmpq(3333, 10000)
    assert by_hand(Decimal("0.0000123456"), FOUR) == fmpq(1235, 10**8)
    assert by_hand(arb(2).sqrt(), FOUR) == fmpq(1414, 1000)


def test_parts_of_a_rounded_number() -> None:
    small = round_number(Decimal("-0.000015804"), FOUR)
    assert small == Rounded(-1, Decimal("1.580"), -5, exact=False)
    assert small.text == "-1.580"
    assert small.fraction == Fraction(-1580, 10**8)


def test_nonsense_is_refused() -> None:
    for digits in ({"significant": 0}, {"decimals": -1}):
        with pytest.raises(ValueError, match="digit"):
            Digits(**digits)
    for value in (float("nan"), Decimal("Infinity")):
        with pytest.raises(ValueError, match="finite"):
            round_number(value, FOUR)
    with pytest.raises(TypeError):
        round_number("0.1", FOUR)
