"""The worked solution of an attention head: queries, keys, values; scores, softmax row by row, the mixture of values."""

from __future__ import annotations

from solver.document import attention_figures
from solver.document import forward as dense
from solver.document.attention_backward import backward
from solver.document.given import digits, elided, elision, loss_line, loss_words
from solver.document.heads import Factor, Head, head_of, made, numbers, over_root, symbols
from solver.document.nodes import Block, Document, Equation, EquationLine, Phrase, Section, Step, Together
from solver.document.order import in_order
from solver.document.telling import Telling, written
from solver.document.words import count, equation, line, paragraph, phrase
from solver.graph.node import Node
from solver.notation import math as m
from solver.trace.asked import asked


def explain_attention(telling: Telling) -> Document:
    """Return the document of an attention head."""
    what = asked(telling.problem, telling.model)
    telling, back = backward(telling, what)
    return in_order(telling, what, forward=[given(telling), forward(telling)], backward=[back])


# --- given -----------------------------------------------------------------------------------------------


def given(telling: Telling) -> Section:
    """Return the section that states the problem."""
    head = head_of(telling.graph)
    blocks: list[Block] = [
        paragraph(*architecture(telling, head)),
        *data(telling, head),
        paragraph(*loss_words(telling)),
        loss_line(telling),
        paragraph("The head computes"),
        equation(*rules(telling, head)),
        paragraph(*reading(telling, head)),
        paragraph(*digits(telling)),
    ]
    if elided(telling):
        blocks.append(paragraph(*elision(telling)))
    return Section(phrase("Given"), tuple(blocks))


def architecture(telling: Telling, head: Head) -> Phrase:
    """Return the head in a few sentences."""
    features = telling.graph.node(head.input).shape[1]
    tokens, width = count(head.tokens, "token"), count(head.width, "number")
    parts: list[str | m.Math] = [
        f"One attention head reads {tokens} of {count(features, 'feature')} each, the rows of "
    ]
    parts += [telling.letters(head.input), f". Every token has a query and a key of {width}"]
    parts.append(f" and a value of {count(head.values.shape[1], 'number')}.")
    if head.causal:
        parts.append(" The head is causal: a token looks at itself and at the tokens before it.")
    return phrase(*parts)


def data(telling: Telling, head: Head) -> list[Block]:
    """Return tokens, targets and rate, then the weights."""
    graph, letters = telling.graph, telling.letters
    first = [line(letters(name), ("=", telling.column(name))) for name in (head.input, *graph.targets)]
    training = telling.model.training
    if training is not None:
        first.append(line(letters.notation.letter("rate"), ("=", written(training.rate))))
    weights = [
        line(letters(node.parents[1]), ("=", telling.column(node.parents[1]))) for node in head.projections
    ]
    return [Equation((tuple(first),)), Equation((tuple(weights[:2]), tuple(weights[2:])))]


def rules(telling: Telling, head: Head) -> list[EquationLine]:
    """Return what the head computes, array by array, in letters."""
    letters = telling.letters
    lines = [
        EquationLine(letters(node.quantity), (Step("=", projected(telling, head, node)),))
        for node in head.projections
    ]
    q, k = Factor(head.queries.quantity), Factor(head.keys.quantity, turned=True)
    lines += [
        EquationLine(
            letters(head.scores.quantity), (Step("=", over_root(head, telling, symbols(telling, q, k))),)
        ),
        EquationLine(letters(head.weights.quantity), (Step("=", softmax(telling, head)),)),
        EquationLine(letters(head.outputs.quantity), (Step("=", symbols(telling, *mixed(head))),)),
    ]
    return lines


def projected(telling: Telling, head: Head, node: Node) -> m.Math:
    """Return X W, or X Wᵀ where the weights are written W[to][from]."""
    return symbols(telling, *projection(head, node))


def projection(head: Head, node: Node) -> tuple[Factor, Factor]:
    """Return the factors of a projection."""
    return Factor(node.parents[0]), Factor(node.parents[1], turned=not head.from_to)


