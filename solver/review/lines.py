"""Gradients path by path: each factor, each product along a path and each sum rounded as a line of its own.

By arrays a sum over paths is one number; written out, every line of it is a number that may be rounded, or be printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from solver.arithmetic import Digits, DomainError, Float64
from solver.exercises.mistakes import Run
from solver.exercises.mistakes.edits import rows_of
from solver.exercises.mistakes.run import Floats
from solver.exercises.pencil import FULL, rounded
from solver.formula import Formula
from solver.functions import evaluate
from solver.graph.model import Model
from solver.quantities import Along, Key, Part, Partial, Quantity, Role
from solver.review.pinned import as_claimed
from solver.trace.chain import chain_rule, head_gradient, head_nodes
from solver.trace.ledger import constants
from solver.trace.paths import LIMIT, count_paths
from solver.trace.updates import update_formulas


@dataclass(frozen=True)
class LineRounding:
    """What is rounded in gradients that are worked out path by path.

    Attributes:
        row: The way of working that gives the values they are worked out from, the row of its run.
        factors: Digits of the local derivatives.
        products: Digits of the products along paths, and of their sum.
        printed: Whether printed figures are gone on with.
    """

    row: int
    factors: Digits = FULL
    products: Digits = FULL
    printed: bool = True


@dataclass
class Lines:
    """Path by path, many ways at once.

    Attributes:
        model: The problem.
        run: A run of it; its values are gone on from.
        ways: What is rounded; one row of the results each.
        printed: Printed figures that are gone on with, by key, as claims name them.
    """

    model: Model
    run: Run
    ways: Sequence[LineRounding]
    printed: Mapping[Key, float]
    _known: dict[Key, Floats] = field(default_factory=dict)
    _definitions: dict[Key, Formula] = field(default_factory=dict)
    _target: Key | None = None
    _asked: Key | None = None

    @cached_property
    def _rows(self) -> list[int]:
        return [way.row for way in self.ways]

    def of(self, key: Quantity) -> Floats | None:
        """Return a gradient or an updated parameter by every way, not yet rounded; None where there are no such lines."""
        graph, training, element = self.model.graph, self.model.training, key.value
        trained = training is not None and element.whole in graph.trainable
        if key.role is not Role.GRADIENT and not (key.role is Role.UPDATED and trained):
            return None
        self._target, self._asked = graph.gradient(element), self._plain(key)
        if element.whole in head_nodes(graph):
            row = element.sample or 1 if graph.node(element).per_sample else None
            formula = head_gradient(graph, element.of_sample(row), self._definitions)
        elif not 1 <= count_paths(graph, [element]) <= LIMIT:
            return None
        else:
            found = chain_rule(graph, [element])
            self._definitions |= found.definitions
            formula = found.chains[0].formula
        if key.role is Role.UPDATED:
            assert training is not None
            steps = update_formulas(training, element)
            self._definitions |= steps
            formula = steps[key]
        try:
            return self._evaluated(formula)
        except DomainError:
            return None

    def _value(self, key: Key) -> Floats:
        """Return what is written down for a key, in every row."""
        own = self._plain(key) == self._asked
        if own or key not in self._known:
            if key in self._definitions:
                found = self._written(key, self._evaluated(self._definitions[key]))
            else:
                found = rows_of(self.run, key)[self._rows]
            if own:  # others go on with it as printed
                return found
            self._known[key] = found
        return self._known[key]

    def _written(self, key: Key, values: Floats) -> Floats:
        is_product = isinstance(key, Along | Part) or key == self._target
        found = np.array(values)
        for digits in {way.products if is_product else way.factors for way in self.ways} - {FULL}:
            rows = [
                row for row, way in enumerate(self.ways)
                if (way.products if is_product else way.factors) == digits
            ]  # fmt: skip
            found[rows] = rounded(found[rows], digits)
        plain = self._plain(key)
        if plain in self.printed and plain != self._asked:  # no figure leads to itself
            found[[row for row, way in enumerate(self.ways) if way.printed]] = self.printed[plain]
        return found

    def _plain(self, key: Key) -> Key:
        """Return a key as a claim names it: no sample where there is one alone, ∂L/∂y as a gradient."""
        graph = self.model.graph
        match key:
            case Partial(of, by) if of.whole == graph.root.quantity:
                return self._plain(graph.gradient(by))
            case Partial():
                return as_claimed(key, graph)
            case Quantity() if not graph.sample_axis:
                return key.of_sample(None)
            case _:
                return key

    def _evaluated(self, formula: Formula) -> Floats:
        numbers = Float64()
        variables = {name: numbers.number(value) for name, value in constants(self.model).items()}
        with numbers.working():
            found = evaluate(formula, self._value, arithmetic=numbers, variables=variables)
        return np.array(np.broadcast_to(np.asarray(found, dtype=np.float64), len(self.ways)))
