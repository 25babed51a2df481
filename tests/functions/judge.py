"""A second evaluator of formulas, in mpmath: it shares no line with `solver.functions.evaluate`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import mpmath

from solver.formula import (
    Call,
    Cases,
    Formula,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Variable,
    children,
)

_RELATIONS = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
_CALLS: dict[str, Callable[..., Any]] = {
    "exp": mpmath.exp, "log": mpmath.log, "sqrt": mpmath.sqrt, "sin": mpmath.sin, "cos": mpmath.cos,
    "tanh": mpmath.tanh, "erf": mpmath.erf, "erfc": mpmath.erfc, "abs": abs, "max": max, "min": min,
    "expm1": mpmath.expm1, "log1p": mpmath.log1p, "pi": lambda: +mpmath.pi,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
}  # fmt: skip
_OPERATIONS: dict[type, Callable[..., Any]] = {
    Sum: lambda *terms: mpmath.fsum(terms),
    Product: lambda *factors: mpmath.fprod(factors),
    Negative: operator.neg,
    Quotient: operator.truediv,
    Power: operator.pow,
}


def value(formula: Formula, variables: Mapping[str, Any]) -> Any:
    """Return the value of a formula at mpmath's working precision."""
    match formula:
        case Number(fraction):
            return mpmath.mpf(fraction.numerator) / fraction.denominator
        case Variable(name):
            return variables[name]
        case Cases(cases, otherwise):
            for case in cases:
                left, right = (value(side, variables) for side in (case.subject, case.bound))
                if _RELATIONS[case.relation](left, right):
                    return value(case.then, variables)
            return value(otherwise, variables)
        case Call(name):
            operation = _CALLS[name]
        case _:
            operation = _OPERATIONS[type(formula)]
    return operation(*(value(operand, variables) for operand in children(formula)))


def difference(function: Callable[[Any], Any], at: Any, step: str = "1e-400") -> Any:
    """Return the central difference quotient of a function."""
    h = mpmath.mpf(step)
    return (function(at + h) - function(at - h)) / (2 * h)
