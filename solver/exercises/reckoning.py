"""A pocket calculator for printed lines: whether a line's value follows from the numbers that stand in it.

It sees what a student sees: digits, signs, brackets, fractions. A line with letters or matrices in its last steps has no
value here. Beside the value it keeps the size of what was added up, since a small difference of large numbers may be far
off in its shown digits without being wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from solver.document.nodes import EquationLine
from solver.notation import math as m

TOLERANCE = 0.002
"""Share of the largest number in a sum that shown digits may be off."""

_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "σ": lambda z: 1 / (1 + math.exp(-z)), "tanh": math.tanh, "log": math.log, "exp": math.exp, "sin": math.sin,
    "cos": math.cos, "ReLU": lambda z: max(z, 0.0),
}  # fmt: skip


@dataclass(frozen=True)
class Reckoned:
    """What an expression comes to.

    Attributes:
        value: The number.
        size: The largest number that was added up on the way to it, carried through products.
    """

    value: float
    size: float

    def times(self, other: Reckoned) -> Reckoned:
        """Return a product."""
        size = max(self.size * abs(other.value), abs(self.value) * other.size)
        return Reckoned(self.value * other.value, size)


class _NoNumberError(ArithmeticError):
    """A part that is not a number."""


def follows(line: EquationLine) -> bool | None:
    """Return whether the last value of a line follows from the step before; None where that cannot be calculated."""
    if len(line.steps) < 2:
        return None
    found, shown = reckoned(line.steps[-2].body), reckoned(line.steps[-1].body)
    if found is None or shown is None:
        return None
    size = max(found.size, abs(found.value), abs(shown.value))
    return abs(found.value - shown.value) <= TOLERANCE * size + 1e-9


def reckoned(body: m.Math) -> Reckoned | None:
    """Return what a printed expression comes to, or None where it holds more than numbers."""
    try:
        return _of(body)
    except (_NoNumberError, ValueError, OverflowError, ZeroDivisionError):
        return None


def _of(body: m.Math) -> Reckoned:
    match body:
        case m.Digits(text, exponent):
            number = float(text) * 10.0 ** (exponent or 0)
            return Reckoned(number, abs(number))
        case m.Fenced(inner, "(", ")") | m.Boxed(inner) | m.Toned(inner):
            return _of(inner)
        case m.Fenced(inner, "|", "|"):
            found = _of(inner)
            return Reckoned(abs(found.value), found.size)
        case m.Fraction(numerator, denominator):
            below = _of(denominator)
            # What is off in a denominator is off in the quotient, in proportion.
            inverse = Reckoned(1 / below.value, below.size / below.value**2)
            return _of(numerator).times(inverse)
        case m.Root(inner):
            found = _of(inner)
            return Reckoned(math.sqrt(found.value), math.sqrt(found.size))
        case m.Script(m.Symbol("e"), None, sup) if sup is not None:
            return _applied(math.exp, _of(sup))
        case m.Script(base, None, sup) if sup is not None:
            return _power(_of(base), _of(sup).value)
        case m.Row(items):
            return _sum([item for item in items if not isinstance(item, m.Space)])
        case _:
            raise _NoNumberError


def _applied(function: Callable[[float], float], argument: Reckoned) -> Reckoned:
    value = function(argument.value)
    return Reckoned(value, abs(value) * (1 + argument.size))


def _power(base: Reckoned, exponent: float) -> Reckoned:
    value = base.value**exponent
    return Reckoned(value, abs(value) * max(1.0, base.size / abs(base.value) if base.value else 1.0))


def _sum(items: Sequence[m.Math]) -> Reckoned:
    terms: list[tuple[int, list[m.Math]]] = [(1, [])]
    for item in items:
        if isinstance(item, m.Operator) and item.sign in "+−":
            sign = -1 if item.sign == "−" else 1
            if terms[-1][1]:
                terms.append((sign, []))
            else:
                terms[-1] = (terms[-1][0] * sign, [])
        else:
            terms[-1][1].append(item)
    found = [(sign, _product(factors)) for sign, factors in terms]
    return Reckoned(sum(sign * part.value for sign, part in found), max(part.size for _, part in found))


def _product(items: Sequence[m.Math]) -> Reckoned:
    if not items:
        raise _NoNumberError
    total = Reckoned(1.0, 1.0)
    rest = list(items)
    divide = False
    while rest:
        item = rest.pop(0)
        if isinstance(item, m.Operator):
            if item.sign not in "·×/":
                raise _NoNumberError
            divide = item.sign == "/"
            continue
        part = _called(item, rest)
        if divide:
            part, divide = Reckoned(1 / part.value, part.size / part.value**2), False
        total = total.times(part)
    return total


def _called(item: m.Math, rest: list[m.Math]) -> Reckoned:
    """Return one factor; the name of a function takes the bracket behind it."""
    power = 1.0
    name = item
    if (
        isinstance(item, m.Script)
        and isinstance(item.base, m.Symbol)
        and item.sub is None
        and item.sup is not None
    ):
        exponent = reckoned(item.sup)
        if item.base.name in _FUNCTIONS and exponent is not None:
            name, power = item.base, exponent.value
    if isinstance(name, m.Symbol) and name.name in _FUNCTIONS and rest:
        argument = rest.pop(0)
        if (
            isinstance(argument, m.Script)
            and isinstance(argument.base, m.Fenced)
            and argument.sup is not None
        ):
            inner = _applied(_FUNCTIONS[name.name], _of(argument.base))
            return _power(inner, _of(argument.sup).value)
        return _power(_applied(_FUNCTIONS[name.name], _of(argument)), power)
    return _of(item)
