"""Small words of both reports: points, answers by the letters of their sheet, what happened in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from solver.document.asking import key_name
from solver.exercises.marking.asked import Item, Question
from solver.exercises.marking.reading import Manner
from solver.exercises.marking.verdicts import Cause, Mark
from solver.exercises.mistakes import MISTAKES
from solver.exercises.slips import on_one_line
from solver.notation import math as m
from solver.quantities import Key


def points_text(points: float) -> str:
    """Return "1 point", "2.5 points"."""
    return f"{points:g} point{'' if points == 1 else 's'}"


def name_of(number: int, quantity: str, label: m.Math | None) -> m.Math:
    """Return the name of an answer with the number of its question; without letters, the contract's."""
    if label is None:
        return m.Words(f"{number}: {quantity}")
    return m.row(m.Words(f"{number}: "), label)


def shortened(text: str, most: int = 28) -> str:
    """Return what a student wrote, in no more room than a table has."""
    return text if len(text) <= most else text[: most - 1] + "…"


def letters_of(question: Question, item: Item) -> m.Math | None:
    """Return how the sheet writes what is asked, on one line; None where it has no letters for it."""
    return None if question.letters is None or item.key is None else in_letters(question, item.key)


def in_letters(question: Question, key: Key) -> m.Math:
    """Return a quantity in the sheet's letters, on one line; a path with the gradient that it is a path of."""
    letters = question.letters
    assert letters is not None
    return on_one_line(letters, key)


def told(question: Question, cause: Cause) -> Iterator[str | m.Math]:
    """Yield what happened, with what else gives the same answers, in the sheet's letters."""
    for place, one in enumerate((cause, *cause.others)):
        if place:
            yield ", or "
        for part in one.saying.parts:
            if isinstance(part, str):
                yield part
            elif question.letters is None:
                yield str(part) if question.model is None else key_name(question.model.graph, part)
            else:
                yield in_letters(question, part)


def mistake_title(name: str) -> str:
    """Return a mistake in a few words."""
    return MISTAKES[name].title if name in MISTAKES else "unexplained"


def read_as(mark: Mark) -> str:
    """Return how an answer was read, in one line; "" for a plain number."""
    reading = mark.reading
    if reading.manner is Manner.LETTER:
        return f"option {reading.letter}" if reading.letter in mark.item.options else "a letter"
    if reading.manner is Manner.UNREADABLE:
        return reading.note
    if reading.manner is Manner.NUMBER:
        return reading.note
    return f"{reading.manner.value}: {reading.note}" if reading.note else reading.manner.value
