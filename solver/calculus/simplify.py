"""A shorter form of an unknown expression's derivative, where computer algebra finds one.

sympy only proposes: its answer is taken if it is shorter, is written in functions that the house knows, and (checked by
the caller, like every line) is equal. Slopes that textbooks write in the function itself stay as they are: for sympy,
tanh and σ are opaque names, or 1 − tanh² would come back as 1/cosh². sympy is imported here and only when asked;
formulas that are short already, or very long, are never put to it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from solver.calculus.rule import ONE, is_name, plain_number
from solver.calculus.tidy import negated
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
    children,
    walk,
)

SHORT, LONG = 7.0, 80.0
"""Lengths between which a shorter form is looked for."""

HARD = 40.0
"""Length up to which sympy's slow general simplification is tried as well."""

LARGE_EXPONENT = 16
"""Powers of numbers beyond it are not put to sympy."""

MONOMIALS, DEGREE = 400, 24
"""Bounds on what the formula would be if it were multiplied out: sympy does that, and it takes its time."""

_OPEN = ("exp", "log", "sqrt", "sin", "cos")
_OPAQUE = ("tanh", "sigmoid", "erf")


class _Untranslatable(ValueError):
    """There is no counterpart on the other side."""


def length(node: Formula) -> float:
    """Return how long a formula is to read: names, numbers, functions and operators, juxtaposition at half price."""
    inside = sum(map(length, children(node)))
    match node:
        case Sum(terms):
            return inside + len(terms) - 1
        case Product(factors):
            return inside + (len(factors) - 1) / 2
        case Negative():
            return inside + 0.25
        case Quotient() | Power():
            return inside + 0.5
        case _:
            return inside + 1


def shorter(node: Formula) -> Formula | None:
    """Return a clearly shorter formula that sympy holds to be equal, or None."""
    before = length(node)
    if not SHORT < before < LONG or any(isinstance(part, (Cases, Derivative)) for part in walk(node)):
        return None
    if _expanded(node)[0] > MONOMIALS or max(_expanded(part)[1] for part in walk(node)) > DEGREE:
        return None
    known = _functions(node)
    found = [_polished(candidate, node) for candidate in _candidates(node, before)]
    found = [c for c in found if length(c) <= before - 1 and _functions(c) <= known]
    return min(found, key=length, default=None)


def _expanded(node: Formula) -> tuple[int, int]:
    """Return bounds on (monomials, degree) of a formula that is multiplied out; a call is one letter."""
    inside = [_expanded(operand) for operand in children(node)]
    match node:
        case Sum():
            return sum(count for count, _ in inside), max(degree for _, degree in inside)
        case Product() | Quotient():
            return math.prod(count for count, _ in inside), sum(degree for _, degree in inside)
        case Negative():
            return inside[0]
        case Power(_, exponent) if (n := plain_number(exponent)) is not None:
            (count, degree), times = inside[0], min(math.ceil(abs(n)), 10 * DEGREE)
            return math.comb(count + times - 1, times) if times else 1, degree * times
        case Number():
            return 1, 0
        case _:
            return 1, 1


def _functions(node: Formula) -> set[Formula]:
    """Return the calls and general powers of a formula: a shorter form has no others (no sin 2x for sin x cos x)."""
    return {
        part
        for part in walk(node)
        if isinstance(part, Call) or (isinstance(part, Power) and plain_number(part.exponent) is None)
    }


def _polished(node: Formula, original: Formula) -> Formula:
    """Return a product with its factors as the original writes them: 1 − y, not y − 1, and brackets last."""
    match node:
        case Negative(operand):
            return negated(_polished(operand, original))
        case Quotient(numerator, denominator):
            above = _polished(numerator, original)
            if isinstance(above, Negative):
                return Negative(Quotient(above.operand, denominator))
            return Quotient(above, denominator)
        case Product(factors):
            return _in_its_signs(list(factors), original)
        case _:
            return node


def _in_its_signs(factors: list[Formula], original: Formula) -> Formula:
    written = {frozenset(part.terms): part for part in walk(original) if isinstance(part, Sum)}
    negative = False
    for n, factor in enumerate(factors):
        turned = _turned(factor)
        if turned is not None and frozenset(turned.terms) in written:
            factors[n] = written[frozenset(turned.terms)]
            negative = not negative
    for n, factor in enumerate(factors):
        turned = _turned(factor)
        if negative and turned is not None and frozenset(_terms(factor)) not in written:
            factors[n] = turned
            negative = False
    factors.sort(key=_order)
    product = Product(tuple(factors))
    return Negative(product) if negative else product


def _terms(node: Formula) -> tuple[Formula, ...]:
    return node.terms if isinstance(node, Sum) else (node,)


def _turned(node: Formula) -> Sum | None:
    """Return −(u − v) as v − u, positive terms first; None for what is no such difference."""
    if not isinstance(node, Sum):
        return None
    terms = sorted(map(negated, node.terms), key=lambda term: isinstance(term, Negative))
    return None if isinstance(terms[0], Negative) else Sum(tuple(terms))


