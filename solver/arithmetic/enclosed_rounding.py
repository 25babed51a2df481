"""Rounding enclosed numbers, a whole column of variants at once: digits only where the enclosure proves them.

It gives what `round_number` gives for the same number in exact and ball arithmetic, or None. A number that is known
exactly is rounded as a fraction. Of any other it must be certain that it is no short decimal, or nobody could tell 2.900
from 2.9: then the enclosure holds neither the number that would be shown nor a whole one.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.arithmetic.base import Array
from solver.arithmetic.enclosed_array import (
    UNIT,
    Floats,
    as_fraction,
    fields,
    outwards,
    tightened,
    whole_numbers,
)
from solver.arithmetic.rounding import PLAIN_DIGITS, SMALLEST_PLAIN, Digits, Rounded, round_number

_POWERS = 290
"""Numbers beyond 10^±290 are not this module's business."""

_TENS = np.array([float(f"1e{k}") for k in range(-_POWERS, _POWERS + 1)])

_MOST_DIGITS = 12
"""Digits that float64 can prove."""


class _Wholes(NamedTuple):
    """|x| · 10^power rounded to whole numbers, and where they are certain."""

    whole: NDArray[np.int64]
    decided: NDArray[np.bool_]


def round_enclosed(values: Array, digits: Digits) -> list[Rounded | None]:
    """Return numbers as they are shown, and None for those whose digits the enclosure does not prove.

    Args:
        values: Numbers along one axis.
        digits: How many digits.
    """
    found = tightened(values)
    whole, places, known = whole_numbers(found)
    inexact: list[Rounded | None] = [None] * len(found)
    if not known.all() and max(digits.significant, digits.decimals or 0) <= _MOST_DIGITS:
        with np.errstate(all="ignore"):
            inexact = _rounded(found, digits)
    return [
        _exactly(k, p, digits) if exact else number
        for k, p, exact, number in zip(whole.tolist(), places.tolist(), known.tolist(), inexact, strict=True)
    ]


@lru_cache(maxsize=16384)
def _exactly(whole: int, places: int, digits: Digits) -> Rounded:
    return round_number(as_fraction(whole, places), digits)


def _rounded(values: Array, digits: Digits) -> list[Rounded | None]:
    mid, rad, _ = fields(values)
    size = np.abs(mid)
    apart = (size > rad) & (np.abs(size - np.rint(size)) > rad + 2 * UNIT * size)
    sign = np.sign(mid).astype(np.int8)
    if digits.decimals is None:
        return _shown(sign, *_significant(size, rad, apart, digits.significant), digits.significant, False)
    fixed = _wholes(size, rad, apart, np.full(size.shape, digits.decimals))
    plain = (fixed.whole > 0) & (fixed.whole < 10 ** (PLAIN_DIGITS + digits.decimals))
    count = max(2, digits.decimals)
    wholes, magnitude = _significant(size, rad, apart, count)
    scientific = _shown(sign, wholes, magnitude, count, True)
    return [
        (Rounded(s, _decimal(whole, -digits.decimals), None, exact=False) if is_plain else other)
        if decided
        else None
        for s, whole, is_plain, decided, other in zip(
            *(part.tolist() for part in (sign, fixed.whole, plain, fixed.decided)), scientific, strict=True
        )
    ]


def _significant(
    size: Floats, rad: Floats, apart: NDArray[np.bool_], count: int
) -> tuple[_Wholes, NDArray[np.int64]]:
    """Return `count` digits as whole numbers, and the power of ten of the first of them."""
    usable = (size > 1e-260) & (size < 1e260)
    magnitude = np.floor(np.log10(np.where(usable, size, 1.0))).astype(np.int64)
    first = _wholes(size, rad, apart, count - 1 - magnitude)
    # 9.9996 has one digit more before the point once it is rounded; a logarithm may be off by one, too.
    magnitude = magnitude + (first.whole >= 10**count)
    whole, decided = _wholes(size, rad, apart, count - 1 - magnitude)
    return _Wholes(whole, decided & usable & (whole >= 10 ** (count - 1)) & (whole < 10**count)), magnitude


def _wholes(size: Floats, rad: Floats, apart: NDArray[np.bool_], power: NDArray[np.int64]) -> _Wholes:
    """Return size · 10^power rounded; decided where the enclosure lies between two ties and holds no whole number."""
    ten = _TENS[np.clip(power, -_POWERS, _POWERS) + _POWERS]
    scaled = size * ten
    off = (rad * ten + 8 * UNIT * scaled) * outwards()
    whole = np.floor(scaled + 0.5)
    distance = np.abs(scaled - whole)
    decided = apart & (distance > off) & (distance + off < 0.5) & (scaled < 10.0 ** (_MOST_DIGITS + 2))
    return _Wholes(np.where(decided, whole, 0.0).astype(np.int64), decided)


def _shown(
    sign: NDArray[np.int8], wholes: _Wholes, magnitude: NDArray[np.int64], count: int, scientific: bool
) -> list[Rounded | None]:
    found: list[Rounded | None] = []
    for s, whole, decided, m in zip(
        *(part.tolist() for part in (sign, wholes.whole, wholes.decided, magnitude)), strict=True
    ):
        if not decided:
            found.append(None)
        elif scientific or m < SMALLEST_PLAIN or m >= count:
            found.append(Rounded(s, _decimal(whole, 1 - count), m, exact=False))
        else:
            found.append(Rounded(s, _decimal(whole, m + 1 - count), None, exact=False))
    return found


def _decimal(whole: int, exponent: int) -> Decimal:
    """Return whole · 10^exponent, its digits kept."""
    return Decimal(whole).scaleb(exponent)
