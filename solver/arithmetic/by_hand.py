"""Arithmetic with a pencil: every value that a reader sees is rounded, and the rounded value is used from there on.

The same graph code as everywhere: it calls `settle` once for each value that a solution shows, and here that rounds. What
is computed between two shown values is exact (or a ball narrow enough to prove the rounding), so each shown line can
be repeated digit for digit on a pocket calculator.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.arithmetic.base import Array, Exact, Mask, Values
from solver.arithmetic.certified import Certified, elementwise
from solver.arithmetic.residues import Residues
from solver.arithmetic.rounding import Digits, Rounded, by_hand


def padded(number: Rounded, digits: Digits) -> Rounded:
    """Return a rounded number with all its digits: a computed 0.94 at four digits is written 0.9400.

    The rounded value that by-hand arithmetic goes on with is exact, and an exact number prints short; where it is
    known to come from rounding, its zeros are digits too.
    """
    if not number.exact or number.sign == 0 or digits.decimals is not None:
        return number
    missing = digits.significant - len(number.coefficient.as_tuple().digits)
    exponent = number.coefficient.as_tuple().exponent
    assert isinstance(exponent, int)
    if missing <= 0 or (exponent >= 0 and number.exponent is None):
        return number
    return replace(
        number, coefficient=number.coefficient.quantize(Decimal(1).scaleb(exponent - missing)), exact=False
    )


@dataclass(frozen=True)
class ByHand:
    """Decimal arithmetic on rounded values.

    Attributes:
        digits: How many digits every shown value keeps.
        inner: What computes between two shown values.
    """

    digits: Digits
    inner: Certified | Residues
    name: str = "by hand"
    exact: bool = True

    def working(self) -> AbstractContextManager[None]:
        """Enter the working precision of the inner arithmetic."""
        return self.inner.working()

    def number(self, value: Exact) -> Any:
        """Return a number as written."""
        return self.inner.number(value)

    def array(self, values: Exact | Sequence[Any] | Array) -> Array:
        """Return numbers as written."""
        return self.inner.array(values)

    def zeros(self, shape: tuple[int, ...]) -> Array:
        """Return exact zeros."""
        return self.inner.zeros(shape)

    def call(self, operation: str, *arguments: Values) -> Values:
        """Return an operation elementwise, not yet rounded."""
        return self.inner.call(operation, *arguments)

    def compare(self, left: Values, relation: str, right: Values) -> Mask:
        """Return a proven comparison elementwise."""
        return self.inner.compare(left, relation, right)

    def settle(self, values: Values) -> Values:
        """Return every value rounded as it is shown.

        Raises:
            Undecided: A ball does not prove the digits.
        """
        digits = self.digits
        return elementwise(lambda value: by_hand(value, digits), (values,))

    def to_float(self, values: Values) -> NDArray[np.float64]:
        """Return the nearest float64 of every value."""
        return self.inner.to_float(values)
