"""Exact fractions as long as they last, then balls that provably contain the true value.

Elements are python-flint's `fmpq` and `arb`, and they mix under Python's operators. A function of an exact number
stays exact where it can (exp 0, log 1, √(4/9), max); everything else becomes a ball of the working precision. Balls
never decide an exact tie: see `residues`.

A quotient by something that may be zero belongs in `call("divide", …)`: the operator `/` gives a ball without a
midpoint there, which no digit can be read from, while `call` says what is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import RLock
from typing import Any

import flint
import numpy as np
from flint import arb, fmpq, fmpz
from numpy.typing import NDArray

from solver.arithmetic.base import Array, DomainError, Exact, Mask, Undecided, Values
from solver.arithmetic.flint_array import FlintArray, flint_array
from solver.arithmetic.rational import rational

Element = Any  # fmpq or arb; python-flint's operators between them are not typed

RATIONAL_BITS = 4000
"""Numerators and denominators longer than this are not worth keeping exact."""


ALONE = RLock()
"""Held while flint's settings are changed: they are the whole process's, and other threads would compute with them."""


class precision:  # noqa: N801 (read as a verb: with precision(128))
    """Work with balls of `bits` bits inside, one thread at a time, and restore the precision after.

    A class, and no generator: it is entered for every operation on a number.
    """

    __slots__ = ("before", "bits")

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        ALONE.acquire()
        self.before = flint.ctx.prec
        flint.ctx.prec = self.bits

    def __exit__(self, *_: object) -> None:
        flint.ctx.prec = self.before
        ALONE.release()


@dataclass(frozen=True)
class Certified:
    """Fractions and balls of `precision_bits` bits.

    Args:
        precision_bits: Working precision of the balls.
        rational_bits: Longest numerator or denominator that `settle` keeps exact.
    """

    precision_bits: int = 128
    rational_bits: int = RATIONAL_BITS
    name: str = "certified"
    exact: bool = True

    def working(self) -> precision:
        """Enter the precision of the balls."""
        return precision(self.precision_bits)

    def number(self, value: Exact | arb) -> Element:
        """Return an exact fraction; balls pass."""
        return value if isinstance(value, arb) else rational(value)

    def array(self, values: Exact | Sequence[Any] | Array) -> FlintArray:
        """Return exact fractions as an object array."""
        plain = np.asarray(values, dtype=object)
        return flint_array([self.number(value) for value in plain.ravel().tolist()], plain.shape)

    def zeros(self, shape: tuple[int, ...]) -> FlintArray:
        """Return exact zeros."""
        return flint_array([fmpq(0)] * int(np.prod(shape)), shape)

    def call(self, operation: str, *arguments: Values) -> Values:
        """Return an operation elementwise; see `Arithmetic.call`."""
        with self.working():
            if operation == "pi":
                return arb.pi()
            return elementwise(FUNCTIONS[operation], arguments)

    def compare(self, left: Values, relation: str, right: Values) -> Mask:
        """Return a proven comparison elementwise."""
        with self.working():
            return np.asarray(elementwise(_RELATIONS[relation], (left, right))).astype(bool)

    def settle(self, values: Values) -> Values:
        """Return long fractions as balls, and balls that are exactly zero as the fraction 0."""
        limit = self.rational_bits

        def settled(x: Element) -> Element:
            if isinstance(x, fmpq):
                return arb(x) if x.height_bits() > limit else x
            return fmpq(0) if x.is_zero() else x

        with self.working():
            return elementwise(settled, (values,))

    def to_float(self, values: Values) -> NDArray[np.float64]:
        """Return the float64 nearest to each midpoint."""
        plain = np.asarray(values, dtype=object)
        floats = [nearest_float(value) for value in plain.ravel().tolist()]
        return np.array(floats, dtype=np.float64).reshape(plain.shape)


def elementwise(
    function: Callable[..., Element],
    arguments: Sequence[Values],
    collect: Callable[[list[Any], tuple[int, ...]], Array] = flint_array,
) -> Values:
    """Apply a function of elements to scalars or arrays, which broadcast; `collect` makes the result's array.

    Raises:
        DomainError: With the position of the first element that has no value.
    """
    if not any(isinstance(argument, np.ndarray) and argument.ndim for argument in arguments):
        return function(*(a[()] if isinstance(a, np.ndarray) else a for a in arguments))
    arrays = np.broadcast_arrays(*(np.asarray(argument, dtype=object) for argument in arguments))
    shape = arrays[0].shape
    columns = [array.ravel().tolist() for array in arrays]
    results: list[Element] = []
    try:
        for operands in zip(*columns, strict=True):
            results.append(function(*operands))
    except DomainError as error:
        place = np.unravel_index(len(results), shape)
        raise DomainError(error.what, tuple(int(axis) + 1 for axis in place), error.subject) from None
    return collect(results, shape)


def nearest_float(x: fmpq | arb) -> float:
    """Return the float64 nearest to a fraction, or to the midpoint of a ball.

    Raises:
        DomainError: The number is too large for float64.
    """
    try:
        # Python's division of integers rounds once, and to nearest.
        number = int(x.p) / int(x.q) if isinstance(x, fmpq) else float(x)
    except OverflowError:
        number = math.inf
    if math.isinf(number):
        raise DomainError("a number too large for float64")
    return number


def _ball(x: Element) -> arb:
    return x if isinstance(x, arb) else arb(x)


def shown(x: Element) -> str:
    """Return a short form of an element for messages."""
    return str(x.str(8)) if isinstance(x, arb) else str(x)[:40]


def _vanishes(x: Element) -> bool:
    """Return whether an element is exactly zero, by its form alone."""
    return bool(x == 0) if isinstance(x, fmpq) else bool(x.is_zero())


def _smooth(method: str, at_zero: int) -> Callable[[Element], Element]:
    """Return a function that is rational at zero alone (Lindemann), elsewhere a ball."""

    def apply(x: Element) -> Element:
        return fmpq(at_zero) if _vanishes(x) else getattr(_ball(x), method)()

    return apply


def _log(x: Element) -> Element:
    _need_positive(x, "log")
    if isinstance(x, fmpq) and x == 1:
        return fmpq(0)
    return _ball(x).log()


def _log1p(x: Element) -> Element:
    if _vanishes(x):
        return fmpq(0)
    _need_positive(1 + x, "log")
    return _ball(x).log1p()


def _need_positive(x: Element, operation: str) -> None:
    if x > 0:
        return
    if _vanishes(x):
        raise DomainError(f"{operation} of zero")
    if x < 0:
        raise DomainError(f"{operation} of a negative number")
    raise Undecided(f"the sign of {shown(x)}, whose {operation} is needed")


def _sqrt(x: Element) -> Element:
    if _vanishes(x):
        return fmpq(0)
    if x < 0:
        raise DomainError("square root of a negative number")
    if isinstance(x, fmpq):
        return exact_root(x, 2) or arb(x).sqrt()
    if x >= 0:
        return x.sqrt()
    raise Undecided(f"the sign of {shown(x)}, whose square root is needed")


def exact_root(x: fmpq, degree: int) -> fmpq | None:
    """Return the rational root of a positive fraction, or None where there is none."""
    parts = [integer_root(int(part), degree) for part in (x.p, x.q)]
    return None if None in parts else fmpq(*parts)


def integer_root(n: int, degree: int) -> int | None:
    """Return the whole r with r^degree = n, or None."""
    if degree == 1 or n in (0, 1):
        return n
    if degree > n.bit_length():
        return None
    r = 1 << -(-n.bit_length() // degree)  # not below the root: Newton's iteration falls to it
    while True:
        s = ((degree - 1) * r + n // r ** (degree - 1)) // degree
        if s >= r:
            break
        r = s
    return r if r**degree == n else None


def _larger(x: Element, y: Element) -> Element:
    if x >= y:
        return x
    return y if y >= x else _ball(x).max(_ball(y))  # overlapping: the ball of both is still the truth


def _smaller(x: Element, y: Element) -> Element:
    if x <= y:
        return x
    return y if y <= x else _ball(x).min(_ball(y))


def _divide(x: Element, y: Element) -> Element:
    if _vanishes(y):
        raise DomainError("division by zero")
    if isinstance(y, arb) and y.contains(0):
        raise Undecided(f"whether the divisor {shown(y)} is zero")
    return x / y


def _power(x: Element, y: Element) -> Element:
    n = integer(y)
    if n is not None:
        return _whole_power(x, n)
    if _vanishes(x):
        if y > 0:
            return fmpq(0)
        raise (
            DomainError("division by zero") if y < 0 else Undecided(f"the sign of the exponent {shown(y)}")
        )
    if x < 0:
        raise DomainError("fractional power of a negative number")
    if not x > 0:
        raise Undecided(f"the sign of the base {shown(x)}")
    if isinstance(x, fmpq) and x == 1:
        return x
    if isinstance(x, fmpq) and isinstance(y, fmpq) and int(y.q) <= 64:
        root = exact_root(x, int(y.q))
        if root is not None:
            return _whole_power(root, int(y.p))
    return _ball(x) ** _ball(y)


def integer(x: Element) -> int | None:
    """Return an element that is an exact whole number as an int, otherwise None."""
    if isinstance(x, fmpq):
        return int(x.p) if x.q == 1 else None
    return int(x) if isinstance(x, (int, fmpz)) else None


def _whole_power(x: Element, n: int) -> Element:
    if n == 0:
        return fmpq(1)
    if n < 0:
        return _divide(fmpq(1), _whole_power(x, -n))
    if isinstance(x, fmpq) and n * x.height_bits() > RATIONAL_BITS:
        return arb(x) ** n
    return x**n


FUNCTIONS: dict[str, Callable[..., Element]] = {
    "exp": _smooth("exp", 1),
    "log": _log,
    "sqrt": _sqrt,
    "sin": _smooth("sin", 0),
    "cos": _smooth("cos", 1),
    "tanh": _smooth("tanh", 0),
    "erf": _smooth("erf", 0),
    "erfc": _smooth("erfc", 1),
    "expm1": _smooth("expm1", 0),
    "log1p": _log1p,
    "abs": abs,
    "max": _larger,
    "min": _smaller,
    "divide": _divide,
    "power": _power,
}


def _less(x: Element, y: Element) -> bool:
    if x < y:
        return True
    if x >= y:
        return False
    raise Undecided(f"whether {shown(x)} is less than {shown(y)}")


def _equal(x: Element, y: Element) -> bool:
    if x is y or x == y:
        return True
    if x < y or x > y:
        return False
    raise Undecided(f"whether {shown(x)} equals {shown(y)}")


_RELATIONS: dict[str, Callable[[Element, Element], bool]] = {
    "<": _less,
    ">": lambda x, y: _less(y, x),
    ">=": lambda x, y: not _less(x, y),
    "<=": lambda x, y: not _less(y, x),
    "=": _equal,
    "!=": lambda x, y: not _equal(x, y),
}
