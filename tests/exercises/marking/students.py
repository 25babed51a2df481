"""Synthetic students: problems drawn at random, a mistake of the table made in them, and answers written as people write.

What a student does is known here, so the truth about every answer is known too: whether the mistake reaches it at all,
and whether it does so through the student's own answers alone. The truth is taken at full precision from the unrounded
work, by a run of its own that holds the student's numbers in place; nothing of `marking` takes part in it. The answers
are rounded as the student pleases, to no fewer digits than the sheet asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from solver.arithmetic import Digits
from solver.document.explain import telling_of
from solver.exercises.answers import answers_to
from solver.exercises.marking.asked import Item, Question
from solver.exercises.mistakes import MISTAKES, Cell, Edit, Plant, Run, Spot, Subject, all_elements
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
"""A mistake must move what it spoils by this many units of the last stated digit; else it is a rounding."""

ROUNDINGS = 300
"""Random roundings of a student's numbers by which it is found out what nobody can tell."""


@dataclass(frozen=True)
class Student:
    """Answers to one question, and the truth about them, by positions on the sheet.

    Attributes:
        question: What was asked.
        answers: What was written, in the order of the sheet.
        slips: Wrong answers that follow from nothing.
        follows: Wrong answers that are right given the student's own earlier ones, by work.
        saved: Wrong answers that follow too, but for which the student's own zeros save the work.
        open: Those among the slips that nobody can tell: they do not follow from the unrounded work, but do from some
            rounding of it.
        mistakes: Names of the mistakes that were made; none for a perfect student, or one who copies.
        told: What happened.
    """

    question: Question
    answers: tuple[str, ...]
    slips: frozenset[int] = frozenset()
    follows: frozenset[int] = frozenset()
    saved: frozenset[int] = frozenset()
    open: frozenset[int] = frozenset()
    mistakes: tuple[str, ...] = ()
    told: str = ""


# --- questions ----------------------------------------------------------------------------------------------


def random_question(rng: Random) -> Question:
    """Return a question that asks for some of the quantities of a random network, with the exam's own intervals."""
    digits = int(rng.integers(3, 6))
    problem = loads_problem(random_network(rng) + f"\n[numbers]\nsignificant = {digits}\n")
    model = build(problem)
    graph = model.graph
    values = [node.quantity for node in graph.nodes if not isinstance(node.operation, Leaf)]
    gradients = [*map(graph.gradient, values[:-1]), *map(graph.gradient, graph.parameters)]
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


def number_of(text: str) -> float:
    """Return the number that `written` has written."""
    return float(text.replace("−", "-").replace(",", ".").replace("·10^", "e"))


# --- work ---------------------------------------------------------------------------------------------------


class _Working(Interventions):
    """A run in which mistakes are made, numbers are held in place, and every array may be rounded as it is shown."""

    def __init__(
        self, trials: Sequence[Sequence[Edit]], addresses: Sequence[Any], held: Sequence[Mapping[int, float]],
        digits: int | None,
    ) -> None:  # fmt: skip
        super().__init__(trials, addresses)
        self.digits, self.held, self.addresses = digits, held, addresses

    def __call__(self, spot: Spot, array: Floats, run: Run) -> Floats:
        """Write down what is wrong, round it, read it; then go on with what is held, or silently otherwise."""
        leaf = isinstance(run.graph.node(spot.key.value).operation, Leaf) and spot.key.role is Role.VALUE
        if self.digits is not None and not leaf:
            edits = self.edits.get(spot.key, [])
            array = edited(array, [(row, edit) for row, edit in edits if edit.shown], run)
            array = rounded_away(array, self.digits, decimals=False)
            self.edits = {**self.edits, spot.key: [(row, edit) for row, edit in edits if not edit.shown]}
        array = super().__call__(spot, array, run)
        for row, pins in enumerate(self.held):
            for column, value in pins.items():
                address = self.addresses[column]
                if isinstance(address, Cell) and address.spot == spot:
                    array = np.array(array)
                    array[(row, *np.unravel_index(address.place, array.shape[1:]))] = value
        return array


