"""Arrays of real numbers that are known up to a radius: float64 midpoints, and bounds on how far off they are.

IEEE operations are rounded correctly, so that what one of them adds to an error is at most u = 2⁻⁵³ of its result (and
next to nothing where it underflows). Every operation returns midpoints and grows the radii by what was there before and
by its own rounding; radii are rounded too, hence the factor above 1 on each of them.

Printing asks one thing more: whether a number is a short decimal, 2.9 and not 2.900. So a number that comes of decimals
by +, − and · carries how many decimal places it has at most. Where the radius is below half of the last of them, the
number is known exactly.

Source: Higham (2002), Accuracy and Stability of Numerical Algorithms, chapters 2 and 3; Rump (1999), Fast and parallel
interval arithmetic, BIT 39.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from solver.arithmetic.base import Array, DomainError, Undecided
from solver.arithmetic.rational import fraction, rational

Floats = NDArray[np.float64]

RECORD = np.dtype([("mid", np.float64), ("rad", np.float64), ("places", np.float64)])
"""Midpoint, radius, and at most how many decimal places there are; ∞ where nobody knows that there is an end."""

UNIT = 2.0**-53
UNDERFLOW = 1e-290
"""More than what underflow takes from a product or a quotient."""

_MOST_PLACES = 22  # powers of ten up to this one are float64 numbers
_TENS = np.array([10.0**k for k in range(_MOST_PLACES + 1)])
_WHOLE = 2.0**52  # below it, float64 numbers tell every whole number from its neighbours


def outwards(terms: int = 1) -> float:
    """Return a factor larger than what rounding takes from a radius that is a sum of so many terms."""
    return 1 + (terms + 32) * 2.0**-52


class EnclosedArray(np.ndarray[Any, np.dtype[Any]]):
    """A structured array of `RECORD`; numpy moves the elements about, the operators are those of real numbers."""

    __slots__ = ()
    __array_priority__ = 1.0  # what numpy joins or stacks stays of this class

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Return an arithmetic operation; anything else numpy would do has no meaning here."""
        if method != "__call__" or options or ufunc not in _OPERATORS:
            return NotImplemented
        return _OPERATORS[ufunc](*inputs)

    def __pow__(self, exponent: int) -> Array:  # type: ignore[override]
        """Return a whole power; numpy would take a square for an operation of its own."""
        return whole_power(self, exponent)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Array:  # type: ignore[override]
        """Return Σ over axes; numpy may add in any order."""
        mid, rad, places = fields(self)
        total: Floats = mid.sum(axis=axis, keepdims=keepdims)
        count = mid.size // max(1, total.size)
        radii = (rad + (count * UNIT) * np.abs(mid)).sum(axis=axis, keepdims=keepdims)
        return enclosed(total, radii * outwards(count), places.max(axis=axis, keepdims=keepdims, initial=0.0))


def fields(values: Any) -> tuple[Floats, Floats, Floats]:
    """Return (midpoints, radii, places) as views."""
    plain = values.view(np.ndarray)
    return plain["mid"], plain["rad"], plain["places"]


def enclosed(mid: Any, rad: Any, places: Any) -> Array:
    """Return an array of these fields, which broadcast."""
    result = np.empty(np.broadcast(mid, rad, places).shape, RECORD)
    result["mid"], result["rad"], result["places"] = mid, rad, places
    return result.view(EnclosedArray)


def enclosed_number(value: Any) -> tuple[float, float, float]:
    """Return an exact number as one record: the float64 next to it, half a unit in the last place, its decimals."""
    if isinstance(value, Decimal) and value.is_finite():  # what a person wrote; most numbers are
        return _written(value)
    number = value if isinstance(value, (int, Fraction)) else fraction(rational(value))
    p, q = number.numerator, number.denominator
    return _next_to(p / q, number, _decimal_places(q))


@lru_cache(maxsize=16384)
def _written(value: Decimal) -> tuple[float, float, float]:
    return _next_to(float(value), value, float(max(0, -int(value.as_tuple().exponent))))


