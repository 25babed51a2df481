"""Rounding as schools teach it, proven: the one place where a number becomes digits.

Ties round away from zero. A ball is rounded only where it proves every digit; otherwise `Undecided` asks for more
precision, and an element that carries residues is asked whether it *is* the tie. A number that is known exactly and
needs fewer digits prints short ("0.2"), anything else keeps its trailing zeros ("0.4600"): a reader may take what is
short for exact. Numbers that are small, or whose integer part would show invented digits, turn scientific, and a
number that is not zero never prints as zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

import flint
from flint import arb, fmpq

from solver.arithmetic.base import Undecided
from solver.arithmetic.certified import RATIONAL_BITS, precision, shown
from solver.arithmetic.rational import as_decimal, decimal_of, fraction, power_of_ten, rational
from solver.arithmetic.residues import Residue

PLAIN_DIGITS = 7
"""Integers known exactly print plain up to this many digits, and so does any integer part given to fixed decimals."""

SMALLEST_PLAIN = -4
"""Numbers below 10^−4 turn scientific."""

_FARTHEST = 1_000_000
"""Powers of ten beyond 10^±1,000,000 are shown, but not calculated with as fractions: e^(−10^12) would fill memory."""

_FARTHEST_BITS = 10**13
"""Balls beyond 2^±10^13 are not shown at all: no power of ten scales them, as none does e^(−10^300)."""

_EXPONENT_LIMIT = 10_000  # balls beyond 2^±10000 are scaled as balls, not as fractions


@dataclass(frozen=True, slots=True)
class Digits:
    """How many digits are shown: `significant` ones, or as many `decimals` where that is given."""

    significant: int = 4
    decimals: int | None = None

    def __post_init__(self) -> None:
        if self.significant < 1 or (self.decimals is not None and self.decimals < 0):
            raise ValueError("at least one significant digit, or no fewer than 0 decimals")


@dataclass(frozen=True, slots=True)
class Rounded:
    """A number as it is shown: sign · coefficient · 10^exponent.

    Args:
        sign: −1, 0 or 1.
        coefficient: What is shown before "×10^e", without its sign; its digits are the shown ones.
        exponent: The power of ten, None where the number prints plain.
        exact: Whether the number shown is the number itself.
    """

    sign: int
    coefficient: Decimal
    exponent: int | None
    exact: bool

    @property
    def text(self) -> str:
        """The signed coefficient: "-0.001580"; the power of ten is not in it."""
        return f"{'-' if self.sign < 0 else ''}{self.coefficient:f}"

    @property
    def fraction(self) -> Fraction:
        """Exactly what is shown."""
        return fraction(shown_rational(self))

    def __str__(self) -> str:
        return self.text if self.exponent is None else f"{self.text}e{self.exponent}"


def last_place(shown: Rounded, digits: Digits) -> int:
    """Return the power of ten of the last digit that a number shows, or would show if its zeros were printed."""
    exponent = int(shown.coefficient.as_tuple().exponent)
    if shown.exact and digits.decimals is None:
        exponent = min(exponent, shown.coefficient.adjusted() + 1 - digits.significant)
    elif shown.exact and shown.exponent is None:
        exponent = min(exponent, -(digits.decimals or 0))
    return exponent + (shown.exponent or 0)


def shown_rational(number: Rounded) -> fmpq:
    """Return exactly what is shown, as an element of the exact arithmetics.

    Raises:
        Undecided: Its power of ten is too long to be written out.
    """
    if abs(number.exponent or 0) > _FARTHEST:
        raise Undecided(f"the digits of {number}")
    return _shown_rational(number.sign, number.coefficient, number.exponent or 0)


@lru_cache(maxsize=16384)
def _shown_rational(sign: int, coefficient: Decimal, exponent: int) -> fmpq:
    return sign * rational(coefficient) * _ten(exponent)


def round_number(value: Any, digits: Digits) -> Rounded:
    """Return a number rounded to the digits asked for, ties away from zero, every digit proven.

    Args:
        value: An element (`fmpq`, `arb`, `Residue`), or an exact number: int, Fraction, Decimal, or a float, which
            stands for its shortest decimal.
        digits: How many digits.

    Raises:
        Undecided: The ball does not prove the digits: compute again with more precision, or with residues.
    """
    if isinstance(value, Residue):
        return _round_residue(value, digits)
    if isinstance(value, Decimal) and value.is_finite():
        return _round_decimal(value, digits)
    if not isinstance(value, arb):
        return _round_fraction(rational(value), digits)
    with precision(max(flint.ctx.prec, value.bits() + 64)):
        whole = _as_fraction(value)
        return _round_fraction(whole, digits) if whole is not None else _round(_Ball(value), digits)


@lru_cache(maxsize=16384)
def as_written(value: Decimal | int) -> Rounded:
    """Return a number that a person wrote, all its digits kept and trailing zeros dropped: 0.50 is 0.5."""
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"not a finite number: {value}")
    return _shortest(number)


def by_hand(value: Any, digits: Digits) -> fmpq:
    """Return the rounded value, to go on with."""
    return rational(round_number(value, digits).fraction)


class _TieError(Undecided):
    """The ball contains a number that lies halfway between two candidates."""

    def __init__(self, tie: fmpq) -> None:
        super().__init__(f"whether a number is exactly {tie}")
        self.tie = tie


class _Exact:
    """An exact fraction, as `_round` sees it."""

    exact = True

    def __init__(self, value: fmpq) -> None:
        self.sign = -1 if value < 0 else 1
        self.size = abs(value)

    def magnitude(self) -> int:
        """Return at most ⌊log₁₀ |x|⌋, and nearly that."""
        p, q = int(self.size.p), int(self.size.q)
        return _decimal_exponent(p.bit_length() - q.bit_length() - 1)

    def whole(self, power: int) -> int:
        """Return |x| · 10^power rounded to a whole number, ties up."""
        return int((self.size * _ten(power) + _HALF).floor())


class _Ball:
    """A ball that does not contain zero, as `_round` sees it."""

    exact = False

    def __init__(self, value: arb) -> None:
        if not value.is_finite() or value.contains(0):
            raise Undecided(f"the digits of {shown(value)}")
        self.sign = 1 if value > 0 else -1
        self.size = abs(value)

    def magnitude(self) -> int:
        """Return at most ⌊log₁₀ |x|⌋, and nearly that."""
        mantissa, exponent = self.size.abs_lower().man_exp()
        bits = int(exponent) + int(mantissa).bit_length() - 1
        if abs(bits) > _FARTHEST_BITS:
            raise Undecided(
                f"the digits of a number {'below 2^-' if bits < 0 else 'above 2^'}{_FARTHEST_BITS:,}"
            )
        return _decimal_exponent(bits)

    def whole(self, power: int) -> int:
        """Return |x| · 10^power rounded to a whole number, ties up, if the ball proves it."""
        scaled = self.size * (_ten(power) if abs(power) < 400 else arb(10) ** power)
        whole = (scaled + _HALF).floor().unique_fmpz()
        if whole is not None:
            return int(whole)
        below = scaled.mid().floor().unique_fmpz()
        if below is not None and scaled.contains(below + _HALF):
            raise _TieError(self.sign * (below + _HALF) / _ten(power))
        raise Undecided(f"the digits of {shown(self.size)}")


class _Decimal:
    """An exact decimal, as `_round` sees it: whole numbers and powers of ten are all that it takes.

    Args:
        text: It is read from its text, "-1.25E-3": a tuple of its digits costs more than all the rest.
    """

    exact = True

    def __init__(self, text: str) -> None:
        mantissa, _, power = text.partition("E")
        digits = mantissa.lstrip("-").replace(".", "").rstrip("0")
        self.sign = -1 if mantissa.startswith("-") else 1
        self.count = len(digits)
        self.digits = int(digits or "0")
        self.adjusted = int(power)
        self.exponent = self.adjusted + 1 - self.count

    def magnitude(self) -> int:
        """Return ⌊log₁₀ |x|⌋."""
        return self.adjusted

    def whole(self, power: int) -> int:
        """Return |x| · 10^power rounded to a whole number, ties up."""
        shift = self.exponent + power
        if shift >= 0:
            return self.digits * int(10**shift)
        unit = int(10**-shift)
        return (2 * self.digits + unit) // (2 * unit)


_HALF = fmpq(1, 2)


def _decimal_exponent(bits: int) -> int:
    """Return at most log₁₀ 2^bits, and nearly that; a float product of huge exponents may be one off."""
    return math.floor(bits * math.log10(2)) - (abs(bits) > 10**12)


@lru_cache(maxsize=1024)
def _ten(power: int) -> fmpq:
    return power_of_ten(power)


def _as_fraction(value: arb) -> fmpq | None:
    """Return a ball of radius zero as the fraction that it is."""
    if not value.is_exact() or not value.is_finite():
        return None
    mantissa, exponent = (int(part) for part in value.man_exp())
    if abs(exponent) > _EXPONENT_LIMIT:
        return None
    return fmpq(mantissa * 2**exponent) if exponent >= 0 else fmpq(mantissa, 2**-exponent)


def _round_fraction(value: fmpq, digits: Digits) -> Rounded:
    if value == 0:
        return Rounded(0, Decimal(0), None, exact=True)
    decimal = as_decimal(value) if value.height_bits() <= RATIONAL_BITS else None
    if decimal is not None and _fits(decimal, digits):
        return _shortest(decimal, digits)
    return _round(_Exact(value), digits)


def _round_decimal(value: Decimal, digits: Digits) -> Rounded:
    """Return what `_round_fraction` returns, mostly without a fraction."""
    if digits.decimals is None:
        short = _to_digits(digits.significant).plus(value)
        if SMALLEST_PLAIN <= short.adjusted() < digits.significant and short != value:
            return Rounded(-1 if short < 0 else 1, abs(short), None, exact=False)
    text = f"{value:E}"
    if len(text) > RATIONAL_BITS // 40 or abs(value.adjusted()) > RATIONAL_BITS // 10:
        return _round_fraction(rational(value), digits)
    number = _Decimal(text)
    if not number.digits:
        return Rounded(0, Decimal(0), None, exact=True)
    if number.count <= max(digits.significant, PLAIN_DIGITS + (digits.decimals or 0)):
        plain = decimal_of(number.sign * number.digits, number.exponent)
        if _fits(plain, digits):
            return _shortest(plain, digits)
    return _round(number, digits)


@lru_cache(maxsize=32)
def _to_digits(count: int) -> Context:
    """Return what rounds a decimal to so many digits, ties away from zero."""
    return Context(prec=count, rounding=ROUND_HALF_UP)


def _fits(decimal: Decimal, digits: Digits) -> bool:
    """Return whether an exact decimal can be shown in full."""
    _, coefficient, exponent = decimal.as_tuple()
    assert isinstance(exponent, int)
    whole_digits = len(coefficient) + exponent
    if exponent >= 0 and whole_digits <= PLAIN_DIGITS:
        return True
    if digits.decimals is None:
        return len(coefficient) <= digits.significant
    if -exponent <= digits.decimals and whole_digits <= PLAIN_DIGITS:
        return True
    return _turns_scientific(decimal, digits.decimals) and len(coefficient) <= max(2, digits.decimals)


def _turns_scientific(decimal: Decimal, decimals: int) -> bool:
    return decimal.adjusted() >= PLAIN_DIGITS or fmpq(2) * abs(rational(decimal)) < power_of_ten(-decimals)


def _round(number: _Exact | _Decimal | _Ball, digits: Digits) -> Rounded:
    """Return a number that is not zero at the digits asked for."""
    if digits.decimals is None:
        return _significant(number, digits.significant)
    decimals = digits.decimals
    if number.magnitude() < PLAIN_DIGITS + 2:
        whole = number.whole(decimals)
        if 0 < whole < 10 ** (PLAIN_DIGITS + decimals):
            return Rounded(number.sign, decimal_of(whole, -decimals), None, exact=False)
    return _significant(number, max(2, decimals), scientific=True)


def _significant(number: _Exact | _Decimal | _Ball, count: int, scientific: bool = False) -> Rounded:
    """Return a number with `count` significant digits, scientific where asked for or where plain digits mislead."""
    # From below: at a magnitude that is too large, 0.85 would round to 1 where one digit of it is 0.9.
    magnitude = number.magnitude()
    while (whole := number.whole(count - 1 - magnitude)) >= 10**count:
        magnitude += 1
    if scientific or magnitude < SMALLEST_PLAIN or magnitude >= count:
        return Rounded(number.sign, decimal_of(whole, 1 - count), magnitude, exact=False)
    return Rounded(number.sign, decimal_of(whole, magnitude + 1 - count), None, exact=False)


def _shortest(number: Decimal, digits: Digits | None = None) -> Rounded:
    """Return an exact decimal with all its digits and no trailing zeros, plain where a rounded one would be."""
    sign, coefficient, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    whole = int("".join(map(str, coefficient)) or "0")
    if whole == 0:
        return Rounded(0, Decimal(0), None, exact=True)
    while whole % 10 == 0:
        whole, exponent = whole // 10, exponent + 1
    adjusted = len(str(whole)) - 1 + exponent
    small, plain = adjusted < SMALLEST_PLAIN, PLAIN_DIGITS
    if digits is not None and digits.decimals is not None:
        small = -exponent > digits.decimals
    elif digits is not None:
        plain = max(PLAIN_DIGITS, digits.significant)
    if small or adjusted >= plain:
        return Rounded(-1 if sign else 1, decimal_of(whole, exponent - adjusted), adjusted, exact=True)
    if exponent > 0:
        whole, exponent = whole * 10**exponent, 0
    return Rounded(-1 if sign else 1, decimal_of(whole, exponent), None, exact=True)


def _round_residue(value: Residue, digits: Digits) -> Rounded:
    """Round the ball; where it hangs at a tie, ask the residues whether the number is that tie."""
    try:
        return round_number(value.ball, digits)
    except _TieError as undecided:
        with precision(max(flint.ctx.prec, value.ball.bits() + 64)):
            if value - undecided.tie != fmpq(0):
                raise
        return _round_fraction(undecided.tie, digits)
