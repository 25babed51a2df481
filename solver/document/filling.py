"""Numbers put into a document that was told without them: for every variant its own blocks, quickly.

How a block of a late document (a paragraph, an equation, a table) is set depends on the *shape* of its numbers: their
signs, how many digits stand before and after the point, the exponent, and which lines say ≈. All digits are equally wide,
so two variants whose numbers have the same shape differ in nothing but digits; such a block is laid out and written once,
with placeholders for its numbers (`notation.slots`), and filled in for the others. Soon most lines of an exam
have been met in the same shape.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from solver import formula as f
from solver.document import nodes as n
from solver.document.late import Late, LateRelation, LateSteps, Stage
from solver.document.rewriting import MathChange, Rewriter, rewrite_math
from solver.document.telling import Telling, is_constant
from solver.formula import references
from solver.notation import math as m
from solver.notation.slots import NoSlotError, unsigned_slot, whole_slot
from solver.quantities import Key

T = TypeVar("T")
Shape = tuple[Hashable, ...]
Looked = tuple[Stage, Key]
"""A number: how it is looked up, and its key."""

_MINUS = 1.556
"""Width of a minus sign, in digits."""

_ZEROS = str.maketrans("123456789", "000000000")
_MARK = "\x00"


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
            stage, key = looked
            known = self._numbers[looked] = Shown(self.telling(stage).value(key))
        return known


class Shown:
    """A number as it is shown.

    Args:
        math: As `Telling.value` gives it.

    Attributes:
        shape: What must be equal for two numbers to be set in the same way.
        texts: Without its sign, and with it.
        fraction: Digits behind the point; None where it has an exponent, or is a constant of the file.
        lead: How much room its sign and the digits before the point take, in no particular unit.
    """

    __slots__ = ("fraction", "lead", "shape", "texts")

    def __init__(self, math: m.Math) -> None:
        self.shape: Hashable = math
        self.texts = ("", "")
        self.fraction: int | None = None
        self.lead = 0.0
        if isinstance(math, m.Digits) and math.answer is not None:
            text = math.text
            self.shape = text.translate(_ZEROS), math.exponent
            self.texts = (text.removeprefix("-"), text)
            if math.exponent is None:
                whole, _, fraction = self.texts[0].partition(".")
                self.fraction = len(fraction)
                self.lead = len(whole) + (len(text) - len(self.texts[0])) * _MINUS


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


class _Part:
    """Something with late numbers: a line of an equation, or a whole block of another kind.

    Args:
        notes: What it asks for.
    """

    def __init__(self, notes: _Notes) -> None:
        self._alone = tuple(dict.fromkeys(notes.numbers))
        self._columns = tuple(notes.columns)
        self._lines = tuple(notes.lines)
        self._relations = tuple(notes.relations)
        self._known: dict[Shape, Any] = {}
        columns = (number for column in self._columns for number in column)
        self.numbers = tuple(dict.fromkeys((*self._alone, *columns)))

    def like(self, variant: Variant, make: Callable[[], T]) -> T:
        """Return what `make` made for the first variant whose numbers are of the same shape here."""
        shape = (
            *[variant.number(number).shape for number in self._alone],
            *[_column_shape([variant.number(number) for number in column]) for column in self._columns],
            *[variant.telling(stage).follows(pairs) for pairs, stage in self._relations],
            *[_told(variant, steps) for steps in self._lines],
        )
        if shape not in self._known:
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


class LateBlock(n.Block):
    """A paragraph, an equation, a table or a drawing of a late document.

    Every line of an equation is looked up by itself: so few shapes are enough.

    Args:
        node: The block; what is no number in it is the same for all variants.
    """

    def __init__(self, node: n.Block) -> None:
        self.node = node
        self._rows: tuple[tuple[_Part, ...], ...] = ()
        self._whole: _Part | None = None
        match node:
            case n.Equation(rows):
                self._rows = tuple(tuple(_Part(_Notes.of_line(line)) for line in row) for row in rows)
                parts = [part for row in self._rows for part in row]
            case _:
                self._whole = _Part(_Notes.of_block(node))
                parts = [self._whole]
        self._slots = {
            number: slot
            for slot, number in enumerate(dict.fromkeys(number for part in parts for number in part.numbers))
        }
        self._known: dict[tuple[n.SharedLine, ...], Representative] = {}

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys of its numbers."""
        return tuple(key for _, key in self._slots)

    def filled(self, variant: Variant) -> n.Block:
        """Return the block with a variant's numbers."""
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
                {key: slot for (looked, key), slot in self._slots.items() if looked is stage},
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
        texts = [variant.number((steps.stage, key)).texts[0] for key in (*keys, steps.key)]
        same = texts[0] == texts[1]
    return telling.relation(steps.formula, steps.key), same


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


