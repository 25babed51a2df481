"""Who gets which sheet: one for each student, or numbered variants, and where each question's numbers come from.

A student's sheet depends on the seed, the student's id and the problems, and on no one else: adding a student, or a
question, changes no other sheet. The variant of a student is a number made from the id, above a million, so that
`solve --seed S --variant N` gives the numbers of any sheet that a manifest lists.

An open question is about the numbers that the exam's seed draws, which `render --variants --seed` prints too. A question
that shows more of the solution (gaps, options, a planted mistake) would tell others of these, so it has a seed of its
own, made from how it asks and for what. So does an open question that an exam repeats word for word. Which questions
stand before or after it, its points, its space and its title change no number of a question.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from solver.errors import Fault, InputError
from solver.spec.fields import MOST_VARIANTS
from solver.spec.hashing import key_number

if TYPE_CHECKING:
    from solver.spec import Exam, Problem
    from solver.spec.exam import Question
    from solver.spec.roster import Student

_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}")

LARGEST = 10**15
"""Variants of students are below this: every program that reads JSON keeps such a number exactly."""

FADING = (Fraction(1, 3), Fraction(2, 3), Fraction(1))
"""Share of the results that the first, the second and every further solution with gaps leaves out."""


@dataclass(frozen=True)
class Seat:
    """One sheet and who gets it.

    Attributes:
        name: Name of its folder: the student's id, or the number of the variant.
        variant: What `solve --variant` calls its numbers.
        student: The student; None where sheets have numbers alone.
    """

    name: str
    variant: int
    student: Student | None = None

    @property
    def plain(self) -> str:
        """The name in letters that TeX and a QR code take as they are; an id of other letters is named by a number."""
        return (
            self.name
            if _PLAIN.fullmatch(self.name)
            else f"id-{key_number('plain', self.name, below=16**12):012x}"
        )

    @property
    def label(self) -> str:
        """What stands in the head of each page."""
        return f"Variant {self.name}" if self.student is None else self.student.id


@dataclass(frozen=True)
class Asking:
    """One question of an exam, with what its draws depend on.

    Attributes:
        number: From 1.
        question: How it is asked.
        problem: The problem, in the exam's letters.
        seed: Seed of its draws.
        fading: For a solution with gaps: share of the results that are missing.
    """

    number: int
    question: Question
    problem: Problem
    seed: int
    fading: Fraction

    @property
    def drawn(self) -> bool:
        """Whether every sheet has numbers of its own."""
        return self.problem.variants is not None and not self.problem.symbolic


def student_variant(identity: str) -> int:
    """Return the variant of a student."""
    return MOST_VARIANTS + 1 + key_number("student", identity, below=LARGEST - MOST_VARIANTS - 1)


def variant_instead(variant: int, time: int) -> int:
    """Return the variant that a question is about where the numbers of a sheet's own cannot be asked in its form.

    Args:
        variant: The sheet's.
        time: Which try it is, from 1.
    """
    return MOST_VARIANTS + 1 + key_number("instead", variant, time, below=LARGEST - MOST_VARIANTS - 1)


def seats_of(exam: Exam, seed: int) -> tuple[Seat, ...]:
    """Return the sheets of an exam in order: by the roster, or by number."""
    students = exam.students.students if exam.students is not None else ()
    return seats_from(students, exam.variants, seed, exam.file.stem, per_student=exam.per_student)


def seats_from(
    students: Sequence[Student], variants: int | None, seed: int, exam: str, *, per_student: bool
) -> tuple[Seat, ...]:
    """Return sheets in order: by the roster, or by number.

    With a number of variants and a roster, the variants are dealt out by a hash of each id, so that a student keeps a
    variant whoever else is on the roster.

    Args:
        students: Of the roster; () where there is none.
        variants: How many different sheets there are.
        seed: Of the exam's draws.
        exam: Name of its file, without folder and suffix.
        per_student: Whether each student gets a variant of their own.
    """
    if per_student:
        return tuple(Seat(student.id, student_variant(student.id), student) for student in students)
    count = variants or 1
    if students:
        return tuple(
            Seat(student.id, 1 + key_number("deal", seed, exam, student.id, below=count), student)
            for student in students
        )
    return tuple(Seat(str(number), number) for number in range(1, count + 1))


def askings_of(exam: Exam, seed: int) -> tuple[Asking, ...]:
    """Return the questions of an exam with their seeds.

    Raises:
        InputError: A question would print the answers of another one, or more variants are asked for than there are.
    """
    seen: Counter[tuple[object, ...]] = Counter()
    gapped = 0
    found = []
    for number, (question, problem) in enumerate(zip(exam.questions, exam.problems, strict=True), start=1):
        asks = _asks(question, problem)
        seen[problem.file.resolve(), asks] += 1
        own = question_seed(seed, asks, seen[problem.file.resolve(), asks])
        if exam.notation is not None:
            problem = problem.model_copy(update={"notation": exam.notation})
        fading = FADING[min(gapped, len(FADING) - 1)]
        gapped += question.form == "blanks"
        found.append(Asking(number, question, problem, own, fading))
    faults = [*_telling_faults(exam, found), *_variant_faults(exam, found)]
    if faults:
        raise InputError(faults)
    return tuple(found)


_Asks = tuple[str, tuple[str, ...], tuple[str, ...]]


def _asks(question: Question, problem: Problem) -> _Asks:
    """Return what makes a question another one: its form, and what it asks for in any order."""
    gradients = problem.work.gradients if question.gradients is None else question.gradients
    return question.form, tuple(sorted(gradients or ())), tuple(sorted(question.ask))


def question_seed(seed: int, asks: _Asks, time: int = 1) -> int:
    """Return the seed of a question's draws: the exam's own for an open question.

    Args:
        seed: The exam's.
        asks: The question's form, its gradients, and what else it asks for.
        time: Which of the equal questions about the problem it is, from 1.
    """
    form, gradients, others = asks
    if form == "open" and time == 1:
        return seed
    return key_number("question", seed, form, " ".join(gradients), " ".join(others), time)


def _telling_faults(exam: Exam, askings: Sequence[Asking]) -> list[Fault]:
    """Return the fault of each question that prints a solution to numbers which another question asks for."""
    faults = []
    for asking in askings:
        if (
            asking.drawn
            or asking.problem.symbolic
            or asking.question.form not in ("blanks", "find-the-error")
        ):
            continue
        others = [
            other for other in askings if other is not asking and other.problem.file == asking.problem.file
        ]
        if others:
            faults.append(
                _fault(
                    exam, ("question", asking.number - 1, "problem"),
                    f"it prints the solution to the same numbers that question {others[0].number} asks for",
                    expected="a problem with [variants], which is drawn anew for each question",
                )
            )  # fmt: skip
    return faults


def _variant_faults(exam: Exam, askings: Sequence[Asking]) -> list[Fault]:
    if (exam.variants or 1) > 1 and not any(asking.drawn for asking in askings):
        return [
            _fault(
                exam, ("variants",), "no problem of the exam draws its numbers, so there is one variant",
                str(exam.variants), "variants = 1, or a problem with [variants]",
            )
        ]  # fmt: skip
    return []


def _fault(
    exam: Exam, path: tuple[str | int, ...], message: str, found: str = "", expected: str = ""
) -> Fault:
    from solver.spec.findings import key_path
    from solver.spec.positions import Lines

    try:
        line = Lines(exam.file.read_text(encoding="utf-8")).line(path)
    except (OSError, UnicodeDecodeError):
        line = None
    return Fault(message, exam.file, line, key=key_path(path), found=found, expected=expected)


def seed_of(exam: Exam, seed: int | None) -> int:
    """Return the seed of an exam's draws: a given one, or the file's, mixed with the secret where there is one.

    Raises:
        InputError: The secret is not where the file says.
    """
    own = exam.seed if seed is None else seed
    return own if exam.secret is None else key_number("secret", secret_of(exam, exam.secret), own)


def secret_of(exam: Exam, place: str) -> str:
    """Return a secret from the environment or a file beside the exam; it is written nowhere."""
    kind, _, name = place.partition(":")
    if kind == "env":
        value = os.environ.get(name, "")
    else:
        try:
            value = (exam.file.parent / name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            value = ""
    if not value:
        where = f"the environment variable {name}" if kind == "env" else f"the file {name}"
        raise InputError(
            _fault(exam, ("secret",), f"there is no secret in {where}", expected="a secret, not empty")
        )
    return value
