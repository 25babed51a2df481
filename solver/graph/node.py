"""The computation graph: named arrays, the operations that make them, and who reads whom.

Nodes are arrays, so that numpy does the work and a 784-128-10 network is three nodes a layer; yet every operation can
also speak about one *element*: the formula that makes it, the elements that read it, the local derivative between the
two. The chain rule "path by path" walks elements, the matrix form and all numbers use the arrays, and tests hold the
two equal.

Arrays of data have the axes (variants, samples, …), parameters (variants, …): one pass serves all variants of a problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from solver.arithmetic import Arithmetic
from solver.formula import Formula
from solver.quantities import Quantity

Array = NDArray[Any]
"""float64, or objects of another arithmetic."""

Index = tuple[int, ...]


def settled(numbers: Arithmetic, values: Array) -> Array:
    """Return an array as the arithmetic hands it on: rounded by hand, long fractions as balls."""
    result: Array = numbers.settle(values)
    return result


class Operation(Protocol):
    """How a node arises from its parents: on whole arrays in any arithmetic, and element by element in words."""

    @property
    def mixes_samples(self) -> bool:
        """Whether one sample of the result reads other samples of a parent (batch normalisation, a loss)."""

    def forward(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Array:
        """Return the node's array from its parents' arrays."""

    def backward(
        self, numbers: Arithmetic, gradient: Array, inputs: Sequence[Array], output: Array
    ) -> tuple[Array | None, ...]:
        """Return Σ gradient · ∂node/∂parent for each parent (None: not differentiated); shapes as the parents'."""

    def element(self, node: Node, out: Quantity) -> Formula:
        """Return the formula of one element over elements of the parents."""

    def readers(self, node: Node, position: int, index: Index) -> Iterator[Index]:
        """Yield the indices of the node's elements that read element `index` of parent number `position`."""

    def partial(self, node: Node, out: Quantity, position: int, by: Quantity) -> Formula:
        """Return ∂out/∂by as a textbook formula; `by` is an element of parent number `position`."""


@dataclass(frozen=True)
class Leaf:
    """A value that is given. It has no operation.

    Attributes:
        kind: "input", "parameter", "target", or "constant" (a dropout mask, an ε). By the last two nothing is
            differentiated; a constant is part of the formulas, and no quantity of the solution.
    """

    kind: str

    @property
    def fixed(self) -> bool:
        """Whether nothing is differentiated by it."""
        return self.kind in ("target", "constant")


@dataclass(frozen=True)
class Node:
    """One named array of the graph.

    Attributes:
        quantity: Its name.
        shape: Shape of one sample.
        per_sample: Whether it has a samples axis.
        operation: What makes it; a `Leaf` for given values.
        parents: The arrays it reads, in the operation's order.
        parents_per_sample: For each parent, whether that has a samples axis.
    """

    quantity: Quantity
    shape: tuple[int, ...]
    per_sample: bool
    operation: Operation | Leaf
    parents: tuple[Quantity, ...] = ()
    parent_shapes: tuple[tuple[int, ...], ...] = ()
    parents_per_sample: tuple[bool, ...] = ()

    def parent(self, position: int, sample: int | None, *index: int) -> Quantity:
        """Return an element of a parent; `sample` is dropped where the parent has no samples."""
        base = self.parents[position].at(*index)
        return base.of_sample(sample) if self.parents_per_sample[position] else base


