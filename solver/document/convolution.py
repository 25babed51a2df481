"""The worked solution of a convolutional network: what is given, the window that slides, and how it is read.

The dense layers after the maps are told by the modules of a dense network.
"""

from __future__ import annotations

from math import prod

from solver.document import map_figures
from solver.document.convolution_backward import backward
from solver.document.convolution_forward import forward
from solver.document.given import (
    activation_name,
    digits,
    elided,
    elision,
    functions,
    layer_rows,
    layers,
    loss_line,
    loss_words,
    stages,
)
from solver.document.maps import Maps, has_dense, maps_of
from solver.document.nodes import Block, Document, Equation, EquationLine, Phrase, Section
from solver.document.order import in_order
from solver.document.telling import Telling, written
from solver.document.words import count, function_words, line, listed, paragraph, phrase
from solver.graph.dense import Elementwise
from solver.notation import math as m
from solver.quantities import Quantity
from solver.trace.asked import asked


def explain_convolution(telling: Telling) -> Document:
    """Return the document of a convolutional network."""
    what = asked(telling.problem, telling.model)
    telling, back = backward(telling, what)
    return in_order(telling, what, forward=[given(telling), forward(telling)], backward=[back])


def given(telling: Telling) -> Section:
    """Return the section that states the problem."""
    maps = maps_of(telling.graph)
    blocks: list[Block] = [
        paragraph(*architecture(telling, maps)),
        data(telling, maps),
        paragraph(*loss_words(telling)),
        loss_line(telling),
        map_figures.named(telling, maps),
        paragraph(*reading(telling, maps)),
        *functions(telling),
        *stages(telling),
        paragraph(*digits(telling)),
    ]
    if elided(telling):
        blocks.append(paragraph(*elision(telling)))
    return Section(phrase("Given"), tuple(blocks))


def size(sides: tuple[int, ...]) -> m.Math:
    """Return 3 × 3; of a sequence its length."""
    items: list[m.Math] = []
    for side in sides:
        items += [m.Operator("×")] if items else []
        items.append(m.Digits(str(side)))
    return m.row(*items)


def extent(sides: tuple[int, ...]) -> Phrase:
    """Return the size of a window in words: 3 × 3, or "length 3"."""
    return phrase(f"length {sides[0]}") if len(sides) == 1 else phrase(size(sides))


def architecture(telling: Telling, maps: Maps) -> Phrase:
    """Return the network in a few sentences: kernel and input, activation, pooling, dense layers."""
    entering, leaving = maps.channels
    windows = maps.windows
    of_channels = f" with {count(entering, 'channel')}" if entering > 1 else ""
    numbers = count(windows.sides[0], "number")
    what = phrase(f"a sequence of {numbers}") if maps.flat else phrase("a ", size(windows.sides), " input")
    kernels = phrase(count(leaving, "kernel"), " of ", extent(windows.size))
    each = ", each on all of them" if entering > 1 and leaving > 1 else ""
    parts: list[str | m.Math | Phrase] = [
        "The network lays ",
        kernels,
        " on ",
        what,
        of_channels,
        each,
        step(maps),
        ".",
    ]
    parts.append(activated(maps))
    pooling = maps.pooling
    if pooling is not None:
        kind = "Max" if maps.takes_largest else "Average"
        taken = "the largest entry" if maps.takes_largest else "the mean"
        apart = (
            "side by side" if pooling.stride == pooling.size[0] else f"{count(pooling.stride, 'place')} apart"
        )
        parts += [
            f" {kind} pooling keeps {taken} of each window of ",
            size(pooling.size),
            f", windows {apart}.",
        ]
    if has_dense(telling.graph):
        dense = [
            phrase(count(node.shape[0], "unit"), " (", activation_name(telling, node), ")")
            for node in layers(telling)
        ]
        noun = "A dense layer of " if len(dense) == 1 else "Dense layers of "
        reads = "reads" if len(dense) == 1 else "read"
        parts += [" ", noun, listed(dense), f" {reads} the {count(maps.length, 'number')} that are left."]
    return phrase(*parts)


def step(maps: Maps) -> str:
    """Return how the window moves, and what is around the input."""
    windows = maps.windows
    words = f", moved by {count(windows.stride, 'place')} at a time" if windows.stride > 1 else ""
    if windows.padding:
        around = "at each end" if maps.flat else "around it"
        zeros = count(windows.padding, "zero") if maps.flat else count(windows.padding, "ring") + " of zeros"
        words += f", with {zeros} {around}"
    return words


