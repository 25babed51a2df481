"""Parts of a late document with open numbers: told once, with placeholders in the roles in which the numbers stand.

A part is told as any variant would tell it, by the same code, but for its numbers: those are `Digits` with a slot
(`notation.slots`). Where that code asks for a sign, the answer is remembered with the result (`notation.cases`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from solver.document import nodes as n
from solver.document.late import Late, LateRelation, LateSteps, Looked, Stage
from solver.document.noted import Part
from solver.document.numbers import Variants
from solver.document.rewriting import Rewriter
from solver.document.telling import Telling, is_constant
from solver.formula import Formula, Ref
from solver.notation import math as m
from solver.notation.cases import Decided, TooEarlyError
from solver.notation.slots import WIDTHS, NoSlotError, Role, Slot
from solver.quantities import Key

MOST_KNOWN = 256
"""Ways in which one part or block is remembered; past it, it is begun anew, so that memory stays bounded."""


class Filler(Rewriter):
    """Puts numbers in.

    Args:
        at: Gives the context for a stage.
    """

    at: Callable[[Stage], Telling]

    def __init__(self, at: Callable[[Stage], Telling]) -> None:
        super().__init__(
            lambda math: at(math.stage).numbers(math.formula) if isinstance(math, Late) else None
        )
        self.at = at

    def line(self, line: n.EquationLine) -> n.EquationLine:
        """Return a line with its numbers."""
        left = None if line.left is None else self.formula(line.left)
        steps: list[n.Step] = []
        for step in line.steps:
            if isinstance(step, LateSteps):
                told = self.at(step.stage).valued(step.key, step.formula, boxed=step.boxed)
                steps += told[-1:] if step.last else told[:-1]
            else:
                relation = step.relation
                if isinstance(relation, LateRelation):
                    relation = self.at(relation.stage).follows(relation.pairs)
                steps.append(n.Step(relation, self.formula(step.body)))
        return n.EquationLine(left, tuple(steps), line.tag)


class Maker:
    """Makes a part with placeholders for its numbers: once for all variants in which it comes out the same.

    Args:
        part: What it asks for.
        numbers: The numbers of the whole block, in the order of their slots.
        columns: The columns of its matrices; their cells have slots of their own, which follow.
        node: The line or the block.
    """

    def __init__(
        self,
        part: Part,
        numbers: Sequence[Looked],
        columns: Sequence[tuple[Looked, ...]],
        node: n.EquationLine | n.Block,
    ) -> None:
        self._part, self._node = part, node
        self._slots = {number: slot for slot, number in enumerate(numbers)}
        self._cells: dict[tuple[int, ...], tuple[int, int]] = {}
        self._columns = tuple(columns)
        cell = len(numbers)
        for place, column in enumerate(columns):
            own = tuple(self._slots[number] for number in column)
            self._cells[own] = (cell, WIDTHS * len(numbers) + place)
            cell += len(column)
        self._known: dict[Hashable, Decided[object]] = {}
        self._closed = False

    def made(self, variants: Variants, widths: Sequence[Sequence[float]]) -> list[object]:
        """Return the part for each variant; None where it cannot be told with open numbers.

        Args:
            variants: Their numbers.
            widths: What lengths are made of, for each of them.
        """
        if self._closed:
            return [None] * len(widths)
        found: list[object] = []
        for place, (kind, own) in enumerate(zip(self._part.kinds(variants), widths, strict=True)):
            decided = self._known.get(kind)
            if decided is None:
                if len(self._known) >= MOST_KNOWN:
                    self._known.clear()
                decided = self._known[kind] = Decided()
            try:
                found.append(decided.at(own, lambda place=place: self._make(variants, place)))  # type: ignore[misc]
            except (TooEarlyError, NoSlotError):
                self._closed = True
                return [None] * len(widths)
        return found

    def _make(self, variants: Variants, place: int) -> n.EquationLine | n.Block:
        filler = Filler(lambda stage: self._open(variants, place, stage))
        lined = {
            slots: where
            for (slots, where), column in zip(self._cells.items(), self._columns, strict=True)
            if variants.column(column).cells[place] is not None
        }
        aligned = Rewriter(lambda math: _aligned(math, lined, self._cells), lambda scene: scene)
        if isinstance(self._node, n.EquationLine):
            line = aligned.line(filler.line(self._node))
            return n.SharedLine(line.left, line.steps, line.tag)
        return aligned.block(filler.block(self._node))

    def _open(self, variants: Variants, place: int, stage: Stage) -> Telling:
        """Return a variant's context that gives open numbers for its own."""
        telling = variants.telling(stage, place)
        return _Open(
            telling.problem, telling.model, telling.letters, telling.ledger, telling.checked, telling.drawn_values,
            {number.key: slot for number, slot in self._slots.items() if number.stage is stage}, variants, place, stage,
        )  # fmt: skip


def _aligned(
    math: m.Math,
    lined: dict[tuple[int, ...], tuple[int, int]],
    columns: dict[tuple[int, ...], tuple[int, int]],
) -> m.Math | None:
    """Return a matrix in which the open numbers of a column stand as those of a column do."""
    if not isinstance(math, m.Matrix):
        return None
    changed: list[Sequence[m.Math]] = []
    for column in zip(*math.rows, strict=True):
        slots = tuple(
            cell.slot.number for cell in column if isinstance(cell, m.Digits) and cell.slot is not None
        )
        if len(slots) == len(column) and slots in lined:
            first, width = lined[slots]
            changed.append(
                [
                    m.Digits("0.0", slot=Slot(first + row, Role.PADDED, True, width))
                    for row in range(len(column))
                ]
            )
        elif (slots and (len(slots) < len(column) or slots not in columns)) or any(map(_is_toned, column)):
            raise TooEarlyError("how the numbers of a column line up")
        else:
            changed.append(column)
    return m.Matrix(tuple(zip(*changed, strict=True)), math.left, math.right)


def _is_toned(cell: m.Math) -> bool:
    return isinstance(cell, m.Toned) and isinstance(cell.body, m.Digits) and cell.body.slot is not None


@dataclass(frozen=True)
class _Open(Telling):
    """A variant's context that gives open numbers for its own."""

    slots: dict[Key, int] = field(default_factory=dict)
    variants: Variants | None = None
    place: int = 0
    stage: Stage | None = None

    def value(self, key: Key) -> m.Math:
        if key not in self.slots:
            return super().value(key)
        assert self.variants is not None
        assert self.stage is not None
        looked = self.stage.looked(key)
        if looked.written:
            return super().value(key)
        exponent = self.variants.number(looked).rounded[self.place].exponent
        number = m.Digits("0.0", exponent, slot=Slot(self.slots[key]))
        return number if exponent is None else number.settled

    def relation(self, node: Formula, key: Key) -> str:
        assert self.variants is not None
        assert self.stage is not None
        return self.variants.relations([(key, node)], self.stage)[self.place]

    def valued(self, key: Key, node: Formula, *, boxed: bool = False) -> list[n.Step]:
        assert self.variants is not None
        assert self.stage is not None
        if is_constant(node):
            return self.variants.telling(self.stage, self.place).valued(key, node, boxed=boxed)
        steps = []
        relation = "="
        told = self.variants.told(LateSteps("=", m.Row(()), key, node, boxed, True, self.stage))
        if not isinstance(node, Ref) and not told[self.place][1]:
            steps.append(n.Step("=", self.numbers(node)))
            relation = self.relation(node, key)
        value = self.value(key)
        steps.append(n.Step(relation, m.Boxed(value) if boxed else value))
        return steps
