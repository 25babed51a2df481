"""Synthetic students: problems drawn at random, a mistake of the table made in them, and answers written as people write.

What a student does is known here, so the truth about every answer is known too: whether the mistake reaches it at all, and
whether it does so through the student's own answers alone. The truth is taken at full precision from the unrounded work;
the answers are rounded as the student pleases, to no fewer digits than the sheet asks for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from solver.arithmetic import Digits
from solver.document.explain import telling_of
from solver.exercises.answers import answers_to
from solver.exercises.marking.asked import Item, Question
from solver.exercises.marking.own_values import OwnValues, followed
from solver.exercises.mistakes import MISTAKES, Edit, Plant, Run, Spot, Subject, all_elements
from solver.exercises.mistakes.edits import Interventions, edited
from solver.exercises.mistakes.steps import rounded_away
from solver.exercises.worked import definitions_of
from solver.graph import build
from solver.graph.node import Leaf
from solver.quantities import Key, Quantity, Role
from solver.spec import loads_problem
from tests.review.problems import random_network

Random = np.random.Generator
Floats = np.ndarray[Any, np.dtype[np.float64]]

SMALLEST_EFFECT = 3.0
"""A mistake must move the first wrong answer by this many units of the last stated digit; else it is a rounding."""


@dataclass(frozen=True)
class Student:
    """Answers to one question, and the truth about them.

    Attributes:
        question: What was asked.
        answers: What was written, in the order of the sheet.
        affected: Items that the mistake changes, by position.
        follows: Those among them that are right given the student's own earlier answers, by work.
        saved: Those among them for which the student's own zeros save the work.
        open: Those that nobody can tell: they do not follow from the unrounded work, but do from some rounding of it.
        mistake: Name of the mistake; "" for a perfect student.
        told: What happened.
        exact: What would have been written with all digits.
    """

    question: Question
    answers: tuple[str, ...]
    affected: frozenset[int] = frozenset()
    follows: frozenset[int] = frozenset()
    saved: frozenset[int] = frozenset()
    open: frozenset[int] = frozenset()
    mistake: str = ""
    told: str = ""
    exact: tuple[float, ...] = field(default=(), repr=False)


def random_question(rng: Random, text: str | None = None) -> Question:
    """Return a question that asks for some of the quantities of a random network."""
    digits = int(rng.integers(3, 6))
    problem = loads_problem((text or random_network(rng)) + f"\n[numbers]\nsignificant = {digits}\n")
    model = build(problem)
    graph = model.graph
    values: list[Quantity] = []
    for node in graph.nodes:
        if not isinstance(node.operation, Leaf):
            values.append(node.quantity)
    gradients = [graph.gradient(key) for key in values[:-1]] + [graph.gradient(key) for key in graph.parameters]
    updated = [key.updated() for key in graph.parameters] if model.training is not None else []
    chosen: list[Key] = []
    for keys, share in ((values, 0.5), (gradients, 0.6), (updated, 0.3)):
        for key in keys:
            if rng.random() < share:
                elements = list(all_elements(graph, key))
                count = int(rng.integers(1, min(4, len(elements)) + 1))
                chosen += [elements[place] for place in rng.choice(len(elements), size=count, replace=False)]
    if not chosen:
        chosen = list(all_elements(graph, gradients[-1]))
    telling = telling_of(problem, model)
    definitions = definitions_of(telling) if rng.random() < 0.5 and len(chosen) < 20 else {}
    answers = answers_to(telling, chosen, len(chosen))
    items = tuple(Item(a.quantity, a.value, a.low, a.high, float(a.points), a.key) for a in answers)
    return Question(1, items, model, Digits(significant=digits), definitions)


def written(value: float, digits: int, rng: Random) -> str:
    """Return a number with so many digits in one of the ways in which people write it."""
    if value == 0:
        return "0"
    text = f"{value:.{digits - 1}e}"
    mantissa, exponent = text.split("e")
    way = int(rng.integers(0, 6))
    if way == 0:
        return text
    if way == 1:
        return f"{mantissa}·10^{int(exponent)}".replace("-", "−")
    decimals = max(0, digits - 1 - int(exponent))
    plain = f"{float(text):.{decimals}f}"
    if way == 2:
        return plain.replace("-", "−")
    if way == 3:
        return plain.replace(".", ",")
    return plain


class _Working(Interventions):
    """A run in which every array is rounded as it is written down."""

    def __init__(self, trials: Sequence[Sequence[Edit]], addresses: Sequence[Any], digits: int | None) -> None:
        super().__init__(trials, addresses)
        self.digits = digits

    def __call__(self, spot: Spot, array: Floats, run: Run) -> Floats:
        """Make what is written down wrong, round it, read it, and only then what is gone on with silently."""
        leaf = isinstance(run.graph.node(spot.key.value).operation, Leaf) and spot.key.role is Role.VALUE
        if self.digits is None or leaf:
            return super().__call__(spot, array, run)
        edits = self.edits.get(spot.key, [])
        array = edited(array, [(row, edit) for row, edit in edits if edit.shown], run)
        array = rounded_away(array, self.digits, decimals=False)
        self.edits = {**self.edits, spot.key: [(row, edit) for row, edit in edits if not edit.shown]}
        return super().__call__(spot, array, run)


def worked(question: Question, edits: Sequence[Edit], digits: int | None) -> Floats | None:
    """Return what a student who makes a mistake gets at each item; None where there are no numbers."""
    model = question.model
    assert model is not None
    addresses = [place for place in question.places if place is not None]
    conduct = _Working([edits], addresses, digits)
    run = Run(model, conduct, 1)
    try:
        run.all_steps()
    except (ArithmeticError, ValueError):
        return None
    if not run.alive[0] or not np.isfinite(conduct.readings).all():
        return None
    return conduct.readings[0]


def perfect_student(question: Question, rng: Random) -> Student:
    """Return a student whose every answer is some number of the accepted interval, at some number of digits."""
    answers = []
    for item in question.items:
        answers.append(_inside(item, question.digits.significant, rng))
    return Student(question, tuple(answers))


def _inside(item: Item, digits: int, rng: Random) -> str:
    for _ in range(20):
        number = item.low + (item.high - item.low) * float(rng.random())
        text = written(number, digits + int(rng.integers(0, 8)), rng)
        if item.low <= float(text.replace("−", "-").replace(",", ".").replace("·10^", "e")) <= item.high:
            return text
    return repr(item.value)


def student_with(plant: Plant, question: Question, rng: Random) -> Student | None:
    """Return a student who makes a mistake and carries it through; None where no answer shows it."""
    exact = worked(question, plant.edits, None)
    digits = question.digits.significant
    finer = digits + int(rng.integers(0, 4))
    carries = bool(rng.random() < 0.5)
    shown = exact if carries else worked(question, plant.edits, finer)
    if exact is None or shown is None or np.abs(exact).max() > 1e6:
        return None
    right = np.array([item.value for item in question.items])
    stated = [written(value, int(rng.integers(digits, finer + 1)), rng) for value in shown.tolist()]
    numbers = np.array([_number(text) for text in stated])
    moved = np.abs(exact - right) > 1e-9 * np.maximum(1e-6, np.abs(right))
    outside = np.array([not item.accepts(number) for item, number in zip(question.items, numbers, strict=True)])
    affected = frozenset(np.flatnonzero(moved & outside).tolist())
    if not affected or any(outside & ~moved):
        return None
    follows = frozenset(position for position in affected if _is_followed(question, exact, position))
    slips = affected - follows
    units = [10.0 ** (np.floor(np.log10(abs(exact[p]))) + 1 - digits) if exact[p] else 0.0 for p in slips]
    large = [abs(exact[p] - right[p]) > SMALLEST_EFFECT * unit + 2 * question.items[p].half_width
             for p, unit in zip(slips, units, strict=True)]  # fmt: skip
    if not slips or not all(large):
        return None
    saved = frozenset(position for position in follows if _is_saved(question, exact, right, affected, position))
    open_ = frozenset(position for position in slips if _is_open(question, exact, affected, position, rng))
    return Student(
        question, tuple(stated), affected, follows - saved, saved, open_, plant.mistake, str(plant.saying), tuple(exact)
    )


def _number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ".").replace("·10^", "e"))


def _is_followed(question: Question, exact: Floats, position: int) -> bool:
    """Return whether an answer is what follows, to the last bit, from the answers before it."""
    column = question.work.index(position)
    pins = np.array([[exact[p] for p in question.work]])
    values, alive = followed(question, pins)
    return bool(alive[0]) and abs(values[0, column] - exact[position]) <= 1e-9 * max(1e-9, abs(exact[position]))


def _is_open(question: Question, exact: Floats, affected: frozenset[int], position: int, rng: Random) -> bool:
    """Return whether some rounding of the student's earlier answers makes an answer follow that does not."""
    digits, column = question.digits.significant, question.work.index(position)
    size = np.where(exact == 0, 1.0, np.abs(exact))
    halves = np.where(exact == 0, 0.0, 10.0 ** (np.floor(np.log10(size)) + 1 - digits) / 2)
    pins = exact + halves * rng.uniform(-1, 1, size=(300, len(exact)))
    values, alive = followed(question, pins[:, list(question.work)])
    reached = values[alive, column]
    far = max(float(halves[position]), question.items[position].half_width)
    return bool(reached.size) and bool(reached.min() - far <= exact[position] <= reached.max() + far)


