"""The backward pass of a convolution: through the dense layers, the pooling and the activation to the kernel.

∂L/∂K = x ∗ ∂L/∂Z: every window position adds its delta times what lay under the kernel entry, which is the map of deltas
laid on the input. Source: Goodfellow, Bengio, Courville (2016), Deep Learning, section 9.5.
"""

from __future__ import annotations

from collections.abc import Callable

from solver import formula as f
from solver.document import backward_paths as paths
from solver.document import convolution_forward as terms
from solver.document import map_figures, slopes
from solver.document.backward_matrix import definition, layer_sections, refused
from solver.document.convolution_forward import whole
from solver.document.deltas import handed_back, handed_back_numbers
from solver.document.forward import entering
from solver.document.given import layers
from solver.document.guide import Guide
from solver.document.maps import Maps, cells, has_dense, maps_of, taken
from solver.document.nodes import Block, EquationLine, Figure, Phrase, Section, Step, Together
from solver.document.outer_products import penalised
from solver.document.telling import Telling, written
from solver.document.words import count, equation, listed, paragraph, phrase, small
from solver.graph.dense import Affine, TotalLoss
from solver.graph.node import Node
from solver.notation import math as m
from solver.notation.convention import derivative
from solver.quantities import Key, Part, Quantity
from solver.trace.asked import Asked, line_formulas
from solver.trace.chain import Chain, chain_rule, local_gradient, partial_formula


def backward(telling: Telling, what: Asked) -> tuple[Telling, Section]:
    """Return the backward pass in the form asked for, and the context with all keys that it defines."""
    maps = maps_of(telling.graph)
    if what.form == "matrix":
        telling = telling.defining(slopes.slope_parts(telling) | slope_parts(telling, maps))
        return telling, by_arrays(telling, maps, what)
    chains = chain_rule(
        telling.graph, what.elements, stations=telling.graph.stations, blocked=unread(telling, maps)
    )
    telling = telling.defining(line_formulas(telling.problem, telling.model, what) | dict(chains.definitions))
    return telling, paths.backward_paths(telling, what, chains, Guide(route, lit))


def unread(telling: Telling, maps: Maps) -> Callable[[Quantity, Quantity], bool] | None:
    """Return whether a pooled cell takes nothing from an entry of its window, because another is the largest."""
    if maps.pooled is None or not maps.takes_largest:
        return None
    givers = {cell: entry for entry, given in taken(telling, maps).items() for cell in given}

    def blocked(of: Quantity, by: Quantity) -> bool:
        return of in givers and by != givers[of]

    return blocked


KINKED_AT_ZERO = frozenset({"relu", "leaky_relu", "step"})
"""Activations whose slope jumps at 0."""

MOST_PLACES = 16
"""Window positions whose products are written out for the first kernel weight."""


# --- paths -----------------------------------------------------------------------------------------------


def route(telling: Telling, chain: Chain) -> Phrase:
    """Return where a kernel weight sits and what it meets; of a dense weight the words of a dense layer."""
    maps = maps_of(telling.graph)
    parameter, letters = chain.target.value, telling.letters
    if parameter.whole not in (maps.kernel, maps.bias):
        return paths.route(telling, chain)
    positions, open_ = maps.windows.count, len(chain.products)
    if parameter.whole == maps.bias:
        start = phrase(
            "The bias ", letters(parameter), f" is added at each of the {count(positions, 'place')}."
        )
    else:
        start = phrase(
            "The weight ", letters(parameter), f" is used at each of the {count(positions, 'place')}, and meets one "
            "entry of the input there.",
        )  # fmt: skip
    if maps.output is not maps.activation and maps.takes_largest and open_ < positions:
        hands = f" {count(open_, 'of them', 'of them').capitalize()} {'hands' if open_ == 1 else 'hand'} a gradient back"
        return phrase(start, hands, " and adds one product" if open_ == 1 else ", and each adds one product",
                      "; the others are pooled away.")  # fmt: skip
    return phrase(start, " Each place adds one product.")


def lit(telling: Telling, chain: Chain) -> Figure | None:
    """Return the drawing of what a kernel weight meets; of a dense weight the network with its paths lit."""
    maps = maps_of(telling.graph)
    parameter = chain.target.value
    if parameter.whole == maps.kernel:
        return map_figures.met(telling, maps, parameter)
    if parameter.whole == maps.bias:
        return None
    return paths.DENSE.lit(telling, chain)


# --- arrays ----------------------------------------------------------------------------------------------


def slope_parts(telling: Telling, maps: Maps) -> dict[Key, f.Formula]:
    """Return the slopes f′(Z) of all cells as keys with their textbook formula."""
    found: dict[Key, f.Formula] = {}
    for cell in cells(telling, maps.convolved):
        output = maps.activation.quantity.at(*cell.index).of_sample(cell.sample)
        found[Part("slope", cell)] = partial_formula(telling.graph, output, cell)
    return found


def by_arrays(telling: Telling, maps: Maps, what: Asked) -> Section:
    """Return the backward pass array by array, from the loss down to the kernel."""
    wanted = set(what.parameters)
    blocks: list[Block] = [*refused(what)]
    chain = layers(telling)
    if chain:
        blocks.append(paragraph(*definition(telling)))
        blocks += layer_sections(telling, wanted, 0, "The dense layer")
    inside = [*arriving(telling, maps)]
    if wanted & {maps.kernel, maps.bias, maps.input}:
        if maps.pooled is not None:
            inside += unpooled(telling, maps, maps.pooled)
        inside += through_activation(telling, maps)
        blocks.append(Section(phrase("The maps"), tuple(inside), 2))
        blocks.append(Section(phrase(kernel_title(maps, wanted)), tuple(at_kernel(telling, maps, wanted)), 2))
    return Section(phrase("Backward pass"), tuple(blocks))


