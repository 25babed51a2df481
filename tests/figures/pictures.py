"""Pictures to draw in the tests: networks of any widths with every weight named, random paths, the published circuits."""

from __future__ import annotations

import random
from itertools import pairwise, product

from hypothesis import strategies as st

from solver.figures.circuit import CircuitPicture, Component
from solver.figures.picture import Edge, Highlight, LitPath, NetworkPicture, Neuron
from solver.figures.scene import Role
from solver.notation.math import Accent, Digits, Math, Operator, Script, Symbol
from solver.quantities import Quantity

TONES: tuple[Role, ...] = ("path-1", "path-2", "path-3", "path-4")


def indexed(letter: str, *index: int) -> Math:
    """Return a letter with digits below it."""
    return Script(Symbol(letter), Digits("".join(map(str, index))))


def x(index: int) -> Quantity:
    return Quantity("x", index=(index,))


def h(layer: int, index: int) -> Quantity:
    return Quantity("h", layer=layer, index=(index,))


LOSS = Quantity("L")


def network(
    widths: tuple[int, ...], *, seed: int = 0, split: bool = False, digits: int = 4, bias: bool = False
) -> NetworkPicture:
    """Return a network of these widths, with values for every node and weight, and a loss."""
    drawn = random.Random(seed)

    def value() -> Digits:
        return Digits(f"{drawn.uniform(-1, 1):.{digits}f}")

    columns = [[Neuron(x(i), indexed("x", i), value()) for i in range(1, widths[0] + 1)]]
    for layer, width in enumerate(widths[1:], start=1):
        last = layer == len(widths) - 1
        columns.append([])
        for i in range(1, width + 1):
            name = Script(Accent(Symbol("y"), "hat"), Digits(str(i))) if last else indexed("h", layer, i)
            before = Neuron(Quantity("a", layer=layer, index=(i,)), indexed("a", layer, i), value())
            columns[-1].append(Neuron(h(layer, i), name, value(), before))
    if bias:
        for layer, column in enumerate(columns[:-1], start=1):
            column.append(Neuron(Quantity("b", layer=layer), Digits("1"), kind="bias"))
    edges = []
    for layer, (left, right) in enumerate(pairwise(columns), start=1):
        for source, target in product(left, right):
            if target.kind == "neuron":
                letter = "b" if source.kind == "bias" else "w"
                label = indexed(letter, layer, *target.quantity.index, *source.quantity.index)
                edges.append(Edge(source.quantity, target.quantity, label, value()))
    loss = Neuron(LOSS, Symbol("L"), value())
    matrices = tuple(indexed("W", layer) for layer in range(1, len(widths)))
    return NetworkPicture(
        tuple(tuple(column) for column in columns), tuple(edges), loss, split=split, matrices=matrices
    )


def paths_from(picture: NetworkPicture, source: int, target: int) -> Highlight:
    """Return all paths from input `source` through neuron `target` of the first layer to the loss, each in its tone."""
    widths = [len(column) for column in picture.columns[2:]]
    lit = []
    for number, rest in enumerate(product(*(range(1, width + 1) for width in widths))):
        nodes = [x(source), h(1, target), *(h(layer, i) for layer, i in enumerate(rest, start=2)), LOSS]
        lit.append(LitPath(tuple(nodes), TONES[number % 4]))
    return Highlight(tuple(lit) if len(lit) > 1 else (LitPath(lit[0].nodes),))


@st.composite
def networks(draw: st.DrawFn) -> NetworkPicture:
    """Draw networks of 1 to 6 layers and columns of 1 to 9 neurons."""
    widths = draw(st.lists(st.integers(1, 9), min_size=2, max_size=7))
    return network(
        tuple(widths),
        seed=draw(st.integers(0, 1000)),
        split=draw(st.booleans()),
        digits=draw(st.integers(1, 5)),
        bias=draw(st.booleans()),
    )


@st.composite
def lit_networks(draw: st.DrawFn) -> tuple[NetworkPicture, Highlight]:
    """Draw a network and up to five random paths through it."""
    picture = draw(networks())
    paths = []
    for number in range(draw(st.integers(1, 5))):
        nodes = [
            draw(st.sampled_from([n for n in column if n.kind == "neuron"])) for column in picture.columns
        ]
        stops = (*(node.quantity for node in nodes), LOSS)
        paths.append(LitPath(stops[draw(st.integers(0, len(stops) - 2)) :], TONES[number % 4]))
    return picture, Highlight(tuple(paths))


def part(
    key: str, sign: str, parents: tuple[str, ...] = (), value: str = "", gradient: str = "", name: str = ""
) -> Component:
    """Return a component from plain text."""
    label: Math = Operator(sign) if sign in "+−×" else Symbol(sign)
    return Component(
        key,
        label,
        parents,
        Symbol(name) if name else None,
        Digits(value) if value else None,
        Digits(gradient) if gradient else None,
    )


# The first circuit of the Stanford course on convolutional networks: f = (x + y) z at (−2, 5, −4).
SUM_TIMES = CircuitPicture(
    (
        part("x", "x", (), "-2", "-4"),
        part("y", "y", (), "5", "-4"),
        part("z", "z", (), "-4", "3"),
        part("q", "+", ("x", "y"), "3", "-4", "q"),
        part("f", "×", ("q", "z"), "-12", "1", "f"),
    )
)


@st.composite
def circuits(draw: st.DrawFn) -> CircuitPicture:
    """Draw acyclic graphs of up to 25 nodes, some operands used twice, with values and gradients of any length."""
    size = draw(st.integers(1, 25))
    numbers = st.sampled_from(["3", "-0.25", "0.7311", "-12.3456"])
    parts = [part("n0", "x", (), draw(numbers), draw(numbers))]
    for i in range(1, size):
        operands = draw(st.lists(st.integers(0, i - 1), max_size=3))
        sign = draw(st.sampled_from(["+", "×", "max", "tanh"])) if operands else "x"
        parts.append(part(f"n{i}", sign, tuple(f"n{k}" for k in operands), draw(numbers), draw(numbers)))
    return CircuitPicture(tuple(parts))
