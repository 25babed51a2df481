"""∂L/∂W = δ hᵀ and ∂L/∂b = δ of one layer, in letters and in numbers, with λ W added where the loss has a penalty."""

from __future__ import annotations

from solver.document.deltas import delta_values, handed
from solver.document.forward import entering, sampled, transposed
from solver.document.given import layers
from solver.document.nodes import Block, EquationLine, Step
from solver.document.slopes import scaled_symbols
from solver.document.telling import Telling, written
from solver.document.words import equation
from solver.graph.dense import Affine, TotalLoss
from solver.graph.node import Node
from solver.notation import math as m
from solver.quantities import Quantity
from solver.trace.chain import combined_delta


def gradients(telling: Telling, node: Node, wanted: set[Quantity], *, top: bool) -> list[Block]:
    """Return ∂L/∂W and ∂L/∂b of one layer; for symbolic outputs also with the short form of δ put in."""
    lines: list[EquationLine] = []
    d = telling.letters.delta(node.quantity.layer or 1)
    short = short_delta(telling, node) if top and not telling.numeric else None
    if node.parents[1] in wanted:
        line = _gradient_line(telling, node.parents[1], outer(telling, node, d), outer_numbers(telling, node))
        if short is not None:
            line = EquationLine(
                line.left, (*line.steps, Step("=", m.Boxed(outer(telling, node, m.Fenced(short)))))
            )
        lines.append(line)
    if len(node.parents) > 2 and node.parents[2] in wanted:
        line = _gradient_line(telling, node.parents[2], *bias_gradient(telling, node, d))
        if short is not None:
            line = EquationLine(line.left, (*line.steps, Step("=", m.Boxed(short))))
        lines.append(line)
    return [equation(*lines)] if lines else []


def short_gradient(telling: Telling, parameter: Quantity) -> m.Math | None:
    """Return (y − t) xᵀ for a parameter of the last layer, where loss and activation combine to y − t."""
    node = layers(telling)[-1]
    if parameter not in node.parents[1:]:
        return None
    short = short_delta(telling, node)
    if short is None:
        return None
    return outer(telling, node, m.Fenced(short)) if parameter == node.parents[1] else m.Fenced(short)


def short_delta(telling: Telling, node: Node) -> m.Math | None:
    """Return y − t at the output, where loss and activation combine to it."""
    graph = telling.graph
    loss = graph.root.operation
    assert isinstance(loss, TotalLoss)
    if combined_delta(graph, node.quantity.at(1).of_sample(1)) is None:
        return None
    output, target = (telling.letters(parent) for parent in graph.root.parents[:2])
    return scaled_symbols(loss.scale, m.row(output, m.Operator("−"), target))


def outer(telling: Telling, node: Node, d: m.Math) -> m.Math:
    """Return δ hᵀ in letters, turned round for rows."""
    operation = node.operation
    assert isinstance(operation, Affine)
    x = entering(telling, telling.graph.by_quantity[node.parents[0]])
    if operation.from_to:
        return m.row(transposed(x), m.Space(0.17), d)
    if telling.graph.sample_axis:
        return m.row(transposed(d), m.Space(0.17), x)
    return m.row(d, m.Space(0.17), transposed(x))


def outer_numbers(telling: Telling, node: Node) -> m.Math:
    """Return the outer product with its vectors."""
    operation = node.operation
    assert isinstance(operation, Affine)
    if not telling.numeric:
        return m.Row(())
    d, x = delta_values(telling, node), telling.flat(node.parents[0])
    if operation.from_to:
        return m.row(transposed(x), d)
    if telling.graph.sample_axis:
        return m.row(transposed(d), x)
    return m.row(d, flat(x))


def bias_gradient(telling: Telling, node: Node, d: m.Math) -> tuple[m.Math, m.Math | None]:
    """Return ∂L/∂b in letters: δ, summed over samples, and over units where the layer shares one bias."""
    if telling.graph.sample_axis and telling.graph.samples > 1:
        return m.row(m.BigOperator("Σ", sampled(d, m.Symbol("s")), m.Symbol("s"))), None
    if not node.parent_shapes[2]:
        return m.BigOperator("Σ", m.Script(d, sub=m.Symbol("i")), m.Symbol("i")), None
    return d, None


def penalised(
    telling: Telling, parameter: Quantity, symbols: m.Math, numbers: m.Math | None
) -> tuple[m.Math, m.Math | None]:
    """Return a gradient in letters and in numbers, with λ W added where the loss has a penalty on this parameter.

    Args:
        telling: The document's context.
        parameter: An array, or one channel of it.
        symbols: The gradient of the data's part, in letters.
        numbers: The same in numbers; None where it is not shown so.
    """
    root = telling.graph.root
    penalty = root.operation.penalty if isinstance(root.operation, TotalLoss) else None
    if penalty is None or parameter.whole not in root.parents:
        return symbols, numbers
    strength = written(penalty.strength)
    symbols = m.row(symbols, m.Operator("+"), strength, m.Space(0.17), telling.letters(parameter))
    if numbers is not None:
        numbers = m.row(numbers, m.Operator("+"), strength, telling.column(parameter))
    return symbols, numbers


def _gradient_line(
    telling: Telling, parameter: Quantity, symbols: m.Math, numbers: m.Math | None
) -> EquationLine:
    gradient = parameter.gradient()
    symbols, numbers = penalised(telling, parameter, symbols, numbers)
    steps = [Step("=", symbols)]
    if telling.numeric:
        if numbers is None:
            steps.append(Step("=", telling.column(gradient)))
        else:
            steps += [Step("=", numbers), handed(telling, parameter)]
    return EquationLine(telling.letters(gradient), tuple(steps))


def flat(body: m.Math) -> m.Math:
    """Return a column as a row: the transpose, written out."""
    if isinstance(body, m.Matrix) and all(len(cells) == 1 for cells in body.rows):
        across: dict[m.Math, m.Math] = {m.Operator("⋮"): m.Operator("⋯")}
        return m.Matrix(
            (tuple(across.get(cells[0], cells[0]) for cells in body.rows),), body.left, body.right
        )
    return transposed(body)
