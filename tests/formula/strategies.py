"""Random formulas as the parser makes them, and how they are written down."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from solver.formula import Call, Formula, Negative, Number, Power, Product, Quotient, Sum, Variable

NAMES = ("x", "y", "w_1", "σ2")
UNARY = ("exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "abs")

numbers = st.builds(Fraction, st.integers(0, 400), st.sampled_from([1, 2, 10, 100])).map(Number)
names = st.sampled_from(NAMES).map(Variable)


def formulas(kinks: bool = True, size: int = 12) -> st.SearchStrategy[Formula]:
    """Trees of the grammar: terms of a sum may be negative, a product holds no bare product in front."""
    unary = UNARY if kinks else tuple(name for name in UNARY if name != "abs")

    def grow(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        grown = [
            several.map(Sum),
            several.map(Product),
            st.builds(Quotient, inner, inner),
            st.builds(Power, inner, inner),
            inner.map(Negative),
            st.builds(lambda name, argument: Call(name, (argument,)), st.sampled_from(unary), inner),
        ]
        if kinks:
            grown.append(st.builds(Call, st.sampled_from(("max", "min")), several))
        return st.one_of(grown)

    return st.recursive(st.one_of(numbers, names), grow, max_leaves=size)


def written(node: Formula) -> str:
    """Return the text of a formula with every operand in brackets: the least that a parser must understand."""
    match node:
        case Number(value):
            return str(value.numerator) if value.denominator == 1 else f"{float(value)!r}"
        case Variable(name):
            return name
        case Sum(terms):
            parts = [
                f"- ({written(t.operand)})" if isinstance(t, Negative) else f"+ ({written(t)})" for t in terms
            ]
            return " ".join(parts).removeprefix("+ ")
        case Product(factors):
            return "*".join(f"({written(factor)})" for factor in factors)
        case Quotient(above, below):
            return f"({written(above)})/({written(below)})"
        case Power(base, exponent):
            return f"({written(base)})^({written(exponent)})"
        case Negative(operand):
            return f"-({written(operand)})"
        case Call(function, arguments):
            return f"{function}({', '.join(map(written, arguments))})"
    raise TypeError(node)
