"""The backward pass of an attention head: through the mixture, the softmax, the scores and the three projections.

∂L/∂S = P ∘ (∂L/∂P − r 1ᵀ) with r_i = Σ_k P_ik ∂L/∂P_ik. Source: Dao et al. (2022), FlashAttention, appendix B.2.
"""

from __future__ import annotations

from collections.abc import Callable

from solver import formula as f
from solver.document import routes
from solver.document.backward_matrix import refused
from solver.document.backward_paths import backward_paths
from solver.document.deltas import handed
from solver.document.guide import Guide
from solver.document.heads import Factor, Head, head_of, numbers, over_root, symbols
from solver.document.nodes import Block, EquationLine, Figure, Phrase, Section, Step
from solver.document.outer_products import penalised
from solver.document.telling import Telling
from solver.document.words import equation, paragraph, phrase
from solver.graph.attention import Projection
from solver.graph.node import Node
from solver.notation import math as m
from solver.notation.convention import derivative
from solver.quantities import Quantity
from solver.trace.asked import MOST_TOKENS, Asked, line_formulas
from solver.trace.chain import Chain, chain_rule, partial_formula


def backward(telling: Telling, what: Asked) -> tuple[Telling, Section]:
    """Return the backward pass in the form asked for, and the context with all keys that it defines."""
    head = head_of(telling.graph)
    if what.form == "matrix":
        return telling, by_arrays(telling, head, what)
    chains = chain_rule(telling.graph, what.elements, stations=telling.graph.stations)
    telling = telling.defining(line_formulas(telling.problem, telling.model, what))
    return telling, backward_paths(telling, what, chains, Guide(route, lit))


# --- paths -----------------------------------------------------------------------------------------------


def route(telling: Telling, chain: Chain) -> Phrase:
    """Return what a weight makes of the tokens, and how the paths lead on."""
    letters, parameter = telling.letters, chain.target.value
    node = next(reader for reader, _ in telling.graph.consumers[parameter.whole])
    operation = node.operation
    if not isinstance(operation, Projection):
        return routes.route(telling, chain)
    to, from_ = parameter.index[::-1] if operation.from_to else parameter.index
    what = {"Q": "query", "K": "key", "V": "value"}[node.quantity.base]
    entry_ = f"feature {from_} of every token into entry {to} of its {what}"
    return phrase("The weight ", letters(parameter), f" takes {entry_}; each token adds one product.")


def lit(telling: Telling, chain: Chain) -> Figure | None:
    """Return no drawing: every weight reaches every token."""
    return None


# --- arrays ----------------------------------------------------------------------------------------------


def by_arrays(telling: Telling, head: Head, what: Asked) -> Section:
    """Return the backward pass matrix by matrix, from the outputs to the weights."""
    wanted = set(what.parameters)
    crowded = head.tokens > MOST_TOKENS and what.refused
    lead = [paragraph(f"For more than {MOST_TOKENS} tokens the gradients are given in matrix form.")]
    blocks: list[Block] = [*(lead if crowded else refused(what))]
    blocks += [*at_outputs(telling, head), *through_mixture(telling, head)]
    if wanted & {head.queries.parents[1], head.keys.parents[1], head.input}:
        blocks += through_softmax(telling, head)
        blocks += through_scores(telling, head)
    blocks += at_weights(telling, head, wanted)
    if head.input in wanted:
        blocks += at_tokens(telling, head)
    return Section(phrase("Backward pass"), tuple(blocks))


def at_outputs(telling: Telling, head: Head) -> list[Block]:
    """Return ∂L/∂O."""
    graph = telling.graph
    node = head.outputs
    first = node.quantity.at(1, 1).of_sample(1)
    formula = partial_formula(graph, graph.root.quantity, first)
    left, shown = telling.letters(node.quantity.gradient()), handed(telling, node.quantity)
    lead = paragraph("The loss as a function of the outputs has the gradient")
    if any(isinstance(inner, f.Quotient | f.Cases | f.Call) for inner in f.walk(formula)):
        return [lead, equation(telling.line(first.gradient(), formula), EquationLine(left, (shown,)))]
    whole = widened(formula)
    steps = (
        Step("=", telling.symbols(whole)),
        Step("=", telling.typeset(whole, lambda key: arrays(telling, key))),
        shown,
    )
    return [lead, equation(EquationLine(left, steps))]


def arrays(telling: Telling, key: object) -> m.Math:
    """Return the values of a whole array."""
    assert isinstance(key, Quantity)
    return telling.column(key)


def widened(formula: f.Formula) -> f.Formula:
    """Return a formula of elements as one of whole arrays."""

    def widen(node: f.Formula) -> f.Formula | None:
        return (
            f.Ref(node.quantity.whole)
            if isinstance(node, f.Ref) and isinstance(node.quantity, Quantity)
            else None
        )

    return f.transform(formula, widen)


def product_line(telling: Telling, quantity: Quantity, *factors: Factor) -> EquationLine:
    """Return ∂L/∂(array) as a product of two matrices: letters, numbers, value."""
    letters, values = penalised(telling, quantity, symbols(telling, *factors), numbers(telling, *factors))
    assert values is not None
    steps = (Step("=", letters), Step("=", values), handed(telling, quantity))
    return EquationLine(telling.letters(quantity.gradient()), steps)


