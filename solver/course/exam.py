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
from pathlib import Path
from typing import TYPE_CHECKING

from solver.course.exam_overview import all_answers
from solver.course.exam_pages import Pages
from solver.course.exam_plan import ExamPlan, Paper, papers_of, plan_exam
from solver.course.manifest import FILE, manifest_of, sheet_entry
from solver.engines.batch import RUN_SIZE, Sheet, compile_batch
from solver.errors import EngineError
from solver.files import write_whole
from solver.writers.latex import latex_templates

if TYPE_CHECKING:
    from solver.spec import Exam

Progress = Callable[[str, int, int], None]
"""Called as (what, done, total)."""

KINDS = ("sheet", "key")
FEW = 8
"""Sheets up to which other processes are not worth their start."""


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
        made = _written(plan, templates, executor, tell)
        papers = [paper for paper, _ in made]
        sheets = {kind: [pair[place] for _, pair in made] for place, kind in enumerate(KINDS)}
        overview = pages.overview(all_answers(papers, plan.notes))
        pdfs: dict[str, bytes] = {}
        if "pdf" in formats or "tex" in formats:
            sheets["sheet"], pdfs = _even(pages, papers, sheets["sheet"], executor, tell)
        if "pdf" in formats:
            # The page of all answers may be long, and long tables take TeX two passes: it has a run of its own.
            for some, what in ((sheets["key"], "keys"), ([overview], "all answers")):
                pdfs |= {name: pdf for name, (pdf, _) in _compiled(pages, some, executor, tell, what).items()}
    files: dict[str, bytes] = {}
    entries = []
    for place, paper in enumerate(papers):
        own: dict[str, tuple[str, bytes]] = {}
        for kind in KINDS:
            own |= files_of(pages, paper, kind, sheets[kind][place], formats, pdfs)
        files |= dict(own.values())
        entries.append(sheet_entry(paper.seat, paper.questions, main_first(own)))
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


Written = tuple[Paper, tuple[Sheet, Sheet]]
"""A paper, its sheet and its key as TeX."""


def write_papers(plan: ExamPlan, places: Sequence[int], templates: Path | None) -> list[Written]:
    """Return sheets and keys as TeX; all that needs to be known is in the arguments, so another process can do it."""
    pages = pages_of(plan.exam, templates)
    return [
        (
            paper,
            (
                pages.latex(paper.seat, paper.questions, "sheet"),
                pages.latex(paper.seat, paper.questions, "key"),
            ),
        )
        for paper in papers_of(plan, places)
    ]


def _written(
    plan: ExamPlan, templates: Path | None, executor: Executor | None, tell: Progress
) -> list[Written]:
    places = list(range(len(plan.seats)))
    size = len(places) if executor is None else max(1, min(16, len(places) // 8))
    chunks = [places[start : start + size] for start in range(0, len(places), size)]
    known = [templates] * len(chunks)
    parts = (map if executor is None else executor.map)(write_papers, [plan] * len(chunks), chunks, known)
    found: list[Written] = []
    for part in parts:
        found += part
        tell("questions", len(found), len(places))
    return found


def _even(
    pages: Pages, papers: Sequence[Paper], sheets: list[Sheet], executor: Executor | None, tell: Progress
) -> tuple[list[Sheet], dict[str, bytes]]:
    """Compile sheets, and those again that are shorter than the longest, with pages for further work at their end."""
    made = _compiled(pages, sheets, executor, tell, "sheets")
    longest = max(count for _, count in made.values())
    short = [place for place, sheet in enumerate(sheets) if made[sheet.name][1] < longest]
    for place in short:
        paper = papers[place]
        lacking = longest - made[sheets[place].name][1]
        sheets[place] = pages.latex(paper.seat, paper.questions, "sheet", blank_pages=lacking)
    if short:
        made |= _compiled(pages, [sheets[place] for place in short], executor, tell, "sheets of equal length")
    return sheets, {name: pdf for name, (pdf, _) in made.items()}


def _compiled(
    pages: Pages, sheets: Sequence[Sheet], executor: Executor | None, tell: Progress, what: str
) -> dict[str, tuple[bytes, int]]:
    """Return the PDF and the number of pages of each sheet.

    Raises:
        EngineError: A sheet does not compile; it says which, and why.
    """
    made: dict[str, tuple[bytes, int]] = {}
    cores = 1 if executor is None else os.cpu_count() or 1
    size = max(1, min(RUN_SIZE, -(-len(sheets) // cores)))
    known = None if what.startswith("sheets") else 1  # a key does not say how many pages it has
    for result in compile_batch(
        sheets, pages.preamble, executor=executor, workers=cores, run_size=size, pages=known
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
    pages: Pages, paper: Paper, kind: str, sheet: Sheet, formats: Sequence[str], pdfs: Mapping[str, bytes]
) -> dict[str, tuple[str, bytes]]:
    """Return the files of one sheet or key by their names in the manifest: path and bytes."""
    folder = paper.seat.name
    found: dict[str, tuple[str, bytes]] = {}
    if "pdf" in formats:
        found[f"{kind}.pdf"] = (f"{folder}/{kind}.pdf", pdfs[sheet.name])
    if "tex" in formats:
        found[f"{kind}.tex"] = (f"{folder}/{kind}.tex", pages.latex_text(sheet).encode())
    if "md" in formats:
        written = pages.markdown(paper.seat, paper.questions, kind)
        found[f"{kind}.md"] = (f"{folder}/{kind}.md", written.text.encode())
        for name, picture in written.figures.items():
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
