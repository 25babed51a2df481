"""Windows that slide over maps: which places each covers, for convolution and pooling alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from solver.arithmetic import Arithmetic
from solver.graph.node import Array, Index


@dataclass(frozen=True)
class Windows:
    """Windows of one size over a map, a stride apart, on an input with zeros around it.

    Attributes:
        sides: Lengths of the map: (length,) or (height, width).
        size: Lengths of a window.
        stride: Distance between two windows.
        padding: Zeros on each side of the map.
    """

    sides: tuple[int, ...]
    size: tuple[int, ...]
    stride: int = 1
    padding: int = 0

    @cached_property
    def places(self) -> tuple[int, ...]:
        """How many windows fit along each side."""
        return tuple(
            (side + 2 * self.padding - size) // self.stride + 1
            for side, size in zip(self.sides, self.size, strict=True)
        )

    @property
    def count(self) -> int:
        """How many windows there are."""
        return prod(self.places)

    def gather(self, numbers: Arithmetic, maps: Array) -> Array:
        """Return what the windows cover: (variants, samples, channels, …) -> (…, channels, places, size)."""
        if self.padding:
            padded = numbers.zeros(self._padded(maps.shape))
            padded[self._inside] = maps
            maps = padded
        axes = len(self.sides)
        index: list[Any] = []
        for axis, (places, size) in enumerate(zip(self.places, self.size, strict=True)):
            shape = [1] * (2 * axes)
            shape[axis], shape[axes + axis] = places, size
            reached = self.stride * np.arange(places)[:, None] + np.arange(size)
            index.append(reached.reshape(shape))
        covered: Array = maps[(slice(None), slice(None), slice(None), *index)]
        # How this lies in memory depends on the number of variants, and on it the last bit of a product of matrices.
        return covered.copy()

    def scatter(self, numbers: Arithmetic, covered: Array, shape: tuple[int, ...]) -> Array:
        """Return Σ over the windows that cover a place: the transpose of `gather`.

        Args:
            numbers: The number system.
            covered: Shape (variants, samples, channels, places, size).
            shape: Shape of the maps.
        """
        padded = numbers.zeros(self._padded(shape))
        for offset in np.ndindex(*self.size):
            reached = tuple(
                slice(start, start + self.stride * places, self.stride)
                for start, places in zip(offset, self.places, strict=True)
            )
            where = (slice(None), slice(None), slice(None), *reached)
            padded[where] = padded[where] + covered[(..., *offset)]
        result: Array = padded[self._inside]
        return result

    def _padded(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (*shape[:3], *(side + 2 * self.padding for side in shape[3:]))

    @property
    def _inside(self) -> tuple[slice, ...]:
        return (slice(None),) * 3 + tuple(slice(self.padding, self.padding + side) for side in self.sides)

    def all_places(self) -> Iterator[Index]:
        """Yield every window by its place, counted from 1, in reading order."""
        for place in np.ndindex(*self.places):
            yield tuple(axis + 1 for axis in place)

    def covered(self, place: Index, offset: Index) -> Index | None:
        """Return the place of the map under an offset of a window, all counted from 1; None on padding."""
        found = tuple((p - 1) * self.stride + u - self.padding for p, u in zip(place, offset, strict=True))
        return found if all(1 <= q <= side for q, side in zip(found, self.sides, strict=True)) else None

    def shift(self, place: Index, covered: Index) -> Index:
        """Return the offset of a window under which a place of the map lies."""
        return tuple(q + self.padding - (p - 1) * self.stride for p, q in zip(place, covered, strict=True))

    def covering(self, covered: Index) -> Iterator[tuple[Index, Index]]:
        """Yield the windows that cover a place of the map, and the offset of each, in reading order."""
        for place in self.all_places():
            shift = self.shift(place, covered)
            if all(1 <= u <= size for u, size in zip(shift, self.size, strict=True)):
                yield place, shift

    def members(self, place: Index) -> Iterator[Index]:
        """Yield the places of the map that a window covers, in reading order."""
        for offset in np.ndindex(*self.size):
            covered = self.covered(place, tuple(axis + 1 for axis in offset))
            if covered is not None:
                yield covered
