"""What makes a convolution: the nodes from the input to the maps that are read on, and how their parts are called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from solver.document.telling import Telling
from solver.graph.convolution import Convolve
from solver.graph.dense import Affine, Elementwise
from solver.graph.node import Graph, Index, Node
from solver.graph.pooling import AveragePool, MaxPool
from solver.graph.windows import Windows
from solver.quantities import Quantity


@dataclass(frozen=True)
class Maps:
    """The nodes of a convolution, in the order of the forward pass.

    Attributes:
        convolved: Z = K ∗ x + b.
        activation: A = f(Z).
        pooled: P, or None where nothing is pooled.
    """

    convolved: Node
    activation: Node
    pooled: Node | None

    @property
    def output(self) -> Node:
        """What the dense layers, or the loss, read."""
        return self.pooled or self.activation

    @property
    def input(self) -> Quantity:
        """x."""
        return self.convolved.parents[0]

    @property
    def kernel(self) -> Quantity:
        """K."""
        return self.convolved.parents[1]

    @property
    def bias(self) -> Quantity | None:
        """b, where there is one."""
        return self.convolved.parents[2] if len(self.convolved.parents) > 2 else None

    @property
    def windows(self) -> Windows:
        """Where the kernel lies."""
        operation = self.convolved.operation
        assert isinstance(operation, Convolve)
        return operation.windows

    @property
    def pooling(self) -> Windows | None:
        """Where the pooling window lies."""
        match self.pooled:
            case Node(operation=MaxPool(windows)) | Node(operation=AveragePool(windows)):
                return windows
            case _:
                return None

    @property
    def takes_largest(self) -> bool:
        """Whether pooling takes the maximum."""
        return self.pooled is not None and isinstance(self.pooled.operation, MaxPool)

    @property
    def linear(self) -> bool:
        """Whether the activation is the identity."""
        operation = self.activation.operation
        return isinstance(operation, Elementwise) and operation.activation.name == "linear"

    @property
    def channels(self) -> tuple[int, int]:
        """How many channels enter, and how many leave."""
        return self.convolved.parent_shapes[0][0], self.convolved.shape[0]

    @property
    def flat(self) -> bool:
        """Whether maps are sequences, in one dimension."""
        return len(self.windows.sides) == 1

    @property
    def length(self) -> int:
        """How many numbers the dense layers read."""
        return prod(self.output.shape)


def maps_of(graph: Graph) -> Maps:
    """Return the convolution of a graph."""
    convolved = next(node for node in graph.nodes if isinstance(node.operation, Convolve))
    activation = next(reader for reader, _ in graph.consumers[convolved.quantity])
    pooled = next((node for node in graph.nodes if isinstance(node.operation, MaxPool | AveragePool)), None)
    return Maps(convolved, activation, pooled)


def has_dense(graph: Graph) -> bool:
    """Return whether dense layers follow the maps."""
    return any(isinstance(node.operation, Affine) for node in graph.nodes)


def cells(telling: Telling, node: Node) -> list[Quantity]:
    """Return the cells of a map in reading order, channel by channel."""
    return list(telling.graph.elements(node.quantity, 1))


def ties(telling: Telling, maps: Maps) -> Iterator[tuple[Quantity, Quantity]]:
    """Yield (pooled cell, the entry that is taken) of every pooling window with more than one largest entry."""
    if maps.pooled is None or not maps.takes_largest or telling.ledger is None:
        return
    operation = maps.pooled.operation
    assert isinstance(operation, MaxPool)
    for cell in cells(telling, maps.pooled):
        largest = [entry for entry in operation.members(maps.pooled, cell) if telling.equal(entry, cell)]
        if len(largest) > 1:
            yield cell, largest[0]


def taken(telling: Telling, maps: Maps) -> dict[Quantity, list[Quantity]]:
    """Return, for each entry that is the maximum of some window, the pooled cells that it gives."""
    assert maps.pooled is not None
    operation = maps.pooled.operation
    assert isinstance(operation, MaxPool)
    found: dict[Quantity, list[Quantity]] = {}
    for cell in cells(telling, maps.pooled):
        entry = next(entry for entry in operation.members(maps.pooled, cell) if telling.equal(entry, cell))
        found.setdefault(entry, []).append(cell)
    return found


def place(index: Index) -> Index:
    """Return the place of an element of a map, without its channel."""
    return index[1:]
