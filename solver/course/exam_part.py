"""An exam as part of a course: which students' sheets are up to date, and which jobs make the others.

Every student has a digest of the row, every exam one of its files and style; a job's record holds both. Students without
a valid record are shared out among jobs in the order of the roster, always the same number each. So a build that was
killed finds the same jobs again, less those that are done; and a student who is added gets a job alone.

When all sheets are there, those that are shorter than the longest are made again with pages for further work at their
end; then the books, the page of all answers and the manifest are put together, from what was remembered of each student.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from solver.course.exam_files import ExamFiles, read_exam_files
from solver.course.exam_job import KINDS, MARKDOWN, NEEDS, Context, ExamJob, book_of
from solver.course.inputs import digest, model_digest
from solver.course.job import Failure, Task
from solver.course.landing import Card, Link, Listing, Row
from solver.course.plan import NAMES, Planned, Step
from solver.course.store import STATE
from solver.errors import InputError, render_failure

if TYPE_CHECKING:
    from solver.course.exam_ledger import Entry
    from solver.course.exam_rest import Rest
    from solver.course.plan import Setting
    from solver.course.record import Record, Records
    from solver.course.seats import Seat
    from solver.course.store import Store
    from solver.spec.course import CourseExam

RUN = 50
"""Students of one job."""

_STUDENT = "student "
"""Begins the names of the inputs that are students."""


@dataclass
class ExamPart:
    """An exam of a course.

    Attributes:
        setting: What all parts of the course share.
        table: The course's table about this exam.
        store: Where the course is written.
    """

    setting: Setting
    table: CourseExam
    store: Store
    _files: ExamFiles | None = None
    _context: bytes = b""
    _rounds: int = 0

    @property
    def place(self) -> str:
        """Its folder below the course's."""
        return self.table.place

    @property
    def title(self) -> str:
        """The exam's title."""
        return self._files.title if self._files is not None else self.place

    # --- what is to be done ------------------------------------------------------------------------------

    def plan(self, records: Records) -> Planned:
        """Return the jobs of the students whose sheets are not up to date."""
        try:
            self._files = read_exam_files(self.setting.course, self.table)
        except InputError as error:
            return Planned(tasks=[*self._known_tasks(records)], failures=[self._failure(error)])
        planned = Planned()
        waiting = self._not_covered(records, planned)
        try:
            for seats, why in waiting:
                planned.steps.append(Step(self._task(seats), why))
                planned.again += [f"{self.place}/{seat.name}/" for seat in seats]
        except InputError as error:
            return Planned(tasks=[*self._known_tasks(records)], failures=[self._failure(error)])
        planned.tasks += [step.task.name for step in planned.steps]
        planned.tasks += [self._name("all-sheets"), self._name("all-keys"), self._name("manifest")]
        return planned

    def further(self, records: Records) -> Planned:
        """Return what can be done only now: equal lengths first, then what is put together of all sheets.

        One book after the other: binding two thousand keys takes a third of a gigabyte.
        """
        planned = Planned()
        while self._files is not None and not planned.steps and self._rounds <= len(KINDS):
            self._rounds += 1
            covering = self._covering(records)
            if self._rounds > 1:
                found = self._put_together(records, covering, KINDS[self._rounds - 2])
            else:
                found = self._shorter(covering) if self._compiles else Planned()
            planned.steps += found.steps
            planned.tasks += found.tasks
        return planned

    def foreseen(self, records: Records) -> Mapping[str, str]:
        """Return the books and the manifest: those that will be made of other sheets than before, or are missing."""
        if self._files is None:
            return {}
        covering = self._covering(records)
        rests = [rest for kind in KINDS for rest in self._rests(covering, kind, len(self._files.seats))]
        return {rest.name: self._why(records, rest) for rest in rests}

    def _failure(self, error: InputError) -> Failure:
        return Failure(self.place, render_failure(error))

    def _name(self, name: str) -> str:
        return f"{self.place}/{name}"

    def _known_tasks(self, records: Records) -> Iterator[str]:
        """Yield the tasks of builds before: while its file has a fault, nothing of an exam is thrown away."""
        yield from records.tasks(f"{self.place}/")

    @property
    def _compiles(self) -> bool:
        return "pdf" in self.table.to or "tex" in self.table.to

    # --- which students are up to date ---------------------------------------------------------------------

    @cached_property
    def inputs(self) -> dict[str, str]:
        """What every sheet of the exam is made from."""
        assert self._files is not None
        style = self.setting.course.style
        inputs = {
            "exam": self._files.digest,
            "seed": self._files.seed_digest,
            "formats": ",".join(self.table.to),
            "notation": model_digest(style.notation),
            "numbers": model_digest(style.numbers),
            "templates": self.setting.styling.digest_for([*self.table.to, "tex"]),
            "program": self.setting.program,
        }
        return inputs | ({"engine": self.setting.engine} if self._compiles else {})

    @cached_property
    def _digests(self) -> dict[str, str]:
        """Return the digest of every student's row, in order."""
        assert self._files is not None
        return {
            seat.name: digest(seat.name, "" if seat.student is None else seat.student.name)[:16]
            for seat in self._files.seats
        }

    def _runs(self, records: Records) -> list[Record]:
        """Return the records of jobs that were done."""
        found = (records.find(task) for task in records.tasks(self._name("run-")))
        return [record for record in found if record is not None]

    def _not_covered(self, records: Records, planned: Planned) -> list[tuple[tuple[Seat, ...], str]]:
        """Return the jobs to do, each with its reason; note what is up to date and what is left over."""
        assert self._files is not None
        digests, inputs = self._digests, self.inputs
        seats = {seat.name: seat for seat in self._files.seats}
        why: dict[str, str] = dict.fromkeys(seats, "new")
        again: list[tuple[tuple[Seat, ...], str]] = []
        covered: set[str] = set()
        made: set[str] = set()
        tried: list[str] = []
        for record in self._runs(records):
            members = _members(record)
            current = [name for name, known in members.items() if digests.get(name) == known]
            reason = "--force" if self.setting.force else _difference(record.inputs, inputs)
            missing = "" if reason else records.missing(record, self._paths(record, current))
            if missing and len(current) == len(members):
                # The whole job again: a sheet's bytes depend on who shares its run of TeX.
                again.append((tuple(seats[name] for name in members), missing))
                covered.update(current)
                continue
            if reason or missing:
                why |= dict.fromkeys((name for name in members if name in seats), reason or missing)
                continue
            planned.tasks.append(record.task)
            covered.update(current)
            made.update(name for name in current if name not in record.data["failed"])
            tried += [name for name in current if name in record.data["failed"]]
            why |= {name: "the student's row changed" for name in members if name in seats}
            gone = [name for name in members if name not in seats]
            planned.leftovers.append((record.task, self._paths(record, gone, bound=False)))
        planned.reused += len(made) * self._documents
        fresh = [seat for name, seat in seats.items() if name not in covered]
        jobs = [
            (tuple(fresh[start : start + RUN]), why[fresh[start].name]) for start in range(0, len(fresh), RUN)
        ]
        # Who failed before is tried again, apart from the others, so that those keep their jobs.
        jobs += [((seats[name],), "it could not be made") for name in tried if name not in made]
        return again + jobs

    def _paths(self, record: Record, students: Collection[str], *, bound: bool = True) -> list[str]:
        """Return the files of a record that belong to some students, with what the job has bound."""
        start = len(self.place) + 1
        own = f"{STATE}/"
        return [
            path
            for path in record.files
            if (bound if path.startswith(own) else path[start:].split("/", 1)[0] in students)
        ]

    @property
    def _documents(self) -> int:
        return len(KINDS) * len(self.table.to)

    @property
    def _needs(self) -> tuple[str, ...]:
        return (*NEEDS, MARKDOWN) if "md" in self.table.to else NEEDS

    def _task(self, seats: tuple[Seat, ...]) -> Task:
        digests = self._digests
        own = {f"{_STUDENT}{seat.name}": digests[seat.name] for seat in seats}
        inputs = self.inputs | own
        name = self._name(f"run-{digest(*(part for pair in own.items() for part in pair))[:12]}")
        job = ExamJob(self.packed(), name, self.place, seats)
        return Task(name, inputs, len(seats) * self._documents, job, needs=self._needs)

    def packed(self) -> bytes:
        """Return what all jobs share; the exam is loaded only now, when there is something to do."""
        if not self._context:
            assert self._files is not None
            exam = self._files.loaded(self.setting.course)
            self._context = Context(exam, self._files.seed, self.setting.styling, self.table.to).packed()
        return self._context

    # --- what comes after -----------------------------------------------------------------------------------

    def _covering(self, records: Records) -> dict[str, tuple[Record, Entry]]:
        """Return for every student who has a sheet the record of its job, and what is remembered; in order."""
        digests = self._digests
        found: dict[str, tuple[Record, Entry]] = {}
        for record in self._runs(records):
            if _difference(record.inputs, self.inputs):
                continue
            for name, known in _members(record).items():
                if digests.get(name) == known and name in record.data["students"]:
                    found[name] = (record, record.data["students"][name])
        return {name: found[name] for name in digests if name in found}

    def _shorter(self, covering: Mapping[str, tuple[Record, Entry]]) -> Planned:
        """Return the jobs whose sheets are shorter than the longest."""
        assert self._files is not None
        records = {record.task: record for record, _ in covering.values()}
        longest = max((record.data["pages"] for record in records.values()), default=0)
        seats = {seat.name: seat for seat in self._files.seats}
        planned = Planned()
        for task, record in records.items():
            members = tuple(_members(record))
            if record.data["pages"] == longest or not all(name in seats for name in members):
                continue
            kept = tuple(seats[name] for name in members if name not in record.data["failed"])
            job = ExamJob(self.packed(), task, self.place, kept, longest, again=True)
            made = Task(task, record.inputs, 0, job, adds=True, needs=self._needs)
            planned.steps.append(Step(made, "other sheets are longer"))
        return planned

    def _put_together(
        self, records: Records, covering: Mapping[str, tuple[Record, Entry]], kind: str
    ) -> Planned:
        """Return the tasks that make the books of sheets or of keys, where they are not up to date."""
        planned = Planned()
        for rest in self._rests(covering, kind, len(covering)) if covering else ():
            planned.tasks.append(rest.name)
            why = self._why(records, rest)
            if why:
                planned.steps.append(Step(rest.task(), why))
        return planned

    def _rests(self, covering: Mapping[str, tuple[Record, Entry]], kind: str, seats: int) -> list[Rest]:
        """Return the books of sheets or of keys, for so many students; with the sheets the manifest."""
        from solver.course.books import VOLUME
        from solver.course.exam_rest import Sitting, book_rest, manifest_rest

        assert self._files is not None
        made = [(seat, *covering[seat.name]) for seat in self._files.seats if seat.name in covering]
        sittings = [Sitting(seat, entry, book_of(record.task)) for seat, record, entry in made]
        rests = [manifest_rest(self, sittings)] if kind == KINDS[0] else []
        if "pdf" in self.table.to:
            volumes = [sittings[start : start + VOLUME] for start in range(0, seats, VOLUME)]
            for number, volume in enumerate(volumes, start=1):
                suffix = f"-{number}" if len(volumes) > 1 else ""
                rests.append(book_rest(self, kind, f"all-{kind}s{suffix}", volume))
        return rests

    def _why(self, records: Records, rest: Rest) -> str:
        return "--force" if self.setting.force else records.why(rest.name, rest.inputs)

    # --- the landing page -----------------------------------------------------------------------------------

    def entry(self, records: Records, failures: list[Failure]) -> tuple[Card, Listing | None]:
        """Return the card of the exam, and the list of its sheets."""
        covering = {} if self._files is None else self._covering(records)
        names = ("all-sheets", "all-keys")
        books = [task for name in names for task in records.tasks(self._name(name))]
        links = [
            Link(_words(task), next(iter(record.files))) for task in books if (record := records.find(task))
        ]
        manifest = records.find(self._name("manifest"))
        if manifest is not None:
            links.append(Link("Manifest", next(iter(manifest.files))))
        title = self.table.title or (self._files.title if self._files is not None else "") or self.place
        count = f"{len(covering)} sheet{'s' * (len(covering) != 1)}"
        # Not merely how it starts: "midterm-2" is another exam than "midterm".
        own = [
            failure
            for failure in failures
            if failure.what == self.place or failure.what.startswith((f"{self.place}:", f"{self.place}/"))
        ]
        picture = next(
            (task for task in books if (record := records.find(task)) and "thumbnail" in record.data), ""
        )
        shown = records.find(picture)
        thumbnail = "" if shown is None else str(shown.data["thumbnail"])
        faults = [f"{failure.what} could not be built." for failure in own[:20]]
        card = Card(title, tuple(links), f"Exam · {count}", thumbnail, tuple(faults))
        return card, self._listing(title, covering)

    def _listing(self, title: str, covering: Mapping[str, tuple[Record, Entry]]) -> Listing | None:
        if not covering or self._files is None:
            return None
        rows = []
        for seat in self._files.seats:
            if seat.name not in covering:
                continue
            files = covering[seat.name][1]["entry"]["files"]
            links = [Link(_file_words(name, file["path"]), f"{self.place}/{file['path']}") for name, file in files.items()
                     if not file["path"].endswith(".svg")]  # fmt: skip
            name = "" if seat.student is None else seat.student.name
            rows.append(Row((seat.name, name), tuple(links)))
        header = (
            "Variant" if self._files.roster is None else "Id",
            "Name",
            *(link.name for link in rows[0].links),
        )
        return Listing(f"{title}: {len(rows)} sheets and keys", header, tuple(rows))


def _file_words(name: str, path: str) -> str:
    suffix = PurePosixPath(path).suffix[1:]
    stem = PurePosixPath(path).stem.capitalize()
    return f"{stem} ({NAMES.get(suffix, suffix)})"


def _words(task: str) -> str:
    """Return what a reader calls a book: "All sheets", "All keys 2"."""
    return task.rsplit("/", 1)[-1].replace("-", " ").capitalize()


def _members(record: Record) -> dict[str, str]:
    """Return the students of a job, with the digests of their rows."""
    return {
        name.removeprefix(_STUDENT): known
        for name, known in record.inputs.items()
        if name.startswith(_STUDENT)
    }


def _difference(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Return in words how the exam of a record differs from that of today; its students are looked at elsewhere."""
    from solver.course.inputs import difference

    return difference({name: value for name, value in before.items() if not name.startswith(_STUDENT)}, now)
