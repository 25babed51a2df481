"""Build a course: plan, do what has to be done, put sheets together, link everything, tell what was done.

What can be done is done: one document with a fault is named, and all others are there. What stops everything (no engine,
no room on the disk, no cluster) is one message, and what was finished until then is kept and counts at the next build.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from solver.course.handout import templates_named
from solver.course.inputs import digest
from solver.course.job import Done, Failure, Task
from solver.course.landing import Group, Landing, landing_pages
from solver.course.plan import Part, Planned, parts_of, setting_of
from solver.course.progress import Quiet, Reporter, Summary
from solver.course.record import Record, Records, Written, joined
from solver.course.store import STATE, Store, open_store
from solver.errors import InputError, render_failure

if TYPE_CHECKING:
    from solver.course.plan import Setting

INDEX = "index"
"""Name of the task that writes the landing page."""


@dataclass(frozen=True)
class Options:
    """How a course is built.

    Attributes:
        out: Folder or URL in which the course's own folder is made.
        jobs: Processes; None: one per core.
        scheduler: Address of a Dask scheduler, instead of processes.
        force: Make everything anew.
        dry_run: Only say what would be made, and why.
    """

    out: str = "output"
    jobs: int | None = None
    scheduler: str = ""
    force: bool = False
    dry_run: bool = False


@dataclass
class Outcome:
    """What a build did.

    Attributes:
        place: Where the course is.
        summary: Counts and times.
        failures: What could not be made.
        planned: In a dry run: (task, why), in order; None otherwise.
        outdated: In a dry run: files that would be removed.
    """

    place: str
    summary: Summary
    failures: list[Failure] = field(default_factory=list)
    planned: list[tuple[str, str]] | None = None
    outdated: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Yield what a person is told."""
        if self.planned is None:
            yield self.place
            yield str(self.summary)
            return
        for task, why in self.planned:
            yield f"{task}: {why}"
        for path in self.outdated:
            yield f"{path}: to be removed, the course no longer has it"
        files = (
            f"{len(self.outdated)} file{'s' * (len(self.outdated) != 1)} to remove, " if self.outdated else ""
        )
        yield f"{len(self.planned)} to do, {files}{self.summary.reused} documents up to date"


def build_course(file: Path, options: Options, reporter: Reporter | None = None) -> Outcome:
    """Build a course, as far as it is not built yet.

    Args:
        file: The course file.
        options: How.
        reporter: Is told what happens.

    Raises:
        InputError: The course file has a fault, or the output cannot be written.
        EngineError: There is no engine, no cluster, or no room.
    """
    from solver.spec import load_course

    summary = Summary()
    course = load_course(file)
    setting = setting_of(course, force=options.force)
    store = open_store(f"{options.out.rstrip('/') or '/'}/{course.place}")
    reporter = reporter or Quiet()
    if options.dry_run:
        return _Build(setting, store, options, reporter, summary).dry_run()
    with store.lock():
        try:
            return _Build(setting, store, options, reporter, summary).run()
        finally:
            reporter.close()


