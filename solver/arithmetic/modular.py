"""Real numbers modulo two primes: what the zero test of `residues` computes with.

Every transcendental number is a pseudo-random residue that depends on its argument alone. The primes P = 2Q + 1 are
chosen so that the rules of exp hold too: with g of order Q modulo P, e^x becomes g^x, its exponent taken modulo Q, hence
e^(x+y) = e^x e^y (Gonnet 1984). Modulo Q, where this is lost, e^x is random.

Source: Gonnet (1984), Determining equivalence of expressions in random polynomial time, STOC.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import TypeAlias

from flint import fmpq

P = 2**255 + 2198991
"""A safe prime, ≡ 3 modulo 4, with 2, 3, 5, 7, 11 and 13 among its squares (so their roots exist modulo P)."""
Q = (P - 1) // 2

_GENERATOR = 4  # a square, so of order Q
_FACTOR_BITS = 64  # logs of fractions up to this length are split into primes

Pair: TypeAlias = tuple[int, int]
"""What a number is modulo P and modulo Q."""


class Facts(dict[int, Pair]):
    """What is known of numbers met so far, by their residue modulo P; forgotten when there are too many.

    A residue depends on the number alone, so a fact holds in every problem and at every precision. Forgetting one can
    only leave a zero unrecognised.
    """

    limit = 50_000

    def first(self, number: int, pair: Pair) -> Pair:
        """Return what is known, learning it where nothing is."""
        if number not in self:
            self.learn(number, pair)
        return self[number]

    def learn(self, number: int, pair: Pair) -> None:
        """Remember a fact."""
        if len(self) >= self.limit:
            self.clear()
        self[number] = pair


EXPS, LOGS, ROOTS, EXPONENTS = Facts(), Facts(), Facts(), Facts()
"""e^x where x is a logarithm, log x where x is an exponential, √x where x is a square, and x where e^x was asked for."""


@lru_cache(maxsize=65536)
def of_fraction(numerator: int, denominator: int) -> Pair:
    """Return what a fraction is modulo P and Q."""
    p, q = inverse_of((denominator % P, denominator % Q))
    return numerator * p % P, numerator * q % Q


def inverse_of(pair: Pair) -> Pair:
    """Return what 1/x is modulo P and Q."""
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


def atom(name: str, key: int) -> Pair:
    """Return the residues of a number about which nothing is known but its name and its argument."""
    return _random(name, key, P), _random(name, key, Q)


def _odd(name: str, x: Pair) -> Pair:
    """Return the atom of an odd function: f(−x) = −f(x)."""
    key = min(x[0], P - x[0])
    p, q = atom(name, key)
    return (p, q) if key == x[0] else (P - p, Q - q)


def _exp(x: Pair) -> Pair:
    known = EXPS.get(x[0])
    if known is not None:
        return known
    key = min(x[0], P - x[0])
    random = _random("exp", key, Q) or 1
    # Equal numbers may differ modulo Q, where the rules of exp are lost: the first one met speaks for all.
    exponent = EXPONENTS.first(x[0], x)[1]
    result = pow(_GENERATOR, exponent, P), random if key == x[0] else pow(random, -1, Q)
    LOGS.learn(result[0], x)
    return result


def _log(x: Pair) -> Pair:
    known = LOGS.get(x[0])
    if known is not None:
        return known
    inverse = inverse_of(x)
    known = LOGS.get(inverse[0])
    if known is not None:
        return -known[0] % P, -known[1] % Q
    key = min(x[0], inverse[0])
    p, q = atom("log", key)
    result = (p, q) if key == x[0] else (P - p, Q - q)  # log(1/x) = −log x
    EXPS.learn(result[0], x)
    EXPS.learn(P - result[0], inverse)
    return result


def log_fraction(x: fmpq) -> Pair:
    """Return log x of a positive fraction, the sum of the logarithms of its primes."""
    if x.height_bits() > _FACTOR_BITS:
        return _log(of_fraction(int(x.p), int(x.q)))
    p = q = 0
    for part, direction in ((x.p, 1), (x.q, -1)):
        for prime, count in part.factor():
            log_p, log_q = atom("log prime", int(prime))
            p, q = p + direction * int(count) * log_p, q + direction * int(count) * log_q
    EXPS.learn(p % P, of_fraction(int(x.p), int(x.q)))
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
    p, q = inverse_of(((1 + t[0] ** 2) % P, (1 + t[1] ** 2) % Q))
    return (2 * t[0] * p % P, 2 * t[1] * q % Q), ((1 - t[0] ** 2) * p % P, (1 - t[1] ** 2) * q % Q)


def _tanh(x: Pair) -> Pair:
    e = _exp(x)
    square = e[0] ** 2, e[1] ** 2
    p, q = inverse_of(((square[0] + 1) % P, (square[1] + 1) % Q))
    return (square[0] - 1) * p % P, (square[1] - 1) * q % Q


TRANSCENDENTAL: dict[str, Callable[[Pair], Pair]] = {
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
"""Functions of residues, by the names of `base.OPERATIONS`; their results are still to be reduced."""
