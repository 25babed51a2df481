"""Exam files: what stands on the cover, the questions, and for whom sheets are written.

An exam is loaded with the problems and the roster that it names, since its questions ask for their quantities: what is
wrong in any of these files is reported in one go.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, PlainValidator, PrivateAttr, WithJsonSchema

from solver.errors import Fault, InputError, quoted
from solver.spec.fields import Flag, NotNegative, Seed, Variants, count_reader
from solver.spec.file import FileModel
from solver.spec.findings import Finding, KeyPath, described, refused
from solver.spec.inventory import inventory_of, known_quantities
from solver.spec.model import Model
from solver.spec.names import fault_of_name
from solver.spec.options import Notation
from solver.spec.reading import read, refuse
from solver.spec.roster import Roster, read_roster
from solver.spec.source import Source, missing_file, other_file
from solver.spec.text import FileName, Length, Line, Name, Prose, Secret, read_line

if TYPE_CHECKING:
    from solver.spec.problem import Problem

Form = Literal["open", "blanks", "choice", "find-the-error"]


def read_date(value: object) -> dt.date | str:
    """Return a day, or text that tells one ("first week of December")."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str):
        return read_line(value)
    raise refused(found=described(value), expected="a day, 2026-12-01, or text")


Date = Annotated[
    dt.date | str,
    PlainValidator(read_date),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "string"}]}),
]
Minutes = Annotated[
    int,
    PlainValidator(count_reader("minutes, 1 to 1440", 1, 1440)),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 1440}),
]
Options = Annotated[
    int,
    PlainValidator(count_reader("how many answers to choose from, 2 to 8", 2, 8)),
    WithJsonSchema({"type": "integer", "minimum": 2, "maximum": 8}),
]


class Question(Model):
    """One question: a problem and how it is asked."""

    problem: FileName = Field(
        description="The problem's file, relative to this one.", examples=["../padhai.toml"]
    )
    points: NotNegative = Field(1, description="Points for a full answer.", examples=[10])
    form: Form = Field(
        "open",
        description='"open": statement, space and boxes; "blanks": a worked solution with gaps; "choice": answers to '
        'choose from; "find-the-error": a worked solution with one planted mistake.',
    )
    gradients: tuple[Name, ...] | None = Field(
        None,
        description="Gradients asked for; left out: those of the problem's own [work].",
        examples=[["W1[3,1]"]],
    )
    ask: tuple[Name, ...] = Field(
        (), description="Other quantities whose values are asked for.", examples=[["h2", "L"]]
    )
    space: Length | None = Field(None, description="Height of the space for the answer.", examples=["6cm"])
    choices: Options = Field(5, description='For form = "choice": how many answers there are.')
    title: Line = Field("", description="Heading of the question; left out: the problem's title.")


