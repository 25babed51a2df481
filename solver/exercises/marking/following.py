"""Follow-through: an answer that is right given the student's own earlier numbers.

A wrong number is paid for once, where it is made. What is computed from it rightly earns its points: it must be what
follows from the student's own wrong numbers, and not what is right. Two students with one wrong number may have gone on
differently: one by arrays, one by paths; one slipped in the work, one only in copying the result into its box and went on
with the right number. So both ways are tried, and where there are several slips, going on with some of them.

An answer that avoids the work earns nothing, though it follows. Who writes 0 for a number has saved everything that is
multiplied by it; who writes one number into several boxes has computed none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations

import numpy as np

from solver.exercises.marking.asked import Item, Question
from solver.exercises.marking.own_lines import expected_by_lines
from solver.exercises.marking.own_values import Expected, expected_by_arrays, followed, half_units
from solver.exercises.marking.reading import Reading
from solver.exercises.mistakes.run import Floats
from solver.quantities import Quantity, Role

MOST_SLIPS = 5
"""Slips of which every combination is tried; of more, all, all but one, and one alone."""

EXPLAINED = 0.5
"""Share of an answer's distance from what is right that its distance from what follows may be."""

MOST_SLACK = 8.0
"""Half accepted intervals that rounding on the way may add, where terms cancel and a bound on it says nothing."""

_EQUAL = 1e-9

_CHANCE = {0: 2, 1: 2, 2: 1}
"""How many other boxes may hold a wrong number of so few digits by chance."""


@dataclass(frozen=True)
class Follows:
    """How an answer follows from earlier ones.

    Attributes:
        roots: Columns of the wrong answers that it is computed from.
        expected: What follows from them.
        avoids: Why it earns nothing all the same; "" where it does.
        copies: Columns whose one number it repeats, the answer that it follows from first; where that is why.
    """

    roots: tuple[int, ...]
    expected: float
    avoids: str = ""
    copies: tuple[int, ...] = ()


