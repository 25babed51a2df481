"""What is given: the network in a sentence, its numbers as matrices, its drawing, and how to read the letters."""

from __future__ import annotations

from typing import Final

from solver.document import drawing, normalisation
from solver.document.layer import layer_of
from solver.document.loss import loss_formula
from solver.document.nodes import Block, Equation, EquationLine, Phrase, Section, Step
from solver.document.telling import LARGEST, Telling, is_shortened, written
from solver.document.words import count, equation, function_words, line, listed, paragraph, phrase
from solver.functions import LOSSES, Activation
from solver.graph.dense import Affine, Elementwise, TotalLoss
from solver.graph.node import Node
from solver.notation import math as m
from solver.notation.formulas import Typesetter
from solver.notation.names import function_name
from solver.quantities import Quantity

_KNOWN: Final = frozenset({"linear", "sigmoid", "tanh", "relu", "phi"})
"""Activations that need no formula: known by their names, or without one."""


def given(telling: Telling) -> Section:
    """Return the section that states the problem."""
    figure, _ = drawing.overview(telling)
    blocks: list[Block] = [paragraph(*architecture(telling))]
    if telling.numeric:
        blocks.append(data(telling))
    blocks += [paragraph(*loss_words(telling)), loss_line(telling), figure, paragraph(*reading(telling))]
    blocks += [*functions(telling), *stages(telling)]
    blocks.append(
        paragraph(*digits(telling)) if telling.numeric else paragraph("All of it is kept symbolic.")
    )
    if telling.numeric and elided(telling):
        blocks.append(paragraph(*elision(telling)))
    return Section(phrase("Given"), tuple(blocks))


def stages(telling: Telling) -> list[Block]:
    """Return what stands between the pre-activations of a layer and the next one: normalisation, dropout."""
    return [
        block
        for node in layers(telling)
        for block in normalisation.rules(telling, layer_of(telling.graph, node))
    ]


def architecture(telling: Telling) -> Phrase:
    """Return the network in one or two sentences."""
    affine = layers(telling)
    inputs, hidden = affine[0].parent_shapes[0][0], affine[:-1]
    parts: list[str | m.Math | Phrase] = [f"The network has {count(inputs, 'input')}"]
    if hidden:
        described = [
            phrase(count(node.shape[0], "unit"), " (", activation_name(telling, node), ")") for node in hidden
        ]
        parts += [f", {count(len(hidden), 'hidden layer')} of ", listed(described)]
    parts.append(" and ")
    last = affine[-1]
    parts += [f"{count(last.shape[0], 'output')} (", activation_name(telling, last), ")."]
    if not any(len(node.parents) > 2 for node in affine):
        parts.append(" There are no biases.")
    if telling.graph.samples > 1:
        parts.append(f" It is trained on {count(telling.graph.samples, 'sample')}.")
    return phrase(*parts)


def layers(telling: Telling) -> list[Node]:
    """Return the affine nodes, from the first layer to the last."""
    return [node for node in telling.graph.nodes if isinstance(node.operation, Affine)]


def activation_name(telling: Telling, node: Node) -> Phrase:
    """Return how the activation of a layer is called, and what stands beside it: "sigmoid, dropout"."""
    made = layer_of(telling.graph, node)
    match made.activation.operation:
        case Elementwise(activation) if activation.name == "phi":
            name: m.Math | str = m.Symbol(activation.symbol)
        case Elementwise(activation):
            name = function_words(activation.name)
        case _:
            name = "softmax"
    return phrase(name, normalisation.kind(made))


def functions(telling: Telling) -> list[Block]:
    """Return what the activations are that nobody could take from their names, or that have a number of their own."""
    found: dict[str, Activation] = {}
    for node in telling.graph.nodes:
        match node.operation:
            case Elementwise(activation) if activation.name not in _KNOWN:
                found[activation.name] = activation
    if not found:
        return []
    a = telling.letters.notation.letter("a")
    typeset = Typesetter(
        telling.letters, function_name, telling.letters.notation.product, lambda name: a, decimals=True
    )
    lines = [
        line(m.row(m.Symbol(record.symbol), m.Fenced(a)), ("=", typeset(record.formula)))
        for record in found.values()
    ]
    names = listed(
        [f"{'the' if place else 'The'} {function_words(name)}" for place, name in enumerate(found)]
    )
    verb = "is" if len(found) == 1 else "are"
    return [paragraph(names, f" of a pre-activation {verb}"), equation(*lines)]


