"""Exact fractions alone: sums, products and quotients without a precision to enter, and nothing else.

What a reader recomputes from shown decimals mostly is a polynomial. Fractions answer that exactly, at once; whatever
leaves them is `Undecided` here, and balls take over.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from solver.arithmetic.base import Array, Exact, Mask, Undecided, Values
from solver.arithmetic.certified import FUNCTIONS, elementwise, integer, nearest_float
from solver.arithmetic.flint_array import FlintArray, flint_array
from solver.arithmetic.rational import rational

_ANYWHERE: AbstractContextManager[None] = nullcontext()

_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip


@dataclass(frozen=True)
class Rationals:
    """Fractions."""

    name: str = "rationals"
    exact: bool = True

    def working(self) -> AbstractContextManager[None]:
        """Fractions need no precision."""
        return _ANYWHERE

    def number(self, value: Exact) -> fmpq:
        """Return an exact fraction."""
        return rational(value)

    def array(self, values: Exact | Sequence[Any] | Array) -> FlintArray:
        """Return exact fractions as an object array."""
        plain = np.asarray(values, dtype=object)
        return flint_array([rational(value) for value in plain.ravel().tolist()], plain.shape)

    def zeros(self, shape: tuple[int, ...]) -> FlintArray:
        """Return exact zeros."""
        return flint_array([fmpq(0)] * int(np.prod(shape)), shape)

    def call(self, operation: str, *arguments: Values) -> Values:
        """Return an operation elementwise; see `Arithmetic.call`.

        Raises:
            Undecided: The operation leads out of the fractions.
        """
        if operation not in _CLOSED:
            raise Undecided(f"{operation} leads out of the fractions")
        return elementwise(_CLOSED[operation], arguments)

    def compare(self, left: Values, relation: str, right: Values) -> Mask:
        """Return a comparison elementwise."""
        return np.asarray(elementwise(_RELATIONS[relation], (left, right))).astype(bool)

    def settle(self, values: Values) -> Values:
        """Return the values as they are."""
        return values

    def to_float(self, values: Values) -> NDArray[np.float64]:
        """Return the float64 nearest to each fraction."""
        plain = np.asarray(values, dtype=object)
        return np.array([nearest_float(value) for value in plain.ravel().tolist()]).reshape(plain.shape)


def _power(x: fmpq, y: fmpq) -> fmpq:
    exponent = integer(y)
    if exponent is None or abs(exponent) > 64:
        raise Undecided("a power that may lead out of the fractions")
    found: fmpq = FUNCTIONS["power"](x, y)
    return found


_CLOSED: dict[str, Callable[..., fmpq]] = {
    "abs": abs, "max": max, "min": min, "divide": FUNCTIONS["divide"], "power": _power,
}  # fmt: skip
