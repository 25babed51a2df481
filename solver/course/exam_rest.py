"""What is put together when all sheets of an exam are there: the books to print, and the manifest.

What each depends on is told without loading the exam; the job itself is made only when it has to be done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from solver.course.books import BookJob, Chapter, Read
from solver.course.handout import THUMBNAILS
from solver.course.inputs import digest
from solver.course.job import Job, Made, Task
from solver.course.manifest import FILE
from solver.files import in_one

if TYPE_CHECKING:
    from solver.course.exam_ledger import Entry
    from solver.course.exam_part import ExamPart
    from solver.course.seats import Seat
    from solver.engines.pieces import Pieces


@dataclass(frozen=True)
class Sitting:
    """A student whose sheet and key are made.

    Attributes:
        seat: Whose.
        entry: What is remembered of them.
        book: Folder of the pages that the job has kept (see `exam_job.book_of`).
    """

    seat: Seat
    entry: Entry
    book: str


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
        from solver.course.exam_job import not_compiled, unpacked
        from solver.course.exam_ledger import answers_from, notes_from
        from solver.course.exam_pages import pages_of
        from solver.course.seats import askings_of
        from solver.engines.batch import sheet_source
        from solver.engines.compile import TexError, compile_latex
        from solver.engines.reader import read_pieces

        context = unpacked(self.context)
        look = pages_of(context.exam, context.styling.unpacked())
        notes = notes_from(askings_of(context.exam, context.seed), self.seats, self.entries)
        sheet = look.overview(answers_from(self.seats, self.entries, notes))
        limit = 120.0 + 0.05 * len(self.seats)
        try:
            made = compile_latex(sheet_source(look.preamble, sheet), time_limit=limit)
        except TexError as error:
            raise not_compiled(sheet.name, error.fault) from None
        return "All answers", read_pieces(made.pdf)


@dataclass(frozen=True)
class Rest:
    """Something that may have to be put together.

    Attributes:
        name: Of its task.
        inputs: What it is made from.
        job: Makes the job.
        reads: See `Task`.
    """

    name: str
    inputs: Mapping[str, str]
    job: Callable[[], Job]
    reads: bool = False

    def task(self) -> Task:
        """Return the task; the exam is loaded now."""
        return Task(self.name, self.inputs, 0, self.job(), reads=self.reads)


def manifest_job(context: bytes, place: str, sittings: Sequence[Sitting]) -> ManifestJob:
    """Return the job that writes the manifest.

    Args:
        context: See `exam_job.Context.packed`.
        place: The exam's folder.
        sittings: All students, in order.
    """
    entries = tuple({name: each.entry[name] for name in ("entry", "draws")} for each in sittings)
    return ManifestJob(context, f"{place}/{FILE}", tuple(each.seat for each in sittings), entries)


def book_job(
    context: bytes,
    path: str,
    title: str,
    kind: str,
    sittings: Sequence[Sitting],
    read: Read,
    picture: str = "",
) -> ExamBookJob:
    """Return the job that binds a book.

    Args:
        context: See `exam_job.Context.packed`.
        path: Of the book.
        title: The exam's.
        kind: "sheet" or "key".
        sittings: Whose, in order.
        read: Reads the pages that jobs have kept.
        picture: See `ExamBookJob`.
    """
    words = "all sheets" if kind == "sheet" else "all answer keys"
    chapters = []
    for each in sittings:
        # Where the student's pages are: in a run of TeX, the first of them, and how many.
        run, first, pages = each.entry["pages"][kind]
        chapters.append(Chapter(each.seat.label, f"{each.book}/{run}", range(first, first + pages)))
    book = BookJob(path, f"{title}, {words}", tuple(chapters), read)
    shown = sittings if kind == "key" else ()
    entries = tuple({name: each.entry[name] for name in ("answers", "draws")} for each in shown)
    return ExamBookJob(book, context, tuple(each.seat for each in sittings), entries, picture)


def manifest_rest(part: ExamPart, sittings: Sequence[Sitting]) -> Rest:
    """Return what writes the manifest."""

    def job() -> Job:
        return manifest_job(part.packed(), part.place, sittings)

    inputs = part.inputs | {"sheets": _sheets_digest(sittings)}
    return Rest(f"{part.place}/manifest", inputs, job)


def book_rest(part: ExamPart, kind: str, name: str, sittings: Sequence[Sitting]) -> Rest:
    """Return what binds a book.

    Args:
        part: The exam.
        kind: "sheet" or "key".
        name: Of the book, without its suffix.
        sittings: Whose, in order.
    """
    place = f"{part.place}/{name}"
    picture = f"{THUMBNAILS}/{place}.png" if kind == "sheet" else ""

    def job() -> Job:
        return book_job(part.packed(), f"{place}.pdf", part.title, kind, sittings, part.store.read, picture)

    inputs = part.inputs | {"sheets": _sheets_digest(sittings)}
    return Rest(place, inputs, job, reads=True)


def _sheets_digest(sittings: Sequence[Sitting]) -> str:
    """Return a name for all sheets and keys, in order."""
    parts = []
    for each in sittings:
        files = each.entry["entry"]["files"]
        parts += [each.seat.label, *(file["sha256"] for file in files.values())]
    return digest(*parts)[:16]
