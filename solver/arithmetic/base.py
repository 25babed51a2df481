"""What every number system offers, so that one piece of graph code runs in all of them.

Graph code works on numpy arrays with Python's operators (`x @ W.T + b`), and asks the arithmetic for what operators
cannot say: elementary functions, decided comparisons, exact constants. `Float64` answers with float64 arrays,
`Certified` with object arrays of exact rationals and balls, `Residues` with balls that carry a zero test.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from flint import fmpq

Array: TypeAlias = NDArray[Any]
"""A numpy array whose elements are numbers of one arithmetic; the leading axes are free (variants, samples)."""

Mask: TypeAlias = NDArray[np.bool_]

Exact: TypeAlias = "int | Fraction | Decimal | float | fmpq"
"""A number as written. A float stands for its shortest decimal: 0.1 means 1/10, not the nearest binary fraction."""

RELATIONS = ("<", "<=", ">", ">=", "=", "!=")

OPERATIONS: dict[str, int] = {
    "pi": 0, "exp": 1, "log": 1, "sqrt": 1, "sin": 1, "cos": 1, "tanh": 1, "erf": 1, "erfc": 1, "expm1": 1,
    "log1p": 1, "abs": 1, "max": 2, "min": 2, "divide": 2, "power": 2,
}  # fmt: skip
"""Name and number of arguments of every operation that `Arithmetic.call` knows."""


Values: TypeAlias = Any
"""One element of an arithmetic, or an array of them."""


class Undecided(ArithmeticError):
    """A ball is too wide to decide a digit, a sign or a case: repeat with more precision, or with the zero test."""


class DomainError(ArithmeticError):
    """An operation has no value at its argument: 1/0, log 0, √(−1), or a result too large for float64.

    Args:
        what: The failure in words: "division by zero", "log of zero", …
        position: 1-based index of the first element concerned; empty for a scalar.
        subject: The formula that was being computed, where one is known.
        rows: All places on the first axis that are concerned, from 0, as far as they are known.
    """

    def __init__(
        self,
        what: str,
        position: tuple[int, ...] = (),
        subject: object = None,
        rows: tuple[int, ...] = (),
    ) -> None:
        super().__init__(what, position, subject)
        self.what = what
        self.position = position
        self.subject = subject
        self.rows = rows or tuple(place - 1 for place in position[:1])

    @classmethod
    def where(cls, wrong: Mask, what: str, subject: object = None) -> DomainError:
        """Return the failure of an array where some of its elements are wrong."""
        places = np.argwhere(wrong)
        rows = sorted(set(places[:, 0].tolist())) if np.ndim(wrong) else []
        return cls(what, tuple(int(axis) + 1 for axis in places[0]), subject, tuple(rows))

    def __str__(self) -> str:
        place = f" at [{','.join(map(str, self.position))}]" if self.position else ""
        return f"{self.what}{place}"

    def within(self, subject: object) -> DomainError:
        """Return the same failure, naming the formula in which it arose (the innermost one stays)."""
        return self if self.subject is not None else DomainError(self.what, self.position, subject, self.rows)


class Arithmetic(Protocol):
    """A number system. Elements meet under Python's operators; everything else is asked here."""

    @property
    def name(self) -> str:
        """Its name for messages: float64, certified or residues."""

    @property
    def exact(self) -> bool:
        """Whether rational constants stay exact (float64 rounds them)."""

    def working(self) -> AbstractContextManager[None]:
        """Enter the working precision; computing happens inside, and the old precision returns after it."""

    def number(self, value: Exact) -> Values:
        """Return one number as an element."""

    def array(self, values: Exact | Sequence[Any] | Array) -> Array:
        """Return numbers, nested sequences of them or an array of them as an array of elements."""

    def zeros(self, shape: tuple[int, ...]) -> Array:
        """Return an array of exact zeros."""

    def call(self, operation: str, *arguments: Values) -> Values:
        """Return an operation of `OPERATIONS` elementwise (arguments broadcast); scalars give scalars.

        Raises:
            DomainError: There is no value: 1/0, log 0, …
            Undecided: A ball cannot tell whether there is one, or which argument is larger.
        """

    def compare(self, left: Values, relation: str, right: Values) -> Mask:
        """Return elementwise, and proven, whether `left relation right` holds (see `RELATIONS`).

        Raises:
            Undecided: A ball reaches across the border.
        """

    def settle(self, values: Values) -> Values:
        """Return the same values with exact fractions that have grown too long as balls; call it once a node."""

    def to_float(self, values: Values) -> NDArray[np.float64]:
        """Return the nearest float64 of every element."""
