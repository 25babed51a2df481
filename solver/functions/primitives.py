"""The primitives of expressions and of local formulas, each with its slopes in every argument.

Templates use Variable("u") for the first argument, Variable("v") for the second and Variable("y") for the result.
At a tie the larger and the smaller share the slope equally, which is the midpoint of all slopes that fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from solver.formula import Call, Case, Cases, Formula, Negative, Number, Product, Quotient, Variable, formula


@dataclass(frozen=True)
class PrimitiveKink:
    """Where a primitive has a corner: u = `at` (or u = v), and the slopes taken there, one per argument."""

    at: Formula
    slopes: tuple[Fraction, ...]
    reason: str


@dataclass(frozen=True)
class Primitive:
    """y = f(u) or f(u, v).

    Args:
        name: As in an expression: "exp", "+", "max".
        symbol: What is printed.
        formula: f in Variable("u") and Variable("v").
        slopes: ∂f/∂u, ∂f/∂v, in Variables "u", "v" and "y", each in its textbook form.
        domain: Where it has a value; empty for everywhere.
        kinks: Corners, with the slopes taken.
        in_expressions: Whether a teacher may write it; the others serve formulas of the house alone.
    """

    name: str
    symbol: str
    formula: Formula
    slopes: tuple[Formula, ...]
    domain: str = ""
    kinks: tuple[PrimitiveKink, ...] = ()
    in_expressions: bool = True

    @property
    def arity(self) -> int:
        """Number of arguments."""
        return len(self.slopes)


_U, _V, _Y = Variable("u"), Variable("v"), Variable("y")
_ZERO, _ONE, _TWO = formula(0), formula(1), formula(2)
_HALF = Number(Fraction(1, 2))
_ROOT_PI = Call("sqrt", (Call("pi", ()),))
_GAUSS = Quotient(_TWO, _ROOT_PI) * Call("exp", (Negative(_U**2),))


def _of(name: str) -> Formula:
    return Call(name, (_U,))


def _share(relation: str) -> tuple[Formula, Formula]:
    """Return the slopes of max (">") or min ("<"): 1 for the one that wins, ½ each at a tie."""
    first = Cases((Case(_U, relation, _V, _ONE), Case(_U, "=", _V, _HALF)), _ZERO)
    second = Cases((Case(_V, relation, _U, _ONE), Case(_U, "=", _V, _HALF)), _ZERO)
    return first, second


_TIE = PrimitiveKink(_V, (Fraction(1, 2), Fraction(1, 2)), "equal arguments share the slope")

_RECORDS: tuple[Primitive, ...] = (
    Primitive("+", "+", _U + _V, (_ONE, _ONE)),
    Primitive("-", "−", _U - _V, (_ONE, Negative(_ONE))),
    Primitive("neg", "−", Negative(_U), (Negative(_ONE),)),
    Primitive("*", "·", Product((_U, _V)), (_V, _U)),
    Primitive("/", "/", Quotient(_U, _V), (Quotient(_ONE, _V), Negative(Quotient(_U, _V**2))), "v ≠ 0"),
    Primitive(
        "^", "^", _U**_V, (_V * _U ** (_V - _ONE), _Y * Call("log", (_U,))), "u > 0, or v a whole number"
    ),
    Primitive("exp", "exp", _of("exp"), (_Y,)),
    Primitive("log", "ln", _of("log"), (Quotient(_ONE, _U),), "u > 0"),
    Primitive("sqrt", "√", _of("sqrt"), (Quotient(_ONE, Product((_TWO, _Y))),), "u ≥ 0; no slope at 0"),
    Primitive("sin", "sin", _of("sin"), (_of("cos"),)),
    Primitive("cos", "cos", _of("cos"), (Negative(_of("sin")),)),
    Primitive("tanh", "tanh", _of("tanh"), (_ONE - _Y**2,)),
    Primitive("sigmoid", "σ", _of("sigmoid"), (_Y * (_ONE - _Y),)),
    Primitive(
        "abs",
        "|·|",
        _of("abs"),
        (Cases((Case(_U, ">", _ZERO, _ONE), Case(_U, "<", _ZERO, Negative(_ONE))), _ZERO),),
        kinks=(PrimitiveKink(_ZERO, (Fraction(0),), "the midpoint of −1 and 1"),),
    ),
    Primitive("max", "max", Call("max", (_U, _V)), _share(">"), kinks=(_TIE,)),
    Primitive("min", "min", Call("min", (_U, _V)), _share("<"), kinks=(_TIE,)),
    Primitive("erf", "erf", _of("erf"), (_GAUSS,), in_expressions=False),
    Primitive("erfc", "erfc", _of("erfc"), (Negative(_GAUSS),), in_expressions=False),
    Primitive("expm1", "expm1", _of("expm1"), (_Y + _ONE,), in_expressions=False),
    Primitive("log1p", "log1p", _of("log1p"), (Quotient(_ONE, _ONE + _U),), "u > −1", in_expressions=False),
)

PRIMITIVES: Mapping[str, Primitive] = MappingProxyType({record.name: record for record in _RECORDS})
"""Every primitive by name. Operators are "+", "-", "neg", "*", "/", "^"."""
