"""Numbers as they will be printed, compared in bulk: two values have one key where they print the same digits.

The digits on a page are proven one by one; here hundreds of thousands of values are only held against each other, and
float64 is enough for that: a value within 1e-9 of a tie is taken as the tie.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solver.arithmetic import Digits

Keys = NDArray[np.int64]

_NUDGE = 1e-9
_SMALLEST = 1e-300
_SCALE = 1000  # powers of ten that a key tells apart: float64 has fewer


def printed_keys(values: NDArray[np.float64], digits: Digits) -> Keys:
    """Return a whole number for each value, equal where the printed digits are; 0 for what prints as 0."""
    keys = significant_keys(
        values, digits.significant if digits.decimals is None else max(2, digits.decimals)
    )
    if digits.decimals is None:
        return keys
    size = np.abs(values) * 10.0**digits.decimals
    whole = np.floor(size + 0.5 + _NUDGE)
    plain = (whole > 0) & (whole < 2.0**52)
    # An odd key is a number of fixed decimals, an even one has significant digits.
    fixed = np.where(plain, np.sign(values) * whole, 0).astype(np.int64)
    return np.where(plain, 2 * fixed + 1, 2 * keys)


def significant_keys(values: NDArray[np.float64], digits: int) -> Keys:
    """Return keys of values rounded to significant digits, ties away from zero."""
    size = np.abs(values)
    there = size > _SMALLEST
    safe = np.where(there, size, 1.0)
    power = np.floor(np.log10(safe)).astype(np.int64)
    whole = np.floor(safe / 10.0 ** (power - digits + 1).astype(np.float64) + 0.5 + _NUDGE).astype(np.int64)
    # 9.9996 has become 10.00, and a logarithm may be one off at a power of ten.
    over = whole >= 10**digits
    under = whole < 10 ** (digits - 1)
    whole = np.where(over, whole // 10, np.where(under, whole * 10, whole))
    power = power + over - under
    keys = whole * _SCALE + (power + _SCALE // 2)
    return np.where(there, np.sign(values).astype(np.int64) * keys, 0)
