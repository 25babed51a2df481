"""Whether shown numbers follow from shown numbers, for all variants in one pass of numpy.

A reader puts the printed numbers into the printed formula. Sums and products of them are computed in float64, beside the
same with every term taken positive: with n numbers read, rounding adds at most about 2n · 2⁻⁵³ of that. What leaves the
polynomials is enclosed (`arithmetic.enclosed`). Where neither decides, as where the result lies exactly halfway, or where
something is so small that float64 would take it for zero, the answer is None, and exact arithmetic has the word.

Source: Higham (2002), Accuracy and Stability of Numerical Algorithms, section 3.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from solver import formula as f
from solver.arithmetic import Digits, Rounded
from solver.arithmetic.enclosed import Enclosed
from solver.arithmetic.enclosed_array import UNIT, enclosed, fields
from solver.arithmetic.rounding import last_place
from solver.functions.evaluate import evaluate
from solver.quantities import Key

Floats = NDArray[np.float64]

ENCLOSED = Enclosed()
_TINY = 1e-280
"""More than what underflow takes."""

_LEAST, _LARGEST = 1e-250, 1e250
"""Numbers and products between these lose nothing to underflow or overflow."""

_MOST_POWER = 16


class _Bounded(NamedTuple):
    """A sum of products in float64.

    Attributes:
        value: Its value.
        size: The same with every term taken positive.
        read: How many numbers were read on the way.
    """

    value: Any
    size: Any
    read: int


class Written(Protocol):
    """A number as it is written."""

    @property
    def texts(self) -> Sequence[str]:
        """Its digits; with its sign in the second place."""

    @property
    def exponent(self) -> int | None:
        """Its power of ten, if one is printed."""

    @property
    def fraction(self) -> int:
        """How many digits stand behind the point."""


@dataclass(eq=False)
class ShownColumn:
    """A shown number of all variants, to compute with.

    Attributes:
        rounded: The number, by variant.
        written: The same, as it is written.
    """

    rounded: Sequence[Rounded]
    written: Sequence[Written]

    @cached_property
    def nearest(self) -> Floats:
        """The float64 numbers next to it; NaN, of which nothing is ever said, where they are too small or too large."""
        found = np.array(
            [
                float(one.texts[1]) if one.exponent is None else float(f"{one.texts[1]}e{one.exponent}")
                for one in self.written
            ]
        )
        zero = np.array([not number.sign for number in self.rounded])
        return np.where(zero | _is_safe(np.abs(found)), found, np.nan)

    @cached_property
    def enclosed(self) -> Any:
        """The number with its error as float64, and how many decimals it has."""
        places = np.array([one.fraction - (one.exponent or 0) for one in self.written])
        whole = (places <= 0) & (np.abs(self.nearest) < 2.0**52)
        error = np.where(whole, 0.0, np.abs(self.nearest) * UNIT)
        return enclosed(self.nearest, error, np.maximum(0.0, places))

    def halves(self, digits: Digits) -> Floats:
        """Return half a unit of the number's last place."""
        return np.array(
            [
                _half(last_place(number, digits) if number.exact else (one.exponent or 0) - one.fraction)
                for number, one in zip(self.rounded, self.written, strict=True)
            ]
        )


def _is_safe(size: Any) -> Any:
    return (size > _LEAST) & (size < _LARGEST)


@lru_cache(maxsize=1024)
def _half(place: int) -> float:
    return float(f"5e{place - 1}")


def follow(
    formula: f.Formula,
    shown: ShownColumn,
    columns: Mapping[Key, ShownColumn],
    digits: Digits,
    constants: Mapping[str, Fraction],
) -> list[bool | None]:
    """Return for each variant whether the shown numbers, put into the formula, round to the shown result.

    Args:
        formula: The formula.
        shown: The result.
        columns: The numbers that the formula reads.
        digits: How many digits the document shows.
        constants: Values of the formula's variables.
    """
    count = len(shown.rounded)
    with np.errstate(all="ignore"):
        found = _bounded(formula, columns, constants)
        if found is not None:
            value, error = found.value, (4 * found.read + 8) * UNIT * found.size + _TINY
            nothing = found.size == 0  # a factor of every term is 0
        else:
            enclosure = _enclosed(formula, columns, constants)
            if enclosure is None:
                return [None] * count
            value, error, _ = fields(enclosure)
            nothing = (value == 0) & (error == 0)
            # Whatever was made of a number that is not known says nothing.
            value = value + 0 * sum(column.nearest for column in columns.values())
        size, half = np.abs(shown.nearest), shown.halves(digits)
        reached = np.where(shown.nearest < 0, -value, value)
        error = error + 8 * UNIT * (size + half)
        low, high = size - half, size + half
        inside = (reached - error > low) & (reached + error < high)
        outside = (reached + error < low) | (reached - error > high)
        zero = size == 0
        yes = np.where(zero, nothing & np.isfinite(value), inside)
        no = np.where(zero, np.abs(value) > error, outside)
    return [
        True if follows else False if fails else None
        for follows, fails in zip(
            np.broadcast_to(yes, count).tolist(), np.broadcast_to(no, count).tolist(), strict=True
        )
    ]


def _enclosed(
    formula: f.Formula, columns: Mapping[Key, ShownColumn], constants: Mapping[str, Fraction]
) -> Any | None:
    try:
        variables = {name: ENCLOSED.number(value) for name, value in constants.items()}
        found = evaluate(formula, lambda key: columns[key].enclosed, arithmetic=ENCLOSED, variables=variables)
        return ENCLOSED.settle(found)
    except ArithmeticError:
        return None


def _bounded(
    node: f.Formula, columns: Mapping[Key, ShownColumn], constants: Mapping[str, Fraction]
) -> _Bounded | None:
    """Return a sum of products of numbers, None for any other formula."""
    match node:
        case f.Ref(key):
            value = columns[key].nearest
            return _Bounded(value, np.abs(value), 1)
        case f.Number(number):
            return _constant(number)
        case f.Variable(name) if name in constants:
            return _constant(constants[name])
        case f.Negative(operand):
            found = _bounded(operand, columns, constants)
            return found and _Bounded(-found.value, found.size, found.read)
        case f.Sum(parts) | f.Product(parts):
            known = [_bounded(part, columns, constants) for part in parts]
            total = known[0]
            for part in known[1:]:
                total = None if total is None or part is None else _joined(node, total, part)
            return total
        case f.Power(base, f.Number(exponent)) if exponent.denominator == 1 and 0 < exponent <= _MOST_POWER:
            found = _bounded(base, columns, constants)
            power = int(exponent)
            if found is None:
                return None
            return _proven(found.value**power, found.size**power, found.size == 0, found.read * power)
        case _:
            return None


def _constant(number: Fraction) -> _Bounded | None:
    try:
        value = number.numerator / number.denominator
    except OverflowError:
        return None
    return _Bounded(value, abs(value), 1) if not number or _is_safe(abs(value)) else None


def _joined(node: f.Formula, one: _Bounded, other: _Bounded) -> _Bounded:
    read = one.read + other.read
    if isinstance(node, f.Sum):
        return _Bounded(one.value + other.value, one.size + other.size, read)
    return _proven(one.value * other.value, one.size * other.size, (one.size == 0) | (other.size == 0), read)


def _proven(value: Any, size: Any, zero: Any, read: int) -> _Bounded:
    """Return a product of which nothing is known where it is not zero and yet so small that its digits are lost."""
    return _Bounded(value, np.where((size < _LEAST) & ~np.asarray(zero), np.nan, size), read)
