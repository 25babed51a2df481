"""The worked solution of an expression: a circuit of named steps, forward line by line, backward node by node.

Every name of the file is its own letter. The output needs no loss beside it: it is what is differentiated and, where
parameters are trained, what is made smaller.
"""

from __future__ import annotations

from solver.document import circuit
from solver.document.given import digits
from solver.document.local_derivatives import derivations
from solver.document.nodes import Block, Document, Equation, EquationLine, Phrase, Section, Step
from solver.document.numbered import Numbered
from solver.document.order import in_order
from solver.document.sweep import backward, path_by_path
from solver.document.telling import Telling
from solver.document.words import count, equation, listed, paragraph, phrase
from solver.graph.node import Graph, Leaf, Node
from solver.notation import math as m
from solver.notation.convention import Letters
from solver.notation.own_names import OwnNames, symbols
from solver.trace.asked import asked, line_formulas
from solver.trace.sweep import backward_sweep

MOST_IN_A_SENTENCE = 6
"""Given numbers that stand in a sentence; more of them are lines of their own."""


def expression_letters(letters: Letters, graph: Graph) -> OwnNames:
    """Return the letters of an expression: its own names."""
    names = symbols(node.quantity.base for node in graph.nodes)
    root = graph.root.quantity
    forked = frozenset(quantity.base for quantity, readers in graph.consumers.items() if len(readers) > 1)
    return OwnNames(letters.notation, letters.shape, names, root.base, forked)


def explain_expression(telling: Telling) -> Document:
    """Return the document of an expression."""
    what = asked(telling.problem, telling.model)
    sweep = backward_sweep(telling.graph)
    telling = telling.defining(line_formulas(telling.problem, telling.model, what))
    numbered = Numbered(needed=telling.work.gradients is not None and telling.work.form == "paths")
    return in_order(
        telling,
        what,
        forward=[given(telling), forward(telling)],
        backward=[backward(telling, sweep, numbered), *path_by_path(telling, what, numbered)],
        derivations=lambda told: derivations(told, sweep),
    )


def given(telling: Telling) -> Section:
    """Return the section that states the problem."""
    blocks: list[Block] = [paragraph(*lead(telling)), steps(telling), *numbers(telling)]
    if len(computed(telling.graph)) > 1:
        blocks.append(circuit.drawn(telling))
    blocks.append(paragraph(*digits(telling)))
    return Section(phrase("Given"), tuple(blocks))


def lead(telling: Telling) -> Phrase:
    """Return what is computed, and what of it is trained."""
    graph, letters = telling.graph, telling.letters
    made = len(computed(graph))
    given_numbers = len(graph.nodes) - made
    output = letters(graph.root.quantity)
    steps = f"{count(made, 'step')}:"
    if not graph.parameters:
        return phrase("The output ", output, f" is computed from {count(given_numbers, 'number')} in {steps}")
    names = listed([letters(quantity) for quantity in graph.parameters])
    trained = len(graph.parameters)
    numbers = count(given_numbers, "number")
    source = ("it" if trained == 1 else "them") if trained == given_numbers else numbers
    start = "The parameter " if trained == 1 else "The parameters "
    verb = " is" if trained == 1 else " are"
    return phrase(
        start,
        names,
        f"{verb} trained to make ",
        output,
        f" small, which is computed from {source} in {steps}",
    )


def computed(graph: Graph) -> list[Node]:
    """Return the nodes that are computed, in order."""
    return [node for node in graph.nodes if not isinstance(node.operation, Leaf)]


def steps(telling: Telling) -> Equation:
    """Return the formulas as they are given, one line for each."""
    lines = [
        EquationLine(
            telling.letters(node.quantity),
            (Step("=", telling.symbols(telling.graph.made_by(node.quantity))),),
        )
        for node in computed(telling.graph)
    ]
    columns = 1 if len(lines) < 5 else 2
    rows = -(-len(lines) // columns)
    return Equation(tuple(tuple(lines[row::rows]) for row in range(rows)))


def numbers(telling: Telling) -> list[Block]:
    """Return the given numbers, few in a sentence, many in lines."""
    leaves = [node.quantity for node in telling.graph.nodes if isinstance(node.operation, Leaf)]
    if len(leaves) <= MOST_IN_A_SENTENCE:
        told = [m.row(telling.letters(q), m.Operator("="), telling.value(q)) for q in leaves]
        return [paragraph("The given numbers are ", *listed(told), ".")]
    lines = [EquationLine(telling.letters(q), (Step("=", telling.value(q)),)) for q in leaves]
    rows = tuple(tuple(lines[place : place + 4]) for place in range(0, len(lines), 4))
    return [paragraph("The given numbers are"), Equation(rows)]


def forward(telling: Telling) -> Section:
    """Return the section of the forward pass: one line for each step."""
    lines = [
        telling.line(node.quantity, telling.graph.made_by(node.quantity)) for node in computed(telling.graph)
    ]
    return Section(phrase("Forward pass"), (equation(*lines),))
