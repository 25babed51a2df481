"""What a source's own figures give: every figure computed anew from the printed ones that lead to it, and how exactly.

A person works from number to number: each is found from the ones just written down, or from more digits that a calculator
still shows. So a figure is held against two values: the true one, and the one that follows when all printed figures
before it are put in as printed. How far a figure may lie from the second is measured, not guessed: each printed figure is
moved by half its last digit, each intermediate result that is not printed by half a digit of the source's usual length,
one at a time in rows of one run, and what that does to every later figure is added up.

Two ways of working are followed. By arrays, ∂L/∂W comes from the printed ∂L/∂a; by paths, from the printed outputs and
local derivatives, and from no gradient between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

import numpy as np

from solver.arithmetic import DomainError
from solver.exercises.mistakes import Address, Cell, Route, Run, Site, Spot, affordable_rows
from solver.exercises.mistakes.edits import Plan
from solver.exercises.mistakes.run import Floats
from solver.graph.dense import Affine, SoftmaxLayer, TotalLoss
from solver.graph.model import Model
from solver.graph.node import Leaf
from solver.quantities import Along, Quantity, Role
from solver.review.figures import Figure
from solver.review.pinned import Nudge, Pinned, unjoined
from solver.review.printing import Printing
from solver.review.truth import Truth
from solver.trace.chain import chain_rule, head_nodes
from solver.trace.paths import LIMIT, count_paths

MOST_ROWS = 4000
"""Rows of one run; past it intermediates of one array are moved together."""


AT_ONCE = 2_000_000
"""Numbers of one array that are held at once: so many rows of it are computed together."""

SIGMAS = 5.0
"""Standard deviations within which many roundings stay together: past it is one case in a million."""


class Way(Enum):
    """What a person takes the next number from."""

    ARRAYS = "printed figures of every sort"
    PATHS = "printed values and local derivatives, no gradient between"
    FREE = "nothing printed: everything is carried along"


@dataclass
class Chain:
    """One way of working with a source's figures.

    Attributes:
        model: The problem.
        figures: All figures, in order.
        printing: How the source rounds.
        truth: The true values.
        way: What the next number is taken from.
    """

    model: Model
    figures: Sequence[Figure]
    printing: Printing
    truth: Truth
    way: Way = Way.ARRAYS

    @property
    def by_paths(self) -> bool:
        """Whether no gradient between is rounded."""
        return self.way is Way.PATHS

    @cached_property
    def addresses(self) -> list[Address]:
        """Where the figures stand."""
        return [figure.address for figure in self.figures]

    @cached_property
    def plan(self) -> Plan:
        """Where the figures are read."""
        return Plan(self.addresses)

    @cached_property
    def sources(self) -> dict[Address, int]:
        """The figures that later ones are computed from: for each address the number of the first figure of it."""
        found: dict[Address, int] = {}
        if self.way is Way.FREE:
            return found
        for number, figure in enumerate(self.figures):
            if self._goes_on(figure):
                found.setdefault(figure.address, number)
        return found

    def _goes_on(self, figure: Figure) -> bool:
        if not self.by_paths or not isinstance(figure.address, Cell):
            return True
        key = figure.address.spot.key
        if key.role is not Role.GRADIENT:
            return True
        return key.value in self._heads

    @cached_property
    def _heads(self) -> frozenset[Quantity]:
        """The arrays whose gradients paths start from."""
        graph = self.worked.graph
        return frozenset({*graph.root.parents, *head_nodes(graph)})

    def centres(self, values: Sequence[Mapping[int, float]]) -> Floats:
        """Return every figure as the figures before it give it, shape (states, figures).

        Args:
            values: Of each state, for each source, by the number of its figure, what is gone on with.
        """
        sources = list(self.sources.items())
        true = self.truth.values([address for address, _ in sources])
        pins = {
            address: np.array([true[place], *(state[number] for state in values)])
            for place, (address, number) in enumerate(sources)
        }
        conduct = Pinned(1 + len(values), self.plan, pins)
        run = Run(self.worked, conduct, 1 + len(values))
        run.all_steps()
        # A printed 0.00 has no logarithm: go on with true values instead of printed ones.
        conduct.readings[~run.alive] = conduct.readings[0]
        return np.asarray(conduct.readings[1:])

    @cached_property
    def worked(self) -> Model:
        """The problem as it is worked out this way: by paths, ∂L/∂a below a sigmoid is a product like any other."""
        return replace(self.model, graph=unjoined(self.model.graph)) if self.by_paths else self.model

    def _read(self, rows: int, pins: Mapping[Address, float], nudges: Iterable[Nudge]) -> Floats:
        conduct = Pinned(rows, self.plan, pins, nudges)
        try:
            Run(self.worked, conduct, rows).all_steps()
        except DomainError:
            # A printed 0.00 has no logarithm: go on with true values instead of printed ones.
            true = dict(zip(pins, self.truth.values(list(pins)), strict=True))
            conduct = Pinned(rows, self.plan, true, nudges)
            Run(self.worked, conduct, rows).all_steps()
        return conduct.readings

    @cached_property
    def printed(self) -> dict[int, float]:
        """What is gone on with where every figure is taken as printed."""
        return {number: float(self.figures[number].value) for number in self.sources.values()}

    @cached_property
    def effects(self) -> Floats:
        """What half the last digit of each source does to each figure, shape (sources, figures)."""
        nudges: list[Nudge] = []
        for place, (address, number) in enumerate(self.sources.items()):
            half = self.printing.half(self.figures[number])
            nudges += [(2 * place + 1, address, half), (2 * place + 2, address, -half)]
        return self._moves(nudges, len(self.sources))

    @cached_property
    def unprinted(self) -> Floats:
        """What rounding the intermediates that are not printed may do to each figure, added up; shape (figures,)."""
        nudges: list[Nudge] = []
        groups = 0
        for group in self._unprinted_groups():
            groups += 1
            for address, amount in group:
                nudges += [(2 * groups - 1, address, amount), (2 * groups, address, -amount)]
        total: Floats = reach(self._moves(nudges, groups)) if groups else np.zeros(len(self.figures))
        return total + self._own

    def products(self, number: int) -> float:
        """Return what rounding each product along a path, and then nothing else, may do to a gradient."""
        figure, graph = self.figures[number], self.model.graph
        if not self.by_paths or not isinstance(figure.key, Quantity):
            return 0.0
        element, target = figure.key.value, graph.gradient(figure.key.value)
        count = count_paths(graph, [element], head_nodes(graph))
        if not 1 < count <= LIMIT:
            return 0.0
        chain = chain_rule(graph, [element], target.of).chains[0]
        routes = [
            Route(figure.step, Along(target, place), product)
            for place, product in enumerate(chain.products, start=1)
        ]
        found = float(reach(self.printing.units(self.truth.values(routes)) / 2))
        if figure.key.role is Role.GRADIENT or self.model.training is None:
            return found
        return found * float(self.model.training.rate)

    def _moves(self, nudges: list[Nudge], count: int) -> Floats:
        """Return the larger of both moves of each source, (count, figures); source k is moved in rows 2k+1 and 2k+2."""
        pins = {address: self.printed[number] for address, number in self.sources.items()}
        together = max(1, AT_ONCE // self.model.graph.largest // 2)
        parts: dict[int, list[Nudge]] = {}
        for row, address, amount in nudges:
            part, within = divmod(row - 1, 2 * together)
            parts.setdefault(part, []).append((within + 1, address, amount))
        larger = np.zeros((count, len(self.figures)))
        for part, moved in parts.items():
            start, end = part * together, min(count, (part + 1) * together)
            found = self._read(2 * (end - start) + 1, pins, moved)
            change = np.abs(found[1:] - found[0])
            larger[start:end] = np.nan_to_num(
                np.maximum(change[0::2], change[1::2]), nan=np.inf, posinf=np.inf
            )
        return larger

    def _unprinted_groups(self) -> list[list[tuple[Address, float]]]:
        """Return the intermediates that are moved, each with its amount; what touches disjoint figures moves together."""
        single: list[list[tuple[Address, float]]] = []
        for array, spot, apart in self._arrays():
            cells: list[tuple[Address, float]] = []
            halves = self.printing.units(array).ravel() / 2 + self._slopes.get(spot, 0.0)
            halves = np.broadcast_to(halves, array.size)
            for place in range(array.size) if apart else self._touching(spot.key, array.size):
                cell, half = Cell(spot, place), halves[place]
                # A path starts from ∂L/∂y, found again and rounded again, whether it is printed elsewhere or not.
                again = self.by_paths and spot.key.role is Role.GRADIENT
                if (again or cell not in self.sources) and half:
                    cells.append((cell, float(half)))
            single += [[cell] for cell in cells] if apart else ([cells] if cells else [])
        if 2 * len(single) > min(MOST_ROWS, affordable_rows(self.model)):
            joined: dict[Spot, list[tuple[Address, float]]] = {}
            for group in single:
                for address, half in group:
                    assert isinstance(address, Cell)
                    joined.setdefault(address.spot, []).append((address, half))
            return list(joined.values())
        return single

    def _touching(self, key: Quantity, size: int) -> Iterable[int]:
        """Return the places of a parameter's gradient, state or update that any figure depends on."""
        return range(size) if self._looks_further else sorted(self._asked.get(key.value, ()))

    @cached_property
    def _looks_further(self) -> bool:
        """Whether a figure depends on whole parameters after an update."""
        parameters = self.model.graph.parameters
        return any(
            figure.step > 1
            or (isinstance(figure.key, Quantity) and figure.key.role is Role.UPDATED
                and figure.key.value.whole not in parameters)
            for figure in self.figures
        )  # fmt: skip

    @cached_property
    def _asked(self) -> dict[Quantity, set[int]]:
        found: dict[Quantity, set[int]] = {}
        for figure in self.figures:
            if isinstance(figure.address, Cell):
                found.setdefault(figure.address.spot.key.value, set()).add(figure.address.place)
        return found

    def _arrays(self) -> list[tuple[Floats, Spot, bool]]:
        """Return (values, spot, whether its elements are moved one by one) of everything that a solution computes."""
        graph, found = self.model.graph, []
        for step, values in enumerate(self.truth.steps, start=1):
            for node in graph.nodes:
                leaf = isinstance(node.operation, Leaf)
                if not leaf and node.quantity != graph.root.quantity:
                    found.append((values.values[node.quantity][0], Spot(step, node.quantity), True))
                    if values.updated:
                        key = node.quantity.updated()
                        found.append((self.truth.array(step, key), Spot(step, key), True))
                if node.quantity in values.gradients and node.quantity != graph.root.quantity:
                    inner = self.by_paths and node.quantity not in self._heads
                    key = graph.gradient(node.quantity)
                    array = values.gradients[node.quantity][0]
                    if not inner or Spot(step, key) in self._slopes:
                        found.append(
                            (array * (0.0 if inner else 1.0), Spot(step, key), not leaf or array.size <= 64)
                        )
            for group in (values.states, values.updated):
                found += [(array[0], Spot(step, key), array[0].size <= 64) for key, array in group.items()]
        return found

    @cached_property
    def _own(self) -> Floats:
        """What rounding its own slope does to each printed gradient."""
        found = np.zeros(len(self.figures))
        for place, figure in enumerate(self.figures):
            if isinstance(figure.address, Cell) and figure.address.spot in self._slopes:
                found[place] = self._slopes[figure.address.spot][figure.address.place]
        return found

    @cached_property
    def _slopes(self) -> dict[Spot, Floats]:
        conduct = _SlopeRounding(self.printing)
        Run(self.worked, conduct, 1).all_steps()
        return conduct.found


