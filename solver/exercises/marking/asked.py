"""What a sheet asks, as marking needs it: the numbers that are right, what they are worth, and the problem behind them.

The exam room makes these from an exam; marking reads no file and knows no student's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from solver.arithmetic import Digits
from solver.exercises.mistakes import Address, Factor, Route, Saying
from solver.exercises.points import added
from solver.exercises.slips import cell_of
from solver.formula import Formula
from solver.graph.model import Model
from solver.graph.node import Graph
from solver.notation.math import Math
from solver.quantities import Along, Key, Part, Partial, Quantity, Role, Share
from solver.trace.chain import chain_rule

Order = tuple[int, float, tuple[int, ...]]


@dataclass(frozen=True)
class Option:
    """One answer to choose.

    Attributes:
        value: The number that is printed.
        mistake: Name of the mistake that gives it; "" for the right one.
        saying: What went wrong; None for the right one.
    """

    value: float
    mistake: str = ""
    saying: Saying | None = None


@dataclass(frozen=True)
class Item:
    """One number that a question asks for.

    Attributes:
        quantity: Its name, as in the heading of its column: "dL/dW1[3,1]".
        value: What is right, at full precision.
        low: Least accepted number.
        high: Largest accepted number.
        points: What it is worth.
        key: What it is, where it is something that the problem computes.
        options: For a choice: what stands behind each letter.
    """

    quantity: str
    value: float
    low: float
    high: float
    points: float
    key: Key | None = None
    options: Mapping[str, Option] = field(default_factory=dict)

    def accepts(self, number: float) -> bool:
        """Return whether a number lies in the accepted interval; its ends are in it, whatever float64 makes of them."""
        # Where the answer is 0 the interval is that number alone, and a formula may miss it by float64's last bits.
        slack = 1e-12 * max(abs(self.low), abs(self.high), 1e-3)
        return self.low - slack <= number <= self.high + slack

    @property
    def half_width(self) -> float:
        """How far an accepted number may lie from the middle of the interval."""
        return (self.high - self.low) / 2


@dataclass(frozen=True)
class Question:
    """One question of one variant.

    Attributes:
        number: From 1.
        items: What is asked, in the order of the sheet.
        model: The problem as drawn; None where nothing can be computed anew.
        digits: How many digits the sheet asks for.
        definitions: Formula of every line of the path form, where the problem has one.
        letters: How the sheet writes a quantity; None for the contract's names.
        by_hand: Points of a derivation in letters, which no column of answers could hold.
    """

    number: int
    items: tuple[Item, ...]
    model: Model | None = None
    digits: Digits = field(default_factory=Digits)
    definitions: Mapping[Key, Formula] = field(default_factory=dict)
    letters: Callable[[Key], Math] | None = None
    by_hand: float = 0.0

    @property
    def points(self) -> float:
        """What a full answer is worth, what is marked by hand left out."""
        return added(item.points for item in self.items)

    @cached_property
    def places(self) -> tuple[Address | None, ...]:
        """Where each item stands in a run of the problem; None for what is a line of the path form alone."""
        if self.model is None:
            return (None,) * len(self.items)
        return tuple(_address(self.model, item) for item in self.items)

    @cached_property
    def work(self) -> tuple[int, ...]:
        """The items that the problem computes, by their positions, in the order in which they are worked out."""
        if self.model is None:
            return ()
        graph = self.model.graph
        computed = [position for position, item in enumerate(self.items) if item.key is not None]
        return tuple(sorted(computed, key=lambda position: _order(graph, self.items[position])))


@dataclass(frozen=True)
class Sheet:
    """What one student was asked.

    Attributes:
        id: The student's id, or the sheet's number where no student is named.
        name: The student's name, or "".
        variant: Number of the variant.
        questions: In order.
    """

    id: str
    questions: tuple[Question, ...]
    name: str = ""
    variant: int = 1

    @property
    def points(self) -> float:
        """What a perfect sheet is worth, what is marked by hand left out."""
        return added(question.points for question in self.questions)

    @property
    def by_hand(self) -> float:
        """Points that are given by hand."""
        return added(question.by_hand for question in self.questions)


def column_of(question: Question, item: Item) -> str:
    """Return the heading of an answer's column: "1:dL/dW1[3,1]"."""
    return f"{question.number}:{item.quantity}"


def _address(model: Model, item: Item) -> Address | None:
    match item.key:
        case Quantity() as element:
            return cell_of(model, element)
        case Partial() as partial:
            return Factor(1, partial)
        case Along(target, path) as along:
            chain = chain_rule(model.graph, [target.value], target.of).chains[0]
            return Route(1, along, chain.products[path - 1])
        case _:
            return None


_PHASES = {Role.VALUE: 0, Role.GRADIENT: 1, Role.UPDATED: 3}


def _order(graph: Graph, item: Item) -> Order:
    """Return an item's place in the work: forward, backward from the loss, optimizer state, update, forward again."""
    places = {node.quantity: place for place, node in enumerate(graph.nodes)}
    match item.key:
        case Quantity() as element:
            return _moment(graph, places, element)
        case Partial(of, by):
            return 1, len(places) - places[by.whole] - 0.5, of.index + by.index
        case Along(target, path):
            phase, place, index = _moment(graph, places, target)
            return phase, place - 0.25, (*index, path)
        case Share(target) | Part(_, target):
            phase, place, index = _moment(graph, places, target)
            return phase, place - 0.375, index
        case _:
            raise TypeError(f"nothing that is computed: {item.quantity}")


def _moment(graph: Graph, places: Mapping[Quantity, int], element: Quantity) -> Order:
    place = places[element.whole.value]
    phase = _PHASES.get(element.role, 2)
    if phase == 3 and element.value.whole not in graph.parameters:
        phase = 4
    return phase, float(len(places) - place if phase == 1 else place), (element.sample or 0, *element.index)
