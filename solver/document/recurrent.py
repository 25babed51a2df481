"""The worked solution of a recurrent network: the cell, its steps forward, the sum over time steps backward."""

from __future__ import annotations

from dataclasses import replace

from solver.document import unrolled
from solver.document.backward_paths import backward_paths
from solver.document.given import digits, functions
from solver.document.nodes import Block, Document, Equation, EquationLine, Phrase, Section, Step
from solver.document.order import in_order
from solver.document.recurrent_forward import equations, forward, loss_symbols
from solver.document.telling import LARGEST, Telling, is_shortened, written
from solver.document.through_time import MOST_STEPS, backward_through_time, length_of, told_steps
from solver.document.time_arrays import first, shown, table_of, time_letters
from solver.document.words import count, function_words, listed, paragraph, phrase
from solver.functions import LOSSES
from solver.graph.dense import Affine, Elementwise, SoftmaxLayer
from solver.graph.loss import TotalLoss
from solver.graph.node import Graph
from solver.notation import math as m
from solver.notation import time_letters as notation
from solver.notation.convention import Letters
from solver.notation.time_letters import TimeLetters
from solver.quantities import Quantity
from solver.trace.asked import asked, line_formulas
from solver.trace.chain import chain_rule


def recurrent_letters(letters: Letters, graph: Graph) -> TimeLetters:
    """Return the letters of a recurrent network: time steps below, gates by their names."""
    sizes = {node.quantity.base: node.shape for node in graph.nodes}
    gates = {node.quantity.gate for node in graph.nodes if node.quantity.gate is not None}
    return notation.time_letters(letters, sizes, sorted(gates))


def explain_recurrent(telling: Telling) -> Document:
    """Return the document of a recurrent network."""
    what = asked(telling.problem, telling.model)
    by_hand = telling.ledger is not None and telling.ledger.by_hand
    if what.form == "paths" or by_hand:
        telling = telling.defining(line_formulas(telling.problem, telling.model, what))
    if what.form == "matrix":
        telling = replace(telling, letters=replace(time_letters(telling), deltas=True))
        back = backward_through_time(telling, what)
    else:
        back = backward_paths(telling, what, chain_rule(telling.graph, what.elements), unrolled.GUIDE)
    opening = [given(telling), forward(telling)]
    return in_order(telling, what, forward=opening, backward=[back], derivations=_derivations)


def _derivations(telling: Telling) -> Section:
    from solver.document.time_rules import derivations

    return derivations(telling)


def given(telling: Telling) -> Section:
    """Return the section that states the problem."""
    figure, _ = unrolled.overview(telling)
    blocks: list[Block] = [paragraph(*architecture(telling)), *data(telling)]
    blocks += [paragraph(*lead(telling)), equations(telling, read_out=False)]
    picture = unrolled.cell(telling)
    blocks += [picture] if picture is not None else []
    if table_of(telling).output is not None:
        every = table_of(telling).every_step
        words = "and is read out by" if every else "After the last step the state is read out by"
        blocks += [paragraph(words), equations(telling, read_out=True)]
    loss = telling.letters(telling.graph.root.quantity)
    blocks.append(paragraph("The loss ", loss, " is the ", *loss_name(telling), ":"))
    blocks += [Equation(((EquationLine(loss, (Step("=", loss_symbols(telling)),)),),)), figure]
    blocks += [paragraph(*reading(telling)), *functions(telling), paragraph(*digits(telling))]
    if elided(telling):
        blocks.append(paragraph(*elision(telling)))
    return Section(phrase("Given"), tuple(blocks))


CELLS = {"elman": "An Elman network", "lstm": "An LSTM", "gru": "A GRU"}
"""What a cell is called at the start of a sentence."""


def architecture(telling: Telling) -> Phrase:
    """Return the network in one or two sentences."""
    table, graph = table_of(telling), telling.graph
    inside = f" ({activation_of(graph, 'h')})" if table.cell == "elman" else ""
    sequence = (
        f"a sequence of {count(table.steps_in_time, 'step')} with {count(table.features, 'number')} each"
    )
    words = f"{CELLS[table.cell]} with {count(table.units or 0, 'hidden unit')}{inside} reads {sequence}."
    where = "in every step" if table.every_step else "after the last step"
    if table.output is None:
        return phrase(words, f" Its state is held against the target {where}.")
    outputs = count(table.outputs or 0, "output")
    return phrase(words, f" It is read out {where}: {outputs} ({activation_of(graph, 'o')}).")


def activation_of(graph: Graph, base: str) -> str:
    """Return how the activation of the states or of the read-out is called."""
    node = next(node for node in reversed(graph.nodes) if node.quantity.base == base and node.quantity.time)
    match node.operation:
        case SoftmaxLayer():
            return "softmax"
        case Elementwise(activation):
            return function_words(activation.name)
        case _:
            return ""


