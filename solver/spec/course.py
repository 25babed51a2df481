"""Course files: every handout and exam of a course, its style, and what goes into which folder.

    title = "Deep learning"
    [style]
    notation = { preset = "padhai" }
    [[handout]]
    problem = "../padhai.toml"
    [[exam]]
    file = "../exams/midterm.toml"
    roster = "students.csv"

The files that it names must exist, but they are not read here: one bad problem must not keep the rest of a course from
being built, so it is reported when its turn comes.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Literal

from pydantic import Field

from solver.errors import listed
from solver.spec.fields import Seed
from solver.spec.file import FileModel
from solver.spec.findings import Finding, KeyPath, described
from solver.spec.model import Model
from solver.spec.options import Notation, Numbers
from solver.spec.reading import read, refuse
from solver.spec.source import Source, missing_file, other_file
from solver.spec.text import FileName, Folder, Line, Secret

Format = Literal["pdf", "md", "tex", "html", "json"]
ExamFormat = Literal["pdf", "tex", "md"]
View = Literal["solution", "sheet", "key", "errata"]


class Style(Model):
    """How every page of the course looks, whatever the single files say."""

    templates: FileName | None = Field(
        None,
        description="Folder with templates that replace the built-in ones, block by block.",
        examples=["templates"],
    )
    language: Literal["en"] = Field("en", description="Language of the documents.")
    notation: Notation | None = Field(
        None, description="Letters for the whole course, instead of each problem's own."
    )
    numbers: Numbers | None = Field(
        None, description="Digits for the whole course, instead of each problem's own."
    )


class Handout(Model):
    """One worked solution, sheet or key of a problem."""

    problem: FileName = Field(
        description="The problem's file, relative to this one.", examples=["../padhai.toml"]
    )
    view: View = Field("solution", description="What is shown.")
    to: tuple[Format, ...] = Field(
        ("pdf", "md"), min_length=1, description="Formats to write.", examples=[["pdf"]]
    )
    folder: Folder | None = Field(
        None, description="Where it goes; left out: handouts/ and the problem's name.", examples=["week-1"]
    )
    title: Line = Field("", description="Its name on the landing page; left out: the problem's title.")

    @property
    def place(self) -> str:
        """The folder that it goes to, below the course's own."""
        return self.folder or f"handouts/{PurePosixPath(self.problem).stem}"


class CourseExam(Model):
    """One exam, for the students of this course."""

    file: FileName = Field(
        description="The exam's file, relative to this one.", examples=["../exams/midterm.toml"]
    )
    roster: FileName | None = Field(None, description="Students, instead of the exam's own roster.")
    seed: Seed | None = Field(None, description="Instead of the exam's own seed.")
    secret: Secret | None = Field(None, description="Instead of the exam's or the course's own secret.")
    to: tuple[ExamFormat, ...] = Field(
        ("pdf",), min_length=1, description="Formats to write.", examples=[["pdf"]]
    )
    folder: Folder | None = Field(None, description="Where it goes; left out: exams/ and the exam's name.")
    title: Line = Field("", description="Its name on the landing page; left out: the exam's title.")

    @property
    def place(self) -> str:
        """The folder that it goes to, below the course's own."""
        return self.folder or f"exams/{PurePosixPath(self.file).stem}"


class Course(FileModel):
    """A course: handouts and exams in one style, with a landing page."""

    title: Line = Field(
        "",
        description="Heading of the landing page; left out: the name of the file.",
        examples=["Deep learning"],
    )
    lecturer: Line = Field("", description="Printed on the landing page.")
    term: Line = Field("", description="Printed on the landing page.", examples=["Winter 2026"])
    folder: Folder | None = Field(None, description="Where everything goes; left out: the name of the file.")
    secret: Secret | None = Field(
        None,
        description="Where a secret is kept that makes the draws of all exams unpredictable.",
        examples=["env:COURSE_SECRET"],
    )
    style: Style = Field(Style(), description="How every page looks.")
    handouts: tuple[Handout, ...] = Field(
        (), alias="handout", description="Handouts, in the order of the landing page."
    )
    exams: tuple[CourseExam, ...] = Field(
        (), alias="exam", description="Exams, in the order of the landing page."
    )

    @property
    def place(self) -> str:
        """The course's folder, below the output folder."""
        return self.folder or self.file.stem


