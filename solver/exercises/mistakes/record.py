"""What a mistake is: a name, a sentence, how often it is made, and how to make it in any problem.

A mistake is made in one of two ways. A *plant* changes the computation at a place, and everything that depends on it
follows: an activation whose derivative was forgotten. A *misprint* changes a figure as it is written: a decimal point
that slipped. Both speak the same language to a reader: a sentence with the quantities in it, to be filled with the
contract's names or with the letters of a document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from string import Formatter

import numpy as np

from solver.exercises.mistakes.edits import Edit
from solver.graph.model import Model
from solver.graph.node import Graph, Leaf, Node, Operation
from solver.quantities import Key, Quantity

Word = str | Key
"""What fills a gap of a sentence: plain words, or a quantity, which each document names in its own letters."""


@dataclass(frozen=True)
class Saying:
    """A sentence about a mistake, without its capital letter and full stop.

    Attributes:
        template: Words with gaps: "the sign of {place} was flipped".
        words: What fills the gaps.
    """

    template: str
    words: Mapping[str, Word] = field(default_factory=dict, hash=False)

    @property
    def parts(self) -> tuple[Word, ...]:
        """The sentence as words and quantities, in order."""
        found: list[Word] = []
        for text, gap, _, _ in Formatter().parse(self.template):
            if text:
                found.append(text)
            if gap is not None:
                found.append(self.words[gap])
        return tuple(found)

    def __str__(self) -> str:
        return "".join(map(str, self.parts))


@dataclass(frozen=True)
class Plant:
    """A mistake made at a place.

    Attributes:
        mistake: Name of the record.
        place: The first array or element that comes out wrong.
        saying: What a reader is told.
        edits: What is written down wrong.
        weight: How plausible this way of making the mistake is among all ways, 1 for the plainest.
    """

    mistake: str
    place: Quantity
    saying: Saying
    edits: tuple[Edit, ...]
    weight: float = 1.0


@dataclass(frozen=True)
class Misprint:
    """A figure written down wrong.

    Attributes:
        mistake: Name of the record.
        value: The figure that is written, with its digits.
        saying: What a reader is told; the gap `place` is filled by who knows the figure's quantity.
        weight: As of a plant.
    """

    mistake: str
    value: Decimal
    saying: Saying
    weight: float = 1.0

    def at(self, place: Key) -> Saying:
        """Return the sentence about one quantity."""
        return Saying(self.saying.template, {**self.saying.words, "place": place})


@dataclass(frozen=True)
class Subject:
    """Where mistakes are made.

    Attributes:
        model: The problem; not symbolic.
        focus: Single elements at which mistakes are made; None: at all of them. Whole arrays are always tried.
    """

    model: Model
    focus: frozenset[Quantity] | None = None

    @property
    def graph(self) -> Graph:
        """The problem's graph."""
        return self.model.graph

    @cached_property
    def computed(self) -> tuple[tuple[Node, Operation], ...]:
        """The nodes that are computed, with their operations."""
        return tuple((n, n.operation) for n in self.graph.nodes if not isinstance(n.operation, Leaf))

    @cached_property
    def differentiated(self) -> tuple[Node, ...]:
        """The nodes that have a gradient, from the loss backwards; the loss itself and a network's inputs left out."""
        left_out = {self.graph.root.quantity, *self.graph.targets}
        if self.graph.words != "expression":
            left_out |= set(self.graph.inputs)
        return tuple(node for node in reversed(self.graph.nodes) if node.quantity not in left_out)

    def elements(self, array: Quantity) -> Iterator[Quantity]:
        """Yield the elements of an array (a value, a gradient, an updated one) that are in focus."""
        if self.focus is not None:
            yield from self._focused.get(array, ())
            return
        yield from all_elements(self.graph, array)

    def named(self, element: Quantity) -> Quantity:
        """Return an element as the contract names it: the sample is left out where the author writes a single one."""
        return element if self.graph.sample_axis else element.of_sample(None)

    @cached_property
    def _focused(self) -> Mapping[Quantity, tuple[Quantity, ...]]:
        found: dict[Quantity, tuple[Quantity, ...]] = {}
        # A set has another order in every process, and an exam must not.
        for element in sorted(self.focus or (), key=lambda element: element.position):
            found[element.whole] = (*found.get(element.whole, ()), element)
        return found


def all_elements(graph: Graph, array: Quantity) -> Iterator[Quantity]:
    """Yield the elements of an array of any role, as the contract names them: sample by sample where there are rows."""
    node = graph.node(array.value)
    per_sample = node.per_sample and graph.sample_axis
    for sample in range(1, graph.samples + 1) if per_sample else (None,):
        for place in np.ndindex(*node.shape):
            yield replace(array, sample=sample, index=tuple(axis + 1 for axis in place))


@dataclass(frozen=True)
class Mistake:
    """One row of the table.

    Attributes:
        name: Stable, for files and statistics: "sign-flipped".
        title: A few words for a table's head.
        prior: How often it is made, relative to the others.
        plants: The ways to make it in the computation.
        misprints: The ways to make it in writing.
        borrows: Whether it prints the value of another quantity.
    """

    name: str
    title: str
    prior: float
    plants: Callable[[Subject], Iterator[Plant]] | None = None
    misprints: Callable[[Decimal], Iterator[Misprint]] | None = None
    borrows: bool = False

    def planted(self, subject: Subject) -> Iterator[Plant]:
        """Yield every way to make the mistake in a problem's computation."""
        if self.plants is not None:
            yield from self.plants(subject)

    def misprinted(self, figure: Decimal) -> Iterator[Misprint]:
        """Yield every way to make the mistake in writing a figure."""
        if self.misprints is not None:
            yield from self.misprints(figure)
