"""What a late block asks for, found by walking through it: its numbers, columns of matrices, relations, last stages."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from solver import formula as f
from solver.document import nodes as n
from solver.document.late import Late, LateRelation, LateSteps, Looked, Stage
from solver.document.numbers import Variants
from solver.document.rewriting import Rewriter
from solver.formula import references
from solver.notation import math as m
from solver.quantities import Key


class Notes(Rewriter):
    """Collects what a late block asks for.

    Attributes:
        numbers: Its numbers.
        columns: Those that are a column of a matrix.
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
            self.numbers.extend(numbers)
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


class Part:
    """Something with late numbers: a line of an equation, or a whole block of another kind.

    Args:
        notes: What it asks for.

    Attributes:
        numbers: Its numbers, each once.
        columns: Columns of its matrices, each once.
        varies: Whether anything in it depends on the variant.
    """

    def __init__(self, notes: Notes) -> None:
        self.numbers = tuple(dict.fromkeys(notes.numbers))
        self.columns = tuple(dict.fromkeys(notes.columns))
        self._lines = tuple(notes.lines)
        self._relations = tuple(notes.relations)
        self.varies = bool(self.numbers or self._relations or self._lines)

    def kinds(self, variants: Variants) -> Sequence[Hashable]:
        """Return for each variant what the part depends on, but for the digits, signs and widths of its numbers."""
        kinds: list[Sequence[Hashable]] = [
            *[variants.relations(pairs, stage) for pairs, stage in self._relations],
            *[variants.told(steps) for steps in self._lines],
        ]
        numbers = [variants.number(number) for number in self.numbers]
        kinds += [[rounded.exponent for rounded in number.rounded] for number in numbers if not number.plain]
        kinds += [
            [cells is None for cells in variants.column(column).cells]
            for column in self.columns
            if None in variants.column(column).cells
        ]
        # Which of them print a power of ten, or do not line up, is told with them.
        odd = (
            tuple(number.plain for number in numbers),
            tuple(None in variants.column(column).cells for column in self.columns),
        )
        return (
            [(odd, *found) for found in zip(*kinds, strict=True)] if kinds else [odd] * len(variants.tellings)
        )
