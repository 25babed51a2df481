"""The forward pass of a convolution: the sum under the window, first cell in full; activation, pooling, flattening."""

from __future__ import annotations

from math import prod

from solver import formula as f
from solver.document import forward as dense
from solver.document import map_figures
from solver.document.given import layers
from solver.document.maps import Maps, cells, has_dense, maps_of, ties
from solver.document.nodes import Block, Equation, EquationLine, Section, Step, Together
from solver.document.telling import Telling
from solver.document.words import equation, listed, paragraph, phrase
from solver.graph.dense import Elementwise
from solver.graph.node import Node
from solver.notation import math as m
from solver.notation.names import function_name
from solver.quantities import Quantity

MOST_CELLS = 4
"""Cells of a map that have lines of their own; of a larger one the first is told, and the rest is an array."""


MOST_TERMS = 60
"""Numbers in the line of one cell; past it the map stands alone."""


def forward(telling: Telling) -> Section:
    """Return the section of the forward pass."""
    maps = maps_of(telling.graph)
    blocks: list[Block] = [*convolved(telling, maps), *activated(telling, maps)]
    if maps.pooled is not None:
        blocks += pooled(telling, maps, maps.pooled)
    if has_dense(telling.graph):
        blocks += flattened(telling, maps)
    for node in layers(telling):
        blocks += dense.layer(telling, node)
    blocks += dense.loss(telling)
    return Section(phrase("Forward pass"), tuple(blocks))


def convolved(telling: Telling, maps: Maps) -> list[Block]:
    """Return Z: the rule, the first window in full, and the map."""
    body = m.row(kernel_on_input(telling, maps), *plus_bias(telling, maps))
    rule = EquationLine(cell_symbol(telling, maps), (Step("=", body),))
    words = paragraph(
        "The kernel is laid on every place of the input as it is, without being turned over, and each cell is the sum of "
        "the products under it:"
    )
    padding = "Entries that lie on the padding are 0 and left out. " if maps.windows.padding else ""
    first = phrase(padding, "At the first place the window covers the shaded entries:")
    figure = map_figures.computed(telling, maps)
    return [
        words,
        equation(rule),
        Together((paragraph(*first), figure)),
        *told(telling, maps.convolved),
    ]


def told(telling: Telling, node: Node) -> list[Block]:
    """Return the cells of a map: each on a line, or the first in full and then the whole map."""
    found = cells(telling, node)
    each = telling.work.form == "paths" and len(found) <= MOST_CELLS
    made = [(cell, telling.graph.made_by(cell)) for cell in (found if each else found[:1])]
    if any(len(list(f.references(formula))) > MOST_TERMS for _, formula in made):
        return [whole(telling, node.quantity)]
    lines = [telling.line(cell, formula) for cell, formula in made]
    if telling.work.detail == "first":
        lines = [lines[0], *(EquationLine(line.left, line.steps[-1:]) for line in lines[1:])]
    blocks: list[Block] = [equation(*lines)]
    if len(found) > len(lines):
        blocks += [paragraph("and likewise at the other places:"), whole(telling, node.quantity)]
    return blocks


def whole(telling: Telling, quantity: Quantity) -> Equation:
    """Return an array as matrices, one for each channel, two side by side."""
    lines = [
        EquationLine(telling.letters(part), (Step("=", telling.column(part)),))
        for part in telling.parts(quantity)
    ]
    return Equation(tuple(tuple(lines[at : at + 2]) for at in range(0, len(lines), 2)))


def cell_symbol(telling: Telling, maps: Maps) -> m.Math:
    """Return Z_{ij}, or Z_{o,ij} with several channels."""
    return indexed(
        telling, maps.convolved.quantity, *outer(telling, maps.convolved.quantity), *at(maps, "i", "j")
    )


def outer(telling: Telling, whole_: Quantity) -> list[m.Math]:
    """Return the letters of the written channel axes of Z or K: o for what is written, c for what is read."""
    axes = telling.letters.shape.axes[whole_.array_name]
    names = ("o", "c") if len(axes.channels) == 2 else ("c",) if whole_.base == "x" else ("o",)
    kept = [m.Symbol(name) for name, length in zip(names, axes.channels, strict=True) if length > 1]
    return [*kept, m.Operator(",")] if kept else []


def at(maps: Maps, row: str, column: str) -> list[m.Math]:
    """Return the letters of a place."""
    return [m.Symbol(row)] if maps.flat else [m.Symbol(row), m.Symbol(column)]


def indexed(telling: Telling, whole_: Quantity, *sub: m.Math) -> m.Math:
    """Return a letter with letters as indices."""
    first = telling.letters(whole_.at(*(1 for _ in telling.graph.node(whole_).shape)))
    letter = first.base if isinstance(first, m.Script) else first
    return m.Script(letter, sub=m.row(*sub)) if sub else letter