class Exam(FileModel):
    """An exam: a cover, questions with points, and the sheets to write."""

    title: Line = Field(
        "", description="Printed on the cover; left out: the name of the file.", examples=["Midterm"]
    )
    course: Line = Field("", description="The course, printed on the cover.", examples=["Deep learning"])
    date: Date | None = Field(None, description="The day, printed on the cover.", examples=["2026-12-01"])
    minutes: Minutes | None = Field(None, description="Time to write, printed on the cover.", examples=[60])
    instructions: Prose = Field("", description="Printed on the cover.")
    variants: Variants | None = Field(None, description="How many different sheets there are.", examples=[4])
    per: Literal["student"] | None = Field(None, description='Instead: "student", a sheet for each student.')
    roster: FileName | None = Field(
        None, description="CSV of the students, relative to this file.", examples=["students.csv"]
    )
    seed: Seed = Field(0, description="The same seed gives the same sheets.")
    secret: Secret | None = Field(
        None,
        description="Where a secret is kept that makes the draws unpredictable.",
        examples=["env:EXAM_SECRET"],
    )
    formula_sheet: Flag = Field(False, description="Whether a page of formulas is added.")
    notation: Notation | None = Field(
        None, description="Letters for the whole exam, instead of each problem's own."
    )
    questions: tuple[Question, ...] = Field((), alias="question", description="The questions, in order.")

    _problems: tuple[Problem, ...] = PrivateAttr(default=())
    _students: Roster | None = PrivateAttr(default=None)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problem of each question."""
        return self._problems

    @property
    def students(self) -> Roster | None:
        """The roster, where there is one."""
        return self._students

    @property
    def per_student(self) -> bool:
        """Whether each student gets a variant of their own; else the variants are dealt out in turn."""
        return self.per == "student" or (self.variants is None and self._students is not None)

    def with_files(self, problems: tuple[Problem, ...], students: Roster | None) -> Exam:
        """Note the files that the exam names; done once, by the loader."""
        self._problems, self._students = problems, students
        return self


def read_exam(source: Source, roster: Path | None = None) -> Exam:
    """Return the exam of a file, its problems and its roster with it.

    Args:
        source: The exam file.
        roster: Students, instead of the file's own roster.

    Raises:
        InputError: With every fault of the file and of those that it names.
    """
    from solver.spec.load import load_problem

    _named(source.file)
    source.data.setdefault("title", source.file.stem[:200])
    stray = other_file(source.data, "exam")
    if stray is not None:
        refuse(source, [stray])
    faults: list[Fault] = []
    findings: list[Finding] = []
    problems: dict[str, Problem] = {}
    for place, name in _problem_names(source):
        if not _exists(source, name):
            findings.append(missing_file(source, place, name, "a problem file"))
        elif (source.file.parent / name).is_dir():
            findings.append(Finding(place, "", "a directory", "a problem file"))
        elif name not in problems:
            try:
                problems[name] = load_problem(source.file.parent / name)
            except InputError as error:
                faults += [fault for fault in error.faults if fault not in faults]
    students = None
    file = _roster_file(source, roster, findings)
    if file is not None:
        try:
            students = read_roster(file)
        except InputError as error:
            faults += error.faults
    try:
        exam = read(Exam, source, lambda exam, _: _faults(exam, problems, file), findings)
    except InputError as error:
        raise InputError([*error.faults, *faults]) from None
    if faults:
        raise InputError(faults)
    exam.read_from(source.file, source.digest)
    return exam.with_files(tuple(problems[question.problem] for question in exam.questions), students)


def _exists(source: Source, name: str) -> bool:
    try:
        return (source.file.parent / name).exists()
    except (OSError, ValueError):
        return False


def _named(file: Path) -> None:
    """Refuse a file whose name no page can show: the code of every page begins with it."""
    try:
        file.stem.encode()
    except UnicodeEncodeError:
        raise InputError(
            Fault(
                "the file's name is not UTF-8", file, expected="another name, for it is in every page's code"
            )
        ) from None


def _problem_names(source: Source) -> list[tuple[KeyPath, str]]:
    """Return the problems that the questions name, before anything else of them is read."""
    questions = source.data.get("question")
    names = [
        (("question", number, "problem"), question.get("problem"))
        for number, question in enumerate(questions if isinstance(questions, list) else ())
        if isinstance(question, dict)
    ]
    return [(path, name) for path, name in names if isinstance(name, str) and name.strip()]


def _roster_file(source: Source, given: Path | None, findings: list[Finding]) -> Path | None:
    if given is not None:
        return given
    name = source.data.get("roster")
    if not isinstance(name, str) or not name.strip():
        return None
    if not _exists(source, name):
        findings.append(missing_file(source, ("roster",), name, "a roster, CSV with the columns id and name"))
        return None
    return source.file.parent / name


def _faults(exam: Exam, problems: dict[str, Problem], roster: Path | None) -> list[Finding]:
    findings = []
    if not exam.questions:
        findings.append(Finding(("question",), "", "no question", "at least one [[question]]"))
    if exam.variants is not None and exam.per is not None:
        findings.append(Finding(("per",), "variants and per are both given", expected="one of them"))
    if exam.per == "student" and exam.variants is None and roster is None and exam.roster is None:
        findings.append(
            Finding(("per",), 'per = "student" needs students', expected='roster = "students.csv" beside it')
        )
    for number, question in enumerate(exam.questions):
        problem = problems.get(question.problem)
        if problem is not None:
            findings += _question_faults(question, problem, ("question", number))
    return findings


def _question_faults(question: Question, problem: Problem, path: KeyPath) -> list[Finding]:
    findings = []
    differentiable = inventory_of(problem).differentiable
    lists = (
        ("gradients", question.gradients or (), differentiable, "a quantity with a gradient"),
        ("ask", question.ask, known_quantities(problem), "a quantity of the problem"),
    )
    for key, names, known, what in lists:
        for number, name in enumerate(names):
            fault = fault_of_name(name, known, what)
            if fault is not None:
                findings.append(fault.under((*path, key, number)))
            elif name in names[:number]:
                findings.append(Finding((*path, key, number), f"{quoted(name)} is listed twice"))
    # A solution with gaps or with an error in it asks for its own lines; elsewhere there would be points for no answer.
    wanted = problem.work.gradients if question.gradients is None else question.gradients
    if wanted == () and not question.ask and question.form in ("open", "choice"):
        key = "problem" if question.gradients is None else "gradients"
        findings.append(
            Finding((*path, key), "nothing is asked for", "no gradient", 'gradients = ["W1"], or ask = ["L"]')
        )
    if question.given("choices") and question.form != "choice":
        findings.append(
            Finding((*path, "choices"), "choices is given without form", expected='form = "choice"')
        )
    return findings
