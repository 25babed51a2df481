"""Float64 with proven error bounds: one pass of numpy for all variants of a problem, and digits that still are certain.

Balls of flint are objects, and a pass over them costs milliseconds for every variant. Here the numbers of all variants
run through numpy together, and each carries a radius that bounds its error (see `enclosed_array`). About 13 digits
survive, more than a sheet shows; what they do not decide is left to `Certified`. The exponential and the logarithm are
enclosed whole arrays at a time (`enclosed_functions`), other functions are taken from flint, element by element.

Nothing is decided per element: where one number has no value or one case is open, the whole pass raises, and whoever
runs it takes fewer variants at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, fmpq
from numpy.typing import NDArray

from solver.arithmetic.base import Array, DomainError, Exact, Mask, Undecided, Values
from solver.arithmetic.certified import FUNCTIONS, precision
from solver.arithmetic.enclosed_array import (
    RECORD,
    UNDERFLOW,
    UNIT,
    EnclosedArray,
    as_enclosed,
    as_fraction,
    divide,
    enclosed,
    enclosed_number,
    fields,
    outwards,
    tightened,
    vanishes,
    whole_numbers,
    whole_power,
)
from solver.arithmetic.enclosed_functions import VECTORISED

_BITS = 64
"""Precision of the elementary functions: more than float64 keeps."""


@dataclass(frozen=True)
class Enclosed:
    """Float64 midpoints with radii."""

    name: str = "enclosed"
    exact: bool = True

    @contextmanager
    def working(self) -> Iterator[None]:
        """Silence numpy's warnings: what overflows is found by `settle`."""
        with np.errstate(all="ignore"):
            yield

    def number(self, value: Exact | Array) -> Array:
        """Return an exact number as an array without axes."""
        return value if isinstance(value, np.ndarray) else enclosed(*enclosed_number(value))

    def array(self, values: Exact | Sequence[Any] | Array) -> Array:
        """Return exact numbers."""
        return as_enclosed(np.asarray(values, dtype=object))

    def zeros(self, shape: tuple[int, ...]) -> Array:
        """Return exact zeros."""
        return np.zeros(shape, RECORD).view(EnclosedArray)

    def call(self, operation: str, *arguments: Values) -> Values:
        """Return an operation elementwise; see `Arithmetic.call`."""
        with self.working():
            if operation == "pi":
                with precision(_BITS):
                    return enclosed(*_record(arb.pi()))
            operands = [tightened(as_enclosed(argument)) for argument in arguments]
            if operation in _WHOLE_ARRAYS:
                return _WHOLE_ARRAYS[operation](*operands)
            found = VECTORISED[operation](*operands) if operation in VECTORISED else None
            return found if found is not None else _elementwise(operation, operands)

    def compare(self, left: Values, relation: str, right: Values) -> Mask:
        """Return a proven comparison elementwise."""
        with self.working():
            sign = signs(as_enclosed(left) - as_enclosed(right))
        return _RELATIONS[relation](sign)

    def settle(self, values: Values) -> Values:
        """Return the same values as narrow as they are known; a zero is the exact number 0.

        Raises:
            Undecided: A number too large for float64.
        """
        with self.working():
            found = tightened(as_enclosed(values))
            mid, rad, places = fields(found)
            if not np.isfinite(rad).all() or not np.isfinite(mid).all():
                raise Undecided("a number too large for float64")
            return enclosed(mid, rad, np.where(vanishes(found), 0.0, places))

    def to_float(self, values: Values) -> NDArray[np.float64]:
        """Return the midpoints."""
        return np.array(fields(as_enclosed(values))[0])


def signs(values: Array) -> NDArray[np.int8]:
    """Return −1, 0 or 1.

    Raises:
        Undecided: An enclosure contains zero and is not zero.
    """
    found = tightened(values)
    mid, rad, _ = fields(found)
    if not (vanishes(found) | (np.abs(mid) > rad)).all():
        raise Undecided("the sign of an enclosed number")
    return np.sign(mid).astype(np.int8)


_RELATIONS: dict[str, Callable[[NDArray[np.int8]], Mask]] = {
    "<": lambda sign: np.asarray(sign < 0),
    "<=": lambda sign: np.asarray(sign <= 0),
    ">": lambda sign: np.asarray(sign > 0),
    ">=": lambda sign: np.asarray(sign >= 0),
    "=": lambda sign: np.asarray(sign == 0),
    "!=": lambda sign: np.asarray(sign != 0),
}


def _abs(x: Array) -> Array:
    mid, rad, places = fields(x)
    return enclosed(np.abs(mid), rad, places)


def _max(x: Array, y: Array) -> Array:
    first = signs(x - y) >= 0
    x, y = np.broadcast_arrays(x, y, subok=True)
    return np.where(first, x, y).view(EnclosedArray)


def _min(x: Array, y: Array) -> Array:
    first = signs(x - y) <= 0
    x, y = np.broadcast_arrays(x, y, subok=True)
    return np.where(first, x, y).view(EnclosedArray)


_WHOLE_ARRAYS: dict[str, Callable[..., Array]] = {
    "abs": _abs,
    "max": _max,
    "min": _min,
    "divide": divide,
}


def _elementwise(operation: str, operands: Sequence[Array]) -> Array:
    """Return an operation that flint does: exact numbers go in as fractions, all others as balls."""
    arrays = np.broadcast_arrays(*operands, subok=True)
    shape = arrays[0].shape
    if operation == "power" and arrays[1].size and (exponent := _common_whole(operands[1])) is not None:
        return whole_power(operands[0], exponent) + enclosed(np.zeros(shape), 0.0, 0.0)
    function = FUNCTIONS[operation]
    found: list[tuple[float, float, float]] = []
    with precision(_BITS):
        try:
            for elements in zip(*map(_elements, arrays), strict=True):
                found.append(_record(function(*elements)))
        except DomainError as error:
            place = np.unravel_index(len(found), shape)
            raise DomainError(error.what, tuple(int(axis) + 1 for axis in place), error.subject) from None
    return np.array(found, RECORD).reshape(shape).view(EnclosedArray)


def _common_whole(exponents: Array) -> int | None:
    """Return the one small whole number that all exponents are, or None."""
    whole, places, known = whole_numbers(exponents)
    first = int(whole.flat[0])
    same = known.all() and (places == 0).all() and (whole == first).all()
    return first if same and abs(first) <= 64 else None


def _elements(array: Array) -> list[Any]:
    """Return the elements as fractions where they are known exactly, and as balls."""
    flat = array.ravel()
    mid, rad, _ = fields(flat)
    columns = (part.tolist() for part in (*whole_numbers(flat), mid, rad))
    return [
        as_fraction(whole, places) if known else arb(m, r)
        for whole, places, known, m, r in zip(*columns, strict=True)
    ]


def _record(value: fmpq | arb) -> tuple[float, float, float]:
    """Return a fraction or a ball as a record."""
    if isinstance(value, fmpq):
        return enclosed_number(value)
    mid, rad = float(value.mid()), float(value.rad())
    return mid, (rad + 2 * UNIT * abs(mid)) * outwards() + UNDERFLOW, float("inf")
