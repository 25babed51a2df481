"""Derivations, rule by rule and proven line by line; local derivatives; shapes.

`derivative` is the quick one for graphs: a formula in, its textbook derivative out. `derive` and its sisters return the
whole way as data (`Derivation`), each line named by its rules and checked against the line before it. They load
flint, and sympy for unknown expressions alone, when they are called; importing this room costs nothing.
"""

from solver.calculus.derivation import (
    Branch,
    Condition,
    Convention,
    Derivation,
    DerivationLine,
    Equation,
    Path,
    Unfinished,
    at,
    total,
)
from solver.calculus.deriving import (
    derive,
    derive_activation,
    derive_delta,
    derive_loss,
    derive_sigmoid_as_softmax,
    derive_softmax,
    extended,
)
from solver.calculus.rule import Rule
from solver.calculus.rules import RULES
from solver.calculus.shapes import Layout, Shape, ShapeMismatch, ShapeSum, dense_shapes
from solver.calculus.slope import NotDifferentiable, derivative

__all__ = [
    "RULES", "Branch", "Condition", "Convention", "Derivation", "DerivationLine", "Equation", "Layout",
    "NotDifferentiable", "Path", "Rule", "Shape", "ShapeMismatch", "ShapeSum", "Unfinished", "at", "dense_shapes",
    "derivative", "derive", "derive_activation", "derive_delta", "derive_loss", "derive_sigmoid_as_softmax",
    "derive_softmax", "extended", "total",
]  # fmt: skip
