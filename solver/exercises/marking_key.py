"""What a marker reads beside a worked solution: the answers and what is accepted for them, points, and named mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from solver.arithmetic import Digits, Rounded, round_number
from solver.document.kinds import plain_text
from solver.document.nodes import Block, Phrase, Section, Strong, Table, Together
from solver.document.telling import Telling
from solver.document.words import phrase
from solver.exercises.answers import Answer
from solver.exercises.naming import sentence, wording_of
from solver.exercises.points import points_text, shared_out
from solver.exercises.slips import MOST, Slip
from solver.notation import math as m
from solver.spec.digits import digits_of

if TYPE_CHECKING:
    from solver.exercises.choices import Option

MOST_MISTAKES = 12
"""Rows of the table of mistakes: the likeliest."""

MOST_ROWS = 12
"""Rows of a table that is never broken over pages: TeX then knows its columns at first sight."""

MOST_COLUMNS = 4
"""Answers beside each other in a table of mistakes."""

MOST_ANSWERS = 12
"""Answers of a question of which mistakes are told; the first ones."""


@lru_cache(maxsize=1024)
def words(text: str) -> Phrase:
    """Return words that stand in many tables; writers know them again."""
    return phrase(text)


def number(value: Rounded) -> m.Digits:
    """Return a rounded number as mathematics."""
    return m.Digits(value.text, value.exponent)


def answers_tables(telling: Telling, answers: Sequence[Answer], *, points: bool = True) -> list[Block]:
    """Return quantity, value, accepted interval and, if asked for, points of each answer, a few rows to a table."""
    digits = digits_of(telling.problem)
    more = digits.significant + 1 if digits.decimals is None else min(15, digits.decimals + 1)
    finer = Digits(more) if digits.decimals is None else Digits(decimals=more)
    header = [words("Answer"), words("Value"), words("Accepted")]
    rows, wording = [], wording_of(telling)
    for answer in answers:
        low, high = (number(round_number(Decimal(f"{end:.12g}"), finer)) for end in (answer.low, answer.high))
        row = (wording.named(answer.key), phrase(number(answer.shown)), phrase(low, " to ", high))
        rows.append((*row, words(points_text(answer.points))) if points else row)
    if points:
        header.append(words("Points"))
    return [
        Table(tuple(header), tuple(rows[start : start + MOST_ROWS]), "lrcr"[: len(header)])
        for start in range(0, len(rows), MOST_ROWS)
    ]


def slips_told(answers: Sequence[Answer]) -> int:
    """Return how many of the likeliest mistakes the tables of mistakes are made from."""
    return MOST_MISTAKES if len(answers) <= MOST_COLUMNS else MOST


def mistakes_tables(telling: Telling, answers: Sequence[Answer], slips: Sequence[Slip]) -> list[Block]:
    """Return which mistake gives which number, a few answers beside each other."""
    shown = [answer for answer in answers if any(answer.quantity in slip.gives for slip in slips)][
        :MOST_ANSWERS
    ]
    tables: list[Block] = []
    wording = wording_of(telling)
    for start in range(0, len(shown), MOST_COLUMNS):
        some = shown[start : start + MOST_COLUMNS]
        rows: list[tuple[Phrase, ...]] = []
        for slip in slips:
            if len(rows) == MOST_MISTAKES:
                break
            cells = [slip.gives.get(answer.quantity) for answer in some]
            if any(cells):
                numbers = tuple(words("right") if cell is None else phrase(number(cell)) for cell in cells)
                rows.append((wording.sentence(slip.saying), *numbers))
        header = (words("What went wrong"), *(wording.named(answer.key) for answer in some))
        tables.append(Together((Table(header, tuple(rows), "l" + "r" * len(some)),)))
    return tables


def options_table(telling: Telling, options: Sequence[Option]) -> Table:
    """Return each option with its number, and what went wrong where it is not the right one."""
    rows = []
    for option in options:
        words: Phrase = (
            (Strong(phrase("right")),) if option.saying is None else sentence(telling, option.saying)
        )
        rows.append((phrase(option.letter), phrase(number(option.shown)), words))
    return Table((phrase("Option"), phrase("Value"), phrase("What it is")), tuple(rows), "lrl")


def steps_table(blocks: Sequence[Block], points: Decimal) -> Table | None:
    """Return the points of each part of a worked solution, for marking by hand; None where there is one part alone.

    A gradient counts three times as much as the forward pass of a layer: most of the work is in the chain rule.
    """
    parts: list[tuple[Phrase, int]] = []
    for node in (node for node in blocks if isinstance(node, Section)):
        backward = plain_text(node.title).startswith("Backward")
        inner = [part for part in node.blocks if isinstance(part, Section)] if backward else []
        if 1 < len(inner) <= MOST_ROWS:
            parts += [(phrase(*node.title, ": ", *part.title), 3) for part in inner]
        else:
            parts.append((node.title, 3 if backward else 2))
    if len(parts) < 2 or not points:
        return None
    shares = shared_out(points, [weight for _, weight in parts])
    rows = tuple((title, phrase(points_text(share))) for (title, _), share in zip(parts, shares, strict=True))
    return Table((phrase("Step"), phrase("Points")), rows, "lr")


def titled(title: str, *blocks: Block) -> Section:
    """Return blocks under a small heading."""
    return Section(phrase(title), blocks, 2)
