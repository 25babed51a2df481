"""Which attempt becomes the variant: the first that satisfies every constraint and resembles the others in difficulty.

Variant n looks at its own attempts one after the other and, as far as `distinct` asks, at the variants before it, but
never at those after it: adding variants changes none. A first batch that belongs to no variant tells what is usual (how
many digits, how many numbers to calculate with), so that every variant is measured against the same.

What must hold (`require`) is told from what is preferred: the same difficulty, no answer that is zero, printed among the
given numbers or equal to another one, no single answer shared with another variant. A preference is given up where no
attempt of the first `PATIENCE` fulfils all, and then the attempt that comes nearest is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from solver.graph import build
from solver.spec.draw import redrawn, source_of
from solver.spec.fields import MOST_VARIANTS
from solver.variants.judging import Judge, Judged
from solver.variants.printed import printed_keys

if TYPE_CHECKING:
    from solver.spec import Problem
    from solver.spec.draw import Source

PILOT = 256
"""Candidates of the batch that tells what is usual."""

PATIENCE = 1024
"""Good attempts among which a variant looks for one that also fulfils the preferences."""

IMPATIENCE = 32
"""The same after `GIVEN_UP` variants found none: what is not to be had is not looked for forever. Where answers can have
few values, those of a variant's own run out; to be without a blemish is worth some more attempts."""

UNBLEMISHED = 256

BLEMISHED = 10
"""What a blemish costs; answers shared with other variants cost less, another difficulty more."""

GIVEN_UP = 3

MOST_ATTEMPTS = 4096
"""Attempts after which a variant asks whether there is any."""

CHUNKS = (4, 12, 48, 192, 256)
"""Attempts judged at a time: few at first, since most problems accept the first or the second."""

BATCH = 256
"""Variants whose first attempts are judged together."""

PILOT_KEY = 0
"""The pilot draws as variant 0, which no one can ask for."""

BAND = 0.25
"""Share of candidates that must have the usual difficulty, or the next ones to it."""


class Choice(NamedTuple):
    """One variant: what it draws, and how much work it is.

    Attributes:
        number: Of the variant.
        places: What was drawn, by quantity.
        effort: (numbers to calculate with, typed digits).
        shared: How many of its answers print like another variant's.
    """

    number: int
    places: dict[str, tuple[int, ...]]
    effort: tuple[int, int]
    shared: int


@dataclass(frozen=True)
class Usual:
    """What most candidates of a problem are like.

    Attributes:
        efforts: The difficulties that a variant should have.
        blemishes: Blemishes that no candidate is without.
        varying: Which answers are not the same in every candidate.
    """

    efforts: frozenset[tuple[int, int]]
    blemishes: int
    varying: tuple[bool, ...]


