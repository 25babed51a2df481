"""From a dense network's file to its graph: x → a1 → h1 → … → h_last → L."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from solver.functions import ACTIVATIONS, COMBINATIONS, LOSSES, OPTIMIZERS, Activation, Loss, Softmax
from solver.graph.dense import Affine, Elementwise, Penalty, SoftmaxLayer, TotalLoss
from solver.graph.model import Given, Model, Training
from solver.graph.node import Graph, Leaf, Node, Operation
from solver.quantities import Quantity
from solver.spec.array import Array
from solver.spec.choices import ActivationChoice, LossChoice
from solver.spec.dense import Layer
from solver.spec.network import NetworkProblem
from solver.spec.training import Update

LOSS = Quantity("L")


@dataclass
class Assembly:
    """Nodes gathered in order, with the numbers of the leaves; shared by the builders of all kinds."""

    nodes: dict[Quantity, Node] = field(default_factory=dict)
    given: dict[Quantity, Given] = field(default_factory=dict)

    def leaf(
        self,
        quantity: Quantity,
        kind: str,
        shape: tuple[int, ...],
        numbers: Array | None,
        *,
        per_sample: bool = False,
    ) -> Quantity:
        """Add an input, a target or a parameter; `numbers` has the axes (samples, …) or (…)."""
        self.nodes[quantity] = Node(quantity, shape, per_sample, Leaf(kind))
        if numbers is not None:
            full = (-1, *shape) if per_sample else shape
            exact = numbers.exact.reshape(full)[None]
            self.given[quantity] = Given(exact, numbers.values.reshape(full)[None])
        return quantity

    def node(
        self,
        quantity: Quantity,
        operation: Operation,
        parents: Sequence[Quantity],
        shape: tuple[int, ...],
        *,
        per_sample: bool = True,
    ) -> Quantity:
        """Add a computed array."""
        known = [self.nodes[parent] for parent in parents]
        self.nodes[quantity] = Node(
            quantity, shape, per_sample, operation, tuple(parents),
            tuple(node.shape for node in known), tuple(node.per_sample for node in known),
        )  # fmt: skip
        return quantity

    def shape(self, quantity: Quantity) -> tuple[int, ...]:
        """Return the shape of one sample of an array added before."""
        return self.nodes[quantity].shape

    def graph(self, *, samples: int, sample_axis: bool, fixed: Sequence[str], words: str) -> Graph:
        """Return the finished graph."""
        nodes = tuple(self.nodes.values())
        trainable = tuple(
            node.quantity
            for node in nodes
            if node.operation == Leaf("parameter") and node.quantity.array_name not in fixed
        )
        return Graph(nodes, samples, sample_axis, trainable, words)


def network_model(problem: NetworkProblem) -> Model:
    """Return the graph of a dense network and its numbers."""
    network = problem.network
    symbolic = isinstance(network.inputs, int)
    inputs = None if isinstance(network.inputs, int) else network.inputs
    sample_axis = inputs is not None and inputs.ndim == 2
    samples = inputs.shape[0] if inputs is not None and sample_axis else 1
    width = network.inputs if isinstance(network.inputs, int) else network.inputs.shape[-1]

    parts = Assembly()
    entering = parts.leaf(Quantity("x"), "input", (width,), inputs, per_sample=True)
    for number, layer in enumerate(network.layers, start=1):
        entering = dense_layer(parts, layer, number, entering, from_to=network.from_to, numbers=not symbolic)
    (outputs,) = parts.shape(entering)
    targets = network.targets if isinstance(network.targets, Array) else None
    target = parts.leaf(Quantity("t"), "target", (outputs,), targets, per_sample=True)
    total_loss(parts, network.loss, entering, target, samples=samples, l2=network.l2)

    graph = parts.graph(samples=samples, sample_axis=sample_axis, fixed=network.fixed, words="network")
    reference = None
    if network.softmax_jacobian == "diagonal":
        reference, graph = graph, shortened(graph)
    return Model(graph, {} if symbolic else parts.given, training_of(network), reference)


def dense_layer(
    parts: Assembly, layer: Layer, number: int, entering: Quantity, *, from_to: bool, numbers: bool
) -> Quantity:
    """Add one dense layer: weights, biases, a and h; return h."""
    (width,) = parts.shape(entering)
    units = layer.unit_count(from_to)
    assert units is not None
    shape = (width, units) if from_to else (units, width)
    parents = [entering, parts.leaf(Quantity("W", number), "parameter", shape, layer.weights)]
    bias = Quantity("b", number)
    if isinstance(layer.biases, Array):
        parents.append(parts.leaf(bias, "parameter", (units,), layer.biases))
    elif layer.biases:
        parents.append(parts.leaf(bias, "parameter", (units,), None))
    elif layer.bias is not None:
        parents.append(parts.leaf(bias, "parameter", (), Array(np.array(layer.bias, dtype=object))))
    before = parts.node(Quantity("a", number), Affine(from_to), parents, (units,))
    return parts.node(Quantity("h", number), activation_operation(layer.activation), [before], (units,))


def activation_operation(choice: ActivationChoice) -> Operation:
    """Return the operation of a chosen activation."""
    record = activation_record(choice)
    return SoftmaxLayer(record) if isinstance(record, Softmax) else Elementwise(record)


def activation_record(choice: ActivationChoice) -> Activation:
    """Return the record with the file's options."""
    return ACTIVATIONS[choice.name].with_options(**{name: Fraction(value) for name, value in choice.options})


