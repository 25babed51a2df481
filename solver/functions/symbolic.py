"""Formulas as sympy expressions, for derivations that check themselves. sympy is imported with the first one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
from solver.functions.evaluate import activation_of


def to_sympy(formula: Formula) -> Any:
    """Return a formula as a sympy expression over real symbols.

    Variables and references become symbols by their names; calls of activations become their formulas, and the unnamed
    function Φ an undefined function. sympy rearranges as it builds: compare values, not shapes.

    Args:
        formula: Any formula; a `Derivative` becomes an unevaluated one.

    Raises:
        LookupError: A function that nothing is known about.
    """
    import sympy

    match formula:
        case Number(value):
            return sympy.Rational(value.numerator, value.denominator)
        case Variable(name):
            return sympy.Symbol(name, real=True)
        case Ref(quantity):
            return sympy.Symbol(str(quantity), real=True)
        case Sum(terms):
            return sympy.Add(*map(to_sympy, terms))
        case Product(factors):
            return sympy.Mul(*map(to_sympy, factors))
        case Negative(operand):
            return -to_sympy(operand)
        case Quotient(numerator, denominator):
            return to_sympy(numerator) / to_sympy(denominator)
        case Power(base, exponent):
            return to_sympy(base) ** to_sympy(exponent)
        case Call():
            return _call(formula)
        case Cases(cases, otherwise):
            branches = [
                (to_sympy(case.then), _RELATIONS[case.relation](to_sympy(case.subject), to_sympy(case.bound)))
                for case in cases
            ]
            return sympy.Piecewise(*branches, (to_sympy(otherwise), True))
        case Derivative(of, by):
            return sympy.Derivative(to_sympy(of), to_sympy(by))
        case _:
            raise TypeError(f"not a formula: {formula!r}")


def _call(node: Call) -> Any:
    import sympy

    arguments = [to_sympy(argument) for argument in node.arguments]
    direct = {
        "exp": sympy.exp, "log": sympy.log, "sqrt": sympy.sqrt, "sin": sympy.sin, "cos": sympy.cos, "tanh": sympy.tanh,
        "erf": sympy.erf, "erfc": sympy.erfc, "abs": sympy.Abs, "max": sympy.Max, "min": sympy.Min,
        "pi": lambda: sympy.pi, "expm1": lambda x: sympy.exp(x) - 1, "log1p": lambda x: sympy.log(1 + x),
    }  # fmt: skip
    if node.function in direct:
        return direct[node.function](*arguments)
    record = activation_of(node)
    if record is None or not record.elementwise:
        raise LookupError(f"no function {node.function!r} of these arguments")
    if not record.numeric:
        return _unnamed(arguments[0], node.primes)
    return to_sympy(substitute(record.formula, z=node.arguments[0]))


def _unnamed(argument: Any, primes: int) -> Any:
    import sympy

    phi, z = sympy.Function("Phi"), sympy.Dummy("z", real=True)
    body = phi(z) if primes == 0 else sympy.Derivative(phi(z), (z, primes))
    return body.subs(z, argument) if primes == 0 else sympy.Subs(body, z, argument)


def _relation(name: str) -> Callable[[Any, Any], Any]:
    def relate(left: Any, right: Any) -> Any:
        import sympy

        return getattr(sympy, name)(left, right)

    return relate


_RELATIONS = {
    "<": _relation("Lt"),
    "<=": _relation("Le"),
    ">": _relation("Gt"),
    ">=": _relation("Ge"),
    "=": _relation("Eq"),
    "!=": _relation("Ne"),
}