def _order(node: Formula) -> int:
    base = node.base if isinstance(node, Power) else node
    if isinstance(base, Number):
        return 0
    return 1 if is_name(base) else 3 if isinstance(base, Sum) else 2


def _candidates(node: Formula, size: float) -> Iterator[Formula]:
    import sympy

    names: dict[Formula, Any] = {}
    try:
        expression = _to_sympy(node, names)
    except _Untranslatable:
        return
    back = {symbol: leaf for leaf, symbol in names.items()}
    ways = [sympy.factor, sympy.cancel, sympy.simplify] if size <= HARD else [sympy.factor]
    for way in ways:
        try:
            yield _from_sympy(way(expression), back)
        except _Untranslatable:
            continue


def _to_sympy(node: Formula, names: dict[Formula, Any]) -> Any:
    import sympy

    match node:
        case Number(value) if max(abs(value.numerator), value.denominator) < 10**20:
            return sympy.Rational(value.numerator, value.denominator)
        case Variable() | Ref():
            return names.setdefault(node, sympy.Symbol(f"v{len(names)}", real=True))
        case Sum(terms):
            return sympy.Add(*(_to_sympy(term, names) for term in terms))
        case Product(factors):
            return sympy.Mul(*(_to_sympy(factor, names) for factor in factors))
        case Negative(operand):
            return -_to_sympy(operand, names)
        case Quotient(numerator, denominator):
            return _to_sympy(numerator, names) / _to_sympy(denominator, names)
        case Power(base, exponent):
            return _powered(_to_sympy(base, names), _to_sympy(exponent, names))
        case Call("pi", ()):
            return sympy.pi
        case Call(name, (argument,), 0) if name in _OPEN:
            return getattr(sympy, name)(_to_sympy(argument, names))
        case Call(name, (argument,), 0) if name in _OPAQUE:
            return sympy.Function(name, real=True)(_to_sympy(argument, names))
        case _:
            raise _Untranslatable(node)


def _powered(base: Any, exponent: Any) -> Any:
    # sympy works powers of numbers out at once, however large: 9^9^9^9 must never reach it.
    if (
        base.is_number
        and exponent.is_number
        and not (exponent.is_Rational and abs(exponent) <= LARGE_EXPONENT)
    ):
        raise _Untranslatable
    return base**exponent


def _from_sympy(node: Any, names: dict[Any, Formula]) -> Formula:
    import sympy

    if node in names:
        return names[node]
    if node.is_Rational:
        return Number(Fraction(int(node.p), int(node.q)))
    if node is sympy.pi:
        return Call("pi", ())
    if node.is_Add:
        return _sum(node, names)
    if node.is_Mul:
        return _product(node, names)
    if node.is_Pow:
        return _power(node, names)
    name = type(node).__name__
    if name in (*_OPEN, *_OPAQUE) and len(node.args) == 1:
        return Call(name, (_from_sympy(node.args[0], names),))
    raise _Untranslatable(node)


def _sum(node: Any, names: dict[Any, Formula]) -> Formula:
    terms = [_from_sympy(term, names) for term in node.as_ordered_terms()]
    signed = [negated(t) if isinstance(t, Number) and t.value < 0 else t for t in terms]
    terms = [Negative(s) if s is not t else t for s, t in zip(signed, terms, strict=True)]
    positive = [term for term in terms if not isinstance(term, Negative)]
    if positive and isinstance(terms[0], Negative):
        terms.remove(positive[0])
        terms.insert(0, positive[0])
    return Sum(tuple(terms))


def _product(node: Any, names: dict[Any, Formula]) -> Formula:
    import sympy

    coefficient, rest = node.as_coeff_Mul()
    above: list[Formula] = []
    below: list[Formula] = []
    for factor in sympy.Mul.make_args(rest):
        exponent = factor.as_base_exp()[1]
        inverted = factor.is_Pow and exponent.is_Rational and exponent < 0
        (below if inverted else above).append(_from_sympy(1 / factor if inverted else factor, names))
    top, bottom = abs(int(coefficient.p)), int(coefficient.q)
    if bottom != 1:
        below.insert(0, Number(Fraction(bottom)))
    if top != 1 or not above:
        above.insert(0, Number(Fraction(top)))
    numerator = above[0] if len(above) == 1 else Product(tuple(above))
    denominator = ONE if not below else below[0] if len(below) == 1 else Product(tuple(below))
    result = numerator if not below else Quotient(numerator, denominator)
    return Negative(result) if coefficient < 0 else result


def _power(node: Any, names: dict[Any, Formula]) -> Formula:
    import sympy

    base, exponent = node.as_base_exp()
    if exponent == sympy.Rational(1, 2):
        return Call("sqrt", (_from_sympy(base, names),))
    if exponent.is_Rational and exponent < 0:
        return Quotient(ONE, _from_sympy(1 / node, names))
    return Power(_from_sympy(base, names), _from_sympy(exponent, names))