def _next_to(mid: float, value: int | Fraction | Decimal, places: float) -> tuple[float, float, float]:
    exact = mid.is_integer() and mid == value
    return mid, 0.0 if exact else abs(mid) * UNIT + UNDERFLOW, places


def _decimal_places(denominator: int) -> float:
    """Return how many decimals a fraction in lowest terms has."""
    twos, fives = 0, 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return float(max(twos, fives)) if denominator == 1 else math.inf


def as_enclosed(value: Any) -> Array:
    """Return an operand as an array of records: plain ones are whole numbers or masks."""
    if isinstance(value, EnclosedArray):
        return value
    plain = np.asarray(value)
    if plain.dtype == RECORD:
        return plain.view(EnclosedArray)
    if plain.dtype == object:
        records = [enclosed_number(x) for x in plain.ravel().tolist()]
        return np.array(records, RECORD).reshape(plain.shape).view(EnclosedArray)
    if plain.dtype.kind not in "iub":
        raise TypeError(f"a float is no exact number: {value!r}")
    return enclosed(plain.astype(np.float64), 0.0, 0.0)


def vanishes(values: Array) -> NDArray[np.bool_]:
    """Return where a number is certainly zero."""
    mid, rad, _ = fields(values)
    return np.asarray((mid == 0) & (rad == 0))


def whole_numbers(values: Array) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return (k, places, known): the number is exactly k · 10^−places where it is known."""
    mid, rad, places = fields(values)
    few = places <= _MOST_PLACES
    digits = np.where(few, places, 0.0).astype(np.int64)
    scaled = mid * _TENS[digits]
    # The number itself times 10^places is whole, and nearer to `scaled` than half of 1.
    off = rad * _TENS[digits] + 2 * UNIT * np.abs(scaled)
    known = few & (off < 0.25) & (np.abs(scaled) < _WHOLE)
    return np.rint(np.where(known, scaled, 0.0)).astype(np.int64), digits, known


def tightened(values: Array) -> Array:
    """Return the same numbers, those that are known exactly with no more error than float64 must have."""
    if not np.isfinite(fields(values)[2]).any():
        return values  # behind an exponential nothing is a short decimal
    whole, digits, known = whole_numbers(values)
    if not known.any():
        return values
    whole, digits = _without_zeros(whole, digits)
    mid, rad, places = fields(values)
    nearest = whole / _TENS[digits]  # both are float64 numbers: one correctly rounded division
    return enclosed(
        np.where(known, nearest, mid),
        np.where(known, np.where(digits == 0, 0.0, np.abs(nearest) * UNIT), rad),
        np.where(known, digits, places),
    )


def _without_zeros(
    whole: NDArray[np.int64], digits: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return whole · 10^−digits with its trailing zeros dropped."""
    while True:
        quotient = whole // 10
        short = (digits > 0) & (quotient * 10 == whole)
        if not short.any():
            return whole, digits
        whole, digits = np.where(short, quotient, whole), digits - short


def _add(x: Any, y: Any) -> Array:
    (a, r, p), (b, s, q) = fields(as_enclosed(x)), fields(as_enclosed(y))
    mid = a + b
    return enclosed(mid, (r + s + UNIT * np.abs(mid)) * outwards(), np.maximum(p, q))


def _subtract(x: Any, y: Any) -> Array:
    return _add(x, _negative(y))


def _negative(x: Any) -> Array:
    mid, rad, places = fields(as_enclosed(x))
    return enclosed(-mid, rad, places)


def _multiply(x: Any, y: Any) -> Array:
    x, y = as_enclosed(x), as_enclosed(y)
    (a, r, p), (b, s, q) = fields(x), fields(y)
    mid = a * b
    rad = (np.abs(a) * s + r * (np.abs(b) + s) + UNIT * np.abs(mid)) * outwards() + UNDERFLOW
    return enclosed(mid, np.where(vanishes(x) | vanishes(y), 0.0, rad), p + q)