@dataclass
class Chooser:
    """Chooses the variants of one problem, one after the other.

    Attributes:
        problem: The problem as it is written.
        judge: Judges its candidates.
        chosen: The variants from the first on, as far as they have been asked for.
        wanted: How many have been asked for.
        refused: How many candidates each constraint refused, for the message where there are too few.
        looked_at: How many candidates were judged.
    """

    problem: Problem
    judge: Judge
    chosen: list[Choice] = field(default_factory=list)
    wanted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    looked_at: int = 0
    _problems: set[bytes] = field(default_factory=set, repr=False)
    _tuples: set[bytes] = field(default_factory=set, repr=False)
    _answers: list[set[int]] = field(default_factory=list, repr=False)
    _usual: Usual | None = field(default=None, repr=False)
    _waiting: dict[int, Judged] = field(default_factory=dict, repr=False)
    _given_up: int = field(default=0, repr=False)

    @classmethod
    def of(cls, problem: Problem, seed: int | None = None) -> Chooser:
        """Return a chooser for a problem that draws something."""
        return cls(problem, Judge(problem, build(problem), source_of(problem, seed)))

    @property
    def source(self) -> Source:
        """Where the draws come from."""
        return self.judge.source

    def upto(self, count: int) -> list[Choice]:
        """Return the first variants; those chosen before are not looked for again.

        Raises:
            InputError: There are not so many.
        """
        self.wanted = max(self.wanted, count)
        while len(self.chosen) < count:
            number = len(self.chosen) + 1
            if number not in self._waiting:
                self._judge_first(range(number, min(count, number + BATCH - 1) + 1))
            self._enter(number, *self._choose(number))
        return self.chosen[:count]

    def alone(self, number: int) -> Choice:
        """Return a variant that depends on no other: a student's own.

        Raises:
            InputError: No attempt satisfies the constraints.
        """
        judged, row, _ = self._choose(number, alone=True)
        return _choice(number, judged, row, 0)

    def many(self, numbers: Sequence[int]) -> list[Choice]:
        """Return several variants, in the order asked for; their first attempts are judged together.

        Raises:
            InputError: There are not so many.
        """
        first = max((number for number in numbers if number <= MOST_VARIANTS), default=0)
        self.upto(first)
        apart = [number for number in numbers if number > MOST_VARIANTS]
        found: dict[int, Choice] = {}
        for start in range(0, len(apart), BATCH):
            self._judge_first(apart[start : start + BATCH])
            found |= {number: self.alone(number) for number in apart[start : start + BATCH]}
        return [found.get(number) or self.chosen[number - 1] for number in numbers]

    def choice(self, number: int) -> Choice:
        """Return one variant: of the first million each differs from those before it, the others stand alone."""
        return self.upto(number)[-1] if number <= MOST_VARIANTS else self.alone(number)

    def drawn(self, choice: Choice) -> Problem:
        """Return the problem of a variant."""
        return redrawn(self.problem, self.source, choice.places)

    # --- one variant -------------------------------------------------------------------------------------

    def _judge_first(self, numbers: Sequence[int]) -> None:
        """Judge the first attempts of several variants in one pass."""
        keys = [(number, attempt) for number in numbers for attempt in range(CHUNKS[0])]
        judged = self.judge.judge(keys)
        for place, number in enumerate(numbers):
            self._waiting[number] = part(judged, place * CHUNKS[0], (place + 1) * CHUNKS[0])

    def _choose(self, number: int, *, alone: bool = False) -> tuple[Judged, int, int]:
        """Return where the chosen attempt stands, and how many answers it shares with earlier variants."""
        best: tuple[int, Judged, int, int] | None = None
        seen, impatient = 0, not alone and self._given_up >= GIVEN_UP
        for judged in self._attempts(number):
            for row in np.flatnonzero(judged.good).tolist():
                if not alone and self._is_taken(judged, row):
                    self.refused["distinct"] += 1
                    continue
                shared = 0 if alone else self._shared(judged, row)
                cost = self._cost(judged, row) + min(shared, 9)
                if cost == 0 and self._confirmed(judged, row, alone=alone):
                    return judged, int(row), shared
                if (best is None or cost < best[0]) and self._confirmed(judged, row, alone=alone):
                    best = (cost, judged, int(row), shared)
                seen += 1
                if best is None:
                    continue
                if seen >= (
                    PATIENCE if not impatient else IMPATIENCE if best[0] < BLEMISHED else UNBLEMISHED
                ):
                    if not alone:
                        self._given_up += 1
                    return best[1:]
        if best is not None:
            return best[1:]
        from solver.variants.scarcity import another_or_fault

        return another_or_fault(self, number, alone=alone)

    def _attempts(self, number: int) -> Iterator[Judged]:
        """Yield judged attempts in their order, a chunk at a time."""
        start = 0
        for place in range(MOST_ATTEMPTS):
            size = CHUNKS[min(place, len(CHUNKS) - 1)]
            judged = self._waiting.pop(number, None) if place == 0 else None
            if judged is None:
                judged = self.judge.judge([(number, start + attempt) for attempt in range(size)])
            self.note(judged)
            yield judged
            start += size
            if start >= MOST_ATTEMPTS:
                return

    def note(self, judged: Judged) -> None:
        """Count what was refused, and for what."""
        self.looked_at += len(judged.good)
        for name, mask in judged.refused.items():
            self.refused[name] += int(mask.sum())

    # --- what was chosen before --------------------------------------------------------------------------

    def _is_taken(self, judged: Judged, row: int) -> bool:
        assert self.problem.variants is not None
        if not self.problem.variants.require.distinct:
            return False
        return judged.signatures[row] in self._problems or judged.printed[row].tobytes() in self._tuples

    def _shared(self, judged: Judged, row: int) -> int:
        assert self.problem.variants is not None
        if not self.problem.variants.require.distinct:
            return 0
        answers = judged.printed[row].tolist()
        known = self._answers or [set() for _ in answers]
        varying = self.usual.varying
        return sum(key in seen for key, seen, varies in zip(answers, known, varying, strict=True) if varies)

    def _confirmed(self, judged: Judged, row: int, *, alone: bool) -> bool:
        """Return whether an attempt stands its last test: by hand, its answers are others than they are in float64."""
        if self.problem.numbers.rounding != "by-hand":
            return True
        from solver.variants.by_hand import by_hand_answers

        answers = by_hand_answers(redrawn(self.problem, self.source, judged.chosen(row)))
        if answers is None:
            return False
        from solver.spec.digits import digits_of

        judged.printed[row] = printed_keys(answers, digits_of(self.problem))
        return alone or not self._is_taken(judged, row)

    def _enter(self, number: int, judged: Judged, row: int, shared: int) -> None:
        answers = judged.printed[row]
        self._problems.add(judged.signatures[row])
        self._tuples.add(answers.tobytes())
        if not self._answers:
            self._answers = [set() for _ in answers]
        for key, seen in zip(answers.tolist(), self._answers, strict=True):
            seen.add(key)
        self.chosen.append(_choice(number, judged, row, shared))

    # --- difficulty --------------------------------------------------------------------------------------

    def _cost(self, judged: Judged, row: int) -> int:
        """Return how far an attempt is from what is preferred: difficulty before blemishes before shared answers."""
        usual = self.usual
        unlike = tuple(judged.effort[row].tolist()) not in usual.efforts
        return 100 * unlike + BLEMISHED * min(9, int(judged.blemishes[row]) - usual.blemishes)

    @property
    def usual(self) -> Usual:
        """What most candidates are like."""
        if self._usual is None:
            judged = self.judge.judge([(PILOT_KEY, attempt) for attempt in range(PILOT)])
            self._usual = usual_of(judged)
        return self._usual


