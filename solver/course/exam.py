"""The exam command's road: from an exam file to sheets, keys, the two books to print, and the manifest.

Seats and questions are planned and drawn first (`exam_plan`), sheets and keys are written as TeX (`exam_pages`), many of
them are compiled in one run, and only when everything is made the first file is written: a fault leaves nothing half
done, and each file appears whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from solver.course.exam_overview import all_answers
from solver.course.exam_pages import Pages
from solver.course.exam_plan import ExamPlan, Paper, papers_of, plan_exam
from solver.course.manifest import FILE, manifest_of, sheet_entry
from solver.engines.batch import compile_batch
from solver.engines.runs import Sheet
from solver.errors import EngineError
from solver.files import write_whole
from solver.writers.latex import latex_templates

if TYPE_CHECKING:
    from solver.course.seats import Seat
    from solver.spec import Exam
    from solver.writers.markdown import MarkdownFiles

Progress = Callable[[str, int, int], None]
"""Called as (what, done, total)."""

KINDS = ("sheet", "key")
CHUNK = 50
"""Sheets that a process writes in one go: their numbers are computed together."""

FEW = 8
"""Sheets up to which other processes are not worth their start."""

RUN = 16
"""Sheets in a run of TeX. A PDF's bytes depend on who shares its run, and must not on how many processors there are."""


