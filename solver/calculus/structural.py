"""Rules for the ways in which formulas are put together: sums, products, quotients, powers, cases.

The docstring of a rule is its formula in the language of `calculus.script`; see `calculus.rules`.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from solver.calculus.rule import ONE, ZERO, Rule, depends, plain_number, rule, squared
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
    Sum,
)


@rule("constant")
def constant(of: Formula, by: Formula) -> Formula | None:
    """D(c, x) = 0"""
    return None if depends(of, by) else ZERO


@rule("identity")
def variable(of: Formula, by: Formula) -> Formula | None:
    """D(x, x) = 1"""
    return ONE if of == by else None


@rule("constant multiple")
def constant_multiple(of: Formula, by: Formula) -> Formula | None:
    """D(c*u, x) = c*D(u, x)"""
    match of:
        case Negative(operand):
            return Negative(Derivative(operand, by))
        case Quotient(numerator, denominator) if not depends(denominator, by):
            return Quotient(Derivative(numerator, by), denominator)
        case Product(factors):
            fixed, free = _parted(factors, by)
            return Product((*fixed, Derivative(_joined(free), by))) if fixed else None
        case Quotient(Product(factors), denominator):
            fixed, free = _parted(factors, by)
            if not fixed or not free:
                return None
            return Product((*fixed, Derivative(Quotient(_joined(free), denominator), by)))
        case Quotient(numerator, Product(factors)):
            fixed, free = _parted(factors, by)
            if not fixed:
                return None
            above = ONE if depends(numerator, by) else numerator
            inner = Quotient(numerator if above is ONE else ONE, _joined(free))
            return Product((Quotient(above, _joined(fixed)), Derivative(inner, by)))
        case _:
            return None


def _parted(factors: tuple[Formula, ...], by: Formula) -> tuple[tuple[Formula, ...], tuple[Formula, ...]]:
    """Return the factors without and with the variable."""
    fixed = tuple(factor for factor in factors if not depends(factor, by))
    return fixed, tuple(factor for factor in factors if depends(factor, by))


def _joined(factors: tuple[Formula, ...]) -> Formula:
    return factors[0] if len(factors) == 1 else Product(factors)


@rule("sum rule")
def sum_(of: Formula, by: Formula) -> Formula | None:
    """D(u + v, x) = D(u, x) + D(v, x)"""
    if not isinstance(of, Sum):
        return None
    return Sum(
        tuple(
            Negative(Derivative(term.operand, by)) if isinstance(term, Negative) else Derivative(term, by)
            for term in of.terms
        )
    )


@rule("equal factors as a power")
def equal_factors(of: Formula, by: Formula) -> Formula | None:
    """D(u*u, x) = D(u^2, x)"""
    if not isinstance(of, Product) or len(set(of.factors)) == len(of.factors):
        return None
    counts = Counter(of.factors)
    powers = tuple(u if n == 1 else Power(u, Number(Fraction(n))) for u, n in counts.items())
    return Derivative(powers[0] if len(powers) == 1 else Product(powers), by)


@rule("product rule")
def product(of: Formula, by: Formula) -> Formula | None:
    """D(u*v, x) = D(u, x)*v + u*D(v, x)"""
    if not isinstance(of, Product):
        return None
    factors = of.factors
    return Sum(
        tuple(
            Product((*factors[:n], Derivative(factor, by), *factors[n + 1 :]))
            for n, factor in enumerate(factors)
        )
    )


@rule("a reciprocal is a negative power")
def negative_power(of: Formula, by: Formula) -> Formula | None:
    """D(c/u^3, x) = D(c*u^(-3), x)"""
    match of:
        case Quotient(numerator, Power(base, exponent)) if not depends(numerator, by):
            n = plain_number(exponent)
            if n is None:
                return None
            power = Power(base, Number(-n))
            return Derivative(power if numerator == ONE else Product((numerator, power)), by)
        case _:
            return None


@rule("reciprocal rule")
def reciprocal(of: Formula, by: Formula) -> Formula | None:
    """D(c/v, x) = -(c*D(v, x))/v^2"""
    match of:
        case Quotient(numerator, denominator) if not depends(numerator, by):
            slope = Derivative(denominator, by)
            above = slope if numerator == ONE else Product((numerator, slope))
            return Negative(Quotient(above, squared(denominator)))
        case _:
            return None


@rule("quotient rule")
def quotient(of: Formula, by: Formula) -> Formula | None:
    """D(u/v, x) = (D(u, x)*v - u*D(v, x))/v^2"""
    match of:
        case Quotient(u, v):
            above = Sum((Product((Derivative(u, by), v)), Negative(Product((u, Derivative(v, by))))))
            return Quotient(above, squared(v))
        case _:
            return None


@rule("power rule")
def power(of: Formula, by: Formula) -> Formula | None:
    """D(u^n, x) = n*u^(n - 1)*D(u, x)"""
    match of:
        case Power(base, exponent) if not depends(exponent, by):
            n = plain_number(exponent)
            if n is None:
                lowered: Formula = Power(base, Sum((exponent, Negative(ONE))))
            elif n == 2:
                lowered = base
            else:
                lowered = Power(base, Number(n - 1))
            slope = Derivative(base, by)
            if n is None or n >= 0:
                return Product((exponent if n is None else Number(n), lowered, slope))
            return Negative(Product((lowered, slope) if n == -1 else (Number(-n), lowered, slope)))
        case _:
            return None


@rule("exponential rule for the base c")
def exponential_base(of: Formula, by: Formula) -> Formula | None:
    """D(c^u, x) = c^u*log(c)*D(u, x)"""
    match of:
        case Power(base, exponent) if not depends(base, by):
            return Product((of, Call("log", (base,)), Derivative(exponent, by)))
        case _:
            return None


@rule("power as an exponential")
def power_as_exponential(of: Formula, by: Formula) -> Formula | None:
    """D(u^v, x) = u^v*D(v*log(u), x)"""
    match of:
        case Power(base, exponent):
            return Product((of, Derivative(Product((exponent, Call("log", (base,)))), by)))
        case _:
            return None


@rule("each case on its own")
def each_case(of: Formula, by: Formula) -> Formula | None:
    """D(cases(gt(x, 0, u), v), x) = cases(gt(x, 0, D(u, x)), D(v, x))"""
    match of:
        case Cases(cases, otherwise):
            inside = tuple(Case(c.subject, c.relation, c.bound, Derivative(c.then, by)) for c in cases)
            return Cases(inside, Derivative(otherwise, by))
        case _:
            return None


STRUCTURAL: tuple[Rule, ...] = (
    constant,
    variable,
    constant_multiple,
    sum_,
    equal_factors,
    product,
    negative_power,
    reciprocal,
    quotient,
    power,
    exponential_base,
    power_as_exponential,
    each_case,
)
"""Rules for how formulas are put together, in the order in which they are tried."""
