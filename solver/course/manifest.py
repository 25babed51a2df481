"""What an exam consists of, as JSON: who got which variant, what is accepted for each answer, and the hash of each file.

    {"exam", "seed", "version", "questions": [{"question", "problem", "form", "points", "seed"}],
     "sheets": [{"student", "variant", "files": {"sheet": {"path", "sha256"}, "key": {…}, …},
                 "answers": [{"question", "quantity", "value", "low", "high", "points", …}]}]}

Paths are relative to the manifest's folder. `solve PROBLEM --seed S --variant V`, with the seed of the question and the
variant of the sheet, gives the numbers of any question again. Where there was a choice, an answer lists the options, each
with the mistake that it stands for; where a mistake was planted, the answer is the number of its line. A question that
could not be asked about the numbers of its sheet's variant says in its first answer which "variant" it is about.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from solver import __version__
from solver.exercises.points import points_number

if TYPE_CHECKING:
    from solver.course.seats import Asking, Seat
    from solver.exercises.question import Marked, Posed

FILE = "manifest.json"


def manifest_of(
    exam: str, seed: int, askings: Sequence[Asking], sheets: Sequence[Mapping[str, Any]], notes: Sequence[str]
) -> bytes:
    """Return the manifest of an exam as a file."""
    questions = [
        {
            "question": asking.number,
            "problem": PurePosixPath(asking.question.problem).as_posix(),
            "form": asking.question.form,
            "points": points_number(asking.question.points),
            "seed": asking.seed,
        }
        for asking in askings
    ]
    content: dict[str, Any] = {"exam": exam, "seed": seed, "version": __version__, "questions": questions}
    if notes:
        content["notes"] = list(notes)
    content["sheets"] = list(sheets)
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def sheet_entry(
    seat: Seat, questions: Sequence[Posed], files: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    """Return what a manifest says of one sheet.

    Args:
        seat: Whose it is.
        questions: As they were asked.
        files: Of each file its path, relative to the manifest, and SHA-256; "sheet" and "key" come first.
    """
    answers = [
        answer_entry(number, answer)
        for number, question in enumerate(questions, start=1)
        for answer in question.answers
    ]
    return {
        "student": None if seat.student is None else seat.student.id,
        "variant": seat.variant,
        "files": {name: {"path": path, "sha256": sha256} for name, (path, sha256) in files.items()},
        "answers": answers,
    }


def answer_entry(question: int, answer: Marked) -> dict[str, Any]:
    """Return what a manifest says of one answer."""
    entry: dict[str, Any] = {
        "question": question,
        "quantity": answer.quantity,
        "value": answer.value if answer.value % 1 else _whole(answer.value),
        "low": answer.low,
        "high": answer.high,
        "points": points_number(answer.points),
    }
    if answer.options:
        entry["options"] = [
            {
                "option": option.letter,
                "value": float(option.shown.fraction),
                "mistake": option.mistake or None,
            }
            for option in answer.options
        ]
    return entry | dict(answer.extra)


def _whole(value: float) -> float | int:
    return int(value) if abs(value) < 2**53 else value
