"""What comes of mistakes: each is made in a run of its own, those of many figures side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from solver.exercises.mistakes import (
    MISTAKES,
    Address,
    Cell,
    Edit,
    Plant,
    Subject,
    affordable_rows,
    all_elements,
    outcomes,
    planted,
)
from solver.exercises.mistakes.edits import Plan, Written
from solver.exercises.mistakes.run import Floats
from solver.graph.model import Model
from solver.quantities import Quantity
from solver.review.evidence import Marks
from solver.review.figures import Figure, cell_of
from solver.review.truth import Truth

MOST_IN_FOCUS = 160
"""Unprinted elements at which mistakes are tried one by one."""

FIRST_AHEAD = 4
"""Figures that are looked at in one run, to begin with."""

Tried = tuple[list[Plant], Floats, Marks]
"""Mistakes, every figure as it follows from each, and which of them leave numbers at all."""


@dataclass(frozen=True)
class Own:
    """What comes of one figure.

    Attributes:
        tried: Of mistakes at its own element.
        carried: Every figure as it follows when the figure is gone on with as printed; None where that leaves no numbers.
    """

    tried: Tried
    carried: Floats | None


@dataclass
class Trials:
    """The runs in which mistakes are made.

    Attributes:
        model: The problem.
        figures: All printed figures, in order.
        truth: The true values.
        active: Edits that are known to have been made, and gone on with.
    """

    model: Model
    figures: Sequence[Figure]
    truth: Truth
    active: tuple[Edit, ...] = ()
    _everywhere: dict[int, list[Plant]] = field(default_factory=dict, repr=False)
    _common: dict[int, Tried] = field(default_factory=dict, repr=False)
    _placed: dict[int, dict[Quantity, list[Plant]]] = field(default_factory=dict, repr=False)
    _known: dict[int, Own] = field(default_factory=dict, repr=False)
    _ahead: int = FIRST_AHEAD

    @cached_property
    def addresses(self) -> list[Address]:
        """Where the figures stand."""
        return [figure.address for figure in self.figures]

    @cached_property
    def plan(self) -> Plan:
        """Where they are read."""
        return Plan(self.addresses)

    def go_on_with(self, edits: Sequence[Edit]) -> None:
        """Make some edits in every run from now on."""
        self.active = (*self.active, *edits)
        self._common.clear()
        self._known.clear()
        self._ahead = FIRST_AHEAD

    def of(self, number: int, open_: Marks) -> Tried:
        """Return the mistakes that could lead to a figure: at its own element, or where they could for any figure."""
        step = self.figures[number].step
        if step not in self._common:
            if step not in self._everywhere:
                self._everywhere[step] = self._likeliest(list(self._plants(step, self._focus(step))))
            plants = self._everywhere[step]
            self._common[step] = plants, *self.outcomes([plant.edits for plant in plants])
        plants, predicted, alive = self._common[step]
        own, own_predicted, own_alive = self.own(number, open_).tried
        if not own:
            return plants, predicted, alive
        return [*plants, *own], np.concatenate([predicted, own_predicted]), np.concatenate([alive, own_alive])

    def own(self, number: int, open_: Marks) -> Own:
        """Return what comes of mistakes at a figure's own element, and of going on with the figure as printed.

        Later figures without an explanation are looked at in the same run, the more of them the longer nothing new is
        gone on with.
        """
        if number not in self._known:
            most = affordable_rows(self.model)
            trials: list[tuple[Edit, ...]] = []
            parts: list[tuple[int, list[Plant]]] = []
            for other in map(int, np.flatnonzero(open_[number:]) + number):
                plants = self._likeliest(self._plants_at(other))
                if parts and (len(parts) == self._ahead or len(trials) + len(plants) >= most):
                    break
                parts.append((other, plants))
                trials += [*(plant.edits for plant in plants), self.as_printed(other)]
            predicted, alive = self.outcomes(trials)
            start = 0
            for other, plants in parts:
                end = start + len(plants)
                tried = plants, predicted[start:end], alive[start:end]
                self._known[other] = Own(tried, predicted[end] if alive[end] else None)
                start = end + 1
            self._ahead *= 2
        return self._known[number]

    def _plants_at(self, number: int) -> list[Plant]:
        """Return the mistakes at the element of a figure; those of all figures of a step are made together."""
        figure = self.figures[number]
        if figure.step not in self._placed:
            placed: dict[Quantity, list[Plant]] = {
                other.key: [] for other in self.figures
                if isinstance(other.key, Quantity) and other.step == figure.step
            }  # fmt: skip
            for plant in self._plants(figure.step, placed):
                if plant.place in placed:
                    placed[plant.place].append(plant)
            self._placed[figure.step] = placed
        return self._placed[figure.step].get(figure.key, []) if isinstance(figure.key, Quantity) else []

    def as_printed(self, number: int) -> tuple[Edit, ...]:
        """Return the edit that goes on with a figure as printed; none of what is no element of an array."""
        figure = self.figures[number]
        if not isinstance(figure.key, Quantity):
            return ()
        assert isinstance(figure.address, Cell)
        change = Written(figure.address.place, float(figure.value))
        return (Edit(figure.key.whole, change, step=figure.step),)

    def _likeliest(self, plants: list[Plant]) -> list[Plant]:
        """Return all plants, in a large network the likeliest of them."""
        most = affordable_rows(self.model)
        if len(plants) <= most:
            return plants
        return sorted(plants, key=lambda plant: -MISTAKES[plant.mistake].prior * plant.weight)[:most]

    def outcomes(self, trials: Sequence[Sequence[Edit]]) -> tuple[Floats, Marks]:
        """Return (every figure as it follows from each trial, which of them have numbers), shape (trials, …)."""
        return outcomes(self.model, [(*self.active, *trial) for trial in trials], self.plan)

    def _plants(self, step: int, focus: Iterable[Quantity]) -> Iterator[Plant]:
        """Yield the mistakes in whole arrays and at single elements; in a problem of several steps also at one step."""
        steps = self.model.training.steps if self.model.training else 1
        for plant in planted(Subject(self.model, frozenset(focus))):
            yield plant
            if steps > 1:
                once = tuple(replace(edit, step=step) for edit in plant.edits)
                yield replace(plant, edits=once, weight=0.7 * plant.weight)

    def _focus(self, step: int) -> list[Quantity]:
        """Return the elements that are not printed, where they are few."""
        unprinted = [element for element, cell in self._unprinted if cell.spot.step == step]
        return unprinted if len(unprinted) <= MOST_IN_FOCUS else []

    @cached_property
    def _unprinted(self) -> list[tuple[Quantity, Cell]]:
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