@dataclass(frozen=True)
class Graph:
    """Nodes in an order in which each follows its parents.

    Attributes:
        nodes: All nodes.
        samples: Number of samples, 1 for a single one.
        sample_axis: Whether the author wrote rows of samples, so that names and JSON show a samples axis.
        trainable: The parameters that an update may change (the fixed ones left out).
        words: What kind of problem this is, for the rooms that choose words and figures by it.
        output: The scalar that is differentiated; None for the last node. An expression may go on past its output.
        stations: Arrays whose gradient is worked out once and is one factor from then on, where paths written out to the
            loss would be too many to read: the cells of a map, the scores of an attention head, a mean and its variance.
    """

    nodes: tuple[Node, ...]
    samples: int
    sample_axis: bool
    trainable: tuple[Quantity, ...]
    words: str
    output: Quantity | None = None
    stations: tuple[Quantity, ...] = ()

    @cached_property
    def by_quantity(self) -> Mapping[Quantity, Node]:
        """The nodes by name."""
        return {node.quantity: node for node in self.nodes}

    @cached_property
    def consumers(self) -> Mapping[Quantity, tuple[tuple[Node, int], ...]]:
        """For each node, who reads it and as which of the reader's parents."""
        found: dict[Quantity, list[tuple[Node, int]]] = {node.quantity: [] for node in self.nodes}
        for node in self.nodes:
            for position, parent in enumerate(node.parents):
                found[parent].append((node, position))
        return {quantity: tuple(readers) for quantity, readers in found.items()}

    @cached_property
    def largest(self) -> int:
        """How many numbers the largest array has, all samples together."""
        return max(
            (prod(node.shape) * (self.samples if node.per_sample else 1) for node in self.nodes), default=1
        )

    @property
    def root(self) -> Node:
        """The scalar that is differentiated: the loss, or the output of an expression."""
        return self.nodes[-1] if self.output is None else self.by_quantity[self.output]

    def gradient(self, quantity: Quantity) -> Quantity:
        """Return ∂(root)/∂(quantity) as a quantity: "dL/dW1", in an expression "df/dx"."""
        return quantity.gradient(self.root.quantity.base)

    @cached_property
    def parameters(self) -> tuple[Quantity, ...]:
        """All parameters, in the order of the file."""
        return self._leaves("parameter")

    @cached_property
    def inputs(self) -> tuple[Quantity, ...]:
        """All inputs."""
        return self._leaves("input")

    @cached_property
    def targets(self) -> tuple[Quantity, ...]:
        """All targets; nothing is differentiated with respect to them."""
        return self._leaves("target")

    def _leaves(self, kind: str) -> tuple[Quantity, ...]:
        return tuple(
            n.quantity for n in self.nodes if isinstance(n.operation, Leaf) and n.operation.kind == kind
        )

    def node(self, quantity: Quantity) -> Node:
        """Return the node that an element or array belongs to."""
        return self.by_quantity[quantity.whole]

    def elements(self, quantity: Quantity, sample: int | None = None) -> Iterator[Quantity]:
        """Yield the elements of an array (of one sample) in the order in which they are written."""
        for position in np.ndindex(*self.node(quantity).shape):
            yield quantity.at(*(axis + 1 for axis in position)).of_sample(sample)

    def readers(self, element: Quantity) -> Iterator[tuple[Node, int, Quantity]]:
        """Yield who reads an element: the node, as which parent, and the reading element."""
        for node, position in self.consumers[element.whole]:
            operation = node.operation
            assert not isinstance(operation, Leaf)
            for index in operation.readers(node, position, element.index):
                for sample in self._samples_reached(node, operation, element):
                    yield node, position, node.quantity.at(*index).of_sample(sample)

    def _samples_reached(self, node: Node, operation: Operation, element: Quantity) -> Sequence[int | None]:
        if not node.per_sample:
            return (None,)
        if element.sample is not None and not operation.mixes_samples:
            return (element.sample,)
        return range(1, self.samples + 1)

    def up_to(self, quantity: Quantity) -> Graph:
        """Return the graph that ends at a node: to differentiate the network's output itself."""
        place = next(k for k, node in enumerate(self.nodes) if node.quantity == quantity)
        return replace(self, nodes=self.nodes[: place + 1], output=None)

    def made_by(self, element: Quantity) -> Formula:
        """Return the formula of a computed element."""
        node = self.node(element)
        assert not isinstance(node.operation, Leaf)
        return node.operation.element(node, element)
