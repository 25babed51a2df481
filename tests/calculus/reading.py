"""A small printer of formulas and derivations as text, for reading them and for golden files."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from solver.calculus.derivation import Derivation, DerivationLine
from solver.formula import (
    Call,
    Case,
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
)  # fmt: skip

SUM, NEGATIVE, PRODUCT, POWER, ATOM = range(5)


def text(node: Formula) -> str:
    """Return the formula in the language of `calculus.script`, with as few brackets as its grouping needs."""
    return _written(node)[0]


def _written(node: Formula) -> tuple[str, int]:
    match node:
        case Number(value):
            return _number(value)
        case Variable(name):
            return name, ATOM
        case Ref(quantity):
            return str(quantity), ATOM
        case Call():
            return _call(node), ATOM
        case Case(subject, relation, bound, then):
            return f"{text(then)} if {text(subject)} {relation} {text(bound)}", ATOM
        case Cases(cases, otherwise):
            return "{" + "; ".join([*map(text, cases), f"{text(otherwise)} otherwise"]) + "}", ATOM
        case Derivative(of, by):
            return f"D({text(of)}, {text(by)})", ATOM
        case _:
            return _operation(node)


def _operation(node: Formula) -> tuple[str, int]:
    match node:
        case Sum(terms):
            return _sum(terms), SUM
        case Product(factors):
            return "*".join(_in(factor, POWER, n == 0) for n, factor in enumerate(factors)), PRODUCT
        case Negative(operand):
            return "-" + _in(operand, PRODUCT), NEGATIVE
        case Quotient(numerator, denominator):
            return f"{_in(numerator, PRODUCT)}/{_in(denominator, POWER)}", PRODUCT
        case Power(base, exponent):
            return f"{_in(base, ATOM)}^{_in(exponent, POWER)}", POWER
    raise TypeError(node)


def _call(node: Call) -> str:
    match node:
        case Call("phi", (argument,), primes):
            return "phi" + "'" * primes + f"({text(argument)})"
        case Call("at", (name, index)):
            return f"{text(name)}_{text(index)}"
        case Call(name, arguments):
            return f"{name}({', '.join(map(text, arguments))})" if arguments else name


def _number(value: Fraction) -> tuple[str, int]:
    size = str(abs(value))
    if value.denominator > 1:
        decimal = str(float(abs(value)))
        size = decimal if Fraction(decimal) == abs(value) else size
    level = ATOM if "/" not in size else PRODUCT
    return (size, level) if value >= 0 else (f"-{size}", NEGATIVE)


def _in(node: Formula, level: int, first: bool = False) -> str:
    shown, own = _written(node)
    return shown if own >= level and not (first and own == NEGATIVE) else f"({shown})"


def _sum(terms: tuple[Formula, ...]) -> str:
    shown = ""
    for n, term in enumerate(terms):
        if isinstance(term, Negative):
            shown += ("-" if n == 0 else " - ") + _in(term.operand, PRODUCT)
        else:
            shown += ("" if n == 0 else " + ") + _in(term, NEGATIVE if n == 0 else PRODUCT)
    return shown


def lines(derivation: Derivation) -> Iterator[str]:
    """Yield the lines of a derivation as a person reads them."""
    for equation in derivation.definitions:
        yield f"  where {text(equation.left)} = {text(equation.right)}"
    for equation in derivation.assumptions:
        yield f"  given {text(equation.left)} = {text(equation.right)}"
    yield text(derivation.left)
    for line in derivation.steps:
        yield _line(line)
    for branch in derivation.branches:
        condition = branch.condition
        yield f"  case {text(condition.subject)} {condition.relation} {text(condition.bound)}:"
        yield from ("  " + _line(line) for line in branch.lines)
    if derivation.branches:
        yield f"  = {text(derivation.result)}"
    for taken in derivation.conventions:
        where = f"{text(taken.where.left)} = {text(taken.where.right)}"
        yield f"  at {where} the slope {text(taken.value)} is taken: {taken.reason}"


def _line(line: DerivationLine) -> str:
    shown = f"  = {text(line.marked)}"
    rules = ", ".join(rule.name for rule in line.rules)
    return f"{shown:<80}  [{rules}]" + (f"  ({line.note})" if line.note else "")
