"""What probably happened: every mistake of the table is made, and the one that gives the printed figures is named.

An explanation is worth what it explains. How often a mistake is made at all, and at how many places it could have been
made, decides between explanations that fit alike. A mistake may have been gone on with, or stand in print alone. Two
mistakes are tried together when none alone gives the figure.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from solver.exercises.mistakes import (
    MISTAKES,
    Edit,
    Plant,
    Saying,
    affordable_rows,
)
from solver.exercises.mistakes.run import Floats
from solver.graph.model import Model
from solver.review.belief import Belief
from solver.review.evidence import Evidence, Marks
from solver.review.figures import Figure, Order
from solver.review.slips import Slips
from solver.review.trials import Trials
from solver.review.truth import Truth

PAIR = math.log(0.05)
"""What it takes from an explanation that two things went wrong at once."""

MOST_IN_PAIRS = 48

MOST_WITH_ROUNDING = 16
"""The likeliest mistakes, tried together with each way of rounding everything."""

UNKNOWN = math.log(2e-4)


@dataclass(frozen=True)
class Explanation:
    """What may have happened at a figure.

    Attributes:
        mistakes: Names of the records, two for a pair; none where nothing is known.
        saying: What a reader is told; None where nothing is known.
        score: How good it is; comparable within one figure alone.
        edits: What was written down wrong and gone on with; none where only the print is wrong.
        predicted: Every figure as it follows.
        spoiled: How many true figures speak against it.
        exact: Whether it gives the figure to the last digit.
    """

    mistakes: tuple[str, ...]
    saying: Saying | None
    score: float
    edits: tuple[Edit, ...] = ()
    predicted: Floats = field(default_factory=lambda: np.zeros(0), repr=False)
    spoiled: int = 0
    exact: bool = True


@dataclass
class Search:
    """Where causes are looked for.

    Attributes:
        model: The problem.
        figures: All printed figures, in order.
        truth: The true values.
        evidence: What predictions of the figures are worth.
        current: The figures as they follow from what is known to have been done wrong.
    """

    model: Model
    figures: Sequence[Figure]
    truth: Truth
    evidence: Evidence
    current: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        self.current = self.evidence.values.copy()

    @cached_property
    def trials(self) -> Trials:
        """What comes of mistakes."""
        return Trials(self.model, self.figures, self.truth)

    @cached_property
    def slips(self) -> Slips:
        """Where slips of the pen are looked for."""
        return Slips(self.model, self.figures, self.truth)

    @cached_property
    def belief(self) -> Belief:
        """What is believed of mistakes at once."""
        return Belief(self.model, self.evidence)

    def accept(self, explanation: Explanation) -> None:
        """Go on with what an explanation says."""
        if explanation.edits:
            self.current = explanation.predicted
            self.trials.go_on_with(explanation.edits)

    # --- the search ---------------------------------------------------------------------------------------

    def explain(
        self,
        number: int,
        open_: Marks,
        settled: Marks,
        targets: Sequence[float],
        *,
        pairs: bool,
    ) -> Explanation:
        """Return the best explanation of one figure.

        Args:
            number: The figure.
            open_: Figures without an explanation, this one among them.
            settled: Figures that are right, or explained.
            targets: What should stand there, by the truth and by the figures before it.
            pairs: Whether two mistakes at once are tried, where none alone explains the figure.
        """
        figure = self.figures[number]
        others = open_.copy()
        others[number] = False
        plants, predicted, alive = self.trials.of(number, open_)
        found = [*self._planted(number, plants, predicted, alive, open_, settled)]
        carried = self._carried(number, open_, others, settled)
        found += self._written(number, figure, targets, carried)
        nothing = replace(carried, mistakes=(), saying=None, score=UNKNOWN + max(0.0, carried.score))
        known = any(explanation.score > nothing.score for explanation in found)
        pairs &= figure.significant > 1
        if not known and pairs and affordable_rows(self.model) > MOST_IN_PAIRS**2:
            found += self._pairs(number, plants, predicted, alive, open_, settled)
        return max([*found, nothing], key=lambda explanation: explanation.score)

    def _planted(
        self, number: int, plants: Sequence[Plant], predicted: Floats, alive: Marks,
        open_: Marks, settled: Marks,
    ) -> Iterator[Explanation]:  # fmt: skip
        if not plants:
            return
        exact, loose = (marks[:, number] for marks in self.evidence.matches(predicted))
        changed = self.evidence.changes(predicted, self.current)[:, number]
        # Within what rounding does, everything is "rounded": that has to fit to the last digit, and any other mistake has
        # to come nearer than none.
        nearer = self.evidence.nearer(predicted, self.current)[:, number]
        fits = np.where([plant.mistake == "rounded" for plant in plants], exact, exact | (loose & nearer))
        rows = np.flatnonzero(alive & changed & fits & ~self._by_chance(number, predicted, open_))
        rows = np.array(
            [row for row in map(int, rows) if not self.belief.refuted(plants[row], self.slips.sound)],
            dtype=int,
        )
        fitting = [plants[row] for row in map(int, rows)]
        for way in self.belief.ways(
            number, [plant.edits for plant in fitting], predicted[rows], self.current
        ):
            scores, spoiled = self._scores(way.predicted, open_, settled)
            for place in map(int, np.flatnonzero(way.differs)):
                plant = fitting[place]
                yield Explanation(
                    (plant.mistake,), plant.saying, self.belief.prior(plant) + way.prior + float(scores[place]),
                    plant.edits if way.carried else (), way.predicted[place], int(spoiled[place]),
                    bool(exact[rows[place]]),
                )  # fmt: skip

    def _by_chance(self, number: int, predicted: Floats, open_: Marks) -> Marks:
        """Return which predictions say nothing: what is rounded to the one digit of a figure, and explains no other."""
        if self.figures[number].significant > 1:
            return np.zeros(len(predicted), dtype=bool)
        others = open_.copy()
        others[number] = False
        _, loose = self.evidence.matches(predicted)
        elsewhere = (loose & self.evidence.changes(predicted, self.current) & others).any(axis=1)
        printed = self.evidence.printed[number]
        return np.asarray(~elsewhere & (np.abs(predicted[:, number] - printed) > 1e-12 * abs(printed)))

    def _scores(self, predicted: Floats, open_: Marks, settled: Marks) -> tuple[Floats, NDArray[np.int_]]:
        return self.evidence.of(predicted, self.current, open_, settled)

    def _carried(self, number: int, open_: Marks, others: Marks, settled: Marks) -> Explanation:
        """Return what follows when the printed figure was gone on with; the score is the evidence for that alone."""
        figure, predicted = self.figures[number], self.trials.own(number, open_).carried
        edits = self.trials.as_printed(number)
        if predicted is not None and edits:
            scores, spoiled = self._scores(predicted[None], others, settled & self._later(figure))
            if scores[0] > 0:
                return Explanation((), None, float(scores[0]), edits, predicted, int(spoiled[0]))
        return Explanation((), None, 0.0, (), self.current)

    def _later(self, figure: Figure) -> Marks:
        first = bisect_right(self._orders, figure.order)
        return np.arange(len(self.figures)) >= first

    @cached_property
    def _orders(self) -> list[Order]:
        return [figure.order for figure in self.figures]

    def _written(
        self, number: int, figure: Figure, targets: Sequence[float], carried: Explanation
    ) -> Iterator[Explanation]:
        """Yield the slips of the pen that lead from what should stand there to what does."""
        gain = self.evidence.gain(number, self.current)
        for mistake, saying, weight in self.slips.of(figure, targets):
            score = math.log(MISTAKES[mistake].prior * weight) + gain + max(0.0, carried.score)
            yield replace(carried, mistakes=(mistake,), saying=saying, score=score)

    def _pairs(
        self, number: int, plants: Sequence[Plant], predicted: Floats, alive: Marks,
        open_: Marks, settled: Marks,
    ) -> Iterator[Explanation]:  # fmt: skip
        """Yield two mistakes that together give a figure: two of the computation, or one of it and one of the pen."""
        if not plants:
            return
        figure = self.figures[number]
        moved = alive & self.evidence.changes(predicted, self.current)[:, number]
        rows = map(int, np.flatnonzero(moved))
        order = sorted(rows, key=lambda row: -MISTAKES[plants[row].mistake].prior * plants[row].weight)
        gain = self.evidence.gain(number, self.current)
        for way in self.belief.ways(number, [plant.edits for plant in plants], predicted, self.current):
            scores, spoiled = self._scores(way.predicted, open_, settled)
            for row in (row for row in order if way.differs[row]):
                edits = plants[row].edits if way.carried else ()
                for mistake, saying, weight in self.slips.misprints(figure, [float(predicted[row, number])]):
                    prior = (
                        self.belief.prior(plants[row])
                        + math.log(MISTAKES[mistake].prior * weight)
                        + PAIR
                        + way.prior
                    )
                    yield Explanation(
                        (plants[row].mistake, mistake), _both(plants[row].saying, saying),
                        prior + gain + float(scores[row]), edits, way.predicted[row], int(spoiled[row]),
                    )  # fmt: skip
        chosen = order[:MOST_IN_PAIRS]
        twos = [(plants[one], plants[two]) for one, two in combinations(chosen, 2)]
        # Whoever rounds on the way does so whatever else went wrong.
        coarse = [
            plants[row] for row in order if plants[row].mistake == "rounded" and len(plants[row].edits) > 1
        ]
        wrong = [plants[row] for row in chosen[:MOST_WITH_ROUNDING] if plants[row].mistake != "rounded"]
        twos += [(one, two) for one in wrong for two in coarse]
        if not twos:
            return
        trials = [(*one.edits, *two.edits) for one, two in twos]
        together, living = self.trials.outcomes(trials)
        exact, _ = self.evidence.matches(together)
        rows_of_twos = np.flatnonzero(living & exact[:, number])
        for way in self.belief.ways(
            number, [trials[row] for row in rows_of_twos], together[rows_of_twos], self.current
        ):
            scores, spoiled = self._scores(way.predicted, open_, settled)
            for place in map(int, np.flatnonzero(way.differs)):
                one, two = twos[rows_of_twos[place]]
                prior = self.belief.prior(one) + self.belief.prior(two) + PAIR + way.prior
                yield Explanation(
                    (one.mistake, two.mistake), _both(one.saying, two.saying), prior + float(scores[place]),
                    (*one.edits, *two.edits) if way.carried else (), way.predicted[place], int(spoiled[place]),
                )  # fmt: skip


def _both(one: Saying, other: Saying) -> Saying:
    words = {f"one_{name}": word for name, word in one.words.items()}
    words |= {f"two_{name}": word for name, word in other.words.items()}
    first = one.template.replace("{", "{one_")
    return Saying(f"{first}, and {other.template.replace('{', '{two_')}", words)
