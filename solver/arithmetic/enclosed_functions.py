"""Elementary functions of enclosed numbers, whole arrays at once.

Their error is bounded by arithmetic alone; no library's accuracy is taken on trust.

exp: x = k ln 2 + r with |r| ≤ 0.35, where ln 2 is held as a sum of two numbers of which k times the first is exact, so
that r is off by less than u = 2⁻⁵³. The Taylor polynomial of degree 13 leaves out less than 10⁻¹⁷ of e^r; Horner's scheme
adds at most γ₂₇ e^|r|, which is below 60 u e^r. In all less than 80 u of the result.

log: a float64 y near log x is tested: log x = y + log(x e⁻ʸ), and x e⁻ʸ is enclosed by the exponential.

Source: Higham (2002), Accuracy and Stability of Numerical Algorithms, section 5.1; the two parts of ln 2 are those of
fdlibm's exp (Sun Microsystems, 1993).
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial

import numpy as np

from solver.arithmetic.base import Array
from solver.arithmetic.enclosed_array import UNDERFLOW, UNIT, Floats, enclosed, fields, outwards, vanishes

_LN2_HIGH = 6.93147180369123816490e-01  # its last 21 bits are zero
_LN2_LOW = 1.90821492927058770002e-10
_COEFFICIENTS = [1 / factorial(n) for n in range(13, -1, -1)]
_ERROR = 120 * UNIT  # with what is left out of second order
_LARGEST = 690.0
_WIDEST = 0.01


def _exp(x: Floats) -> Floats:
    """Return e^x, off by at most `_ERROR` of it."""
    k = np.rint(x / (_LN2_HIGH + _LN2_LOW))
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    found = np.full(x.shape, _COEFFICIENTS[0])
    for coefficient in _COEFFICIENTS[1:]:
        found = found * r + coefficient
    scaled: Floats = np.ldexp(found, k.astype(np.int64))
    return scaled


def exp(x: Array) -> Array | None:
    """Return e^x; None where it is too large, too small or too wide for float64."""
    mid, rad, _ = fields(x)
    if not ((np.abs(mid) < _LARGEST) & (rad < _WIDEST)).all():
        return None
    value = _exp(mid)
    # e^(x ± s) lies within s + s² of e^x where s is small.
    spread = rad * (1 + rad)
    zero = vanishes(x)
    return enclosed(
        np.where(zero, 1.0, value),
        np.where(zero, 0.0, value * (spread + _ERROR * (1 + spread)) * outwards() + UNDERFLOW),
        np.where(zero, 0.0, np.inf),
    )


def log(x: Array) -> Array | None:
    """Return log x; None where a number may not be positive, or is too wide."""
    mid, rad, _ = fields(x)
    size = np.where(mid > 0, mid, 1.0)
    if not ((mid > 1e-290) & (mid < 1e290) & (rad < _WIDEST * size)).all():
        return None
    value = np.log(mid)
    # x e⁻ʸ = 1 + δ, and |log(1 + δ)| ≤ |δ| / (1 − |δ|); so is what x itself is off by.
    off = 1.05 * (np.abs(mid * _exp(-value) - 1) + 2 * _ERROR + rad / mid)
    one = (mid == 1) & (rad == 0)
    if not (off < 2 * _WIDEST).all():
        return None
    return enclosed(
        np.where(one, 0.0, value),
        np.where(one, 0.0, off / (1 - off) * (1 + 4 * _ERROR) + UNDERFLOW),
        np.where(one, 0.0, np.inf),
    )


VECTORISED: dict[str, Callable[[Array], Array | None]] = {"exp": exp, "log": log}
"""Functions of one array; None where the elements have to be looked at one by one."""
