"""What the mistakes of the table make of the answers to a question: which mistake gives which number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from solver.arithmetic import Digits, Rounded, round_number
from solver.document.asking import key_name
from solver.document.telling import Telling
from solver.exercises.answers import Answer, member_of
from solver.exercises.mistakes import MISTAKES, Cell, Plant, Saying, Spot, Subject, planted
from solver.exercises.mistakes.edits import outcomes_of_variants
from solver.exercises.mistakes.run import Floats
from solver.graph.model import Model
from solver.graph.node import Graph
from solver.notation import math as m
from solver.quantities import Along, Key, Quantity
from solver.spec.digits import digits_of
from solver.trace.jointly import alone, jointly, number_of
from solver.variants.batch import Mask
from solver.variants.printed import Keys, printed_keys

NOT_TAUGHT = frozenset({"rounded", "not-updated"})
"""Mistakes that are no use to a marker's table or as a distractor: their numbers are nearly right, or are given."""

NOISE = 1e-12

MOST = 80
"""Mistakes of which the numbers are told, the likeliest first."""

MOST_ALONE = 3
"""Answers up to which mistakes at a single one are told; where more are asked for, those of whole arrays matter."""

BUDGET = 400_000
"""Numbers of one array that are held at once for all mistakes and some variants."""

MOST_QUESTIONS = 8
"""Different choices of elements that variants are computed together for; more than these are computed one by one."""


@dataclass(frozen=True)
class Slip:
    """One mistake and the answers that it gives.

    Attributes:
        mistake: Name of the record in the table.
        saying: What a reader is told.
        weight: How likely it is, relative to the others.
        gives: The number that it gives for each answer, by the answer's name; answers that stay right are not in it.
    """

    mistake: str
    saying: Saying
    weight: float
    gives: Mapping[str, Rounded]


def slips(telling: Telling, answers: Sequence[Answer], most: int = MOST) -> list[Slip]:
    """Return the mistakes that change an answer visibly, the likeliest first; of several with the same numbers the first.

    Args:
        telling: The problem's context.
        answers: The answers to a question.
        most: How many mistakes are wanted.
    """
    digits = digits_of(telling.problem)
    answers = [answer for answer in answers if isinstance(answer.key, Quantity)]
    trials, row = _tried(telling, tuple(answer.key for answer in answers if isinstance(answer.key, Quantity)))
    values = trials.values[:, row]
    wrong = _wrong(answers, values) & trials.alive[:, row, None]
    places = _first_of_each(np.where(wrong, trials.printed[:, row], 0), np.any(wrong, axis=1), most)
    names = [answer.quantity for answer in answers]
    found = []
    for place, numbers, visible in zip(places, values[places].tolist(), wrong[places].tolist(), strict=True):
        plant = trials.plants[place]
        gives = {name: number for name, number, seen in zip(names, numbers, visible, strict=True) if seen}
        found.append(Slip(plant.mistake, plant.saying, _weight(plant), Figures(gives, digits)))
    return found


def _first_of_each(printed: Keys, visible: Mask, most: int) -> list[int]:
    """Return the first of each of the different rows among those that are visible, in order, so many at most."""
    first: dict[bytes, int] = {}
    for place in np.flatnonzero(visible).tolist():
        first.setdefault(printed[place].tobytes(), place)
        if len(first) == most:
            break
    return list(first.values())


@dataclass(frozen=True, eq=False)
class Figures(Mapping[str, Rounded]):
    """Numbers as a solution would print them; most are never printed, so each is rounded when it is asked for.

    Attributes:
        floats: The numbers by name.
        digits: How many digits are shown.
    """

    floats: Mapping[str, float]
    digits: Digits

    def __getitem__(self, name: str) -> Rounded:
        return shown_number(self.floats[name], self.digits)

    def __contains__(self, name: object) -> bool:
        return name in self.floats

    def __iter__(self) -> Iterator[str]:
        return iter(self.floats)

    def __len__(self) -> int:
        return len(self.floats)


@dataclass(frozen=True, eq=False)
class _Trials:
    """What every mistake makes of the elements that are asked for, in some variants.

    Attributes:
        plants: The mistakes, the likeliest first.
        values: Shape (mistakes, variants, elements); numbers of those that have none are meaningless, not NaN.
        alive: Which have numbers, shape (mistakes, variants).
        printed: Equal where two numbers are printed with the same digits, shaped as the values.
    """

    plants: Sequence[Plant]
    values: Floats
    alive: Mask
    printed: Keys


