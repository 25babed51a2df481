"""Numbers put into a document that was told without them: for every variant its own blocks, quickly.

Two variants in which a block (a paragraph, an equation, a table) says the same differ there in nothing but digits and
signs. The block is laid out and written once, with placeholders for its numbers (`notation.slots`); what depends on signs
and widths is found by asking (`notation.cases`). For the others it is filled in. Soon all lines of an exam have been met.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TypeVar

from solver.document import nodes as n
from solver.document.noted import Notes, Part
from solver.document.numbers import Shown, Variants
from solver.document.opening import MOST_KNOWN, Filler, Maker
from solver.notation.cases import Decided, TooEarlyError
from solver.notation.slots import Role
from solver.quantities import Key

T = TypeVar("T")


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
            Maker(part, self._numbers, self._columns, line)
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
        widths = [own.widths for own in numbers]
        made = [maker.made(variants, widths) for maker in self._makers]
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
        return Filler(lambda stage: variants.telling(stage, place)).block(self.node)

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