def data(telling: Telling) -> Equation:
    """Return the inputs, targets and parameters as matrices."""
    graph = telling.graph
    lines: list[EquationLine] = []
    for name in (*graph.inputs, *graph.targets):
        lines.append(line(telling.letters(name), ("=", telling.column(name))))
    training = telling.model.training
    if training is not None:
        lines.append(line(telling.letters.notation.letter("rate"), ("=", written(training.rate))))
    return Equation((tuple(lines), *layer_rows(telling)))


def layer_rows(telling: Telling) -> list[tuple[EquationLine, ...]]:
    """Return the parameters of each layer, one row or more for each."""
    rows: list[tuple[EquationLine, ...]] = []
    for node in layers(telling):
        rows.append(tuple(line(telling.letters(q), ("=", telling.column(q))) for q in node.parents[1:]))
        rows += normalisation.given(telling, layer_of(telling.graph, node))
    return rows


def loss_words(telling: Telling) -> Phrase:
    """Return what the loss is called."""
    operation = telling.graph.root.operation
    assert isinstance(operation, TotalLoss)
    name = LOSSES[operation.loss.name].symbol
    letter = telling.letters(telling.graph.root.quantity)
    extra = " with a penalty on the weights, not on the biases" if operation.penalty else ""
    return phrase("The loss ", letter, f" is the {name}{extra}:")


def loss_line(telling: Telling) -> Equation:
    """Return the loss as a sum over outputs (and samples)."""
    return Equation(
        ((EquationLine(telling.letters(telling.graph.root.quantity), (Step("=", loss_formula(telling)),)),),)
    )


def reading(telling: Telling) -> Phrase:
    """Return one or two sentences on how to read the letters."""
    affine = layers(telling)
    letters = telling.letters
    node = affine[0]
    operation = node.operation
    assert isinstance(operation, Affine)
    to, from_ = min(2, node.shape[0]), 1
    weight = operation.weight(node, to, from_)
    parts: list[object] = [
        "Here ", letters(weight), " is the weight ",
        *(f"of layer {node.quantity.layer} " if len(affine) > 1 else ""),
        "that leads from ", letters(node.parents[0].at(from_)), " to unit ", m.Digits(str(to)), ", ",
        letters(node.quantity.at(to)), " the pre-activation of that unit",
    ]  # fmt: skip
    after = layer_of(telling.graph, node).activation
    parts += [" and ", letters(after.quantity.at(to)), " its activation"]
    parts.append(".")
    if operation.from_to:
        parts.append(" Vectors are rows, and a layer multiplies its weights from the right.")
    return phrase(*parts)  # type: ignore[arg-type]


def digits(telling: Telling) -> Phrase:
    """Return the sentence on rounding: which digits are shown, and what = and ≈ mean."""
    ledger = telling.ledger
    assert ledger is not None
    shown = ledger.digits
    amount = (
        count(shown.decimals, "decimal place")
        if shown.decimals is not None
        else count(shown.significant, "significant digit")
    )
    if ledger.by_hand:
        return phrase(
            f"Every computed value is rounded to {amount} as soon as it is written down, and the rounded value is used "
            "from there on: each line can be repeated on a pocket calculator."
        )
    return phrase(
        f"Full precision is carried; only what is shown is rounded, to {amount}. A line marked ",
        m.Operator("≈"), " does not follow from its shown digits to the last one.",
    )  # fmt: skip


def elided(telling: Telling) -> list[Quantity]:
    """Return the arrays that are printed shortened with dots."""
    return [
        node.quantity
        for node in telling.graph.nodes
        if is_shortened(node.shape) or (node.per_sample and is_shortened((telling.graph.samples,)))
    ]


def elision(telling: Telling) -> Phrase:
    """Return the sentence that says what is shortened, and where all of it can be had."""
    names = [telling.letters(quantity) for quantity in elided(telling)]
    return phrase(
        f"An array with more than {LARGEST} rows or columns is printed with its first three and last two; dots stand for "
        "the rest. Shortened so are ", listed(names), " and what is computed from them.",
    )  # fmt: skip


__all__ = ["activation_name", "architecture", "digits", "elided", "functions", "given", "layers"]
