"""Balls with a zero test: exact ties and hidden zeros, which no precision can show, are proven by residues.

A ball around y₁ + y₂ − 1 for two softmax outputs contains zero at every precision. So the same graph code runs on
`Residue` elements: a ball, and the same value computed modulo two primes, where every transcendental number (e^x, log x,
erf x, …) is a pseudo-random residue that depends on its argument alone. A rational function of those numbers that is
zero identically has residue zero; any other has it with a probability below degree/2²⁵⁴ (Schwartz, Zippel). A number
counts as zero only where its residue is zero and its ball contains zero as well.

The rules of exp hold among the residues too (see `modular`). For exponentials of rational numbers the test is complete:
by Lindemann and Weierstrass they satisfy no other relations. Elsewhere it may fail to recognise a zero; then the answer
is `Undecided`, never a wrong digit.

Kept besides: e^(log x) = x = log(e^x), logs of fractions from their prime factors, √x √y = √(xy), √(x²) = |x|,
sin² + cos² = 1, parity. A number found to be zero becomes the exact fraction 0 at once.

Source: Gonnet (1984), Determining equivalence of expressions in random polynomial time, STOC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from flint import arb, arb_mat, fmpq, fmpz, fmpz_mod_ctx, fmpz_mod_mat
from numpy.typing import NDArray

from solver.arithmetic.base import Array, DomainError, Exact, Mask, Undecided, Values
from solver.arithmetic.certified import (
    FUNCTIONS,
    RATIONAL_BITS,
    elementwise,
    integer,
    nearest_float,
    precision,
    shown,
)
from solver.arithmetic.flint_array import FlintArray, object_array
from solver.arithmetic.modular import (
    ROOTS,
    TRANSCENDENTAL,
    P,
    Pair,
    Q,
    atom,
    inverse_of,
    log_fraction,
    of_fraction,
)
from solver.arithmetic.rational import rational

Element: TypeAlias = Any  # fmpq or Residue


class Residue:
    """A real number: a ball around it, and what it is modulo P and modulo Q."""

    __slots__ = ("ball", "p", "q")

    def __init__(self, ball: arb, p: int, q: int) -> None:
        self.ball = ball
        self.p = p
        self.q = q

    def __repr__(self) -> str:
        return f"Residue({shown(self.ball)})"

    def __add__(self, other: Element) -> Element:
        pair = _pair(other)
        if pair is None:
            return NotImplemented
        return self._with(self.ball + ball_of(other), self.p + pair[0], self.q + pair[1])

    __radd__ = __add__

    def __sub__(self, other: Element) -> Element:
        pair = _pair(other)
        if pair is None:
            return NotImplemented
        return self._with(self.ball - ball_of(other), self.p - pair[0], self.q - pair[1])

    def __rsub__(self, other: Element) -> Element:
        return (-self) + other

    def __mul__(self, other: Element) -> Element:
        pair = _pair(other)
        if pair is None:
            return NotImplemented
        if isinstance(other, Residue) and other.p == self.p:
            return self**2
        return self._with(self.ball * ball_of(other), self.p * pair[0], self.q * pair[1])

    __rmul__ = __mul__

    def __truediv__(self, other: Element) -> Element:
        pair = _pair(other)
        if pair is None:
            return NotImplemented
        p, q = inverse_of(pair)
        return self._with(self.ball / ball_of(other), self.p * p, self.q * q)

    def __rtruediv__(self, other: Element) -> Element:
        pair = _pair(other)
        if pair is None:
            return NotImplemented
        p, q = inverse_of((self.p, self.q))
        return self._with(ball_of(other) / self.ball, pair[0] * p, pair[1] * q)

    def __neg__(self) -> Residue:
        return Residue(-self.ball, -self.p % P, -self.q % Q)

    def __pos__(self) -> Residue:
        return self

    def __abs__(self) -> Element:
        return self if sign(self) > 0 else -self

    def __pow__(self, n: int) -> Element:
        if n < 0:
            return 1 / self**-n
        if n == 0:
            return fmpq(1)
        p = pow(self.p, n, P)
        if n == 2 and not self.ball.contains(0):
            ROOTS.learn(p, (self.p, self.q) if self.ball > 0 else (-self.p % P, -self.q % Q))
        return self._with(self.ball**n, p, pow(self.q, n, Q))

    def _with(self, ball: arb, p: int, q: int) -> Element:
        return element(ball, (p % P, q % Q))


def element(ball: arb, pair: Pair) -> Element:
    """Return the number with this ball and these residues, the exact 0 where both say so."""
    if pair[0] == 0 and ball.contains(0):
        return fmpq(0)
    return Residue(ball, *pair)


def sign(x: Element) -> int:
    """Return −1, 0 or 1.

    Raises:
        Undecided: The ball contains zero and the residue does not say that it is zero.
    """
    ball = ball_of(x)
    if ball > 0:
        return 1
    if ball < 0:
        return -1
    if isinstance(x, fmpq):
        return 0
    raise Undecided(f"the sign of {shown(ball)}")


def ball_of(x: Element) -> arb:
    """Return the ball around an element."""
    if isinstance(x, Residue):
        return x.ball
    return arb(x if isinstance(x, fmpq) else int(x))


def _pair(x: Element) -> Pair | None:
    if isinstance(x, Residue):
        return x.p, x.q
    if isinstance(x, fmpq):
        return of_fraction(int(x.p), int(x.q))
    if isinstance(x, (int, fmpz, np.integer)):
        return int(x) % P, int(x) % Q
    return None


def _known(x: Element) -> Pair:
    pair = _pair(x)
    if pair is None:
        raise TypeError(f"not an element: {x!r}")
    return pair


class ResidueArray(FlintArray):
    """An object array of `fmpq` and `Residue` elements; its matrix products run inside FLINT too."""

    __slots__ = ()

    @staticmethod
    def _inexact(left: list[Any], right: list[Any], shape: tuple[int, int, int]) -> list[Any]:
        n, m, p = shape
        a, b = [_known(x) for x in left], [_known(x) for x in right]
        balls = arb_mat(n, m, list(map(ball_of, left))) * arb_mat(m, p, list(map(ball_of, right)))
        residues = [
            fmpz_mod_mat(n, m, [pair[k] for pair in a], field)
            * fmpz_mod_mat(m, p, [pair[k] for pair in b], field)
            for k, field in enumerate((fmpz_mod_ctx(P), fmpz_mod_ctx(Q)))
        ]
        pairs = zip(*(map(int, matrix.entries()) for matrix in residues), strict=True)
        return [element(ball, (p, q)) for ball, (p, q) in zip(balls.entries(), pairs, strict=True)]


def residue_array(elements: list[Any], shape: tuple[int, ...]) -> ResidueArray:
    """Return fractions and residues in row-major order as an array of this shape."""
    return object_array(elements, shape).view(ResidueArray)


@dataclass(frozen=True)
class Residues:
    """Fractions, and balls of `precision_bits` bits that carry residues.

    Args:
        precision_bits: Working precision of the balls.
        rational_bits: Longest numerator or denominator that `settle` keeps as an exact fraction.
    """

    precision_bits: int = 4096
    rational_bits: int = RATIONAL_BITS
    name: str = "residues"
    exact: bool = True

    def working(self) -> precision:
        """Enter the precision of the balls."""
        return precision(self.precision_bits)

    def number(self, value: Exact | Residue) -> Element:
        """Return an exact fraction; elements pass."""
        return value if isinstance(value, Residue) else rational(value)

    def array(self, values: Exact | Sequence[Any] | Array) -> ResidueArray:
        """Return exact fractions as an object array."""
        plain = np.asarray(values, dtype=object)
        return residue_array([self.number(value) for value in plain.ravel().tolist()], plain.shape)

    def zeros(self, shape: tuple[int, ...]) -> ResidueArray:
        """Return exact zeros."""
        return residue_array([fmpq(0)] * int(np.prod(shape)), shape)

    def call(self, operation: str, *arguments: Values) -> Values:
        """Return an operation elementwise; see `Arithmetic.call`."""
        with self.working():
            if operation == "pi":
                return Residue(arb.pi(), *atom("pi", 0))
            if operation in TRANSCENDENTAL:
                return elementwise(lambda x: self._transcendental(operation, x), arguments, residue_array)
            return elementwise(getattr(self, f"_{operation}"), arguments, residue_array)

    def compare(self, left: Values, relation: str, right: Values) -> Mask:
        """Return a proven comparison elementwise; equality too."""
        holds = _RELATIONS[relation]
        with self.working():
            result = elementwise(lambda x, y: holds(sign(x - y)), (left, right), residue_array)
        return np.asarray(result).astype(bool)

    def settle(self, values: Values) -> Values:
        """Return long fractions as balls with residues."""

        def settled(x: Element) -> Element:
            if isinstance(x, fmpq) and x.height_bits() > self.rational_bits:
                return Residue(arb(x), *_known(x))
            return x

        with self.working():
            return elementwise(settled, (values,), residue_array)

    def to_float(self, values: Values) -> NDArray[np.float64]:
        """Return the float64 nearest to each midpoint."""
        plain = np.asarray(values, dtype=object)
        floats = [
            nearest_float(value.ball if isinstance(value, Residue) else value)
            for value in plain.ravel().tolist()
        ]
        return np.array(floats, dtype=np.float64).reshape(plain.shape)

    def _transcendental(self, operation: str, x: Element) -> Element:
        value = FUNCTIONS[operation](x.ball if isinstance(x, Residue) else x)
        if isinstance(value, fmpq):
            return value
        if operation == "log" and isinstance(x, fmpq):
            pair = log_fraction(x)
        elif operation == "log1p" and isinstance(x, fmpq):
            pair = log_fraction(1 + x)
        else:
            pair = TRANSCENDENTAL[operation](_known(x))
        return element(value, (pair[0] % P, pair[1] % Q))

    def _abs(self, x: Element) -> Element:
        return abs(x)

    def _max(self, x: Element, y: Element) -> Element:
        return x if sign(x - y) >= 0 else y

    def _min(self, x: Element, y: Element) -> Element:
        return x if sign(x - y) <= 0 else y

    def _divide(self, x: Element, y: Element) -> Element:
        if sign(y) == 0:
            raise DomainError("division by zero")
        return x / y

    def _power(self, x: Element, y: Element) -> Element:
        n = integer(y)
        if isinstance(x, fmpq) and not isinstance(y, Residue):
            value = FUNCTIONS["power"](x, y)
            if isinstance(value, fmpq):
                return value
        if n is not None:
            return x**n
        if sign(x) < 0:
            raise DomainError("fractional power of a negative number")
        twice = integer(y + y)
        if twice is not None:
            return self._transcendental("sqrt", x) ** twice
        return self._transcendental("exp", y * self._transcendental("log", x))


_RELATIONS: dict[str, Callable[[int], bool]] = {
    "<": lambda s: s < 0,
    "<=": lambda s: s <= 0,
    ">": lambda s: s > 0,
    ">=": lambda s: s >= 0,
    "=": lambda s: s == 0,
    "!=": lambda s: s != 0,
}
