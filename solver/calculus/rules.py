"""The rules that a line of a derivation may name: one record each, in one table.

A rule of differentiation is a function from ∂of/∂by to one step further, and its docstring is its formula, written in
the language of `calculus.script`: D(u, x) is ∂u/∂x. So the formula can be printed, and a test proves each one for
functions u and v. A rule leaves the inner derivatives standing (the chain rule is in each of them); who writes the
line decides how many are worked out at once. The order of the table is the order in which the rules are tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

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
    children,
    substitute,
    walk,
)
from solver.functions.activations import ACTIVATIONS
from solver.functions.primitives import PRIMITIVES

Step = Callable[[Formula, Formula], Formula | None]

ZERO, ONE, TWO = Number(Fraction(0)), Number(Fraction(1)), Number(Fraction(2))


@dataclass(frozen=True, slots=True)
class Rule:
    """What a line may appeal to.

    Attributes:
        key: Name within the program.
        name: Name in a document: "product rule".
        statement: Its formula in the language of `calculus.script`; "" for a step of algebra that has none.
        apply: (of, by) -> ∂of/∂by one step further, or None where the rule does not fit.
    """

    key: str
    name: str
    statement: str = field(default="", compare=False)
    apply: Step | None = field(default=None, compare=False, repr=False)


RULES: dict[str, Rule] = {}
"""Every rule by its key; those with `apply` in the order in which they are tried."""


def rule(name: str) -> Callable[[Step], Step]:
    """Enter a function as a rule of differentiation; its key is its name without the leading underscore."""

    def enter(step: Step) -> Step:
        key = step.__name__.strip("_")
        RULES[key] = Rule(key, name, " ".join((step.__doc__ or "").split()), step)
        return step

    return enter


def depends(node: Formula, by: Formula) -> bool:
    """Return whether a formula reads a leaf; z_k may be z_j, so it counts as reading it, and z_2 does not read z_1."""
    if node == by:
        return True
    match node, by:
        case Call("at", (name, index)), Call("at", (other, label)):
            return name == other and not (isinstance(index, Number) and isinstance(label, Number))
        case _:
            return any(depends(operand, by) for operand in children(node))


def plain_number(node: Formula) -> Fraction | None:
    """Return the value of a plain number, a signed one, or a fraction of two; None for anything else."""
    match node:
        case Number(value):
            return value
        case Negative(operand):
            inner = plain_number(operand)
            return None if inner is None else -inner
        case Quotient(Number(above), Number(below)) if below != 0:
            return above / below
        case _:
            return None


@rule("constant")
def _constant(of: Formula, by: Formula) -> Formula | None:
    """D(c, x) = 0"""
    return None if depends(of, by) else ZERO


@rule("identity")
def _variable(of: Formula, by: Formula) -> Formula | None:
    """D(x, x) = 1"""
    return ONE if of == by else None


@rule("constant multiple")
def _constant_multiple(of: Formula, by: Formula) -> Formula | None:
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
def _sum(of: Formula, by: Formula) -> Formula | None:
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
def _equal_factors(of: Formula, by: Formula) -> Formula | None:
    """D(u*u, x) = D(u^2, x)"""
    if not isinstance(of, Product) or len(set(of.factors)) == len(of.factors):
        return None
    counts = Counter(of.factors)
    powers = tuple(u if n == 1 else Power(u, Number(Fraction(n))) for u, n in counts.items())
    return Derivative(powers[0] if len(powers) == 1 else Product(powers), by)


@rule("product rule")
def _product(of: Formula, by: Formula) -> Formula | None:
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
def _negative_power(of: Formula, by: Formula) -> Formula | None:
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
def _reciprocal(of: Formula, by: Formula) -> Formula | None:
    """D(c/v, x) = -(c*D(v, x))/v^2"""
    match of:
        case Quotient(numerator, denominator) if not depends(numerator, by):
            slope = Derivative(denominator, by)
            above = slope if numerator == ONE else Product((numerator, slope))
            return Negative(Quotient(above, _squared(denominator)))
        case _:
            return None


@rule("quotient rule")
def _quotient(of: Formula, by: Formula) -> Formula | None:
    """D(u/v, x) = (D(u, x)*v - u*D(v, x))/v^2"""
    match of:
        case Quotient(u, v):
            above = Sum((Product((Derivative(u, by), v)), Negative(Product((u, Derivative(v, by))))))
            return Quotient(above, _squared(v))
        case _:
            return None


@rule("power rule")
def _power(of: Formula, by: Formula) -> Formula | None:
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


@rule("exponential rule")
def _exponential(of: Formula, by: Formula) -> Formula | None:
    """D(exp(u), x) = exp(u)*D(u, x)"""
    match of:
        case Call("exp", (argument,)):
            return Product((of, Derivative(argument, by)))
        case _:
            return None


@rule("exponential rule for the base c")
def _exponential_base(of: Formula, by: Formula) -> Formula | None:
    """D(c^u, x) = c^u*log(c)*D(u, x)"""
    match of:
        case Power(base, exponent) if not depends(base, by):
            return Product((of, Call("log", (base,)), Derivative(exponent, by)))
        case _:
            return None


@rule("power as an exponential")
def _power_as_exponential(of: Formula, by: Formula) -> Formula | None:
    """D(u^v, x) = u^v*D(v*log(u), x)"""
    match of:
        case Power(base, exponent):
            return Product((of, Derivative(Product((exponent, Call("log", (base,)))), by)))
        case _:
            return None


@rule("logarithm rule")
def _logarithm(of: Formula, by: Formula) -> Formula | None:
    """D(log(u), x) = (1/u)*D(u, x)"""
    match of:
        case Call("log", (argument,)):
            return Product((Quotient(ONE, argument), Derivative(argument, by)))
        case _:
            return None


@rule("square root rule")
def _square_root(of: Formula, by: Formula) -> Formula | None:
    """D(sqrt(u), x) = (1/(2*sqrt(u)))*D(u, x)"""
    match of:
        case Call("sqrt", (argument,)):
            return Product((Quotient(ONE, Product((TWO, of))), Derivative(argument, by)))
        case _:
            return None


@rule("sine rule")
def _sine(of: Formula, by: Formula) -> Formula | None:
    """D(sin(u), x) = cos(u)*D(u, x)"""
    match of:
        case Call("sin", (argument,)):
            return Product((Call("cos", (argument,)), Derivative(argument, by)))
        case _:
            return None


@rule("cosine rule")
def _cosine(of: Formula, by: Formula) -> Formula | None:
    """D(cos(u), x) = -sin(u)*D(u, x)"""
    match of:
        case Call("cos", (argument,)):
            return Product((Negative(Call("sin", (argument,))), Derivative(argument, by)))
        case _:
            return None


@rule("derivative of tanh")
def _hyperbolic_tangent(of: Formula, by: Formula) -> Formula | None:
    """D(tanh(u), x) = (1 - tanh(u)^2)*D(u, x)"""
    match of:
        case Call("tanh", (argument,)):
            return Product((Sum((ONE, Negative(_squared(of)))), Derivative(argument, by)))
        case _:
            return None


@rule("derivative of σ")
def _sigmoid(of: Formula, by: Formula) -> Formula | None:
    """D(sigmoid(u), x) = sigmoid(u)*(1 - sigmoid(u))*D(u, x)"""
    match of:
        case Call("sigmoid", (argument,)):
            return Product((of, Sum((ONE, Negative(of))), Derivative(argument, by)))
        case _:
            return None


@rule("derivative of the error function")
def _error_function(of: Formula, by: Formula) -> Formula | None:
    """D(erf(u), x) = (2/sqrt(pi))*exp(-u^2)*D(u, x)"""
    match of:
        case Call("erf", (argument,)):
            lead = Quotient(TWO, Call("sqrt", (Call("pi", ()),)))
            return Product((lead, Call("exp", (Negative(_squared(argument)),)), Derivative(argument, by)))
        case _:
            return None


@rule("absolute value by cases")
def _absolute_value(of: Formula, by: Formula) -> Formula | None:
    """D(abs(u), x) = cases(gt(u, 0, D(u, x)), lt(u, 0, -D(u, x)), 0)"""
    match of:
        case Call("abs", (argument,)):
            slope = Derivative(argument, by)
            if _kinked(argument):
                return Product((_sign(argument, ">", ZERO, (ONE, Negative(ONE), ZERO)), slope))
            return _sign(argument, ">", ZERO, (slope, Negative(slope), ZERO))
        case _:
            return None


@rule("maximum by cases")
def _maximum(of: Formula, by: Formula) -> Formula | None:
    """D(max(u, v), x) = cases(gt(u, v, D(u, x)), lt(u, v, D(v, x)), (D(u, x) + D(v, x))/2)"""
    match of:
        case Call("max", arguments):
            return _selection("max", ">", arguments, by)
        case _:
            return None


@rule("minimum by cases")
def _minimum(of: Formula, by: Formula) -> Formula | None:
    """D(min(u, v), x) = cases(lt(u, v, D(u, x)), gt(u, v, D(v, x)), (D(u, x) + D(v, x))/2)"""
    match of:
        case Call("min", arguments):
            return _selection("min", "<", arguments, by)
        case _:
            return None


@rule("each case on its own")
def _each_case(of: Formula, by: Formula) -> Formula | None:
    """D(cases(gt(x, 0, u), v), x) = cases(gt(x, 0, D(u, x)), D(v, x))"""
    match of:
        case Cases(cases, otherwise):
            inside = tuple(Case(c.subject, c.relation, c.bound, Derivative(c.then, by)) for c in cases)
            return Cases(inside, Derivative(otherwise, by))
        case _:
            return None


@rule("derivative of Φ")
def _unnamed(of: Formula, by: Formula) -> Formula | None:
    """D(phi(u), x) = dphi(u)*D(u, x)"""
    match of:
        case Call("phi", (argument,), primes):
            return Product((Call("phi", (argument,), primes + 1), Derivative(argument, by)))
        case _:
            return None


@rule("derivative of the function")
def _tabled(of: Formula, by: Formula) -> Formula | None:
    """D(phi(u), x) = dphi(u)*D(u, x)"""
    match of:
        case Call(name, (argument, *options), 0):
            slope = tabled_slope(name, argument, tuple(options), of)
            return None if slope is None else Product((slope, Derivative(argument, by)))
        case _:
            return None


def tabled_slope(
    name: str, argument: Formula, options: tuple[Formula, ...], output: Formula
) -> Formula | None:
    """Return the textbook slope that the tables of `functions` hold for f(argument) = output; None without one."""
    if name in ACTIVATIONS and ACTIVATIONS[name].elementwise:
        record = ACTIVATIONS[name]
        values = {key: plain_number(value) for (key, _), value in zip(record.options, options, strict=False)}
        record = record.with_options(**{key: value for key, value in values.items() if value is not None})
        return substitute(record.slope, z=argument, y=output)
    if name in PRIMITIVES and PRIMITIVES[name].arity == 1 and not options:
        return substitute(PRIMITIVES[name].slopes[0], u=argument, y=output)
    return None


def _selection(name: str, relation: str, arguments: tuple[Formula, ...], by: Formula) -> Formula:
    """The slope of the argument that wins; at a tie both share, as the table of primitives states."""
    *others, last = arguments
    first = others[0] if len(others) == 1 else Call(name, tuple(others))
    one, two = Derivative(first, by), Derivative(last, by)
    if _kinked(first) or _kinked(last):
        half = Quotient(ONE, TWO)
        wins = _sign(first, relation, last, (ONE, ZERO, half))
        loses = _sign(first, relation, last, (ZERO, ONE, half))
        return Sum((Product((wins, one)), Product((loses, two))))
    return _sign(first, relation, last, (one, two, Quotient(Sum((one, two)), TWO)))


def _sign(subject: Formula, relation: str, bound: Formula, values: tuple[Formula, Formula, Formula]) -> Cases:
    """Return the value for subject (relation) bound, for the opposite, and for equality."""
    opposite = {">": "<", "<": ">"}[relation]
    return Cases(
        (Case(subject, relation, bound, values[0]), Case(subject, opposite, bound, values[1])), values[2]
    )


def _kinked(node: Formula) -> bool:
    """Return whether a formula has kinks: a derivative that stood in each case would double with every level."""
    return any(
        isinstance(part, Cases) or (isinstance(part, Call) and part.function in ("abs", "max", "min"))
        for part in walk(node)
    )


def _squared(node: Formula) -> Power:
    return Power(node, TWO)


for _key, _name in {
    "chain": "chain rule",
    "definition": "definition",
    "reciprocal_as_power": "a reciprocal is the power −1",
    "simplify": "simplify",
    "expand": "expand",
    "collect": "collect",
    "factor": "factor out",
    "cancel": "cancel",
    "split": "split the fraction",
    "add_subtract": "add and subtract 1",
    "add_subtract_same": "add and subtract the same number",
    "recognise": "recognise the function",
    "recognise_sigmoid": "recognise σ",
    "output": "write the output",
    "divide_through": "divide numerator and denominator",
    "exponents": "law of exponents",
    "known": "slopes found before",
    "one_term": "one term depends on the variable",
    "separate": "take one term apart",
    "sum_to_one": "the sum is 1",
    "vanish": "the other terms vanish",
}.items():
    RULES[_key] = Rule(_key, _name, "D(phi(u), x) = D(phi(u), u)*D(u, x)" if _key == "chain" else "")

DIFFERENTIATION: tuple[Rule, ...] = tuple(entry for entry in RULES.values() if entry.apply is not None)
"""The rules of differentiation in the order in which they are tried."""


def differentiate_once(of: Formula, by: Formula) -> tuple[Formula, Rule] | None:
    """Return ∂of/∂by one step further, inner derivatives standing, and the rule that did it; None without a rule."""
    for entry in DIFFERENTIATION:
        if entry.apply is not None:
            step = entry.apply(of, by)
            if step is not None:
                return step, entry
    return None


def is_name(node: Formula) -> bool:
    """Return whether a node is a plain leaf: a name or a quantity."""
    return isinstance(node, (Variable, Ref))
