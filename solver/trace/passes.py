"""Forward and backward pass over a graph: y = f(x), then ∂L/∂· for every node, in any arithmetic.

Reverse mode: each node hands Σ gradient · ∂node/∂parent to its parents, in the reverse of the graph's order; what
several readers hand to one node is added. The same few lines run in float64 for all variants of a problem at once, in
certified arithmetic for the digits that are printed, and in by-hand arithmetic.

Source: Griewank and Walther (2008), Evaluating Derivatives, chapter 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from solver.arithmetic import Arithmetic, DomainError
from solver.functions.evaluate import check_finite
from solver.graph.node import Array, Graph, Leaf, Node, settled
from solver.quantities import Quantity


class UncomputableError(ArithmeticError):
    """A node has no value at the given numbers: log of zero, division by zero, overflow.

    Args:
        node: The array that has no value.
        cause: What is wrong, and at which position (variant, sample, unit).
        during: "forward", "backward" or "update".
        values: What the node reads, where that is one number each: the names of an expression.
    """

    def __init__(self, node: Node, cause: DomainError, during: str, values: Sequence[float] = ()) -> None:
        super().__init__(node.quantity, cause, during)
        self.node = node
        self.cause = cause
        self.during = during
        self.values = tuple(values)


@contextmanager
def blaming(node: Node, during: str, inputs: Sequence[Array], numbers: Arithmetic) -> Iterator[None]:
    """Name the node in which a value does not exist.

    Raises:
        UncomputableError: In place of a `DomainError`.
    """
    try:
        yield
    except DomainError as error:
        variant = error.position[0] - 1 if error.position else 0
        values = []
        if not node.shape and not node.per_sample:
            values = [
                float(numbers.to_float(array)[min(variant, len(array) - 1)])
                for array in inputs
                if array.ndim == 1
            ]
        raise UncomputableError(node, error, during, values) from None


@dataclass(frozen=True)
class Pass:
    """The arrays of one forward and backward pass, by node.

    Attributes:
        values: Every node; shape (variants, samples, …) or (variants, …).
        gradients: ∂L/∂node, shaped as the values, 0 for what L does not read; without targets and constants.
    """

    values: Mapping[Quantity, Array]
    gradients: Mapping[Quantity, Array]


def forward(graph: Graph, given: Mapping[Quantity, Array], numbers: Arithmetic) -> dict[Quantity, Array]:
    """Return the value of every node from the given leaves."""
    values: dict[Quantity, Array] = {}
    for node in graph.nodes:
        if isinstance(node.operation, Leaf):
            values[node.quantity] = given[node.quantity]
        else:
            inputs = [values[parent] for parent in node.parents]
            with blaming(node, "forward", inputs, numbers):
                value = _finite(node.operation.forward(numbers, inputs), numbers)
            # A constant reads nothing that would tell it how many variants there are.
            values[node.quantity] = (
                value if inputs else np.repeat(value, len(next(iter(given.values()))), axis=0)
            )
    return values


def backward(graph: Graph, values: Mapping[Quantity, Array], numbers: Arithmetic) -> dict[Quantity, Array]:
    """Return ∂L/∂node for every node but targets and constants; 0 for those that L does not depend on."""
    root = graph.root.quantity
    shares: dict[Quantity, list[Array]] = {root: [np.full_like(values[root], numbers.number(1))]}
    gradients: dict[Quantity, Array] = {}
    for node in reversed(graph.nodes):
        if isinstance(node.operation, Leaf) and node.operation.fixed:
            shares.pop(node.quantity, None)
            continue
        if node.quantity not in shares:
            gradients[node.quantity] = numbers.zeros(values[node.quantity].shape)
            continue
        total = _total(shares.pop(node.quantity), numbers)
        gradients[node.quantity] = total
        if isinstance(node.operation, Leaf):
            continue
        inputs = [values[parent] for parent in node.parents]
        with blaming(node, "backward", inputs, numbers):
            handed = node.operation.backward(numbers, total, inputs, values[node.quantity])
            for share in handed:
                if share is not None:
                    _finite(share, numbers)
        for parent, share in zip(node.parents, handed, strict=True):
            if share is not None:
                shares.setdefault(parent, []).append(share)
    return gradients


def _finite(array: Array, numbers: Arithmetic) -> Array:
    """Return an array; in float64 an overflow that no operation has noticed is a fault here, not an infinity in JSON."""
    if not numbers.exact:
        check_finite(array)
    return array


def _total(shares: list[Array], numbers: Arithmetic) -> Array:
    """Return the sum of what the readers of a node hand to it; a single share is already shown."""
    if len(shares) == 1:
        return shares[0]
    return settled(numbers, sum(shares[1:], shares[0]))


def run_pass(graph: Graph, given: Mapping[Quantity, Array], numbers: Arithmetic) -> Pass:
    """Return the forward and the backward pass."""
    values = forward(graph, given, numbers)
    return Pass(values, backward(graph, values, numbers))
