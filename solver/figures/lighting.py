"""Which nodes and edges of a network figure are lit, and in which tone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from solver.figures.picture import Highlight, Joint, NetworkPicture
from solver.figures.scene import Role
from solver.quantities import Quantity


@dataclass(frozen=True, slots=True)
class Lit:
    """The tone of every lit node and edge; `active` tells whether anything is to be lit at all."""

    active: bool
    nodes: Mapping[Quantity, Role]
    edges: Mapping[Joint, Role]


def lighting(picture: NetworkPicture, highlight: Highlight | None) -> Lit:
    """Resolve the paths of a highlight to tones per node and edge of a network."""
    return lit_among(_aliases(picture), highlight)


def lit_among(known: Mapping[Quantity, Quantity], highlight: Highlight | None) -> Lit:
    """Resolve paths to tones per node and edge: what two tones share is "highlighted".

    A path may name a neuron by its pre-activation or its activation, of any sample, and a node that holds a whole array
    by any element; what the picture does not draw (a weight, a bias without a node) is passed over.

    Args:
        known: Every quantity that names a node, and the one that the picture knows that node by.
        highlight: What is lit.
    """
    if highlight is None:
        return Lit(False, {}, {})

    def node_of(quantity: Quantity) -> Quantity | None:
        one = quantity.of_sample(None)
        return known.get(one) or known.get(one.at())

    nodes: dict[Quantity, Role] = {}
    edges: dict[Joint, Role] = {}
    for path in highlight.paths:
        stops = list(dict.fromkeys(node for node in map(node_of, path.nodes) if node is not None))
        for stop in stops:
            nodes[stop] = _mixed(nodes.get(stop), path.tone)
        for joint in pairwise(stops):
            edges[joint] = _mixed(edges.get(joint), path.tone)
    for quantity in highlight.nodes:
        node = node_of(quantity)
        if node is not None:
            nodes[node] = "highlighted"
    for start, end in highlight.edges:
        source, target = node_of(start), node_of(end)
        if source is not None and target is not None:
            edges[source, target] = "highlighted"
    return Lit(True, nodes, edges)


def _mixed(before: Role | None, tone: Role) -> Role:
    """Return the tone of what a path shares with those before it."""
    return tone if before is None or before == tone else "highlighted"


def _aliases(picture: NetworkPicture) -> dict[Quantity, Quantity]:
    """Map every quantity that names a node to the one that the picture knows it by."""
    known: dict[Quantity, Quantity] = {}
    for column in picture.columns:
        for neuron in column:
            known[neuron.quantity.of_sample(None)] = neuron.quantity
            if neuron.pre is not None:
                known[neuron.pre.quantity.of_sample(None)] = neuron.quantity
    if picture.loss is not None:
        known[picture.loss.quantity.of_sample(None)] = picture.loss.quantity
    return known