def mixed(head: Head) -> tuple[Factor, Factor]:
    """Return the factors of O = P V."""
    return Factor(head.weights.quantity), Factor(head.values.quantity)


def softmax(telling: Telling, head: Head) -> m.Math:
    """Return the rule of the weights: the softmax of S."""
    return m.row(m.Symbol("softmax"), m.Fenced(telling.letters(head.scores.quantity)))


def reading(telling: Telling, head: Head) -> Phrase:
    """Return how to read rows and entries."""
    letters = telling.letters
    weight = head.weights.quantity.at(min(2, head.tokens), 1)
    token = min(2, head.tokens)
    row = m.Symbol("i")
    belongs = ("Row ", row, " of every matrix belongs to token ", row, "; ")
    look = f" says how much token {token} looks at token 1."
    return phrase("The softmax is taken of each row. ", *belongs, letters(weight), look)


# --- forward ---------------------------------------------------------------------------------------------


def forward(telling: Telling) -> Section:
    """Return the section of the forward pass."""
    head = head_of(telling.graph)
    blocks: list[Block] = [
        paragraph("Every token is turned into a query, a key and a value:"),
        equation(*(multiplied(telling, node, projection(head, node)) for node in head.projections)),
        *scored(telling, head),
        *weighted(telling, head),
        paragraph("Each token’s output is the mixture of the values with the weights of its row:"),
        equation(multiplied(telling, head.outputs, mixed(head))),
        *dense.loss(telling),
    ]
    return Section(phrase("Forward pass"), tuple(blocks))


def multiplied(telling: Telling, node: Node, factors: tuple[Factor, Factor]) -> EquationLine:
    """Return the line of a matrix product: letters, numbers, value."""
    steps = (
        Step("=", symbols(telling, *factors)),
        Step("=", numbers(telling, *factors)),
        Step(telling.follows(made(telling, node)), telling.column(node.quantity)),
    )
    return EquationLine(telling.letters(node.quantity), steps)


def scored(telling: Telling, head: Head) -> list[Block]:
    """Return S, its first entry in full."""
    first = head.scores.quantity.at(1, 1).of_sample(1)
    factors = (Factor(head.queries.quantity), Factor(head.keys.quantity, turned=True))
    steps = (
        Step("=", over_root(head, telling, symbols(telling, *factors))),
        Step("=", over_root(head, telling, numbers(telling, *factors))),
        Step(telling.follows(made(telling, head.scores)), telling.column(head.scores.quantity)),
    )
    root = "" if head.width == 1 else " over the root of their length"
    return [
        paragraph(f"A score is the product of a query and a key{root}; the first is"),
        equation(telling.line(first, telling.graph.made_by(first))),
        paragraph("and all of them are"),
        equation(EquationLine(telling.letters(head.scores.quantity), steps)),
    ]


def weighted(telling: Telling, head: Head) -> list[Block]:
    """Return P, its first row that is a real softmax in full."""
    row = min(2, head.tokens) if head.causal else 1
    cells = [head.weights.quantity.at(row, key).of_sample(1) for key in head.seen(row)]
    steps = (Step("=", softmax(telling, head)), Step("=", telling.column(head.weights.quantity)))
    hidden = " Scores of later tokens are hidden; their weights are 0." if head.causal else ""
    blocks: list[Block] = [
        paragraph(
            f"The softmax turns each row of scores into weights that add up to 1.{hidden} Row {row} is"
        ),
        equation(*(telling.line(cell, telling.graph.made_by(cell)) for cell in cells)),
        paragraph("and all rows are"),
        equation(EquationLine(telling.letters(head.weights.quantity), steps)),
    ]
    if head.tokens <= LARGEST_DRAWN:
        blocks.append(Together((attention_figures.weights(telling, head),)))
    return blocks


LARGEST_DRAWN = 8
"""Tokens of a matrix of weights that is drawn."""
