"""What is put together when all sheets of an exam are there: the books to print, and the manifest.

What each depends on is told without loading the exam; the job itself is made only when it has to be done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from solver.course.books import BookJob, Chapter
from solver.course.handout import THUMBNAILS
from solver.course.inputs import digest
from solver.course.job import Job, Made, Task
from solver.course.manifest import FILE
from solver.files import in_one

if TYPE_CHECKING:
    from solver.course.exam_ledger import Entry
    from solver.course.exam_part import ExamPart
    from solver.course.record import Record
    from solver.course.seats import Seat
    from solver.engines.pieces import Pieces


@dataclass(frozen=True)
class ManifestJob:
    """Writes the manifest.

    Attributes:
        context: See `exam_job.Context.packed`.
        path: Of the manifest.
        seats: The sheets, in order.
        entries: What is remembered of each.
    """

    context: bytes = field(repr=False)
    path: str
    seats: tuple[Seat, ...]
    entries: tuple[Entry, ...] = field(repr=False)

    def __call__(self) -> Made:
        """Make the file."""
        from solver.course.exam_job import unpacked
        from solver.course.exam_ledger import manifest_from, notes_from
        from solver.course.seats import askings_of

        context = unpacked(self.context)
        askings = askings_of(context.exam, context.seed)
        notes = notes_from(askings, self.seats, self.entries)
        stem = context.exam.file.stem
        content = manifest_from(stem, context.seed, askings, self.entries, notes)
        return Made({self.path: content}, {"notes": list(notes)}, documents=0)


@dataclass(frozen=True)
class ExamBookJob:
    """Binds all sheets of an exam, or all keys with the page of all answers before them.

    Attributes:
        book: The book, without what comes before it.
        context: See `exam_job.Context.packed`.
        seats: The sheets, in order.
        entries: What is remembered of each; empty for a book without the page of all answers.
        picture: Path of a picture of the first page, or "".
    """

    book: BookJob
    context: bytes = field(repr=False)
    seats: tuple[Seat, ...]
    entries: tuple[Entry, ...] = field(repr=False)
    picture: str = ""

    def __call__(self) -> Made:
        """Make the book.

        Raises:
            EngineError: There is no engine, or no room; the page of all answers does not compile.
        """
        from dataclasses import replace

        made = (replace(self.book, front=self._answers()) if self.entries else self.book)()
        if not self.picture:
            return replace(made, documents=0)
        from solver.course.thumbnail import thumbnail

        (content,) = made.files.values()
        files = {**made.files, self.picture: thumbnail(in_one(content))}
        return replace(made, files=files, data={**made.data, "thumbnail": self.picture}, documents=0)

    def _answers(self) -> tuple[str, Pieces]:
        from solver.course.exam import pages_of
        from solver.course.exam_job import unpacked
        from solver.course.exam_ledger import answers_from, notes_from
        from solver.course.seats import askings_of
        from solver.engines.compile import compile_latex
        from solver.engines.reader import read_pieces

        context = unpacked(self.context)
        look = pages_of(context.exam, context.styling.unpacked())
        notes = notes_from(askings_of(context.exam, context.seed), self.seats, self.entries)
        sheet = look.overview(answers_from(self.seats, self.entries, notes))
        from solver.engines.batch import sheet_source

        limit = 120.0 + 0.05 * len(self.seats)
        made = compile_latex(sheet_source(look.preamble, sheet), time_limit=limit)
        return "All answers", read_pieces(made.pdf)


@dataclass(frozen=True)
class Rest:
    """Something that may have to be put together.

    Attributes:
        name: Of its task.
        inputs: What it is made from.
        job: Makes the job.
    """

    name: str
    inputs: Mapping[str, str]
    job: Callable[[], Job]

    def task(self) -> Task:
        """Return the task; the exam is loaded now."""
        return Task(self.name, self.inputs, 0, self.job())


def manifest_rest(part: ExamPart, seats: Sequence[Seat], entries: Sequence[Entry]) -> Rest:
    """Return what writes the manifest."""

    def job() -> Job:
        short = tuple({"entry": entry["entry"], "draws": entry["draws"]} for entry in entries)
        return ManifestJob(part.packed(), f"{part.place}/{FILE}", tuple(seats), short)

    inputs = part.inputs | {"sheets": _sheets_digest(seats, entries)}
    return Rest(f"{part.place}/manifest", inputs, job)


def book_rest(
    part: ExamPart, kind: str, name: str, seats: Sequence[Seat], covering: Mapping[str, tuple[Record, Entry]]
) -> Rest:
    """Return what binds a book.

    Args:
        part: The exam.
        kind: "sheet" or "key".
        name: Of the book, without its suffix.
        seats: Whose sheets, in order.
        covering: For each student the record of its job, and what is remembered.
    """
    entries = tuple(covering[seat.name][1] for seat in seats)

    def job() -> Job:
        words = "all sheets" if kind == "sheet" else "all answer keys"
        chapters = _chapters(part, kind, seats, covering)
        book = BookJob(f"{part.place}/{name}.pdf", f"{part.title}, {words}", chapters, part.store)
        short: tuple[dict[str, Any], ...] = ()
        picture = f"{THUMBNAILS}/{part.place}/{name}.png" if kind == "sheet" else ""
        if kind == "key":
            short = tuple({"answers": entry["answers"], "draws": entry["draws"]} for entry in entries)
        return ExamBookJob(book, part.packed(), tuple(seats), short, picture)

    inputs = part.inputs | {"sheets": _sheets_digest(seats, entries)}
    return Rest(f"{part.place}/{name}", inputs, job)


def _chapters(
    part: ExamPart, kind: str, seats: Sequence[Seat], covering: Mapping[str, tuple[Record, Entry]]
) -> tuple[Chapter, ...]:
    """Return where the pages of each student are: in the runs of TeX whose pages each job has kept."""
    found = []
    for seat in seats:
        record, entry = covering[seat.name]
        run, first, pages = entry["pages"][kind]
        path = f"{part.book(record.task)}/{run}"
        found.append(Chapter(seat.label, path, range(first, first + pages)))
    return tuple(found)


def _sheets_digest(seats: Sequence[Seat], entries: Sequence[Entry]) -> str:
    """Return a name for all sheets and keys, in order."""
    parts = []
    for seat, entry in zip(seats, entries, strict=True):
        files = entry["entry"]["files"]
        parts += [seat.label, *(file["sha256"] for file in files.values())]
    return digest(*parts)[:16]
