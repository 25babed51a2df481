"""What probably happened: every mistake of the table is made, and the one that gives the printed figures is named.

An explanation is worth what it explains. How often a mistake is made at all, and at how many places it could have been
made, decides between explanations that fit alike. A mistake may have been gone on with, or stand in print alone. Two
mistakes are tried together when none alone gives the figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from solver.exercises.mistakes import (
    MISTAKES,
    Address,
    Cell,
    Edit,
    Plant,
    Saying,
    Subject,
    affordable_rows,
    outcomes,
    planted,
)
from solver.exercises.mistakes.building import adding
from solver.exercises.mistakes.edits import Plan, Sight
from solver.exercises.mistakes.run import Floats
from solver.graph.model import Model
from solver.quantities import Quantity
from solver.review.belief import Belief
from solver.review.evidence import Evidence, Marks
from solver.review.figures import Figure
from solver.review.slips import Slips
from solver.review.truth import Truth

PAIR = math.log(0.05)
"""What it takes from an explanation that two things went wrong at once."""

MOST_IN_FOCUS = 160
"""Unprinted elements at which mistakes are tried one by one."""

MOST_IN_PAIRS = 48

MOST_WITH_ROUNDING = 16
"""The likeliest mistakes, tried together with each way of rounding everything."""

UNKNOWN = math.log(2e-4)

Tried = tuple[list[Plant], Floats, Marks]
"""Mistakes, every figure as it follows from each, and which of them leave numbers at all."""


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
        active: Edits that are known to have been made, and gone on with.
        current: The figures that follow from them.
    """

    model: Model
    figures: Sequence[Figure]
    truth: Truth
    evidence: Evidence
    active: tuple[Edit, ...] = ()
    current: Floats = field(default_factory=lambda: np.zeros(0))
    _common: dict[int, Tried] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.current = self.evidence.values.copy()

    @cached_property
    def slips(self) -> Slips:
        """Where slips of the pen are looked for."""
        return Slips(self.model, self.figures, self.truth)

    @cached_property
    def belief(self) -> Belief:
        """What is believed of mistakes at once."""
        return Belief(self.model, self.evidence)

    @cached_property
    def addresses(self) -> list[Address]:
        """Where the figures stand."""
        return [figure.address for figure in self.figures]

    @cached_property
    def plan(self) -> Plan:
        """Where they are read."""
        return Plan(self.addresses)

    def accept(self, explanation: Explanation) -> None:
        """Go on with what an explanation says."""
        if explanation.edits:
            self.active = (*self.active, *explanation.edits)
            self.current = explanation.predicted
            self._common.clear()

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
        plants, predicted, alive = self._tried(figure)
        found = [*self._planted(number, plants, predicted, alive, open_, settled)]
        carried = self._carried(figure, others, settled)
        found += self._written(number, figure, targets, carried)
        nothing = replace(carried, mistakes=(), saying=None, score=UNKNOWN + max(0.0, carried.score))
        known = any(explanation.score > nothing.score for explanation in found)
        if not known and pairs and affordable_rows(self.model) > MOST_IN_PAIRS**2:
            found += self._pairs(number, plants, predicted, alive, open_, settled)
        return max([*found, nothing], key=lambda explanation: explanation.score)

    def _tried(self, figure: Figure) -> Tried:
        """Return the mistakes that could lead to a figure: at its own element, or where they could for any figure."""
        if figure.step not in self._common:
            self._common[figure.step] = self._outcomes_of(
                list(self._plants(figure.step, self._focus(figure.step)))
            )
        plants, predicted, alive = self._common[figure.step]
        if not isinstance(figure.key, Quantity):
            return plants, predicted, alive
        own, own_predicted, own_alive = self._outcomes_of(
            [plant for plant in self._plants(figure.step, [figure.key]) if plant.place == figure.key]
        )
        return [*plants, *own], np.concatenate([predicted, own_predicted]), np.concatenate([alive, own_alive])

    def _outcomes_of(self, plants: list[Plant]) -> Tried:
        """Return what comes of plants, in a large network of the likeliest of them."""
        most = affordable_rows(self.model)
        if len(plants) > most:
            plants = sorted(plants, key=lambda plant: -MISTAKES[plant.mistake].prior * plant.weight)[:most]
        return plants, *self._outcomes([plant.edits for plant in plants])

    def _outcomes(self, trials: Sequence[Sequence[Edit]]) -> tuple[Floats, Marks]:
        return outcomes(self.model, [(*self.active, *trial) for trial in trials], self.plan)

    def _plants(self, step: int, focus: Iterable[Quantity]) -> Iterator[Plant]:
        """Yield the mistakes in whole arrays and at single elements; in a problem of several steps also at one step."""
        steps = self.model.training.steps if self.model.training else 1
        for plant in planted(Subject(self.model, frozenset(focus))):
            yield plant
            if steps > 1:
                once = tuple(replace(edit, step=step) for edit in plant.edits)
                yield replace(plant, edits=once, weight=0.7 * plant.weight)

    def _focus(self, step: int) -> list[Quantity]:
        """Return the elements that are not printed, where they are few."""
        unprinted = [element for element, cell in self._unprinted if cell.spot.step == step]
        return unprinted if len(unprinted) <= MOST_IN_FOCUS else []

    @cached_property
    def _unprinted(self) -> list[tuple[Quantity, Cell]]:
        from solver.exercises.mistakes import all_elements
        from solver.review.figures import cell_of

        printed, graph = set(self.addresses), self.model.graph
        found = []
        for step in range(1, len(self.truth.steps) + 1):
            for node in graph.nodes:
                keys = [] if node.quantity in self.model.given else [node.quantity]
                if node.quantity in self.truth.steps[0].gradients and node.quantity != graph.root.quantity:
                    keys.append(graph.gradient(node.quantity))
                for key in keys:
                    for element in all_elements(graph, key):
                        cell = cell_of(graph, element, step)
                        if cell not in printed:
                            found.append((element, cell))
                        if len(found) > 2 * MOST_IN_FOCUS:
                            return found
        return found

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
        rows = np.flatnonzero(alive & changed & fits)
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

    def _scores(self, predicted: Floats, open_: Marks, settled: Marks) -> tuple[Floats, NDArray[np.int_]]:
        return self.evidence.of(predicted, self.current, open_, settled)

    def _carried(self, figure: Figure, others: Marks, settled: Marks) -> Explanation:
        """Return what follows when the printed figure was gone on with; the score is the evidence for that alone."""
        printed_only = Explanation((), None, 0.0, (), self.current)
        if not isinstance(figure.key, Quantity):
            return printed_only
        value = float(figure.value)
        element = figure.key

        def amount(sight: Sight) -> float:
            return value - float(sight.array.reshape(-1)[_place(figure)])

        edit = replace(adding(self.model.graph, element, amount), step=figure.step)
        predicted, alive = self._outcomes([(edit,)])
        if not alive[0]:
            return printed_only
        scores, spoiled = self._scores(predicted, others, settled & self._later(figure))
        if scores[0] <= 0:
            return printed_only
        return Explanation((), None, float(scores[0]), (edit,), predicted[0], int(spoiled[0]))

    def _later(self, figure: Figure) -> Marks:
        return np.array([other.order > figure.order for other in self.figures])

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
        together, living = self._outcomes(trials)
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


def _place(figure: Figure) -> int:
    assert isinstance(figure.address, Cell)
    return figure.address.place


def _both(one: Saying, other: Saying) -> Saying:
    words = {f"one_{name}": word for name, word in one.words.items()}
    words |= {f"two_{name}": word for name, word in other.words.items()}
    first = one.template.replace("{", "{one_")
    return Saying(f"{first}, and {other.template.replace('{', '{two_')}", words)