def worked(
    question: Question, edits: Sequence[Edit] = (), held: Sequence[Mapping[int, float]] = ({},), digits: int | None = None
) -> Floats | None:  # fmt: skip
    """Return what is read at each item, one row per set of held numbers; None where there are no numbers.

    Args:
        question: What is asked.
        edits: The mistakes.
        held: Numbers that are gone on with at some items, by position, instead of what is read there.
        digits: To how many digits every number is rounded; None for none of them.
    """
    model = question.model
    assert model is not None
    # The run's own row 0 must exist; the others may not.
    conduct = _Working([(), *[edits] * len(held)], question.places, [{}, *held], digits)
    run = Run(model, conduct, len(held) + 1)
    try:
        run.all_steps()
    except ArithmeticError:
        return None
    found = conduct.readings[1:]
    found[~run.alive[1:]] = np.nan
    return found if np.isfinite(found[0]).all() and np.abs(found[0]).max() < 1e6 else None


# --- students -----------------------------------------------------------------------------------------------


def perfect_student(question: Question, rng: Random) -> Student:
    """Return a student whose every answer is some number of the accepted interval, at some number of digits."""
    return Student(
        question, tuple(_inside(item, question.digits.significant, rng) for item in question.items)
    )


def _inside(item: Item, digits: int, rng: Random) -> str:
    for _ in range(20):
        number = item.low + (item.high - item.low) * float(rng.random())
        text = written(number, digits + int(rng.integers(0, 8)), rng)
        if item.low <= number_of(text) <= item.high:
            return text
    return repr(item.value)


def random_students(rng: Random) -> Iterator[Student]:
    """Yield students without end: most make one mistake of the table, some two, some slip in writing, some copy."""
    while True:
        question = random_question(rng)
        kind = rng.random()
        if kind < 0.7:
            found = _with_mistakes(question, _plants(question, 1, rng), rng)
        elif kind < 0.8:
            found = _with_mistakes(question, _plants(question, 2, rng), rng)
        elif kind < 0.95:
            found = _slipping(question, rng)
        else:
            found = _copying(question, rng)
        if found is not None:
            yield found


def _plants(question: Question, count: int, rng: Random) -> list[Plant]:
    """Return mistakes of the computation, each drawn by its name first."""
    assert question.model is not None
    names = [name for name, record in MISTAKES.items() if record.plants is not None]
    found: list[Plant] = []
    while len(found) < count:
        plants = list(MISTAKES[str(rng.choice(names))].planted(Subject(question.model)))
        found += [plants[int(rng.integers(0, len(plants)))]] if plants else []
    return found


def _with_mistakes(question: Question, plants: Sequence[Plant], rng: Random) -> Student | None:
    """Return a student who makes mistakes in the work and carries them through; None where no answer shows it."""
    edits = [edit for plant in plants for edit in plant.edits]
    exact = worked(question, edits)
    finer = question.digits.significant + int(rng.integers(0, 4))
    shown = exact if rng.random() < 0.5 else worked(question, edits, digits=finer)
    if exact is None or shown is None:
        return None
    told = " and ".join(str(plant.saying) for plant in plants)
    names = tuple(plant.mistake for plant in plants)
    return _student(question, exact[0], shown[0], finer, names, told, rng)


def _slipping(question: Question, rng: Random) -> Student | None:
    """Return a student who writes one number down wrong: into the box alone, or going on with it."""
    position = int(rng.integers(0, len(question.items)))
    names = [name for name, record in MISTAKES.items() if record.misprints is not None]
    name, digits = str(rng.choice(names)), question.digits.significant
    meant = Decimal(f"{question.items[position].value:.{digits - 1}e}")
    ways = [misprint.value for misprint in MISTAKES[name].misprinted(meant)]
    if not ways:
        return None
    wrong = ways[int(rng.integers(0, len(ways)))]
    value = float(wrong)
    carried = rng.random() < 0.5
    exact = worked(question, held=[{position: value} if carried else {}])
    if exact is None:
        return None
    exact[0, position] = value
    told = f"{name} in {question.items[position].quantity}{', carried on' if carried else ''}"
    found = _student(question, exact[0], exact[0], digits, (name,), told, rng)
    if found is None:
        return None
    return replace(found, answers=(*found.answers[:position], str(wrong), *found.answers[position + 1 :]))


