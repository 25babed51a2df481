"""Some sheets of an exam with their keys, made in one go: drawn, asked, written, compiled, split.

Some fifty students share a job: their numbers are computed together and their sheets compiled in one run, and in a larger
one a sheet costs hardly less. What a job makes depends on its students and on the exam alone: the same job gives the same
bytes on any machine, whatever was made before.

A course makes what can be made: a student whose sheet cannot be made is named, and the others of the job are made. The
command `exam` has strict jobs, since an exam with a sheet missing is none: there the student's fault ends all.
"""

from __future__ import annotations

import gc
import pickle
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from solver.course.inputs import Styling
from solver.course.job import Failure, Made
from solver.course.store import STATE
from solver.errors import EngineError, InputError, render_failure

if TYPE_CHECKING:
    from solver.course.exam_pages import Pages
    from solver.course.exam_plan import ExamPlan, Paper
    from solver.course.seats import Seat
    from solver.engines.log import TexFault
    from solver.engines.runs import RunResult, Sheet, SheetFailure, SheetPdf
    from solver.files import Content
    from solver.spec import Exam
    from solver.trace.cohort import Families

KINDS = ("sheet", "key")

NEEDS = (
    "solver.course.exam_ledger",
    "solver.course.exam_pages",
    "solver.course.figures",
    "solver.course.formulas",
    "pikepdf",
    "platformdirs",
    "pylatex",
    "segno",
)
"""Modules that bring in nearly all that a job imports."""

MARKDOWN = "solver.writers.markdown"
"""What a job imports besides where it makes Markdown."""

PREPARED = 6
"""Students whose questions tell most of what there is to know of an exam's questions."""


@dataclass(frozen=True)
class Context:
    """What all jobs of an exam share.

    Attributes:
        exam: The exam with its problems, without its roster.
        seed: Of its draws, the secret mixed in.
        styling: The course's templates.
        formats: Of "pdf", "tex", "md".
        families: What a process knows of the variants of each question.
    """

    exam: Exam
    seed: int
    styling: Styling
    formats: tuple[str, ...]
    families: dict[int, Families] = field(default_factory=dict, repr=False, compare=False)

    def packed(self) -> bytes:
        """Return the context as a job carries it."""
        return pickle.dumps(self)


@lru_cache(maxsize=4)
def unpacked(context: bytes) -> Context:
    """Return what was packed."""
    # Once a process: the choosers of a problem's variants remember what they found out.
    return pickle.loads(context)  # type: ignore[no-any-return]  # noqa: S301 - packed by this very build


