"""Marks as CSV and as JSON: every answer with its reading, its verdict and its cause; every student; every item."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from solver.exercises.marking.asked import Question
from solver.exercises.marking.marker import MarkedSheet
from solver.exercises.marking.statistics import ClassStatistics, ItemStatistics
from solver.exercises.marking.verdicts import Cause, Mark, Verdict
from solver.exercises.marking.wording import read_as, told
from solver.exercises.points import added

_NUMBER = re.compile(r"[+-]?[\d.,]+(?:[eE][+-]?\d+)?\Z")


def plain(number: float) -> float | int:
    """Return a number as JSON carries it: whole ones as whole numbers."""
    return int(number) if number == int(number) and abs(number) < 2**53 else number


def cause_text(question: Question, cause: Cause) -> str:
    """Return what happened in words, with the contract's names."""
    plain = replace(question, letters=None)
    return "".join(str(part) for part in told(plain, cause))


def answer_json(question: Question, mark: Mark) -> dict[str, Any]:
    """Return one answer as JSON."""
    return {
        "question": question.number,
        "quantity": mark.item.quantity,
        "written": mark.reading.written,
        "read": mark.reading.manner.value,
        "value": mark.reading.value,
        "note": mark.reading.note,
        "verdict": mark.verdict.value,
        "points": plain(mark.points),
        "of": plain(mark.item.points),
        "right": mark.item.value,
        "low": mark.item.low,
        "high": mark.item.high,
        "follows_from": list(mark.roots),
        "expected": mark.expected,
        "mistakes": list(mark.mistakes),
        "cause": None if mark.cause is None else cause_text(question, mark.cause),
        "same_slip": mark.same_slip or None,
    }


def student_json(marked: MarkedSheet) -> dict[str, Any]:
    """Return one student as JSON."""
    sheet = marked.sheet
    pairs = list(zip(sheet.questions, marked.marks, strict=True))
    return {
        "id": sheet.id,
        "name": sheet.name,
        "variant": sheet.variant,
        "points": plain(marked.points),
        "of": plain(sheet.points),
        "questions": [
            {
                "question": question.number,
                "points": plain(added(mark.points for mark in marks)),
                "of": plain(question.points),
            }
            for question, marks in pairs
        ],
        "answers": [answer_json(question, mark) for question, marks in pairs for mark in marks],
    }


def item_json(item: ItemStatistics) -> dict[str, Any]:
    """Return the statistics of one item as JSON."""
    return {
        "question": item.question,
        "quantity": item.quantity,
        "points": plain(item.points),
        "students": item.students,
        **{verdict.value: item.verdicts[verdict] for verdict in Verdict},
        "difficulty": item.difficulty,
        "discrimination": item.discrimination,
        "commonest_mistake": item.mistakes[0][0] if item.mistakes else None,
        "mistakes": dict(item.mistakes),
    }


def class_json(
    exam: str, answers: str, marked: Sequence[MarkedSheet], found: ClassStatistics, notes: Sequence[str]
) -> dict[str, Any]:
    """Return everything as JSON."""
    return {
        "exam": exam,
        "answers": answers,
        "students": [student_json(sheet) for sheet in marked],
        "items": [item_json(item) for item in found.items],
        "class": {
            "students": found.students,
            "absent": list(found.absent),
            "points": plain(found.points),
            "mean": found.mean,
            "median": found.median,
            "deviation": found.deviation,
            "reliability": found.reliability,
            "mistakes": {name or "unexplained": count for name, count in found.mistakes},
        },
        "notes": list(notes),
    }


# --- CSV ---------------------------------------------------------------------------------------------------


def marks_csv(marked: Sequence[MarkedSheet]) -> bytes:
    """Return a row per student: points of each question, and in all."""
    numbers = list(dict.fromkeys(question.number for sheet in marked for question in sheet.sheet.questions))
    rows: list[list[object]] = [
        ["id", "name", "variant", *(f"question {number}" for number in numbers), "points", "of"]
    ]
    for sheet in marked:
        by_number = {
            question.number: plain(added(mark.points for mark in marks))
            for question, marks in zip(sheet.sheet.questions, sheet.marks, strict=True)
            if not question.by_hand
        }
        own = sheet.sheet
        rows.append(
            [own.id, own.name, own.variant, *(by_number.get(number, "") for number in numbers),
             plain(sheet.points), plain(own.points)]
        )  # fmt: skip
    return _csv(rows)


def answers_csv(marked: Sequence[MarkedSheet]) -> bytes:
    """Return a row per answer: what was written, how it was read, what is found."""
    rows: list[list[object]] = [
        ["id", "question", "quantity", "written", "read as", "value", "right", "low", "high", "verdict", "points", "of",
         "mistake", "cause", "follows from", "same slip as"]
    ]  # fmt: skip
    for sheet in marked:
        for question, marks in zip(sheet.sheet.questions, sheet.marks, strict=True):
            for mark in marks:
                item, value = mark.item, mark.reading.value
                rows.append(
                    [sheet.sheet.id, question.number, item.quantity, mark.reading.written, read_as(mark),
                     "" if value is None else repr(value), repr(item.value), repr(item.low), repr(item.high),
                     mark.verdict.value, plain(mark.points), plain(item.points), " + ".join(mark.mistakes),
                     "" if mark.cause is None else cause_text(question, mark.cause), " ".join(mark.roots), mark.same_slip]
                )  # fmt: skip
    return _csv(rows)


def items_csv(items: Iterable[ItemStatistics]) -> bytes:
    """Return a row per item: its statistics."""
    rows: list[list[object]] = [
        ["question", "quantity", "points", "students", *(verdict.value for verdict in Verdict), "difficulty",
         "discrimination", "commonest mistake", "times"]
    ]  # fmt: skip
    for item in items:
        name, count = item.mistakes[0] if item.mistakes else ("", "")
        discrimination = "" if item.discrimination is None else f"{item.discrimination:.3f}"
        rows.append(
            [item.question, item.quantity, plain(item.points), item.students,
             *(item.verdicts[verdict] for verdict in Verdict), f"{item.difficulty:.3f}", discrimination, name, count]
        )  # fmt: skip
    return _csv(rows)


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows as UTF-8 with a byte order mark, without which spreadsheets misread names."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _harmless(cell: object) -> object:
    """Return a cell that no spreadsheet runs: what a student wrote may begin like one of its formulas."""
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _NUMBER.match(cell):
        return f"'{cell}"
    return cell
