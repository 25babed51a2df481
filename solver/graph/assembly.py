"""What the builders of all kinds share: gathering nodes, and ending them in a loss, a graph and a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from solver.functions import ACTIVATIONS, COMBINATIONS, LOSSES, OPTIMIZERS, Activation, Loss, Softmax
from solver.graph.dense import Elementwise, SoftmaxLayer
from solver.graph.loss import Penalty, TotalLoss
from solver.graph.model import Given, Model, Training
from solver.graph.node import Graph, Leaf, Node, Operation
from solver.quantities import Quantity
from solver.spec.array import Array
from solver.spec.choices import ActivationChoice, LossChoice
from solver.spec.training import Training as TrainingTable
from solver.spec.training import Update

LOSS = Quantity("L")


@dataclass
class Assembly:
    """Nodes gathered in order, with the numbers of the leaves and the stations of the chain rule."""

    nodes: dict[Quantity, Node] = field(default_factory=dict)
    given: dict[Quantity, Given] = field(default_factory=dict)
    stations: list[Quantity] = field(default_factory=list)

    def leaf(
        self,
        quantity: Quantity,
        kind: str,
        shape: tuple[int, ...],
        numbers: Array | None,
        *,
        per_sample: bool = False,
    ) -> Quantity:
        """Add an input, a target, a parameter or a constant; `numbers` has the axes (samples, …) or (…)."""
        self.nodes[quantity] = Node(quantity, shape, per_sample, Leaf(kind))
        if numbers is not None:
            full = (-1, *shape) if per_sample else shape
            exact = numbers.exact.reshape(full)[None]
            self.given[quantity] = Given(exact, numbers.values.reshape(full)[None])
        return quantity

    def biases(
        self, quantity: Quantity, units: int, biases: Array | bool | None, bias: int | Decimal | None
    ) -> list[Quantity]:
        """Add the biases of a group of units, one for each or one for all, and return them in a list; [] for none."""
        if biases is not None and biases is not False:
            numbers = biases if isinstance(biases, Array) else None
            return [self.leaf(quantity, "parameter", (units,), numbers)]
        return [] if bias is None else [self.leaf(quantity, "parameter", (), scalar(bias))]

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

    @property
    def read(self) -> set[Quantity]:
        """What the nodes added so far read."""
        return {parent for node in self.nodes.values() for parent in node.parents}

    def graph(self, *, samples: int, sample_axis: bool, fixed: Sequence[str], words: str) -> Graph:
        """Return the finished graph."""
        nodes = tuple(self.nodes.values())
        trainable = tuple(
            node.quantity
            for node in nodes
            if node.operation == Leaf("parameter") and node.quantity.array_name not in fixed
        )
        return Graph(
            nodes, samples, sample_axis, trainable, words, stations=tuple(dict.fromkeys(self.stations))
        )


def scalar(value: int | Decimal) -> Array:
    """Return one number of a file as an array without axes."""
    return Array(np.array(value, dtype=object))


def filled(value: int, length: int) -> Array:
    """Return a vector of one number: zeros before the first time step, a scale of ones."""
    return Array(np.full(length, value, dtype=object))


def activation_operation(choice: ActivationChoice) -> Operation:
    """Return the operation of a chosen activation."""
    record = activation_record(choice)
    return SoftmaxLayer(record) if isinstance(record, Softmax) else Elementwise(record)


def activation_record(choice: ActivationChoice) -> Activation:
    """Return the record with the file's options."""
    return ACTIVATIONS[choice.name].with_options(**{name: Fraction(value) for name, value in choice.options})


def total_loss(
    parts: Assembly,
    choice: LossChoice,
    blocks: Sequence[tuple[Quantity, Quantity]],
    *,
    samples: int,
    l2: Any = 0,
) -> Quantity:
    """Add the loss, joined with the last activation where the two have a closed form.

    Args:
        parts: The nodes so far.
        choice: The loss of the file.
        blocks: Pairs of an output and its target: one, or one per time step that is read out. The loss adds them.
        samples: Number of samples.
        l2: Strength of the weights' term, 0 for none; it is over all parameters of two axes or more.
    """
    record: Loss = LOSSES[choice.name].with_options(
        **{name: Fraction(value) for name, value in choice.options}
    )
    scale = Fraction(choice.factor)
    if choice.outputs == "mean":
        scale /= int(np.prod(parts.shape(blocks[0][0])))
    if choice.samples == "mean":
        scale /= samples
    pair = COMBINATIONS.get((_activation_name(parts.nodes[blocks[0][0]].operation), record.name))
    # A hidden state that the next step reads must hand its gradient on itself: nothing is joined there.
    if pair is not None and not parts.read.isdisjoint(output for output, _ in blocks):
        pair = None
    parents: list[Quantity] = []
    for output, target in blocks:
        parents += [output, target]
        if pair is not None:
            last = parts.nodes[output]
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
    unit = all(_sums_to_one(parts, target) for _, target in blocks)
    operation = TotalLoss(record, scale, samples, unit, pair, penalty, len(blocks))
    return parts.node(LOSS, operation, parents, (), per_sample=False)


def _sums_to_one(parts: Assembly, target: Quantity) -> bool:
    """Return whether every row of targets sums to 1, exactly; symbolic ones are taken to."""
    given = parts.given.get(target)
    if given is None:
        return True
    return all(sum(map(Fraction, row)) == 1 for row in given.exact.reshape(-1, given.exact.shape[-1]))


def _activation_name(operation: Operation | Leaf) -> str:
    match operation:
        case SoftmaxLayer():
            return "softmax"
        case Elementwise(activation):
            return activation.name
        case _:
            return ""


def finished(
    parts: Assembly, training: TrainingTable, *, words: str, samples: int = 1, sample_axis: bool = False
) -> Model:
    """Return the model of nodes that end in the loss; without numbers it is symbolic."""
    graph = parts.graph(samples=samples, sample_axis=sample_axis, fixed=training.fixed, words=words)
    reference = None
    # Without a softmax, or with one unit in it, there are no cross terms to leave out.
    if training.softmax_jacobian == "diagonal" and any(map(has_cross_terms, graph.nodes)):
        reference, graph = graph, shortened(graph)
    return Model(graph, parts.given, training_of(training), reference)


def has_cross_terms(node: Node) -> bool:
    """Return whether a node is a softmax of several units, so that ∂h_k/∂a_j is not 0 beside the diagonal."""
    return isinstance(node.operation, SoftmaxLayer) and node.shape[-1] > 1


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
            keep = [
                place
                for place in range(len(node.parents))
                if place >= operation.first_weight or place % operation.width != 2
            ]
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
