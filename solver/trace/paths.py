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
    ends = (graph.root.quantity,)
    if element.whole in ends or element.whole in heads:
        yield Path((element,))
        return
    # A stack and no recursion: through hundreds of time steps a path is longer than Python's own stack.
    trail, branches = [element], [graph.readers(element)]
    while branches:
        _, _, reader = next(branches[-1], (None, 0, None))
        if reader is None:
            branches.pop()
            trail.pop()
        elif reader.whole in ends or reader.whole in heads:
            yield Path((*trail, reader))
        else:
            trail.append(reader)
            branches.append(graph.readers(reader))


def count_paths(
    graph: Graph, elements: Iterable[Quantity], heads: Collection[Quantity] = (), limit: int = LIMIT
) -> int:
    """Return how many paths lead from these elements to the root, or limit + 1 as soon as there are more."""
    ends = {graph.root.quantity, *heads}
    known: dict[Quantity, int] = {}
    total = 0
    for element in elements:
        total += 1 if element.whole in ends else _count(graph, element, ends, limit, known)
        if total > limit:
            return limit + 1
    return total


def _count(
    graph: Graph, start: Quantity, ends: Collection[Quantity], limit: int, known: dict[Quantity, int]
) -> int:
    """Return how many paths lead onward from an element, and enter it in `known`; past the limit more than that."""
    trail, branches, totals = [start], [graph.readers(start)], [0]
    while start not in known:
        _, _, reader = next(branches[-1], (None, 0, None))
        if reader is None:
            branches.pop()
            found = known[trail.pop()] = totals.pop()
            if totals:
                totals[-1] += found
        elif reader.whole in ends:
            totals[-1] += 1
        elif reader in known:
            totals[-1] += known[reader]
        else:
            trail.append(reader)
            branches.append(graph.readers(reader))
            totals.append(0)
        if totals and totals[-1] > limit:  # and so has everything that leads here
            return limit + 1
    return known[start]
