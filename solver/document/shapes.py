"""The shape of a variant's numbers: whatever the way in which a line is set depends on, digits aside.

All digits are equally wide. So how a line of a late document is set depends on the signs of its numbers, on how many
digits stand before and after the point, on exponents, and on which stages say ≈; and in a column of a matrix, where
numbers stand one above the other, on less than that.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from solver import formula as f
from solver.arithmetic import Rounded
from solver.document import nodes as n
from solver.document.late import Late, LateRelation, LateSteps, Looked, Stage
from solver.document.rewriting import Rewriter
from solver.document.telling import Telling, is_constant
from solver.formula import references
from solver.notation import math as m
from solver.quantities import Key

T = TypeVar("T")
Shape = tuple[Hashable, ...]
MOST_SHAPES = 256
"""Shapes of one line that are remembered; past it, it is begun anew, so that memory stays bounded."""

_MINUS = 1.556
"""Width of a minus sign, in digits."""

_ZEROS = str.maketrans("123456789", "000000000")


class Variant:
    """The numbers of one variant, as late documents ask for them.

    Args:
        telling: The variant's own context.
    """

    def __init__(self, telling: Telling) -> None:
        self._telling = telling
        self._tellings: dict[Stage, Telling] = {}
        self._numbers: dict[Looked, Shown] = {}

    def telling(self, stage: Stage) -> Telling:
        """Return the variant's context with the formulas and the graph of a stage."""
        if stage not in self._tellings:
            own = self._telling.ledger
            assert own is not None
            ledger = own.looking_up(stage.definitions, stage.graph, stage.step)
            self._tellings[stage] = replace(self._telling, ledger=ledger)
        return self._tellings[stage]

    def number(self, looked: Looked) -> Shown:
        """Return a number as it is shown."""
        known = self._numbers.get(looked)
        if known is None:
            telling = self.telling(looked.stage)
            assert telling.ledger is not None
            known = self._numbers[looked] = Shown(telling.ledger.number(looked.key), written=looked.written)
        return known


class Shown:
    """A number as it is shown.

    Args:
        number: The number.
        written: Whether it is a constant of the file.

    Attributes:
        shape: What must be equal for two numbers to be set in the same way.
        texts: Without its sign, and with it.
        fraction: Digits behind the point; None where it has an exponent, or is a constant of the file.
        lead: How much room its sign and the digits before the point take, in no particular unit.
    """

    __slots__ = ("fraction", "lead", "shape", "texts")

    def __init__(self, number: Rounded, *, written: bool) -> None:
        text = number.text
        self.shape: Hashable = (text if written else text.translate(_ZEROS), number.exponent)
        self.texts = (text.removeprefix("-"), text)
        self.fraction: int | None = None
        self.lead = 0.0
        if number.exponent is None and not written:
            whole, _, fraction = self.texts[0].partition(".")
            self.fraction = len(fraction)
            self.lead = len(whole) + (len(text) - len(self.texts[0])) * _MINUS


class Part:
    """Something with late numbers: a line of an equation, or a whole block of another kind.

    Args:
        notes: What it asks for.
    """

    def __init__(self, notes: Notes) -> None:
        self._alone = tuple(dict.fromkeys(notes.numbers))
        self._columns = tuple(notes.columns)
        self._lines = tuple(notes.lines)
        self._relations = tuple(notes.relations)
        self._known: dict[Shape, Any] = {}
        columns = (number for column in self._columns for number in column)
        self.numbers = tuple(dict.fromkeys((*self._alone, *columns)))

    @property
    def varies(self) -> bool:
        """Whether anything in it depends on the variant."""
        return bool(self.numbers or self._relations or self._lines)

    def like(self, variant: Variant, make: Callable[[], T]) -> T:
        """Return what `make` made for the first variant whose numbers are of the same shape here."""
        shape = (
            *[variant.number(number).shape for number in self._alone],
            *[_column_shape([variant.number(number) for number in column]) for column in self._columns],
            *[variant.telling(stage).follows(pairs) for pairs, stage in self._relations],
            *[_told(variant, steps) for steps in self._lines],
        )
        if shape not in self._known:
            if len(self._known) >= MOST_SHAPES:
                self._known.clear()
            self._known[shape] = make()
        found: T = self._known[shape]
        return found


def _column_shape(column: Sequence[Shown]) -> Hashable:
    """Return what must be equal for two columns of a matrix to be set in the same way.

    Less than for numbers alone: a column is as wide as its widest entry, and signs are free within that.
    """
    if any(number.fraction is None for number in column):
        return tuple(number.shape for number in column)
    fractions = tuple(number.fraction or 0 for number in column)
    widest = max(number.lead + (number.fraction or 0) for number in column)
    return fractions, max(number.lead for number in column), widest


def _told(variant: Variant, steps: LateSteps) -> Hashable:
    """Return what the numbers of a line decide beside their own look: = or ≈, and whether a stage says nothing new."""
    telling = variant.telling(steps.stage)
    if is_constant(steps.formula):
        return telling.value(steps.key)
    if isinstance(steps.formula, f.Ref):
        return None
    keys = tuple(references(steps.formula))
    same = False
    if len(keys) == 1:
        texts = [variant.number(steps.stage.looked(key)).texts[0] for key in (*keys, steps.key)]
        same = texts[0] == texts[1]
    return telling.relation(steps.formula, steps.key), same


class Notes(Rewriter):
    """Collects what a late block asks for.

    Attributes:
        numbers: Numbers that stand alone.
        columns: Numbers that are a column of a matrix.
        lines: Last stages of lines.
        relations: What is held against what, for a relation.
    """

    numbers: list[Looked]
    columns: list[tuple[Looked, ...]]
    lines: list[LateSteps]
    relations: list[tuple[tuple[tuple[Key, f.Formula], ...], Stage]]

    def __init__(self) -> None:
        super().__init__(self._noted, lambda scene: scene)
        self.numbers, self.columns, self.lines, self.relations = [], [], [], []

    @classmethod
    def of_block(cls, node: n.Block) -> Notes:
        """Return what a block asks for."""
        notes = cls()
        notes.block(node)
        return notes

    @classmethod
    def of_line(cls, line: n.EquationLine) -> Notes:
        """Return what a line asks for."""
        notes = cls()
        notes.line(line)
        return notes

    def _noted(self, math: m.Math) -> m.Math | None:
        if isinstance(math, m.Matrix):
            for column in zip(*math.rows, strict=True):
                self._column(column)
            return math
        if not isinstance(math, Late):
            return None
        self.numbers.extend(map(math.stage.looked, references(math.formula)))
        return m.Row(())

    def _column(self, column: Sequence[m.Math]) -> None:
        numbers = [
            cell.stage.looked(cell.formula.quantity)
            for cell in column
            if isinstance(cell, Late) and isinstance(cell.formula, f.Ref)
        ]
        if len(numbers) == len(column):
            self.columns.append(tuple(numbers))
        else:
            for cell in column:
                self.formula(cell)

    def line(self, line: n.EquationLine) -> n.EquationLine:
        """Note what a line asks for."""
        for step in line.steps:
            if isinstance(step, LateSteps):
                if not step.last:
                    self.numbers.extend(map(step.stage.looked, references(step.formula)))
                else:
                    self.numbers.append(step.stage.looked(step.key))
                    self.lines.append(step)
            else:
                if isinstance(step.relation, LateRelation):
                    self.relations.append((step.relation.pairs, step.relation.stage))
                self.formula(step.body)
        if line.left is not None:
            self.formula(line.left)
        return line
