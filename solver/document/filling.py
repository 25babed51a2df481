"""Numbers put into a document that was told without them: for every variant its own blocks, quickly.

Two variants in which the numbers of a block (a paragraph, an equation, a table) have the same shape (`shapes`) differ
there in nothing but digits: the block is laid out and written once, with placeholders for its numbers (`notation.slots`),
and filled in for the others. Soon most lines of an exam have been met in the same shape.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from solver.document import nodes as n
from solver.document.late import Late, LateRelation, LateSteps, Stage
from solver.document.rewriting import MathChange, Rewriter, rewrite_math
from solver.document.shapes import MOST_SHAPES, Notes, Part, Variant
from solver.document.telling import Telling
from solver.notation import math as m
from solver.notation.slots import NoSlotError, unsigned_slot, whole_slot
from solver.quantities import Key

T = TypeVar("T")

_MARK = "\x00"


@dataclass(eq=False)
class Representative:
    """A block with placeholders for its numbers: it stands for all of the same shape.

    Attributes:
        block: The block.
    """

    block: n.Block
    _known: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def once(self, name: Hashable, compute: Callable[[], T]) -> T:
        """Return what `compute` returned the first time that something of this name was asked for."""
        if name not in self._known:
            self._known[name] = compute()
        found: T = self._known[name]
        return found


class LateBlock(n.Block):
    """A paragraph, an equation, a table or a drawing of a late document.

    Every line of an equation is looked up by itself: so few shapes are enough.

    Args:
        node: The block; what is no number in it is the same for all variants.
    """

    def __init__(self, node: n.Block) -> None:
        self.node = node
        self._rows: tuple[tuple[Part, ...], ...] = ()
        self._whole: Part | None = None
        match node:
            case n.Equation(rows):
                self._rows = tuple(tuple(Part(Notes.of_line(line)) for line in row) for row in rows)
                parts = [part for row in self._rows for part in row]
            case _:
                self._whole = Part(Notes.of_block(node))
                parts = [self._whole]
        self._slots = {
            number: slot
            for slot, number in enumerate(dict.fromkeys(number for part in parts for number in part.numbers))
        }
        self._known: dict[tuple[n.SharedLine, ...], Representative] = {}
        # The same for all variants.
        always = (
            None if any(part.varies for part in parts) else n.Filled(Representative(node), (), lambda: node)
        )
        self._always = always

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys of its numbers."""
        return tuple(number.key for number in self._slots)

    def filled(self, variant: Variant) -> n.Block:
        """Return the block with a variant's numbers."""
        if self._always is not None:
            return self._always
        numbers = [text for number in self._slots for text in variant.number(number).texts]
        try:
            return n.Filled(self._like(variant), tuple(numbers), lambda: self.plain(variant))
        except NoSlotError:
            return self.plain(variant)

    def plain(self, variant: Variant) -> n.Block:
        """Return the block with a variant's numbers, as the variant's own context would have told it."""
        return _Filler(variant.telling).block(self.node)

    def _like(self, variant: Variant) -> Representative:
        node = self.node
        if self._whole is not None:
            return self._whole.like(
                variant, lambda: Representative(self._slotted.block(self._marking(variant).block(node)))
            )
        assert isinstance(node, n.Equation)
        rows = tuple(
            tuple(
                part.like(variant, lambda line=line: self._shared(variant, line))  # type: ignore[misc]
                for part, line in zip(parts, row, strict=True)
            )
            for parts, row in zip(self._rows, node.rows, strict=True)
        )
        lines = tuple(line for row in rows for line in row)
        if lines not in self._known:
            if len(self._known) >= MOST_SHAPES:
                self._known.clear()
            self._known[lines] = Representative(n.Equation(rows, node.small))
        return self._known[lines]

    def _shared(self, variant: Variant, line: n.EquationLine) -> n.SharedLine:
        made = self._slotted.line(self._marking(variant).line(line))
        return n.SharedLine(made.left, made.steps, made.tag)

    def _marking(self, variant: Variant) -> _Filler:
        """Return what puts numbers in that carry the number of their slot instead of their name."""

        def marked(stage: Stage) -> Telling:
            telling = variant.telling(stage)
            return _Marked(
                telling.problem, telling.model, telling.letters, telling.ledger, telling.checked, telling.drawn_values,
                {number.key: slot for number, slot in self._slots.items() if number.stage is stage},
            )  # fmt: skip

        return _Filler(marked)

    @property
    def _slotted(self) -> Rewriter:
        """What puts placeholders for the digits of such numbers."""

        def slot(math: m.Math) -> m.Math | None:
            if isinstance(math, m.Matrix):
                columns = [_slotted_column(column, slot) for column in zip(*math.rows, strict=True)]
                return m.Matrix(tuple(zip(*columns, strict=True)), math.left, math.right)
            number = _slot_of(math)
            if number is None:
                return None
            assert isinstance(math, m.Digits)
            sign = "-" if math.text.startswith("-") else ""
            return replace(math, slot=sign + unsigned_slot(number))

        return Rewriter(slot, lambda scene: scene)


