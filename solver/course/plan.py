"""What a course consists of, what of it is up to date, and why the rest is not.

Nothing is loaded here that is not needed to tell: a problem file is read for its digest, and parsed only by the job that
makes something of it. So it takes a moment to find that two thousand sheets are as they should be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from solver.course.handout import handout_tasks
from solver.course.inputs import Styling, program_identity
from solver.course.job import Failure, Task
from solver.course.landing import Card, Link, Listing
from solver.errors import InputError, render_failure

if TYPE_CHECKING:
    from solver.course.record import Record, Records
    from solver.course.store import Store
    from solver.spec import Course
    from solver.spec.course import Handout


@dataclass(frozen=True)
class Setting:
    """What all parts of a course share.

    Attributes:
        course: The course file.
        styling: Its templates.
        program: See `program_identity`.
        engine: Identity of the pdfLaTeX; "" where nothing needs one.
        force: Whether everything is made anew.
    """

    course: Course
    styling: Styling
    program: str
    engine: str
    force: bool = False


@dataclass(frozen=True)
class Step:
    """A task that has to be done, and why."""

    task: Task
    why: str


@dataclass
class Planned:
    """A part of the course, planned.

    Attributes:
        steps: What has to be done.
        reused: How many documents are up to date.
        tasks: The tasks that the part consists of, those up to date included: what else has a record is outdated.
        failures: What cannot even be begun.
        leftovers: Files of records that stay, which the course no longer has: the sheets of a student who left.
        again: Folders whose files will be made by other tasks than those that made them.
    """

    steps: list[Step] = field(default_factory=list)
    reused: int = 0
    tasks: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    leftovers: list[tuple[str, list[str]]] = field(default_factory=list)
    again: list[str] = field(default_factory=list)


class Part(Protocol):
    """A handout or an exam."""

    @property
    def place(self) -> str:
        """Its folder below the course's."""

    def plan(self, records: Records) -> Planned:
        """Return what has to be done."""

    def further(self, records: Records) -> Planned:
        """Return what has to be done when all of that is done, and so on until there is nothing more."""

    def foreseen(self, records: Records) -> Mapping[str, str]:
        """Return the further tasks and why each will have to be done, as far as that can be told; "" for no reason."""

    def entry(self, records: Records, failures: list[Failure]) -> tuple[Card, Listing | None]:
        """Return what the landing page shows of it."""


def parts_of(setting: Setting, store: Store) -> tuple[list[Part], list[Part]]:
    """Return the handouts and the exams of a course."""
    handouts: list[Part] = [HandoutPart(setting, handout) for handout in setting.course.handouts]
    if not setting.course.exams:
        return handouts, []
    from solver.course.exam_part import ExamPart

    return handouts, [ExamPart(setting, table, store) for table in setting.course.exams]


def engine_identity(course: Course) -> str:
    """Return which pdfLaTeX a course is made with; "" where nothing of it is a PDF.

    Raises:
        EngineError: There is none.
    """
    if not course.exams and not any("pdf" in handout.to for handout in course.handouts):
        return ""
    from solver.engines.find import find_engine

    return find_engine().identity


def setting_of(course: Course, *, force: bool = False) -> Setting:
    """Return what all parts of a course share.

    Raises:
        EngineError: There is no pdfLaTeX, and one is needed.
        InputError: A template cannot be read.
    """
    from solver.course.inputs import read_styling

    templates = course.style.templates
    styling = read_styling(None if templates is None else course.beside(templates))
    return Setting(course, styling, program_identity(), engine_identity(course), force)


def plan_tasks(tasks: list[Task], records: Records, *, force: bool) -> Planned:
    """Return which of some tasks have to be done."""
    planned = Planned(tasks=[task.name for task in tasks])
    for task in tasks:
        why = "--force" if force else records.why(task.name, task.inputs)
        if why:
            planned.steps.append(Step(task, why))
        else:
            planned.reused += task.documents
    return planned


@dataclass
class HandoutPart:
    """A handout in all its formats."""

    setting: Setting
    handout: Handout

    @property
    def place(self) -> str:
        """Its folder below the course's."""
        return self.handout.place

    def plan(self, records: Records) -> Planned:
        """Return the formats that have to be made."""
        from solver.spec.source import read_bytes

        setting, name = self.setting, f"{self.place}/{self.handout.view}"
        try:
            content = read_bytes(setting.course.beside(self.handout.problem), "a problem file")
        except InputError as error:
            failure = Failure(name, render_failure(error), len(self.handout.to))
            return Planned(tasks=[f"{name}.{to}" for to in self.handout.to], failures=[failure])
        tasks = list(
            handout_tasks(
                setting.course, self.handout, content, setting.styling, setting.program, setting.engine
            )
        )
        return plan_tasks(tasks, records, force=setting.force)

    def further(self, records: Records) -> Planned:
        """Return nothing: every format stands alone."""
        return Planned()

    def foreseen(self, records: Records) -> Mapping[str, str]:
        """Return nothing."""
        return {}

    def entry(self, records: Records, failures: list[Failure]) -> tuple[Card, Listing | None]:
        """Return the card of the handout."""
        name = f"{self.place}/{self.handout.view}"
        known: dict[str, Record | None] = {to: records.find(f"{name}.{to}") for to in self.handout.to}
        made = {to: record for to, record in known.items() if record is not None}
        links = tuple(Link(NAMES[to], main_file(record)) for to, record in made.items())
        data: Mapping[str, Any] = next((record.data for record in made.values()), {})
        pages = next((record.data["pages"] for record in made.values() if "pages" in record.data), 0)
        view = VIEWS[self.handout.view]
        about = " · ".join(
            filter(None, [view, data.get("source", ""), f"{pages} page{'s' * (pages != 1)}" if pages else ""])
        )
        return Card(
            self.handout.title or str(data.get("title", "")) or self.place,
            links,
            about,
            _thumbnail(made),
            tuple(
                f"{failure.what} could not be built."
                for failure in failures
                if failure.what.startswith(f"{name}")
            ),
        ), None


NAMES = {"pdf": "PDF", "md": "Markdown", "tex": "LaTeX", "html": "HTML", "json": "JSON"}
"""What a reader calls a format."""

VIEWS = {"solution": "Worked solution", "sheet": "Sheet", "key": "Answer key", "errata": "Errata"}
"""What a reader calls a view."""


def main_file(record: Record) -> str:
    """Return the document of a record; its figures and pictures come after it."""
    return next(iter(record.files))


def _thumbnail(made: Mapping[str, Record]) -> str:
    """Return the picture of a handout: a PDF's first page, else a figure that lies beside a Markdown file."""
    for record in made.values():
        if "thumbnail" in record.data:
            return str(record.data["thumbnail"])
    for record in made.values():
        for path in record.files:
            if path.endswith(".svg"):
                return path
    return ""