def kernel_symbol(telling: Telling, maps: Maps) -> m.Math:
    """Return K_{uv}, or K_{oc,uv} with several channels."""
    return indexed(telling, maps.kernel, *outer(telling, maps.kernel), *at(maps, "u", "v"))


def entry_symbol(telling: Telling, maps: Maps) -> m.Math:
    """Return x_{i+u−1, j+v−1}, the entry under the kernel's entry u, v at place i, j."""
    moved = [reached(maps, *pair) for pair in (("i", "u"), ("j", "v"))[: len(maps.windows.sides)]]
    inside: list[m.Math] = [moved[0]] if maps.flat else [moved[0], m.Operator(","), moved[1]]
    return indexed(telling, maps.input, *outer(telling, maps.input), *inside)


def kernel_on_input(telling: Telling, maps: Maps) -> m.Math:
    """Return Σ_u Σ_v K_{uv} x_{i+u−1, j+v−1}, with a sum over channels where there are several."""
    total: m.Math = m.row(kernel_symbol(telling, maps), m.Space(0.17), entry_symbol(telling, maps))
    for name, length in reversed(list(zip(("u", "v"), maps.windows.size, strict=False))):
        total = summed(total, name, length)
    return summed(total, "c", maps.channels[0]) if maps.channels[0] > 1 else total


def summed(body: m.Math, name: str, length: int) -> m.Math:
    """Return Σ_{name=1}^{length} body."""
    below = m.row(m.Symbol(name), m.Operator("="), m.Digits("1"))
    return m.BigOperator("Σ", body, below, m.Digits(str(length)))


def reached(maps: Maps, place: str, offset: str) -> m.Math:
    """Return s(i − 1) + u − p, the place of the input under entry u of the window at place i."""
    stride, padding = maps.windows.stride, maps.windows.padding
    i, u = m.Symbol(place), m.Symbol(offset)
    if stride == 1:
        return m.row(i, m.Operator("+"), u, m.Operator("−"), m.Digits(str(padding + 1)))
    start = m.row(
        m.Digits(str(stride)), m.Fenced(m.row(i, m.Operator("−"), m.Digits("1"))), m.Operator("+"), u
    )
    return m.row(start, m.Operator("−"), m.Digits(str(padding))) if padding else start


def plus_bias(telling: Telling, maps: Maps) -> list[m.Math]:
    """Return "+ b", with the index of the channel where there are several."""
    if maps.bias is None:
        return []
    channels = telling.graph.node(maps.bias).shape
    first = telling.letters(maps.bias.at(1) if channels else maps.bias)
    letter = first.base if isinstance(first, m.Script) else first
    several = channels and channels[0] > 1
    return [m.Operator("+"), m.Script(letter, sub=m.Symbol("o")) if several else letter]


def activated(telling: Telling, maps: Maps) -> list[Block]:
    """Return A = f(Z)."""
    letters = telling.letters
    pairs = list(
        zip(telling.parts(maps.activation.quantity), telling.parts(maps.convolved.quantity), strict=True)
    )
    if maps.linear:
        same = [m.row(letters(a), m.Operator("="), letters(z)) for a, z in pairs]
        return [paragraph("No activation function follows: ", listed(same), ".")]
    operation = maps.activation.operation
    assert isinstance(operation, Elementwise)
    name = m.Symbol(function_name(operation.activation.name) or operation.activation.name)
    lines = [
        EquationLine(letters(a), (Step("=", m.row(name, m.Fenced(letters(z)))), Step("=", telling.column(a))))
        for a, z in pairs
    ]
    return [paragraph("Cell by cell the activations are"), equation(*lines)]


def pooled(telling: Telling, maps: Maps, node: Node) -> list[Block]:
    """Return P, and which entry is taken where several are largest."""
    takes = "the largest entry" if maps.takes_largest else "the mean"
    blocks: list[Block] = [
        paragraph(f"Pooling keeps {takes} of each window:"),
        *told(telling, node),
    ]
    tied = list(ties(telling, maps))
    if tied:
        names = listed([telling.letters(cell) for cell, _ in tied])
        taken = listed([telling.letters(entry) for _, entry in tied])
        one = len(tied) == 1
        blocks.append(
            paragraph(
                "In the window", "" if one else "s", " of ", names, " several entries are largest; the first in reading "
                "order is taken: ", taken, "." if one else ", in this order.",
            )
        )  # fmt: skip
    return blocks


def flattened(telling: Telling, maps: Maps) -> list[Block]:
    """Return the vector that the dense layers read."""
    node = maps.output
    order = "row by row" if not maps.flat else "from left to right"
    if prod(node.shape[:1]) > 1:
        order = f"channel after channel, {order}"
    noun = "map is" if node.shape[0] == 1 else "maps are"
    words = paragraph(
        f"Read {order}, the {'pooled ' if maps.pooled else ''}{noun} the vector that enters the dense layer:"
    )
    return [
        words,
        equation(EquationLine(dense.entering(telling, node), (Step("=", telling.flat(node.quantity)),))),
    ]


__all__ = ["forward", "whole"]