def kernel_title(maps: Maps, wanted: set[Quantity]) -> str:
    """Return the heading of what is found at the window: the kernel, the input, or both."""
    own = bool(wanted & {maps.kernel, maps.bias})
    if maps.input not in wanted:
        return "The kernel"
    return "The kernel and the input" if own else "The input"


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


def at_kernel(telling: Telling, maps: Maps, wanted: set[Quantity]) -> list[Block]:
    """Return ∂L/∂K, ∂L/∂b and, where it is asked for, ∂L/∂x."""
    graph, letters = telling.graph, telling.letters
    blocks: list[Block] = []
    if maps.kernel in wanted:
        first = next(iter(graph.elements(maps.kernel)))
        figure = map_figures.spread(telling, maps)
        words = paragraph(
            f"A kernel weight is used at each of the {count(maps.windows.count, 'place')}, and each place adds its "
            "gradient times the entry that the weight met there. So the map of gradients is laid on the input as the "
            "kernel was",
            "" if maps.windows.stride == 1 else f", its entries {count(maps.windows.stride, 'place')} apart", ":",
        )  # fmt: skip
        rules = [
            EquationLine(letters(gradient), (Step("=", body),))
            for gradient, body in kernel_rules(telling, maps)
        ]
        drawn = [figure] if figure is not None else []
        blocks.append(Together((words, equation(kernel_sum(telling, maps), *rules), *drawn)))
        if maps.windows.count <= MOST_PLACES:
            blocks.append(equation(telling.line(first.gradient(), local_gradient(graph, first))))
            blocks.append(paragraph("and likewise for the other weights:"))
        blocks.append(whole(telling, maps.kernel.gradient()))
    if maps.bias is not None and maps.bias in wanted:
        words = paragraph("The bias is added at every place, so the gradients are summed:")
        blocks += [words, equation(*bias_lines(telling, maps, maps.bias))]
    if maps.input in wanted:
        blocks += at_input(telling, maps)
    return blocks


def kernel_sum(telling: Telling, maps: Maps) -> EquationLine:
    """Return ∂L/∂K_{uv} = Σ ∂L/∂Z_{ij} x_{i+u−1, j+v−1}, in letters."""
    loss, kernel = telling.letters(telling.graph.root.quantity), terms.kernel_symbol(telling, maps)
    cell = derivative(loss, terms.cell_symbol(telling, maps))
    product = m.row(cell, m.Space(0.17), terms.entry_symbol(telling, maps))
    names: list[m.Math] = [m.Symbol("i")] if maps.flat else [m.Symbol("i"), m.Operator(","), m.Symbol("j")]
    total: m.Math = m.BigOperator("Σ", product, m.row(*names))
    operation = telling.graph.root.operation
    if isinstance(operation, TotalLoss) and operation.penalty is not None:
        total = m.row(total, m.Operator("+"), written(operation.penalty.strength), m.Space(0.17), kernel)
    return EquationLine(derivative(loss, kernel), (Step("=", total),))


def kernel_rules(telling: Telling, maps: Maps) -> list[tuple[Quantity, m.Math]]:
    """Return (∂L/∂K, ∂L/∂Z ∗ X) channel by channel; only the first where there are many."""
    found: list[tuple[Quantity, m.Math]] = []
    for kernel in telling.parts(maps.kernel):
        out, entering_ = kernel.index
        z, x = maps.convolved.quantity.at(out).gradient(), maps.input.at(entering_)
        body = m.row(telling.letters(z), m.Operator("∗"), telling.letters(x))
        found.append((kernel.gradient(), penalised(telling, kernel, body, None)[0]))
    return found if len(found) <= 2 else found[:1]


def bias_lines(telling: Telling, maps: Maps, bias: Quantity) -> list[EquationLine]:
    """Return ∂L/∂b = Σ ∂L/∂Z, of each channel; term by term where there are few cells."""
    graph = telling.graph
    elements = list(graph.elements(bias)) if graph.node(bias).shape else [bias]
    if maps.windows.count <= MOST_PLACES // 2:
        return [telling.line(b.gradient(), local_gradient(graph, b)) for b in elements]
    lines: list[EquationLine] = []
    for b in elements:
        z = telling.letters(maps.convolved.quantity.at(*(b.index or (1,))).gradient())
        total = m.row(m.Symbol("sum"), m.Fenced(z))
        lines.append(
            EquationLine(
                telling.letters(b.gradient()), (Step("=", total), Step("=", telling.value(b.gradient())))
            )
        )
    return lines


def at_input(telling: Telling, maps: Maps) -> list[Block]:
    """Return ∂L/∂x: each entry collects one product from every window that covers it."""
    first = next(iter(cells(telling, telling.graph.node(maps.input))))
    return [
        paragraph("An entry of the input collects one product from every window that covers it:"),
        equation(telling.line(first.gradient(), local_gradient(telling.graph, first))),
        paragraph("and likewise for the other entries:"),
        whole(telling, maps.input.gradient()),
    ]
