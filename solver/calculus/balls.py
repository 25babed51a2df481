"""The value of a formula with named derivatives in it, in ball arithmetic: the judge of every line.

A value is a power series of two terms over balls (flint's `arb_series`): evaluating f at x + ε gives f(x) + f′(x) ε, so
`Derivative` nodes are computed by a differentiation that shares no rule with `calculus.rules`, and with proven
error bounds. Names may have definitions (y = σ(z)); differentiating by a name holds it free, differentiating by another
sees through it. Indexed names z_k and sums over classes are computed for a chosen number of classes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, TypeAlias

from solver.calculus.derivation import Equation, is_leaf
from solver.calculus.rule import plain_number
from solver.formula import (
    Call,
    Cases,
    Derivative,
    Formula,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Ref,
    Sum,
    Variable,
    substitute,
)
from solver.functions.activations import ACTIVATIONS

Series: TypeAlias = Any
"""A flint `arb_series` of two terms, a + b ε; flint says nothing about its types."""

Leaf = tuple[Formula, int]
"""A name and the number of its class; 0 for a name without an index."""


class Undefined(ArithmeticError):
    """The formula has no value at this point, or none that the balls can tell."""


class Undecided(Undefined):
    """The balls cannot tell which case holds: at a tie they never can, and the point says nothing."""


class Unknown(LookupError):
    """The formula holds a function or a name that cannot be computed here."""


@contextmanager
def working(bits: int) -> Iterator[None]:
    """Compute with this many bits and with series of two terms; the old settings return after it."""
    from flint import ctx

    from solver.arithmetic.certified import ALONE

    with ALONE:
        precision, length = ctx.prec, ctx.cap
        ctx.prec, ctx.cap = bits, 2
        try:
            yield
        finally:
            ctx.prec, ctx.cap = precision, length


@dataclass(frozen=True)
class Point:
    """Where a formula is computed.

    Attributes:
        values: Value of every free name, exact.
        classes: How many classes a sum over an index has.
        indices: Number of the class that each free index stands for.
        definitions: What the other names stand for.
        along: The name that carries ε at present.
    """

    values: Mapping[Leaf, Fraction]
    classes: int = 1
    indices: Mapping[Formula, int] = field(default_factory=dict)
    definitions: tuple[Equation, ...] = ()
    along: Leaf | None = None

    def value(self, formula: Formula) -> Any:
        """Return the value of a formula as a ball.

        Raises:
            Undefined: There is none (log of a negative number, division by zero).
            Undecided: The balls cannot decide a case.
            Unknown: A name or a function cannot be computed.
        """
        ball = self.series(formula)[0]
        if not ball.is_finite():
            raise Undefined(formula)
        return ball

    def leaf(self, node: Formula) -> Leaf:
        """Return which name, of which class, a leaf is."""
        if isinstance(node, Call):
            name, index = node.arguments
            return name, self.index(index)
        return node, 0

    def index(self, node: Formula) -> int:
        """Return the number of the class that an index stands for."""
        if node in self.indices:
            return self.indices[node]
        if isinstance(node, Number):
            return int(node.value)
        raise Unknown("an index stands for no class")

    def series(self, node: Formula) -> Series:
        """Return formula(point + ε) to first order."""
        match node:
            case Number(value):
                return _constant(value)
            case Variable() | Ref():
                return self._leaf_series(node)
            case Sum(terms):
                return sum(map(self.series, terms), _constant(Fraction(0)))
            case Product(factors):
                return math.prod(map(self.series, factors), start=_constant(Fraction(1)))
            case Negative(operand):
                return -self.series(operand)
            case Quotient(numerator, denominator):
                return self.series(numerator) * _inverse(self.series(denominator))
            case Power(base, exponent):
                return self._power(base, exponent)
            case Call():
                return self._call(node)
            case Cases(cases, otherwise):
                chosen = next(
                    (case.then for case in cases if self.holds(case.subject, case.relation, case.bound)),
                    otherwise,
                )
                return self.series(chosen)
            case Derivative(of, by):
                return self._derivative(of, by)
            case _:
                raise Unknown("there is something that is no formula")

    def _leaf_series(self, node: Formula) -> Series:
        from flint import arb, arb_series

        leaf = self.leaf(node)
        if leaf == self.along:
            return arb_series([replace(self, along=None).series(node)[0], arb(1)])
        if leaf in self.values:
            return _constant(self.values[leaf])
        for equation in self.definitions:
            if equation.left == node:
                return self.series(equation.right)
            match equation.left, node:
                case Call("at", (name, index)), Call("at", (other, _)) if name == other:
                    inner = replace(self, indices={**self.indices, index: leaf[1]})
                    return inner.series(equation.right)
                case _:
                    continue
        raise Unknown("a name has no value")

    def _derivative(self, of: Formula, by: Formula) -> Series:
        if self.along is not None or not is_leaf(by):
            raise Unknown("a derivative stands inside a derivative, or is by more than a name")
        moved = replace(self, along=self.leaf(by)).series(of)
        slope = moved[1]
        if not (moved[0].is_finite() and slope.is_finite()):
            raise Undefined(of)
        return _ball(slope)

    def holds(self, subject: Formula, relation: str, bound: Formula) -> bool:
        """Return whether a condition holds here; between indices it compares classes."""
        if subject in self.indices:
            return _relation(self.index(subject) - self.index(bound), relation)
        if subject == bound:
            return _relation(0, relation)
        difference = self.series(subject)[0] - self.series(bound)[0]
        sign = 0 if difference.is_zero() else _sign(difference, subject)
        return _relation(sign, relation)

    def _power(self, base: Formula, exponent: Formula) -> Series:
        n = plain_number(exponent)
        below = self.series(base)
        if n is not None and n.denominator == 1 and abs(n) < 2**31:
            return below ** int(n) if n >= 0 else _inverse(below) ** int(-n)
        if n == Fraction(1, 2):
            return below.sqrt()
        return (self.series(exponent) * below.log()).exp()

    def _call(self, node: Call) -> Series:
        match node:
            case Call("at"):
                return self._leaf_series(node)
            case Call("sum" | "sum_except", (body, index, *without)):
                left_out = [self.index(other) for other in without]
                classes = (k for k in range(1, self.classes + 1) if k not in left_out)
                parts = (replace(self, indices={**self.indices, index: k}).series(body) for k in classes)
                return sum(parts, _constant(Fraction(0)))
            case Call("phi", (argument,), primes):
                return _sample_function(self.series(argument), primes)
            case Call("max" | "min", arguments):
                return self._extreme(node, [self.series(argument) for argument in dict.fromkeys(arguments)])
            case Call(name, arguments, 0):
                return self._function(node, name, arguments)
            case _:
                raise Unknown(_no_value(node.function))

    def _extreme(self, node: Call, values: list[Any]) -> Series:
        best = values[0]
        for value in values[1:]:
            if _same(value, best):
                continue
            larger = _sign(value[0] - best[0], node) > 0
            best = value if larger == (node.function == "max") else best
        return best

    def _function(self, node: Call, name: str, arguments: tuple[Formula, ...]) -> Series:
        if name == "pi" and not arguments:
            from flint import arb

            return _ball(arb.pi())
        if name in _ELEMENTARY and len(arguments) == 1:
            return _ELEMENTARY[name](self.series(arguments[0]), node)
        record = ACTIVATIONS.get(name)
        if record is None or not record.elementwise or len(arguments) != 1 + len(record.options):
            raise Unknown(_no_value(name))
        keys = (key for key, _ in record.options)
        options = {key: plain_number(value) for key, value in zip(keys, arguments[1:], strict=True)}
        if any(value is None for value in options.values()):
            raise Unknown(_no_value(name))
        chosen = record.with_options(**{key: value for key, value in options.items() if value is not None})
        return self.series(substitute(chosen.formula, z=arguments[0]))


def _no_value(function: str) -> str:
    return f"the function {function} has no value here"


def _constant(value: Fraction) -> Any:
    from flint import arb, fmpq

    return _ball(arb(fmpq(value.numerator, value.denominator)))


def _ball(value: Any) -> Any:
    from flint import arb, arb_series

    return arb_series([value, arb(0)])


def _inverse(value: Any) -> Any:
    if value[0].contains(0):
        raise Undefined("division by zero")
    return 1 / value


def _sign(ball: Any, subject: object) -> int:
    if ball > 0:
        return 1
    if ball < 0:
        return -1
    raise Undecided(subject)


def _same(one: Any, other: Any) -> bool:
    """Return whether two series are one number, with one slope: either stands for both."""
    difference = one - other
    return bool(difference[0].is_zero() and difference[1].is_zero())


def _relation(sign: int, relation: str) -> bool:
    match relation:
        case "<":
            return sign < 0
        case "<=":
            return sign <= 0
        case ">":
            return sign > 0
        case ">=":
            return sign >= 0
        case "=":
            return sign == 0
        case "!=":
            return sign != 0
        case _:
            raise Unknown(f"the relation {relation} is not known")


def _sample_function(u: Any, primes: int) -> Any:
    """Φ stands for any function: here it is e^{u/2} + sin u, whose every derivative is known and differs."""
    turned = (u.sin(), u.cos(), -u.sin(), -u.cos())[primes % 4]
    return (u * _constant(Fraction(1, 2))).exp() * _constant(Fraction(1, 2**primes)) + turned


def _tanh(u: Any, _: object) -> Any:
    return 1 - 2 * _inverse((2 * u).exp() + 1)


def _absolute(u: Any, node: object) -> Any:
    return u if _sign(u[0], node) > 0 else -u


_ELEMENTARY: dict[str, Callable[[Any, object], Any]] = {
    "exp": lambda u, _: u.exp(),
    "log": lambda u, _: u.log(),
    "sqrt": lambda u, _: u.sqrt(),
    "sin": lambda u, _: u.sin(),
    "cos": lambda u, _: u.cos(),
    "tanh": _tanh,
    "sigmoid": lambda u, _: _inverse(1 + (-u).exp()),
    "abs": _absolute,
    "erf": lambda u, _: u.erf(),
    "erfc": lambda u, _: u.erfc(),
    "expm1": lambda u, _: u.exp() - 1,
    "log1p": lambda u, _: (1 + u).log(),
    "cancelled": lambda u, _: u,
    "vanishing": lambda u, _: u,
}
