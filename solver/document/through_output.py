"""The update by way of the output's own derivative: Δw = −η ∂L/∂y · ∂y/∂w, for a network with one output.

Delta-rule courses differentiate the output and keep the error as a factor in front. Which terms of the sum over a
hidden layer vanish, and why, is told: a weight stands in the pre-activation of one unit only.
"""

from __future__ import annotations

from dataclasses import replace

from solver import formula as f
from solver.document.backward_paths import gradient
from solver.document.chain_lines import summed
from solver.document.nodes import Block, EquationLine, Section, Step
from solver.document.numbered import Numbered
from solver.document.telling import Telling
from solver.document.words import count, equation, ordinal, paragraph, phrase
from solver.graph.dense import Affine
from solver.notation import math as m
from solver.notation.convention import derivative
from solver.quantities import Partial, Quantity
from solver.trace.asked import Asked, first_of_each
from solver.trace.chain import Chain, chain_rule, partial_formula


def through_output(telling: Telling, asked: Asked) -> Section:
    """Return the backward pass and the updates, one step for each layer from the output down."""
    graph = telling.graph
    output = graph.root.parents[0]
    cut = replace(telling, model=replace(telling.model, graph=graph.up_to(output)))
    blocks: list[Block] = [*increment(telling, output)]
    numbered = Numbered()
    firsts = first_of_each(asked.elements)
    for place, element in enumerate(sorted(firsts, key=lambda q: -(q.layer or 0)), start=1):
        chains = chain_rule(cut.graph, [element], of="output")
        chain = chains.chains[0]
        inside: list[Block] = []
        other = vanishing(cut, chain)
        told = gradient(cut, chain, chains, numbered)
        inside += told.blocks[:1]
        inside += other
        inside += told.blocks[1:]
        inside += closing(telling, chain, chains.definitions)
        title = phrase(f"Step {place}: the weights ", telling.letters(element.whole))
        blocks.append(Section(title, tuple(inside), 2))
    return Section(phrase("Backward pass and update"), tuple(blocks))


def increment(telling: Telling, output: Quantity) -> list[Block]:
    """Return Δw in terms of ∂y/∂w."""
    graph, letters = telling.graph, telling.letters
    error = partial_formula(graph, graph.root.quantity, output.at(1).of_sample(1))
    weight = m.Symbol("w")
    rate = letters.notation.letter("rate")
    loss, y = letters(graph.root.quantity), letters(output.at(1))
    change = m.row(m.Symbol("Δ"), weight)
    chain = m.row(derivative(loss, y), m.Space(0.17), derivative(y, weight))
    slope = derivative(y, weight)
    turned_error = turned(telling, error) if isinstance(error, f.Sum) else telling.symbols(f.Negative(error))
    steps = (
        Step("=", m.row(m.Operator("−"), rate, m.Space(0.17), derivative(loss, weight))),
        Step("=", m.row(m.Operator("−"), rate, m.Space(0.17), chain)),
        Step("=", m.row(rate, m.Fenced(turned_error), m.Space(0.17), slope)),
    )
    return [
        paragraph(
            "Every weight moves against its gradient, and the loss depends on it through the output alone:"
        ),
        equation(EquationLine(change, steps)),
        paragraph(
            "What remains to be found is the derivative of the output ", y, " with respect to each weight."
        ),
    ]


def turned(telling: Telling, error: f.Sum) -> m.Math:
    """Return −(y − t) as t − y."""
    positive = [t.operand for t in error.terms if isinstance(t, f.Negative)]
    negative = [f.Negative(t) for t in error.terms if not isinstance(t, f.Negative)]
    return telling.symbols(f.Sum((*positive, *negative)))


def vanishing(telling: Telling, chain: Chain) -> list[Block]:
    """Return the sum over the units of the layer that the weight enters, of which one term alone is not zero."""
    graph, letters = telling.graph, telling.letters
    parameter = chain.target.value
    entered = graph.node(chain.products[0].path.elements[1])
    onward = [reader for reader, place in graph.consumers[entered.quantity] if place == 0]
    units = entered.shape[0]
    if not isinstance(entered.operation, Affine) or not onward or units == 1 or units > 6:
        return []
    hidden, root = onward[0].quantity, graph.root.quantity
    if hidden == root:
        return []
    top = letters.scalar("output")
    own = chain.products[0].path.elements[1].index
    terms: list[m.Math] = []
    for unit in graph.elements(hidden):
        body = m.row(
            derivative(top, letters(unit)), m.Space(0.17), derivative(letters(unit), letters(parameter))
        )
        terms.append(body if unit.index == own else m.Struck(body))
    kept = next(unit for unit in graph.elements(hidden) if unit.index == own)
    left = derivative(top, letters(parameter))
    single = m.row(
        derivative(top, letters(kept)), m.Space(0.17), derivative(letters(kept), letters(parameter))
    )
    return [
        paragraph(
            f"In principle the output depends on the weight through all {count(units, 'hidden unit')}. But ",
            letters(parameter), " stands in the pre-activation of the ", f"{ordinal(own[0])} unit alone, so for the ",
            "others the second derivative is zero and the term vanishes:",
        ),
        equation(EquationLine(left, (Step("=", summed(terms)), Step("=", single)))),
    ]  # fmt: skip


def closing(telling: Telling, chain: Chain, definitions: object) -> list[Block]:
    """Return the increment of a weight and its update."""
    assert isinstance(definitions, dict)
    graph, letters = telling.graph, telling.letters
    parameter = chain.target.value
    output = graph.root.parents[0].at(1).of_sample(1)
    error = partial_formula(graph, graph.root.quantity, output)
    factors = [definitions[key] for key in chain.products[0].factors if isinstance(key, Partial)]
    kept = [factor for factor in factors if factor != f.formula(1)]
    slope = telling.symbols(f.Product(tuple(kept)) if len(kept) > 1 else kept[0])
    rate = letters.notation.letter("rate")
    lead = (
        m.Fenced(turned(telling, error))
        if isinstance(error, f.Sum)
        else m.Fenced(telling.symbols(f.Negative(error)))
    )
    change = m.row(rate, lead, m.Space(0.17), slope)
    symbol = letters(parameter)
    update = m.row(symbol, m.Operator("+"), change)
    return [
        paragraph("The increment and the update are"),
        equation(
            EquationLine(m.row(m.Symbol("Δ"), symbol), (Step("=", change),)),
            EquationLine(
                symbol, (Step("←", m.row(symbol, m.Operator("+"), m.Symbol("Δ"), symbol)), Step("=", update))
            ),
        ),
        paragraph("and likewise for every other weight of this layer, with its own indices."),
    ]


__all__ = ["through_output"]
