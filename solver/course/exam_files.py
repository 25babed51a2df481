"""The files of an exam, read for what can be told without loading it: their digest, the students, the seed.

To find that nothing changed, a build need not know what a question asks. The exam is loaded, with every fault of its
files reported, when a sheet has to be made.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solver.course.inputs import digest
from solver.errors import Fault, InputError

if TYPE_CHECKING:
    from solver.course.seats import Seat
    from solver.spec import Course, Exam
    from solver.spec.course import CourseExam
    from solver.spec.roster import Student


@dataclass(frozen=True)
class ExamFiles:
    """What the files of an exam say.

    Attributes:
        file: The exam file.
        title: Its title.
        digest: Of the exam file and of the problems that it names.
        seats: Its sheets.
        roster: The file that they come from; None where they have numbers alone.
        seed: Of its draws, the secret mixed in.
    """

    file: Path
    title: str
    digest: str
    seats: tuple[Seat, ...]
    roster: Path | None
    seed: int

    @property
    def seed_digest(self) -> str:
        """A name for the seed, which may come from a secret."""
        return digest("seed", str(self.seed))[:16]

    def loaded(self, course: Course) -> Exam:
        """Return the exam itself, in the course's style, without its roster.

        Raises:
            InputError: With every fault of its files.
        """
        from solver.course.handout import styled
        from solver.spec import load_exam

        exam = load_exam(self.file, self.roster)
        style = course.style
        problems = tuple(styled(problem, None, style.numbers) for problem in exam.problems)
        update = {} if style.notation is None else {"notation": style.notation}
        return exam.model_copy(update=update).with_files(problems, None)


def read_exam_files(course: Course, table: CourseExam) -> ExamFiles:
    """Return what the files of an exam say.

    Raises:
        InputError: The exam file is no TOML, or the roster or the secret cannot be used. Other faults are found when the
            exam is loaded.
    """
    from solver.spec.source import read_source

    file = course.beside(table.file)
    source = read_source(file, "an exam file")
    data = source.data
    names = [question.get("problem") for question in _tables(data.get("question"))]
    known = [part for name in dict.fromkeys(names) if isinstance(name, str) for part in _content(file, name)]
    seats, roster = _seats(course, table, file, data)
    title = data.get("title")
    return ExamFiles(
        file,
        title if isinstance(title, str) else file.stem,
        digest(file.stem, source.text, *known)[:16],
        seats,
        roster,
        _seed(course, table, file, data),
    )


def _tables(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _content(file: Path, name: str) -> tuple[str, bytes]:
    try:
        return name, (file.parent / name).read_bytes()
    except (OSError, ValueError):
        return name, b""


def _seats(
    course: Course, table: CourseExam, file: Path, data: dict[str, Any]
) -> tuple[tuple[Seat, ...], Path | None]:
    """Return the sheets as the exam will have them, and the roster that they come from."""
    from solver.course.seats import seats_from
    from solver.spec.fields import MOST_VARIANTS

    named = table.roster
    roster = course.beside(named) if named is not None else None
    if roster is None and isinstance(data.get("roster"), str):
        roster = file.parent / data["roster"]
    variants = data.get("variants")
    students: tuple[Student, ...] = ()
    if roster is not None:
        from solver.spec import load_roster

        students = load_roster(roster).students
    whole = isinstance(variants, int) and not isinstance(variants, bool) and 0 < variants <= MOST_VARIANTS
    count = variants if whole else None
    per_student = data.get("per") == "student" or (count is None and bool(students))
    own = _seed(course, table, file, data)
    return seats_from(students, count, own, file.stem, per_student=per_student), roster


def _seed(course: Course, table: CourseExam, file: Path, data: dict[str, Any]) -> int:
    """Return the seed of an exam's draws: the course's or the exam's own, with the nearest secret mixed in."""
    from solver.spec.hashing import key_number

    written = data.get("seed", 0)
    own = table.seed if table.seed is not None else written if isinstance(written, int) else 0
    secrets = (
        (table.secret, course.file, "exam.secret"),
        (data.get("secret"), file, "secret"),
        (course.secret, course.file, "secret"),
    )
    for place, where, key in secrets:
        if isinstance(place, str):
            return key_number("secret", _secret(place, where, key), own)
    return own


def _secret(place: str, where: Path, key: str) -> str:
    kind, _, name = place.partition(":")
    if kind == "env":
        value = os.environ.get(name, "")
    else:
        try:
            value = (where.parent / name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            value = ""
    if not value:
        shown = f"the environment variable {name}" if kind == "env" else f"the file {name}"
        raise InputError(
            Fault(f"there is no secret in {shown}", where, key=key, expected="a secret, not empty")
        )
    return value