def _copying(question: Question, rng: Random) -> Student | None:
    """Return a student who writes one wrong number into several boxes that have different right ones."""
    count = int(rng.integers(3, 6))
    if len(question.items) < count:
        return None
    chosen = [int(p) for p in rng.choice(len(question.items), size=count, replace=False)]
    right = [item.value for item in question.items]
    text = f"{rng.choice([-1, 1]) * rng.uniform(0.1, 1):.4f}"
    distinct = len({f"{right[p]:.6g}" for p in chosen}) == count
    if not distinct or any(question.items[p].accepts(float(text)) for p in chosen):
        return None
    digits = question.digits.significant
    answers = [text if p in chosen else written(value, digits, rng) for p, value in enumerate(right)]
    return Student(question, tuple(answers), frozenset(chosen), told=f"{text} was copied")


def _student(
    question: Question, exact: Floats, shown: Floats, finer: int, names: tuple[str, ...], told: str, rng: Random
) -> Student | None:  # fmt: skip
    """Return a student with the truth about each answer; None where no answer is visibly wrong.

    Args:
        question: What is asked.
        exact: What the student gets with all digits.
        shown: What the student gets as the student works.
        finer: To how many digits the student works.
        names: Of the mistakes.
        told: What happened.
        rng: Rounds the answers.
    """
    digits, items = question.digits.significant, question.items
    answers = tuple(written(value, int(rng.integers(digits, finer + 1)), rng) for value in shown.tolist())
    right = np.array([item.value for item in items])
    moved = np.abs(exact - right) > 1e-9 * np.maximum(1e-6, np.abs(right))
    outside = np.array([not item.accepts(number_of(text)) for item, text in zip(items, answers, strict=True)])
    wrong = [int(p) for p in np.flatnonzero(moved & outside)]
    if not wrong or np.any(outside & ~moved):
        return None
    follows = frozenset(p for p in wrong if _is_followed(question, exact, p))
    saved = frozenset(p for p in follows if _is_saved(question, exact, right, wrong, p))
    slips = frozenset(wrong) - follows
    if not slips or not all(_is_large(exact[p], items[p], digits) for p in slips):
        return None
    open_ = frozenset(p for p in slips if _is_open(question, exact, p, rng))
    return Student(question, answers, slips, follows - saved, saved, open_, names, told)


def _is_large(number: float, item: Item, digits: int) -> bool:
    unit = 10.0 ** (np.floor(np.log10(abs(number))) + 1 - digits) if number else 0.0
    return bool(abs(number - item.value) > SMALLEST_EFFECT * unit + 2 * item.half_width)


def _held(question: Question, numbers: Floats) -> dict[int, float]:
    return {position: float(number) for position, number in enumerate(numbers)}


def _is_followed(question: Question, exact: Floats, position: int) -> bool:
    """Return whether an answer is what follows, to the last bit, from the answers before it."""
    found = worked(question, held=[_held(question, exact)])
    return found is not None and _same(float(found[0, position]), float(exact[position]))


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-9 * max(1e-9, abs(other))


def _is_open(question: Question, exact: Floats, position: int, rng: Random) -> bool:
    """Return whether some rounding of the student's earlier answers makes an answer follow that does not."""
    digits = question.digits.significant
    size = np.where(exact == 0, 1.0, np.abs(exact))
    halves = np.where(exact == 0, 0.0, 10.0 ** (np.floor(np.log10(size)) + 1 - digits) / 2)
    roundings = exact + halves * rng.uniform(-1, 1, size=(ROUNDINGS, len(exact)))
    found = worked(question, held=[_held(question, row) for row in roundings])
    if found is None:
        return False
    reached = found[:, position][np.isfinite(found[:, position])]
    far = max(float(halves[position]), question.items[position].half_width)
    return bool(reached.min() - far <= exact[position] <= reached.max() + far)


def _is_saved(question: Question, exact: Floats, right: Floats, wrong: Sequence[int], position: int) -> bool:
    """Return whether the student's zeros alone, every other wrong answer put right, give the same number without work."""
    zeros = np.array([right[p] if p in wrong and exact[p] != 0 else exact[p] for p in range(len(exact))])
    found = worked(question, held=[_held(question, zeros)])
    if found is None or not _same(float(found[0, position]), float(exact[position])):
        return False
    key, model = question.items[position].key, question.model
    assert model is not None
    old = None
    if isinstance(key, Quantity) and key.role is Role.UPDATED and key.value.whole in model.given:
        old = float(model.given[key.value.whole].values[(0, *(axis - 1 for axis in key.index))])
    return float(exact[position]) in (0.0, old)
