"""The numbers of a cohort's variants, enclosed in one pass and rounded a column at a time.

A column is one key in all variants. It comes of the graph's arrays, or of a formula over other columns; variants that
write the same formula share it. What a column does not prove is None, and the ledger of that variant computes it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any

import numpy as np

from solver.arithmetic import Arithmetic, Digits, Rounded
from solver.arithmetic.enclosed import Enclosed
from solver.arithmetic.enclosed_rounding import round_enclosed
from solver.formula import Formula, references
from solver.functions.evaluate import evaluate
from solver.graph.model import Model
from solver.graph.node import Array, Graph
from solver.quantities import Key, Quantity
from solver.trace.cohort import Cohort, joined
from solver.trace.solve import StepValues, solve_steps

FEWEST = 4
"""Fewer variants are computed one by one: a pass of numpy costs about as much for one as for fifty."""

MOST_WAYS = 4
"""In so many ways the variants may write one key before the rest of them compute it alone."""

ENCLOSED = Enclosed()


@dataclass(eq=False)
class Column:
    """One number of every variant.

    Attributes:
        values: The enclosures, by row.
        formula: What it was computed from, None for an element of an array of the graph.
        keys: What the formula reads.
        parts: Their columns.
    """

    values: Array
    formula: Formula | None = None
    keys: tuple[Key, ...] = ()
    parts: tuple[Column, ...] = ()
    _rounded: dict[Digits, list[Rounded | None]] = field(default_factory=dict, repr=False)

    def rounded(self, digits: Digits) -> list[Rounded | None]:
        """Return the number of each row as it is shown, None where the enclosure does not prove it."""
        if digits not in self._rounded:
            self._rounded[digits] = round_enclosed(self.values, digits)
        return self._rounded[digits]


@dataclass(eq=False)
class Enclosures:
    """All numbers of those variants of a cohort whose numbers could be enclosed.

    Attributes:
        rows: The row of each of these variants, by its place in the cohort.
        steps: Their arrays, by row.
    """

    rows: Mapping[int, int]
    steps: tuple[StepValues, ...]
    _elements: dict[tuple[int, Quantity], Column] = field(default_factory=dict, repr=False)
    _written: dict[Any, list[Column]] = field(default_factory=dict, repr=False)

    def element(
        self,
        step: int,
        key: Quantity,
        array: Callable[[StepValues, Quantity], Array],
        place: Callable[[Quantity], tuple[int, ...]],
    ) -> Column:
        """Return the column of an element of the graph.

        Args:
            step: Which update step, from 1.
            key: The element.
            array: Which array of a step it stands in.
            place: Where it stands there, after the axis of variants.
        """
        found = self._elements.get((step, key))
        if found is None:
            everywhere: tuple[Any, ...] = (slice(None), *place(key))
            found = self._elements[step, key] = Column(array(self.steps[step - 1], key)[everywhere])
        return found

    def written(
        self,
        name: Key | Formula,
        formula: Formula,
        column: Callable[[Key], Column | None],
        constants: Mapping[str, Fraction],
    ) -> Column | None:
        """Return the column of a formula.

        Args:
            name: What it is the value of.
            formula: The formula.
            column: The column of a key that it reads, for the variant that asks.
            constants: Values of its variables; the same for all variants.
        """
        ways = self._written.setdefault(name, [])
        for known in ways:
            if known.formula == formula and known.parts == tuple(map(column, known.keys)):
                return known
        if len(ways) == MOST_WAYS:
            return None
        keys = references(formula)
        parts = []
        for key in keys:
            part = column(key)
            if part is None:
                return None
            parts.append(part)
        values = self._computed(formula, {k: p.values for k, p in zip(keys, parts, strict=True)}, constants)
        if values is None:
            return None
        ways.append(Column(values, formula, keys, tuple(parts)))
        return ways[-1]

    def _computed(
        self, formula: Formula, values: Mapping[Key, Array], constants: Mapping[str, Fraction]
    ) -> Array | None:
        """Return the formula's value in every row, None where one of them has none or is open."""
        variables = {name: ENCLOSED.number(value) for name, value in constants.items()}
        try:
            found = evaluate(formula, values.__getitem__, arithmetic=ENCLOSED, variables=variables)
            settled: Array = ENCLOSED.settle(found)
        except ArithmeticError:
            return None
        full = ENCLOSED.zeros((len(self.rows),))
        full[...] = settled
        return full


def enclosures_of(cohort: Cohort, graph: Graph | None) -> Enclosures | None:
    """Return the enclosed numbers of a cohort, None where it is too small or nothing can be enclosed.

    Args:
        cohort: The variants.
        graph: The cohort's own graph, its reference, or None for the former; nothing is known of any other.
    """
    which = _which(cohort, graph)
    if which is None or len(cohort.models) < FEWEST:
        return None
    own = graph or cohort.models[0].graph
    return cohort.once(("enclosed", which), lambda: _enclosed(cohort.models, own))


def steps_of(cohort: Cohort, graph: Graph | None, numbers: Arithmetic) -> tuple[StepValues, ...] | None:
    """Return the arrays of all variants in an arithmetic, None where one of them has no value or stays open in it.

    Worth it where nearly all variants are asked for: elements are computed one by one, but every operation is only
    entered once.
    """
    which = _which(cohort, graph)
    if which is None or len(cohort.models) < FEWEST:
        return None

    def solved() -> tuple[StepValues, ...] | None:
        try:
            return solve_steps(cohort.joined, numbers, graph)
        except ArithmeticError:
            return None

    return cohort.once(("steps", which, numbers), solved)


def _which(cohort: Cohort, graph: Graph | None) -> str | None:
    model = cohort.models[0]
    if graph is None or graph is model.graph:
        return "graph"
    return "reference" if graph is model.reference else None


def _enclosed(models: Sequence[Model], graph: Graph) -> Enclosures | None:
    blocks = _blocks(models, range(len(models)), graph)
    if not blocks:
        return None
    places = [place for block, _ in blocks for place in block]
    rows = {place: row for row, place in enumerate(places)}
    return Enclosures(rows, tuple(map(_joined, zip(*(steps for _, steps in blocks), strict=True))))


def _blocks(
    models: Sequence[Model], places: range, graph: Graph
) -> list[tuple[range, tuple[StepValues, ...]]]:
    """Return the variants that can be enclosed, in blocks; what fails in both halves has a cause that all share."""
    try:
        return [(places, solve_steps(joined([models[place] for place in places]), ENCLOSED, graph))]
    except ArithmeticError:
        if len(places) == 1:
            return []
    half = len(places) // 2
    halves = (places[:half], places[half:])
    for one, other in (halves, halves[::-1]):
        try:
            found = [(one, solve_steps(joined([models[place] for place in one]), ENCLOSED, graph))]
        except ArithmeticError:
            continue
        return found + _blocks(models, other, graph)
    return []


def _joined(steps: tuple[StepValues, ...]) -> StepValues:
    """Return the same step of several blocks as one, the rows of the blocks after each other."""
    if len(steps) == 1:
        return steps[0]
    parts: dict[str, Any] = {}
    for name in (entry.name for entry in fields(StepValues)):
        values = [getattr(step, name) for step in steps]
        if values[0] is None:
            parts[name] = None
        elif isinstance(values[0], Mapping):
            parts[name] = {key: np.concatenate([value[key] for value in values]) for key in values[0]}
        else:
            parts[name] = np.concatenate(values)
    return StepValues(**parts)
