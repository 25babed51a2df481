"""Many people with pencils: a run in which every row rounds its own intermediate results, and takes its own printed ones.

Where a solution writes a number down, the graph code says so (`settle`); each time somebody may keep all digits or round.
A row is one such chain of decisions: which printed figures are gone on with, and what is rounded to which digits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from solver.arithmetic import Digits
from solver.exercises.mistakes import Address, Run, Site, Spot
from solver.exercises.mistakes.edits import Plan
from solver.exercises.mistakes.run import Floats
from solver.exercises.pencil import FULL, Pencil, rounded
from solver.review.pinned import Pinned


@dataclass(frozen=True, slots=True)
class Result:
    """An array that is written down on the way.

    Attributes:
        site: Where.
        turn: Which of those that are written down there, from 0: a local derivative before the product with it.
    """

    site: Site
    turn: int


@dataclass(frozen=True, slots=True)
class Rounding:
    """Elements of an intermediate result rounded.

    Attributes:
        result: The array.
        places: The elements, flattened, from 0.
        digits: To so many.
    """

    result: Result
    places: tuple[int, ...]
    digits: Digits


@dataclass(frozen=True)
class Working:
    """One chain of decisions.

    Attributes:
        printed: Numbers of the figures that are gone on with as printed.
        digits: What everything is rounded to that is not printed.
        roundings: What else is rounded, or rounded otherwise.
    """

    printed: frozenset[int] = frozenset()
    digits: Digits = FULL
    roundings: tuple[Rounding, ...] = ()


@dataclass(frozen=True)
class RowPencil(Pencil):
    """Arithmetic on float64 in which somebody else decides what is rounded."""

    digits: Digits = FULL
    name: str = "pencils"
    written: Callable[[Floats], Floats] = field(default=lambda values: values, compare=False)

    def settle(self, values: Floats) -> Floats:
        """Return the values as they are written down."""
        return self.written(np.asarray(values))


class Pencils(Pinned):
    """The conduct of a run in which each row is a way of working.

    Args:
        workings: One per row.
        addresses: What to read.
        printed: The printed figures that any of them goes on with: where they stand, and what is printed.
    """

    def __init__(
        self,
        workings: Sequence[Working],
        addresses: Sequence[Address] | Plan,
        printed: Mapping[int, tuple[Address, float]],
    ) -> None:
        super().__init__(len(workings), addresses, _pins(workings, printed))
        self.rows = len(workings)
        self.survey: dict[Result, Floats] = {}
        self.makes: dict[Spot, Result] = {}
        self._site: Site | None = None
        self._turn = 0
        self._everywhere: dict[Digits, list[int]] = {}
        self._here: dict[Result, list[tuple[int, Rounding]]] = {}
        for row, working in enumerate(workings):
            if working.digits != FULL:
                self._everywhere.setdefault(working.digits, []).append(row)
            for rounding in working.roundings:
                self._here.setdefault(rounding.result, []).append((row, rounding))

    @property
    def arithmetic(self) -> RowPencil:
        """In what the run computes."""
        return RowPencil(written=self._written)

    def begins(self, site: Site) -> None:
        """Note where the next results are written down."""
        self._site, self._turn = site, 0

    def __call__(self, spot: Spot, array: Floats, run: Run) -> Floats:
        """Note which result the array is, then read it and put printed figures in."""
        if self.rows == 1:
            for result, values in self.survey.items():
                if result.site.step == spot.step and np.shares_memory(values, array):
                    self.makes[spot] = result
        return super().__call__(spot, array, run)

    def _written(self, values: Floats) -> Floats:
        if self._site is None:
            return values
        result = Result(self._site, self._turn)
        self._turn += 1
        if not values.ndim or len(values) != self.rows:  # a number that is the same for all
            return values
        if self.rows == 1:
            self.survey[result] = values
        here = self._here.get(result)
        if not here and not self._everywhere:
            return values
        found = np.array(values, order="C")
        flat, kept = found.reshape(self.rows, -1), values.reshape(self.rows, -1)
        for digits, rows in self._everywhere.items():
            flat[rows] = rounded(kept[rows], digits)
        for row, rounding in here or ():
            places = list(rounding.places)
            flat[row, places] = rounded(kept[row, places], rounding.digits)
        return found


def _pins(workings: Sequence[Working], printed: Mapping[int, tuple[Address, float]]) -> dict[Address, Floats]:
    """Return what each row puts in at each address; not a number where it goes on with what it has computed."""
    rows: dict[int, list[int]] = {}
    for row, working in enumerate(workings):
        for number in working.printed:
            rows.setdefault(number, []).append(row)
    found: dict[Address, Floats] = {}
    for number, those in rows.items():
        address, value = printed[number]
        if address not in found:
            found[address] = np.full(len(workings), np.nan)
        found[address][those] = value
    return found