def divide(x: Any, y: Any) -> Array:
    """Return x / y.

    Raises:
        DomainError: Division by zero.
        Undecided: A divisor's enclosure contains zero.
    """
    x, y = as_enclosed(x), tightened(as_enclosed(y))
    (a, r, p), (b, s, q) = fields(x), fields(y)
    zero = vanishes(y)
    if zero.any():
        place = np.argwhere(np.broadcast_arrays(zero, a)[0])[0]
        raise DomainError("division by zero", tuple(int(axis) + 1 for axis in place))
    room = (np.abs(b) - s) * (1 - 2.0**-48)
    if not (room > 0).all():
        raise Undecided("whether a divisor is zero")
    mid = a / b
    rad = ((r + np.abs(mid) * s) / room + UNIT * np.abs(mid)) * outwards() + UNDERFLOW
    exact = np.isfinite(p) & np.isfinite(q)
    places = np.where(exact, _places_of_quotient(x, y), np.inf) if exact.any() else np.inf
    return enclosed(mid, np.where(vanishes(x), 0.0, rad), places)


def _places_of_quotient(x: Array, y: Array) -> Floats:
    """Return how many decimals x / y has: m / (2^i 5^j) in lowest terms ends, any other divisor leaves ∞."""
    (m, p, known_m), (n, q, known_n) = whole_numbers(x), whole_numbers(y)
    known = known_m & known_n
    m, n, known = np.broadcast_arrays(m, n, known)
    rest = np.where(known, np.abs(n) // np.maximum(1, np.gcd(m, n)), 1)
    powers = []
    for prime in (2, 5):
        count = np.zeros(rest.shape, np.int64)
        while (divisible := (rest > 1) & (rest % prime == 0)).any():
            rest, count = np.where(divisible, rest // prime, rest), count + divisible
        powers.append(count)
    places = np.maximum(0, np.maximum(*powers) + p - q)
    return np.where(known & (rest == 1), places, np.inf)


def whole_power(x: Any, exponent: int) -> Array:
    """Return xⁿ for a whole n, by repeated squaring."""
    base = as_enclosed(x)
    if exponent < 0:
        return divide(1, whole_power(base, -exponent))
    result: Array | None = None
    while exponent:
        if exponent & 1:
            result = base if result is None else _multiply(result, base)
        exponent >>= 1
        base = _multiply(base, base) if exponent else base
    return enclosed(np.ones(base.shape), 0.0, 0.0) if result is None else result


def _matmul(x: Any, y: Any) -> Array:
    """Return x @ y. The bound on float64 matrix products holds whatever the order of the sums (Higham, 3.5)."""
    x, y = as_enclosed(x), as_enclosed(y)
    (a, r, p), (b, s, q) = fields(x), fields(y)
    count = a.shape[-1]
    size_a, size_b = np.abs(a), np.abs(b)
    mid = a @ b
    used_a, used_b = (~vanishes(x)).astype(np.float64), (~vanishes(y)).astype(np.float64)
    used = (used_a @ used_b) > 0
    radii = size_a @ (s + (count + 2) * 2 * UNIT * size_b) + r @ (size_b + s)
    rad = np.where(used, radii * outwards(2 * count) + UNDERFLOW * count, 0.0)
    # A term is inexact where one side is and neither is exactly zero: 0 · h stays 0.
    open_a, open_b = np.isinf(p), np.isinf(q)
    inexact = (open_a.astype(np.float64) @ used_b + used_a @ open_b.astype(np.float64)) > 0
    left = np.where(open_a, 0.0, p).max(axis=-1, initial=0.0)
    right = np.where(open_b, 0.0, q).max(axis=0 if b.ndim == 1 else -2, initial=0.0)
    most = (left if b.ndim == 1 else left[..., None]) + (right if a.ndim == 1 else right[..., None, :])
    return enclosed(mid, rad, np.where(inexact, np.inf, most))


_OPERATORS: dict[np.ufunc, Callable[..., Array]] = {
    np.add: _add, np.subtract: _subtract, np.negative: _negative, np.multiply: _multiply, np.divide: divide,
    np.matmul: _matmul, np.positive: as_enclosed,
}  # fmt: skip


def as_fraction(whole: int, places: int) -> fmpq:
    """Return whole · 10^−places."""
    return fmpq(whole, 10**places)