class _Notes(Rewriter):
    """Collects what a late block asks for."""

    numbers: list[Looked]
    columns: list[tuple[Looked, ...]]
    lines: list[LateSteps]
    relations: list[tuple[tuple[tuple[Key, f.Formula], ...], Stage]]

    def __init__(self) -> None:
        super().__init__(self._noted, lambda scene: scene)
        self.numbers, self.columns, self.lines, self.relations = [], [], [], []

    @classmethod
    def of_block(cls, node: n.Block) -> _Notes:
        notes = cls()
        notes.block(node)
        return notes

    @classmethod
    def of_line(cls, line: n.EquationLine) -> _Notes:
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
        self.numbers.extend((math.stage, key) for key in references(math.formula))
        return m.Row(())

    def _column(self, column: Sequence[m.Math]) -> None:
        numbers = [
            (cell.stage, cell.formula.quantity)
            for cell in column
            if isinstance(cell, Late) and isinstance(cell.formula, f.Ref)
        ]
        if len(numbers) == len(column):
            self.columns.append(tuple(numbers))
        else:
            for cell in column:
                self.formula(cell)

    def line(self, line: n.EquationLine) -> n.EquationLine:
        for step in line.steps:
            if isinstance(step, LateSteps):
                if not step.last:
                    self.numbers.extend((step.stage, key) for key in references(step.formula))
                else:
                    self.numbers.append((step.stage, step.key))
                    self.lines.append(step)
            else:
                if isinstance(step.relation, LateRelation):
                    self.relations.append((step.relation.pairs, step.relation.stage))
                self.formula(step.body)
        if line.left is not None:
            self.formula(line.left)
        return line


def late_blocks(blocks: Sequence[n.Block]) -> tuple[n.Block, ...]:
    """Return blocks ready to be filled in: every paragraph, equation, table and drawing for itself.

    Args:
        blocks: Of a document told by a `LateTelling`, or without any numbers.

    Raises:
        TooEarlyError: A heading has a number in it.
    """
    return tuple(map(_late_block, blocks))


def _late_block(node: n.Block) -> n.Block:
    match node:
        case n.Section(title, blocks, level):
            return n.Section(_without_numbers(title), late_blocks(blocks), level)
        case n.Note(lead, blocks, kind):
            return n.Note(_without_numbers(lead), late_blocks(blocks), kind)
        case n.Together(blocks):
            return n.Together(late_blocks(blocks))
        case n.Listing(items, ordered):
            return n.Listing(tuple(map(late_blocks, items)), ordered)
        case n.Paragraph() | n.Equation() | n.Table() | n.Figure():
            return LateBlock(node)
        case _:
            return node


def keys_in(blocks: Sequence[n.Block]) -> Iterator[Key]:
    """Yield the keys of the numbers that late blocks ask for."""
    for node in blocks:
        match node:
            case LateBlock():
                yield from node.keys
            case n.Section(_, inner) | n.Note(_, inner) | n.Together(inner):
                yield from keys_in(inner)
            case n.Listing(items):
                for item in items:
                    yield from keys_in(item)
            case _:
                pass


def _without_numbers(title: n.Phrase) -> n.Phrase:
    notes = _Notes()
    notes.phrase(title)
    if notes.numbers:
        raise m.TooEarlyError("the number in a heading")
    return title


def filled(blocks: Sequence[n.Block], variant: Variant) -> tuple[n.Block, ...]:
    """Return late blocks with the numbers of a variant."""
    return tuple(_filled_block(node, variant) for node in blocks)


def _filled_block(node: n.Block, variant: Variant) -> n.Block:
    match node:
        case LateBlock():
            return node.filled(variant)
        case n.Section(title, blocks, level):
            return n.Section(title, filled(blocks, variant), level)
        case n.Note(lead, blocks, kind):
            return n.Note(lead, filled(blocks, variant), kind)
        case n.Together(blocks):
            return n.Together(filled(blocks, variant))
        case n.Listing(items, ordered):
            return n.Listing(tuple(filled(item, variant) for item in items), ordered)
        case _:
            return node
