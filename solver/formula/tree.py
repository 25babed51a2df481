"""Formulas as data: what is computed, before any letter and any number.

One small tree serves the whole road. A local formula of the graph (`a = Σ w x + b`), a textbook slope (`y(1 − y)`), a
teacher's expression and a line of a derivation are the same kind of value; notation prints it in letters or with
numbers in it, `functions.evaluate` computes it in any arithmetic. Products and sums keep the order and the grouping
in which a person writes them: nothing is ever collapsed, sorted or simplified here (a sympy `Mul` would do all three).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from solver.quantities import Key


class Formula:
    """A node of the tree. The subclasses below are all there are."""

    __slots__ = ()

    def __add__(self, other: Formula | int) -> Formula:
        return Sum((*_terms(self), *_terms(formula(other))))

    def __radd__(self, other: int) -> Formula:
        return formula(other) + self

    def __sub__(self, other: Formula | int) -> Formula:
        return Sum((*_terms(self), Negative(formula(other))))

    def __rsub__(self, other: int) -> Formula:
        return formula(other) - self

    def __mul__(self, other: Formula | int) -> Formula:
        return Product((*_factors(self), *_factors(formula(other))))

    def __rmul__(self, other: int) -> Formula:
        return formula(other) * self

    def __truediv__(self, other: Formula | int) -> Formula:
        return Quotient(self, formula(other))

    def __rtruediv__(self, other: int) -> Formula:
        return Quotient(formula(other), self)

    def __pow__(self, exponent: Formula | int) -> Formula:
        return Power(self, formula(exponent))

    def __neg__(self) -> Formula:
        return Negative(self)


@dataclass(frozen=True, slots=True)
class Number(Formula):
    """An exact rational constant of the formula itself (the 2 of 2(y − t)), not a value of a problem."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Ref(Formula):
    """The value of a quantity, usually of one element, or of another line of the solution."""

    quantity: Key


@dataclass(frozen=True, slots=True)
class Variable(Formula):
    """A placeholder of a template ("z", "y", "t"), to be substituted; also a free name in a derivation."""

    name: str


@dataclass(frozen=True, slots=True)
class Sum(Formula):
    """t₁ + t₂ + …; a `Negative` term prints as a subtraction. Never empty."""

    terms: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Product(Formula):
    """f₁ f₂ …, in this order. Never empty."""

    factors: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Negative(Formula):
    """−operand."""

    operand: Formula


@dataclass(frozen=True, slots=True)
class Quotient(Formula):
    """numerator / denominator, printed as a fraction."""

    numerator: Formula
    denominator: Formula


@dataclass(frozen=True, slots=True)
class Power(Formula):
    """base ** exponent."""

    base: Formula
    exponent: Formula


@dataclass(frozen=True, slots=True)
class Call(Formula):
    """A named function of its arguments: "exp", "log", "sqrt", "max", …, or a record of `functions` ("sigmoid").

    `primes` counts derivative marks of an unnamed function: Call("phi", (z,), 1) is Φ′(z).
    """

    function: str
    arguments: tuple[Formula, ...]
    primes: int = 0


@dataclass(frozen=True, slots=True)
class Case(Formula):
    """`then` where `subject` (relation) `bound` holds. Only inside `Cases`."""

    subject: Formula
    relation: str  # one of "<", "<=", ">", ">=", "=", "!="
    bound: Formula
    then: Formula


@dataclass(frozen=True, slots=True)
class Cases(Formula):
    """The first case that holds decides, otherwise `otherwise`."""

    cases: tuple[Case, ...]
    otherwise: Formula


@dataclass(frozen=True, slots=True)
class Derivative(Formula):
    """∂of/∂by as an object that is named, not computed: an unfinished step of a derivation."""

    of: Formula
    by: Formula


def formula(value: Formula | int | Fraction) -> Formula:
    """Return `value` as a formula; plain numbers become `Number`."""
    return value if isinstance(value, Formula) else Number(Fraction(value))


def _terms(value: Formula) -> tuple[Formula, ...]:
    return value.terms if isinstance(value, Sum) else (value,)


def _factors(value: Formula) -> tuple[Formula, ...]:
    return value.factors if isinstance(value, Product) else (value,)


def children(node: Formula) -> tuple[Formula, ...]:
    """Return the direct operands of a node, from left to right."""
    match node:
        case Sum(terms):
            return terms
        case Product(factors):
            return factors
        case Negative(operand):
            return (operand,)
        case Quotient(numerator, denominator):
            return (numerator, denominator)
        case Power(base, exponent):
            return (base, exponent)
        case Call(_, arguments, _):
            return arguments
        case Case(subject, _, bound, then):
            return (subject, bound, then)
        case Cases(cases, otherwise):
            return (*cases, otherwise)
        case Derivative(of, by):
            return (of, by)
        case _:
            return ()


def rebuild(node: Formula, operands: tuple[Formula, ...]) -> Formula:
    """Return `node` with its direct operands replaced, in the order of `children`."""
    match node:
        case Sum():
            return Sum(operands)
        case Product():
            return Product(operands)
        case Negative():
            return Negative(operands[0])
        case Quotient():
            return Quotient(*operands)
        case Power():
            return Power(*operands)
        case Call(function, _, primes):
            return Call(function, operands, primes)
        case Case(_, relation, _, _):
            return Case(operands[0], relation, operands[1], operands[2])
        case Cases():
            *cases, otherwise = operands
            return Cases(tuple(case for case in cases if isinstance(case, Case)), otherwise)
        case Derivative():
            return Derivative(*operands)
        case _:
            return node


def transform(node: Formula, change: Callable[[Formula], Formula | None]) -> Formula:
    """Replace every node for which `change` returns a formula (from the top down), keep the others."""
    changed = change(node)
    if changed is not None:
        return changed
    operands = children(node)
    return rebuild(node, tuple(transform(operand, change) for operand in operands)) if operands else node


def substitute(node: Formula, **variables: Formula) -> Formula:
    """Return the formula with each `Variable` of these names replaced."""
    return transform(node, lambda n: variables.get(n.name) if isinstance(n, Variable) else None)


def walk(node: Formula) -> Iterator[Formula]:
    """Yield the node and everything below it, from the top down and left to right."""
    yield node
    for operand in children(node):
        yield from walk(operand)


def references(node: Formula) -> tuple[Key, ...]:
    """Return the quantities that the formula reads, in order of appearance, each once."""
    return tuple(dict.fromkeys(n.quantity for n in walk(node) if isinstance(n, Ref)))
