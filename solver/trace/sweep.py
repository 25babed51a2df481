"""The backward sweep: the gradient of every node from those of its readers, from the output back to the inputs.

    ∂f/∂v = Σ_readers ∂f/∂r · ∂r/∂v

A node with one reader takes what that reader hands back. A node with several gets a share from each, and its gradient is
their sum; each share is a line of its own, so that rounding by hand rounds what is rounded in the arrays.

Source: Griewank, Walther (2008), Evaluating Derivatives, chapter 3 (the incremental reverse mode).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from solver.formula import Formula, Product, Ref, Sum, formula
from solver.graph.node import Graph
from solver.quantities import Key, Partial, Quantity, Share
from solver.trace.chain import partial_formula


@dataclass(frozen=True)
class Inflow:
    """What one reader hands back.

    Attributes:
        key: The gradient itself where there is no other reader, else a `Share` of it.
        reader: Who reads the node.
        local: ∂reader/∂node.
    """

    key: Key
    reader: Quantity
    local: Partial


@dataclass(frozen=True)
class Stop:
    """One node of the sweep with what flows back into it; `inflows` in the order in which they arrive."""

    quantity: Quantity
    gradient: Quantity
    inflows: tuple[Inflow, ...]

    @property
    def forks(self) -> bool:
        """Whether several nodes read this one, so that its gradient is a sum."""
        return len(self.inflows) > 1


@dataclass(frozen=True)
class Sweep:
    """A backward pass over a graph of scalars.

    Attributes:
        stops: In the order in which their gradients are complete; the output, whose gradient is 1, is none of them.
        idle: Nodes on which the output does not depend.
        definitions: Formula of every local derivative, share and gradient.
    """

    stops: tuple[Stop, ...]
    idle: tuple[Quantity, ...]
    definitions: Mapping[Key, Formula]

    def through(self, reader: Quantity) -> tuple[tuple[Stop, Inflow], ...]:
        """Return what a node hands back, in the order of its operands."""
        found = [(stop, inflow) for stop in self.stops for inflow in stop.inflows if inflow.reader == reader]
        return tuple(found[::-1])


def backward_sweep(graph: Graph) -> Sweep:
    """Return the backward pass over a graph of scalars."""
    root = graph.root.quantity
    reached = {root}
    for node in reversed(graph.nodes):
        if node.quantity in reached:
            reached.update(node.parents)
    definitions: dict[Key, Formula] = {graph.gradient(root): formula(1)}
    stops: list[Stop] = []
    for node in reversed(graph.nodes):
        if node.quantity not in reached or node.quantity == root:
            continue
        stop = _stop(graph, node.quantity, reached)
        stops.append(stop)
        for inflow in stop.inflows:
            definitions[inflow.local] = partial_formula(graph, inflow.reader, node.quantity)
            definitions[inflow.key] = _handed(graph, inflow)
        if stop.forks:
            definitions[stop.gradient] = Sum(tuple(Ref(inflow.key) for inflow in stop.inflows))
    idle = tuple(node.quantity for node in graph.nodes if node.quantity not in reached)
    return Sweep(tuple(stops), idle, definitions)


def _stop(graph: Graph, quantity: Quantity, reached: set[Quantity]) -> Stop:
    gradient = graph.gradient(quantity)
    readers = [node.quantity for node, _ in graph.consumers[quantity] if node.quantity in reached]
    inflows = [
        Inflow(gradient if len(readers) == 1 else Share(gradient, reader), reader, Partial(reader, quantity))
        for reader in reversed(readers)
    ]
    return Stop(quantity, gradient, tuple(inflows))


def _handed(graph: Graph, inflow: Inflow) -> Formula:
    """Return ∂f/∂r · ∂r/∂v; at the output, where ∂f/∂f = 1, the local derivative alone."""
    if inflow.reader == graph.root.quantity:
        return Ref(inflow.local)
    return Product((Ref(graph.gradient(inflow.reader)), Ref(inflow.local)))
