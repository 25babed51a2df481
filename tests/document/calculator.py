"""A pocket calculator for printed lines: what the numbers of a math tree come to, by its own reading of the signs.

Independent of the formulas that made the tree: it sees what a reader sees. Trees with letters, matrices or words have no
value here (`None`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mpmath import mp

from solver.document import nodes as n
from solver.notation import math as m

DIGITS = 50

_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "σ": lambda z: 1 / (1 + mp.exp(-z)),
    "tanh": mp.tanh,
    "log": mp.log,
    "ReLU": lambda z: max(z, mp.mpf(0)),
    "softplus": lambda z: mp.log(1 + mp.exp(z)),
}


class _NoValue(Exception):
    """A part that is not a number."""


def value(body: m.Math) -> Any | None:
    """Return what a printed expression comes to, or None where it holds more than numbers."""
    with mp.workdps(DIGITS):
        try:
            return _value(body)
        except _NoValue:
            return None


def _value(body: m.Math) -> Any:
    match body:
        case m.Digits(text, exponent):
            return mp.mpf(text) * mp.mpf(10) ** (exponent or 0)
        case m.Fenced(inner, "(", ")"):
            return _value(inner)
        case m.Fenced(inner, "|", "|"):
            return abs(_value(inner))
        case m.Fraction(numerator, denominator):
            return _value(numerator) / _value(denominator)
        case m.Root(inner):
            return mp.sqrt(_value(inner))
        case m.Script(m.Symbol("e"), None, sup) if sup is not None:
            return mp.exp(_value(sup))
        case m.Script(base, None, sup) if sup is not None:
            return _value(base) ** _value(sup)
        case m.Boxed(inner) | m.Toned(inner, _):
            return _value(inner)
        case m.Row(items):
            return _sum([item for item in items if not isinstance(item, m.Space)])
        case _:
            raise _NoValue


def _sum(items: list[m.Math]) -> Any:
    """Add the terms between + and − signs."""
    total, sign, term = mp.mpf(0), 1, list[m.Math]()
    for item in [*items, m.Operator("+")]:
        if isinstance(item, m.Operator) and item.sign in "+−":
            if term:
                total += sign * _product(term)
                sign = 1
            sign = -sign if item.sign == "−" else sign
            term = []
        else:
            term.append(item)
    return total


def _product(items: list[m.Math]) -> Any:
    """Multiply what stands side by side; a function takes the bracket, or the number, behind it."""
    product, place = mp.mpf(1), 0
    while place < len(items):
        item = items[place]
        if isinstance(item, m.Operator):
            if item.sign not in "·×":
                raise _NoValue
        elif isinstance(item, m.Symbol):
            if item.name not in _FUNCTIONS or place + 1 == len(items):
                raise _NoValue
            place += 1
            product *= _FUNCTIONS[item.name](_value(items[place]))
        else:
            product *= _value(item)
        place += 1
    return product


def lines(blocks: tuple[n.Block, ...]) -> Iterator[n.EquationLine]:
    """Yield every equation line of a document, at any depth."""
    for block in blocks:
        match block:
            case n.Equation(rows):
                for row in rows:
                    yield from row
            case n.Section(_, inner) | n.Together(inner) | n.Note(_, inner):
                yield from lines(inner)
            case _:
                pass


def rounds_to(shown: m.Digits, exact: Any, significant: int = 4) -> bool:
    """Return whether a value, rounded half away from zero at the last digit shown, is what is shown.

    A number that prints short is exact: it stands for all the digits that the document shows, and 0 for nothing else.
    """
    with mp.workdps(DIGITS):
        expected = mp.mpf(shown.text) * mp.mpf(10) ** (shown.exponent or 0)
        if expected == 0:
            return bool(abs(exact) < mp.mpf(10) ** -40)
        decimals = len(shown.text.partition(".")[2]) - (shown.exponent or 0)
        digits = len(shown.text.lstrip("-0.").replace(".", ""))
        unit = mp.mpf(10) ** -(decimals + max(0, significant - digits))
        steps = mp.floor(abs(exact) / unit + mp.mpf("0.5") + mp.mpf(10) ** -30)
        return bool(abs(mp.sign(exact) * steps * unit - expected) < unit / 1000)
