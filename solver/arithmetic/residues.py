"""Balls with a zero test: exact ties and hidden zeros, which no precision can show, are proven by residues.

A ball around y₁ + y₂ − 1 for two softmax outputs contains zero at every precision. So the same graph code runs on
`Residue` elements: a ball, and the same value computed modulo two primes, where every transcendental number (e^x, log x,
erf x, …) is a pseudo-random residue that depends on its argument alone. A rational function of those numbers that is
zero identically has residue zero; any other has it with a probability below degree/2²⁵⁴ (Schwartz, Zippel). A number
counts as zero only where its residue is zero and its ball contains zero as well.

The primes P = 2Q + 1 are chosen so that the rules of exp hold too: with g of order Q modulo P, e^x becomes g^x, its
exponent taken modulo Q, hence e^(x+y) = e^x e^y (Gonnet 1984). Modulo Q, where this is lost, e^x is random. For
exponentials of rational numbers the test is complete: by Lindemann and Weierstrass they satisfy no other relations.
Elsewhere it may fail to recognise a zero; then the answer is `Undecided`, never a wrong digit.

Kept besides: e^(log x) = x = log(e^x), logs of fractions from their prime factors, √x √y = √(xy), √(x²) = |x|,
sin² + cos² = 1, parity. A number found to be zero becomes the exact fraction 0 at once.

Source: Gonnet (1984), Determining equivalence of expressions in random polynomial time, STOC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
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
from solver.arithmetic.rational import rational

P = 2**255 + 2198991
"""A safe prime, ≡ 3 modulo 4, with 2, 3, 5, 7, 11 and 13 among its squares (so their roots exist modulo P)."""
Q = (P - 1) // 2

_GENERATOR = 4  # a square, so of order Q
_FACTOR_BITS = 64  # logs of fractions up to this length are split into primes

Pair: TypeAlias = tuple[int, int]
"""What a number is modulo P and modulo Q."""

Element: TypeAlias = Any  # fmpq or Residue


class Facts(dict[int, Pair]):
    """What is known of numbers met so far, by their residue modulo P; forgotten when there are too many.

    A residue depends on the number alone, so a fact holds in every problem and at every precision. Forgetting one can
    only leave a zero unrecognised.
    """

    limit = 50_000

    def learn(self, number: int, pair: Pair) -> None:
        """Remember a fact."""
        if len(self) >= self.limit:
            self.clear()
        self[number] = pair


EXPS, LOGS, ROOTS = Facts(), Facts(), Facts()
"""e^x where x is a logarithm, log x where x is an exponential, √x where x is a square."""


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
        p, q = _inverse(pair)
        return self._with(self.ball / ball_of(other), self.p * p, self.q * q)

    def __rtruediv__(self, other: Element) -> Element:
        pair = _pair(other)
        if pair is None:
            return NotImplemented
        p, q = _inverse((self.p, self.q))
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
        return _of_fraction(int(x.p), int(x.q))
    if isinstance(x, (int, fmpz, np.integer)):
        return int(x) % P, int(x) % Q
    return None


def _known(x: Element) -> Pair:
    pair = _pair(x)
    if pair is None:
        raise TypeError(f"not an element: {x!r}")
    return pair


@lru_cache(maxsize=65536)
def _of_fraction(numerator: int, denominator: int) -> Pair:
    p, q = _inverse((denominator % P, denominator % Q))
    return numerator * p % P, numerator * q % Q


def _inverse(pair: Pair) -> Pair:
    p, q = pair
    # A residue of zero has no inverse. It belongs to a number that is not zero (or the ball is not finite, and
    # nothing is read from it), so any residue does that depends on it alone.
    return (
        pow(p, -1, P) if p else _random("inverse", p, P),
        pow(q, -1, Q) if q else _random("inverse", p, Q),
    )


def _random(name: str, key: int, modulus: int) -> int:
    digest = blake2b(f"{name}:{key}".encode(), digest_size=64).digest()
    return int.from_bytes(digest) % modulus


def _atom(name: str, key: int) -> Pair:
    return _random(name, key, P), _random(name, key, Q)


def _odd(name: str, x: Pair) -> Pair:
    """Return the atom of an odd function: f(−x) = −f(x)."""
    key = min(x[0], P - x[0])
    p, q = _atom(name, key)
    return (p, q) if key == x[0] else (P - p, Q - q)


def _exp(x: Pair) -> Pair:
    known = EXPS.get(x[0])
    if known is not None:
        return known
    key = min(x[0], P - x[0])
    random = _random("exp", key, Q) or 1
    result = pow(_GENERATOR, x[1], P), random if key == x[0] else pow(random, -1, Q)
    LOGS.learn(result[0], x)
    return result


def _log(x: Pair) -> Pair:
    known = LOGS.get(x[0])
    if known is not None:
        return known
    inverse = _inverse(x)
    key = min(x[0], inverse[0])
    p, q = _atom("log", key)
    result = (p, q) if key == x[0] else (P - p, Q - q)  # log(1/x) = −log x
    EXPS.learn(result[0], x)
    EXPS.learn(P - result[0], inverse)
    return result


def _log_fraction(x: fmpq) -> Pair:
    if x.height_bits() > _FACTOR_BITS:
        return _log(_known(x))
    p = q = 0
    for part, direction in ((x.p, 1), (x.q, -1)):
        for prime, count in part.factor():
            atom = _atom("log prime", int(prime))
            p, q = p + direction * int(count) * atom[0], q + direction * int(count) * atom[1]
    EXPS.learn(p % P, _known(x))
    return p % P, q % Q


def _root(x: Pair) -> Pair:
    known = ROOTS.get(x[0])
    if known is not None:
        return known
    # Both primes are ≡ 3 modulo 4: this is the root that is a square itself, so √x √y = √(xy).
    p, q = pow(x[0], (P + 1) // 4, P), pow(x[1], (Q + 1) // 4, Q)
    return (
        p if p * p % P == x[0] else _random("sqrt", x[0], P),
        q if q * q % Q == x[1] else _random("sqrt", x[0], Q),
    )


def _circle(x: Pair) -> tuple[Pair, Pair]:
    """Return residues of sin x and cos x with sin² + cos² = 1: a rational point of the circle."""
    t = _odd("half angle", x)
    p, q = _inverse(((1 + t[0] ** 2) % P, (1 + t[1] ** 2) % Q))
    return (2 * t[0] * p % P, 2 * t[1] * q % Q), ((1 - t[0] ** 2) * p % P, (1 - t[1] ** 2) * q % Q)


def _tanh(x: Pair) -> Pair:
    e = _exp(x)
    square = e[0] ** 2, e[1] ** 2
    p, q = _inverse(((square[0] + 1) % P, (square[1] + 1) % Q))
    return (square[0] - 1) * p % P, (square[1] - 1) * q % Q


_TRANSCENDENTAL: dict[str, Callable[[Pair], Pair]] = {
    "exp": _exp,
    "log": _log,
    "sqrt": _root,
    "tanh": _tanh,
    "sin": lambda x: _circle(x)[0],
    "cos": lambda x: _circle(x)[1],
    "erf": lambda x: _odd("erf", x),
    "erfc": lambda x: (1 - _odd("erf", x)[0], 1 - _odd("erf", x)[1]),
    "expm1": lambda x: (_exp(x)[0] - 1, _exp(x)[1] - 1),
    "log1p": lambda x: _log(((1 + x[0]) % P, (1 + x[1]) % Q)),
}


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

    @contextmanager
    def working(self) -> Iterator[None]:
        """Enter the precision of the balls."""
        with precision(self.precision_bits):
            yield

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
                return Residue(arb.pi(), *_atom("pi", 0))
            if operation in _TRANSCENDENTAL:
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
            pair = _log_fraction(x)
        elif operation == "log1p" and isinstance(x, fmpq):
            pair = _log_fraction(1 + x)
        else:
            pair = _TRANSCENDENTAL[operation](_known(x))
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
