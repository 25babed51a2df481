"""A worked solution with one planted mistake, carried through: the line that is wrong, and what follows from it.

Where a solution is told line by line, a mistake is made in one line, and every later line is computed from what it says.
In matrix form a mistake of the table changes one array in a run of the whole problem, and all later arrays follow from
that. Either way the lines stay those of the worked solution, with other numbers in them: it takes a calculation to find
what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TypeVar

import numpy as np

from solver.arithmetic import DomainError, Float64
from solver.document.telling import Telling
from solver.exercises.line_slips import is_computed_value, line_slips
from solver.exercises.mistakes import Cell, Saying, Subject, outcomes, planted
from solver.exercises.pencil import element_of
from solver.exercises.slips import NOT_TAUGHT, cell_of
from solver.formula import Formula
from solver.functions import evaluate
from solver.graph.model import Model
from solver.quantities import Key, Quantity, Role
from solver.spec.hashing import key_number
from solver.trace.ledger import constants
from solver.trace.solve import StepValues, solve_steps

T = TypeVar("T")

LEAST_CHANGE = 0.02
"""Relative change below which a wrong number could be taken for a rounding."""

_TOO_SMALL = frozenset({"factor", "divided"})
"""Mistakes whose plants at a single array include some that nobody makes; only their likelier ones are planted."""


@dataclass(frozen=True)
class Error:
    """A mistake and every number that it changes.

    Attributes:
        mistake: Name of the record in the table.
        place: The first key that is wrong; an array where all of it is.
        saying: What a reader is told.
        values: What is written down for every key of the solution.
    """

    mistake: str
    place: Key
    saying: Saying
    values: Mapping[Key, float]


@dataclass
class Consequences:
    """Every line of the path form, computed from one that is wrong.

    Attributes:
        model: The problem.
        step: Its true values.
        definitions: Formula of every line of the chain rule.
        wrong: What is written down wrong, by key.
    """

    model: Model
    step: StepValues
    definitions: Mapping[Key, Formula]
    wrong: Mapping[Key, float]
    _known: dict[Key, float] = field(default_factory=dict)

    def value(self, key: Key) -> float:
        """Return what is written down for a key.

        Raises:
            DomainError: There is no such value.
        """
        if key in self.wrong:
            return self.wrong[key]
        if key not in self._known:
            if key in self.definitions:
                self._known[key] = self._evaluated(self.definitions[key])
            elif is_computed_value(self.model.graph, key) or key == self.model.graph.root.quantity:
                assert isinstance(key, Quantity)
                self._known[key] = self._evaluated(self.model.graph.made_by(key))
            else:
                assert isinstance(key, Quantity)
                self._known[key] = element_of(self.model, self.step, key)
        return self._known[key]

    def _evaluated(self, formula: Formula) -> float:
        numbers = Float64()
        variables = {name: numbers.number(value) for name, value in constants(self.model).items()}
        with numbers.working():
            return float(evaluate(formula, self.value, arithmetic=numbers, variables=variables))


def true_values(
    model: Model, step: StepValues, definitions: Mapping[Key, Formula], keys: Sequence[Key]
) -> dict[Key, float]:
    """Return the right number of every key."""
    right = Consequences(model, step, definitions, {})
    return {key: right.value(key) for key in keys}


def errors_in_lines(
    telling: Telling,
    definitions: Mapping[Key, Formula],
    keys: Sequence[Key],
    goals: Sequence[Key],
    salt: Sequence[object],
) -> Iterator[Error]:
    """Yield mistakes of one line of a solution told line by line, in a drawn order: all that change the result visibly.

    Args:
        telling: The problem's context.
        definitions: Formula of every line of the chain rule.
        keys: What the lines determine, in order.
        goals: What the solution is about: the mistake must change one of these.
        salt: What the draw depends on.
    """
    model = telling.model
    step = solve_steps(model, Float64())[0]
    right = true_values(model, step, definitions, keys)
    found = [
        slip
        for slip in line_slips(model, step, definitions, keys, right)
        if _visible(slip.value, right[slip.key])
    ]
    for slip in in_drawn_order(found, lambda slip: slip.mistake, salt):
        world = Consequences(model, step, definitions, {slip.key: slip.value})
        try:
            values = {key: world.value(key) for key in keys}
        except DomainError:
            continue
        if _changes(values, right, goals):
            yield Error(slip.mistake, slip.key, slip.saying, values)


def errors_in_arrays(
    telling: Telling,
    definitions: Mapping[Key, Formula],
    keys: Sequence[Key],
    goals: Sequence[Key],
    salt: Sequence[object],
) -> Iterator[Error]:
    """Yield mistakes of one array of a solution told in matrices; see `errors_in_lines`."""
    model = telling.model
    step = solve_steps(model, Float64())[0]
    right = true_values(model, step, definitions, keys)
    printed = {key.whole for key in keys if isinstance(key, Quantity)}
    plants = [
        plant
        for plant in planted(Subject(model, frozenset()))
        if plant.place in printed
        and plant.place.role in (Role.VALUE, Role.GRADIENT)
        and len(plant.edits) == 1
        and plant.mistake not in NOT_TAUGHT
        and (plant.mistake not in _TOO_SMALL or plant.weight >= 0.5)
    ]
    elements = [key for key in keys if isinstance(key, Quantity)]
    cells: list[Cell] = [cell_of(model, element) for element in elements]
    readings, alive = outcomes(model, [plant.edits for plant in plants], cells)
    rows = [
        (plant, row.tolist())
        for plant, row, lives in zip(plants, readings, alive, strict=True)
        if lives and np.isfinite(row).all()
    ]
    for plant, row in in_drawn_order(rows, lambda pair: pair[0].mistake, salt):
        values: dict[Key, float] = dict(zip(elements, row, strict=True))
        try:
            values |= _derived(model, step, definitions, [key for key in keys if key not in values], values)
        except DomainError:
            continue
        first = any(_visible(values[key], right[key]) for key in elements if key.whole == plant.place)
        if first and _changes(values, right, goals):
            yield Error(plant.mistake, plant.place, plant.saying, values)


def _derived(
    model: Model,
    step: StepValues,
    definitions: Mapping[Key, Formula],
    keys: Sequence[Key],
    values: Mapping[Key, float],
) -> Iterator[tuple[Key, float]]:
    """Yield what follows for keys that are no arrays (slopes), from the wrong arrays."""
    world = Consequences(model, step, definitions, values)
    return iter([(key, world.value(key)) for key in keys])


def _changes(values: Mapping[Key, float], right: Mapping[Key, float], goals: Sequence[Key]) -> bool:
    """Return whether a result changes visibly, and none becomes 0, which would catch the eye."""
    vanishes = any(abs(values[goal]) < 1e-12 < abs(right[goal]) for goal in goals)
    return not vanishes and any(_visible(values[goal], right[goal]) for goal in goals)


def _visible(wrong: float, right: float) -> bool:
    return abs(wrong - right) > LEAST_CHANGE * max(abs(right), abs(wrong)) and abs(wrong - right) > 1e-12


def in_drawn_order(found: Sequence[T], name: Callable[[T], str], salt: Sequence[object]) -> Iterator[T]:
    """Yield what was found in a drawn order: a record first, then a way to make it, so that none crowds out the rest."""
    groups: dict[str, list[T]] = {}
    for item in found:
        groups.setdefault(name(item), []).append(item)
    order = sorted(groups, key=lambda record: key_number(*salt, "mistake", record))
    shuffled = [
        [
            group[place]
            for place in sorted(range(len(group)), key=lambda k: key_number(*salt, "place", record, k))
        ]
        for record, group in ((record, groups[record]) for record in order)
    ]
    for turn in zip_longest(*shuffled):
        yield from (item for item in turn if item is not None)