def _is_saved(question: Question, exact: Floats, right: Floats, affected: frozenset[int], position: int) -> bool:
    """Return whether the student's zeros alone, every other wrong answer put right, give the same number without work."""
    zeros = np.where([p in affected and exact[p] != 0 for p in range(len(exact))], right, exact)
    column = question.work.index(position)
    values, alive = followed(question, np.array([[zeros[p] for p in question.work]]))
    unchanged = bool(alive[0]) and abs(values[0, column] - exact[position]) <= 1e-12
    key = question.items[position].key
    old = None
    if isinstance(key, Quantity) and key.role is Role.UPDATED and question.model is not None:
        given = question.model.given.get(key.value.whole)
        old = None if given is None else float(given.values[(0, *(axis - 1 for axis in key.index))])
    return unchanged and exact[position] in (0.0, old)


def random_student(rng: Random, names: Sequence[str] = ()) -> Student:
    """Return a student of a random question with one mistake of the table, drawn by name first."""
    known = [name for name, record in MISTAKES.items() if record.plants is not None and (not names or name in names)]
    while True:
        question = random_question(rng)
        assert question.model is not None
        name = known[int(rng.integers(0, len(known)))]
        plants = list(MISTAKES[name].planted(Subject(question.model)))
        for _ in range(10 if plants else 0):
            student = student_with(plants[int(rng.integers(0, len(plants)))], question, rng)
            if student is not None:
                return student


__all__ = ["Mapping", "OwnValues", "Student", "perfect_student", "random_question",
           "random_student", "student_with", "worked", "written"]  # fmt: skip
