"""What went wrong: every mistake of the table is made with the student's own numbers, and the one that fits is named.

A mistake is worth what it explains. Each wrong answer that it gives speaks for it, by as much as the digits that agree;
each answer that it would have spoiled and that is right speaks against it. How often a mistake is made, and at how many
places it could have been made, decides between those that fit alike. Slips of the pen (two digits swapped, a decimal
point) and numbers of another box compete with the mistakes of the work.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from solver.exercises.marking.following import OwnWork
from solver.exercises.marking.own_values import half_units
from solver.exercises.marking.pen import borrowed, misprints
from solver.exercises.marking.repertoire import Repertoire
from solver.exercises.marking.verdicts import Cause
from solver.exercises.mistakes import MISTAKES, Edit, Saying
from solver.exercises.mistakes.run import Floats

AGAINST = 3.0
"""What one right answer that a mistake would have spoiled takes from it."""

PAIR = math.log(0.05)
"""What it takes from an explanation that two things went wrong at once."""

UNKNOWN = math.log(2e-4)
"""What any explanation has to be better than."""

MOST_IN_PAIRS = 40

MOST_UNEXPLAINED = 5
"""Slips of a question that nothing explains, after which two mistakes at once are not looked for: a sheet of guesses."""

ANY_DIGIT = "digit-mistyped"
"""A slip that leads to so many numbers that, together with any mistake, it explains almost every one by chance."""

MOST_OTHERS = 2
"""Causes that are told beside the likeliest."""

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
class Search:
    """The causes of one student's slips in one question.

    Attributes:
        repertoire: Of the question.
        work: What the student wrote.
    """

    repertoire: Repertoire
    work: OwnWork
    _active: tuple[Edit, ...] = ()
    _unexplained: int = 0
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
                self._unexplained += 1
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
        """What one step of the last written digit of each answer is worth; of a formula or a 0, the last stated digit."""
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
        if not found and self._unexplained < MOST_UNEXPLAINED:
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
            scores = self.repertoire.priors + self.scores(gives, column, open_)
            if scores.size and np.isfinite(scores.max()):
                row = int(scores.argmax())
                plant = self.repertoire.plants[row]
                cause = Cause((plant.mistake,), plant.saying, self._alike(row, scores, gives, column, open_))
                exact = bool(self.fits(gives[row])[0][column])
                yield Explanation(cause, float(scores[row]), plant.edits, gives[row], exact)
                return

    def _readings(self) -> Iterator[Floats]:
        """Yield what the mistakes give: carried through, which is known, then with the student's own numbers."""
        if not self._active:
            yield self.repertoire.carried
        yield self._own

    @property
    def _own(self) -> Floats:
        if self._active not in self._known:
            self._known[self._active] = self.repertoire.made(self.work.numbers, self._active)
        return self._known[self._active]

    def _alike(
        self, row: int, scores: Floats, gives: Floats, column: int, open_: frozenset[int]
    ) -> tuple[Cause, ...]:
        """Return other mistakes that give the same answers to the last written digit: the likelier first."""
        asked = [column, *open_]
        exact, _ = self.fits(gives[:, asked], asked)
        same = (scores > scores[row] - ALIKE) & (exact == exact[row]).all(axis=1)
        named = {self.repertoire.plants[row].mistake}
        found: list[Cause] = []
        for other in sorted(np.flatnonzero(same), key=lambda other: -scores[other]):
            plant = self.repertoire.plants[other]
            if plant.mistake not in named and len(found) < MOST_OTHERS:
                named.add(plant.mistake)
                found.append(Cause((plant.mistake,), plant.saying))
        return tuple(found)

    def _of_the_pen(self, column: int) -> Iterator[Explanation]:
        """Yield the slips that lead from what should stand in a box to what does."""
        figure = self._figure(column)
        if figure is None:
            return
        item, gain = self.work.items[column], float(self.gains[0][column])
        found = [
            *misprints(item, figure, self._targets(column)), *borrowed(item, figure, self.repertoire.values)
        ]  # fmt: skip
        for mistake, saying, weight in found:
            score = math.log(MISTAKES[mistake].prior * weight) + gain
            yield Explanation(Cause((mistake,), saying), score)

    def _figure(self, column: int) -> Decimal | None:
        return self.work.readings[self.work.question.work[column]].figure

    def _targets(self, column: int) -> list[float]:
        targets = [
            float(self.work.right_values[column]),
            *(float(way.values[column]) for way in self.work.ways),
        ]
        return list(dict.fromkeys(target for target in targets if np.isfinite(target)))

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
        plants, priors = self.repertoire.plants, self.repertoire.priors
        before = self.work.expected[column]
        moved = np.abs(gives[:, column] - before) > self.units[column] / 2
        order = sorted(np.flatnonzero(moved), key=lambda row: -priors[row])
        gain = float(self.gains[0][column])
        figure, item = self._figure(column), self.work.items[column]
        for row in order:
            target = float(gives[row, column])
            pen = misprints(item, figure, [target], but=ANY_DIGIT) if figure is not None else ()
            for mistake, saying, weight in pen:
                score = float(priors[row]) + math.log(MISTAKES[mistake].prior * weight) + PAIR + gain
                cause = Cause((plants[row].mistake, mistake), both(plants[row].saying, saying))
                yield Explanation(cause, score, plants[row].edits, gives[row])
        twos = list(combinations(order[:MOST_IN_PAIRS], 2))
        trials = [(*self._active, *plants[one].edits, *plants[two].edits) for one, two in twos]
        together = self.repertoire.all(trials, self.work.numbers)
        scores = self.scores(together, column, open_) if twos else np.zeros(0)
        for place in np.flatnonzero(np.isfinite(scores)):
            one, two = twos[place]
            cause = Cause(
                (plants[one].mistake, plants[two].mistake), both(plants[one].saying, plants[two].saying)
            )
            score = float(priors[one] + priors[two] + scores[place]) + PAIR
            yield Explanation(cause, score, (*plants[one].edits, *plants[two].edits), together[place])


def both(one: Saying, other: Saying) -> Saying:
    """Return two sentences as one."""
    words = {f"one_{name}": word for name, word in one.words.items()}
    words |= {f"two_{name}": word for name, word in other.words.items()}
    first = one.template.replace("{", "{one_")
    return Saying(f"{first}, and {other.template.replace('{', '{two_')}", words)