def total_loss(
    parts: Assembly, choice: LossChoice, output: Quantity, target: Quantity, *, samples: int, l2: Any = 0
) -> Quantity:
    """Add the loss over all outputs and samples, joined with the last activation where the two have a closed form."""
    record: Loss = LOSSES[choice.name].with_options(
        **{name: Fraction(value) for name, value in choice.options}
    )
    scale = Fraction(choice.factor)
    if choice.outputs == "mean":
        scale /= int(np.prod(parts.shape(output)))
    if choice.samples == "mean":
        scale /= samples
    parents = [output, target]
    last = parts.nodes[output]
    pair = COMBINATIONS.get((_activation_name(last.operation), record.name))
    if pair is not None:
        parents.append(last.parents[0])
        parts.nodes[output] = replace(last, operation=replace(last.operation, fused=True))  # type: ignore[type-var]
    penalty = None
    if l2:
        penalty = Penalty(Fraction(l2))
        parents += [
            q
            for q, node in parts.nodes.items()
            if node.operation == Leaf("parameter") and len(node.shape) > 1
        ]
    given = parts.given.get(target)
    unit = given is None or all(
        sum(map(Fraction, row)) == 1 for row in given.exact.reshape(-1, *parts.shape(target))
    )
    operation = TotalLoss(record, scale, samples, unit, pair, penalty)
    return parts.node(LOSS, operation, parents, (), per_sample=False)


def _activation_name(operation: Operation | Leaf) -> str:
    match operation:
        case SoftmaxLayer():
            return "softmax"
        case Elementwise(activation):
            return activation.name
        case _:
            return ""


def shortened(graph: Graph) -> Graph:
    """Return the graph in which every softmax passes back only ∂h_k/∂a_k."""
    nodes: list[Node] = []
    for node in graph.nodes:
        operation = node.operation
        if isinstance(operation, SoftmaxLayer):
            node = replace(node, operation=replace(operation, diagonal=True, fused=False))
        elif (
            isinstance(operation, TotalLoss)
            and operation.pair is not None
            and operation.pair.activation == "softmax"
        ):
            keep = [place for place in range(len(node.parents)) if place != 2]
            node = replace(
                node, operation=replace(operation, pair=None),
                parents=tuple(node.parents[k] for k in keep),
                parent_shapes=tuple(node.parent_shapes[k] for k in keep),
                parents_per_sample=tuple(node.parents_per_sample[k] for k in keep),
            )  # fmt: skip
        nodes.append(node)
    return replace(graph, nodes=tuple(nodes))


def training_of(update: Update) -> Training | None:
    """Return how the parameters are updated, or None where the file says nothing of it."""
    rule = update.update_rule
    if rule is None:
        return None
    options = {name: Fraction(value) for name, value in rule.options}
    record = OPTIMIZERS[rule.name].with_options(
        form=rule.form, weight_decay=Fraction(rule.weight_decay), **options
    )
    return Training(record, Fraction(rule.learning_rate), update.steps)
