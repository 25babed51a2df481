"""The forward pass in words and lines: per layer the symbols, the numbers put in, the values; then the loss."""

from __future__ import annotations

from math import prod

from solver.document import normalisation
from solver.document.given import layers
from solver.document.layer import Layer, layer_of
from solver.document.loss import few_squares, loss_formula
from solver.document.nodes import Block, Equation, EquationLine, Section, Step
from solver.document.telling import LARGEST, Telling
from solver.document.words import equation, paragraph, phrase
from solver.graph.dense import Affine, Elementwise, SoftmaxLayer, TotalLoss
from solver.graph.node import Node
from solver.notation import math as m
from solver.notation.names import function_name

WIDEST_SUM = 8
"""Terms of a pre-activation that are written out; past it the matrix line stands alone."""

TALLEST_LAYER = 12
"""Units of a layer that are each told on a line of their own."""


def forward(telling: Telling) -> Section:
    """Return the section of the forward pass."""
    blocks: list[Block] = []
    for node in layers(telling):
        blocks += layer(telling, node)
    blocks += loss(telling)
    return Section(phrase("Forward pass"), tuple(blocks))


def by_elements(telling: Telling, node: Node) -> bool:
    """Return whether the units of a layer are told one by one, rather than in one line of matrices."""
    if telling.work.form == "matrix" or telling.graph.samples > 1:
        return False
    return prod(node.parent_shapes[0]) <= WIDEST_SUM and node.shape[0] <= TALLEST_LAYER


def layer(telling: Telling, node: Node) -> list[Block]:
    """Return the pre-activations and activations of one layer."""
    made = layer_of(telling.graph, node)
    lead = f"Layer {node.quantity.layer}. " if len(layers(telling)) > 1 else ""
    compact = EquationLine(telling.letters(node.quantity), (Step("=", affine_symbols(telling, node)),))
    words = paragraph(f"{lead}The {_are(telling, node, 'pre-activation')}")
    if not telling.numeric or by_elements(telling, node):
        blocks: list[Block] = [words, Equation(((compact,),))]
        if by_elements(telling, node):
            blocks.append(element_lines(telling, node))
        return blocks + after_affine(telling, made)
    numbers = affine_numbers(telling, node)
    made_by = ((element, telling.graph.made_by(element)) for element in telling.elements(node.quantity))
    value = Step(telling.follows(made_by), telling.column(node.quantity))
    full = EquationLine(compact.left, (*compact.steps, Step("=", numbers), value))
    return [words, Equation(((full,),)), *after_affine(telling, made)]


def _are(telling: Telling, node: Node, noun: str) -> str:
    """Return "activations are"; "activation is" for a layer's only unit and a single sample."""
    return f"{noun} is" if prod(node.shape) == 1 and telling.graph.samples == 1 else f"{noun}s are"


def after_affine(telling: Telling, made: Layer) -> list[Block]:
    """Return what follows the pre-activations: normalisation, the activation, dropout."""
    each = by_elements(telling, made.affine)
    return [
        *normalisation.normalised(telling, made, each),
        *activation(telling, made.activation, each),
        *normalisation.dropped(telling, made, each),
    ]


def element_lines(telling: Telling, node: Node) -> Equation:
    """Return one line per unit (only the first in full where the work asks for it)."""
    lines: list[EquationLine] = []
    for element in telling.graph.elements(node.quantity, 1):
        told = telling.line(element, telling.graph.made_by(element))
        if lines and telling.work.detail == "first" and telling.numeric:
            told = EquationLine(told.left, told.steps[-1:])
        lines.append(told)
    return equation(*lines)


def affine_symbols(telling: Telling, node: Node) -> m.Math:
    """Return W x + b, x W + b, or X Wᵀ + b for samples as rows."""
    operation = node.operation
    assert isinstance(operation, Affine)
    _, weights, *bias = (telling.letters(parent) for parent in node.parents)
    x = entering(telling, telling.graph.by_quantity[node.parents[0]])
    if operation.from_to:
        product = m.row(x, m.Space(0.17), weights)
    elif telling.graph.sample_axis:
        product = m.row(x, m.Space(0.17), transposed(weights))
    else:
        product = m.row(weights, m.Space(0.17), x)
    return m.row(product, m.Operator("+"), bias[0]) if bias else product


