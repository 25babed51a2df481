"""What the mistakes of the table make of the answers to a question: which mistake gives which number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from solver.arithmetic import Digits, Rounded, round_number
from solver.document.asking import key_name
from solver.document.nodes import Phrase
from solver.document.telling import Telling
from solver.document.words import phrase
from solver.exercises.answers import Answer
from solver.exercises.mistakes import MISTAKES, Cell, Plant, Saying, Spot, Subject, outcomes, planted
from solver.exercises.mistakes.run import Floats
from solver.graph.model import Model
from solver.graph.node import Graph
from solver.notation import math as m
from solver.quantities import Quantity
from solver.spec.digits import digits_of

NOT_TAUGHT = frozenset({"rounded", "not-updated"})
"""Mistakes that are no use to a marker's table or as a distractor: their numbers are nearly right, or are given."""

NOISE = 1e-12

MOST_ALONE = 3
"""Answers up to which mistakes at a single one are told; where more are asked for, those of whole arrays matter."""


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


def slips(telling: Telling, answers: Sequence[Answer]) -> list[Slip]:
    """Return the mistakes that change an answer visibly, the likeliest first; of several with the same numbers the first.

    Args:
        telling: The problem's context.
        answers: The answers to a question.
    """
    model, digits = telling.model, digits_of(telling.problem)
    elements = [answer.key for answer in answers if isinstance(answer.key, Quantity)]
    few = elements if len(elements) <= MOST_ALONE else []
    focus = frozenset(_spotted(model, element) for element in few)
    plants = [plant for plant in planted(Subject(model, focus)) if plant.mistake not in NOT_TAUGHT]
    answers = [answer for answer in answers if isinstance(answer.key, Quantity)]
    cells = [cell_of(model, element) for element in elements]
    values, alive = outcomes(model, [plant.edits for plant in plants], cells)
    found: dict[tuple[tuple[str, str], ...], Slip] = {}
    for plant, row, lives in zip(plants, values, alive, strict=True):
        gives = _wrong(answers, row, digits) if lives else {}
        if not gives:
            continue
        key = tuple((name, str(number)) for name, number in gives.items())
        slip = Slip(plant.mistake, plant.saying, _weight(plant), gives)
        if key not in found or slip.weight > found[key].weight:
            found[key] = slip
    return sorted(found.values(), key=lambda slip: (-slip.weight, str(slip.saying)))


def _weight(plant: Plant) -> float:
    return MISTAKES[plant.mistake].prior * plant.weight


def _spotted(model: Model, element: Quantity) -> Quantity:
    """Return an element as the table names it: without a sample where the author writes a single one."""
    return element if model.graph.sample_axis else element.of_sample(None)


def _wrong(answers: Sequence[Answer], row: Floats, digits: Digits) -> dict[str, Rounded]:
    """Return the answers that come out wrong, as they would be written down."""
    found = {}
    for answer, value in zip(answers, row.tolist(), strict=True):
        if not np.isfinite(value) or answer.low <= value <= answer.high:
            continue
        if abs(value - answer.value) <= NOISE * max(1.0, abs(answer.value)):
            continue
        found[answer.quantity] = shown_number(value, digits)
    return found


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


def on_one_line(math: m.Math) -> m.Math:
    """Return a derivative with a slash, for tables and sentences; any other letter as it is."""
    if isinstance(math, m.Fraction):
        return m.row(math.numerator, m.Operator("/"), math.denominator)
    return math


def plain_saying(graph: Graph, saying: Saying) -> str:
    """Return a sentence about a mistake with the contract's names in it, for files."""
    return "".join(part if isinstance(part, str) else key_name(graph, part) for part in saying.parts)


def sentence(telling: Telling, saying: Saying) -> Phrase:
    """Return the same with a capital letter and a full stop."""
    return phrase(*_capital(telling, saying), ".")


def _capital(telling: Telling, saying: Saying) -> Iterator[str | m.Math]:
    parts = saying.parts
    for place, part in enumerate(parts):
        if isinstance(part, str):
            yield part[:1].upper() + part[1:] if place == 0 else part
        else:
            yield on_one_line(telling.letters(part))
