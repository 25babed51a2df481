"""What probably happened: every mistake of the table is made, and the one that gives the printed figures is named.

An explanation is worth what it explains: each printed figure that it gives and the truth does not speaks for it, by as
much as the digits that agree; each true figure that it would have spoiled speaks against it. How often a mistake is made
at all, and at how many places it could have been made, decides between explanations that fit alike. Two mistakes are
tried together when none alone gives the figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
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
from solver.review.figures import Figure
from solver.review.slips import Slips
from solver.review.truth import Truth

AGAINST = 3.0
"""What one true figure that an explanation would have spoiled takes from it."""

PAIR = math.log(0.05)
"""What it takes from an explanation that two things went wrong at once."""

MOST_IN_FOCUS = 160
"""Unprinted elements at which mistakes are tried one by one."""

MOST_IN_PAIRS = 48

UNKNOWN = math.log(2e-4)

_LEAST_GAIN, _MOST_GAIN = 0.7, 6.0


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
        values: Those of the figures.
        radius: How far figures may drift when everything is rounded on the way and nothing printed is gone on with.
        active: Edits that are known to have been made, and gone on with.
        current: The figures that follow from them.
    """

    model: Model
    figures: Sequence[Figure]
    truth: Truth
    values: Floats
    radius: Floats
    active: tuple[Edit, ...] = ()
    current: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        self.current = self.values.copy()

    @cached_property
    def slips(self) -> Slips:
        """Where slips of the pen are looked for."""
        return Slips(self.model, self.figures, self.truth)

    @cached_property
    def printed(self) -> Floats:
        """The figures as printed."""
        return np.array([float(figure.value) for figure in self.figures])

    @cached_property
    def units(self) -> Floats:
        """What one step of the last digit of each figure is worth."""
        return np.array([figure.unit for figure in self.figures])

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

    # --- how well predictions fit ------------------------------------------------------------------------

    def matches(self, predicted: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return (to the last digit, within what rounding does) for predictions of shape (…, figures)."""
        distance = np.abs(predicted - self.printed)
        exact = distance <= self.units * (0.5 + 1e-6) + 1e-12 * np.abs(predicted)
        with np.errstate(divide="ignore", invalid="ignore"):
            growth = np.nan_to_num(np.abs(predicted) / np.abs(self.values), nan=1.0, posinf=1.0)
        loose = distance <= self.units + self.radius * np.clip(growth, 1.0, 100.0)
        return exact, exact | loose

    @cached_property
    def _gains(self) -> tuple[Floats, Floats]:
        """What it is worth to give each figure: to the last digit, or within rounding."""
        spread = np.abs(self.printed) + np.abs(self.values) + self.units
        exact = np.clip(np.log(spread / self.units), _LEAST_GAIN, _MOST_GAIN)
        loose = np.clip(0.8 * np.log(spread / (self.units + self.radius)), 0.2, 4.0)
        return exact, np.minimum(exact, loose)

    def _worth(self, predicted: Floats) -> Floats:
        """Return what predictions are worth, figure by figure."""
        exact, loose = self.matches(predicted)
        gain_exact, gain_loose = self._gains
        return np.where(exact, gain_exact, np.where(loose, gain_loose, 0.0))

    def evidence(
        self, predicted: Floats, open_: NDArray[np.bool_], settled: NDArray[np.bool_]
    ) -> tuple[Floats, NDArray[np.int_]]:
        """Return (score, spoiled figures) of predictions.

        Args:
            predicted: Shape (trials, figures).
            open_: Figures without an explanation so far.
            settled: Figures that are right, or explained.
        """
        _, loose = self.matches(predicted)
        _, now = self.matches(self.current)
        gains = (self._worth(predicted) - self._worth(self.current)) * open_
        spoiled = settled & now & ~loose
        count = spoiled.sum(axis=-1)
        return gains.sum(axis=-1) - AGAINST * count, count

    # --- the search ---------------------------------------------------------------------------------------

    def explain(
        self,
        number: int,
        open_: NDArray[np.bool_],
        settled: NDArray[np.bool_],
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
        plants = self._affordable(list(self._plants(figure)))
        predicted, alive = self._outcomes([plant.edits for plant in plants])
        found = [*self._planted(number, plants, predicted, alive, open_, settled)]
        carried = self._carried(figure, others, settled)
        found += self._written(number, figure, targets, carried)
        if not found and pairs and affordable_rows(self.model) > MOST_IN_PAIRS**2:
            found += self._pairs(number, plants, predicted, alive, open_, settled)
        nothing = replace(carried, mistakes=(), saying=None, score=UNKNOWN + max(0.0, carried.score))
        return max([*found, nothing], key=lambda explanation: explanation.score)

    def _affordable(self, plants: list[Plant]) -> list[Plant]:
        """Return the plants that can be tried, in a large network the likeliest of them."""
        most = affordable_rows(self.model)
        if len(plants) <= most:
            return plants
        return sorted(plants, key=lambda plant: -MISTAKES[plant.mistake].prior * plant.weight)[:most]

    def _outcomes(self, trials: Sequence[Sequence[Edit]]) -> tuple[Floats, NDArray[np.bool_]]:
        return outcomes(self.model, [(*self.active, *trial) for trial in trials], self.plan)

    def _plants(self, figure: Figure) -> Iterator[Plant]:
        """Yield the mistakes that could lead to a figure, at its own element or at elements that are not printed."""
        subject = Subject(self.model, frozenset(self._focus(figure)))
        steps = self.model.training.steps if self.model.training else 1
        for plant in planted(subject):
            yield plant
            if steps > 1:
                once = tuple(replace(edit, step=figure.step) for edit in plant.edits)
                yield replace(plant, edits=once, weight=0.7 * plant.weight)

    def _focus(self, figure: Figure) -> Iterator[Quantity]:
        if isinstance(figure.key, Quantity):
            yield figure.key
        unprinted = [cell for cell in self._unprinted if cell[1].spot.step == figure.step]
        if len(unprinted) <= MOST_IN_FOCUS:
            yield from (element for element, _ in unprinted)

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
        self, number: int, plants: Sequence[Plant], predicted: Floats, alive: NDArray[np.bool_],
        open_: NDArray[np.bool_], settled: NDArray[np.bool_],
    ) -> Iterator[Explanation]:  # fmt: skip
        if not plants:
            return
        exact, loose = self.matches(predicted)
        changed = np.abs(predicted[:, number] - self.current[number]) > self.units[number] / 2
        scores, spoiled = self.evidence(predicted, open_, settled)
        for row in map(int, np.flatnonzero(alive & loose[:, number] & changed)):
            plant = plants[row]
            if plant.mistake == "rounded" and not exact[row, number]:
                continue  # within what rounding does, everything is
            prior = math.log(MISTAKES[plant.mistake].prior * plant.weight)
            yield Explanation(
                (plant.mistake,), plant.saying, prior + float(scores[row]), plant.edits, predicted[row],
                int(spoiled[row]), bool(exact[row, number]),
            )  # fmt: skip

    def _carried(self, figure: Figure, others: NDArray[np.bool_], settled: NDArray[np.bool_]) -> Explanation:
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
        scores, spoiled = self.evidence(predicted, others, settled & self._later(figure))
        if scores[0] <= 0:
            return printed_only
        return Explanation((), None, float(scores[0]), (edit,), predicted[0], int(spoiled[0]))

    def _later(self, figure: Figure) -> NDArray[np.bool_]:
        return np.array([other.order > figure.order for other in self.figures])

    def _written(
        self, number: int, figure: Figure, targets: Sequence[float], carried: Explanation
    ) -> Iterator[Explanation]:
        """Yield the slips of the pen that lead from what should stand there to what does."""
        gain = float(self._gains[0][number] - self._worth(self.current)[number])
        for mistake, saying, weight in self.slips.of(figure, targets):
            score = math.log(MISTAKES[mistake].prior * weight) + gain + max(0.0, carried.score)
            yield replace(carried, mistakes=(mistake,), saying=saying, score=score)

    def _pairs(
        self, number: int, plants: Sequence[Plant], predicted: Floats, alive: NDArray[np.bool_],
        open_: NDArray[np.bool_], settled: NDArray[np.bool_],
    ) -> Iterator[Explanation]:  # fmt: skip
        """Yield two mistakes that together give a figure: two of the computation, or one of it and one of the pen."""
        if not plants:
            return
        figure = self.figures[number]
        moved = alive & (np.abs(predicted[:, number] - self.current[number]) > self.units[number] / 2)
        rows = map(int, np.flatnonzero(moved))
        order = sorted(rows, key=lambda row: -MISTAKES[plants[row].mistake].prior * plants[row].weight)
        scores, spoiled = self.evidence(predicted, open_, settled)
        gain = float(self._gains[0][number] - self._worth(self.current)[number])
        for row in order:
            for mistake, saying, weight in self.slips.misprints(figure, [float(predicted[row, number])]):
                prior = math.log(MISTAKES[plants[row].mistake].prior * plants[row].weight)
                prior += math.log(MISTAKES[mistake].prior * weight) + PAIR
                yield Explanation(
                    (plants[row].mistake, mistake), _both(plants[row].saying, saying),
                    prior + gain + float(scores[row]), plants[row].edits, predicted[row], int(spoiled[row]),
                )  # fmt: skip
        chosen = order[:MOST_IN_PAIRS]
        twos = [(plants[one], plants[two]) for one, two in combinations(chosen, 2)]
        together, living = self._outcomes([(*one.edits, *two.edits) for one, two in twos])
        if not twos:
            return
        exact, _ = self.matches(together)
        scores, spoiled = self.evidence(together, open_, settled)
        for row in map(int, np.flatnonzero(living & exact[:, number])):
            one, two = twos[row]
            prior = sum(math.log(MISTAKES[plant.mistake].prior * plant.weight) for plant in (one, two)) + PAIR
            yield Explanation(
                (one.mistake, two.mistake), _both(one.saying, two.saying), prior + float(scores[row]),
                (*one.edits, *two.edits), together[row], int(spoiled[row]),
            )  # fmt: skip


def _place(figure: Figure) -> int:
    assert isinstance(figure.address, Cell)
    return figure.address.place


def _both(one: Saying, other: Saying) -> Saying:
    words = {f"one_{name}": word for name, word in one.words.items()}
    words |= {f"two_{name}": word for name, word in other.words.items()}
    first = one.template.replace("{", "{one_")
    return Saying(f"{first}, and {other.template.replace('{', '{two_')}", words)
