"""A pocket calculator for printed lines: whether a line's value follows from the numbers that stand in it.

It sees what a student sees: digits, signs, brackets, fractions. A line with letters or matrices in its last steps has no
value here. Beside each value it keeps by how much the rounding of the printed numbers may have moved it, so that a line
is called wrong only where no rounding explains it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from solver.arithmetic import Digits
from solver.document.nodes import EquationLine
from solver.notation import math as m

_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "σ": lambda z: 1 / (1 + math.exp(-z)), "tanh": math.tanh, "log": math.log, "exp": math.exp, "sin": math.sin,
    "cos": math.cos, "ReLU": lambda z: max(z, 0.0),
}  # fmt: skip


@dataclass(frozen=True)
class Reckoned:
    """What an expression comes to.

    Attributes:
        value: The number.
        slack: By how much the rounding of the printed numbers may have moved it.
    """

    value: float
    slack: float = 0.0

    def times(self, other: Reckoned) -> Reckoned:
        """Return a product."""
        slack = self.slack * abs(other.value) + (abs(self.value) + self.slack) * other.slack
        return Reckoned(self.value * other.value, slack)

    def under(self, function: Callable[[float], float]) -> Reckoned:
        """Return a function of this, which has no turn within the slack."""
        value = function(self.value)
        ends = [function(self.value + step) for step in (-self.slack, self.slack)] if self.slack else ()
        return Reckoned(value, max((abs(end - value) for end in ends), default=0.0))


class _NoNumberError(ArithmeticError):
    """A part that is not a number."""


def follows(line: EquationLine, digits: Digits) -> bool | None:
    """Return whether the last value of a line follows from the step before; None where that cannot be calculated.

    Args:
        line: A line of a worked solution.
        digits: How its numbers are rounded.
    """
    if len(line.steps) < 2:
        return None
    found, shown = reckoned(line.steps[-2].body, digits), reckoned(line.steps[-1].body, digits)
    if found is None or shown is None:
        return None
    noise = 1e-9 * max(abs(found.value), abs(shown.value))
    return abs(found.value - shown.value) <= found.slack + shown.slack + noise


def reckoned(body: m.Math, digits: Digits) -> Reckoned | None:
    """Return what a printed expression comes to, or None where it holds more than numbers."""
    try:
        return _Calculator(digits).of(body)
    except (_NoNumberError, ValueError, OverflowError, ZeroDivisionError):
        return None


@dataclass(frozen=True)
class _Calculator:
    digits: Digits

    def of(self, body: m.Math) -> Reckoned:
        match body:
            case m.Digits():
                return self._number(body)
            case m.Fenced(inner, "(", ")") | m.Boxed(inner) | m.Toned(inner):
                return self.of(inner)
            case m.Fenced(inner, "|", "|"):
                return self.of(inner).under(abs)
            case m.Fraction(numerator, denominator):
                return self.of(numerator).times(self.of(denominator).under(lambda below: 1 / below))
            case m.Root(inner):
                return self.of(inner).under(math.sqrt)
            case m.Script(m.Symbol("e"), None, sup) if sup is not None:
                return self.of(sup).under(math.exp)
            case m.Script(base, None, sup) if sup is not None:
                exponent = self.of(sup).value
                return self.of(base).under(lambda number: number**exponent)
            case m.Row(items):
                return self._sum([item for item in items if not isinstance(item, m.Space)])
            case _:
                raise _NoNumberError

    def _number(self, body: m.Digits) -> Reckoned:
        """Return a printed number; it may have been rounded where it has all the digits that are stated."""
        value = float(body.text) * 10.0 ** (body.exponent or 0)
        whole, _, decimals = body.text.lstrip("-").partition(".")
        written = len((whole + decimals).lstrip("0")) if self.digits.decimals is None else len(decimals)
        stated = self.digits.significant if self.digits.decimals is None else self.digits.decimals
        if body.answer is None or (written < stated and body.exponent is None):
            return Reckoned(value)
        return Reckoned(value, 0.5 * 10.0 ** ((body.exponent or 0) - len(decimals)))

    def _sum(self, items: Sequence[m.Math]) -> Reckoned:
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
        found = [(sign, self._product(factors)) for sign, factors in terms]
        return Reckoned(sum(sign * part.value for sign, part in found), sum(part.slack for _, part in found))

    def _product(self, items: Sequence[m.Math]) -> Reckoned:
        if not items:
            raise _NoNumberError
        total = Reckoned(1.0)
        rest = list(items)
        divide = False
        while rest:
            item = rest.pop(0)
            if isinstance(item, m.Operator):
                if item.sign not in "·×/":
                    raise _NoNumberError
                divide = item.sign == "/"
                continue
            part = self._called(item, rest)
            total = total.times(part.under(lambda below: 1 / below) if divide else part)
            divide = False
        return total

    def _called(self, item: m.Math, rest: list[m.Math]) -> Reckoned:
        """Return one factor; the name of a function takes the bracket behind it: tanh(z), tanh²(z), tanh(z)²."""
        name, power = item, 1.0
        match item:
            case m.Script(m.Symbol() as base, None, sup) if sup is not None and base.name in _FUNCTIONS:
                name, power = base, self.of(sup).value
        if not (isinstance(name, m.Symbol) and name.name in _FUNCTIONS and rest):
            return self.of(item)
        argument = rest.pop(0)
        match argument:
            case m.Script(m.Fenced() as inner, None, sup) if sup is not None:
                argument, power = inner, self.of(sup).value
        return self.of(argument).under(_FUNCTIONS[name.name]).under(lambda number: number**power)