def activated(maps: Maps) -> Phrase:
    """Return what is applied to the cells of the map."""
    operation = maps.activation.operation
    if maps.linear:
        return phrase(" No activation function follows.")
    name = function_words(operation.activation.name) if isinstance(operation, Elementwise) else "softmax"
    return phrase(f" Every cell passes through the {name} function.")


def data(telling: Telling, maps: Maps) -> Equation:
    """Return input, target, rate, kernels and the parameters of the dense layers."""
    graph = telling.graph
    first = [shown(telling, part) for part in telling.parts(maps.input)]
    targets = [shown(telling, part) for name in graph.targets for part in telling.parts(name)]
    training = telling.model.training
    if training is not None:
        targets.append(line(telling.letters.notation.letter("rate"), ("=", written(training.rate))))
    rows: list[tuple[EquationLine, ...]] = in_rows(first) if len(first) > 1 else []
    rows += in_rows(targets if rows else [*first, *targets])
    return Equation((*rows, *kernel_rows(telling, maps), *layer_rows(telling)))


def kernel_rows(telling: Telling, maps: Maps) -> list[tuple[EquationLine, ...]]:
    """Return the kernels, those of one output channel on one row with its bias."""
    biases = [] if maps.bias is None else shown_biases(telling, maps.bias)
    rows: list[tuple[EquationLine, ...]] = []
    for out in range(1, maps.channels[1] + 1):
        lines = [shown(telling, part) for part in telling.parts(maps.kernel) if part.index[0] == out]
        own = biases[out - 1 : out] if len(biases) > 1 else biases if out == 1 else []
        rows += in_rows([*lines, *own])
    return rows


def in_rows(lines: list[EquationLine], across: int = 3) -> list[tuple[EquationLine, ...]]:
    """Return lines side by side, a few in each row."""
    return [tuple(lines[at : at + across]) for at in range(0, len(lines), across)]


def shown(telling: Telling, part: Quantity) -> EquationLine:
    """Return an array, or one channel of it, with its values."""
    return line(telling.letters(part), ("=", telling.column(part)))


def shown_biases(telling: Telling, bias: Quantity) -> list[EquationLine]:
    """Return the bias of each channel, or that of all."""
    shape = telling.graph.node(bias).shape
    elements = [bias] if shape == () else [bias.at(k) for k in range(1, shape[0] + 1)]
    return [line(telling.letters(element), ("=", telling.value(element))) for element in elements]


def reading(telling: Telling, maps: Maps) -> Phrase:
    """Return how to read the letters, and how many places the window has."""
    letters = telling.letters
    start = (1,) * len(maps.windows.sides)
    last = (*start[1:], min(2, maps.windows.size[-1]))
    weight, cell = maps.kernel.at(1, 1, *last), maps.convolved.quantity.at(1, *start)
    entry = f"place {last[0]}" if maps.flat else f"row {last[0]}, column {last[1]}"
    several = ""
    if prod(maps.channels) > 1:
        several = (
            "; indices before the comma are channels" if maps.channels[1] == 1 or maps.channels[0] == 1
            else "; the indices before the comma are the channel that is written and the one that is read"
        )  # fmt: skip
    return phrase(
        "Here ", letters(weight), f" is the kernel’s entry in {entry}, and ", letters(cell),
        " the cell that the first window gives", several, ". ", *places(maps),
    )  # fmt: skip


def places(maps: Maps) -> Phrase:
    """Return how many places fit along each side: ⌊(n + 2p − k)/s⌋ + 1."""
    windows = maps.windows
    shown_sides: list[Phrase] = []
    for side, length, fits in dict.fromkeys(zip(windows.sides, windows.size, windows.places, strict=True)):
        top: list[m.Math] = [m.Digits(str(side))]
        if windows.padding:
            top += [m.Operator("+"), m.Digits("2"), m.Operator("·"), m.Digits(str(windows.padding))]
        top += [m.Operator("−"), m.Digits(str(length))]
        body: m.Math = m.row(*top)
        if windows.stride > 1:
            exact = (side + 2 * windows.padding - length) % windows.stride == 0
            body = m.Fraction(body, m.Digits(str(windows.stride)), small=True)
            body = body if exact else m.Fenced(body, "⌊", "⌋")
        whole = m.row(body, m.Operator("+"), m.Digits("1"), m.Operator("="), m.Digits(str(fits)))
        shown_sides.append(phrase(whole))
    where = "the sequence" if maps.flat else "each side" if len(shown_sides) == 1 else "the two sides"
    return phrase(f"Along {where} the window has ", listed(shown_sides), " places.")
