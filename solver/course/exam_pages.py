"""The pages of an exam in LaTeX and in Markdown: sheets with their cover and formulas, keys, the page of all answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from solver.course.codes import code_tex, code_text
from solver.course.seats import Seat
from solver.document.nodes import AnswerSpace, Block, Document, PageBreak, Section, Table
from solver.document.words import paragraph, phrase, strong
from solver.engines.batch import sheet_source
from solver.engines.runs import Sheet
from solver.exercises.points import points_text
from solver.exercises.question import Posed
from solver.notation import math as m
from solver.writers.heights import blocks_height
from solver.writers.latex import latex_blocks, latex_templates, read_page
from solver.writers.latex_inline import pdf_text
from solver.writers.latex_preamble import preamble
from solver.writers.latex_sheet import figures_apart
from solver.writers.lines import wrapped
from solver.writers.templating import Raw, Templates

if TYPE_CHECKING:
    from solver.spec import Exam
    from solver.writers.markdown import MarkdownFiles

FLOWS = 1.4
"""Estimated pages above which a question flows over pages without a try at one."""

SPARE = 1
"""Pages beyond those that the questions are estimated to take."""


@dataclass(frozen=True)
class Pages:
    """One exam and how its pages look.

    Attributes:
        exam: The exam.
        formulas: The formula sheet; empty where the exam has none.
        templates: LaTeX templates.
        folder: A teacher's own templates, for Markdown.
    """

    exam: Exam
    formulas: tuple[Block, ...] = ()
    templates: Templates = field(default_factory=latex_templates)
    folder: Path | None = None

    @property
    def name(self) -> str:
        """The exam's short name: that of its file."""
        return self.exam.file.stem

    @property
    def preamble(self) -> str:
        """The preamble that all pages share."""
        return preamble(self.templates)

    def total(self, questions: Sequence[Posed]) -> Decimal:
        """Return the points of all questions."""
        return sum((question.points for question in questions), Decimal(0))

    # --- LaTeX -------------------------------------------------------------------------------------------

    def latex(
        self, seat: Seat, questions: Sequence[Posed], kind: str, *, blank_pages: int = 0, pages: int = 0
    ) -> Sheet:
        """Return a sheet or a key.

        Args:
            seat: Whose it is.
            questions: As they are asked in this variant.
            kind: "sheet" or "key".
            blank_pages: Pages for further work at the end.
            pages: How many pages it has, where that is known.
        """
        page = read_page(self.templates)
        told = [getattr(question, kind) for question in questions]
        is_sheet = kind == "sheet"
        heights = [blocks_height(blocks, page.width) / page.height if is_sheet else 0.0 for blocks in told]
        rendered = []
        for number, (question, blocks, height) in enumerate(
            zip(questions, told, heights, strict=True), start=1
        ):
            printed, space = without_space(blocks)
            content = latex_blocks(printed, self.templates)
            boxed = is_sheet and height <= FLOWS and "\\begin{longtable}" not in content
            rendered.append(
                {
                    "number": number, "title": question.title, "points": points_text(question.points),
                    "content": Raw(content), "boxed": boxed, "space": Raw(f"{space:.2f}cm"),
                }
            )  # fmt: skip
        formulas = self.formulas if is_sheet else ()
        more = blank_pages + 2 * bool(formulas)
        codes = self._codes(seat, pages or _estimated(heights) + more) if is_sheet else []
        student = seat.student
        body = self.templates.render(
            "exam",
            kind=kind,
            title=self.exam.title,
            course=self.exam.course,
            label=seat.label,
            pdf_title=Raw(pdf_text(self.pdf_title(seat, kind))),
            facts=self.facts(seat, questions),
            instructions=[line for line in self.exam.instructions.split("\n") if line.strip()],
            student_id="" if student is None else student.id,
            student_name="" if student is None else student.name,
            questions=rendered,
            total=points_text(self.total(questions)),
            codes=codes,
            answers="",
            formulas=Raw(latex_blocks(formulas, self.templates)) if formulas else "",
            blank_pages=blank_pages,
        )
        text, figures = figures_apart(wrapped(body) + "\n")
        title = self.pdf_title(seat, kind)
        return Sheet(f"{seat.plain}-{kind}", text, figures, title=title, most=len(codes))

    def _codes(self, seat: Seat, pages: int) -> list[Raw]:
        """Return the QR codes of the pages of a sheet."""
        return [Raw(code_tex(code_text(self.name, seat.plain, number))) for number in range(1, pages + 1)]

    def facts(self, seat: Seat, questions: Sequence[Posed]) -> list[tuple[str, str]]:
        """Return what stands on the cover beside the title."""
        found = []
        if self.exam.date is not None:
            found.append(("Date", shown_date(self.exam.date)))
        if self.exam.minutes is not None:
            found.append(("Time", f"{self.exam.minutes} minutes"))
        found.append(("Points", points_text(self.total(questions))))
        if seat.student is None:
            found.append(("Variant", seat.name))
        return found

    def pdf_title(self, seat: Seat, kind: str) -> str:
        """Return the title in the metadata of a file."""
        return f"{self.exam.title}, {'answer key, ' if kind == 'key' else ''}{seat.label}"

    def latex_text(self, sheet: Sheet) -> str:
        """Return a sheet as a file that compiles alone with a plain pdflatex."""
        return sheet_source(self.preamble, sheet).text

    def overview(self, blocks: Sequence[Block]) -> Sheet:
        """Return the page of all answers, which is bound before the keys."""
        content = latex_blocks([Section(phrase("All answers"), tuple(blocks), 2)], self.templates)
        title = f"{self.exam.title}, all answers"
        body = self.templates.render(
            "exam", kind="answers", title=self.exam.title, course=self.exam.course, label="all variants",
            pdf_title=Raw(pdf_text(title)), facts=[], instructions=[], student_id="", student_name="", questions=[],
            total="", codes=[], answers=Raw(content), formulas="", blank_pages=0,
        )  # fmt: skip
        text, figures = figures_apart(wrapped(body) + "\n")
        return Sheet("all-answers", text, figures, title=title)

    # --- Markdown ----------------------------------------------------------------------------------------

    def markdown(self, seat: Seat, questions: Sequence[Posed], kind: str) -> MarkdownFiles:
        """Return a sheet or a key as Markdown."""
        from solver.writers.markdown import write_markdown

        blocks: list[Block] = list(self._cover(seat, questions)) if kind == "sheet" else []
        for number, question in enumerate(questions, start=1):
            points = points_text(question.points)
            head = phrase(
                f"Question {number}. {question.title} ({points} {'point' if points == '1' else 'points'})"
            )
            blocks += [PageBreak(), Section(head, tuple(getattr(question, kind)), 2)]
        if kind == "sheet" and self.formulas:
            blocks += [PageBreak(), *self.formulas]
        title = self.exam.title if kind == "sheet" else f"{self.exam.title}: answer key, {seat.label}"
        document = Document(
            title, tuple(blocks), self.exam.course, "Exam" if kind == "sheet" else "Answer key"
        )
        return write_markdown(document, templates=self.folder, stem=kind)

    def _cover(self, seat: Seat, questions: Sequence[Posed]) -> list[Block]:
        student = seat.student
        empty = phrase(m.Blank(12.0))
        name, identity = (empty, empty) if student is None else (phrase(student.name), phrase(student.id))
        known = [(key, phrase(value)) for key, value in self.facts(seat, questions)]
        rows = [*known, ("Name", name), ("Id", identity)]
        facts = Table(
            (phrase(""), phrase("")), tuple((phrase(strong(key)), value) for key, value in rows), "ll"
        )
        lines = [line for line in self.exam.instructions.split("\n") if line.strip()]
        points = tuple(
            (phrase(str(number)), phrase(question.title), phrase(points_text(question.points)), phrase(""))
            for number, question in enumerate(questions, start=1)
        )
        total = (
            phrase(strong("Total")),
            phrase(""),
            phrase(strong(points_text(self.total(questions)))),
            phrase(""),
        )
        header = (phrase("Question"), phrase(""), phrase("Points"), phrase("Reached"))
        return [facts, *(paragraph(line) for line in lines), Table(header, (*points, total), "llrl")]


def pages_of(exam: Exam, templates: Path | None = None) -> Pages:
    """Return how the pages of an exam look.

    Args:
        exam: The exam.
        templates: A folder whose templates come before the shipped ones.
    """
    from solver.course.formulas import formula_sheet

    formulas = formula_sheet(exam.problems) if exam.formula_sheet else ()
    return Pages(exam, formulas, latex_templates(templates), templates)


def _estimated(heights: Sequence[float]) -> int:
    """Return how many pages a sheet may have, with its cover; where it has more, it is written again."""
    return 1 + sum(max(1, ceil(height)) for height in heights) + SPARE


def without_space(blocks: Sequence[Block]) -> tuple[Sequence[Block], float]:
    """Return what is printed of a question, and the room in centimetres that is left free below it."""
    if blocks and isinstance(blocks[-1], AnswerSpace):
        return blocks[:-1], blocks[-1].height
    return blocks, 0.0


def shown_date(date: dt.date | str) -> str:
    """Return a day as people write it: "1 December 2026"; words as they are."""
    if isinstance(date, str):
        return date
    months = (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    )  # fmt: skip
    return f"{date.day} {months[date.month - 1]} {date.year}"