def usual_of(judged: Judged) -> Usual:
    """Return what most of some candidates are like; the good ones where there are any."""
    rows = np.flatnonzero(judged.good)
    if len(rows) == 0:
        rows = np.arange(len(judged.good))
    efforts = [tuple(effort) for effort in judged.effort[rows].tolist()]
    counts = Counter(efforts)
    middle = max(counts, key=lambda effort: (counts[effort], effort))
    near = sorted(counts, key=lambda effort: (abs(effort[0] - middle[0]), abs(effort[1] - middle[1]), effort))
    kept: list[tuple[int, int]] = []
    for effort in near:
        kept.append((effort[0], effort[1]))
        if sum(counts[other] for other in kept) >= BAND * len(rows):
            break
    printed = judged.printed[rows]
    varying = tuple(bool(varies) for varies in (printed != printed[:1]).any(axis=0))
    return Usual(frozenset(kept), int(judged.blemishes[rows].min()), varying)


def part(judged: Judged, start: int, stop: int) -> Judged:
    """Return some of the candidates."""
    rows = slice(start, stop)
    return Judged(
        {name: places[rows] for name, places in judged.places.items()},
        {name: mask[rows] for name, mask in judged.refused.items()},
        judged.printed[rows],
        judged.effort[rows],
        judged.blemishes[rows],
    )


def _choice(number: int, judged: Judged, row: int, shared: int) -> Choice:
    numbers, digits = judged.effort[row].tolist()
    return Choice(number, judged.chosen(row), (numbers, digits), shared)