_KEPT = (".chainsheet", "index.html", "README.md")
"""What a course writes beside its handouts and exams: what it knows of its files, and the landing page."""


def read_course(source: Source) -> Course:
    """Return the course of a file.

    Raises:
        InputError: With every fault of the file; what the files it names hold is looked at later.
    """
    source.data.setdefault("title", source.file.stem[:200])
    stray = other_file(source.data, "course")
    if stray is not None:
        refuse(source, [stray])
    course = read(Course, source, lambda course, known: _faults(course, source, known))
    return course.read_from(source.file, source.digest)


def _faults(course: Course, source: Source, known: list[Finding]) -> list[Finding]:
    findings: list[Finding] = []
    # What could not be read is missing here, and is told of already.
    unread = any(finding.path[:1] in (("handout",), ("exam",)) for finding in known)
    if not course.handouts and not course.exams and not unread:
        findings.append(Finding((), "", "no handout and no exam", "at least one [[handout]] or [[exam]]"))
    findings += _file_faults(course, source)
    taken: dict[tuple[str, str], str] = {}
    for number, handout in enumerate(course.handouts):
        findings += _taken(taken, (handout.place, handout.view), ("handout", number))
        findings += _repeated(handout.to, ("handout", number, "to"))
    for number, exam in enumerate(course.exams):
        findings += _taken(taken, (exam.place, ""), ("exam", number))
        findings += _repeated(exam.to, ("exam", number, "to"))
    return findings


def _file_faults(course: Course, source: Source) -> list[Finding]:
    secret = "a file with the secret"
    names: list[tuple[KeyPath, str | None, str]] = [(("secret",), _secret_file(course.secret), secret)]
    for number, handout in enumerate(course.handouts):
        names.append((("handout", number, "problem"), handout.problem, "a problem file"))
    for number, exam in enumerate(course.exams):
        names.append((("exam", number, "file"), exam.file, "an exam file"))
        names.append((("exam", number, "roster"), exam.roster, "a roster, CSV with the columns id and name"))
        names.append((("exam", number, "secret"), _secret_file(exam.secret), secret))
    findings = []
    templates = course.style.templates
    if templates is not None:
        findings += _place_faults(
            source, ("style", "templates"), templates, "a folder of templates", folder=True
        )
    for path, name, expected in names:
        if name is not None:
            findings += _place_faults(source, path, name, expected)
    return findings


def _place_faults(
    source: Source, path: KeyPath, name: str, expected: str, *, folder: bool = False
) -> list[Finding]:
    place = source.file.parent / name
    try:
        if place.is_dir() if folder else place.is_file():
            return []
        if place.exists():
            return [Finding(path, "", "a file" if folder else "a directory", expected)]
    except (OSError, ValueError):
        pass
    return [missing_file(source, path, name, expected)]


def _secret_file(secret: str | None) -> str | None:
    return secret.removeprefix("file:") if secret is not None and secret.startswith("file:") else None


def _taken(taken: dict[tuple[str, str], str], place: tuple[str, str], path: KeyPath) -> list[Finding]:
    """Return the fault of a thing whose files are another's, or the course's own; upper and lower case count as one."""
    if place[0].split("/")[0].casefold() in map(str.casefold, _KEPT):
        kept = f"another folder than {listed(_KEPT)}"
        return [Finding((*path, "folder"), "the course writes there itself", described(place[0]), kept)]
    key = (place[0].casefold(), place[1])
    first = taken.setdefault(key, f"{path[0]}[{int(path[1]) + 1}]")
    if first == f"{path[0]}[{int(path[1]) + 1}]":
        return []
    return [
        Finding((*path, "folder"), f"{first} goes there already", described(place[0]), "a folder of its own")
    ]


def _repeated(formats: tuple[str, ...], path: KeyPath) -> list[Finding]:
    return [
        Finding((*path, number), f"{described(name)} is listed twice")
        for number, name in enumerate(formats)
        if name in formats[:number]
    ]
