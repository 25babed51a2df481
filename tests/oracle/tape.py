"""Reverse-mode differentiation over scalars of any precision: a tape of values and their local derivatives.

A `Node` remembers the nodes it was computed from and the derivative by each. Every function below is one row: its
value, and its slope written by hand. Walking the tape backwards once gives ∂(last)/∂(each).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mpmath import mp

Real = Any  # mpmath.mpf; the package has no types


@dataclass(slots=True, eq=False)
class Node:
    """A value on the tape.

    Attributes:
        value: The number.
        sources: Pairs of an earlier node u and ∂(this)/∂u.
        adjoint: ∂(output)/∂(this), once `differentiate` has run.
    """

    value: Real
    sources: Sequence[tuple[Node, Real]] = ()
    adjoint: Real = field(default=0)


class Tape:
    """Nodes in the order of computation."""

    def __init__(self) -> None:
        self._nodes: list[Node] = []

    def node(self, value: Real, sources: Sequence[tuple[Node, Real]] = ()) -> Node:
        """Record a value with its local derivatives."""
        made = Node(value, sources)
        self._nodes.append(made)
        return made

    def dot(self, left: Iterable[Node], right: Iterable[Node], plus: Node | None = None) -> Node:
        """Σ u_i v_i + c, with slopes v_i, u_i and 1."""
        pairs = list(zip(left, right, strict=True))
        sources = [(u, v.value) for u, v in pairs] + [(v, u.value) for u, v in pairs]
        total = mp.fsum(u.value * v.value for u, v in pairs)
        if plus is None:
            return self.node(total, sources)
        return self.node(total + plus.value, [*sources, (plus, mp.one)])

    def weighted_sum(self, terms: Iterable[tuple[Real, Node]]) -> Node:
        """Σ c_i u_i with constant c_i."""
        held = list(terms)
        return self.node(mp.fsum(c * u.value for c, u in held), [(u, c) for c, u in held])

    def square(self, u: Node) -> Node:
        """u², with slope 2u."""
        return self.node(u.value**2, [(u, 2 * u.value)])

    def differentiate(self, output: Node) -> None:
        """Fill `adjoint` of every node: ∂output/∂u = Σ over users w of ∂output/∂w · ∂w/∂u."""
        for node in self._nodes:
            node.adjoint = mp.zero
        output.adjoint = mp.one
        for node in reversed(self._nodes):
            for source, slope in node.sources:
                source.adjoint += node.adjoint * slope
