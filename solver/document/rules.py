"""The derivatives that a solution uses, derived rule by rule, where the work asks for `derive`.

Of the loss, of each activation, of the affine map, and of loss and output together.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from solver import formula as f
from solver.calculus import Derivation, Unfinished, derive, derive_activation, derive_delta, derive_loss
from solver.document.derivations import derivation_blocks
from solver.document.given import layers
from solver.document.layer import layer_of
from solver.document.nodes import Block, Section
from solver.document.telling import Telling
from solver.document.words import function_words, paragraph, phrase
from solver.functions import Activation
from solver.graph.dense import Affine, Elementwise, SoftmaxLayer, TotalLoss
from solver.graph.node import Graph, Node
from solver.notation import math as m
from solver.notation.formulas import Typesetter
from solver.notation.names import function_name
from solver.quantities import Quantity

MOST_TERMS = 4
"""Terms of a pre-activation that are written out when it is differentiated."""


def derivations(telling: Telling) -> Section:
    """Return the section of derivations."""
    parts: list[Block] = [
        Section(phrase("The loss"), loss_slope(telling), 2),
        *(Section(phrase("The activation: ", name), blocks, 2) for name, blocks in activations(telling)),
    ]
    if layers(telling):
        parts.append(Section(phrase("The pre-activation"), affine(telling), 2))
    combined = output_delta(telling) if layers(telling) else ()
    if combined:
        parts.append(Section(phrase("Loss and output together"), combined, 2))
    return Section(phrase("The derivatives, rule by rule"), tuple(parts))


def typesetter(telling: Telling, node: Node | None = None) -> Typesetter:
    """Return a printer of derivations in the letters of one layer (the last one by default), without indices."""
    return Typesetter(
        telling.letters,
        function_name,
        telling.letters.notation.product,
        lambda name: letter(telling, name, node),
    )


def letter(telling: Telling, name: str, node: Node | None = None) -> m.Math:
    """Return the letter of a derivation's free name: z, y, t, L, and those of the affine map."""
    notation = telling.letters.notation
    chain = layers(telling)
    if node is not None and node.quantity.layer is None and name in ("z", "y"):  # of maps or scores
        return notation.letter(node.quantity.base if name == "z" else reader_of(telling, node).quantity.base)
    if node is None and not chain and name == "y":
        return notation.letter(telling.graph.root.parents[0].base)
    last = node is None or (bool(chain) and node.quantity == chain[-1].quantity)
    match name:
        case "z":
            return notation.letter("a")
        case "y":
            return notation.letter("output" if last and "output" in notation.letters else "h")
        case "t" | "L" | "x" | "b":
            return notation.letter(name)
        case "w":
            return notation.letter("W")
        case _:
            return m.Symbol(free_name(telling.graph, name))


NAMES = {"S": ("S", "N")}
"""Names that a derivation gives to something of its own, the sum below a softmax, and what else it may be called."""


def free_name(graph: Graph, name: str) -> str:
    """Return a name of a derivation, or the next where an array of the graph has it: S are the scores of attention."""
    taken = {node.quantity.base for node in graph.nodes}
    return next((choice for choice in NAMES.get(name, ()) if choice not in taken), name)


def reader_of(telling: Telling, node: Node) -> Node:
    """Return the activation that reads a node."""
    return next(
        reader
        for reader, _ in telling.graph.consumers[node.quantity]
        if isinstance(reader.operation, Elementwise | SoftmaxLayer)
    )


def loss_slope(telling: Telling) -> tuple[Block, ...]:
    """Return ∂L/∂y of one output."""
    operation = telling.graph.root.operation
    assert isinstance(operation, TotalLoss)
    return _told(telling, lambda: derive_loss(operation.loss, factor=operation.scale))


def activations(telling: Telling) -> list[tuple[str | m.Math, tuple[Block, ...]]]:
    """Return (name, derivation) of each activation used, each once, in the order of the layers."""
    found: dict[str, tuple[str | m.Math, tuple[Block, ...]]] = {}
    affine_maps = {layer_of(telling.graph, node).activation.quantity: node for node in layers(telling)}
    for after in telling.graph.nodes:
        record = activation_of(after)
        if record is None or record.name in found or record.name in ("linear", "phi"):
            continue
        before = affine_maps.get(after.quantity) or telling.graph.by_quantity[after.parents[0]]
        blocks = _told(telling, partial(derive_activation, record, y=f.Variable("y")), before)
        found[record.name] = (function_words(record.name), blocks)
    return list(found.values())


def activation_of(node: Node) -> Activation | None:
    """Return the record of an activation node."""
    match node.operation:
        case Elementwise(activation):
            return activation
        case SoftmaxLayer(softmax):
            return softmax
        case _:
            return None


def affine(telling: Telling) -> tuple[Block, ...]:
    """Return ∂a/∂w, ∂a/∂b and ∂a/∂h of one unit, with the terms that vanish."""
    node = layers(telling)[-1]
    operation = node.operation
    assert isinstance(operation, Affine)
    out = node.quantity.at(1).of_sample(1)
    formula = operation.element(node, out)
    terms = formula.terms if isinstance(formula, f.Sum) else (formula,)
    blocks: list[Block] = [
        paragraph("A pre-activation is a sum; each weight, and each input, stands in one term of it, and the derivatives "
                  "of all other terms vanish:")
    ]  # fmt: skip
    if len(terms) > MOST_TERMS + 1:
        return (*blocks, *generic_affine(telling))
    asked: list[Quantity] = [operation.weight(node, 1, 1), *node_bias(operation, node)]
    if len(layers(telling)) > 1:
        asked.append(node.parent(0, out.sample, 1))
    for by in asked:
        blocks += _told(telling, partial(derive, formula, f.Ref(by)))
    return tuple(blocks)


def node_bias(operation: Affine, node: Node) -> list[Quantity]:
    """Return the bias of the first unit, if there is one."""
    bias = operation.bias(node, 1)
    return [] if bias is None else [bias]


def generic_affine(telling: Telling) -> tuple[Block, ...]:
    """Return the derivatives of a long pre-activation in one line each, for the unit in general."""
    w, x, b = (f.Variable(name) for name in ("w", "x", "b"))
    return (*_told(telling, lambda: derive(w * x + b, w)), *_told(telling, lambda: derive(w * x + b, b)))


def output_delta(telling: Telling) -> tuple[Block, ...]:
    """Return ∂L/∂a of the output from first principles, where the two derivatives have something to cancel."""
    last = layers(telling)[-1]
    record = activation_of(layer_of(telling.graph, last).activation)
    loss = telling.graph.root.operation
    assert isinstance(loss, TotalLoss)
    if record is None or record.name in ("linear", "phi") or (loss.pair is None and record.elementwise):
        return ()
    if telling.model.reference is not None:
        return ()
    return _told(telling, lambda: derive_delta(record, loss.loss, loss.scale))


def _told(telling: Telling, make: Callable[[], Derivation], node: Node | None = None) -> tuple[Block, ...]:
    return told(make, typesetter(telling, node))


def told(make: Callable[[], Derivation], typeset: Typesetter) -> tuple[Block, ...]:
    """Return a derivation's blocks; one that cannot be finished says so and shows only its proven lines."""
    try:
        derivation = make()
    except Unfinished as unfinished:
        return (paragraph(f"This derivation is not finished here: {unfinished.reason}."),)
    return tuple(derivation_blocks(derivation, typeset))
