"""Numbers as written, turned into exact fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real

from flint import fmpq, fmpz


def rational(value: object) -> fmpq:
    """Return a number as an exact fraction; a float stands for its shortest decimal (0.1 is 1/10).

    Raises:
        ValueError: NaN or infinity.
        TypeError: Not a number.
    """
    if isinstance(value, fmpq):
        return value
    if isinstance(value, (fmpz, Integral)):
        return fmpq(int(value))
    if isinstance(value, Fraction):
        return fmpq(value.numerator, value.denominator)
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, Real):
        return _decimal(Decimal(repr(float(value))))
    raise TypeError(f"not a number: {value!r}")


def fraction(value: fmpq) -> Fraction:
    """Return the same number as a standard fraction."""
    return Fraction(int(value.p), int(value.q))


def power_of_ten(exponent: int) -> fmpq:
    """Return 10^exponent exactly."""
    return fmpq(10**exponent) if exponent >= 0 else fmpq(1, 10**-exponent)


def as_decimal(value: fmpq) -> Decimal | None:
    """Return an exact fraction as an exact decimal without trailing zeros, or None where it does not end."""
    denominator = int(value.q)
    twos, fives = 0, 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    if denominator != 1:
        return None
    places = max(twos, fives)
    digits = int(value.p) * 2 ** (places - twos) * 5 ** (places - fives)
    while digits and digits % 10 == 0:
        digits, places = digits // 10, places - 1
    return decimal_of(digits, -places)


def decimal_of(digits: int, exponent: int) -> Decimal:
    """Return digits · 10^exponent exactly, whatever the precision of the decimal context."""
    return Decimal(f"{digits}e{exponent}")


def _decimal(value: Decimal) -> fmpq:
    if not value.is_finite():
        raise ValueError(f"not a finite number: {value}")
    numerator, denominator = value.as_integer_ratio()
    return fmpq(numerator, denominator)