def data(telling: Telling) -> list[Block]:
    """Return the sequence, the targets and the parameters."""
    graph = telling.graph
    length = length_of(graph)
    times = told_steps(length) if length > MOST_STEPS + 2 else list(range(1, length + 1))
    sequence = [
        node.quantity for node in graph.nodes if node.quantity.base == "x" and node.quantity.time in times
    ]
    targets = [q for q in graph.targets if q.time in times]
    start = [q for q in graph.inputs if q.time == 0]
    rows = [*_rows(telling, sequence, 6), *_rows(telling, targets, 6), *_rows(telling, start, 6)]
    training = telling.model.training
    if training is not None and not training.optimizer.state:
        rate = telling.letters.notation.letter("rate")
        rows.append((EquationLine(rate, (Step("=", written(training.rate)),)),))
    parameters = [_rows(telling, group, 3) for group in by_gate(graph)]
    return [Equation(tuple(rows)), Equation(tuple(row for group in parameters for row in group))]


def by_gate(graph: Graph) -> list[list[Quantity]]:
    """Return the parameters of each gate, then those of the read-out."""
    groups: dict[str, list[Quantity]] = {}
    for quantity in graph.parameters:
        name = "read-out" if quantity.base in ("V", "c") else quantity.gate or ""
        groups.setdefault(name, []).append(quantity)
    return list(groups.values())


def _rows(telling: Telling, arrays: list[Quantity], width: int) -> list[tuple[EquationLine, ...]]:
    lines = [EquationLine(telling.letters(q), (Step("=", shown(telling, q)),)) for q in arrays]
    return [tuple(lines[place : place + width]) for place in range(0, len(lines), width)]


def lead(telling: Telling) -> Phrase:
    """Return the words before the equations of the cell."""
    t = time_letters(telling).step
    gates = [gate for gate in dict.fromkeys(node.quantity.gate for node in telling.graph.nodes) if gate]
    hadamard = telling.letters.notation.hadamard
    single = time_letters(telling).single(Quantity("h", time=1))
    names = {
        "f": "forget gate", "i": "input gate", "o": "output gate", "g": "candidate", "z": "update gate",
        "r": "reset gate", "n": "candidate",
    }  # fmt: skip
    if not gates:
        return phrase("In step ", t, " the network computes")
    called = listed([phrase(names[gate], " ", m.Symbol(gate)) for gate in gates])
    product = "" if single else f"; {hadamard} multiplies element by element"
    return phrase(
        "In step ", t, " the cell computes its gates, ", called, f", and from them its state{product}:"
    )


def loss_name(telling: Telling) -> Phrase:
    """Return what the loss is called."""
    operation = telling.graph.root.operation
    assert isinstance(operation, TotalLoss)
    name = LOSSES[operation.loss.name].symbol
    over = ", summed over the steps" if operation.blocks > 1 else ""
    if operation.penalty is None:
        return phrase(f"{name}{over}")
    return phrase(f"{name}{over}, with a penalty on the weights, not on the biases")


def reading(telling: Telling) -> Phrase:
    """Return how to read the letters."""
    graph, letters = telling.graph, time_letters(telling)
    node = next(node for node in graph.nodes if isinstance(node.operation, Affine))
    operation = node.operation
    assert isinstance(operation, Affine)
    hidden = Quantity("h", time=1)
    parts: list[str | m.Math] = ["Here ", letters(hidden), " is the state after step 1"]
    if node.quantity.gate is not None:
        name = m.Symbol(node.quantity.gate)
        joint = " and " if letters.single(hidden) else ", "
        parts += [joint, letters(node.quantity), " the pre-activation of gate ", name, " in that step"]
    if not letters.single(hidden):
        unit = first(telling, hidden).at(2)
        weight = operation.weight(node, 2, 1, 1)
        leads = " the weight that leads from the first element of a state to the second unit of the next step"
        parts += [", ", letters(unit), " the second element of the state, and ", letters(weight), leads]
    parts.append(".")
    if operation.from_to:
        parts.append(" Vectors are rows, and weights are multiplied from the right.")
    return phrase(*parts)


def elided(telling: Telling) -> bool:
    """Return whether the document leaves something out: steps, or elements of large arrays."""
    graph = telling.graph
    return length_of(graph) > MOST_STEPS or any(is_shortened(node.shape) for node in graph.nodes)


def elision(telling: Telling) -> Phrase:
    """Return the sentence that says what is left out."""
    graph = telling.graph
    words = []
    length = length_of(graph)
    if length > MOST_STEPS:
        words.append(f"Of the {length} steps the first two and the last two are told; the others run alike.")
    if any(is_shortened(node.shape) for node in graph.nodes):
        words.append(
            f"An array with more than {LARGEST} rows or columns is printed with its first three and last two; dots stand "
            "for the rest."
        )
    return phrase(" ".join(words))
