"""The network figures of a document: every name once, then the same drawing with a path lit."""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import lru_cache
from math import prod

from solver.document.layer import layer_of
from solver.document.nodes import Figure, Phrase
from solver.document.telling import Telling
from solver.figures.network import network_figure
from solver.figures.picture import Edge, Highlight, LitPath, NetworkFigure, NetworkPicture, Neuron
from solver.figures.scene import Role
from solver.graph.dense import Affine, SoftmaxLayer
from solver.graph.loss import TotalLoss
from solver.graph.node import Node
from solver.notation import math as m
from solver.quantities import Quantity
from solver.trace.chain import Chain

_TONES: tuple[Role, ...] = ("path-1", "path-2", "path-3", "path-4")


def tone_of(number: int) -> Role:
    """Return the tone of path `number`, from 1; recycled past the fourth."""
    return _TONES[(number - 1) % len(_TONES)]


drawing_of = lru_cache(maxsize=64)(network_figure)
"""The same picture is laid out once: the variants of an exam differ in numbers, not in names."""

MOST_EDGES = 64
"""Edges between two columns that are listed one by one; past it only those that are lit."""


def picture(
    telling: Telling, *, sample: int | None = None, values: bool = True, lit: Container[Quantity] = ()
) -> NetworkPicture:
    """Return what the drawing of a dense network shows.

    Args:
        telling: The document's context.
        sample: Whose values stand beside the nodes, from 1; none where there are several samples and none is named.
        values: Whether values are shown at all.
        lit: Nodes that will be lit; in a large layer only the edges between these are named.
    """
    graph = telling.graph
    several = graph.samples > 1
    shown = values and telling.drawn_values and telling.numeric and (sample is not None or not several)
    place = sample or 1
    affine = [node for node in graph.nodes if isinstance(node.operation, Affine)]
    x = affine[0].parents[0]
    columns = [tuple(_neuron(telling, entry, place if shown else None) for entry in graph.elements(x))]
    edges: list[Edge] = []
    for node in affine:
        after = layer_of(graph, node).output
        columns.append(
            tuple(
                _neuron(telling, after.quantity.at(k), place if shown else None, node.quantity.at(k))
                for k in _units(after)
            )
        )
        edges += _edges(telling, node, after, shown, lit)
    loss = graph.root.quantity
    ends_in_loss = isinstance(graph.root.operation, TotalLoss)
    loss_neuron = Neuron(loss, telling.letters(loss)) if ends_in_loss else None
    return NetworkPicture(tuple(columns), tuple(edges), loss_neuron, matrices=_matrices(telling, affine))


def _matrices(telling: Telling, affine: Sequence[Node]) -> tuple[m.Math | None, ...]:
    return tuple(telling.letters(node.parents[1]) for node in affine)


def _units(node: Node) -> range:
    return range(1, node.shape[0] + 1)


def _neuron(
    telling: Telling, quantity: Quantity, sample: int | None, before: Quantity | None = None
) -> Neuron:
    value = None if sample is None else telling.value(_sampled(telling, quantity, sample))
    pre = None if before is None else Neuron(before, telling.letters(before))
    return Neuron(quantity, telling.letters(quantity), value, pre)


def _sampled(telling: Telling, quantity: Quantity, sample: int) -> Quantity:
    return quantity.of_sample(sample) if telling.graph.node(quantity).per_sample else quantity


def _edges(telling: Telling, node: Node, after: Node, shown: bool, lit: Container[Quantity]) -> list[Edge]:
    operation = node.operation
    assert isinstance(operation, Affine)
    edges: list[Edge] = []
    entering = range(1, prod(node.parent_shapes[0]) + 1)
    few = node.shape[0] * len(entering) <= MOST_EDGES
    for to in _units(node):
        if not few and after.quantity.at(to) not in lit:
            continue
        for from_ in entering:
            source = operation.entering(node, None, from_)
            if not few and source not in lit:
                continue
            weight = operation.weight(node, to, from_)
            value = telling.value(weight) if shown else None
            edges.append(Edge(source, after.quantity.at(to), telling.letters(weight), value))
    return edges


def overview(telling: Telling) -> tuple[Figure, NetworkFigure]:
    """Return the drawing with all names, and what it had to leave out."""
    drawn = drawing_of(picture(telling, values=False))
    return Figure(drawn.scene, _overview_words(telling), _elision(drawn)), drawn


def lit(telling: Telling, chain: Chain) -> Figure:
    """Return the drawing with the paths of one chain lit, values beside the lit nodes."""
    sample = _sample_of(chain)
    paths = [
        LitPath(
            _path_nodes(telling, product.path.elements),
            "highlighted" if len(chain.products) == 1 else tone_of(k),
        )
        for k, product in enumerate(chain.products, start=1)
        if _of_sample(product.path.elements, sample)
    ]
    base = picture(telling, sample=sample, lit={q.of_sample(None) for path in paths for q in path.nodes})
    drawn = drawing_of(base, Highlight(tuple(paths)))
    return Figure(drawn.scene, _lit_words(telling, chain), _elision(drawn))


def _path_nodes(telling: Telling, elements: Sequence[Quantity]) -> tuple[Quantity, ...]:
    """Return the nodes that a path visits: from the unit that its weight comes from to the loss."""
    graph = telling.graph
    start, first = elements[0], elements[1]
    node = graph.node(first)
    nodes = list(elements[1:])
    if isinstance(node.operation, Affine) and start.whole == node.parents[1]:
        nodes.insert(0, node.operation.entering(node, None, node.operation.ends(start.index)[1]))
    if nodes[-1] != graph.root.quantity:
        for reader, _, output in graph.readers(nodes[-1]):
            if output.index == nodes[-1].index and isinstance(reader.operation, SoftmaxLayer):
                nodes += [output, graph.root.quantity]
                break
    return tuple(nodes)


def _sample_of(chain: Chain) -> int | None:
    samples = {
        element.sample for product in chain.products for element in product.path.elements if element.sample
    }
    return min(samples) if samples else None


def _of_sample(elements: Sequence[Quantity], sample: int | None) -> bool:
    return all(element.sample in (None, sample) for element in elements)


def _elision(drawn: NetworkFigure) -> Phrase:
    from solver.document.words import phrase

    if drawn.elided:
        return phrase("Wide layers are drawn shortened.")
    return ()


def _overview_words(telling: Telling) -> str:
    widths = [str(node.shape[0]) for node in telling.graph.nodes if node.quantity.base in ("x", "h")]
    return f"A dense network of {'-'.join(widths)} units."


def _lit_words(telling: Telling, chain: Chain) -> str:
    number = len(chain.products)
    paths = "path" if number == 1 else f"{number} paths"
    return f"The network with the {paths} from {chain.target.value} to the loss lit."
