"""Paths from a parameter to the loss: counted before they are listed.

The chain rule in full is ∂L/∂w = Σ over all paths from w to L of the product of the local derivatives along the path
(Bauer's formula). The number of paths is the product of the widths that they cross, so it is counted first, with one
addition per edge, and the paths are listed only where a reader could still follow them.

Source: Bauer (1974), Computational graphs and rounding error, SIAM J. Numer. Anal. 11.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from solver.graph.node import Graph
from solver.quantities import Quantity

LIMIT = 1000
"""Paths that one document lists at most; past it the matrix form is used."""


@dataclass(frozen=True, slots=True)
class Path:
    """Elements from a parameter to the loss, each read by the next: (w, a, h, …, L)."""

    elements: tuple[Quantity, ...]

    @property
    def edges(self) -> tuple[tuple[Quantity, Quantity], ...]:
        """Pairs (of, by) = (reader, read), from the loss back to the parameter: the order of the chain rule."""
        backwards = self.elements[::-1]
        return tuple(pairwise(backwards))


def paths(graph: Graph, element: Quantity, heads: Container[Quantity] = ()) -> Iterator[Path]:
    """Yield every path from an element to the root, depth first in the order of the readers.

    Args:
        graph: Where to walk.
        element: Where to start.
        heads: Arrays at whose elements a path already ends, because their whole gradient is one factor (the
            pre-activations below a softmax, whose outputs all depend on all of them).
    """
    root = graph.root.quantity

    def onward(trail: tuple[Quantity, ...]) -> Iterator[Path]:
        if trail[-1].whole == root or trail[-1].whole in heads:
            yield Path(trail)
            return
        for _, _, reader in graph.readers(trail[-1]):
            yield from onward((*trail, reader))

    yield from onward((element,))


def count_paths(
    graph: Graph, elements: Iterable[Quantity], heads: Collection[Quantity] = (), limit: int = LIMIT
) -> int:
    """Return how many paths lead from these elements to the root, or limit + 1 as soon as there are more."""
    ends = {graph.root.quantity, *heads}
    known: dict[Quantity, int] = {}

    def count(element: Quantity) -> int:
        if element not in known and element.whole in ends:
            known[element] = 1
        if element not in known:
            total = 0
            for _, _, reader in graph.readers(element):
                total += count(reader)
                if total > limit:
                    break
            known[element] = total
        return known[element]

    total = 0
    for element in elements:
        total += count(element)
        if total > limit:
            return limit + 1
    return total
