"""A chain of the source's own figures that leads to a printed number, or none.

A figure follows from rounding only where such a chain is found, and the chain is told: which printed figures it goes on
with, what it rounds to how many digits. Looked at are, from plain to far-fetched: all printed figures gone on with, one
claim of them, one intermediate result rounded, everything rounded alike, path by path, and then any choice of these, each
judged by what it does alone and the choice proven by a run of its own. Arrays stay whole: who goes on with one printed
number of a claim goes on with all of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from solver.arithmetic import Digits
from solver.exercises.mistakes import Saying
from solver.exercises.mistakes.run import Floats
from solver.exercises.pencil import FULL
from solver.graph.model import Model
from solver.quantities import Key, Quantity
from solver.review.evidence import Marks
from solver.review.figures import Figure
from solver.review.lines import LineRounding, Lines
from solver.review.pencils import Rounding, Working
from solver.review.pinned import unjoined
from solver.review.telling import told_of_lines, told_of_working
from solver.review.workings import Workings

Usable = frozenset[int]
"""Numbers of the figures that may be gone on with as printed."""

Step = Usable | Rounding
"""One decision: to go on with the printed figures of a claim or not, or to round a result."""

ROUNDS = 4
"""How often a choice of decisions is judged anew by what further ones do beside it."""


@dataclass
class Witnesses:
    """Where chains are looked for.

    Attributes:
        model: The problem.
        figures: All printed figures, in order of work.
        values: Their true values.
        digits: To how many digits the source rounds.
    """

    model: Model
    figures: Sequence[Figure]
    values: Floats
    digits: Sequence[Digits]
    _usable: Usable = frozenset()

    def of(self, number: int, usable: Usable) -> Saying | None:
        """Return how a figure is reached, None where no chain is found.

        Args:
            number: The figure.
            usable: The figures that are not wrong, as far as is known.
        """
        usable = self._one_each(usable)
        if usable != self._usable:  # what was found for others is not needed again
            self._usable = usable
            for memo in (self._known, self._lines, self._further):
                memo.clear()
        for workings in self.forms:
            for tried, readings in self._plain(workings, usable):
                rows = np.flatnonzero(self._reached(number, readings[:, number]))
                allowed = [row for row in map(int, rows) if tried[row].printed <= usable]
                if allowed:
                    return self._told(workings, self._shortest(workings, number, tried[allowed[0]]))
        by_lines = self._by_lines(number, usable)
        if by_lines is not None:
            return by_lines
        for workings in self.forms:
            for printed in (frozenset(), usable):
                found = self._chosen(workings, number, Working(frozenset(printed)), usable)
                if found is not None:
                    return self._told(workings, self._shortest(workings, number, found))
        return None

    @cached_property
    def forms(self) -> tuple[Workings, ...]:
        """The problem, and with the last activation and the loss differentiated one after the other."""
        found = [Workings(self.model, self.figures, self.digits)]
        apart = unjoined(self.model.graph)
        if apart.nodes != self.model.graph.nodes:
            found.append(Workings(replace(self.model, graph=apart), self.figures, self.digits))
        return tuple(found)

    def _one_each(self, usable: Usable) -> Usable:
        """Return the first usable figure of each address."""
        found = {self.figures[number].address: number for number in sorted(usable, reverse=True)}
        return frozenset(found.values())

    # --- plain chains ----------------------------------------------------------------------------------------

    def _plain(self, workings: Workings, usable: Usable) -> Iterator[tuple[Sequence[Working], Floats]]:
        """Yield chains of all printed figures, of one decision, and of all printed figures with something rounded."""
        everything = [Working(usable, digits) for digits in (FULL, *self.digits)]
        yield everything[:1], self._read(workings, ("printed", usable), everything[:1])
        claims = [Working(claim) for claim in reversed(self._claims(usable))]
        yield claims, self._read(workings, ("claims", usable), claims)
        yield workings.alone, workings.rounded_alone
        everything += [Working(usable, roundings=(rounding,)) for rounding in workings.roundings]
        yield everything, self._read(workings, ("together", usable), everything)

    def _read(self, workings: Workings, what: object, tried: Sequence[Working]) -> Floats:
        """Return the figures by some ways of working, found once for all figures."""
        key = (id(workings), what)
        if key not in self._known:
            self._known[key] = workings.read(tried)
        return self._known[key]

    @cached_property
    def _known(self) -> dict[tuple[int, object], Floats]:
        return {}

    def _claims(self, usable: Usable) -> list[Usable]:
        """Return the figures that are not the true value to all its digits, those of a claim together."""
        found: dict[int, set[int]] = {}
        for number in sorted(usable & self._moved):
            found.setdefault(self.figures[number].claim, set()).add(number)
        return [frozenset(numbers) for numbers in found.values()]

    @cached_property
    def _moved(self) -> Usable:
        printed = np.array([float(figure.value) for figure in self.figures])
        far = np.abs(printed - self.values) > 1e-12 * np.abs(self.values)
        return frozenset(map(int, np.flatnonzero(far)))

    def _reached(self, number: int, readings: Floats) -> Marks:
        """Return which numbers read as a figure, rounded or cut off; of noise about an exact zero, which are as large."""
        figure = self.figures[number]
        printed, size = float(figure.value), np.abs(readings)
        slack = 1e-9 * figure.unit + 1e-12 * size
        with np.errstate(invalid="ignore"):
            if self.values[number] == 0:
                large = (size > 0) & (size >= abs(printed) - figure.unit / 2 - slack)
                return np.asarray(large & np.isfinite(size))
            near = np.abs(readings - printed) <= figure.unit / 2 + slack
            beyond = size - abs(printed)
            same_side = (readings * printed > 0) | (printed == 0)
            return np.asarray(near | (same_side & (beyond >= -slack) & (beyond < figure.unit)))

    # --- path by path ----------------------------------------------------------------------------------------

    def _by_lines(self, number: int, usable: Usable) -> Saying | None:
        figure = self.figures[number]
        training = self.model.training
        last = training.steps if training is not None else 1
        if not isinstance(figure.key, Quantity) or figure.step != last:
            return None
        key = (usable, figure.step)
        if key not in self._lines:
            start = [Working(), *(Working(usable, digits) for digits in (FULL, *self.digits))]
            run = self.forms[0].worked(start)
            ways = [LineRounding(2, printed=True)]
            for row, digits in enumerate(self.digits, start=3):
                ways += [
                    LineRounding(2, products=digits), LineRounding(2, factors=digits),
                    LineRounding(2, digits, digits), LineRounding(row, digits, digits),
                    LineRounding(row, digits, digits, printed=False),
                ]  # fmt: skip
            known = {self.figures[n].key: float(self.figures[n].value) for n in usable
                     if self.figures[n].step == figure.step}  # fmt: skip
            self._lines[key] = Lines(self.model, run, ways, known) if run is not None else None
        lines = self._lines[key]
        readings = lines.of(figure.key) if lines is not None else None
        if lines is None or readings is None:
            return None
        rows = np.flatnonzero(self._reached(number, readings))
        return told_of_lines(lines.ways[int(rows[0])]) if rows.size else None

    @cached_property
    def _lines(self) -> dict[tuple[Usable, int], Lines | None]:
        return {}

    # --- any choice ------------------------------------------------------------------------------------------

    def _chosen(self, workings: Workings, number: int, base: Working, usable: Usable) -> Working | None:
        """Return a choice of decisions that reaches a figure, found from what each does alone."""
        for _ in range(ROUNDS):
            steps, readings = self._steps(workings, base, usable)
            chosen = self._choice(number, steps, readings[:, number])
            if not chosen:
                return None
            base = _with(base, [steps[place] for place in chosen])
            if self._reached(number, workings.read([base])[:, number])[0]:
                return base
        return None

    def _steps(self, workings: Workings, base: Working, usable: Usable) -> tuple[list[Step], Floats]:
        """Return further decisions, and the figures as they are without and with each."""
        memo = (id(workings), base, usable)
        if memo not in self._further:
            taken = {rounding.result for rounding in base.roundings}
            steps: list[Step] = [*self._claims(usable)]
            steps += [rounding for rounding in workings.roundings if rounding.result not in taken]
            self._further[memo] = steps, workings.read([base, *(_with(base, [step]) for step in steps)])
        return self._further[memo]

    @cached_property
    def _further(self) -> dict[tuple[int, Working, Usable], tuple[list[Step], Floats]]:
        return {}

    def _choice(self, number: int, steps: Sequence[Step], readings: Floats) -> list[int]:
        """Return the decisions that together should lead to a figure, if what they do adds up; [] where none do."""
        figure = self.figures[number]
        start = float(readings[0])
        moves = np.nan_to_num(readings[1:] - start, nan=0.0, posinf=0.0, neginf=0.0)
        if not np.isfinite(start) or not moves.any():
            return []
        sign = np.sign(float(figure.value)) or 1.0
        if self.values[number] == 0:  # noise has only to be as large
            return _all_one_way(steps, moves * sign)
        # In the middle of what is rounded or cut off to the figure.
        aim = float(figure.value) + sign * figure.unit / 4
        chosen: list[int] = []
        at, free = start, np.ones(len(steps), dtype=bool)
        while free.any() and abs(at - aim) > figure.unit * 0.6:
            distance = np.where(free, np.abs(at + moves - aim), np.inf)
            best = int(distance.argmin())
            if distance[best] >= abs(at - aim) * (1 - 1e-9):
                break
            chosen.append(best)
            at += float(moves[best])
            free &= [not _same(step, steps[best]) for step in steps]
        return chosen if abs(at - aim) <= max(2 * figure.unit, 0.3 * abs(start - aim)) else []

    # --- telling ---------------------------------------------------------------------------------------------

    def _shortest(self, workings: Workings, number: int, found: Working) -> Working:
        """Return a chain without the decisions that it can do without."""
        while len(steps := self._taken(found)) > 1:
            tried = [found, *(_with(found, [step]) for step in steps)]
            readings = self._read(workings, ("without", found), tried)[:, number]
            moves = np.abs(np.nan_to_num(readings[1:] - readings[0], nan=np.inf))
            # What leads to it by way of later figures alone does nothing, and goes first.
            order = [steps[place] for place in np.argsort(moves, kind="stable")]
            fewer = [_with(found, order[: count + 1]) for count in range(len(order))]
            rows = np.flatnonzero(self._reached(number, workings.read(fewer)[:, number]))
            if not rows.size:
                break
            found = fewer[int(rows[-1])]
        return found

    def _taken(self, found: Working) -> list[Step]:
        """Return the decisions of a way of working; those that have no effect, all together, come last."""
        steps: list[Step] = [*self._claims(found.printed), *found.roundings]
        idle = found.printed - self._moved
        return [*steps, idle] if idle else steps

    def _told(self, workings: Workings, found: Working) -> Saying:
        printed: list[Key] = []
        for claim in self._claims(found.printed):
            keys = [self.figures[number].key for number in sorted(claim)]
            whole = {key.whole for key in keys if isinstance(key, Quantity)}
            printed += list(whole) if len(keys) > 1 and len(whole) == 1 else keys
        return told_of_working(found, printed, workings.names)


def _with(base: Working, steps: Sequence[Step]) -> Working:
    """Return a way of working with some decisions taken the other way."""
    printed, roundings = base.printed, list(base.roundings)
    for step in steps:
        if isinstance(step, Rounding):
            if step in roundings:
                roundings.remove(step)
            else:
                roundings.append(step)
        else:
            printed = printed - step if step <= printed else printed | step
    return replace(base, printed=printed, roundings=tuple(roundings))


def _all_one_way(steps: Sequence[Step], moves: Floats) -> list[int]:
    """Return the decisions that lead upwards, of those about one number the one that leads furthest."""
    chosen: list[int] = []
    for place in map(int, np.argsort(-moves, kind="stable")):
        if moves[place] > 0 and not any(_same(steps[place], steps[other]) for other in chosen):
            chosen.append(place)
    return chosen


def _same(one: Step, other: Step) -> bool:
    """Return whether two decisions are about the same number."""
    if isinstance(one, Rounding) and isinstance(other, Rounding):
        return one.result == other.result
    return one == other
