"""The mistakes that can be made in one question, and what they make of its answers: for all who have the variant."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from solver.arithmetic import Float64
from solver.exercises.marking.asked import Question
from solver.exercises.marking.own_values import followed
from solver.exercises.mistakes import MISTAKES, Edit, Plant, Subject, all_elements, planted
from solver.exercises.mistakes.run import Floats
from solver.exercises.slips import cell_of
from solver.quantities import Quantity, Role
from solver.trace.solve import solve_steps

MOST_ELEMENTS = 600
"""Elements up to which mistakes are tried at each of them; in a larger problem, at whole arrays and at the items."""


@dataclass
class Repertoire:
    """Every mistake of the table at every place of a problem.

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
            element: float(array[0].ravel()[cell_of(model, element).place])
            for key, array in arrays.items()
            if key.value != graph.root.quantity or key.role is Role.VALUE
            for element in all_elements(graph, key)
        }