def _slot_of(math: m.Math) -> int | None:
    """Return which number this is; None for anything else."""
    if isinstance(math, m.Digits) and math.answer is not None and math.answer.startswith(_MARK):
        return int(math.answer.removeprefix(_MARK))
    return None


def _slotted_column(column: Sequence[m.Math], slot: MathChange) -> list[m.Math]:
    """Return a column of a matrix with placeholders; its plain numbers are put in as a whole."""
    found: list[m.Math] = []
    plain = all(_slot_of(cell) is not None and cell.exponent is None for cell in column)  # type: ignore[attr-defined]
    for cell in column:
        number = _slot_of(cell)
        if plain and number is not None:
            assert isinstance(cell, m.Digits)
            found.append(replace(cell, slot=whole_slot(number)))
        else:
            found.append(rewrite_math(cell, slot))
    return found


@dataclass(frozen=True)
class _Marked(Telling):
    """A variant's context whose numbers carry the number of their slot instead of their name."""

    slots: dict[Key, int] = field(default_factory=dict)

    def value(self, key: Key) -> m.Math:
        shown = super().value(key)
        if isinstance(shown, m.Digits) and shown.answer is not None:
            return m.Digits(shown.text, shown.exponent, f"{_MARK}{self.slots[key]}")
        return shown


class _Filler(Rewriter):
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


def late_blocks(blocks: Sequence[n.Block]) -> tuple[n.Block, ...]:
    """Return blocks ready to be filled in: every paragraph, equation, table and drawing for itself.

    Args:
        blocks: Of a document told by a `LateTelling`, or without any numbers.

    Raises:
        TooEarlyError: A heading has a number in it.
    """

    def late(node: n.Block) -> n.Block:
        return LateBlock(node) if isinstance(node, n.Paragraph | n.Equation | n.Table | n.Figure) else node

    return _each(blocks, late, _without_numbers)


def filled(blocks: Sequence[n.Block], variant: Variant) -> tuple[n.Block, ...]:
    """Return late blocks with the numbers of a variant."""
    return _each(blocks, lambda node: node.filled(variant) if isinstance(node, LateBlock) else node)


def keys_in(blocks: Sequence[n.Block]) -> list[Key]:
    """Return the keys of the numbers that late blocks ask for."""
    found: list[Key] = []

    def collect(node: n.Block) -> n.Block:
        found.extend(node.keys if isinstance(node, LateBlock) else ())
        return node

    _each(blocks, collect)
    return found


def _each(
    blocks: Sequence[n.Block],
    change: Callable[[n.Block], n.Block],
    heading: Callable[[n.Phrase], n.Phrase] = lambda title: title,
) -> tuple[n.Block, ...]:
    """Return blocks in which those that hold no others are changed."""

    def each(node: n.Block) -> n.Block:
        match node:
            case n.Section(title, inner, level):
                return n.Section(heading(title), tuple(map(each, inner)), level)
            case n.Note(lead, inner, kind):
                return n.Note(heading(lead), tuple(map(each, inner)), kind)
            case n.Together(inner):
                return n.Together(tuple(map(each, inner)))
            case n.Listing(items, ordered):
                return n.Listing(tuple(tuple(map(each, item)) for item in items), ordered)
            case _:
                return change(node)

    return tuple(map(each, blocks))


def _without_numbers(title: n.Phrase) -> n.Phrase:
    notes = Notes()
    notes.phrase(title)
    if notes.numbers:
        raise m.TooEarlyError("the number in a heading")
    return title
