"""Many candidates of one problem as one batch: drawn numbers along the axis of variants, one pass for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solver.arithmetic import Float64
from solver.graph.model import Model
from solver.quantities import Quantity
from solver.spec.draw import Places, Source
from solver.trace.passes import Pass, UncomputableError, run_pass

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Leaf:
    """Where a leaf of the graph stands in the flattened array of the file: a time step is one row of it."""

    quantity: Quantity
    start: int
    stop: int


def leaves_by_name(model: Model) -> dict[str, tuple[Leaf, ...]]:
    """Return the leaves that each array of the file fills, by the array's name."""
    found: dict[str, list[Leaf]] = {}
    for quantity, given in model.given.items():
        before = found.setdefault(quantity.array_name, [])
        start = before[-1].stop if before else 0
        before.append(Leaf(quantity, start, start + given.values.size))
    return {name: tuple(parts) for name, parts in found.items()}


def leaf_values(
    model: Model, source: Source, places: Mapping[str, Places], count: int
) -> dict[Quantity, Floats]:
    """Return every leaf of a model for all candidates: shape (candidates, samples, …) or (candidates, …)."""
    parts = leaves_by_name(model)
    values = {
        quantity: np.broadcast_to(given.values, (count, *given.values.shape[1:]))
        for quantity, given in model.given.items()
    }
    flat: dict[str, Floats] = {}
    for drawn in source.quantities:
        if drawn.array not in parts:  # the learning rate: no array of the graph
            continue
        base = np.concatenate([model.given[leaf.quantity].values.ravel() for leaf in parts[drawn.array]])
        new = drawn.values(base, places[drawn.name])
        if drawn.array in flat:  # single elements of one array, drawn one by one
            new[:, _untouched(drawn.places, new.shape[1])] = flat[drawn.array][
                :, _untouched(drawn.places, new.shape[1])
            ]
        flat[drawn.array] = new
    for name, array in flat.items():
        for leaf in parts[name]:
            shape = model.given[leaf.quantity].values.shape[1:]
            values[leaf.quantity] = array[:, leaf.start : leaf.stop].reshape(count, *shape)
    return values


def _untouched(places: Sequence[int], size: int) -> list[int]:
    return sorted(set(range(size)) - set(places))


def solved(model: Model, leaves: Mapping[Quantity, Floats]) -> Iterator[tuple[NDArray[np.int64], Pass]]:
    """Yield (numbers of the candidates, their values and gradients); candidates without a value are in no part.

    A batch in which one has no value (a log of zero, an overflow) is halved until that one is alone.
    """
    numbers = Float64()
    count = len(next(iter(leaves.values())))
    waiting = [np.arange(count)]
    with numbers.working():
        while waiting:
            rows = waiting.pop()
            part = leaves if len(rows) == count else {q: array[rows] for q, array in leaves.items()}
            try:
                yield rows, run_pass(model.graph, part, numbers)
            except UncomputableError:
                if len(rows) > 1:
                    waiting += [rows[: len(rows) // 2], rows[len(rows) // 2 :]]