def _tried(telling: Telling, elements: tuple[Quantity, ...]) -> tuple[_Trials, int]:
    """Return (what the mistakes make of some elements, the place of this variant there), for the whole cohort at once."""
    digits, member = digits_of(telling.problem), member_of(telling)
    if number_of(member.cohort, "asked", elements) >= MOST_QUESTIONS:
        member = alone(telling.model)
    asked = member.family.once(("asked", elements), lambda: _Asked.of(telling.model, elements))

    def tried(part: Model) -> _Trials:
        trials = [plant.edits for plant in asked.plants]
        values, alive = outcomes_of_variants(part, trials, asked.cells)
        finite = np.isfinite(values)
        return _Trials(asked.plants, values, alive, printed_keys(np.where(finite, values, 0.0), digits))

    return jointly(member, ("slips", elements, digits), tried, asked.most)


@dataclass(frozen=True)
class _Asked:
    """What is tried for some elements: it depends on the graph and on how it is trained, the same for all variants.

    Attributes:
        plants: The mistakes that are of use to a marker, the likeliest first.
        cells: Where the elements are read.
        most: How many variants are affordable at once.
    """

    plants: Sequence[Plant]
    cells: Sequence[Cell]
    most: int

    @classmethod
    def of(cls, model: Model, elements: Sequence[Quantity]) -> _Asked:
        """Return what is tried for some elements."""
        few = elements if len(elements) <= MOST_ALONE else ()
        focus = frozenset(_spotted(model, element) for element in few)
        plants = [plant for plant in planted(Subject(model, focus)) if plant.mistake not in NOT_TAUGHT]
        plants.sort(key=lambda plant: (-_weight(plant), str(plant.saying)))
        most = max(1, BUDGET // ((1 + len(plants)) * model.graph.largest))
        return cls(plants, [cell_of(model, element) for element in elements], most)


def _weight(plant: Plant) -> float:
    return MISTAKES[plant.mistake].prior * plant.weight


def _spotted(model: Model, element: Quantity) -> Quantity:
    """Return an element as the table names it: without a sample where the author writes a single one."""
    return element if model.graph.sample_axis else element.of_sample(None)


def _wrong(answers: Sequence[Answer], values: Floats) -> Mask:
    """Return which numbers are outside of what is accepted: shape (plants, answers)."""
    low, high, right = (
        np.array([getattr(answer, name) for answer in answers]) for name in ("low", "high", "value")
    )
    with np.errstate(invalid="ignore"):
        outside = (values < low) | (values > high)
        noise = np.abs(values - right) <= NOISE * np.maximum(1.0, np.abs(right))
    return np.asarray(np.isfinite(values) & outside & ~noise)


def shown_number(value: float, digits: Digits) -> Rounded:
    """Return a float64 as a solution would print it; the last bits, which a pencil does not know, are left out."""
    if abs(value) < 1e-15:
        return round_number(0, digits)
    return round_number(Decimal(f"{value:.13g}"), digits)


def cell_of(model: Model, element: Quantity) -> Cell:
    """Return where an element stands in a run."""
    node = model.graph.node(element.value)
    per_sample = node.per_sample
    shape = ((model.graph.samples,) if per_sample else ()) + node.shape
    sample = ((element.sample or 1) - 1,) if per_sample else ()
    place = (*sample, *(axis - 1 for axis in element.index))
    return Cell(Spot(1, element.whole), int(np.ravel_multi_index(place, shape)) if shape else 0)


def on_one_line(letters: Callable[[Key], m.Math], key: Key) -> m.Math:
    """Return how tables and sentences name a key: a derivative with a slash, a path with the gradient whose path it is.

    Args:
        letters: How the sheet writes it.
        key: What is named.
    """
    if isinstance(key, Along):
        return m.row(on_one_line(letters, key.target), m.Words(f" (path {key.path})"))
    math = letters(key)
    if isinstance(math, m.Fraction):
        return m.row(math.numerator, m.Operator("/"), math.denominator)
    return math


def plain_saying(graph: Graph, saying: Saying) -> str:
    """Return a sentence about a mistake with the contract's names in it, for files."""
    return "".join(part if isinstance(part, str) else key_name(graph, part) for part in saying.parts)