def entering(telling: Telling, node: Node) -> m.Math:
    """Return what a layer reads: a vector by its letter, maps as vec(P)."""
    if len(node.shape) == 1:
        return telling.letters(node.quantity)
    parts = telling.parts(node.quantity)
    return m.row(m.Symbol("vec"), m.Fenced(telling.letters(parts[0] if len(parts) == 1 else node.quantity)))


def transposed(body: m.Math) -> m.Math:
    """Return bodyᵀ."""
    top = m.Symbol("⊤")
    if isinstance(body, m.Script) and body.sup is None:
        return m.Script(body.base, sub=body.sub, sup=top)
    if isinstance(body, m.Script):
        return m.Script(m.Fenced(body), sup=top)
    return m.Script(body, sup=top)


def sampled(body: m.Math, index: m.Math) -> m.Math:
    """Return body of a sample, its index above that of the layer."""
    if isinstance(body, m.Script) and body.sup is not None:
        return m.Script(body.base, sub=body.sub, sup=m.row(body.sup, m.Fenced(index, "[", "]")))
    if isinstance(body, m.Script):
        return m.Script(body.base, sub=body.sub, sup=m.Fenced(index))
    return m.Script(body, sup=m.Fenced(index))


def affine_numbers(telling: Telling, node: Node) -> m.Math:
    """Return the affine map with its matrices put in."""
    operation = node.operation
    assert isinstance(operation, Affine)
    x = telling.flat(node.parents[0])
    weights, *bias = (telling.column(parent) for parent in node.parents[1:])
    if operation.from_to:
        product = m.row(x, weights)
    elif telling.graph.sample_axis:
        product = m.row(x, transposed(weights))
    else:
        product = m.row(weights, x)
    return m.row(product, m.Operator("+"), bias[0]) if bias else product


def activation(telling: Telling, node: Node, each: bool) -> list[Block]:
    """Return the activations of one layer."""
    operation = node.operation
    before = node.parents[0]
    if isinstance(operation, Elementwise) and operation.activation.name == "linear":
        same = EquationLine(telling.letters(node.quantity), (Step("=", telling.letters(before)),))
        steps = same.steps + ((Step("=", telling.column(node.quantity)),) if telling.numeric else ())
        return [paragraph("and the activation is the identity,"), equation(EquationLine(same.left, steps))]
    words = paragraph(f"and the {_are(telling, node, 'activation')}")
    if telling.numeric and each:
        return [words, activation_lines(telling, node)]
    name = "softmax" if isinstance(operation, SoftmaxLayer) else _symbol(operation)
    body = m.row(m.Symbol(name), m.Fenced(telling.letters(before)))
    steps = (Step("=", body),) + ((Step("=", telling.column(node.quantity)),) if telling.numeric else ())
    return [words, equation(EquationLine(telling.letters(node.quantity), steps))]


def _symbol(operation: object) -> str:
    assert isinstance(operation, Elementwise)
    return function_name(operation.activation.name) or operation.activation.name


def activation_lines(telling: Telling, node: Node) -> Equation:
    """Return one line per unit: h = σ(a) = σ(0.36) = 0.589."""
    lines: list[EquationLine] = []
    for element in telling.graph.elements(node.quantity, 1):
        told = telling.line(element, telling.graph.made_by(element))
        if lines and telling.work.detail == "first":
            told = EquationLine(told.left, told.steps[-1:])
        lines.append(told)
    return equation(*lines)


def loss(telling: Telling) -> list[Block]:
    """Return the loss with its numbers."""
    root = telling.graph.root
    operation = root.operation
    assert isinstance(operation, TotalLoss)
    quantity = root.quantity
    if not telling.numeric:
        return []
    left = telling.letters(quantity)
    outputs, samples = prod(root.parent_shapes[0]), telling.graph.samples
    words = paragraph("The loss is")
    if outputs * samples <= LARGEST // 2 and few_squares(telling):
        return [words, equation(telling.line(quantity, operation.element(root, quantity)))]
    return [
        words,
        equation(EquationLine(left, (Step("=", loss_formula(telling)), Step("=", telling.value(quantity))))),
    ]
