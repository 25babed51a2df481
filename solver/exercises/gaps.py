"""A worked solution with gaps: numbers to fill in, the given lines fading out from the end towards the start.

The first such question of an exam leaves the last steps to the student, the next one more of them, and so on. Whatever
prints like a missing number is missing too (δ and ∂L/∂b are the same number under two names), since a gap whose number
stands two lines further on asks for nothing.

Source: Renkl and Atkinson (2003), Structuring the transition from example study to problem solving, Educational
Psychologist 38: backward fading.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

from solver.document.nodes import Block
from solver.document.views import Results, hidden
from solver.exercises.worked import results_in, with_signs
from solver.notation import math as m

BOX = 3.2
"""Width of a gap, in em."""

MOST_GAPS = 60
"""Gaps of one question; what comes before them is given."""


@dataclass(frozen=True)
class Gapped:
    """A worked solution with gaps.

    Attributes:
        sheet: The solution with numbered boxes in the place of numbers.
        key: The same with the numbers in their boxes.
        names: Of each gap, in the order of their numbers, the name of the quantity.
    """

    sheet: tuple[Block, ...]
    key: tuple[Block, ...]
    names: tuple[str, ...]


def gapped(blocks: Sequence[Block], secret: Results, share: Fraction, always: Collection[str] = ()) -> Gapped:
    """Return a worked solution with gaps.

    Args:
        blocks: The worked solution.
        secret: Which numbers are results.
        share: Share of the results that are missing, from the end.
        always: Names of results that are missing in any case: what the question asks for.
    """
    found = results_in(blocks, secret)
    names = list(found)
    first = min(len(names) - max(1, round(len(names) * share)), len(names) - 1)
    first = max(first, len(names) - MOST_GAPS)
    missing = {name for place, name in enumerate(names) if place >= first or name in always}
    looks = {_look(found[name]) for name in missing}
    numbers: dict[str, int] = {}
    for name in names:
        if name in missing or _look(found[name]) in looks:
            numbers[name] = len(numbers) + 1

    def is_gap(digits: m.Digits) -> bool:
        return secret(digits) and digits.answer in numbers

    def empty(digits: m.Digits) -> m.Math:
        return numbered(m.Blank(BOX, digits.answer), digits)

    def numbered(body: m.Math, digits: m.Digits) -> m.Math:
        assert digits.answer is not None
        return m.Script(body, sub=m.Fenced(m.Digits(str(numbers[digits.answer]))))

    blocks = with_signs(blocks, {name: found[name] for name in numbers})
    sheet = hidden(blocks, is_gap, empty)
    key = hidden(blocks, is_gap, lambda digits: numbered(m.Boxed(digits), digits))
    return Gapped(sheet, key, tuple(numbers))


def _look(digits: m.Digits) -> tuple[str, int | None]:
    return digits.text.lstrip("-"), digits.exponent
