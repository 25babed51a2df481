"""The gradients of the maps in matrix form: from the loss or the dense layer back through pooling and activation."""

from __future__ import annotations

from solver import formula as f
from solver.document import slopes
from solver.document.convolution_forward import whole
from solver.document.deltas import handed_back, handed_back_numbers
from solver.document.forward import entering
from solver.document.given import layers
from solver.document.maps import Maps, cells, has_dense, taken
from solver.document.nodes import Block, EquationLine, Phrase, Step
from solver.document.telling import Telling
from solver.document.words import equation, listed, paragraph, phrase, small
from solver.graph.dense import Affine, TotalLoss
from solver.graph.node import Node
from solver.notation import math as m
from solver.quantities import Key, Part, Quantity
from solver.trace.chain import local_gradient, partial_formula

KINKED_AT_ZERO = frozenset({"relu", "leaky_relu", "step"})
"""Activations whose slope jumps at 0."""


def slope_parts(telling: Telling, maps: Maps) -> dict[Key, f.Formula]:
    """Return the slopes f′(Z) of all cells as keys with their textbook formula."""
    found: dict[Key, f.Formula] = {}
    for cell in cells(telling, maps.convolved):
        output = maps.activation.quantity.at(*cell.index).of_sample(cell.sample)
        found[Part("slope", cell)] = partial_formula(telling.graph, output, cell)
    return found


def arriving(telling: Telling, maps: Maps) -> list[Block]:
    """Return the gradient of the maps that are read on: from the dense layer, or from the loss."""
    node = maps.output
    if not has_dense(telling.graph):
        return from_loss(telling, node)
    above = layers(telling)[0]
    operation = above.operation
    assert isinstance(operation, Affine)
    letters = telling.letters
    vector = entering(telling, node)
    left = m.Fraction(
        m.row(m.Operator("∂"), letters(telling.graph.root.quantity)),
        m.row(m.Operator("∂"), m.Space(0.1), vector),
    )
    numbers = handed_back_numbers(telling, above)
    steps = (
        Step("=", handed_back(telling, above)),
        Step("=", numbers),
        Step(relation(telling, node.quantity), telling.flat(node.quantity.gradient())),
    )
    return [
        paragraph("The delta above, sent back through the weights, is"),
        equation(EquationLine(left, steps)),
        paragraph("and, written in the places of the map again,"),
        whole(telling, node.quantity.gradient()),
    ]


def from_loss(telling: Telling, node: Node) -> list[Block]:
    """Return the gradient of the loss as a function of the maps."""
    graph = telling.graph
    assert isinstance(graph.root.operation, TotalLoss)
    lines: list[EquationLine] = []
    for part in telling.parts(node.quantity):
        first = part.at(*part.index, *(1 for _ in graph.node(part).shape[len(part.index) :])).of_sample(1)
        formula = partial_formula(graph, graph.root.quantity, first)
        plain = not any(isinstance(inner, f.Quotient | f.Cases | f.Call) for inner in f.walk(formula))
        steps: list[Step] = []
        if plain:
            steps.append(Step("=", telling.symbols(widened(formula, part.index))))
            steps.append(Step("=", arrays(telling, widened(formula, part.index))))
        value = telling.column(part.gradient())
        steps.append(Step(relation(telling, part) if plain else "=", value))
        lines.append(EquationLine(telling.letters(part.gradient()), tuple(steps)))
    return [paragraph("The loss as a function of the maps has the gradient"), equation(*lines)]


def widened(formula: f.Formula, channel: tuple[int, ...]) -> f.Formula:
    """Return a formula of elements as one of whole channels."""

    def widen(node: f.Formula) -> f.Formula | None:
        if isinstance(node, f.Ref) and isinstance(node.quantity, Quantity):
            return f.Ref(node.quantity.at(*channel).of_sample(None))
        return None

    return f.transform(formula, widen)


def arrays(telling: Telling, formula: f.Formula) -> m.Math:
    """Return a formula of whole channels with their matrices put in."""
    return telling.typeset(
        formula, lambda key: telling.column(key) if isinstance(key, Quantity) else telling.value(key)
    )


