"""The loss in letters: one term, or sums over outputs and samples."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from solver import formula as f
from solver.document.telling import LARGEST, Telling
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
    outputs = prod(node.parent_shapes[0])
    if outputs * telling.graph.samples == 1 and few_squares(telling):
        return telling.symbols(operation.element(node, node.quantity))
    return m.row(*_summed(telling, node, operation, outputs))


def _summed(telling: Telling, node: Node, operation: TotalLoss, outputs: int) -> list[m.Math]:
    scale, samples = operation.scale, telling.graph.samples
    body = f.substitute(operation.loss.formula, y=f.Variable("y"), t=f.Variable("t"))
    indices = _indices(telling, node) if outputs > 1 else []
    negative = isinstance(body, f.Negative)
    inner = body.operand if isinstance(body, f.Negative) else body
    several = telling.graph.sample_axis and samples > 1

    def variable(name: str) -> m.Math:
        place = 0 if name == "y" else 1
        first = node.parents[place].at(*(1 for _ in node.parent_shapes[place]))
        return telling.letters.any_element(first, tuple(indices), m.Symbol("s") if several else None)

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
    if len(indices) == 1:
        total = m.BigOperator(
            "Σ", total, m.row(*indices, m.Operator("="), m.Digits("1")), m.Digits(str(outputs))
        )
    elif indices:
        letters = [index for index in indices if isinstance(index, m.Symbol)]
        total = m.BigOperator("Σ", total, m.row(*(part for pair in _commas(letters) for part in pair)))
    if several:
        total = m.BigOperator(
            "Σ", total, m.row(m.Symbol("s"), m.Operator("="), m.Digits("1")), m.Digits(str(samples))
        )
    parts = [*signs, total]
    if operation.penalty is not None:
        parts += [m.Operator("+"), penalty_symbols(telling)]
    return parts


def few_squares(telling: Telling) -> bool:
    """Return whether a penalty on the weights is written out term by term; without one nothing is in the way."""
    root = telling.graph.root
    operation = root.operation
    assert isinstance(operation, TotalLoss)
    squares = sum(map(prod, root.parent_shapes[operation.first_weight :]))
    return operation.penalty is None or squares <= LARGEST


def penalty_symbols(telling: Telling) -> m.Math:
    """Return λ/2 Σ w² over all weights."""
    operation = telling.graph.root.operation
    assert isinstance(operation, TotalLoss)
    assert operation.penalty is not None
    square = m.Script(telling.letters.notation.letter("W"), sup=m.Digits("2"))
    return m.row(_constant(operation.penalty.strength / 2), m.BigOperator("Σ", square, m.Words("weights")))


def _indices(telling: Telling, node: Node) -> list[m.Math]:
    """Return the letters that run over the outputs: k, or row and column of a map or of tokens."""
    axes = telling.letters.shape.axes.get(node.parents[0].array_name)
    if axes is None:
        return [m.Symbol("k")]
    place: list[m.Math] = [m.Symbol(name) for name in ("i", "j")[: axes.place]]
    return [m.Symbol("c"), m.Operator(","), *place] if axes.channels and axes.channels[0] > 1 else place


def _commas(letters: list[m.Symbol]) -> list[tuple[m.Math, ...]]:
    return [(letter,) if place == 0 else (m.Operator(","), letter) for place, letter in enumerate(letters)]


def _constant(value: Fraction) -> m.Math:
    if value.denominator == 1:
        return m.Digits(str(value.numerator))
    return m.Fraction(m.Digits(str(value.numerator)), m.Digits(str(value.denominator)))
