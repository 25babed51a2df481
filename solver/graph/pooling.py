"""Pooling: one number for each window of each map.

At a tie the maximum belongs to the first of the equal entries in reading order, and that one alone hands its gradient on:
the convention of the common libraries, stated because any share would be a valid slope.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from solver.arithmetic import Arithmetic
from solver.formula import Call, Case, Cases, Formula, Number, Quotient, Ref, Sum
from solver.graph.node import Array, Index, Node, settled
from solver.graph.windows import Windows
from solver.quantities import Quantity

_ZERO, _ONE = Number(Fraction(0)), Number(Fraction(1))


@dataclass(frozen=True)
class _Pool:
    """What both kinds share: windows within a channel, read by every place that they cover."""

    windows: Windows
    mixes_samples: bool = False

    def readers(self, node: Node, position: int, index: Index) -> Iterator[Index]:
        """An entry is read by every window that covers it."""
        channel, *covered = index
        for place, _ in self.windows.covering(tuple(covered)):
            yield (channel, *place)

    def members(self, node: Node, out: Quantity) -> list[Quantity]:
        """Return the entries of a window, in reading order."""
        channel, *place = out.index
        return [node.parent(0, out.sample, channel, *entry) for entry in self.windows.members(tuple(place))]

    def _entries(self, numbers: Arithmetic, maps: Array) -> Array:
        """Return (variants, samples, channels, places…, entries of a window)."""
        covered = self.windows.gather(numbers, maps)
        return covered.reshape(*covered.shape[: -len(self.windows.size)], -1)

    def _handed(self, numbers: Arithmetic, shares: Array, shape: tuple[int, ...]) -> Array:
        """Return ∂L/∂maps from what each entry of each window is handed."""
        covered = shares.reshape(*shares.shape[:-1], *self.windows.size)
        return settled(numbers, self.windows.scatter(numbers, covered, shape))


@dataclass(frozen=True)
class MaxPool(_Pool):
    """P = max over the window; at a tie the first in reading order takes the gradient."""

    def forward(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Array:
        """(variants, samples, channels, …) -> (variants, samples, channels, places…)."""
        entries = self._entries(numbers, inputs[0])
        largest = entries[..., 0]
        for entry in range(1, entries.shape[-1]):
            largest = numbers.call("max", largest, entries[..., entry])
        return settled(numbers, largest)

    def backward(
        self, numbers: Arithmetic, gradient: Array, inputs: Sequence[Array], output: Array
    ) -> tuple[Array | None, ...]:
        """∂L/∂A is handed to the largest entry of each window, and 0 to the others."""
        entries = self._entries(numbers, inputs[0])
        shares = numbers.zeros(entries.shape)
        open_ = np.ones(output.shape, dtype=bool)
        for entry in range(entries.shape[-1]):
            taken = open_ & numbers.compare(entries[..., entry], "=", output)
            shares[taken, entry] = gradient[taken]
            open_ &= ~taken
        return (self._handed(numbers, shares, inputs[0].shape),)

    def element(self, node: Node, out: Quantity) -> Formula:
        """max(A, A, …)."""
        entries = tuple(Ref(entry) for entry in self.members(node, out))
        return entries[0] if len(entries) == 1 else Call("max", entries)

    def partial(self, node: Node, out: Quantity, position: int, by: Quantity) -> Formula:
        """1 for the first entry that is the maximum, 0 for the others."""
        members = self.members(node, out)
        if len(members) == 1:
            return _ONE
        smaller = Case(Ref(by), "<", Ref(out), _ZERO)
        earlier = (Case(Ref(entry), "=", Ref(out), _ZERO) for entry in members[: members.index(by)])
        return Cases((smaller, *earlier), _ONE)


@dataclass(frozen=True)
class AveragePool(_Pool):
    """P = (1/n) Σ over the n entries of the window."""

    @property
    def entries(self) -> int:
        """n, how many entries a window has."""
        return int(np.prod(self.windows.size))

    def forward(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Array:
        """(variants, samples, channels, …) -> (variants, samples, channels, places…)."""
        total = self._entries(numbers, inputs[0]).sum(axis=-1)
        return settled(numbers, total / numbers.number(self.entries))

    def backward(
        self, numbers: Arithmetic, gradient: Array, inputs: Sequence[Array], output: Array
    ) -> tuple[Array | None, ...]:
        """∂L/∂A = (1/n) Σ ∂L/∂P over the windows that cover it."""
        share = (gradient / numbers.number(self.entries))[..., None]
        shares = np.broadcast_to(share, (*share.shape[:-1], self.entries))
        return (self._handed(numbers, shares, inputs[0].shape),)

    def element(self, node: Node, out: Quantity) -> Formula:
        """(A + A + …) / n."""
        entries = tuple(Ref(entry) for entry in self.members(node, out))
        return entries[0] if len(entries) == 1 else Quotient(Sum(entries), Number(Fraction(len(entries))))

    def partial(self, node: Node, out: Quantity, position: int, by: Quantity) -> Formula:
        """1/n."""
        return Number(Fraction(1, self.entries))
