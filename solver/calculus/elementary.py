"""Rules for named functions: the elementary ones, those with kinks, the unnamed Φ, and whatever the tables hold.

The docstring of a rule is its formula in the language of `calculus.script`; see `calculus.rules`.
"""

from __future__ import annotations

from solver.calculus.rule import ONE, TWO, ZERO, Rule, plain_number, rule, squared
from solver.formula import (
    Call,
    Case,
    Cases,
    Derivative,
    Formula,
    Negative,
    Product,
    Quotient,
    Sum,
    substitute,
    walk,
)
from solver.functions.activations import ACTIVATIONS
from solver.functions.primitives import PRIMITIVES


@rule("exponential rule")
def exponential(of: Formula, by: Formula) -> Formula | None:
    """D(exp(u), x) = exp(u)*D(u, x)"""
    match of:
        case Call("exp", (argument,)):
            return Product((of, Derivative(argument, by)))
        case _:
            return None


@rule("logarithm rule")
def logarithm(of: Formula, by: Formula) -> Formula | None:
    """D(log(u), x) = (1/u)*D(u, x)"""
    match of:
        case Call("log", (argument,)):
            return Product((Quotient(ONE, argument), Derivative(argument, by)))
        case _:
            return None


@rule("square root rule")
def square_root(of: Formula, by: Formula) -> Formula | None:
    """D(sqrt(u), x) = (1/(2*sqrt(u)))*D(u, x)"""
    match of:
        case Call("sqrt", (argument,)):
            return Product((Quotient(ONE, Product((TWO, of))), Derivative(argument, by)))
        case _:
            return None


@rule("sine rule")
def sine(of: Formula, by: Formula) -> Formula | None:
    """D(sin(u), x) = cos(u)*D(u, x)"""
    match of:
        case Call("sin", (argument,)):
            return Product((Call("cos", (argument,)), Derivative(argument, by)))
        case _:
            return None


@rule("cosine rule")
def cosine(of: Formula, by: Formula) -> Formula | None:
    """D(cos(u), x) = -sin(u)*D(u, x)"""
    match of:
        case Call("cos", (argument,)):
            return Product((Negative(Call("sin", (argument,))), Derivative(argument, by)))
        case _:
            return None


@rule("derivative of tanh")
def hyperbolic_tangent(of: Formula, by: Formula) -> Formula | None:
    """D(tanh(u), x) = (1 - tanh(u)^2)*D(u, x)"""
    match of:
        case Call("tanh", (argument,)):
            return Product((Sum((ONE, Negative(squared(of)))), Derivative(argument, by)))
        case _:
            return None


@rule("derivative of σ")
def logistic(of: Formula, by: Formula) -> Formula | None:
    """D(sigmoid(u), x) = sigmoid(u)*(1 - sigmoid(u))*D(u, x)"""
    match of:
        case Call("sigmoid", (argument,)):
            return Product((of, Sum((ONE, Negative(of))), Derivative(argument, by)))
        case _:
            return None


@rule("derivative of the error function")
def error_function(of: Formula, by: Formula) -> Formula | None:
    """D(erf(u), x) = (2/sqrt(pi))*exp(-u^2)*D(u, x)"""
    match of:
        case Call("erf", (argument,)):
            lead = Quotient(TWO, Call("sqrt", (Call("pi", ()),)))
            return Product((lead, Call("exp", (Negative(squared(argument)),)), Derivative(argument, by)))
        case _:
            return None


@rule("absolute value by cases")
def absolute_value(of: Formula, by: Formula) -> Formula | None:
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
def maximum(of: Formula, by: Formula) -> Formula | None:
    """D(max(u, v), x) = cases(gt(u, v, D(u, x)), lt(u, v, D(v, x)), (D(u, x) + D(v, x))/2)"""
    match of:
        case Call("max", arguments):
            return _selection("max", ">", arguments, by)
        case _:
            return None


@rule("minimum by cases")
def minimum(of: Formula, by: Formula) -> Formula | None:
    """D(min(u, v), x) = cases(lt(u, v, D(u, x)), gt(u, v, D(v, x)), (D(u, x) + D(v, x))/2)"""
    match of:
        case Call("min", arguments):
            return _selection("min", "<", arguments, by)
        case _:
            return None


@rule("derivative of Φ")
def unnamed(of: Formula, by: Formula) -> Formula | None:
    """D(phi(u), x) = dphi(u)*D(u, x)"""
    match of:
        case Call("phi", (argument,), primes):
            return Product((Call("phi", (argument,), primes + 1), Derivative(argument, by)))
        case _:
            return None


@rule("derivative of the function")
def tabled(of: Formula, by: Formula) -> Formula | None:
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
    """The slope of the argument that wins; at a tie both share, as the table of primitives states.

    Of more than two, the first meets the rest: `functions.slopes` computes them in the same order.
    """
    first, *others = arguments
    if set(others) <= {first}:
        return Derivative(first, by)
    rest = others[0] if len(others) == 1 else Call(name, tuple(others))
    one, two = Derivative(first, by), Derivative(rest, by)
    if _kinked(first) or _kinked(rest):
        half = Quotient(ONE, TWO)
        wins = _sign(first, relation, rest, (ONE, ZERO, half))
        loses = _sign(first, relation, rest, (ZERO, ONE, half))
        return Sum((Product((wins, one)), Product((loses, two))))
    return _sign(first, relation, rest, (one, two, Quotient(Sum((one, two)), TWO)))


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


ELEMENTARY: tuple[Rule, ...] = (
    exponential,
    logarithm,
    square_root,
    sine,
    cosine,
    hyperbolic_tangent,
    logistic,
    error_function,
    absolute_value,
    maximum,
    minimum,
    unnamed,
    tabled,
)
"""Rules for functions, in the order in which they are tried."""
