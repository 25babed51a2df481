"""What went wrong: every mistake of the table is made with the student's own numbers, and the one that fits is named.

A mistake is worth what it explains. Each wrong answer that it gives speaks for it, by as much as the digits that agree;
each answer that it would have spoiled and that is right speaks against it. How often a mistake is made, and at how many
places it could have been made, decides between those that fit alike. Slips of the pen (two digits swapped, a decimal
point) and numbers of another box compete with the mistakes of the work.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from solver.arithmetic import Float64
from solver.exercises.marking.asked import Question, cell_of
from solver.exercises.marking.following import OwnWork
from solver.exercises.marking.own_values import followed, half_units
from solver.exercises.marking.verdicts import Cause
from solver.exercises.mistakes import MISTAKES, Edit, Plant, Saying, Subject, all_elements, planted
from solver.exercises.mistakes.run import Floats
from solver.quantities import Quantity, Role
from solver.trace.solve import solve_steps

AGAINST = 3.0
"""What one right answer that a mistake would have spoiled takes from it."""

PAIR = math.log(0.05)
"""What it takes from an explanation that two things went wrong at once."""

UNKNOWN = math.log(2e-4)
"""What any explanation has to be better than."""

MOST_IN_PAIRS = 40

MOST_OTHERS = 2
"""Causes that are told beside the likeliest."""

MOST_ELEMENTS = 600
"""Elements of a problem up to which mistakes are tried at each of them; in larger ones, at whole arrays and at the items."""

_LEAST_GAIN, _MOST_GAIN = 0.7, 6.0

ALIKE = math.log(30)
"""How much less likely another mistake may be that gives the same answers, to be told beside the likeliest."""


@dataclass(frozen=True)
class Explanation:
    """What may have happened at one wrong answer.

    Attributes:
        cause: As it is told.
        score: How good it is; comparable within one answer alone.
        edits: What was gone on with beyond what the student wrote.
        gives: What it makes of each item, by column; empty where it concerns one answer alone.
        exact: Whether it gives the answer to the last digit.
    """

    cause: Cause
    score: float
    edits: tuple[Edit, ...] = ()
    gives: Floats = field(default_factory=lambda: np.zeros(0), repr=False)
    exact: bool = True


@dataclass
class Table:
    """The mistakes that can be made in one question, and what they make of it: the same for all students of a variant.

    Attributes:
        question: It has a model.
    """

    question: Question

    @cached_property
    def plants(self) -> tuple[Plant, ...]:
        """Every mistake at every place."""
        model = self.question.model
        assert model is not None
        size = sum(int(np.prod(node.shape, dtype=int)) for node in model.graph.nodes) * model.graph.samples
        keys = [self.question.items[position].key for position in self.question.work]
        asked = frozenset(key for key in keys if isinstance(key, Quantity))
        return tuple(planted(Subject(model, None if size <= MOST_ELEMENTS else asked)))

    @cached_property
    def priors(self) -> Floats:
        """Logarithms of how likely each is."""
        return np.array([math.log(MISTAKES[plant.mistake].prior * plant.weight) for plant in self.plants])

    @cached_property
    def carried(self) -> Floats:
        """What each mistake makes of each item when it is carried through, shape (mistakes, items)."""
        return self.made(np.full(len(self.question.work), np.nan))

    def made(self, pins: Floats, active: tuple[Edit, ...] = ()) -> Floats:
        """Return what each mistake makes of each item when numbers are gone on with, shape (mistakes, items)."""
        return self.all([(*active, *plant.edits) for plant in self.plants], pins)

    def all(self, trials: Sequence[Sequence[Edit]], pins: Floats) -> Floats:
        """Return what some edits make of each item, shape (trials, items); NaN where nothing comes out."""
        if not trials:
            return np.zeros((0, len(pins)))
        return followed(self.question, np.tile(pins, (len(trials), 1)), trials)[0]

    @cached_property
    def values(self) -> Mapping[Quantity, float]:
        """Every number of the first step, for those who wrote one into the wrong box."""
        model = self.question.model
        assert model is not None
        step = solve_steps(model, Float64())[0]
        graph = model.graph
        arrays = dict(step.values) | {graph.gradient(key): array for key, array in step.gradients.items()}
        arrays |= dict(step.updated)
        if sum(array[0].size for array in arrays.values()) > MOST_ELEMENTS:
            arrays = {}
        return {
            element: float(array[0].ravel()[cell_of(graph, element).place])
            for key, array in arrays.items()
            if key.value != graph.root.quantity or key.role is Role.VALUE
            for element in all_elements(graph, key)
        }


@dataclass
class Search:
    """The causes of one student's slips in one question.

    Attributes:
        table: Of the question.
        work: What the student wrote.
    """

    table: Table
    work: OwnWork
    _active: tuple[Edit, ...] = ()
    _known: dict[tuple[Edit, ...], Floats] = field(default_factory=dict, repr=False)

    def causes(self) -> dict[int, tuple[Cause | None, int | None]]:
        """Return (the cause, the column where the same slip was found first) of every slip, by column."""
        found: dict[int, tuple[Cause | None, int | None]] = {}
        open_ = list(self.work.slips)
        while open_:
            column = open_.pop(0)
            best = self._best(column, frozenset(open_))
            if best is None:
                found[column] = (None, None)
                continue
            found[column] = (best.cause, None)
            self._active = (*self._active, *best.edits)
            for other in tuple(open_):
                if best.gives.size and self._gives(best.gives, other) and self._moves(best.gives, other):
                    found[other] = (best.cause, column)
                    open_.remove(other)
        return found

    # --- how well an explanation fits ---------------------------------------------------------------------

    @cached_property
    def units(self) -> Floats:
        """What one step of the last written digit of each answer is worth; of a formula or a 0, of the last stated digit."""
        work = self.work
        own = np.array([work.readings[position].unit for position in work.question.work])
        numbers = np.where(np.nan_to_num(work.numbers) == 0, work.right_values, work.numbers)
        stated = np.maximum(2 * half_units(np.nan_to_num(numbers), work.question.digits), 1e-15)
        return np.where((own > 0) & (np.nan_to_num(work.numbers) != 0), own, stated)

    @cached_property
    def gains(self) -> tuple[Floats, Floats]:
        """What it is worth to give each answer: to the last digit, or within rounding."""
        spread = np.abs(self.work.numbers) + np.abs(self.work.right_values) + self.units
        exact = np.clip(np.log(spread / self.units), _LEAST_GAIN, _MOST_GAIN)
        loose = np.clip(0.8 * np.log(spread / (self.units + self.work.widths + self.work.slack)), 0.2, 4.0)
        return exact, np.minimum(exact, loose)

    def fits(
        self, gives: Floats, columns: Sequence[int] | slice = slice(None)
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return (to the last digit, within what rounding does) for numbers of shape (…, columns)."""
        work = self.work
        distance = np.abs(gives - work.numbers[columns])
        with np.errstate(divide="ignore", invalid="ignore"):
            growth = np.nan_to_num(np.abs(gives) / np.abs(work.right_values[columns]), nan=1.0, posinf=1.0)
            exact = distance <= self.units[columns] / 2 * (1 + 1e-6) + 1e-12 * np.abs(gives)
            half = half_units(np.nan_to_num(gives), work.question.digits)
            room = work.slack[columns] * np.clip(growth, 1.0, 100.0)
            loose = distance <= np.maximum(half, work.widths[columns]) + room
        return exact, exact | loose

    def _gives(self, gives: Floats, column: int) -> bool:
        return bool(self.fits(gives)[1][column])

    def _moves(self, gives: Floats, column: int) -> bool:
        """Return whether an explanation changes an item visibly."""
        before = self.work.expected[column]
        return not np.isfinite(before) or bool(abs(gives[column] - before) > self.units[column] / 2)

    def scores(self, gives: Floats, column: int, open_: frozenset[int]) -> Floats:
        """Return what mistakes are worth by what they give, -inf where one does not give the answer in question."""
        exact, loose = self.fits(gives)
        counted = np.zeros(gives.shape[1], dtype=bool)
        counted[[column, *open_]] = True
        settled = np.zeros(gives.shape[1], dtype=bool)
        settled[[*self.work.right, *(c for c, f in self.work.following.items() if not f.avoids)]] = True
        gain_exact, gain_loose = self.gains
        worth = (np.where(exact, gain_exact, np.where(loose, gain_loose, 0.0)) * counted).sum(axis=1)
        worth -= AGAINST * (settled & ~loose).sum(axis=1)
        before = self.work.expected[column]
        moved = np.abs(gives[:, column] - before) > self.units[column] / 2 if np.isfinite(before) else True
        return np.where(loose[:, column] & moved, worth, -np.inf)

    # --- explanations ---------------------------------------------------------------------------------------

    def _best(self, column: int, open_: frozenset[int]) -> Explanation | None:
        found = [*self._of_the_work(column, open_), *self._of_the_pen(column), *self._of_rounding(column)]
        if not found:
            found = [*self._pairs(column, open_)]
        found.sort(key=lambda explanation: -explanation.score)
        if not found or found[0].score < UNKNOWN:
            return None
        best = found[0]
        named = {cause.mistakes for cause in (best.cause, *best.cause.others)}
        others = list(best.cause.others)
        for other in found[1:]:
            if other.exact and other.score > best.score - ALIKE and other.cause.mistakes not in named:
                named.add(other.cause.mistakes)
                others.append(other.cause)
        return replace(best, cause=replace(best.cause, others=tuple(others[:MOST_OTHERS])))

    def _of_the_work(self, column: int, open_: frozenset[int]) -> Iterator[Explanation]:
        """Yield the best mistake of the work, with those that cannot be told from it."""
        for gives in self._readings():
            scores = self.table.priors + self.scores(gives, column, open_)
            if scores.size and np.isfinite(scores.max()):
                row = int(scores.argmax())
                plant = self.table.plants[row]
                cause = Cause((plant.mistake,), plant.saying, self._alike(row, scores, gives, column, open_))
                exact = bool(self.fits(gives[row])[0][column])
                yield Explanation(cause, float(scores[row]), plant.edits, gives[row], exact)
                return

    def _readings(self) -> Iterator[Floats]:
        """Yield what the mistakes give: carried through, which is known, then with the student's own numbers."""
        if not self._active:
            yield self.table.carried
        yield self._own

    @property
    def _own(self) -> Floats:
        if self._active not in self._known:
            self._known[self._active] = self.table.made(self.work.numbers, self._active)
        return self._known[self._active]

    def _alike(
        self, row: int, scores: Floats, gives: Floats, column: int, open_: frozenset[int]
    ) -> tuple[Cause, ...]:
        """Return other mistakes that give the same answers to the last written digit: the likelier first."""
        asked = [column, *open_]
        exact, _ = self.fits(gives[:, asked], asked)
        same = (scores > scores[row] - ALIKE) & (exact == exact[row]).all(axis=1)
        named = {self.table.plants[row].mistake}
        found: list[Cause] = []
        for other in sorted(np.flatnonzero(same), key=lambda other: -scores[other]):
            plant = self.table.plants[other]
            if plant.mistake not in named and len(found) < MOST_OTHERS:
                named.add(plant.mistake)
                found.append(Cause((plant.mistake,), plant.saying))
        return tuple(found)

    def _of_the_pen(self, column: int) -> Iterator[Explanation]:
        """Yield the slips that lead from what should stand in a box to what does."""
        gain = float(self.gains[0][column])
        for mistake, saying, weight in self._slips(column, self._targets(column)):
            score = math.log(MISTAKES[mistake].prior * weight) + gain
            yield Explanation(Cause((mistake,), saying), score)

    def _targets(self, column: int) -> list[float]:
        targets = [float(self.work.right_values[column]), *(float(way.values[column]) for way in self.work.ways)]
        return list(dict.fromkeys(target for target in targets if np.isfinite(target)))

    def _slips(self, column: int, targets: Sequence[float]) -> Iterator[tuple[str, Saying, float]]:
        figure = self.work.readings[self.work.question.work[column]].figure
        item = self.work.items[column]
        place = item.quantity if item.key is None else item.key
        if figure is None:
            return
        for target in targets:
            for meant in _written(target, figure):
                for record in MISTAKES.values():
                    for misprint in record.misprinted(meant):
                        if misprint.value == figure:
                            yield record.name, misprint.at(place), misprint.weight  # type: ignore[arg-type]
        yield from self._borrowed(column, figure)

    def _borrowed(self, column: int, figure: Decimal) -> Iterator[tuple[str, Saying, float]]:
        """Yield the other numbers that may have been written into the box: of the problem, or of another box."""
        if len(figure.as_tuple().digits) < 2:
            return
        item = self.work.items[column]
        place = item.quantity if item.key is None else item.key
        template = "the value of {other} was written for {place}"
        count = max(1, len(self.table.values))
        for other, value in self.table.values.items():
            if other != item.key and abs(float(figure) - value) <= self.units[column] / 2 * (1 + 1e-6):
                weight = _nearness(other, item.key) / math.sqrt(count)
                yield "other-quantity", Saying(template, {"other": other, "place": place}), weight  # type: ignore[dict-item]

    def _of_rounding(self, column: int) -> Iterator[Explanation]:
        """Yield that nothing went wrong but the rounding."""
        for target in self._targets(column):
            if self.work.near(column, target):
                saying = Saying("intermediate results were rounded further than the sheet allows")
                spread = abs(self.work.numbers[column]) + abs(self.work.right_values[column])
                room = float(self.units[column] + self.work.slack[column] + self.work.widths[column])
                gain = float(np.clip(math.log(max(spread, room) / room), 0.2, _MOST_GAIN))
                score = math.log(MISTAKES["rounded"].prior) + gain
                yield Explanation(Cause(("rounded",), saying), score, exact=False)

    def _pairs(self, column: int, open_: frozenset[int]) -> Iterator[Explanation]:
        """Yield two mistakes that together give an answer: one of the work and one of the pen, or two of the work."""
        gives = self._own
        plants, priors = self.table.plants, self.table.priors
        before = self.work.expected[column]
        moved = np.abs(gives[:, column] - before) > self.units[column] / 2
        order = sorted(np.flatnonzero(moved), key=lambda row: -priors[row])
        gain = float(self.gains[0][column])
        for row in order:
            for mistake, saying, weight in self._slips(column, [float(gives[row, column])]):
                if mistake != "other-quantity":
                    score = float(priors[row]) + math.log(MISTAKES[mistake].prior * weight) + PAIR + gain
                    cause = Cause((plants[row].mistake, mistake), both(plants[row].saying, saying))
                    yield Explanation(cause, score, plants[row].edits, gives[row])
        twos = list(combinations(order[:MOST_IN_PAIRS], 2))
        trials = [(*self._active, *plants[one].edits, *plants[two].edits) for one, two in twos]
        together = self.table.all(trials, self.work.numbers)
        scores = self.scores(together, column, open_) if twos else np.zeros(0)
        for place in np.flatnonzero(np.isfinite(scores)):
            one, two = twos[place]
            cause = Cause((plants[one].mistake, plants[two].mistake), both(plants[one].saying, plants[two].saying))
            score = float(priors[one] + priors[two] + scores[place]) + PAIR
            yield Explanation(cause, score, (*plants[one].edits, *plants[two].edits), together[place])


