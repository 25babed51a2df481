"""From a dense network's file to its graph: x → a1 → h1 → … → h_last → L."""

from __future__ import annotations

from solver.graph.assembly import Assembly, activation_operation, finished, total_loss
from solver.graph.dense import Affine
from solver.graph.layers import dropped, normalised
from solver.graph.model import Model
from solver.quantities import Quantity
from solver.spec.array import Array
from solver.spec.dense import Layer
from solver.spec.network import NetworkProblem


def network_model(problem: NetworkProblem) -> Model:
    """Return the graph of a dense network and its numbers."""
    network = problem.network
    inputs = None if isinstance(network.inputs, int) else network.inputs
    parts = Assembly()
    entering = parts.leaf(Quantity("x"), "input", (network.input_units,), inputs, per_sample=True)
    for number, layer in enumerate(network.layers, start=1):
        entering = dense_layer(
            parts, layer, number, entering, from_to=network.from_to, samples=network.samples
        )
    targets = network.targets if isinstance(network.targets, Array) else None
    target = parts.leaf(Quantity("t"), "target", parts.shape(entering), targets, per_sample=True)
    total_loss(parts, network.loss, [(entering, target)], samples=network.samples, l2=network.l2)
    if network.symbolic:
        parts.given.clear()
    return finished(parts, network, words="network", samples=network.samples, sample_axis=network.sample_axis)


def dense_layer(
    parts: Assembly, layer: Layer, number: int, entering: Quantity, *, from_to: bool, samples: int = 1
) -> Quantity:
    """Add one dense layer: weights, biases, a, and h; between them what `layers` describes. Return h."""
    width = 1
    for length in parts.shape(entering):  # pooled maps enter flattened
        width *= length
    units = layer.unit_count(from_to)
    assert units is not None
    shape = (width, units) if from_to else (units, width)
    parents = [entering, parts.leaf(Quantity("W", number), "parameter", shape, layer.weights)]
    parents += parts.biases(Quantity("b", number), units, layer.biases, layer.bias)
    before = parts.node(Quantity("a", number), Affine(from_to), parents, (units,))
    before = normalised(parts, layer, number, before, samples)
    operation = activation_operation(layer.activation)
    if layer.dropout is None:
        return parts.node(Quantity("h", number), operation, [before], (units,))
    return dropped(parts, layer, number, parts.node(Quantity("u", number), operation, [before], (units,)))
