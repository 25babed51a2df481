"""What is believed of a mistake before its consequences are looked at, and whether it was gone on with."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from solver.exercises.mistakes import MISTAKES, Edit, Plant
from solver.exercises.mistakes.run import Floats
from solver.exercises.mistakes.steps import Rounding
from solver.graph.model import Model
from solver.quantities import Quantity
from solver.review.evidence import Evidence, Marks

ALONE = 0.3
"""How often a mistake spoils only what is written down, while the work goes on from the right numbers."""

UNSEEN = 0.07
"""How much less a mistake is believed that was made where nothing is printed."""

BEYOND = 0.25
"""How much less a mistake in a whole array is believed of which a single figure is printed."""


@dataclass(frozen=True)
class Way:
    """What follows from hypotheses.

    Attributes:
        carried: Whether they were gone on with.
        prior: How much less that is believed, as a logarithm.
        predicted: Every figure, shape (trials, figures).
        differs: Which of them say something of their own, shape (trials,).
    """

    carried: bool
    prior: float
    predicted: Floats
    differs: Marks


@dataclass(frozen=True)
class Belief:
    """What the printed figures say of mistakes at once.

    Attributes:
        model: The problem.
        evidence: The printed figures, with their true values.
    """

    model: Model
    evidence: Evidence

    def prior(self, plant: Plant) -> float:
        """Return how much a mistake is believed before any figure is looked at."""
        believed = MISTAKES[plant.mistake].prior * plant.weight
        counts = [len(self._prints_of(edit)) for edit in plant.edits]
        if not any(counts):
            believed *= UNSEEN
        elif not plant.place.index and max(counts) == 1 and self._is_array(plant.place):
            believed *= BEYOND
        return math.log(believed)

    @cached_property
    def _figures_of(self) -> Mapping[tuple[int, Quantity], list[int]]:
        """The figures of each array at each step."""
        found: dict[tuple[int, Quantity], list[int]] = {}
        for number, figure in enumerate(self.evidence.figures):
            if isinstance(figure.key, Quantity):
                found.setdefault((figure.step, figure.key.whole), []).append(number)
        return found

    def _prints_of(self, edit: Edit) -> list[int]:
        """Return the figures of the array that an edit changes."""
        last = self.model.training.steps if self.model.training is not None else 1
        steps = range(1, last + 1) if edit.step is None else (edit.step,)
        return [number for step in steps for number in self._figures_of.get((step, edit.key), ())]

    def _is_array(self, key: Quantity) -> bool:
        node = self.model.graph.node(key.value)
        return math.prod(node.shape) * (self.model.graph.samples if node.per_sample else 1) > 1

    def ways(
        self, number: int, trials: Sequence[Sequence[Edit]], predicted: Floats, current: Floats
    ) -> Iterator[Way]:
        """Yield what follows from mistakes that were gone on with, and from the same in print alone."""
        yield Way(True, 0.0, predicted, np.ones(len(trials), dtype=bool))
        shown = np.zeros(predicted.shape, dtype=bool)
        step = self.evidence.figures[number].step
        for row, edits in enumerate(trials):
            for edit in edits:
                if edit.shown and edit.step in (None, step):
                    shown[row, self._figures_of.get((step, edit.key), ())] = True
        in_print = np.where(shown, predicted, current)
        yield Way(False, math.log(ALONE), in_print, shown[:, number] & (in_print != predicted).any(axis=-1))

    def refuted(self, plant: Plant, sound: Callable[[int], bool]) -> bool:
        """Return whether the source prints otherwise, to no more digits, what it is said to have rounded."""
        return any(
            not finer and abs(coarse - float(self.evidence.printed[number])) > unit / 2 and sound(number)
            for number, coarse, unit, finer in self._prints_of_rounded(plant.edits)
        )

    def finer_prints(self, edits: Sequence[Edit]) -> list[int]:
        """Return the figures that print an array to more digits than it is rounded to."""
        return [
            number for number, coarse, unit, finer in self._prints_of_rounded(edits)
            if finer and abs(coarse - float(self.evidence.printed[number])) > unit / 2
        ]  # fmt: skip

    def _prints_of_rounded(self, edits: Sequence[Edit]) -> Iterator[tuple[int, float, float, bool]]:
        """Yield (figure, true value rounded, last digit of the figure, whether that is finer) of rounded arrays."""
        for edit in edits:
            if isinstance(edit.change, Rounding):
                for number in self._prints_of(edit):
                    coarse, step = edit.change.of(float(self.evidence.values[number]))
                    unit = float(self.evidence.units[number])
                    yield number, coarse, unit, unit < 0.99 * step
