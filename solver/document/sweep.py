"""The backward pass of an expression, node by node from the output; then, where asked for, path by path.

Each step of the forward pass is met again in reverse order: its local derivatives on the left, what it hands back on the
right. A node that several steps read gets a share from each; the shares are added as soon as the last one is there.
"""

from __future__ import annotations

from solver.document import circuit
from solver.document.backward_paths import gradient, inline_derivative
from solver.document.chain_lines import chain_rule_line
from solver.document.guide import Guide
from solver.document.nodes import Block, Equation, EquationLine, Paragraph, Phrase, Section, Together
from solver.document.numbered import Numbered
from solver.document.telling import Telling
from solver.document.words import count, equation, listed, paragraph, phrase, small
from solver.graph.node import Node
from solver.notation import math as m
from solver.trace.asked import Asked
from solver.trace.chain import Chain, chain_rule
from solver.trace.sweep import Stop, Sweep

MOST_PATHS = 60
"""Paths of all asked gradients together that are listed; a circuit with more keeps to the sweep."""


def backward(telling: Telling, sweep: Sweep, numbered: Numbered) -> Section:
    """Return the section of the backward pass, with the circuit that shows all of it."""
    blocks: list[Block] = [paragraph(*introduction(telling, sweep))]
    for node in reversed(telling.graph.nodes):
        if sweep.through(node.quantity):
            blocks += handed_back(telling, sweep, node, numbered)
    blocks += idle(telling, sweep)
    blocks.append(Together(circuit.computed(telling, sweep)))
    return Section(phrase("Backward pass"), tuple(blocks))


def introduction(telling: Telling, sweep: Sweep) -> list[str | m.Math | Phrase]:
    """Return how the gradients are found, and what is said of names that are read several times."""
    letters = telling.letters
    root = telling.graph.root.quantity
    start = m.row(
        m.Operator("∂"),
        letters(root),
        m.Operator("/"),
        m.Operator("∂"),
        letters(root),
        m.Operator("="),
        m.Digits("1"),
    )
    order = ", and meets the steps in reverse order. Each hands its gradient back to what it reads, multiplied by its "
    words: list[str | m.Math | Phrase] = [
        "The pass starts at the output, where ", start, f"{order}local derivative."
    ]  # fmt: skip
    forks = [stop for stop in sweep.stops if stop.forks]
    if forks:
        names = listed([letters(stop.quantity) for stop in forks[::-1]])
        verb = "is" if len(forks) == 1 else "are"
        words += [
            " ", names, f" {verb} read more than once: every reader hands back a share, written ",
            small(letters(forks[0].inflows[0].key)), " after the reader, and the shares are added.",
        ]  # fmt: skip
    return words


def handed_back(telling: Telling, sweep: Sweep, node: Node, numbered: Numbered) -> list[Block]:
    """Return what one step hands back, and the sums that are complete with it."""
    reader = node.quantity
    inflows = sorted(sweep.through(reader), key=lambda pair: node.parents.index(pair[0].quantity))
    rows: list[tuple[EquationLine, ...]] = []
    for _, inflow in inflows:
        local = telling.line(
            inflow.local,
            sweep.definitions[inflow.local],
            tag=numbered.tag(inflow.local) if numbered.needed else None,
        )
        if reader == telling.graph.root.quantity:
            rows.append((local,))
        else:
            rows.append((local, telling.line(inflow.key, sweep.definitions[inflow.key])))
    if len(rows) == 2 and all(len(row) == 1 for row in rows) and not numbered.needed:
        rows = [rows[0] + rows[1]]
    step = m.row(telling.letters(reader), m.Operator("="), telling.symbols(telling.graph.made_by(reader)))
    blocks: list[Block] = [Together((paragraph("Through ", small(step), ":"), Equation(tuple(rows))))]
    complete = [stop for stop, inflow in inflows if stop.forks and inflow == stop.inflows[-1]]
    return blocks + [block for stop in complete for block in added(telling, sweep, stop)]


def added(telling: Telling, sweep: Sweep, stop: Stop) -> list[Block]:
    """Return the gradient of a node that several steps read, as the sum of its shares."""
    letters = telling.letters
    readers = listed([letters(inflow.reader) for inflow in stop.inflows[::-1]])
    number = count(len(stop.inflows), "reader")
    words = paragraph(
        "All shares of ", letters(stop.quantity), f" are there, one from each of its {number} ", readers, ":"
    )  # fmt: skip
    return [Together((words, equation(telling.line(stop.gradient, sweep.definitions[stop.gradient]))))]


def idle(telling: Telling, sweep: Sweep) -> list[Block]:
    """Return the sentence on names that the output does not depend on."""
    if not sweep.idle:
        return []
    letters = telling.letters
    names = listed([letters(quantity) for quantity in sweep.idle])
    output = letters(telling.graph.root.quantity)
    return [paragraph(output, " does not depend on ", names, ", so there the gradient is 0.")]


def path_by_path(telling: Telling, asked: Asked, numbered: Numbered) -> list[Section]:
    """Return the asked gradients once more as sums over the paths of the circuit, none where they are not asked for."""
    work = telling.work
    if work.gradients is None or work.form != "paths" or asked.paths > MOST_PATHS:
        return []
    chains = chain_rule(telling.graph, asked.elements)
    if telling.ledger is not None and telling.ledger.by_hand:
        told = [in_letters(telling, chain) for chain in chains.chains]
    else:
        telling = telling.defining(dict(chains.definitions))
        told = [gradient(telling, chain, chains, numbered, GUIDE) for chain in chains.chains]
    words = paragraph(
        "The same gradients in one piece each: the product of the local derivatives along every path from the output "
        "back to the name; where there are several paths, their products are added."
    )
    return [Section(phrase("Path by path"), (words, *told))]


def in_letters(telling: Telling, chain: Chain) -> Section:
    """Return one gradient as a sum over paths in letters alone.

    By hand the products along the paths would be rounded at other places than the pass above, and end in other digits.
    """
    letters, target = telling.letters, chain.target
    figure = circuit.lit(telling, chain)
    value = m.row(letters(target), m.Operator("="), telling.value(target))
    blocks = (
        Together((Paragraph(route(telling, chain)), figure, chain_rule_line(telling, chain))),
        paragraph("Node by node this came to ", small(value), "."),
    )
    return Section(phrase(inline_derivative(telling, chain)), blocks, 2)


def route(telling: Telling, chain: Chain) -> Phrase:
    """Return how many paths lead from a name to the output."""
    letters = telling.letters
    name, output = letters(chain.target.value), letters(telling.graph.root.quantity)
    number = len(chain.products)
    if number == 1:
        return phrase("One path leads from ", name, " to ", output, ".")
    return phrase(
        f"{count(number, 'path').capitalize()} lead from ", name, " to ", output, "; each adds one product."
    )


GUIDE = Guide(route, circuit.lit)
"""What is said and drawn of the paths of a circuit."""