def _written(target: float, figure: Decimal) -> Iterator[Decimal]:
    """Yield a number as a student may have meant to write it: with as many digits as the figure, give or take the last."""
    if not target or not figure:
        return
    count = len(figure.as_tuple().digits)
    exponent = math.floor(math.log10(abs(target))) + 1 - count
    meant = Decimal(repr(target)).quantize(Decimal(1).scaleb(exponent))
    for step in (0, 1, -1):
        yield meant + Decimal(step).scaleb(exponent)


def _nearness(other: Quantity, own: object) -> float:
    """Return how easily the eye slips from one quantity to another, from 0 to 1."""
    if not isinstance(own, Quantity):
        return 0.3
    if other.whole == own.whole:
        return 1.0 if other.index == own.index[::-1] or other.sample != own.sample else 0.7
    if other.base == own.base and other.layer == own.layer and other.index == own.index:
        return 0.6
    return 0.15 if other.role is own.role else 0.08


def both(one: Saying, other: Saying) -> Saying:
    """Return two sentences as one."""
    words = {f"one_{name}": word for name, word in one.words.items()}
    words |= {f"two_{name}": word for name, word in other.words.items()}
    first = one.template.replace("{", "{one_")
    return Saying(f"{first}, and {other.template.replace('{', '{two_')}", words)
