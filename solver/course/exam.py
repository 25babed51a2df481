"""The exam command: from an exam file to sheets, keys, the two books to print, and the manifest.

Sheets are made by the same jobs as those of a course, and put together by the same functions; what is different is that
an exam is whole or not at all. Nothing is written before everything is made, one student's fault ends all, and nothing is
remembered for the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from solver.course.exam_job import KINDS, NEEDS, Context, ExamJob, book_of
from solver.course.exam_plan import ExamPlan, plan_exam
from solver.course.exam_rest import Sitting, book_job, manifest_job
from solver.course.execute import run_on_this_machine
from solver.course.inputs import Styling, program_identity
from solver.course.job import Task
from solver.course.record import joined
from solver.files import in_one, write_whole

if TYPE_CHECKING:
    from solver.course.job import Done, Job
    from solver.course.progress import Tell
    from solver.files import Content

RUN = 25
"""Students of one job: half of a course's, whose exams are larger, so that a class keeps several cores busy.

The number is the same on every machine, since a PDF's bytes depend on who shares its run of TeX.
"""


def exam_files(
    file: Path,
    formats: Sequence[str],
    out: Path,
    *,
    roster: Path | None = None,
    seed: int | None = None,
    templates: Path | None = None,
    progress: Tell | None = None,
    note: Callable[[str], None] | None = None,
) -> Iterator[Path]:
    """Write the sheets and keys of an exam and yield each file written.

    Args:
        file: The exam file.
        formats: Of "pdf", "tex", "md".
        out: The exam's folder is made in it.
        roster: Students, instead of the file's own roster.
        seed: Instead of the file's own seed.
        templates: A folder whose templates come before the shipped ones.
        progress: Told how far it is.
        note: Told what a teacher should know.

    Raises:
        InputError: A file cannot be used, or there are too few variants.
        EngineError: TeX failed.
    """
    from solver.spec import load_exam

    plan = plan_exam(load_exam(file, roster), seed)
    if note is not None:
        for text in plan.warnings:
            note(text)
    for path, content in make_exam(plan, formats, templates=templates, progress=progress).items():
        write_whole(out / path, content)
        yield out / path


def make_exam(
    plan: ExamPlan, formats: Sequence[str], *, templates: Path | None = None, progress: Tell | None = None
) -> dict[str, Content]:
    """Return every file of an exam by its path in the output folder; the manifest is the last.

    Raises:
        InputError: A question cannot be asked, or a template has a fault.
        EngineError: TeX failed; a sheet that does not compile is named.
    """
    exam, tell = plan.exam, progress or (lambda what, done, total: None)
    place = exam.file.stem
    bare = exam.model_copy().with_files(exam.problems, None)
    context = Context(bare, plan.seed, Styling(templates, None), tuple(formats)).packed()
    jobs = [
        ExamJob(context, f"{place}/run-{start}", place, plan.seats[start : start + RUN], strict=True)
        for start in range(0, len(plan.seats), RUN)
    ]
    made = _done(jobs, "sheets", tell)
    longest = max(done.data["pages"] for done in made.values())
    shorter = [
        replace(job, pages=longest, again=True) for job in jobs if made[job.name].data["pages"] < longest
    ]
    for name, more in _done(shorter, "sheets of equal length", tell).items():
        contents = {**made[name].contents, **more.contents}
        made[name] = replace(made[name], contents=contents, data=joined(made[name].data, more.data))
    files = {path: content for job in jobs for path, content in made[job.name].contents.items()}
    sittings = [
        Sitting(seat, made[job.name].data["students"][seat.name], book_of(job.name))
        for job in jobs
        for seat in job.seats
    ]
    rest: list[Job] = []
    if "pdf" in formats:
        for kind in KINDS:
            path = f"{place}/all-{kind}s.pdf"
            rest.append(book_job(context, path, exam.title, kind, sittings, lambda path: in_one(files[path])))
    rest.append(manifest_job(context, place, sittings))
    for one in rest:
        files |= one().files
    return {path: content for path, content in files.items() if path.startswith(f"{place}/")}


def _done(jobs: Sequence[ExamJob], what: str, tell: Tell) -> dict[str, Done]:
    """Return what jobs have made, by their names."""
    tasks = [Task(job.name, {}, len(job.seats), job, needs=NEEDS, strict=True) for job in jobs]
    total = sum(task.documents for task in tasks)
    count, made = 0, {}
    if tasks:
        tell(what, count, total)
    for done in run_on_this_machine(tasks, None, program_identity()):
        made[done.name] = done
        count += len(done.data["students"])
        tell(what, count, total)
    return made
