"""What is remembered of each student's sheet, and what of an exam can be told from it without making a sheet again.

The manifest, the page of all answers and the notes on how alike the variants are speak of all students. They are put
together from these entries, so that adding one student to two thousand makes one sheet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from solver.course.exam_overview import all_answers
from solver.course.exam_plan import Paper, notes_on
from solver.course.manifest import manifest_of, sheet_entry
from solver.course.math_json import math_from_json, math_to_json
from solver.exercises.question import Marked, Posed
from solver.variants import Choice

if TYPE_CHECKING:
    from solver.course.exam_plan import ExamPlan
    from solver.course.seats import Asking, Seat
    from solver.document.nodes import Block

Entry = Mapping[str, Any]
"""What is remembered of one student; carried by JSON."""


def remembered(plan: ExamPlan, paper: Paper, files: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """Return the entry of one student.

    Args:
        plan: Holds the draws of this student.
        paper: The student's questions.
        files: Of each file its path, relative to the exam's folder, and SHA-256; "sheet" and "key" come first.
    """
    place = next(k for k, seat in enumerate(plan.seats) if seat.name == paper.seat.name)
    draws = {}
    for number, choices in plan.choices.items():
        choice = choices[place]
        drawn = hashlib.sha256(repr(sorted(choice.places.items())).encode()).hexdigest()[:16]
        draws[str(number)] = [*choice.effort, drawn]
    answers = [
        [number, answer.quantity, math_to_json(answer.label), math_to_json(answer.shown), _right(answer)]
        for number, question in enumerate(paper.questions, start=1)
        for answer in question.answers
    ]
    return {"entry": sheet_entry(paper.seat, paper.questions, files), "answers": answers, "draws": draws}


def _right(answer: Marked) -> str:
    return next((option.letter for option in answer.options if option.right), "")


def notes_from(askings: Sequence[Asking], seats: Sequence[Seat], entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return what `notes_on` says, the warnings last, from the entries of all students."""
    choices: dict[int, list[Choice]] = {}
    for asking in askings:
        if not asking.drawn:
            continue
        for seat, entry in zip(seats, entries, strict=True):
            work, digits, drawn = entry["draws"][str(asking.number)]
            places: dict[str, tuple[int, ...]] = {
                drawn: ()
            }  # equal where the draws are; what they were does not matter
            choices.setdefault(asking.number, []).append(Choice(seat.variant, places, (work, digits), 0))
    spread, warnings = notes_on(askings, seats, choices)
    return spread + warnings


def manifest_from(
    exam: str, seed: int, askings: Sequence[Asking], entries: Sequence[Entry], notes: Sequence[str]
) -> bytes:
    """Return the manifest of an exam, from the entries of all students."""
    return manifest_of(exam, seed, askings, [entry["entry"] for entry in entries], notes)


def answers_from(seats: Sequence[Seat], entries: Sequence[Entry], notes: Sequence[str]) -> list[Block]:
    """Return the blocks of the page of all answers, from the entries of all students."""
    papers = [Paper(seat, _questions(entry)) for seat, entry in zip(seats, entries, strict=True)]
    return all_answers(papers, notes)


def _questions(entry: Entry) -> tuple[Posed, ...]:
    """Return questions that know of their answers what the page of all answers shows."""
    known: dict[int, list[Marked]] = {}
    for number, quantity, label, shown, right in entry["answers"]:
        known.setdefault(number, []).append(_answer(quantity, label, shown, right))
    last = max(known, default=0)
    return tuple(Posed("", Decimal(0), (), (), tuple(known.get(number, ()))) for number in range(1, last + 1))


def _answer(quantity: str, label: Any, shown: Any, right: str) -> Marked:
    from solver.arithmetic import Rounded
    from solver.exercises.choices import Option

    options = (Option(right, Rounded(0, Decimal(0), None, True)),) if right else ()
    return Marked(quantity, 0.0, 0.0, 0.0, Decimal(0), math_from_json(shown), math_from_json(label), options)
