"""What each figure should be by the printed figures before it, and how far rounding may take it from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from solver.exercises.mistakes.run import Floats
from solver.graph.dense import Elementwise, SoftmaxLayer
from solver.quantities import Along, Quantity, Role
from solver.review.chain import Chain, Way
from solver.review.figures import Figure
from solver.review.source import Source
from solver.review.truth import Agreement, agreement_of
from solver.review.verdicts import Judgement, Verdict

MARGIN = 1.3
"""Factor on what rounding may do, for what it does together and not one at a time."""

CARRIED_FINER = 0.12
"""Least share of half a digit that a printed figure may differ from what was gone on with."""

FAR_BY_PATHS = 100
"""Steps of its last digit from which a figure is thought not to be reached by rounding the products along paths."""

AHEAD = 100
"""Figures for which it is found at once what follows if all of them are wrong."""


@dataclass
class Following:
    """What follows from the printed figures, as far as they are judged.

    Attributes:
        source: The solution.
        found: What is found of its figures so far.
    """

    source: Source
    found: Mapping[int, Judgement]

    @cached_property
    def chains(self) -> tuple[Chain, ...]:
        """The ways in which figures are computed from earlier ones."""
        source = self.source
        return tuple(
            Chain(source.model, source.figures, source.printing, source.truth, way)
            for way in (Way.ARRAYS, Way.PATHS)
        )

    # --- what should be there ---------------------------------------------------------------------------------

    def centres(self, number: int, *, wrong_as_printed: bool) -> list[tuple[Chain, float]]:
        """Return what a figure should be by the printed figures before it, by each way of working.

        Args:
            number: The figure.
            wrong_as_printed: Whether wrong figures are gone on with too, or the truth in their place.
        """
        wrong = frozenset[int]() if wrong_as_printed else self._wrong
        return [
            (chain, float(self._centre(chain, wrong, number)[number]))
            for chain in self.chains
            if not chain.by_paths or self._is_made_by_paths(self.source.figures[number])
        ]

    @property
    def _wrong(self) -> frozenset[int]:
        return frozenset(n for n, judged in self.found.items() if judged.verdict is Verdict.WRONG)

    def _centre(self, chain: Chain, wrong: frozenset[int], number: int) -> Floats:
        """Return the figures as printed ones before them give them; wrong ones are replaced by the truth.

        Figures that come later than the one in question do not matter to it, so a result is kept until more are wrong.
        Most that do not agree will be: what follows then is found beforehand, in the same run.
        """
        if (chain.way, wrong) not in self._known:
            states = [wrong]
            if wrong:
                for later in range(number, len(self.source.figures)):
                    if len(states) < AHEAD and self.source.agreements[later] is Agreement.NONE:
                        states.append(states[-1] | {later})
            true = self.source.values
            values = [
                {n: float(true[n]) if n in state else printed for n, printed in chain.printed.items()}
                for state in states
            ]
            for state, centre in zip(states, chain.centres(values), strict=True):
                self._known[chain.way, state] = centre
        return self._known[chain.way, wrong]

    @cached_property
    def _known(self) -> dict[tuple[Way, frozenset[int]], Floats]:
        return {}

    def _is_made_by_paths(self, figure: Figure) -> bool:
        if isinstance(figure.key, Along):
            return True
        if not isinstance(figure.key, Quantity) or figure.key.role is Role.VALUE:
            return False
        graph, array = self.source.model.graph, figure.key.value.whole
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
        return frozenset(figure.key for figure in self.source.figures)

    @cached_property
    def _summed_over_outputs(self) -> bool:
        """Whether ∂L/∂a below a softmax is itself a sum of products: found by paths, it may be rounded otherwise."""
        return any(
            isinstance(node.operation, SoftmaxLayer)
            and not node.operation.fused
            and not node.operation.diagonal
            for node in self.source.model.graph.nodes
        )

    # --- how far from it a figure may be ----------------------------------------------------------------------

    def within(self, number: int) -> bool:
        """Return whether all roundings together could lead to a figure: where they could not, no chain is looked for."""
        coarseness = float(self.source.coarseness[number])
        for chain, centre in self.centres(number, wrong_as_printed=False):
            slack = self.slack(chain, number, accepted_only=True)
            if self.fits(number, centre, slack * coarseness):
                return True
            # Rounding the products along paths can do more only where they cancel, and costs most to find out.
            wider = slack * coarseness + abs(centre) / 2 + FAR_BY_PATHS * self.source.figures[number].unit
            if self.source.values[number] == 0:
                wider = np.inf
            if chain.by_paths and self.fits(number, centre, wider):
                slack += MARGIN * chain.products(number)
                if self.fits(number, centre, slack * coarseness):
                    return True
        return False

    def slack(self, chain: Chain, number: int, *, accepted_only: bool) -> float:
        """Return how far a figure may lie from what the figures before it give.

        Args:
            chain: The way of working.
            number: The figure.
            accepted_only: Whether wrong figures are not gone on with.
        """
        sources = np.fromiter(chain.sources.values(), dtype=int, count=len(chain.sources))
        printing = self.source.printing.coarseness(self.source.figures[number])
        total = float(chain.unprinted[number]) * printing
        if not sources.size:
            return MARGIN * total
        effects = np.where(self._order[sources] < self._order[number], chain.effects[:, number], 0.0)
        wrong = np.isin(sources, list(self._wrong))
        shares = np.where(wrong, 0.0 if accepted_only else 1.0, self.moved[sources])
        # 0 · ∞ is 0 here: what does not move does nothing, however much it could.
        moves = np.multiply(effects, shares, where=(effects != 0) & (shares != 0), out=np.zeros(len(sources)))
        return MARGIN * (total + float(moves.sum()))

    @cached_property
    def _order(self) -> Floats:
        """The rank of each figure in the order of work; alike for figures of one number."""
        ranks = {order: rank for rank, order in enumerate(sorted({f.order for f in self.source.figures}))}
        return np.array([float(ranks[figure.order]) for figure in self.source.figures])

    @cached_property
    def moved(self) -> Floats:
        """How far each printed figure is from the truth, in halves of its last digit; 0 where it is exact."""
        figures, values = self.source.figures, self.source.values
        distance = np.abs(np.array([float(figure.value) for figure in figures]) - values)
        halves = np.array([self.source.printing.half(figure) for figure in figures])
        found = np.maximum(CARRIED_FINER, distance / halves)
        return np.where(distance <= 1e-12 * np.abs(values), 0.0, found)

    def fits(self, number: int, centre: float, slack: float) -> bool:
        """Return whether a figure is a number, rounded or cut off, give or take a slack."""
        figure = self.source.figures[number]
        if not np.isfinite(slack) or not np.isfinite(centre):
            return bool(np.isfinite(centre))
        distance = abs(float(figure.value) - centre)
        if distance <= figure.unit / 2 * (1 + 1e-9) + slack + 1e-12 * abs(centre):
            return True
        return agreement_of(figure.value, centre, figure.unit) is Agreement.CUT_OFF

    # --- what it follows from ---------------------------------------------------------------------------------

    def cause_of(self, chain: Chain, number: int) -> int | None:
        """Return the slip behind the wrong figure that moves this one most."""
        strongest, root = 0.0, None
        for place, source in enumerate(chain.sources.values()):
            judged = self.found.get(source)
            if judged is None or judged.verdict is not Verdict.WRONG:
                continue
            moved = float(chain.effects[place, number]) * float(self.moved[source])
            if moved > strongest:
                strongest, root = moved, source if judged.root is None else judged.root
        return root
