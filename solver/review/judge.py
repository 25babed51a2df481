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

from solver.arithmetic import Digits
from solver.exercises.mistakes import Cell, Saying
from solver.exercises.mistakes.run import Floats
from solver.exercises.mistakes.steps import Rounding
from solver.graph.dense import Elementwise, SoftmaxLayer
from solver.graph.model import Model
from solver.quantities import Along, Quantity, Role
from solver.review.chain import Chain, Way
from solver.review.evidence import NEARER, Evidence
from solver.review.figures import Figure
from solver.review.printing import FAR, Printing, digits_of, last_places_of, printing_of
from solver.review.search import Explanation, Search
from solver.review.truth import NOISE, Agreement, Truth, agreement_of
from solver.review.verdicts import Judgement, Verdict, shown
from solver.review.witness import Witnesses

MARGIN = 1.3
"""Factor on what rounding may do, for what it does together and not one at a time."""

CARRIED_FINER = 0.12
"""Least share of half a digit that a printed figure may differ from what was gone on with."""

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
    def truth(self) -> Truth:
        """The true values of the problem."""
        return Truth(self.model)

    @cached_property
    def values(self) -> Floats:
        """The true values of the figures."""
        return self.truth.values([figure.address for figure in self.figures])

    @cached_property
    def agreements(self) -> list[Agreement]:
        """Whether each figure is the truth."""
        return [self.truth.agreement(f, v) for f, v in zip(self.figures, self.values, strict=True)]

    @cached_property
    def printing(self) -> Printing:
        """How the source rounds."""
        return printing_of(
            self.figures, self.values, [self.truth.is_given(figure) for figure in self.figures]
        )

    @cached_property
    def digits(self) -> list[Digits]:
        """To how many digits the source rounds."""
        given = [self.truth.is_given(figure) for figure in self.figures]
        return digits_of(self.printing, self.figures, self.values, given)

    @cached_property
    def witnesses(self) -> Witnesses:
        """Where chains of the source's own figures are looked for."""
        return Witnesses(self.model, self.figures, self.values, self.digits)

    @cached_property
    def chains(self) -> tuple[Chain, ...]:
        """The ways in which figures are computed from earlier ones."""
        return tuple(
            Chain(self.model, self.figures, self.printing, self.truth, way) for way in (Way.ARRAYS, Way.PATHS)
        )

    @cached_property
    def search(self) -> Search:
        """Where causes are looked for."""
        free = Chain(self.model, self.figures, self.printing, self.truth, Way.FREE)
        evidence = Evidence(self.figures, self.values, free.unprinted)
        found = Search(self.model, self.figures, self.truth, evidence)
        found.slips.sound = self._is_sound
        return found

    def _is_sound(self, number: int) -> bool:
        """Return whether a figure is not wrong; of one that comes later, whether it is the truth or follows from it."""
        if number in self.found:
            return self.found[number].verdict is not Verdict.WRONG
        if self.agreements[number] is not Agreement.NONE:
            return True
        state = len(self.found)
        if self._sound_by.get(number, (-1, False))[0] != state:
            right = frozenset(
                other for other, agreement in enumerate(self.agreements)
                if (self.found[other].verdict is not Verdict.WRONG if other in self.found
                    else agreement is not Agreement.NONE)
            )  # fmt: skip
            self._sound_by[number] = state, self._rounds(number, usable=right) is not None
        return self._sound_by[number][1]

    @cached_property
    def _sound_by(self) -> dict[int, tuple[int, bool]]:
        """Of later figures, when they were last looked at, and what was found."""
        return {}

    @cached_property
    def coarseness(self) -> Floats:
        """By how much coarser the intermediates of each figure may have been rounded."""
        return np.array([self.printing.coarseness(figure) for figure in self.figures])

    def judgements(self) -> list[Judgement]:
        """Return what is found of every figure, in order of work."""
        for number in range(len(self.figures)):
            self.found[number] = self._judged(number)
        return [self.found[number] for number in range(len(self.figures))]

    def _judged(self, number: int) -> Judgement:
        figure, value = self.figures[number], float(self.values[number])
        agreement = self.agreements[number]
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
        witness = self.witnesses.of(number, usable, searched=self._within(number))
        if witness is not None and self.values[number] == 0 and self.figures[number].value:
            words = {"place": self.figures[number].key}
            return Saying("rounding noise alone: the terms cancel, and {place} is exactly 0", words)
        return witness

    def _may_be_used(self, number: int) -> bool:
        """Return whether a figure is gone on with; of later ones, which lead to none before them, whether they may be."""
        if number in self.found:
            return self.found[number].verdict is not Verdict.WRONG
        far = FAR * self.figures[number].unit
        return abs(float(self.figures[number].value) - float(self.values[number])) <= far

    def _within(self, number: int) -> bool:
        """Return whether all roundings together could lead to a figure: where they could not, no chain is looked for."""
        coarser = max(self._coarser, float(self.coarseness[number]))
        for chain, centre in self._centres(number, wrong_as_printed=False):
            slack = self._slack(chain, number, accepted_only=True)
            if chain.by_paths:
                slack += MARGIN * chain.products(number)
            if self._fits(number, float(centre[number]), slack * coarser):
                return True
        return False

    @cached_property
    def _coarser(self) -> float:
        """By how much coarser the coarsest of a source's digits are than its usual ones."""
        values = np.abs(self.values[self.values != 0])
        if not values.size:
            return 1.0
        usual = self.printing.units(values)
        return max(float(np.median(last_places_of(digits, values) / usual)) for digits in self.digits)

    def _centres(self, number: int, *, wrong_as_printed: bool) -> list[tuple[Chain, Floats]]:
        found = []
        for chain in self.chains:
            if chain.by_paths and not self._is_made_by_paths(self.figures[number]):
                continue
            wrong = frozenset(
                source for source in chain.sources.values()
                if source in self.found and self.found[source].verdict is Verdict.WRONG
            )  # fmt: skip
            found.append((chain, self._centre(chain, frozenset() if wrong_as_printed else wrong, number)))
        return found

    def _is_made_by_paths(self, figure: Figure) -> bool:
        if isinstance(figure.key, Along):
            return True
        if not isinstance(figure.key, Quantity) or figure.key.role is Role.VALUE:
            return False
        graph, array = self.model.graph, figure.key.value.whole
        if figure.key.role is not Role.GRADIENT:
            # A printed gradient is what its update is taken from.
            return array in graph.parameters and graph.gradient(figure.key.value) not in self._printed
        if self._summed_over_outputs:
            return True
        return array in (*graph.parameters, *graph.inputs) or any(
            isinstance(reader.operation, Elementwise) and reader.operation.fused
            for reader, _ in graph.consumers[array]
        )

    @cached_property
    def _printed(self) -> frozenset[object]:
        return frozenset(figure.key for figure in self.figures)

    @cached_property
    def _summed_over_outputs(self) -> bool:
        """Whether ∂L/∂a below a softmax is itself a sum of products: found by paths, it may be rounded otherwise."""
        return any(
            isinstance(node.operation, SoftmaxLayer)
            and not node.operation.fused
            and not node.operation.diagonal
            for node in self.model.graph.nodes
        )

    def _centre(self, chain: Chain, wrong: frozenset[int], number: int) -> Floats:
        """Return the figures as printed ones before them give them; wrong ones are replaced by the truth.

        Figures that come later than the one in question do not matter to it, so a result is kept until more are wrong.
        """
        memo = (chain.way, wrong)
        if memo not in self._memo:
            values = {
                source: float(self.values[source]) if source in wrong else printed
                for source, printed in chain.printed.items()
            }
            self._memo[memo] = chain.centre(values)
        return self._memo[memo]

    @cached_property
    def _memo(self) -> dict[tuple[Way, frozenset[int]], Floats]:
        return {}

    def _slack(self, chain: Chain, number: int, *, accepted_only: bool) -> float:
        """Return how far a figure may lie from what the figures before it give."""
        total = float(chain.unprinted[number] * self.coarseness[number])
        for place, source in enumerate(chain.sources.values()):
            effect = float(chain.effects[place, number])
            if not effect or self.figures[source].order >= self.figures[number].order:
                continue
            judged = self.found.get(source)
            if judged is not None and judged.verdict is Verdict.WRONG:
                total += 0.0 if accepted_only else effect
                continue
            total += effect * self._moved(source)
        return MARGIN * total

    def _moved(self, source: int) -> float:
        """Return how far a printed figure is from the truth, in halves of its last digit; 0 where it is exact."""
        figure, value = self.figures[source], float(self.values[source])
        distance = abs(float(figure.value) - value)
        if distance <= 1e-12 * abs(value):
            return 0.0
        return max(CARRIED_FINER, distance / self.printing.half(figure))

    def _fits(self, number: int, centre: float, slack: float) -> bool:
        """Return whether a figure is a number, rounded or cut off, give or take a slack."""
        figure = self.figures[number]
        if not np.isfinite(slack) or not np.isfinite(centre):
            return bool(np.isfinite(centre))
        distance = abs(float(figure.value) - centre)
        if distance <= figure.unit / 2 * (1 + 1e-9) + slack + 1e-12 * abs(centre):
            return True
        return agreement_of(figure.value, centre, figure.unit) is Agreement.CUT_OFF

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
        right = self._centres(number, wrong_as_printed=False)
        for (chain, centre), (_, true) in zip(
            self._centres(number, wrong_as_printed=True), right, strict=True
        ):
            slack = 0.0 if exactly else self._slack(chain, number, accepted_only=False)
            if exactly and abs(centre[number] - true[number]) <= self.figures[number].unit:
                continue
            printed = float(self.figures[number].value)
            if not exactly and abs(centre[number] - printed) > NEARER * abs(true[number] - printed):
                continue
            if self._fits(number, float(centre[number]), slack):
                root = self._cause_of(chain, number)
                if root is not None:
                    return root
        return None if exactly else self._foreseen.get(number)

    def _cause_of(self, chain: Chain, number: int) -> int | None:
        """Return the slip behind the wrong figure that moves this one most."""
        strongest, root = 0.0, None
        for place, source in enumerate(chain.sources.values()):
            judged = self.found.get(source)
            if judged is None or judged.verdict is not Verdict.WRONG:
                continue
            moved = float(chain.effects[place, number]) * self._moved(source)
            if moved > strongest:
                strongest, root = moved, source if judged.root is None else judged.root
        return root

    @cached_property
    def _foreseen(self) -> dict[int, int]:
        """Figures that follow from the mistake behind a slip, though not from its printed figure: its siblings."""
        return {}

    # --- slips --------------------------------------------------------------------------------------------

    def _slip(self, number: int) -> Judgement:
        figure, value = self.figures[number], float(self.values[number])
        open_, settled = self._state(number)
        targets = [value, float(self.search.current[number])]
        targets += [float(centre[number]) for _, centre in self._centres(number, wrong_as_printed=False)]
        targets += [float(centre[number]) for _, centre in self._centres(number, wrong_as_printed=True)]
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
        return kept <= {*self.digits} and not any(
            self.agreements[number] is not Agreement.NONE and self._moved(number) > 0
            for number in self.search.belief.finer_prints(best.edits)
        )

    def _state(self, number: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return (figures without an explanation, figures that are right or explained) as far as is known."""
        count = len(self.figures)
        open_, settled = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
        open_[number] = True
        for other in range(count):
            if other in self.found or self.agreements[other] is not Agreement.NONE:
                settled[other] = True
            elif other != number and other not in self._foreseen:
                open_[other] = True
        return open_, settled

    def _foresee(self, number: int, best: Explanation, open_: NDArray[np.bool_]) -> None:
        if best.saying is None:
            return
        _, loose = self.search.evidence.matches(best.predicted)
        moved = np.abs(best.predicted - self.values) > self.search.evidence.units / 4
        nearer = self.search.evidence.nearer(best.predicted, self.values)
        for other in np.flatnonzero(loose & moved & nearer & open_):
            if other > number:
                self._foreseen.setdefault(int(other), number)


def _agreeing(judge: Judge, number: int, agreement: Agreement) -> Saying | None:
    """Return what is told of a figure that agrees: how it was shortened."""
    if agreement is Agreement.CUT_OFF:
        right = shown(float(judge.values[number]), judge.figures[number])
        return Saying("cut off after the last printed digit; rounded it is {right}", {"right": right})
    return None


__all__ = ["Cell", "Judge"]
