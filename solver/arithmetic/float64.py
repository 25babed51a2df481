"""Float64 arrays: fast, one pass for all variants of a problem, and what the JSON form carries.

Overflow is a fault here and never an `inf` that travels on: JSON has no infinity and a teacher no use for one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.arithmetic.base import Array, DomainError, Exact, Mask, Values

_Floats = NDArray[np.float64]


def _each(function: Callable[[float], float]) -> Callable[[_Floats], _Floats]:
    vectorised = np.vectorize(function, otypes=[np.float64])

    def apply(values: _Floats) -> _Floats:
        result: _Floats = vectorised(values) if values.size else values
        return result

    return apply


erf = _each(math.erf)
erfc = _each(math.erfc)

_UNARY: dict[str, Callable[[_Floats], _Floats]] = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tanh": np.tanh, "erf": erf,
    "erfc": erfc, "expm1": np.expm1, "log1p": np.log1p, "abs": np.abs,
}  # fmt: skip
_BINARY: dict[str, Callable[[_Floats, _Floats], _Floats]] = {
    "max": np.maximum, "min": np.minimum, "divide": np.divide, "power": np.power,
}  # fmt: skip
_COMPARE: dict[str, Callable[[_Floats, _Floats], Mask]] = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "=": np.equal, "!=": np.not_equal,
}  # fmt: skip


@dataclass(frozen=True)
class Float64:
    """IEEE double precision on numpy arrays."""

    name: str = "float64"
    exact: bool = False

    @contextmanager
    def working(self) -> Iterator[None]:
        """Silence numpy's warnings: `call` looks at its results itself."""
        with np.errstate(all="ignore"):
            yield

    def number(self, value: Exact) -> np.float64:
        """Return the nearest float64."""
        return np.float64(_nearest(value))

    def array(self, values: Exact | Sequence[Any] | Array) -> _Floats:
        """Return numbers as a float64 array."""
        plain = np.asarray(values)
        if plain.dtype == object:
            nearest = [_nearest(value) for value in plain.ravel()]
            return np.array(nearest, dtype=np.float64).reshape(plain.shape)
        return plain.astype(np.float64)

    def zeros(self, shape: tuple[int, ...]) -> _Floats:
        """Return zeros."""
        return np.zeros(shape)

    def call(self, operation: str, *arguments: Values) -> Values:
        """Return an operation elementwise; see `Arithmetic.call`."""
        if operation == "pi":
            return np.float64(math.pi)
        operands = [np.asarray(argument, dtype=np.float64) for argument in arguments]
        _domain(operation, operands)
        with np.errstate(all="ignore"):
            result = (
                _UNARY[operation](operands[0])
                if len(operands) == 1
                else _BINARY[operation](operands[0], operands[1])
            )
        _first(~np.isfinite(result), "a number too large for float64")
        return result

    def compare(self, left: Values, relation: str, right: Values) -> Mask:
        """Return the comparison of the float64 values."""
        return np.asarray(_COMPARE[relation](np.asarray(left), np.asarray(right)))

    def settle(self, values: Values) -> Values:
        """Return the values as they are."""
        return values

    def to_float(self, values: Values) -> _Floats:
        """Return the values as they are."""
        return np.asarray(values, dtype=np.float64)


def _nearest(value: Exact) -> float:
    if isinstance(value, (float, int, Decimal, Fraction)):
        return float(value)
    return int(value.p) / int(value.q)  # Python's division of integers rounds once


def _domain(operation: str, operands: Sequence[_Floats]) -> None:
    x = operands[0]
    match operation:
        case "log":
            _first(x == 0, "log of zero")
            _first(x < 0, "log of a negative number")
        case "log1p":
            _first(x <= -1, "log of zero or of a negative number")
        case "sqrt":
            _first(x < 0, "square root of a negative number")
        case "divide":
            _first(np.broadcast_arrays(operands[1] == 0, x)[0], "division by zero")
        case "power":
            y = operands[1]
            _first((x == 0) & (y < 0), "division by zero")
            _first((x < 0) & (y != np.floor(y)), "fractional power of a negative number")
        case _:
            pass


def _first(wrong: Mask, what: str) -> None:
    if np.any(wrong):
        raise DomainError.where(np.asarray(wrong), what)
