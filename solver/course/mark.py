"""The mark command's road: from an exam and a file of answers to marks, statistics and reports.

Everything is made before the first file is written: a fault leaves nothing half done, and each file appears whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solver.course.answer_file import AnswerFile, AnswerRow, read_answer_file
from solver.course.marking_sheets import MarkingSheets, marking_sheets
from solver.errors import Fault, InputError, quoted
from solver.exercises.marking.asked import column_of
from solver.exercises.marking.feedback import student_report
from solver.exercises.marking.marker import MarkedSheet, Marker
from solver.exercises.marking.report import class_report
from solver.exercises.marking.statistics import ClassStatistics, class_statistics
from solver.exercises.marking.tables import answers_csv, class_json, items_csv, marks_csv
from solver.exercises.marking.wording import mistake_title, points_text
from solver.files import write_whole

if TYPE_CHECKING:
    from solver.course.progress import Tell
    from solver.document.nodes import Document

FORMATS = ("pdf", "md")
FOLDER = "marks"

RUN = 16
"""Reports in a run of TeX; the number is the same on every machine, since a PDF's bytes depend on who shares its run."""


@dataclass(frozen=True)
class MarkedExam:
    """An exam, marked.

    Attributes:
        exam: Name of the exam's folder.
        title: Of the exam.
        answers: Name of the answer file.
        sheets: Every sheet that was answered, in the order of the file.
        statistics: Of all of them.
        notes: What the reading of the files had to say.
    """

    exam: str
    title: str
    answers: str
    sheets: tuple[MarkedSheet, ...]
    statistics: ClassStatistics
    notes: tuple[str, ...]

    def json(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return class_json(self.exam, self.answers, self.sheets, self.statistics, self.notes)


def mark_exam(
    exam: Path,
    answers: Path,
    out: Path,
    *,
    roster: Path | None = None,
    seed: int | None = None,
    progress: Tell | None = None,
) -> MarkedExam:
    """Mark the answers to an exam.

    Args:
        exam: The exam file.
        answers: A CSV of answers.
        out: Where the exam's folder is, with its manifest.
        roster: Students, instead of the file's own roster.
        seed: Of the draws, where no manifest tells it.
        progress: Told how far it is.

    Raises:
        InputError: A file cannot be used.
    """
    from solver.spec import load_exam

    loaded = load_exam(exam, roster)
    sheets = marking_sheets(loaded, out, roster=roster, seed=seed)
    whose = (
        "a student of the exam"
        if sheets.per_student
        else "the number of a sheet, or a column variant beside it"
    )
    given = read_answer_file(
        answers, sheets.columns, list(sheets.asked), whose=whose, numbered=not sheets.per_student
    )
    marker = Marker()
    marked = []
    for place, row in enumerate(given.rows):
        if progress is not None:
            progress("answers", place, len(given.rows))
        marked.append(_marked(marker, sheets, row, answers))
    notes = tuple(_notes(given, sheets, marked))
    return MarkedExam(exam.stem, loaded.title, answers.name, tuple(marked), class_statistics(marked), notes)


def _marked(marker: Marker, sheets: MarkingSheets, row: AnswerRow, file: Path) -> MarkedSheet:
    name = row.id
    if not sheets.per_student and row.variant:
        name = row.variant
        if name not in sheets.asked:
            expected = f"a sheet of the exam, {', '.join(list(sheets.asked)[:8])}"
            raise InputError(Fault("", file, row.line, key="variant", found=quoted(name), expected=expected))
    sheet = replace(sheets.sheet(name), id=row.id)
    return marker.sheet(sheet, row.answers)


def _notes(given: AnswerFile, sheets: MarkingSheets, marked: Sequence[MarkedSheet]) -> Iterator[str]:
    if given.missing:
        yield f"no column for {_listed(given.missing)}; they count as not answered"
    if given.ignored:
        yield f"columns that are no answers: {_listed(given.ignored)}"
    by_hand = {
        question.number: question.by_hand
        for sheet in marked
        for question in sheet.sheet.questions
        if question.by_hand
    }
    for number, points in sorted(by_hand.items()):
        yield f"question {number} is marked by hand: its {points_text(points)} are in no sum"
    strays = [
        f"{row.id} ({column})"
        for row, sheet in zip(given.rows, marked, strict=True)
        for column, text in row.answers.items()
        if text and column not in _own(sheet)
    ]
    if strays:
        yield f"answers to what was not on the sheet: {_listed(strays)}"
    if sheets.per_student:
        rows = {row.id for row in given.rows}
        lacking = [identity for identity in sheets.asked if identity not in rows]
        if lacking:
            yield f"no row for {_listed(lacking)}"


def _own(marked: MarkedSheet) -> set[str]:
    return {column_of(question, item) for question in marked.sheet.questions for item in question.items}


def _listed(names: Sequence[str], most: int = 12) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def summary(found: MarkedExam) -> Iterator[str]:
    """Yield the marks in a few lines for a terminal."""
    statistics = found.statistics
    if not statistics.students:
        yield "nobody answered anything"
        return
    yield (
        f"{statistics.students} students, {statistics.mean:.3g} of {statistics.points:g} points on average, "
        f"median {statistics.median:.3g}"
    )
    hardest = min(statistics.items, key=lambda item: item.difficulty, default=None)
    if hardest is not None and hardest.difficulty < 1:
        yield f"hardest: {hardest.column}, {round(100 * hardest.difficulty)} % earned its points"
    named = [(name, count) for name, count in statistics.mistakes if name]
    if named:
        yield f"commonest mistake: {mistake_title(named[0][0])}, {named[0][1]} times"


def mark_files(
    found: MarkedExam, formats: Sequence[str], *, templates: Path | None = None
) -> dict[str, bytes]:
    """Return every file of a marked exam by its path in the folder of marks.

    Raises:
        EngineError: TeX failed.
    """
    files = {
        "marks.csv": marks_csv(found.sheets),
        "answers.csv": answers_csv(found.sheets),
        "items.csv": items_csv(found.statistics.items),
        "marks.json": (
            json.dumps(found.json(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        ).encode(),
    }
    report = class_report(found.title, found.sheets, found.statistics, found.notes)
    own = {marked.sheet.id: student_report(found.title, marked) for marked in found.sheets}
    if "md" in formats:
        files |= _markdown(report, "report", templates)
        for identity, document in own.items():
            files |= {
                f"students/{path}": content
                for path, content in _markdown(document, identity, templates).items()
            }
    if "pdf" in formats:
        files["report.pdf"] = _pdf(report, templates)
        if own:
            files["students.pdf"] = _students_pdf(found.title, own, templates)
    return files


def _markdown(document: Document, stem: str, templates: Path | None) -> Mapping[str, bytes]:
    from solver.writers.formats import write

    return write(document, "md", stem=stem, templates=templates)


def _pdf(document: Document, templates: Path | None) -> bytes:
    from solver.engines.compile import compile_latex
    from solver.engines.source import LatexSource
    from solver.writers.latex import write_latex

    latex = write_latex(document, templates=templates)
    return compile_latex(LatexSource(latex.preamble, latex.body)).pdf


def _students_pdf(title: str, reports: Mapping[str, Document], templates: Path | None) -> bytes:
    """Return the reports of all students, to be handed back: each counts its own pages, and bears its student on each."""
    from solver.course.exam_job import not_compiled
    from solver.course.execute import each
    from solver.engines.batch import compile_run
    from solver.engines.bind import Book
    from solver.engines.pieces import pieces_from
    from solver.engines.runs import Run, Sheet
    from solver.writers.latex import latex_content, latex_templates
    from solver.writers.latex_preamble import preamble

    known = latex_templates(templates)
    sheets = [
        Sheet(f"student-{place}", latex_content(report, known))
        for place, report in enumerate(reports.values(), start=1)
    ]
    shared, labels = preamble(known), list(reports)
    starts = range(0, len(sheets), RUN)
    runs = [Run(tuple(sheets[start : start + RUN]), shared, pages=1, keep=True) for start in starts]
    book = Book()
    for start, made in zip(starts, each(compile_run, runs), strict=True):
        for failure in made.failures:
            raise not_compiled(failure.name, failure.fault)
        (pages,) = made.runs  # one, since no report has a fault
        chapters = {
            place: (labels[place], range(sheet.first, sheet.first + sheet.pages))
            for place, sheet in enumerate(made.sheets, start=start)
        }
        book.add(pieces_from(pages), chapters)
    return book.finished(f"{title}, marks of each student").pdf


def write_marks(found: MarkedExam, out: Path, files: Mapping[str, bytes]) -> Iterator[Path]:
    """Write the files of a marked exam and yield each."""
    folder = out / found.exam / FOLDER
    for path, content in files.items():
        write_whole(folder / path, content)
        yield folder / path
