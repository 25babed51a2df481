"""The same in the path form: each line of the chain rule from the student's own lines before it.

A worked solution by paths writes local derivatives, products along paths and sums, and no gradient between; its lines are
formulas over each other. They are evaluated once for all rows: row 0 goes on with what the student wrote; for each line
that is met there is a row in which this line alone is moved by half of its last digit, and for each number of the
student one in which it is what follows instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from solver.arithmetic import DomainError, Float64
from solver.exercises.marking.asked import Question
from solver.exercises.marking.own_values import Expected, added_up, half_units
from solver.exercises.mistakes.run import Floats
from solver.formula import Formula, references
from solver.functions import evaluate
from solver.graph.node import Leaf
from solver.quantities import Along, Key, Part, Partial, Quantity, Role, Share
from solver.trace.ledger import constants


def expected_by_lines(question: Question, pins: Floats, halves: Floats) -> Expected:
    """Return what follows when each line is computed from the lines before it.

    Args:
        question: It has a model.
        pins: One number per item of the work, NaN where the student gave none.
        halves: By how much each of them may have been rounded.
    """
    lines = Lines(question)
    targets = [lines.canonical(question.items[position].key) for position in question.work]
    count = len(targets)
    values, slack = np.full(count, np.nan), np.full(count, np.nan)
    influence = np.zeros((count, count))
    lines.own = {key: number for key, number in zip(targets, pins, strict=True) if not np.isnan(number)}
    lines.halves = dict(zip(targets, halves, strict=True))
    lines.open(target for target in targets if lines.formula(target) is not None)
    numbers = {key: column for column, key in enumerate(targets)}
    for column, target in enumerate(targets):
        try:
            rows = lines.followed(target)
        except (DomainError, LookupError):
            continue
        moved = np.nan_to_num(np.abs(rows[1:] - rows[0]), nan=0.0, posinf=0.0)
        values[column], slack[column] = rows[0], added_up(moved[: len(lines.rows)])
        for key, row in lines.freed.items():
            influence[numbers[key], column] = max(moved[row - 1], moved[lines.rows[key] - 1])
    return Expected(values, slack, influence)


@dataclass
class Lines:
    """The lines of a question.

    Attributes:
        question: It has a model.
        own: What the student wrote, by key.
        halves: By how much that may have been rounded.
        rows: In which row each line is moved, from 1.
        freed: In which row each number of the student is what follows instead.
    """

    question: Question
    own: Mapping[Key, float] = field(default_factory=dict)
    halves: Mapping[Key, float] = field(default_factory=dict)
    rows: dict[Key, int] = field(default_factory=dict)
    freed: dict[Key, int] = field(default_factory=dict)
    _known: dict[Key, Floats] = field(default_factory=dict)

    def canonical(self, key: Key | None) -> Key:
        """Return a key under one name: the sample is left out where the author writes a single one."""
        assert self.question.model is not None
        if self.question.model.graph.sample_axis:
            assert key is not None
            return key
        match key:
            case Quantity():
                return key.of_sample(None)
            case Partial(of, by):
                return Partial(of.of_sample(None), by.of_sample(None))
            case Along(target, path):
                return Along(target.of_sample(None), path)
            case Share(target, reader):
                return Share(target.of_sample(None), reader.of_sample(None))
            case Part(name, target):
                return Part(name, target.of_sample(None))
            case _:
                raise TypeError("nothing that is computed")

    @cached_property
    def definitions(self) -> Mapping[Key, Formula]:
        """The lines of the chain rule."""
        return {self.canonical(key): formula for key, formula in self.question.definitions.items()}

    def formula(self, key: Key) -> Formula | None:
        """Return the line that makes a key; None for a number of the file, and for what the path form does not write."""
        assert self.question.model is not None
        graph = self.question.model.graph
        if key in self.definitions:
            return self.definitions[key]
        if (
            isinstance(key, Quantity)
            and key.role is Role.VALUE
            and not isinstance(graph.node(key).operation, Leaf)
        ):
            return graph.made_by(key)
        return None

    def open(self, targets: Iterator[Key]) -> None:
        """Give each line that the targets are made from a row of its own."""
        waiting, met = list(targets), set()
        while waiting:
            key = waiting.pop()
            if key in met:
                continue
            met.add(key)
            formula = self.formula(key)
            if formula is None:
                continue
            self.rows.setdefault(key, len(self.rows) + 1)
            waiting += [self.canonical(read) for read in references(formula)]
        own = [key for key in self.rows if key in self.own]
        self.freed = {key: row for row, key in enumerate(own, start=len(self.rows) + 1)}

    @property
    def count(self) -> int:
        """How many rows there are."""
        return 1 + len(self.rows) + len(self.freed)

    def followed(self, key: Key) -> Floats:
        """Return a line from the student's own lines before it: one number per row.

        Raises:
            DomainError: It has no value.
            LookupError: The path form has no such line.
        """
        formula = self.formula(key)
        if formula is None:
            raise LookupError(str(key))
        assert self.question.model is not None
        numbers = Float64()
        with numbers.working():
            variables = {
                name: numbers.number(value) for name, value in constants(self.question.model).items()
            }
            found = evaluate(formula, self.gone_on_with, arithmetic=numbers, variables=variables)
        return np.broadcast_to(np.asarray(found, dtype=np.float64), (self.count,))

    def gone_on_with(self, key: Key) -> Floats:
        """Return what is put into later lines for a key: what the student wrote, else what follows."""
        key = self.canonical(key)
        if key not in self._known:
            self._known[key] = self._moved(key)
        return self._known[key]

    def _moved(self, key: Key) -> Floats:
        if key in self.own:
            found, half = np.full(self.count, self.own[key]), self.halves[key]
            if key in self.freed:
                found[self.freed[key]] = self.followed(key)[self.freed[key]]
        elif self.formula(key) is None:
            return np.full(self.count, self._given(key))
        else:
            found = np.array(self.followed(key))
            half = float(half_units(found[:1], self.question.digits)[0])
        if key in self.rows:
            found[self.rows[key]] += half
        return found

    def _given(self, key: Key) -> float:
        model = self.question.model
        assert model is not None
        if not isinstance(key, Quantity) or key.role is not Role.VALUE:
            raise LookupError(str(key))
        node = model.graph.node(key)
        sample = ((key.sample or 1) - 1,) if node.per_sample else ()
        return float(model.given[node.quantity].values[(0, *sample, *(axis - 1 for axis in key.index))])