class _Build:
    """One build of one course."""

    def __init__(
        self, setting: Setting, store: Store, options: Options, reporter: Reporter, summary: Summary
    ) -> None:
        self.setting, self.store, self.options, self.reporter = setting, store, options, reporter
        self.records = Records(store)
        self.handouts, self.exams = parts_of(setting, store)
        self.outcome = Outcome(store.shown(), summary)
        self.expected: set[str] = {INDEX}
        self.leftovers: list[tuple[str, list[str]]] = []

    @property
    def parts(self) -> Sequence[Part]:
        return [*self.handouts, *self.exams]

    def run(self) -> Outcome:
        """Build."""
        self.records.sweep()
        planned = self._planned()
        documents = sum(step.task.documents for plan in planned for step in plan.steps)
        self.reporter.tell({"event": "planned", "to_build": documents, "reused": self.outcome.summary.reused})
        self._do(planned)
        while further := self._further():
            self._do(further)
        self._remove_outdated()
        self._link()
        self.records.settle()
        self.reporter.tell(self.outcome.summary.stop().event())
        return self.outcome

    def dry_run(self) -> Outcome:
        """Say what would be built, and why, and what would be removed."""
        planned = self._planned()
        steps = [(step.task.name, step.why, step.task.documents) for plan in planned for step in plan.steps]
        for part in self.parts:
            further = part.foreseen(self.records)
            self.expected.update(further)
            steps += [(task, why, 0) for task, why in further.items() if why]
        self.outcome.planned = [(task, why) for task, why, _ in steps]
        for task, why, documents in steps:
            self.reporter.tell({"event": "would build", "task": task, "why": why, "documents": documents})
        hidden = (f"{STATE}/", *(folder for plan in planned for folder in plan.again))
        for record, paths in self._outdated():
            gone = self.records.untouched(self._unwanted(record, paths), record)
            self.outcome.outdated += [path for path in gone if not path.startswith(hidden)]
        for path in self.outcome.outdated:
            self.reporter.tell({"event": "would remove", "path": path})
        self.reporter.tell(self.outcome.summary.stop().event())
        return self.outcome

    def _planned(self) -> list[Planned]:
        planned = [part.plan(self.records) for part in self.parts]
        for plan in planned:
            self._note(plan)
        return planned

    def _further(self) -> list[Planned]:
        """Return what can be done only now; [] where there is nothing more to do."""
        planned = [part.further(self.records) for part in self.parts]
        for plan in planned:
            self._note(plan)
        return planned if any(plan.steps for plan in planned) else []

    def _note(self, plan: Planned) -> None:
        self.expected.update(plan.tasks)
        self.leftovers += plan.leftovers
        self.outcome.summary.reused += plan.reused
        self._failed(plan.failures)

    def _failed(self, failures: Sequence[Failure]) -> None:
        self.outcome.failures += failures
        self.outcome.summary.failed += sum(failure.documents for failure in failures)
        for failure in failures:
            self.reporter.tell(
                {
                    "event": "failed",
                    "what": failure.what,
                    "message": failure.message,
                    "documents": failure.documents,
                }
            )

    # --- doing -------------------------------------------------------------------------------------------

    def _do(self, planned: Sequence[Planned]) -> None:
        tasks = [step.task for plan in planned for step in plan.steps]
        if not tasks:
            return
        # The longest first: a long one that is begun last would leave the other processes idle.
        tasks.sort(key=lambda task: -task.documents)
        inputs = {task.name: task for task in tasks}
        for done in self._results(tasks):
            self._keep(done, inputs[done.name])

    def _results(self, tasks: Sequence[Task]) -> Iterator[Done]:
        from solver.course import execute

        program = self.setting.program
        if self.options.scheduler:
            return execute.run_on_cluster(tasks, self.store, program, self.options.scheduler)
        return execute.run_on_this_machine(tasks, self.store, program, self.options.jobs)

    def _keep(self, done: Done, task: Task) -> None:
        files = dict(done.files)
        for path in reversed(list(done.contents)):
            files[path] = Written(files[path].sha256, self.store.write(path, done.contents[path]))
        if files:
            before = self.records.find(task.name)
            if before is not None and task.adds:
                known = joined(before.data, done.data)
                self.records.keep(Record(task.name, task.inputs, {**before.files, **files}, known))
            else:
                self.records.keep(Record(task.name, task.inputs, files, done.data))
                self._discard(before, [path for path in before.files if path not in files] if before else [])
        self.outcome.summary.built += 0 if task.adds else done.documents
        self._failed(done.failures)
        failed = sum(failure.documents for failure in done.failures)
        event = {"event": "built", "task": done.name, "documents": done.documents, "failed": failed}
        self.reporter.tell({**event, "seconds": round(done.seconds, 3)})

    # --- what is left over -------------------------------------------------------------------------------

    def _remove_outdated(self) -> None:
        for record, paths in self._outdated():
            self._discard(record, paths)
            if record.task not in self.expected:
                self.records.forget(record.task)

    def _outdated(self) -> Iterator[tuple[Record, list[str]]]:
        """Yield what the course no longer has: files, with the record that they are in."""
        for name in self.records.tasks():
            record = self.records.find(name)
            if name not in self.expected and record is not None:
                yield record, list(record.files)
        for name, paths in self.leftovers:
            record = self.records.find(name)
            if record is not None:
                yield record, paths

    def _unwanted(self, record: Record, paths: list[str]) -> list[str]:
        """Return those files of a record that no other task has."""
        others = (self.records.find(name) for name in self.expected if name != record.task)
        kept = {path for other in others if other is not None for path in other.files}
        return [path for path in paths if path not in kept]

    def _discard(self, record: Record | None, paths: list[str]) -> None:
        """Remove files of a record that no other task has."""
        if record is None or not paths:
            return
        gone = self.records.discard(self._unwanted(record, paths), record)
        shown = [path for path in gone if not path.startswith(f"{STATE}/")]
        self.outcome.summary.removed += len(shown)
        for path in shown:
            self.reporter.tell({"event": "removed", "path": path})

    # --- the landing page --------------------------------------------------------------------------------

    def _link(self) -> None:
        """Write the landing page, where it would not be the same as before."""
        course = self.setting.course
        groups = tuple(self._group(title, parts) for title, parts in _headed(self.parts).items())
        about = " · ".join(filter(None, [course.lecturer, course.term]))
        landing = Landing(course.title, about, groups, course.style.language)
        inputs = {
            "content": digest(repr(landing))[:16],
            "templates": self.setting.styling.digest_for(["html", "md"]),
            "program": self.setting.program,
        }
        if not self.setting.force and not self.records.why(INDEX, inputs):
            return
        try:
            pages = landing_pages(landing, self.setting.styling.unpacked())
        except InputError as error:
            self._failed([Failure(INDEX, render_failure(templates_named(error, self.setting.styling)))])
            return
        files = {name: Written(_sha256(page), self.store.write(name, page)) for name, page in pages.items()}
        before = self.records.find(INDEX)
        self.records.keep(Record(INDEX, inputs, files))
        self._discard(before, [path for path in before.files if path not in files] if before else [])

    def _group(self, title: str, parts: Sequence[Part]) -> Group:
        entries = [part.entry(self.records, self.outcome.failures) for part in parts]
        listings = tuple(listing for _, listing in entries if listing is not None)
        return Group(title, tuple(card for card, _ in entries), listings)


def _headed(parts: Sequence[Part]) -> dict[str, list[Part]]:
    """Return the parts under headings: the first folder of each, in words, in the order of the course file."""
    headed: dict[str, list[Part]] = {}
    for part in parts:
        words = part.place.split("/", 1)[0].replace("-", " ").replace("_", " ")
        headed.setdefault(words[:1].upper() + words[1:], []).append(part)
    return headed


def _sha256(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()
