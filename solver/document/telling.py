"""What every part of a worked solution needs: the problem, its numbers, its letters, and how a line is told.

A line is told in up to three stages, left = symbols = numbers = value, and obeys the rounding contract: the last
relation is "=" where the shown numbers give the shown value at the shown digits, and "≈" where full precision is
carried past them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from solver import formula as f
from solver.arithmetic import as_written
from solver.document.nodes import EquationLine, Step
from solver.graph.model import Model
from solver.graph.node import Graph, Leaf
from solver.notation import math as m
from solver.notation.convention import Letters
from solver.notation.formulas import Show, Typesetter
from solver.notation.names import function_name
from solver.quantities import Key, Quantity
from solver.trace.ledger import Ledger

if TYPE_CHECKING:
    from solver.spec import Problem


@dataclass(frozen=True)
class Telling:
    """The context of one document.

    Attributes:
        problem: What the teacher wrote.
        model: The graph and its given numbers.
        letters: Symbols of all keys.
        ledger: Shown numbers; None in a symbolic document.
        checked: Whether the document ends in its independent check; the keys of an exam are too many for it.
        drawn_values: Whether drawings show values beside names; those of an exam are the same for all variants.
    """

    problem: Problem
    model: Model
    letters: Letters
    ledger: Ledger | None
    checked: bool = True
    drawn_values: bool = True

    @property
    def graph(self) -> Graph:
        """The graph that is told."""
        return self.model.graph

    @property
    def numeric(self) -> bool:
        """Whether there are numbers to show."""
        return self.ledger is not None

    @property
    def work(self) -> Any:
        """The `[work]` table."""
        return self.problem.work

    def defining(self, definitions: dict[Key, f.Formula]) -> Telling:
        """Return the same context, with formulas for more keys."""
        if self.ledger is None:
            return self
        return replace(self, ledger=self.ledger.defining(definitions))

    # --- mathematics -------------------------------------------------------------------------------------

    def symbols(self, node: f.Formula) -> m.Math:
        """Return a formula in letters."""
        return self._typesetter(self.letters, self.letters.notation.letter)(node)

    def numbers(self, node: f.Formula) -> m.Math:
        """Return a formula with the shown numbers in it."""
        return self._typesetter(self.value, self._constant)(node)

    def typeset(self, node: f.Formula, show: Show) -> m.Math:
        """Return a formula with what `show` gives for each key."""
        return self._typesetter(show, self._constant)(node)

    def _typesetter(self, show: Show, variables: Callable[[str], m.Math]) -> Typesetter:
        decimals = self.graph.words == "expression"
        return Typesetter(show, function_name, self.letters.notation.product, variables, decimals)

    def _constant(self, name: str) -> m.Math:
        """Return a constant of the update rule as it is written in the file."""
        assert self.ledger is not None
        if name not in self.ledger.constants:
            return self.letters.notation.letter(name)
        return written(self.ledger.constants[name])

    def value(self, key: Key) -> m.Math:
        """Return the shown number of a key."""
        assert self.ledger is not None
        number = self.ledger.number(key)
        if is_constant_leaf(self.graph, key):
            return written(number.fraction)
        return m.Digits(number.text, number.exponent, str(key))

    def relation(self, node: f.Formula, key: Key) -> str:
        """Return "=" where the shown numbers reproduce the key's shown value, else "≈"."""
        assert self.ledger is not None
        return "=" if self.ledger.follows(node, self.ledger.number(key)) else "≈"

    def equal(self, one: Key, other: Key) -> bool:
        """Return whether two keys have the same value: of all digits, or by hand as they are shown."""
        assert self.ledger is not None
        return not self.ledger.evaluate(f.Sum((f.Ref(one), f.Negative(f.Ref(other))))).sign

    def elements(self, quantity: Quantity) -> list[Quantity]:
        """Return the elements of an array, of all samples."""
        per_sample = self.graph.node(quantity.value).per_sample
        samples: list[int | None] = list(range(1, self.graph.samples + 1)) if per_sample else [None]
        return [element for sample in samples for element in self.graph.elements(quantity.value, sample)]

    def follows(self, pairs: Iterable[tuple[Key, f.Formula]]) -> str:
        """Return "=" where every key's shown value follows from the shown numbers of its formula, else "≈"."""
        return (
            "≈" if any(self.relation(node, key) == "≈" for key, node in islice(pairs, MOST_COMPARED)) else "="
        )

    # --- lines -------------------------------------------------------------------------------------------

    def line(
        self,
        key: Key,
        node: f.Formula,
        *,
        left: m.Math | None = None,
        tag: str | None = None,
        boxed: bool = False,
    ) -> EquationLine:
        """Tell a key in full: its symbol, the formula in letters, with numbers, and its value."""
        start = self.letters(key) if left is None else left
        steps = [Step("=", self.symbols(node))]
        if self.numeric:
            steps += self.valued(key, node, boxed=boxed)
        return EquationLine(start, tuple(step for step in steps if step.body != start), tag)

    def valued(self, key: Key, node: f.Formula, *, boxed: bool = False) -> list[Step]:
        """Return the last stages of a line: numbers put in (where there is something to put in), and the value."""
        steps: list[Step] = []
        plugged = self.numbers(node)
        value = self.value(key)
        relation = "="
        if is_constant(node):
            if reads_the_same(plugged, value):
                return []
            relation = self.relation(node, key)
        elif not isinstance(node, f.Ref) and not reads_the_same(plugged, value):
            steps.append(Step("=", plugged))
            relation = self.relation(node, key)
        steps.append(Step(relation, m.Boxed(value) if boxed else value))
        return steps

    # --- arrays ------------------------------------------------------------------------------------------

    def column(self, quantity: Quantity, *, sample: int | None = None) -> m.Math:
        """Return an array's shown values as a matrix: vectors as columns (rows where the author writes x W)."""
        return self.array(quantity, self.value, sample=sample)

    def array(self, quantity: Quantity, show: Any, *, sample: int | None = None) -> m.Math:
        """Return an array as a matrix of what `show` gives for each element, shortened with dots where large.

        Without a sample, an array of several samples is a matrix with one row per sample. An index names a part: K[2,1]
        is the kernel from channel 1 to channel 2; of a sequence the part is a row.
        """
        node = self.graph.node(quantity.value)
        lead = quantity.index
        shape = node.shape[len(lead) :]
        rows = bool(lead) or self.rows or (self.graph.sample_axis and not node.per_sample)
        place = (sample or 1) if node.per_sample else None

        def cell(*index: int) -> m.Math:
            return show(quantity.at(*lead, *index).of_sample(place))  # type: ignore[no-any-return]

        if node.per_sample and sample is None and self.graph.sample_axis and len(shape) < 2:
            units = shape[0] if shape else 1
            return shortened(
                self.graph.samples, units, lambda i, j: show(quantity.at(*(j,) * len(shape)).of_sample(i))
            )
        if not lead and self.letters.single(quantity.value):
            return cell(*(1 for _ in shape))
        match shape:
            case ():
                return cell()
            case (length,) if rows:
                return shortened(1, length, lambda _, j: cell(j))
            case (length,):
                return shortened(length, 1, lambda i, _: cell(i))
            case (height, width):
                return shortened(height, width, cell)
            case _:
                raise ValueError(f"{quantity} has more than two axes; show its parts")

    def flat(self, quantity: Quantity) -> m.Math:
        """Return an array's shown values in reading order as one vector: what a dense layer reads of maps."""
        node = self.graph.node(quantity.value)
        if len(node.shape) == 1:
            return self.column(quantity)
        place = 1 if node.per_sample else None
        keys = [
            quantity.at(*element.index).of_sample(place) for element in self.graph.elements(quantity.value)
        ]
        if self.rows:
            return shortened(1, len(keys), lambda _, j: self.value(keys[j - 1]))
        return shortened(len(keys), 1, lambda i, _: self.value(keys[i - 1]))

    def parts(self, quantity: Quantity) -> tuple[Quantity, ...]:
        """Return of what an array consists: itself, or one matrix or number for each channel or pair of channels."""
        axes = self.letters.shape.axes.get(quantity.value.array_name)
        if axes is None:
            return (quantity,)
        return tuple(quantity.at(*(k + 1 for k in channel)) for channel in np.ndindex(*axes.channels))

    @property
    def rows(self) -> bool:
        """Whether vectors are rows: the author writes a = x W + b."""
        return bool(self.letters.shape.weights_from_to)


