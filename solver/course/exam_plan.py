"""An exam, drawn: its seats, its questions, and the numbers of every variant, found in one pass for each problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from solver.course.seats import Asking, Seat, askings_of, seats_of, seed_of, variant_instead
from solver.errors import InputError
from solver.exercises.question import Posed, UnaskableError, pose, together
from solver.spec.fields import MOST_VARIANTS
from solver.trace.cohort import Families, Member
from solver.trace.faults import faults_of
from solver.variants import Choice, chooser_of

if TYPE_CHECKING:
    from solver.spec import Exam, Problem


MOST_TRIES = 8
"""Variants that a question is tried with. In the smallest circuits, one in ten cannot be asked in some form."""


@dataclass(frozen=True)
class Paper:
    """One sheet with its key, before TeX.

    Attributes:
        seat: Whose it is.
        questions: As they are asked.
    """

    seat: Seat
    questions: tuple[Posed, ...]


@dataclass(frozen=True)
class ExamPlan:
    """An exam, drawn.

    Attributes:
        exam: The exam.
        seed: Of its draws, the secret mixed in.
        askings: Its questions.
        seats: Its sheets.
        warnings: What a teacher should know: students who share numbers.
        choices: The numbers of every sheet, by question.
        families: What is known of the variants of each question.
    """

    exam: Exam
    seed: int
    askings: tuple[Asking, ...]
    seats: tuple[Seat, ...]
    warnings: tuple[str, ...] = ()
    choices: Mapping[int, tuple[Choice, ...]] = field(default_factory=dict, repr=False)
    families: dict[int, Families] = field(default_factory=dict, repr=False)

    def problem(self, asking: Asking, place: int) -> Problem:
        """Return the problem of a question for the sheet at a place."""
        if not asking.drawn:
            return asking.problem
        return chooser_of(asking.problem, asking.seed).drawn(self.choices[asking.number][place])


def plan_exam(exam: Exam, seed: int | None = None) -> ExamPlan:
    """Draw the numbers of an exam's sheets, all variants of a problem in one pass.

    Raises:
        InputError: There are too few variants, or questions that give each other away.
    """
    own = seed_of(exam, seed)
    askings, seats = askings_of(exam, own), seats_of(exam, own)
    choices: dict[int, tuple[Choice, ...]] = {}
    faults = []
    for asking in askings:
        if not asking.drawn:
            continue
        try:
            drawn = chooser_of(asking.problem, asking.seed).many([seat.variant for seat in seats])
        except InputError as error:
            faults += [fault for fault in error.faults if fault not in faults]
            continue
        choices[asking.number] = tuple(drawn)
    if faults:
        raise InputError(faults)
    _, warnings = notes_on(askings, seats, choices)
    return ExamPlan(exam, own, askings, seats, warnings, choices)


def drawn_plan(
    exam: Exam, seed: int, seats: Sequence[Seat], families: dict[int, Families] | None = None
) -> ExamPlan:
    """Draw the numbers of some seats of an exam.

    Args:
        exam: The exam.
        seed: Of its draws, the secret mixed in.
        seats: Which.
        families: What is known of the variants of each question; added to.

    Raises:
        InputError: There are too few variants, or questions give each other away.
    """
    askings = askings_of(exam, seed)
    variants = [seat.variant for seat in seats]
    choices = {
        asking.number: tuple(chooser_of(asking.problem, asking.seed).many(variants))
        for asking in askings
        if asking.drawn
    }
    known = {} if families is None else families
    return ExamPlan(exam, seed, askings, tuple(seats), choices=choices, families=known)


def notes_on(
    askings: Sequence[Asking], seats: Sequence[Seat], choices: Mapping[int, Sequence[Choice]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return how alike the variants of each question are, and what a teacher is warned of."""
    spread: list[str] = []
    warnings: list[str] = []
    for asking in askings:
        if asking.number in choices:
            spread += _spread(asking, choices[asking.number])
            warnings += _twins(asking, seats, choices[asking.number])
    return tuple(spread), tuple(warnings)


def _spread(asking: Asking, drawn: Sequence[Choice]) -> list[str]:
    """Return how much the difficulty of a question's variants differs."""
    if len(drawn) < 2:
        return []
    work, digits = ([choice.effort[k] for choice in drawn] for k in (0, 1))
    numbers = f"{_range(work)} drawn numbers, 0 and 1 not counted"
    return [f"question {asking.number}: on each sheet {numbers}, with {_range(digits)} digits in all"]


def _range(values: Sequence[int]) -> str:
    return str(min(values)) if min(values) == max(values) else f"{min(values)} to {max(values)}"


def _twins(asking: Asking, seats: Sequence[Seat], drawn: Sequence[Choice]) -> list[str]:
    """Return which students happen to have the same numbers; their draws depend on nobody else, so it can happen."""
    if not any(seat.student is not None and seat.variant > MOST_VARIANTS for seat in seats):
        return []
    first: dict[str, str] = {}
    found = []
    for seat, choice in zip(seats, drawn, strict=True):
        key = repr(sorted(choice.places.items()))
        other = first.setdefault(key, seat.name)
        if other != seat.name:
            found.append(f"question {asking.number}: {seat.name} has the same numbers as {other}")
    return found


def papers_of(plan: ExamPlan, places: Sequence[int]) -> list[Paper]:
    """Return sheets with their questions; equal questions of equal variants are posed once."""
    posed = {asking.number: _posed(plan, asking, places) for asking in plan.askings}
    return [
        Paper(
            plan.seats[place],
            tuple(posed[asking.number][_variant(plan, asking, place)] for asking in plan.askings),
        )
        for place in places
    ]


def _variant(plan: ExamPlan, asking: Asking, place: int) -> int:
    """Return which variant of a question stands on the sheet at a place; 0 where all sheets ask the same."""
    return plan.seats[place].variant if asking.drawn else 0


def _posed(plan: ExamPlan, asking: Asking, places: Sequence[int]) -> dict[int, Posed]:
    """Return a question as some sheets ask it, by variant; the numbers of all variants are computed together."""
    own = {_variant(plan, asking, place): place for place in reversed(places)}
    problems = [plan.problem(asking, place) for place in own.values()]
    families = plan.families.setdefault(asking.number, Families())
    members = together(problems, asking.question, families)
    posed = {
        variant: _askable(asking, variant, problem, member)
        for variant, problem, member in zip(own, problems, members, strict=True)
    }
    for member in members:
        member.cohort.forget()
    return posed


def _askable(asking: Asking, variant: int, problem: Problem, member: Member) -> Posed:
    """Return a question about a sheet's own variant, or about the next one that can be asked so."""
    try:
        return _posed_about(problem, asking, variant, member)
    except UnaskableError as error:
        if not asking.drawn:
            raise
        refused = error
    chooser = chooser_of(asking.problem, asking.seed)
    for time in range(1, MOST_TRIES):
        other = variant_instead(variant, time)
        try:
            posed = _posed_about(chooser.drawn(chooser.choice(other)), asking, other)
        except UnaskableError:
            continue
        first, *rest = posed.answers
        return replace(posed, answers=(replace(first, extra={**first.extra, "variant": other}), *rest))
    raise refused


def _posed_about(problem: Problem, asking: Asking, variant: int, member: Member | None = None) -> Posed:
    salt = (asking.seed, asking.problem.file.stem, variant, asking.question.form)
    with faults_of(problem):
        return pose(problem, asking.question, salt=salt, fading=asking.fading, member=member)
