"""A problem computed anew from what a student wrote: every number from the student's own numbers before it.

One run of numpy computes many versions of the student at once, one per row. What a row has pinned is read as it follows
from the numbers before it, and then replaced by what the student wrote, so that the next number follows from that.

How exactly a number can be expected is measured in the same run: each pinned number is moved by half of its last digit,
each intermediate result that is not asked for by half of the last digit that the sheet states, one row each. Roundings go
up as often as down, so what they do to a later number adds up as the squares do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solver.arithmetic import Digits, DomainError
from solver.exercises.marking.asked import Question
from solver.exercises.mistakes import Address, Cell, Edit, Run, Spot, all_elements
from solver.exercises.mistakes.building import at_element
from solver.exercises.mistakes.edits import Interventions, Sight
from solver.exercises.mistakes.run import Floats
from solver.exercises.slips import cell_of
from solver.graph.node import Leaf
from solver.quantities import Role

MOST_NUDGES = 1500
"""Intermediate results that are moved one by one; past it those of one array move together."""

SPREAD = 2.0
"""How many root sums of squares a number may lie off; of evenly spread roundings, √3 of them are three deviations."""

BACKWARD = 2.0
"""A gradient is moved by twice as much: the slope that makes it is rounded too, and is no number of the trace."""


@dataclass(frozen=True)
class Expected:
    """What follows from a student's own numbers, at each item of the work; NaN where this way has no such number.

    Attributes:
        values: The numbers.
        slack: How far each may lie off because numbers are rounded on the way.
        influence: How much each item changes when one number of the student is moved by half of its last digit, or is
            what follows instead of what was written, as (number, item). The first sees a number that follows itself, the
            second one behind a kink.
    """

    values: Floats
    slack: Floats
    influence: Floats


class OwnValues(Interventions):
    """A run whose rows go on with given numbers at some places.

    Args:
        trials: Edits of each row.
        addresses: What is read, and where numbers are pinned.
        pins: One row per trial, one column per address; NaN where nothing is pinned.
    """

    def __init__(self, trials: Sequence[Sequence[Edit]], addresses: Sequence[Address], pins: Floats) -> None:
        super().__init__(trials, addresses)
        self.pinned: dict[Spot, tuple[list[int], list[int]]] = {}
        self.pins = pins
        for column, address in enumerate(addresses):
            if isinstance(address, Cell) and not np.isnan(pins[:, column]).all():
                columns, places = self.pinned.setdefault(address.spot, ([], []))
                columns.append(column)
                places.append(address.place)

    def __call__(self, spot: Spot, array: Floats, run: Run) -> Floats:
        """Read what follows, then put in what was written."""
        array = super().__call__(spot, array, run)
        if spot not in self.pinned:
            return array
        columns, places = self.pinned[spot]
        array = np.array(array, order="C")  # of a transposed one, `reshape` would make another copy
        flat = array.reshape(run.rows, -1)
        pins = self.pins[:, columns]
        flat[:, places] = np.where(np.isnan(pins), flat[:, places], pins)
        return array


def followed(
    question: Question, pins: Floats, trials: Sequence[Sequence[Edit]] | None = None
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return what follows at each item of the work, for several students at once.

    Args:
        question: It has a model.
        pins: Shape (rows, items of the work); NaN where nothing is pinned.
        trials: Edits of each row, none by default.

    Returns:
        Numbers, shaped as the pins, and which rows have any: who wrote an output of 1.3 cannot go on to log(1 − y).
    """
    assert question.model is not None
    places = [question.places[position] for position in question.work]
    columns = [column for column, place in enumerate(places) if place is not None]
    addresses = [place for place in places if place is not None]
    # Row 0 is the problem as it is: a run needs one row whose numbers exist.
    whole = np.vstack([np.full((1, len(columns)), np.nan), pins[:, columns]])
    conduct = OwnValues([(), *(trials or [()] * len(pins))], addresses, whole)
    run = Run(question.model, conduct, len(whole))
    found = np.full(pins.shape, np.nan)
    try:
        run.all_steps()
    except DomainError:
        return found, np.zeros(len(pins), dtype=bool)
    found[:, columns] = conduct.readings[1:]
    found[~run.alive[1:]] = np.nan
    return found, run.alive[1:]


def expected_by_arrays(question: Question, pins: Floats, halves: Floats) -> Expected:
    """Return what follows when each array is computed from the arrays before it, as in matrix form.

    Args:
        question: It has a model.
        pins: One number per item of the work, NaN where the student gave none.
        halves: By how much each of them may have been rounded.
    """
    pinned = np.flatnonzero(~np.isnan(pins))
    count, nudges = len(pinned), _nudges(question, pins)
    rows = np.tile(pins, (1 + 2 * count + len(nudges), 1))
    each = np.arange(1, 1 + count)
    rows[each, pinned] = np.nan
    rows[each + count, pinned] += halves[pinned]
    still: list[Sequence[Edit]] = [()] * (1 + 2 * count)
    values, _ = followed(question, rows, [*still, *nudges])
    moved = np.nan_to_num(np.abs(values[1:] - values[0]), nan=0.0, posinf=0.0)
    influence = np.zeros((len(pins), len(pins)))
    influence[pinned] = np.maximum(moved[:count], moved[count : 2 * count])
    return Expected(values[0], added_up(moved[count:]), influence)


def added_up(moved: Floats) -> Floats:
    """Return how far numbers may lie off when each of many roundings moves them by so much, shape (roundings, …)."""
    return np.asarray(np.minimum(SPREAD * np.sqrt((moved**2).sum(axis=0)), moved.sum(axis=0)))


def _nudges(question: Question, pins: Floats) -> list[tuple[Edit, ...]]:
    """Return edits that move each unpinned intermediate result by half of the last stated digit."""
    assert question.model is not None
    graph = question.model.graph
    taken = {
        question.places[position]
        for position, pin in zip(question.work, pins, strict=True)
        if not np.isnan(pin)
    }
    inner = [n.quantity for n in graph.nodes if not isinstance(n.operation, Leaf) and n is not graph.root]
    size = sum(int(np.prod(graph.node(key).shape, dtype=int)) for key in inner) * graph.samples
    found: list[tuple[Edit, ...]] = []
    for key in (*inner, *map(graph.gradient, inner)):
        moved = _moved_by(question.digits, BACKWARD if key.role is Role.GRADIENT else 1.0)
        if 2 * size > MOST_NUDGES:
            found.append((Edit(key, moved, shown=False),))
            continue
        found += [
            (Edit(key, at_element(graph, element, moved), shown=False),)
            for element in all_elements(graph, key)
            if cell_of(question.model, element) not in taken
        ]
    return found


def _moved_by(digits: Digits, factor: float) -> Callable[[Sight], Floats]:
    return lambda sight: np.asarray(sight.array + factor * half_units(sight.array, digits))


def half_units(values: Floats, digits: Digits) -> Floats:
    """Return half a unit of the last digit that is stated of each number; 0 for a zero."""
    size = np.abs(values)
    with np.errstate(divide="ignore"):
        power = np.floor(np.log10(np.where(size > 0, size, 1.0)))
    if digits.decimals is None:
        unit = 10.0 ** (power + 1 - digits.significant)
    else:
        fixed = 10.0**-digits.decimals
        unit = np.where(2 * size >= fixed, fixed, 10.0 ** (power + 1 - max(2, digits.decimals)))
    return np.where(size > 0, unit / 2, 0.0)