def exam_files(
    file: Path,
    formats: Sequence[str],
    out: Path,
    *,
    roster: Path | None = None,
    seed: int | None = None,
    templates: Path | None = None,
    progress: Progress | None = None,
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
    made = make_exam(plan, formats, templates=templates, progress=progress)
    folder = out / file.stem
    for path, content in made.items():
        write_whole(folder / path, content)
        yield folder / path


def make_exam(
    plan: ExamPlan, formats: Sequence[str], *, templates: Path | None = None, progress: Progress | None = None
) -> dict[str, bytes]:
    """Return every file of an exam by its path in the exam's folder; the manifest is the last."""
    tell = progress or (lambda what, done, total: None)
    pages = pages_of(plan.exam, templates)
    with workers(len(plan.seats)) as executor:
        writing = Writing(plan, templates, "md" in formats)
        made = _written(writing, range(len(plan.seats)), executor, tell)
        papers = [written.paper for written in made]
        sheets = {kind: [written.sheets[kind] for written in made] for kind in KINDS}
        overview = pages.overview(all_answers(papers, plan.notes))
        pdfs: dict[str, bytes] = {}
        if "pdf" in formats or "tex" in formats:
            sheets["sheet"], pdfs = _even(pages, writing, sheets["sheet"], executor, tell)
        if "pdf" in formats:
            # The page of all answers may be long, and long tables take TeX two passes: it has a run of its own.
            for some, what in ((sheets["key"], "keys"), ([overview], "all answers")):
                pdfs |= {
                    name: pdf
                    for name, (pdf, _) in compiled(pages.preamble, some, executor, tell, what).items()
                }
    files: dict[str, bytes] = {}
    entries = []
    for place, paper in enumerate(papers):
        own: dict[str, tuple[str, bytes]] = {}
        for kind in KINDS:
            told = made[place].markdown.get(kind)
            own |= files_of(pages, paper.seat, kind, sheets[kind][place], formats, pdfs, told)
        files |= dict(own.values())
        hashed = {
            name: (path, sha256(content).hexdigest()) for name, (path, content) in main_first(own).items()
        }
        entries.append(sheet_entry(paper.seat, paper.questions, hashed))
    if "pdf" in formats:
        files |= _books(plan, papers, sheets, overview, pdfs)
    files[FILE] = manifest_of(plan.exam.file.stem, plan.seed, plan.askings, entries, plan.notes)
    return files


def pages_of(exam: Exam, templates: Path | None = None) -> Pages:
    """Return how the pages of an exam look."""
    from solver.course.formulas import formula_sheet

    formulas = formula_sheet(exam.problems) if exam.formula_sheet else ()
    return Pages(exam, formulas, latex_templates(templates), templates)


@contextmanager
def workers(count: int) -> Iterator[Executor | None]:
    """Give an executor with a process for each core where there is enough to do for it, else None."""
    cores = os.cpu_count() or 1
    if count <= FEW or cores < 2:
        yield None
        return
    with ProcessPoolExecutor(cores) as executor:
        yield executor


@dataclass(frozen=True)
class Writing:
    """What is needed to write sheets and keys: another process can do it.

    Attributes:
        plan: The exam, drawn.
        templates: A folder whose templates come before the shipped ones.
        markdown: Whether they are written in Markdown too.
        blank: Pages for further work at the end, by the place of the sheet; only these sheets are written then.
        pages: How many pages these have then.
    """

    plan: ExamPlan
    templates: Path | None
    markdown: bool
    blank: Mapping[int, int] = field(default_factory=dict)
    pages: int = 0

    def __call__(self, places: Sequence[int]) -> list[Written]:
        """Return the sheets and keys at some places."""
        pages = pages_of(self.plan.exam, self.templates)
        return [
            self._written(pages, paper, self.blank.get(place, 0))
            for place, paper in zip(places, papers_of(self.plan, places), strict=True)
        ]

    def _written(self, pages: Pages, paper: Paper, blank: int) -> Written:
        seat, questions = paper.seat, paper.questions
        kinds = KINDS[:1] if self.blank else KINDS
        sheets = {
            kind: pages.latex(seat, questions, kind, blank_pages=blank, pages=self.pages) for kind in kinds
        }
        markdown = {}
        for kind in kinds if self.markdown else ():
            made = pages.markdown(seat, questions, kind)
            markdown[kind] = replace(made, figures=dict(made.figures))  # a view of it cannot be sent
        bare = tuple(replace(question, sheet=(), key=()) for question in questions)
        return Written(Paper(seat, bare), sheets, markdown)


@dataclass(frozen=True)
class Written:
    """A sheet with its key, written.

    Attributes:
        paper: Whose, and the answers; what stands in it is written, and left out here.
        sheets: The sheet and the key as TeX.
        markdown: Both in Markdown, where that is wanted.
    """

    paper: Paper
    sheets: Mapping[str, Sheet]
    markdown: Mapping[str, MarkdownFiles]


def _written(
    writing: Writing, places: Sequence[int], executor: Executor | None, tell: Progress
) -> list[Written]:
    size = len(places) if executor is None else max(1, min(CHUNK, len(places) // 4))
    chunks = [places[start : start + size] for start in range(0, len(places), size)]
    found: list[Written] = []
    for part in (map if executor is None else executor.map)(writing, chunks):
        found += part
        tell("questions", len(found), len(places))
    return found


def _even(
    pages: Pages, writing: Writing, sheets: list[Sheet], executor: Executor | None, tell: Progress
) -> tuple[list[Sheet], dict[str, bytes]]:
    """Compile sheets, and those again that are shorter than the longest, with pages for further work at their end.

    Also those that have more pages than they were written for.
    """
    made = compiled(pages.preamble, sheets, executor, tell, "sheets")
    longest = max(count for _, count in made.values())
    lengths = [made[sheet.name][1] for sheet in sheets]
    blank = {
        place: longest - length
        for place, length in enumerate(lengths)
        if length < longest or length > sheets[place].most
    }
    if blank:
        again = replace(writing, blank=blank, pages=longest, markdown=False)
        for place, written in zip(blank, _written(again, tuple(blank), executor, tell), strict=True):
            sheets[place] = written.sheets["sheet"]
        padded = [sheets[place] for place in blank]
        made |= compiled(pages.preamble, padded, executor, tell, "sheets of equal length")
    return sheets, {name: pdf for name, (pdf, _) in made.items()}


def compiled(
    preamble: str, sheets: Sequence[Sheet], executor: Executor | None, tell: Progress, what: str
) -> dict[str, tuple[bytes, int]]:
    """Return the PDF and the number of pages of each sheet.

    Raises:
        EngineError: A sheet does not compile; it says which, and why.
    """
    made: dict[str, tuple[bytes, int]] = {}
    cores = 1 if executor is None else os.cpu_count() or 1
    known = None if what.startswith("sheets") else 1  # a key does not say how many pages it has
    for result in compile_batch(
        sheets, preamble, executor=executor, workers=cores, run_size=RUN, pages=known
    ):
        for failure in result.failures:
            line = f", line {failure.fault.line}" if failure.fault.line else ""
            raise EngineError(
                f"{failure.name} does not compile{line}: {failure.fault.message}", failure.fault.context
            )
        made |= {sheet.name: (sheet.pdf, sheet.pages) for sheet in result.sheets}
        tell(what, len(made), len(sheets))
    return made


def files_of(
    pages: Pages,
    seat: Seat,
    kind: str,
    sheet: Sheet,
    formats: Sequence[str],
    pdfs: Mapping[str, bytes],
    markdown: MarkdownFiles | None,
) -> dict[str, tuple[str, bytes]]:
    """Return the files of one sheet or key by their names in the manifest: path and bytes."""
    folder = seat.name
    found: dict[str, tuple[str, bytes]] = {}
    if "pdf" in formats:
        found[f"{kind}.pdf"] = (f"{folder}/{kind}.pdf", pdfs[sheet.name])
    if "tex" in formats:
        found[f"{kind}.tex"] = (f"{folder}/{kind}.tex", pages.latex_text(sheet).encode())
    if markdown is not None:
        found[f"{kind}.md"] = (f"{folder}/{kind}.md", markdown.text.encode())
        for name, picture in markdown.figures.items():
            found[name] = (f"{folder}/{name}", picture.encode())
    return found


def main_first(files: Mapping[str, tuple[str, bytes]]) -> dict[str, tuple[str, bytes]]:
    """Return files with "sheet" and "key" for the first format of each, the others under their own names."""
    found: dict[str, tuple[str, bytes]] = {}
    for kind in KINDS:
        first = next(name for name in files if name.startswith(f"{kind}."))
        found[kind] = files[first]
    used = {path for path, _ in found.values()}
    return found | {name: file for name, file in files.items() if file[0] not in used}


def _books(
    plan: ExamPlan,
    papers: Sequence[Paper],
    sheets: Mapping[str, Sequence[Sheet]],
    overview: Sheet,
    pdfs: Mapping[str, bytes],
) -> dict[str, bytes]:
    """Return all sheets in one PDF to print, and all keys, the page of all answers before them."""
    from solver.engines.join import join_pdfs

    names = [paper.seat.label for paper in papers]
    title = plan.exam.title
    all_sheets = {name: pdfs[sheet.name] for name, sheet in zip(names, sheets["sheet"], strict=True)}
    all_keys = {"All answers": pdfs[overview.name]}
    all_keys |= {name: pdfs[sheet.name] for name, sheet in zip(names, sheets["key"], strict=True)}
    return {
        "all-sheets.pdf": join_pdfs(all_sheets, title=f"{title}, all sheets"),
        "all-keys.pdf": join_pdfs(all_keys, title=f"{title}, all answer keys"),
    }
