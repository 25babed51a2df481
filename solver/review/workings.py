"""What ways of working make of each figure: printed figures put in or not, intermediate results rounded or not.

What may be rounded is everything that a solution writes down and the source does not print, to the digits that the source
itself uses. What it prints stands as printed, or as it was computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from solver.arithmetic import Digits, DomainError
from solver.exercises.mistakes import Address, Cell, Run, Spot
from solver.exercises.mistakes.edits import Plan
from solver.exercises.mistakes.run import Floats
from solver.exercises.pencil import rounded
from solver.graph.model import Model
from solver.quantities import Quantity
from solver.review.figures import Figure
from solver.review.pencils import Pencils, Result, Rounding, Working
from solver.review.telling import Named

AT_ONCE = 2_000_000
"""Numbers of one array that are held at once: so many rows of it are computed together."""


@dataclass
class Workings:
    """A problem worked through in many ways at once.

    Attributes:
        model: The problem, or the same problem in another form of the chain rule.
        figures: All printed figures, in order of work.
        digits: To how many digits the source rounds.
    """

    model: Model
    figures: Sequence[Figure]
    digits: Sequence[Digits]

    @cached_property
    def plan(self) -> Plan:
        """Where the figures are read."""
        return Plan([figure.address for figure in self.figures])

    @cached_property
    def printed(self) -> dict[int, tuple[Address, float]]:
        """Where each figure stands, and what is printed."""
        return {number: (figure.address, float(figure.value)) for number, figure in enumerate(self.figures)}

    def read(self, workings: Sequence[Working]) -> Floats:
        """Return every figure by each way of working, shape (workings, figures); NaN where there is no number."""
        at_once = max(2, AT_ONCE // self.model.graph.largest)
        parts = [
            self._run([Working(), *workings[start : start + at_once]])[0].readings[1:]
            for start in range(0, len(workings), at_once)
        ]
        return np.concatenate([np.zeros((0, len(self.figures))), *parts])

    def worked(self, workings: Sequence[Working]) -> Run | None:
        """Return the run behind some ways of working; its row 0 carries everything. None where that has no numbers."""
        return self._run([Working(), *workings])[1]

    def _run(self, workings: Sequence[Working]) -> tuple[Pencils, Run | None]:
        conduct = Pencils(workings, self.plan, self.printed)
        run = Run(self.model, conduct, len(workings), conduct.arithmetic)
        try:
            run.all_steps()
        except DomainError:
            conduct.readings[:] = np.nan
            return conduct, None
        conduct.readings[~run.alive] = np.nan
        return conduct, run

    def names(self, rounding: Rounding) -> list[Named]:
        """Return what rounded elements are called; an array by its own name where all of it is rounded."""
        result = rounding.result
        spot, lead = self.spots.get(result), ""
        if spot is None:
            whole = result.site.of
            lead = "the derivative of " if result.turn == 0 else "what goes back through "
            spot = Spot(result.site.step, whole)
        size = self._survey.survey[result].size
        node = self.model.graph.node(spot.key.value)
        shape = ((self.model.graph.samples,) if node.per_sample else ()) + node.shape
        if len(rounding.places) == size or size != int(np.prod(shape, dtype=int)):
            return [(lead, spot.key)]
        return [(lead, self._element(spot.key, place, shape)) for place in rounding.places]

    def _element(self, whole: Quantity, place: int, shape: tuple[int, ...]) -> Quantity:
        index = tuple(int(axis) + 1 for axis in np.unravel_index(place, shape)) if shape else ()
        if not self.model.graph.node(whole.value).per_sample:
            return whole.at(*index)
        return whole.at(*index[1:]).of_sample(index[0] if self.model.graph.sample_axis else None)

    # --- what can be rounded ------------------------------------------------------------------------------

    @cached_property
    def _survey(self) -> Pencils:
        return self._run([Working()])[0]

    @cached_property
    def spots(self) -> dict[Result, Spot]:
        """Which array of the solution a result is, where it is one."""
        return {result: spot for spot, result in self._survey.makes.items()}

    @cached_property
    def roundings(self) -> list[Rounding]:
        """Each result that is not printed, rounded to each number of digits that changes it."""
        found = []
        for result, values in self._survey.survey.items():
            free = self._unprinted(result, values.size)
            for digits in self.digits if free else ():
                if self._changes(values, digits)[free].any():
                    found.append(Rounding(result, tuple(free), digits))
        return found

    @cached_property
    def rounded_alone(self) -> Floats:
        """Every figure as it follows from each of these alone, nothing printed gone on with."""
        return self.read(self.alone)

    @cached_property
    def alone(self) -> list[Working]:
        """One result rounded, or everything alike, and nothing printed gone on with."""
        single = [Working(roundings=(rounding,)) for rounding in self.roundings]
        return single + [Working(digits=digits) for digits in self.digits]

    def _changes(self, values: Floats, digits: Digits) -> Floats:
        flat = values.ravel()
        return np.asarray(np.abs(rounded(flat, digits) - flat) > 1e-12 * np.abs(flat))

    def _unprinted(self, result: Result, size: int) -> list[int]:
        spot = self.spots.get(result)
        printed = {
            figure.address.place for figure in self.figures
            if isinstance(figure.address, Cell) and figure.address.spot == spot
        }  # fmt: skip
        return [place for place in range(size) if place not in printed]
