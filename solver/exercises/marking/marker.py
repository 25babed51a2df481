"""Marking: from what a student wrote to a verdict, points and a cause for every answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from solver.exercises.marking.asked import Item, Question, Sheet, column_of
from solver.exercises.marking.causes import Search
from solver.exercises.marking.following import OwnWork, answered
from solver.exercises.marking.reading import Manner, Reading, read_answer
from solver.exercises.marking.repertoire import Repertoire
from solver.exercises.marking.verdicts import Cause, Mark, Verdict
from solver.exercises.mistakes import MISTAKES, Saying
from solver.exercises.points import added


@dataclass(frozen=True)
class MarkedSheet:
    """One student's sheet, marked.

    Attributes:
        sheet: What was asked.
        marks: For each question, what is found of each answer, in the order of the sheet.
    """

    sheet: Sheet
    marks: tuple[tuple[Mark, ...], ...]

    @property
    def points(self) -> float:
        """What the student earns."""
        return added(mark.points for marks in self.marks for mark in marks)

    @property
    def answered(self) -> bool:
        """Whether anything was answered at all."""
        return any(mark.verdict is not Verdict.BLANK for marks in self.marks for mark in marks)


@dataclass
class Marker:
    """Marks sheets; what is the same for all students of a variant is computed once.

    Attributes:
        known: The mistakes of each question, by the identity of the question.
    """

    known: dict[int, Repertoire] = field(default_factory=dict)

    def sheet(self, sheet: Sheet, answers: Mapping[str, str]) -> MarkedSheet:
        """Mark one sheet.

        Args:
            sheet: What was asked.
            answers: What was written, by the headings of the columns; what is missing counts as blank.
        """
        marks = []
        for question in sheet.questions:
            written = [answers.get(column_of(question, item), "") for item in question.items]
            marks.append(self.question(question, [read_answer(text) for text in written]))
        return MarkedSheet(sheet, tuple(marks))

    def question(self, question: Question, readings: Sequence[Reading]) -> tuple[Mark, ...]:
        """Mark one question.

        Args:
            question: What was asked.
            readings: One for each item, in the order of the sheet.
        """
        marks = [
            _alone(item, reading, question) for item, reading in zip(question.items, readings, strict=True)
        ]
        if question.model is None or not any(mark.verdict is Verdict.WRONG for mark in marks):
            return tuple(marks)
        work = OwnWork(question, readings)
        place = dict(enumerate(question.work))
        causes = Search(self._repertoire(question), work).causes()
        slip_of = {column: column if first is None else first for column, (_, first) in causes.items()}
        for column, follows in work.following.items():
            roots = tuple(work.items[root].quantity for root in follows.roots)
            # One mistake may well give one number twice; who copies makes as many slips as copies.
            of_one_slip = len({slip_of[copy] for copy in follows.copies if copy in slip_of}) == 1
            avoids = "" if of_one_slip else follows.avoids
            verdict = Verdict.AVOIDED if avoids else Verdict.FOLLOWS
            cause = Cause((), Saying(avoids)) if avoids else None
            position = place[column]
            marks[position] = Mark(
                question.items[position], readings[position], verdict, cause, roots, follows.expected
            )
        for column, (found, first) in causes.items():
            position = place[column]
            mark = marks[position]
            if mark.verdict is not Verdict.WRONG:
                continue
            noise = found is not None and found.mistakes == ("rounded",) and work.near_to_right(column)
            verdict = Verdict.IMPRECISE if noise else Verdict.WRONG
            same = "" if first is None else work.items[first].quantity
            marks[position] = replace(mark, verdict=verdict, cause=_of_option(mark, found), same_slip=same)
        return tuple(marks)

    def _repertoire(self, question: Question) -> Repertoire:
        known = self.known.get(id(question))
        if known is None or known.question is not question:
            known = self.known[id(question)] = Repertoire(question)
        return known


def _alone(item: Item, reading: Reading, question: Question) -> Mark:
    """Return what can be said of an answer without the others."""
    if reading.manner is Manner.BLANK:
        return Mark(item, reading, Verdict.BLANK)
    number = answered(item, reading)
    if number is None:
        return Mark(item, reading, Verdict.UNREADABLE)
    if item.accepts(number):
        return Mark(item, reading, Verdict.RIGHT)
    if reading.letter:
        return Mark(item, reading, Verdict.WRONG, _of_option(Mark(item, reading, Verdict.WRONG), None))
    short = _too_short(item, reading, question)
    return Mark(item, reading, Verdict.WRONG if short is None else Verdict.IMPRECISE, short)


def _of_option(mark: Mark, found: Cause | None) -> Cause | None:
    """Return the cause of a chosen option: the mistake that it was made from, in the words found for it."""
    option = mark.item.options.get(mark.reading.letter)
    if option is None or not option.mistake:
        return found
    for one in (found, *found.others) if found is not None else ():
        if one.mistakes == (option.mistake,):
            return replace(one, others=())
    return Cause((option.mistake,), option.saying or Saying(MISTAKES[option.mistake].title))


def _too_short(item: Item, reading: Reading, question: Question) -> Cause | None:
    """Return the cause of a right number that was written with fewer digits than the sheet asks for."""
    figure = reading.figure
    if figure is None or not figure or abs(float(figure) - item.value) > reading.unit / 2 * (1 + 1e-9):
        return None
    if question.digits.decimals is not None:
        written, stated, what = -int(figure.as_tuple().exponent), question.digits.decimals, "decimals"
    else:
        written, stated, what = reading.significant or 0, question.digits.significant, "digits"
    if written >= stated:
        return None
    return Cause(("rounded",), Saying(f"right to {written} {what}, where {stated} are asked for"))
