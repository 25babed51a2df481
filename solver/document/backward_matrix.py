"""The backward pass in matrix form: deltas from the output to the input, then outer products.

δ_L = ∂L/∂y ∘ φ′(a_L),  δ_l = (W_{l+1}ᵀ δ_{l+1}) ∘ φ′(a_l),  ∂L/∂W_l = δ_l h_{l−1}ᵀ,  ∂L/∂b_l = δ_l.
Source: Goodfellow, Bengio, Courville (2016), Deep Learning, algorithm 6.4.
"""

from __future__ import annotations

from solver.document.deltas import delta, sent_back
from solver.document.given import layers
from solver.document.layer import layer_of
from solver.document.nodes import Block, EquationLine, Section, Step
from solver.document.outer_products import gradients
from solver.document.telling import Telling, written
from solver.document.words import equation, paragraph, phrase
from solver.graph.dense import TotalLoss
from solver.graph.node import Node
from solver.notation import math as m
from solver.notation.convention import derivative
from solver.quantities import Quantity
from solver.trace.asked import Asked
from solver.trace.paths import LIMIT


def backward_matrix(telling: Telling, asked: Asked) -> Section:
    """Return the section of the backward pass in matrix form."""
    blocks: list[Block] = [*refused(asked)]
    wanted = set(asked.parameters)
    chain = layers(telling)
    if not telling.numeric and len(chain) == 1:
        blocks += chain_of_vectors(telling, chain[0], wanted)
    blocks.append(paragraph(*definition(telling)))
    asked_for = [wanted & {*layer_of(telling.graph, node).quantities} for node in chain]
    entering = telling.graph.node(chain[0].parents[0])
    told = [place for place, own in enumerate(asked_for) if own]
    blocks += layer_sections(telling, wanted, 0 if entering.quantity in wanted else min(told, default=0))
    if entering.quantity in wanted:
        blocks.append(Section(phrase("The input"), tuple(sent_back(telling, entering, chain[0])), 2))
    return Section(phrase("Backward pass"), tuple(blocks))


def refused(asked: Asked) -> list[Block]:
    """Return the sentence that there are too many paths, where they were asked for."""
    if not asked.refused:
        return []
    limit = m.Digits(str(LIMIT))
    words = ("The gradients asked for run along more than ", limit, " paths: they are given in matrix form.")
    return [paragraph(*words)]


def layer_sections(
    telling: Telling, wanted: set[Quantity], lowest: int, alone: str = "The delta and the gradients"
) -> list[Section]:
    """Return the deltas and gradients of the dense layers, from the last down to number `lowest`, counted from 0."""
    chain = layers(telling)
    found: list[Section] = []
    for place in range(len(chain) - 1, lowest - 1, -1):
        node = chain[place]
        title = phrase(f"Layer {place + 1}") if len(chain) > 1 else phrase(alone)
        inside = delta(telling, node, chain[place + 1] if place + 1 < len(chain) else None, wanted)
        inside += gradients(telling, node, wanted, top=place == len(chain) - 1)
        found.append(Section(title, tuple(inside), 2))
    return found


def chain_of_vectors(telling: Telling, node: Node, wanted: set[Quantity]) -> list[Block]:
    """Return ∂L/∂W = ∂L/∂h · ∂h/∂a · ∂a/∂W of a single layer, whose three factors the derivations above have found."""
    letters = telling.letters
    after = layer_of(telling.graph, node).activation
    a, h, loss = letters(node.quantity), letters(after.quantity), letters(telling.graph.root.quantity)
    lines: list[EquationLine] = []
    for parameter in node.parents[1:]:
        if parameter in wanted:
            factors = (derivative(loss, h), derivative(h, a), derivative(a, letters(parameter)))
            body = m.row(factors[0], m.Space(0.17), factors[1], m.Space(0.17), factors[2])
            lines.append(EquationLine(letters(parameter.gradient()), (Step("=", body),)))
    words = paragraph("The loss depends on the parameters through the activation and the pre-activation:")
    return [words, equation(*lines)] if lines else []


def definition(telling: Telling) -> list[str | m.Math]:
    """Return the sentence that introduces δ."""
    letters = telling.letters
    node = layers(telling)[-1]
    number = node.quantity.layer or 1
    gradient = m.Fraction(
        m.row(m.Operator("∂"), letters(telling.graph.root.quantity)),
        m.row(m.Operator("∂"), letters(node.quantity)),
        small=True,
    )
    root = telling.graph.root.operation
    assert isinstance(root, TotalLoss)
    penalty: list[str | m.Math] = []
    if root.penalty is not None:
        penalty = [
            " The penalty adds ",
            written(root.penalty.strength),
            " times the weights to their gradients.",
        ]
    return [
        "Write ", m.row(letters.delta(number), m.Operator("="), gradient),
        " for the gradient with respect to the pre-activations of a layer; ", m.Operator(letters.notation.hadamard),
        " multiplies element by element.", *penalty,
    ]  # fmt: skip