def is_constant_leaf(graph: Graph, key: Key) -> bool:
    """Return whether a key is a constant of the file, such as a small number under a root."""
    node = graph.by_quantity.get(key) if isinstance(key, Quantity) else None
    return node is not None and isinstance(node.operation, Leaf) and node.operation.kind == "constant"


def is_constant(node: f.Formula) -> bool:
    """Return whether a formula is a bare number, of either sign."""
    return isinstance(node, f.Number) or (isinstance(node, f.Negative) and isinstance(node.operand, f.Number))


def reads_the_same(plugged: m.Math, value: m.Math) -> bool:
    """Return whether a formula with its numbers put in looks like its value, so that it needs no stage of its own."""
    match plugged, value:
        case m.Row((m.Operator("−"), m.Digits(text, exponent))), m.Digits(result, power):
            return (f"-{text}", exponent) == (result, power)
        case m.Digits(text, exponent), m.Digits(result, power):
            return (text, exponent) == (result, power)
        case _:
            return plugged == value


def written(value: Fraction) -> m.Math:
    """Return an exact constant of the file as it is written, 1e-6 as a bare power of ten."""
    number = as_written(Decimal(value.numerator) / Decimal(value.denominator))
    if number.text == "1" and number.exponent is not None:
        return m.Script(m.Digits("10"), sup=m.Digits(str(number.exponent)))
    return m.Digits(number.text, number.exponent)


MOST_COMPARED = 100
"""Elements of an array that are held against their formula to tell = from ≈."""

LARGEST = 8
"""Rows or columns that a matrix shows in full."""


def shortened(rows: int, columns: int, show: Any) -> m.Matrix:
    """Return a matrix of show(i, j), 1-based; past `LARGEST` the middle becomes dots."""
    down, across = _kept(rows), _kept(columns)
    grid = []
    for i in down:
        cells: list[m.Math] = []
        for j in across:
            if i is None:
                cells.append(m.Operator("⋱" if j is None else "⋮"))
            else:
                cells.append(m.Operator("⋯") if j is None else show(i, j))
        grid.append(tuple(cells))
    return m.Matrix(tuple(grid))


def _kept(size: int) -> list[int | None]:
    if size <= LARGEST:
        return list(range(1, size + 1))
    return [1, 2, 3, None, size - 1, size]


def is_shortened(shape: tuple[int, ...]) -> bool:
    """Return whether a matrix of this shape is printed with dots."""
    return any(size > LARGEST for size in shape)
