"""Formulas as data: the tree that the graph, the derivations and the documents share."""

from solver.formula.tree import (
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
    formula,
    rebuild,
    references,
    substitute,
    transform,
    walk,
)

__all__ = [
    "Call", "Case", "Cases", "Derivative", "Formula", "Negative", "Number", "Power", "Product", "Quotient", "Ref", "Sum",
    "Variable", "children", "formula", "rebuild", "references", "substitute", "transform", "walk",
]  # fmt: skip