@dataclass(frozen=True)
class ExamJob:
    """Makes the sheets and keys of some students.

    Attributes:
        context: See `Context.packed`.
        name: Of the task.
        place: The exam's folder, below the course's.
        seats: Whose.
        pages: How many pages each sheet has at least, so that all sheets of the exam are equally long.
        again: Sheets alone: the keys are there, and do not change with the number of pages.
        strict: Whether the fault of a student is raised, rather than told beside what was made of the others.
    """

    context: bytes = field(repr=False)
    name: str
    place: str
    seats: tuple[Seat, ...]
    pages: int = 0
    again: bool = False
    strict: bool = False

    @property
    def shared(self) -> bytes:
        """What the other jobs of the exam have in common with it."""
        return self.context

    def prepare(self) -> None:
        """Pose the questions of a few, so that this process, and those forked from it, know how they are told."""
        with _uncollected():
            _Run(replace(self, seats=self.seats[:PREPARED])).written()

    def __call__(self) -> Made:
        """Make the files.

        Raises:
            InputError: A template has a fault; of a strict job, a question too.
            EngineError: There is no engine, or no room to work in; of a strict job, a sheet does not compile.
        """
        with _uncollected():
            return _Run(self).made()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Do without the collector of reference cycles: a job makes many small things that all live as long as it does.

    Looking through them again and again takes a quarter of the time, and finds nothing.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Run:
    """One job being done."""

    def __init__(self, job: ExamJob) -> None:
        from solver.course.exam_pages import pages_of
        from solver.course.handout import templates_named

        self.job = job
        self.context = unpacked(job.context)
        self.failures: dict[str, Failure] = {}
        self.runs: dict[str, tuple[bytes, ...]] = {}
        try:
            self.look: Pages = pages_of(self.context.exam, self.context.styling.unpacked())
            self.preamble = self.look.preamble
        except InputError as error:
            raise templates_named(error, self.context.styling) from None

    def written(self) -> tuple[ExamPlan, list[Paper], dict[str, list[Sheet]]]:
        """Return the questions of all seats, and their sheets and keys as TeX."""
        plan = self._plan()
        papers = self._papers(plan)
        return plan, papers, {kind: [self._sheet(paper, kind) for paper in papers] for kind in self._kinds}

    def made(self) -> Made:
        """Return what the job makes."""
        plan, papers, written = self.written()
        pdfs: dict[str, SheetPdf] = {}
        if self._compiles:
            pdfs, written["sheet"] = self._even(papers, written["sheet"])
            if "key" in written:
                # A key does not say how many pages it has, so any number will do.
                pdfs |= self._compiled(written["key"], papers, pages=1)
        papers, written = self._without_failed(papers, written)
        files: list[_File] = []
        entries: dict[str, Any] = {}
        for place, paper in enumerate(papers):
            sheets = {kind: some[place] for kind, some in written.items()}
            own = self._files(paper, sheets, pdfs)
            files += own.values()
            entries[paper.seat.name] = self._entry(plan, paper, own) | {"pages": self._pages(sheets, pdfs)}
        files += self._kept(entries)
        lengths = [pdfs[sheet.name].pages for sheet in written["sheet"] if sheet.name in pdfs]
        data: dict[str, Any] = {"students": entries, "pages": max(lengths, default=0)}
        if not self.job.again:
            data["failed"] = sorted(self.failures)
        documents = len(papers) * len(written) * len(self.context.formats)
        contents = {file.path: file.content for file in files}
        hashes = {file.path: file.sha256 for file in files}
        return Made(contents, data, tuple(self.failures.values()), documents, hashes)

    @property
    def _kinds(self) -> tuple[str, ...]:
        return KINDS[:1] if self.job.again else KINDS

    @property
    def _compiles(self) -> bool:
        # The .tex of a sheet says how many pages are added to it, and only TeX can tell.
        return "pdf" in self.context.formats or "tex" in self.context.formats

    # --- questions ---------------------------------------------------------------------------------------

    def _plan(self) -> ExamPlan:
        """Draw the numbers of all seats together; one by one where some have none, so that those can be named."""
        from solver.course.exam_plan import drawn_plan

        exam, seed, families = self.context.exam, self.context.seed, self.context.families
        try:
            return drawn_plan(exam, seed, self.job.seats, families)
        except InputError:
            good = []
            for seat in self.job.seats:
                try:
                    drawn_plan(exam, seed, (seat,))
                    good.append(seat)
                except InputError as error:
                    self._fail(seat, error)
            if not good:
                raise
            return drawn_plan(exam, seed, tuple(good), families)

    def _papers(self, plan: ExamPlan) -> list[Paper]:
        """Pose the questions of all seats; one by one where one of them cannot be posed."""
        from solver.course.exam_plan import papers_of

        places = range(len(plan.seats))
        try:
            return papers_of(plan, places)
        except Exception:  # noqa: BLE001 - found again below, with its student
            pass
        papers = []
        for place in places:
            try:
                papers += papers_of(plan, [place])
            except Exception as error:  # noqa: BLE001 - one student's numbers must not take the others with them
                self._fail(plan.seats[place], error)
        return papers

    # --- TeX ---------------------------------------------------------------------------------------------

    def _sheet(self, paper: Paper, kind: str, blank_pages: int = 0, pages: int = 0) -> Sheet:
        from solver.course.handout import templates_named

        try:
            return self.look.latex(paper.seat, paper.questions, kind, blank_pages=blank_pages, pages=pages)
        except InputError as error:
            raise templates_named(error, self.context.styling) from None

    def _even(self, papers: Sequence[Paper], sheets: list[Sheet]) -> tuple[dict[str, SheetPdf], list[Sheet]]:
        """Compile sheets, and all of them again where some are shorter than others, or than those of other jobs.

        Also where one has more pages than it was written for. Only such a sheet is written anew, so that its TeX does not
        depend on who shares its job. But always all of a job are compiled: so the bytes of a PDF do not depend on how the
        number of pages became known.
        """
        made = self._compiled(sheets, papers)
        lengths = [made[sheet.name].pages if sheet.name in made else 0 for sheet in sheets]
        longest = max([self.job.pages, *lengths])
        even = [
            self._sheet(paper, "sheet", longest - length, longest)
            if length and (length < longest or longest > sheet.most)
            else sheet
            for paper, sheet, length in zip(papers, sheets, lengths, strict=True)
        ]
        if even == sheets:
            return made, sheets
        return self._compiled([sheet for sheet in even if sheet.name in made], papers, longest), even

    def _compiled(
        self, sheets: Sequence[Sheet], papers: Sequence[Paper], pages: int | None = None
    ) -> dict[str, SheetPdf]:
        """Return the sheets that compile; the others are named. `pages` is how long they are, where that is known."""
        from solver.course.figures import placed_figures
        from solver.engines.batch import compile_run
        from solver.engines.runs import Run

        if not sheets:
            return {}
        kind = sheets[0].name.rpartition("-")[2]
        placed = placed_figures(self.preamble, tuple(sheets))
        run = Run(tuple(sheets), self.preamble, placed, pages, keep="pdf" in self.context.formats)
        result: RunResult = compile_run(run)
        self.runs[kind] = result.runs
        seats = {f"{paper.seat.plain}-{kind}": paper.seat for paper in papers}
        for failure in result.failures:
            error = not_compiled(failure.name, failure.fault)
            self._fail(seats[failure.name], error, _tex_words(failure, kind))
        return {sheet.name: sheet for sheet in result.sheets}

    def _fail(self, seat: Seat, error: Exception, message: str = "") -> None:
        if self.job.strict:
            raise error
        who = f"variant {seat.name}" if seat.student is None else f"student {seat.name}"
        documents = len(self._kinds) * len(self.context.formats)
        failure = Failure(f"{self.job.place}: {who}", message or render_failure(error), documents)
        self.failures.setdefault(seat.name, failure)

    def _without_failed(
        self, papers: Sequence[Paper], written: Mapping[str, Sequence[Sheet]]
    ) -> tuple[list[Paper], dict[str, list[Sheet]]]:
        """Leave out students who miss their sheet or their key: half of a pair is of no use."""
        kept = [place for place, paper in enumerate(papers) if paper.seat.name not in self.failures]
        return [papers[place] for place in kept], {
            kind: [sheets[place] for place in kept] for kind, sheets in written.items()
        }

    # --- files -------------------------------------------------------------------------------------------

    def _files(
        self, paper: Paper, written: Mapping[str, Sheet], pdfs: Mapping[str, SheetPdf]
    ) -> dict[str, _File]:
        """Return the files of a student by their names in the student's folder."""
        folder, formats = f"{self.job.place}/{paper.seat.name}", self.context.formats
        found: dict[str, _File] = {}
        for kind, sheet in written.items():
            texts: dict[str, str] = {}
            if "pdf" in formats:
                made = pdfs[sheet.name].file
                found[f"{kind}.pdf"] = _File(f"{folder}/{kind}.pdf", made.parts, made.sha256)
            if "tex" in formats:
                texts[f"{kind}.tex"] = self.look.latex_text(sheet)
            if "md" in formats:
                told = self.look.markdown(paper.seat, paper.questions, kind)
                texts |= {f"{kind}.md": told.text, **told.figures}
            found |= {name: _file(f"{folder}/{name}", text.encode()) for name, text in texts.items()}
        return found

    def _pages(
        self, written: Mapping[str, Sheet], pdfs: Mapping[str, SheetPdf]
    ) -> dict[str, tuple[str, int, int]]:
        """Return where a book finds the pages of a student: the run of TeX, the first page there, and how many."""
        made = {kind: pdfs[sheet.name] for kind, sheet in written.items() if sheet.name in pdfs}
        return {kind: (_run_name(kind, sheet.run), sheet.first, sheet.pages) for kind, sheet in made.items()}

    def _kept(self, entries: Mapping[str, Any]) -> list[_File]:
        """Return the pages of all sheets and keys, by the run of TeX that made them, for the books."""
        used = {run for entry in entries.values() for run, _, _ in entry["pages"].values()}
        runs = {
            _run_name(kind, place): run for kind, some in self.runs.items() for place, run in enumerate(some)
        }
        return [_file(f"{book_of(self.job.name)}/{name}", run) for name, run in runs.items() if name in used]

    def _entry(self, plan: ExamPlan, paper: Paper, files: Mapping[str, _File]) -> dict[str, Any]:
        """Return what is remembered of a student: what the manifest and the page of all answers say.

        The manifest calls the first format of each "sheet" and "key", and all other files by their own names.
        """
        from solver.course.exam_ledger import remembered

        start = len(self.job.place) + 1
        others = {name: (file.path[start:], file.sha256) for name, file in files.items()}
        first = {kind: next(name for name in files if name.startswith(f"{kind}.")) for kind in self._kinds}
        main = {kind: others.pop(name) for kind, name in first.items()}
        return remembered(plan, paper, main | others)


