"""Judging the figures of a solution one after the other, in the order in which they were worked out.

The first figure that is neither the truth nor follows from the figures before it is a slip. What it does to later figures
is told as its consequence, so that one slip is one finding however far it spreads. Only what no slip so far explains is a
slip of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solver.exercises.mistakes import Cell, Saying
from solver.exercises.mistakes.steps import Rounding
from solver.graph.model import Model
from solver.review.chain import Chain, Way
from solver.review.evidence import NEARER, Evidence
from solver.review.figures import Figure
from solver.review.following import Following
from solver.review.printing import FAR
from solver.review.search import Explanation, Search
from solver.review.source import Source
from solver.review.truth import NOISE, Agreement
from solver.review.verdicts import Judgement, Verdict, shown
from solver.review.witness import Witnesses

MOST_PAIR_SEARCHES = 8

_FOLLOWS = "follows from the slip in {root}"


@dataclass
class Judge:
    """The figures of one solution, and what is found of them.

    Attributes:
        model: The problem.
        figures: In order of work.
    """

    model: Model
    figures: Sequence[Figure]
    found: dict[int, Judgement] = field(default_factory=dict)
    _pair_searches: int = 0

    @cached_property
    def source(self) -> Source:
        """The solution beside the truth."""
        return Source(self.model, self.figures)

    @cached_property
    def following(self) -> Following:
        """What follows from the printed figures."""
        return Following(self.source, self.found)

    @cached_property
    def witnesses(self) -> Witnesses:
        """Where chains of the source's own figures are looked for."""
        return Witnesses(self.model, self.figures, self.source.values, self.source.digits)

    @cached_property
    def search(self) -> Search:
        """Where causes are looked for."""
        free = Chain(self.model, self.figures, self.source.printing, self.source.truth, Way.FREE)
        evidence = Evidence(self.figures, self.source.values, free.unprinted)
        found = Search(self.model, self.figures, self.source.truth, evidence)
        found.slips.sound = self._is_sound
        return found

    def _is_sound(self, number: int) -> bool:
        """Return whether a figure is not wrong; of one that comes later, whether it is the truth or follows from it."""
        if number in self.found:
            return self.found[number].verdict is not Verdict.WRONG
        if self.source.agreements[number] is not Agreement.NONE:
            return True
        state = len(self.found)
        if self._sound_by.get(number, (-1, False))[0] != state:
            right = frozenset(
                other for other, agreement in enumerate(self.source.agreements)
                if (self.found[other].verdict is not Verdict.WRONG if other in self.found
                    else agreement is not Agreement.NONE)
            )  # fmt: skip
            self._sound_by[number] = state, self._rounds(number, usable=right) is not None
        return self._sound_by[number][1]

    @cached_property
    def _sound_by(self) -> dict[int, tuple[int, bool]]:
        """Of later figures, when they were last looked at, and what was found."""
        return {}

    def judgements(self) -> list[Judgement]:
        """Return what is found of every figure, in order of work."""
        for number in range(len(self.figures)):
            self.found[number] = self._judged(number)
        return [self.found[number] for number in range(len(self.figures))]

    def _judged(self, number: int) -> Judgement:
        figure, value = self.figures[number], float(self.source.values[number])
        agreement = self.source.agreements[number]
        if agreement is not Agreement.NONE:
            return Judgement(figure, Verdict.AGREES, value, _agreeing(self, number, agreement))
        if value == 0 and abs(float(figure.value)) <= NOISE:
            words = {"place": figure.key}
            saying = Saying("noise of floating-point arithmetic: {place} is exactly 0", words)
            return Judgement(figure, Verdict.ROUNDING, value, saying)
        root = self._followed(number, exactly=True)
        witness = self._rounds(number) if root is None else None
        if witness is not None:
            return Judgement(figure, Verdict.ROUNDING, value, witness)
        root = self._followed(number) if root is None else root
        if root is not None:
            saying = Saying(_FOLLOWS, {"root": self.figures[root].key})
            return Judgement(figure, Verdict.WRONG, value, saying, ("follows",), root)
        return self._slip(number)

    # --- rounding -----------------------------------------------------------------------------------------

    def _rounds(self, number: int, *, usable: frozenset[int] | None = None) -> Saying | None:
        """Return how a figure follows from right figures, as printed or carried further, rounded on the way; or None."""
        if usable is None:
            usable = frozenset(source for source in range(len(self.figures)) if self._may_be_used(source))
        witness = self.witnesses.of(number, usable) if self.following.within(number) else None
        if witness is not None and self.source.values[number] == 0 and self.figures[number].value:
            words = {"place": self.figures[number].key}
            return Saying("rounding noise alone: the terms cancel, and {place} is exactly 0", words)
        return witness

    def _may_be_used(self, number: int) -> bool:
        """Return whether a figure is gone on with; of later ones, which lead to none before them, whether they may be."""
        if number in self.found:
            return self.found[number].verdict is not Verdict.WRONG
        far = FAR * self.figures[number].unit
        return abs(float(self.figures[number].value) - float(self.source.values[number])) <= far

    # --- consequences -------------------------------------------------------------------------------------

    def _followed(self, number: int, *, exactly: bool = False) -> int | None:
        """Return the slip that a figure follows from, or None.

        Args:
            number: The figure.
            exactly: Whether it has to be what the printed figures before it give, to its last digit, and the true ones
                would not: then no rounding need be thought of.
        """
        if not any(judgement.verdict is Verdict.WRONG for judgement in self.found.values()):
            return None
        following, figure = self.following, self.figures[number]
        for (chain, centre), (_, true) in zip(
            following.centres(number, wrong_as_printed=True),
            following.centres(number, wrong_as_printed=False),
            strict=True,
        ):
            if exactly and abs(centre - true) <= figure.unit:
                continue
            printed = float(figure.value)
            if not exactly and abs(centre - printed) > NEARER * abs(true - printed):
                continue
            slack = 0.0 if exactly else following.slack(chain, number, accepted_only=False)
            if following.fits(number, centre, slack):
                root = following.cause_of(chain, number)
                if root is not None:
                    return root
        return None if exactly else self._foreseen.get(number)

    @cached_property
    def _foreseen(self) -> dict[int, int]:
        """Figures that follow from the mistake behind a slip, though not from its printed figure: its siblings."""
        return {}

    # --- slips --------------------------------------------------------------------------------------------

    def _slip(self, number: int) -> Judgement:
        figure, value = self.figures[number], float(self.source.values[number])
        open_, settled = self._state(number)
        targets = [value, float(self.search.current[number])]
        for wrong_as_printed in (False, True):
            centres = self.following.centres(number, wrong_as_printed=wrong_as_printed)
            targets += [centre for _, centre in centres]
        self._pair_searches += 1
        best = self.search.explain(
            number,
            open_,
            settled,
            list(dict.fromkeys(targets)),
            pairs=self._pair_searches <= MOST_PAIR_SEARCHES,
        )
        if best.mistakes == ("rounded",) and best.exact and not best.spoiled and self._as_printed(best):
            assert best.saying is not None
            saying = Saying("follows from rounded intermediates: " + best.saying.template, best.saying.words)
            return Judgement(figure, Verdict.ROUNDING, value, saying, best.mistakes)
        self._foresee(number, best, open_)
        self.search.accept(best)
        saying = best.saying or Saying("no mistake of the table explains it")
        return Judgement(figure, Verdict.WRONG, value, saying, best.mistakes)

    def _as_printed(self, best: Explanation) -> bool:
        """Return whether something was rounded to digits that the source uses, and is not printed to more of them."""
        kept = {edit.change.kept for edit in best.edits if isinstance(edit.change, Rounding)}
        return kept <= {*self.source.digits} and not any(
            self.source.agreements[number] is not Agreement.NONE and self.following.moved[number] > 0
            for number in self.search.belief.finer_prints(best.edits)
        )

    def _state(self, number: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return (figures without an explanation, figures that are right or explained) as far as is known."""
        count = len(self.figures)
        open_, settled = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
        open_[number] = True
        for other in range(count):
            if other in self.found or self.source.agreements[other] is not Agreement.NONE:
                settled[other] = True
            elif other != number and other not in self._foreseen:
                open_[other] = True
        return open_, settled

    def _foresee(self, number: int, best: Explanation, open_: NDArray[np.bool_]) -> None:
        if best.saying is None:
            return
        _, loose = self.search.evidence.matches(best.predicted)
        moved = np.abs(best.predicted - self.source.values) > self.search.evidence.units / 4
        nearer = self.search.evidence.nearer(best.predicted, self.source.values)
        for other in np.flatnonzero(loose & moved & nearer & open_):
            if other > number:
                self._foreseen.setdefault(int(other), number)


def _agreeing(judge: Judge, number: int, agreement: Agreement) -> Saying | None:
    """Return what is told of a figure that agrees: how it was shortened."""
    if agreement is Agreement.CUT_OFF:
        right = shown(float(judge.source.values[number]), judge.figures[number])
        return Saying("cut off after the last printed digit; rounded it is {right}", {"right": right})
    return None


__all__ = ["Cell", "Judge"]
