"""What the mistakes of the table make of the answers to a question: which mistake gives which number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from solver.quantities import Along, Key, Quantity
from solver.spec.digits import digits_of
from solver.variants.batch import Mask
from solver.variants.printed import printed_keys

NOT_TAUGHT = frozenset({"rounded", "not-updated"})
"""Mistakes that are no use to a marker's table or as a distractor: their numbers are nearly right, or are given."""

NOISE = 1e-12

MOST = 80
"""Mistakes of which the numbers are told, the likeliest first."""

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
    plants.sort(key=lambda plant: (-_weight(plant), str(plant.saying)))
    answers = [answer for answer in answers if isinstance(answer.key, Quantity)]
    cells = [cell_of(model, element) for element in elements]
    values, alive = outcomes(model, [plant.edits for plant in plants], cells)
    wrong = _wrong(answers, values) & alive[:, None]
    printed = np.where(wrong, printed_keys(np.where(np.isfinite(values), values, 0.0), digits), 0)
    found: dict[bytes, Slip] = {}
    for place in np.flatnonzero(wrong.any(axis=1)).tolist():
        key = printed[place].tobytes()
        if key not in found:
            names = [answers[column].quantity for column in np.flatnonzero(wrong[place]).tolist()]
            figures = [shown_number(value, digits) for value in values[place][wrong[place]].tolist()]
            plant = plants[place]
            gives = dict(zip(names, figures, strict=True))
            found[key] = Slip(plant.mistake, plant.saying, _weight(plant), gives)
        if len(found) == MOST:
            break
    return list(found.values())


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


def sentence(telling: Telling, saying: Saying) -> Phrase:
    """Return the same with a capital letter and a full stop."""
    return phrase(*_capital(telling, saying), ".")


def _capital(telling: Telling, saying: Saying) -> Iterator[str | m.Math]:
    parts = saying.parts
    for place, part in enumerate(parts):
        if isinstance(part, str):
            yield part[:1].upper() + part[1:] if place == 0 else part
        else:
            yield on_one_line(telling.letters, part)
