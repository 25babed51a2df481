"""What a student gets back: points, what is right, and what probably went wrong, in the letters of the sheet."""

from __future__ import annotations

from collections.abc import Sequence

from solver.document.nodes import Block, Document, Paragraph, Phrase, Section, Table, Together
from solver.document.words import phrase, strong
from solver.exercises.marking.asked import Question
from solver.exercises.marking.marker import MarkedSheet
from solver.exercises.marking.reading import Manner
from solver.exercises.marking.verdicts import Mark, Verdict
from solver.exercises.marking.wording import letters_of, points_text, read_as, shortened, told
from solver.exercises.points import added
from solver.exercises.slips import shown_number
from solver.notation import math as m

_TITLES = {
    Verdict.RIGHT: "right", Verdict.WRONG: "wrong", Verdict.IMPRECISE: "imprecise", Verdict.UNREADABLE: "not readable",
    Verdict.BLANK: "no answer",
}  # fmt: skip

_PLAIN = (Manner.BLANK, Manner.LETTER, Manner.COMMA)
"""Readings that need no word."""

MOST_TOGETHER = 12
"""Rows of a question that are kept on one page."""


def student_report(title: str, marked: MarkedSheet) -> Document:
    """Return what one student gets back."""
    sheet = marked.sheet
    numbered = f"Variant {sheet.id}" if sheet.id == str(sheet.variant) else sheet.id
    named = sheet.name and sheet.name != sheet.id
    who = f"{sheet.name} ({sheet.id})" if named else numbered
    more = f", and up to {points_text(sheet.by_hand)} for what is marked by hand" if sheet.by_hand else ""
    blocks: list[Block] = [
        Paragraph(phrase(strong(who), f": {marked.points:g} of {points_text(sheet.points)}{more}."))
    ]
    for question, marks in zip(sheet.questions, marked.marks, strict=True):
        blocks.append(_question(question, marks))
    # On every page; the id first, since a head that is too long loses its end.
    return Document(title, tuple(blocks), running=f"{sheet.id}, {sheet.name}" if named else numbered)


def _question(question: Question, marks: Sequence[Mark]) -> Block:
    earned = added(mark.points for mark in marks)
    title = phrase(f"Question {question.number}: {earned:g} of {points_text(question.points)}")
    if question.by_hand:
        title = phrase(f"Question {question.number}: up to {points_text(question.by_hand)}, marked by hand")
    header = tuple(phrase(head) for head in ("Answer", "Yours", "Right", "Points", "Remark"))
    rows = tuple(_row(question, mark) for mark in marks)
    table = Table(header, rows, "llrrl")
    below: list[Block] = [Together((table,)) if len(rows) <= MOST_TOGETHER else table] if rows else []
    return Section(title, tuple(below), 2)


def _row(question: Question, mark: Mark) -> tuple[Phrase, ...]:
    letters = letters_of(question, mark.item)
    name = phrase(mark.item.quantity) if letters is None else phrase(letters)
    right = shown_number(mark.item.value, question.digits)
    yours = phrase(shortened(mark.reading.written, 20))
    points = phrase(f"{mark.points:g} of {mark.item.points:g}")
    shown: m.Math = m.Digits(right.text, right.exponent)
    for letter, option in mark.item.options.items():
        if not option.mistake:
            shown = m.Row((shown, m.Words(f" ({letter})")))
    return name, yours, phrase(shown), points, _remark(question, mark)


def _remark(question: Question, mark: Mark) -> Phrase:
    reading = read_as(mark)
    lead = f" ({reading})" if reading and mark.reading.manner not in _PLAIN else ""
    match mark.verdict:
        case Verdict.RIGHT:
            return phrase(_TITLES[mark.verdict] + lead)
        case Verdict.FOLLOWS:
            return phrase("right, given your ", *_listed(question, mark.roots), lead)
        case Verdict.UNREADABLE:
            return phrase(f"no number that can be read: {reading}")
        case Verdict.AVOIDED:
            said = "" if mark.cause is None else str(mark.cause).replace("the student’s own", "your own")
            return phrase(f"no points: {said}", lead)
        case _ if mark.same_slip:
            return phrase("the same slip as in ", *_listed(question, (mark.same_slip,)), lead)
        case _ if mark.cause is not None:
            return phrase("probably ", *told(question, mark.cause), lead)
        case _:
            return phrase(_TITLES[mark.verdict] + lead)


def _listed(question: Question, names: Sequence[str]) -> list[m.Math | str]:
    items = {item.quantity: item for item in question.items}
    parts: list[m.Math | str] = []
    shown = names[:3]
    for place, name in enumerate(shown):
        parts.append("" if not place else (" and " if place == len(shown) - 1 else ", "))
        letters = letters_of(question, items[name]) if name in items else None
        parts.append(name if letters is None else letters)
    if len(names) > len(shown):
        parts.append(" and others")
    return parts
