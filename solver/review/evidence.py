"""How well a prediction of all printed figures speaks for the mistake that makes it.

Each printed figure that a prediction gives and the truth does not speaks for it, by as much as the digits that agree;
each true figure that it would have spoiled speaks against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solver.exercises.mistakes.run import Floats
from solver.review.figures import Figure

AGAINST = 3.0
"""What one true figure that an explanation would have spoiled takes from it."""

NEARER = 0.7
"""Share of the distance to a printed figure that an explanation leaves at most, where it does not give it exactly."""

_LEAST_GAIN, _MOST_GAIN = 0.7, 6.0

Marks = NDArray[np.bool_]
"""One truth value per figure."""


@dataclass(frozen=True)
class Evidence:
    """The printed figures, and what predictions of them are worth.

    Attributes:
        figures: All printed figures, in order of work; n of them.
        values: The true values, shape (n,).
        radius: How far each may drift when everything is rounded on the way and nothing printed is gone on with.
    """

    figures: Sequence[Figure]
    values: Floats
    radius: Floats

    @cached_property
    def printed(self) -> Floats:
        """The figures as printed."""
        return np.array([float(figure.value) for figure in self.figures])

    @cached_property
    def units(self) -> Floats:
        """What one step of the last digit of each figure is worth."""
        return np.array([figure.unit for figure in self.figures])

    def matches(self, predicted: Floats) -> tuple[Marks, Marks]:
        """Return (to the last digit, within what rounding does) for predictions of shape (…, n)."""
        distance = np.abs(predicted - self.printed)
        exact = distance <= self.units * (0.5 + 1e-6) + 1e-12 * np.abs(predicted)
        with np.errstate(divide="ignore", invalid="ignore"):
            growth = np.nan_to_num(np.abs(predicted) / np.abs(self.values), nan=1.0, posinf=1.0)
        loose = distance <= self.units + self.radius * np.clip(growth, 1.0, 100.0)
        return exact, exact | loose

    def changes(self, predicted: Floats, current: Floats) -> Marks:
        """Return which figures come out otherwise than so far, so far that it can be seen."""
        found: Marks = np.abs(predicted - current) > self.units / 2
        return found

    def nearer(self, predicted: Floats, current: Floats) -> Marks:
        """Return which figures predictions come clearly nearer to than what is predicted so far."""
        found: Marks = np.abs(predicted - self.printed) < NEARER * np.abs(current - self.printed)
        return found

    @cached_property
    def _gains(self) -> tuple[Floats, Floats]:
        """What it is worth to give each figure: to the last digit, or within rounding."""
        spread = np.abs(self.printed) + np.abs(self.values) + self.units
        exact = np.clip(np.log(spread / self.units), _LEAST_GAIN, _MOST_GAIN)
        loose = np.clip(0.8 * np.log(spread / (self.units + self.radius)), 0.2, 4.0)
        return exact, np.minimum(exact, loose)

    def worth(self, predicted: Floats) -> Floats:
        """Return what predictions are worth, figure by figure."""
        exact, loose = self.matches(predicted)
        gain_exact, gain_loose = self._gains
        return np.where(exact, gain_exact, np.where(loose, gain_loose, 0.0))

    def gain(self, number: int, current: Floats) -> float:
        """Return what it is worth to give one figure to its last digit, beside what is predicted so far."""
        return float(self._gains[0][number] - self.worth(current)[number])

    def of(
        self, predicted: Floats, current: Floats, open_: Marks, settled: Marks
    ) -> tuple[Floats, NDArray[np.int_]]:
        """Return (score, spoiled figures) of predictions.

        Args:
            predicted: Shape (trials, n).
            current: What is predicted so far, shape (n,).
            open_: Figures without an explanation so far.
            settled: Figures that are right, or explained.
        """
        _, loose = self.matches(predicted)
        _, now = self.matches(current)
        gains = (self.worth(predicted) - self.worth(current)) * open_
        spoiled = settled & now & ~loose
        count = spoiled.sum(axis=-1)
        return gains.sum(axis=-1) - AGAINST * count, count