def reach(moves: Floats) -> Floats:
    """Return how far roundings take a figure together: all of them one way while they are few, Σ m; 5 σ of many.

    A rounding is spread evenly over ±m, so that its variance is m² / 3.

    Args:
        moves: Shape (roundings, …); what the largest rounding of each does.
    """
    return np.asarray(np.minimum(moves.sum(axis=0), SIGMAS * np.sqrt((moves**2).sum(axis=0) / 3)))


class _SlopeRounding:
    """Notes, for each gradient, what rounding the local derivatives does to it that carry it on."""

    def __init__(self, printing: Printing) -> None:
        self.printing = printing
        self.found: dict[Spot, Floats] = {}

    def __call__(self, spot: Spot, array: Floats, run: Run) -> Floats:
        if spot.key.role is Role.GRADIENT:
            for node, _, share in run.shares.get(spot.key.value, ()):
                if isinstance(node.operation, Affine | TotalLoss):
                    continue
                gradient = run.gradients[node.quantity]
                amount = self._amount(gradient, share, run.values[node.quantity], node.operation)
                self.found[spot] = self.found.get(spot, 0.0) + amount.ravel()
        return array

    def begins(self, site: Site) -> None:
        """Nothing to note."""

    def forward_done(self, run: Run) -> None:
        """Nothing to note."""

    def _amount(self, gradient: Floats, share: Floats, output: Floats, operation: object) -> Floats:
        relative = self.printing.units(np.ones(1))[0]
        if isinstance(operation, SoftmaxLayer) and not operation.diagonal:
            jacobian = output[..., :, None] * (np.eye(output.shape[-1]) - output[..., None, :])
            products = gradient[..., :, None] * jacobian
            terms = np.abs(gradient[..., :, None]) * self.printing.units(jacobian) + self.printing.units(
                products
            )
            return np.asarray(terms.sum(axis=-2) / 2)
        if gradient.shape != share.shape:
            return np.asarray(np.abs(share) * relative / 2)
        slope = np.divide(share, gradient, where=gradient != 0, out=np.zeros(share.shape))
        return np.asarray(np.abs(gradient) * self.printing.units(slope) / 2)
