"""Numbers put into a document that was told without them: for every variant its own blocks, quickly.

Two variants in which a block (a paragraph, an equation, a table) says the same differ there in nothing but digits and
signs. The block is laid out and written once, with placeholders for its numbers (`notation.slots`); what depends on signs
and widths is found by asking (`notation.cases`). For the others it is filled in. Soon all lines of an exam have been met.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import TypeVar

from solver.document import nodes as n
from solver.document.late import Late, LateRelation, LateSteps, Looked, Stage
from solver.document.noted import Notes, Part
from solver.document.numbers import Shown, Variants
from solver.document.rewriting import Rewriter
from solver.document.telling import Telling, is_constant
from solver.formula import Formula, Ref
from solver.notation import math as m
from solver.notation.cases import Decided, TooEarlyError
from solver.notation.slots import WIDTHS, NoSlotError, Role, Slot
from solver.quantities import Key

T = TypeVar("T")

MOST_KNOWN = 256
"""Ways in which one block is remembered; past it, it is begun anew, so that memory stays bounded."""


class Representative:
    """A block with placeholders for its numbers: it stands for the same block of many variants.

    Args:
        block: The block.
    """

    def __init__(self, block: n.Block) -> None:
        self.block = block
        self._known: dict[Hashable, Decided[object]] = {}
        self._refused: set[Hashable] = set()

    def once(self, name: Hashable, make: Callable[[], T], values: Sequence[float]) -> T:
        """Return what `make` makes under this name of some numbers: made once for all that lead to the same.

        Raises:
            TooEarlyError: It depends on the numbers themselves.
        """
        if name in self._refused:
            raise TooEarlyError(str(name))
        decided = self._known.get(name)
        if decided is None:
            decided = self._known[name] = Decided(make)
        try:
            return decided.at(values)  # type: ignore[return-value]
        except TooEarlyError:
            self._refused.add(name)
            raise


@dataclass(eq=False)
class BlockNumbers:
    """The numbers of one variant, as a block asks for them.

    Attributes:
        shown: Its numbers.
        cells: Those that stand in columns of matrices, once more, as they stand there.
        columns: How wide the columns are.
    """

    shown: tuple[Shown, ...]
    cells: tuple[str, ...]
    columns: tuple[float, ...]

    @cached_property
    def texts(self) -> Sequence[str]:
        """What is written for each of them in each role."""
        texts = list(chain.from_iterable([number.texts for number in self.shown]))
        for cell in self.cells:
            texts += (cell,) * len(Role)
        return texts

    @cached_property
    def widths(self) -> Sequence[float]:
        """What lengths are made of."""
        return (*chain.from_iterable([number.widths for number in self.shown]), *self.columns)


class LateBlock(n.Block):
    """A paragraph, an equation, a table or a drawing of a late document.

    Every line of an equation is looked up by itself: so few ways are enough.

    Args:
        node: The block; what is no number in it is the same for all variants.
    """

    def __init__(self, node: n.Block) -> None:
        self.node = node
        self._rows: tuple[tuple[n.EquationLine, ...], ...] = node.rows if isinstance(node, n.Equation) else ()
        lines = [line for row in self._rows for line in row]
        self._parts = [Part(Notes.of_line(line)) for line in lines] or [Part(Notes.of_block(node))]
        told: list[n.EquationLine | n.Block] = [*lines] or [node]
        self._numbers = tuple(dict.fromkeys(number for part in self._parts for number in part.numbers))
        self._columns = tuple(dict.fromkeys(column for part in self._parts for column in part.columns))
        self._makers = [
            _Maker(part, self._numbers, self._columns, line)
            for part, line in zip(self._parts, told, strict=True)
        ]
        self._known: dict[tuple[object, ...], Representative] = {}
        # The same for all variants.
        self._always = (
            None
            if any(part.varies for part in self._parts)
            else n.Filled(Representative(node), BlockNumbers((), (), ()), lambda: node)
        )

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys of its numbers."""
        return tuple(number.key for number in self._numbers)

    def filled(self, variants: Variants) -> Sequence[n.Block]:
        """Return the block with the numbers of each variant."""
        count = len(variants.tellings)
        if self._always is not None:
            return [self._always] * count
        numbers = self._of(variants)
        made = [maker.made(variants, numbers) for maker in self._makers]
        return [
            self._filled(variants, place, numbers[place], [of_all[place] for of_all in made])
            for place in range(count)
        ]

    def _of(self, variants: Variants) -> list[BlockNumbers]:
        places = range(len(variants.tellings))
        shown = [variants.number(number).shown for number in self._numbers]
        by_variant = zip(*shown, strict=True) if shown else [()] * len(places)
        columns = [(column, variants.column(column)) for column in self._columns]
        blank = [("",) * len(column) for column in self._columns]
        return [
            BlockNumbers(
                own,
                tuple(
                    cell
                    for (_, column), otherwise in zip(columns, blank, strict=True)
                    for cell in column.cells[place] or otherwise
                ),
                tuple(column.widths[place] for _, column in columns),
            )
            for place, own in zip(places, by_variant, strict=True)
        ]

    def _filled(
        self, variants: Variants, place: int, numbers: BlockNumbers, made: Sequence[object]
    ) -> n.Block:
        if any(one is None for one in made):
            return self._plain(variants, place)
        return n.Filled(self._like(made), numbers, lambda: self._plain(variants, place))

    def _plain(self, variants: Variants, place: int) -> n.Block:
        """Return the block with a variant's numbers, as the variant's own context would have told it."""
        return _Filler(lambda stage: variants.telling(stage, place)).block(self.node)

    def _like(self, made: Sequence[object]) -> Representative:
        key = tuple(made)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = self._known[key] = Representative(self._joined(list(made)))
        return known

    def _joined(self, made: list[object]) -> n.Block:
        if not isinstance(self.node, n.Equation):
            (block,) = made
            assert isinstance(block, n.Block)
            return block
        lines = iter(made)
        return n.Equation(tuple(tuple(next(lines) for _ in row) for row in self._rows), self.node.small)  # type: ignore[misc]