@dataclass(frozen=True)
class _File:
    """A file of a job, with SHA-256 of its content."""

    path: str
    content: Content
    sha256: str


def _file(path: str, content: bytes) -> _File:
    return _File(path, content, sha256(content).hexdigest())


def book_of(job: str) -> str:
    """Return the folder of the pages that a job keeps for the books, below the course's."""
    return f"{STATE}/books/{job}"


def not_compiled(name: str, fault: TexFault) -> EngineError:
    """Return the error of a sheet or page that TeX cannot set."""
    line = f", line {fault.line}" if fault.line else ""
    return EngineError(f"{name} does not compile{line}: {fault.message}", fault.context)


def _run_name(kind: str, place: int) -> str:
    """Return the file of a run of TeX; there are several only where a sheet has a fault."""
    return f"{kind}s-{place + 1}.pages" if place else f"{kind}s.pages"


def _tex_words(failure: SheetFailure, kind: str) -> str:
    """Return the fault of a sheet: where it stands in the sheet's own TeX, and what TeX says."""
    fault = failure.fault
    where = f"{kind}.tex" + (f", line {fault.line}" if fault.line is not None else "")
    figure = f" in the drawing {failure.figure}" if failure.figure else ""
    words = f"{where}: {fault.message}{figure}"
    return "\n".join([words, *(fault.context or fault.source).splitlines()])
