"""A published solution beside the truth: what is right, what agrees with it, and to how many digits the source rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from solver.arithmetic import Digits
from solver.exercises.mistakes.run import Floats
from solver.graph.model import Model
from solver.review.figures import Figure
from solver.review.printing import Printing, digits_of, last_places_of, printing_of
from solver.review.truth import Agreement, Truth


@dataclass
class Source:
    """The figures of one solution.

    Attributes:
        model: The problem.
        figures: In order of work.
    """

    model: Model
    figures: Sequence[Figure]

    @cached_property
    def truth(self) -> Truth:
        """The true values of the problem."""
        return Truth(self.model)

    @cached_property
    def values(self) -> Floats:
        """The true values of the figures."""
        return self.truth.values([figure.address for figure in self.figures])

    @cached_property
    def agreements(self) -> list[Agreement]:
        """Whether each figure is the truth."""
        return [self.truth.agreement(f, v) for f, v in zip(self.figures, self.values, strict=True)]

    @cached_property
    def printing(self) -> Printing:
        """How the source rounds."""
        return printing_of(
            self.figures, self.values, [self.truth.is_given(figure) for figure in self.figures]
        )

    @cached_property
    def digits(self) -> list[Digits]:
        """To how many digits the source rounds."""
        given = [self.truth.is_given(figure) for figure in self.figures]
        return digits_of(self.printing, self.figures, self.values, given)

    @cached_property
    def coarseness(self) -> Floats:
        """By how much coarser than usual the intermediates of each figure may have been rounded."""
        values = np.abs(self.values[self.values != 0])
        usual = self.printing.units(values)
        coarsest = max(
            [1.0, *(float(np.median(last_places_of(digits, values) / usual)) for digits in self.digits)]
            if values.size
            else [1.0]
        )
        return np.array([max(coarsest, self.printing.coarseness(figure)) for figure in self.figures])