def relation(telling: Telling, quantity: Quantity) -> str:
    """Return whether the shown gradient of an array, or a channel, follows from what its readers show."""
    graph = telling.graph
    found = [
        element
        for element in cells(telling, graph.node(quantity))
        if element.index[: len(quantity.index)] == quantity.index
    ]
    return telling.follows((element.gradient(), local_gradient(graph, element)) for element in found)


def unpooled(telling: Telling, maps: Maps, node: Node) -> list[Block]:
    """Return ∂L/∂A: what each entry of ∂L/∂P is handed to."""
    blocks: list[Block] = []
    if maps.takes_largest:
        blocks.append(paragraph(*handed_to(telling, maps)))
    else:
        windows = maps.pooling
        assert windows is not None
        entries = len(list(windows.members((1,) * len(windows.sides))))
        share = m.Fraction(m.Digits("1"), m.Digits(str(entries)), small=True)
        blocks.append(
            paragraph(
                "The mean hands its gradient on in equal parts: each entry of a window receives ",
                share,
                " of it.",
            )
        )
    return [*blocks, whole(telling, maps.activation.quantity.gradient())]


def handed_to(telling: Telling, maps: Maps) -> Phrase:
    """Return where the maxima came from, and which entries gave several."""
    letters = telling.letters
    givers = taken(telling, maps)
    pairs = [
        phrase(listed([letters(cell) for cell in given]), " to ", letters(entry))
        for entry, given in givers.items()
    ]
    words: list[str | m.Math | Phrase] = [
        "The maximum hands its gradient to the entry that it was taken from, and to no other"
    ]
    if len(pairs) <= 6:
        words += [": ", listed(pairs)]
    words.append(". All other entries have gradient 0.")
    several = [entry for entry, given in givers.items() if len(given) > 1]
    if several:
        words += [
            " ",
            listed([letters(entry) for entry in several]),
            " gave the maximum of several windows, and the gradients add up.",
        ]
    return phrase(*words)


def through_activation(telling: Telling, maps: Maps) -> list[Block]:
    """Return ∂L/∂Z = ∂L/∂A ∘ f′(Z), channel by channel."""
    letters = telling.letters
    pairs = list(
        zip(telling.parts(maps.convolved.quantity), telling.parts(maps.activation.quantity), strict=True)
    )
    if maps.linear:
        same = [small(m.row(letters(z.gradient()), m.Operator("="), letters(a.gradient()))) for z, a in pairs]
        return [paragraph("Without an activation function ", listed(same), ".")]
    lines: list[EquationLine] = []
    times = m.Operator(letters.notation.hadamard)
    for z, a in pairs:
        slope = slopes.slope_symbol(telling, maps.activation, letters(a), letters(z))
        assert slope is not None
        numbers = m.row(
            telling.column(a.gradient()),
            times,
            telling.array(z, lambda key: telling.value(Part("slope", key))),
        )
        told = (
            (cell.gradient(), f.Product((f.Ref(twin(maps, cell).gradient()), f.Ref(Part("slope", cell)))))
            for cell in cells(telling, maps.convolved)
            if cell.index[: len(z.index)] == z.index
        )
        steps = (
            Step("=", m.row(letters(a.gradient()), times, slope)),
            Step("=", numbers),
            Step(telling.follows(told), telling.column(z.gradient())),
        )
        lines.append(EquationLine(letters(z.gradient()), steps))
    return [
        paragraph("With the slope of the activation, cell by cell,"),
        equation(*lines),
        *kinks(telling, maps),
    ]


def twin(maps: Maps, cell: Quantity) -> Quantity:
    """Return the activation of a cell."""
    return maps.activation.quantity.at(*cell.index).of_sample(cell.sample)


def kinks(telling: Telling, maps: Maps) -> list[Block]:
    """Return which cells lie at the kink of the activation, and the slope that is agreed there."""
    operation = maps.activation.operation
    record = getattr(operation, "activation", None)
    if record is None or record.name not in KINKED_AT_ZERO or telling.ledger is None:
        return []
    at = [cell for cell in cells(telling, maps.convolved) if not telling.ledger.number(cell).sign]
    if not at:
        return []
    names = listed([telling.letters(cell) for cell in at])
    slope = telling.value(Part("slope", at[0]))
    verb = "is" if len(at) == 1 else "are"
    return [
        paragraph(names, f" {verb} 0, at the kink of the function, where the slope is taken as ", slope, ".")
    ]
