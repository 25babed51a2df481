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
    """Resolve paths to tones per node and edge: what two tones share is "highlighted".

    A path may name a neuron by its pre-activation or its activation, of any sample; what the picture does not draw (a
    weight, a bias without a node) is passed over.
    """
    if highlight is None:
        return Lit(False, {}, {})
    node_of = _aliases(picture)
    nodes: dict[Quantity, Role] = {}
    edges: dict[Joint, Role] = {}
    for path in highlight.paths:
        found = [node_of[q.of_sample(None)] for q in path.nodes if q.of_sample(None) in node_of]
        stops = list(dict.fromkeys(found))
        for stop in stops:
            nodes[stop] = _mixed(nodes.get(stop), path.tone)
        for joint in pairwise(stops):
            edges[joint] = _mixed(edges.get(joint), path.tone)
    for node in highlight.nodes:
        if node.of_sample(None) in node_of:
            nodes[node_of[node.of_sample(None)]] = "highlighted"
    for source, target in highlight.edges:
        joint = (node_of[source.of_sample(None)], node_of[target.of_sample(None)])
        edges[joint] = "highlighted"
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
