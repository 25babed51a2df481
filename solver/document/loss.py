"""The loss in letters: one term, or sums over outputs and samples."""

from __future__ import annotations

from fractions import Fraction

from solver import formula as f
from solver.document.telling import Telling
from solver.graph.loss import TotalLoss
from solver.graph.node import Node
from solver.notation import math as m
from solver.notation.formulas import Typesetter
from solver.notation.names import function_name


def loss_formula(telling: Telling) -> m.Math:
    """Return the loss in letters as a sum over outputs and samples, with sum signs where there are many terms."""
    node = telling.graph.root
    operation = node.operation
    assert isinstance(operation, TotalLoss)
    outputs = node.parent_shapes[0][0]
    if outputs * telling.graph.samples == 1:
        return telling.symbols(operation.element(node, node.quantity))
    return m.row(*_summed(telling, node, operation, outputs))


def _summed(telling: Telling, node: Node, operation: TotalLoss, outputs: int) -> list[m.Math]:
    scale, samples = operation.scale, telling.graph.samples
    body = f.substitute(operation.loss.formula, y=f.Variable("y"), t=f.Variable("t"))
    index = m.Symbol("k")
    negative = isinstance(body, f.Negative)
    inner = body.operand if isinstance(body, f.Negative) else body
    several = telling.graph.sample_axis and samples > 1

    def variable(name: str) -> m.Math:
        quantity = node.parents[0 if name == "y" else 1]
        base = telling.letters(quantity.at(1)) if outputs > 1 else telling.letters(quantity)
        letter = base.base if isinstance(base, m.Script) else base
        sup = m.Fenced(m.Symbol("s")) if several else None
        return (
            m.Script(letter, sub=index if outputs > 1 else None, sup=sup)
            if outputs > 1 or several
            else letter
        )

    typeset = Typesetter(telling.letters, function_name, telling.letters.notation.product, variable)
    term = typeset(inner)
    if isinstance(inner, f.Sum):
        term = m.Fenced(term)
    signs: list[m.Math] = []
    if (negative and scale > 0) or (not negative and scale < 0):
        signs.append(m.Operator("−"))
    amount = abs(scale)
    if amount != 1:
        signs.append(_constant(amount))
    total = term
    if outputs > 1:
        total = m.BigOperator(
            "Σ", total, m.row(index, m.Operator("="), m.Digits("1")), m.Digits(str(outputs))
        )
    if several:
        total = m.BigOperator(
            "Σ", total, m.row(m.Symbol("s"), m.Operator("="), m.Digits("1")), m.Digits(str(samples))
        )
    parts = [*signs, total]
    if operation.penalty is not None:
        half = _constant(operation.penalty.strength / 2)
        square = m.Script(telling.letters.notation.letter("W"), sup=m.Digits("2"))
        parts += [m.Operator("+"), half, m.BigOperator("Σ", square)]
    return parts


def _constant(value: Fraction) -> m.Math:
    if value.denominator == 1:
        return m.Digits(str(value.numerator))
    return m.Fraction(m.Digits(str(value.numerator)), m.Digits(str(value.denominator)))