class _Maker:
    """Makes a part with placeholders for its numbers: once for all variants in which it comes out the same."""

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

    def made(self, variants: Variants, numbers: Sequence[BlockNumbers]) -> list[object]:
        """Return the part for each variant; None where it cannot be told with open numbers."""
        if self._closed:
            return [None] * len(numbers)
        found: list[object] = []
        for place, (kind, own) in enumerate(zip(self._part.kinds(variants), numbers, strict=True)):
            decided = self._known.get(kind)
            if decided is None:
                if len(self._known) >= MOST_KNOWN:
                    self._known.clear()
                decided = self._known[kind] = Decided()
            try:
                found.append(decided.at(own.widths, lambda place=place: self._make(variants, place)))  # type: ignore[misc]
            except (TooEarlyError, NoSlotError):
                self._closed = True
                return [None] * len(numbers)
        return found

    def _make(self, variants: Variants, place: int) -> n.EquationLine | n.Block:
        filler = _Filler(lambda stage: self._open(variants, place, stage))
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


def filled(blocks: Sequence[n.Block], variants: Variants) -> list[tuple[n.Block, ...]]:
    """Return late blocks with the numbers of each variant."""
    known = {node: node.filled(variants) for node in _late_in(blocks)}
    return [
        _each(blocks, lambda node: known[node][place] if isinstance(node, LateBlock) else node)  # noqa: B023
        for place in range(len(variants.tellings))
    ]


def keys_in(blocks: Sequence[n.Block]) -> list[Key]:
    """Return the keys of the numbers that late blocks ask for."""
    return [key for node in _late_in(blocks) for key in node.keys]


def _late_in(blocks: Sequence[n.Block]) -> list[LateBlock]:
    found: list[LateBlock] = []

    def collect(node: n.Block) -> n.Block:
        found.extend((node,) if isinstance(node, LateBlock) else ())
        return node

    _each(blocks, collect)
    return found


def _each(
    blocks: Sequence[n.Block],
    change: Callable[[n.Block], n.Block],
    heading: Callable[[n.Phrase], n.Phrase] = lambda title: title,
) -> tuple[n.Block, ...]:
    """Return blocks in which those that hold no others are changed."""
    return tuple([_changed(node, change, heading) for node in blocks])


def _changed(
    node: n.Block, change: Callable[[n.Block], n.Block], heading: Callable[[n.Phrase], n.Phrase]
) -> n.Block:
    match node:
        case n.Section(title, inner, level):
            return n.Section(heading(title), _each(inner, change, heading), level)
        case n.Note(lead, inner, kind):
            return n.Note(heading(lead), _each(inner, change, heading), kind)
        case n.Together(inner):
            return n.Together(_each(inner, change, heading))
        case n.Listing(items, ordered):
            return n.Listing(tuple(_each(item, change, heading) for item in items), ordered)
        case _:
            return change(node)


def _without_numbers(title: n.Phrase) -> n.Phrase:
    notes = Notes()
    notes.phrase(title)
    if notes.numbers:
        raise TooEarlyError("the number in a heading")
    return title