def through_mixture(telling: Telling, head: Head) -> list[Block]:
    """Return ∂L/∂V = Pᵀ ∂L/∂O and ∂L/∂P = ∂L/∂O Vᵀ."""
    outputs = Factor(head.outputs.quantity.gradient())
    lines = [
        product_line(telling, head.values.quantity, Factor(head.weights.quantity, turned=True), outputs),
        product_line(telling, head.weights.quantity, outputs, Factor(head.values.quantity, turned=True)),
    ]
    words = paragraph(
        "The outputs are a product of weights and values, and the gradient of each factor reads the other:"
    )
    return [words, equation(*lines)]


def through_softmax(telling: Telling, head: Head) -> list[Block]:
    """Return ∂L/∂S, its first entry in full."""
    letters = telling.letters
    scores = head.scores.quantity
    weight, other = entry("P", "i", "j"), entry("P", "i", "k")
    row_sum = m.BigOperator("Σ", m.row(other, m.Space(0.17), by_entry(telling, other)), m.Symbol("k"))
    body = m.row(weight, m.Space(0.17), m.Fenced(m.row(by_entry(telling, weight), m.Operator("−"), row_sum)))
    row = min(2, head.tokens) if head.causal else 1
    first = scores.at(row, 1).of_sample(1)
    slope = softmax_gradient(head, row)
    pairs = (
        (scores.at(i, j).of_sample(1).gradient(), softmax_gradient(head, i, j))
        for i in range(1, head.tokens + 1)
        for j in head.seen(i)
    )
    return [
        paragraph(
            "A score moves all weights of its row: it raises its own and lowers the others, since they add up to 1. "
            "Summed over the row this gives"
        ),
        equation(
            EquationLine(by_entry(telling, entry("S", "i", "j")), (Step("=", body),)),
            telling.line(first.gradient(), slope),
            EquationLine(
                letters(scores.gradient()), (Step(telling.follows(pairs), telling.column(scores.gradient())),)
            ),
        ),
    ]


def entry(base: str, row: str, column: str) -> m.Math:
    """Return P_{ij}."""
    return m.Script(m.Symbol(base), sub=m.row(m.Symbol(row), m.Symbol(column)))


def by_entry(telling: Telling, symbol: m.Math) -> m.Math:
    """Return ∂L/∂P_{ij}."""
    return derivative(telling.letters(telling.graph.root.quantity), symbol)


def softmax_gradient(head: Head, row: int, column: int = 1) -> f.Formula:
    """Return P_ij (∂L/∂P_ij − Σ_k P_ik ∂L/∂P_ik)."""
    weights = head.weights.quantity
    cells = {key: weights.at(row, key).of_sample(1) for key in head.seen(row)}
    terms = tuple(f.Product((f.Ref(cell), f.Ref(cell.gradient()))) for cell in cells.values())
    total = terms[0] if len(terms) == 1 else f.Sum(terms)
    own = cells[column]
    return f.Product((f.Ref(own), f.Sum((f.Ref(own.gradient()), f.Negative(total)))))


def through_scores(telling: Telling, head: Head) -> list[Block]:
    """Return ∂L/∂Q = ∂L/∂S K / √d and ∂L/∂K = (∂L/∂S)ᵀ Q / √d."""
    scores = head.scores.quantity.gradient()
    lines = []
    for node, other, turned in ((head.queries, head.keys, False), (head.keys, head.queries, True)):
        factors = (Factor(scores, turned), Factor(other.quantity))
        steps = (
            Step("=", over_root(head, telling, symbols(telling, *factors))),
            Step("=", over_root(head, telling, numbers(telling, *factors))),
            handed(telling, node.quantity),
        )
        lines.append(EquationLine(telling.letters(node.quantity.gradient()), steps))
    return [paragraph("The scores are a product of queries and keys:"), equation(*lines)]


def at_tokens(telling: Telling, head: Head) -> list[Block]:
    """Return ∂L/∂X: every token is read three times, so three products add up."""
    tokens, letters = head.input, telling.letters
    told = [
        Step("=", total)
        for total in (_read_thrice(telling, head, symbols), _read_thrice(telling, head, numbers))
    ]
    line = EquationLine(letters(tokens.gradient()), (*told, handed(telling, tokens)))
    return [
        paragraph("A token is read as query, as key and as value, so three products add up:"),
        equation(line),
    ]


def _read_thrice(telling: Telling, head: Head, show: Callable[..., m.Math]) -> m.Math:
    """Return Σ ∂L/∂Q Wᵀ over the three projections (∂L/∂Q W where weights are written W[to][from])."""
    items: list[m.Math] = []
    for node in head.projections:
        above, weights = Factor(node.quantity.gradient()), Factor(node.parents[1], turned=head.from_to)
        items += [m.Operator("+")] if items else []
        items.append(show(telling, above, weights))
    return m.row(*items)


def at_weights(telling: Telling, head: Head, wanted: set[Quantity]) -> list[Block]:
    """Return the gradients of the weights asked for: every token adds its features times the gradient of its row."""
    lines = [gradient_line(telling, head, node) for node in head.projections if node.parents[1] in wanted]
    if not lines:
        return []
    words = paragraph("Every token passes the same weights, so their gradients add up over the rows:")
    return [words, equation(*lines)]


def gradient_line(telling: Telling, head: Head, node: Node) -> EquationLine:
    """Return ∂L/∂W = Xᵀ ∂L/∂Q, or (∂L/∂Q)ᵀ X where the weights are written W[to][from]."""
    tokens, above = node.parents[0], node.quantity.gradient()
    factors = (
        (Factor(tokens, turned=True), Factor(above))
        if head.from_to
        else (Factor(above, turned=True), Factor(tokens))
    )
    return product_line(telling, node.parents[1], *factors)