@dataclass
class OwnWork:
    """The answers of one student to one question, as far as the problem computes them.

    Everything is by column: the items in the order in which they are worked out.

    Attributes:
        question: It has a model.
        readings: Of all items, by their position on the sheet.
    """

    question: Question
    readings: Sequence[Reading]

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """What is asked."""
        return tuple(self.question.items[position] for position in self.question.work)

    @cached_property
    def numbers(self) -> Floats:
        """What the student wrote; NaN for what is no number."""
        values = [answered(self.question.items[p], self.readings[p]) for p in self.question.work]
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

    @cached_property
    def right_values(self) -> Floats:
        """What is right."""
        return np.array([item.value for item in self.items])

    @cached_property
    def right(self) -> frozenset[int]:
        """Answers in their accepted interval."""
        pairs = zip(self.items, self.numbers.tolist(), strict=True)
        return frozenset(column for column, (item, number) in enumerate(pairs) if item.accepts(number))

    @cached_property
    def wrong(self) -> tuple[int, ...]:
        """Numbers outside of it, in the order of work."""
        return tuple(
            c for c, number in enumerate(self.numbers) if c not in self.right and not np.isnan(number)
        )

    @cached_property
    def widths(self) -> Floats:
        """Half of each accepted interval."""
        return np.array([item.half_width for item in self.items])

    @cached_property
    def halves(self) -> Floats:
        """By how much each number may have been rounded; a 0 has no digits, and takes those of the right one."""
        numbers = np.nan_to_num(np.where(self.numbers == 0, self.right_values, self.numbers))
        halves = half_units(numbers, self.question.digits)
        accepted = [column in self.right for column in range(len(self.items))]
        return np.where(accepted, np.maximum(halves, self.widths), halves)

    @cached_property
    def ways(self) -> tuple[Expected, ...]:
        """What follows from all of the student's numbers: by arrays and, where the problem has paths, by lines."""
        by_arrays = expected_by_arrays(self.question, self.numbers, self.halves)
        if not self.question.definitions:
            return (by_arrays,)
        return by_arrays, expected_by_lines(self.question, self.numbers, self.halves)

    @cached_property
    def expected(self) -> Floats:
        """What follows by arrays; by lines where only they have such a number."""
        found = self.ways[0].values
        for way in self.ways[1:]:
            found = np.where(np.isnan(found), way.values, found)
        return found

    @cached_property
    def slack(self) -> Floats:
        """How far off rounding on the way may carry each number, by the more generous way."""
        return np.asarray(np.nan_to_num(np.fmax.reduce([way.slack for way in self.ways])))

    def near(self, column: int, number: float, slack: float | None = None) -> bool:
        """Return whether a student's answer is a number, as far as rounding goes."""
        half = float(half_units(np.array([number]), self.question.digits)[0])
        width, right = float(self.widths[column]), abs(float(self.right_values[column]))
        most = MOST_SLACK * max(half, width)
        # What is rounded before a number is smaller where the number is: by as much the interval shrinks.
        own = max(half, width * min(1.0, abs(number) / right) if right else width)
        room = own + min(float(self.slack[column]) if slack is None else slack, most)
        return bool(abs(self.numbers[column] - number) <= room * (1 + 1e-9))

    def near_to_right(self, column: int) -> bool:
        """Return whether rounding alone may lead to an answer, from right numbers or from the student's own."""
        return any(
            self.near(column, float(target))
            for target in (self.right_values[column], self.expected[column])
            if np.isfinite(target)
        )

    @cached_property
    def following(self) -> Mapping[int, Follows]:
        """The wrong answers that follow from earlier ones, by column."""
        found: dict[int, Follows] = {}
        for column in self.wrong:
            follows = next(self._follows(column, found), None)
            if follows is not None:
                found[column] = follows
        return found

    @cached_property
    def slips(self) -> tuple[int, ...]:
        """The wrong answers that follow from nothing, in the order of work."""
        return tuple(column for column in self.wrong if column not in self.following)

    def _follows(self, column: int, known: Mapping[int, Follows]) -> Iterator[Follows]:
        earlier = [other for other in self.wrong if other < column]
        if not earlier:
            return
        for way in self.ways:
            roots = tuple(other for other in earlier if way.influence[other, column] > 0)
            if roots and self._explains(column, float(way.values[column]), float(way.slack[column])):
                yield self._judged(column, roots, float(way.values[column]))
        slips = [other for other in earlier if other not in known]
        for kept, value in self._with_some(slips, known, column):
            telling = self.numbers[column] not in (0.0, self._old_value(column)) and self._digits(column) != 1
            if telling and self._explains(column, value, float(self.slack[column])):
                yield self._judged(column, kept, value)

    def _explains(self, column: int, value: float, slack: float) -> bool:
        """Return whether an answer is what follows from own numbers, rather than what is right."""
        if not np.isfinite(value):
            return False
        distance = abs(self.numbers[column] - value)
        return self.near(column, value, slack) and distance < abs(
            self.numbers[column] - self.right_values[column]
        )

    def _with_some(
        self, slips: Sequence[int], known: Mapping[int, Follows], column: int
    ) -> Iterator[tuple[tuple[int, ...], float]]:
        """Yield what follows when only some of the slips were gone on with; the others were only written down wrong."""
        if len(slips) < 2:
            return
        sizes = range(len(slips) - 1, 0, -1) if len(slips) <= MOST_SLIPS else (len(slips) - 1, 1)
        kept = list(chain.from_iterable(combinations(slips, size) for size in sizes))
        rows = np.tile(self.numbers, (len(kept), 1))
        for row, some in enumerate(kept):
            for other in self.wrong:
                roots = known[other].roots if other in known else (other,)
                if other < column and not set(roots) <= set(some):
                    rows[row, other] = np.nan
        values, _ = followed(self.question, rows)
        yield from zip(kept, values[:, column].tolist(), strict=True)

    # --- answers that avoid the work ------------------------------------------------------------------------

    def _judged(self, column: int, roots: tuple[int, ...], value: float) -> Follows:
        avoids = self._saves(column, roots, value)
        copies = () if avoids else self._copies(column, roots, value)
        if copies:
            avoids = f"the same number was written for {self.items[copies[1]].quantity}"
        return Follows(roots, value, avoids, copies)

    def _saves(self, column: int, roots: tuple[int, ...], value: float) -> str:
        """Return how a 0 or a 1 of the student leaves nothing to compute; "" where it does not."""
        own = self.numbers[column]
        if not any(self.numbers[root] for root in roots):
            if own == 0:
                return "it is 0 because the student’s own 0 saves the work"
            if own == self._old_value(column):
                return "nothing changes because the student’s own 0 saves the work"
        for root in self._repeated(column, roots, value):
            if any(abs(self.numbers[other]) == 1 for other in roots if other != root):
                return f"it repeats the student’s own {self.items[root].quantity}, which was multiplied by 1"
        return ""

    def _copies(self, column: int, roots: tuple[int, ...], value: float) -> tuple[int, ...]:
        """Return the answers that hold one number with this one, the one that it follows from first; none by chance."""
        own = self.numbers[column]
        for root in self._repeated(column, roots, value):
            copies = [
                other for other in self.wrong if self.numbers[other] == own and not self._alike(other, root)
            ]
            if len(copies) > _CHANCE.get(self._digits(column), 0):
                return root, *copies
        return ()

    def _repeated(self, column: int, roots: tuple[int, ...], value: float) -> Iterator[int]:
        """Yield the student's own numbers that follow again as they are."""
        own = self.numbers[column]
        for root in roots:
            if own and abs(value - self.numbers[root]) <= _EQUAL * abs(own):
                yield root

    def _digits(self, column: int) -> int:
        """Return how many digits of an answer tell it from others: final zeros do not."""
        figure = self.readings[self.question.work[column]].figure
        return 0 if figure is None else len(figure.normalize().as_tuple().digits)

    def _alike(self, one: int, other: int) -> bool:
        """Return whether two items have the same right value, so that whoever writes one may repeat it for the other."""
        return bool(
            abs(self.right_values[one] - self.right_values[other]) <= _EQUAL * abs(self.right_values[one])
        )

    def _old_value(self, column: int) -> float | None:
        """Return a parameter before its update."""
        key, model = self.items[column].key, self.question.model
        assert model is not None
        if (
            not isinstance(key, Quantity)
            or key.role is not Role.UPDATED
            or key.value.whole not in model.given
        ):
            return None
        return float(model.given[key.value.whole].values[(0, *(axis - 1 for axis in key.index))])


def answered(item: Item, reading: Reading) -> float | None:
    """Return the number that an answer stands for; a letter stands for the option that bears it."""
    if reading.letter:
        option = item.options.get(reading.letter)
        return None if option is None else option.value
    return reading.value
