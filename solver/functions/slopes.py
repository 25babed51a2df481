"""The slopes of a formula in each of its variables, as numbers: forward mode over the tree, in forms that keep digits.

The textbook derivative of a formula (`calculus.slope`) is what a document prints and what by-hand arithmetic computes.
In float64 it may have no right digit left, as 1 − tanh²(u) has none at u = 20. Here every primitive hands on the
accurate slope of its record, and the chain rule joins them. Kinks take the values that the tables state.

Source: Griewank and Walther (2008), Evaluating Derivatives, chapter 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from solver.arithmetic.base import Arithmetic, Values
from solver.formula import Call, Formula, Negative, Number, Power, Product, Quotient, Sum, Variable
from solver.functions.activations import ACTIVATIONS
from solver.functions.apply import slope
from solver.functions.evaluate import evaluate
from solver.functions.primitives import PRIMITIVES

_Slopes: TypeAlias = dict[str, Any]
_Dual: TypeAlias = tuple[Any, _Slopes]
"""A value, and its slope in every variable that it depends on."""


def slopes(formula: Formula, variables: Mapping[str, Values], arithmetic: Arithmetic) -> dict[str, Values]:
    """Return ∂formula/∂v for every variable v.

    Args:
        formula: Of the grammar of expressions: no cases, no references.
        variables: Elements or arrays of them, which broadcast.
        arithmetic: Their number system.

    Returns:
        Slopes by name; one that is constant may be a single element.

    Raises:
        DomainError: There is no slope: 1/(2√0), log of a number that is not positive, …
        Undecided: A ball cannot tell on which side of a corner it lies.
    """
    with arithmetic.working():
        found = _Walk(variables, arithmetic).of(formula)[1]
        return {name: found.get(name, arithmetic.number(0)) for name in variables}


@dataclass(frozen=True)
class _Walk:
    variables: Mapping[str, Values]
    arithmetic: Arithmetic

    def of(self, node: Formula) -> _Dual:
        match node:
            case Number(value):
                return self.arithmetic.number(value), {}
            case Variable(name):
                return self.variables[name], {name: self.arithmetic.number(1)}
            case Sum(terms):
                return self.sum(terms)
            case Negative(operand):
                value, inner = self.of(operand)
                return -value, {name: -by for name, by in inner.items()}
            case Product(factors):
                return self.product(factors)
            case Quotient(numerator, denominator):
                return self.primitive("/", (self.of(numerator), self.of(denominator)))
            case Power(base, exponent):
                return self.power(self.of(base), self.of(exponent))
            case Call(name, arguments):
                return self.function(name, tuple(map(self.of, arguments)))
            case _:
                raise TypeError(f"not a formula of the grammar: {node!r}")

    def sum(self, terms: Sequence[Formula]) -> _Dual:
        total, slopes = self.of(terms[0])
        for term in terms[1:]:
            value, inner = self.of(term)
            total, slopes = total + value, _added(slopes, inner)
        return total, slopes

    def product(self, factors: Sequence[Formula]) -> _Dual:
        total, slopes = self.of(factors[0])
        for factor in factors[1:]:
            value, inner = self.of(factor)
            slopes = _added(_times(value, slopes), _times(total, inner))
            total = total * value
        return total, slopes

    def power(self, base: _Dual, exponent: _Dual) -> _Dual:
        """u^v: the slope in u is v u^(v−1) and needs no logarithm, so that u may be negative where v is whole."""
        (u, in_u), (v, in_v) = base, exponent
        value = self.arithmetic.call("power", u, v)
        slopes: _Slopes = {}
        if in_u and not self._vanishes(v):
            lowered = self.arithmetic.call("power", u, v - self.arithmetic.number(1))
            slopes = _times(v * lowered, in_u)
        if in_v:
            slopes = _added(slopes, _times(value * self.arithmetic.call("log", u), in_v))
        return value, slopes

    def _vanishes(self, value: Values) -> bool:
        return bool(self.arithmetic.compare(value, "=", self.arithmetic.number(0)).all())

    def function(self, name: str, arguments: tuple[_Dual, ...]) -> _Dual:
        if name in ("max", "min") and len(arguments) > 2:
            # The first against the rest, as `calculus.rules` differentiates it: so ties share alike.
            return self.primitive(name, (arguments[0], self.function(name, arguments[1:])))
        record = ACTIVATIONS.get(name)
        if record is None:
            return self.primitive(name, arguments)
        ((z, inner),) = arguments
        y = evaluate(Call(name, (Variable("z"),)), arithmetic=self.arithmetic, variables={"z": z})
        return y, _times(slope(record, z, y, self.arithmetic), inner)

    def primitive(self, name: str, arguments: tuple[_Dual, ...]) -> _Dual:
        """Return the value of a primitive, and Σ over its arguments of its slope times theirs."""
        record = PRIMITIVES[name]
        values = {letter: value for letter, (value, _) in zip("uv", arguments, strict=False)}
        values["y"] = evaluate(record.formula, arithmetic=self.arithmetic, variables=values)
        slopes: _Slopes = {}
        for template, (_, inner) in zip(record.slopes, arguments, strict=True):
            if inner:
                by = evaluate(template, arithmetic=self.arithmetic, variables=values)
                slopes = _added(slopes, _times(by, inner))
        return values["y"], slopes


def _times(factor: Any, slopes: _Slopes) -> _Slopes:
    return {name: factor * by for name, by in slopes.items()}


def _added(one: _Slopes, other: _Slopes) -> _Slopes:
    joined = dict(one)
    for name, by in other.items():
        joined[name] = joined[name] + by if name in joined else by
    return joined
