"""The closed set of document nodes: what a worked solution is made of, before any output language.

A document is built once; the full solution, a sheet and a key are views of it, and each writer is an exhaustive match
over the classes below. Text that a teacher wrote is held as `Text` and escaped by every writer; mathematics is held as a
math tree; figures as scenes. Nothing here is a string of TeX, Markdown or HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from solver.figures.scene import Scene
from solver.notation.cases import TooEarlyError
from solver.notation.math import Math

T = TypeVar("T")


class Inline:
    """Something inside a line of words."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Text(Inline):
    """Plain words; never markup."""

    text: str


@dataclass(frozen=True, slots=True)
class InlineMath(Inline):
    """Mathematics inside a line of words."""

    math: Math


@dataclass(frozen=True, slots=True)
class Strong(Inline):
    """Words set bold."""

    phrase: Phrase


@dataclass(frozen=True, slots=True)
class Emphasis(Inline):
    """Words set italic."""

    phrase: Phrase


@dataclass(frozen=True, slots=True)
class Tone(Inline):
    """Words in the tone of a role, as in a figure ("path-1"); never the only carrier of the meaning."""

    phrase: Phrase
    tone: str


@dataclass(frozen=True, slots=True)
class EquationReference(Inline):
    """The number of an equation line: "(3)"."""

    tag: str


@dataclass(frozen=True, slots=True)
class Link(Inline):
    """Words that link to an address."""

    phrase: Phrase
    address: str


Phrase = tuple[Inline, ...]


class Block:
    """Something that stands on lines of its own."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Paragraph(Block):
    """Words."""

    phrase: Phrase


@dataclass(frozen=True, slots=True)
class Step:
    """One relation and what stands right of it: "= 0.89 · 0.11", "≈ 0.09719"."""

    relation: str
    body: Math


@dataclass(frozen=True, slots=True)
class EquationLine:
    """left relation body relation body …; aligned at the first relation, broken before relations where too wide.

    Attributes:
        left: What the line determines; `None` continues the line above.
        tag: Equation number, printed as "(tag)" at the margin.
    """

    left: Math | None
    steps: tuple[Step, ...]
    tag: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SharedLine(EquationLine):
    """A line that stands in many equations; equal to itself alone, so that what was made of it is found at once."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True)
class Equation(Block):
    """A displayed block of aligned lines; each row holds one line, or several side by side."""

    rows: tuple[tuple[EquationLine, ...], ...]
    small: bool = False


@dataclass(frozen=True, slots=True)
class Figure(Block):
    """A drawing with an optional caption; `alt` says in words what it shows."""

    scene: Scene
    alt: str
    caption: Phrase = ()


@dataclass(frozen=True, slots=True)
class Table(Block):
    """A table; cells are phrases, the first row is the header. A long table may break across pages.

    `align` holds one of "l", "c", "r" per column.
    """

    header: tuple[Phrase, ...]
    rows: tuple[tuple[Phrase, ...], ...]
    align: str
    caption: Phrase = ()


@dataclass(frozen=True, slots=True)
class Note(Block):
    """A set-off remark or warning with a bold lead."""

    lead: Phrase
    blocks: tuple[Block, ...]
    kind: Literal["remark", "warning"] = "remark"


@dataclass(frozen=True, slots=True)
class Listing(Block):
    """Items, numbered or not."""

    items: tuple[tuple[Block, ...], ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Together(Block):
    """Blocks that a page break should not part."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Section(Block):
    """A titled part. Level 1 is numbered by the writer's template, level 2 is not; level 3 has bold words for a title."""

    title: Phrase
    blocks: tuple[Block, ...]
    level: Literal[1, 2, 3] = 1


@dataclass(frozen=True, slots=True)
class AnswerSpace(Block):
    """Empty room for a student's work; `height` in centimetres."""

    height: float


@dataclass(frozen=True, slots=True)
class PageBreak(Block):
    """Start a new page (ignored by formats without pages)."""


class StandIn(Protocol):
    """A block whose numbers are put in later (`notation.slots`): it stands for the same block of many variants."""

    @property
    def block(self) -> Block:
        """The block."""

    def once(self, name: Hashable, make: Callable[[], T], values: Sequence[float]) -> T:
        """Return what `make` makes under this name of some numbers: made once for all that lead to the same."""


class Numbers(Protocol):
    """The numbers of one variant, as a block asks for them."""

    @property
    def texts(self) -> Sequence[str]:
        """What is written for each of them in each role."""

    @property
    def widths(self) -> Sequence[float]:
        """What lengths are made of."""


@dataclass(slots=True, eq=False)
class Filled(Block):
    """A paragraph, an equation, a table or a figure as it is in one of many variants.

    Attributes:
        like: The block without its numbers.
        numbers: Its numbers.
        made: Makes the block itself.
    """

    like: StandIn
    numbers: Numbers
    made: Callable[[], Block]

    @property
    def block(self) -> Block:
        """The block itself."""
        return self.made()

    def once(self, name: Hashable, make: Callable[[Block], T]) -> T:
        """Return what `make` makes of the block without its numbers; made once for all variants where it is the same.

        What depends on the numbers themselves is made of the block itself.
        """
        like = self.like
        try:
            return like.once(name, lambda: make(like.block), self.numbers.widths)
        except TooEarlyError:
            return make(self.block)

    def __repr__(self) -> str:
        return repr(self.block)

    def __reduce__(self) -> tuple[Callable[[Block], Block], tuple[Block]]:
        """Go to another process as the block itself."""
        return looks, (self.block,)


def looks(node: Block) -> Block:
    """Return a block that is set as this one is: what stands in for it, or the block itself."""
    return node.like.block if isinstance(node, Filled) else node


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document.

    Attributes:
        title: As the teacher wrote it.
        source: The publication that the problem is from, or "".
        running: What kind of document this is, for page headers: "Worked solution", "Exam", "Answer key".
        blocks: The content, top to bottom.
    """

    title: str
    blocks: tuple[Block, ...]
    source: str = ""
    running: str = "Worked solution"
    language: str = "en"
