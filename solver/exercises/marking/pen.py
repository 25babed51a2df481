"""Slips of the pen: a number that was worked out rightly and written down wrong, or into another box."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from solver.exercises.marking.asked import Item
from solver.exercises.mistakes import MISTAKES, Saying
from solver.exercises.mistakes.record import Word
from solver.quantities import Quantity

PenSlip = tuple[str, Saying, float]
"""Name of the record, what a reader is told, how plausible it is."""


def misprints(item: Item, figure: Decimal, targets: Sequence[float], *, but: str = "") -> Iterator[PenSlip]:
    """Yield the ways in which a figure comes from numbers that should stand there.

    Args:
        item: What is asked.
        figure: What was written.
        targets: What should have been.
        but: Name of a slip that is not looked for.
    """
    records = [record for record in MISTAKES.values() if record.misprints is not None and record.name != but]
    for target in targets:
        for meant in written_as(target, figure):
            for record in records:
                for misprint in record.misprinted(meant):
                    if misprint.value == figure:
                        words = {**misprint.saying.words, "place": place_of(item)}
                        yield record.name, Saying(misprint.saying.template, words), misprint.weight


def borrowed(item: Item, figure: Decimal, values: Mapping[Quantity, float]) -> Iterator[PenSlip]:
    """Yield the other numbers of a problem whose value stands in a box."""
    if len(figure.as_tuple().digits) < 2:
        return
    half = float(Decimal(1).scaleb(int(figure.as_tuple().exponent))) / 2
    for other, value in values.items():
        if other != item.key and abs(float(figure) - value) <= half * (1 + 1e-6):
            saying = Saying(
                "the value of {other} was written for {place}", {"other": other, "place": place_of(item)}
            )
            yield "other-quantity", saying, nearness(other, item.key) / math.sqrt(len(values))


def place_of(item: Item) -> Word:
    """Return how a sentence names an item."""
    return item.quantity if item.key is None else item.key


def written_as(target: float, figure: Decimal) -> Iterator[Decimal]:
    """Yield a number as a student may have meant to write it: with as many digits, give or take one in the last.

    A slip may have made a digit of the 0 in front, or a 0 of the first digit: 0.97 becomes 9.07, and 0.1023 0.0123.
    """
    if not target or not figure:
        return
    count = len(figure.as_tuple().digits)
    for digits in (count, count + 1, max(1, count - 1)):
        exponent = math.floor(math.log10(abs(target))) + 1 - digits
        meant = Decimal(repr(target)).quantize(Decimal(1).scaleb(exponent))
        for step in (0, 1, -1):
            yield meant + Decimal(step).scaleb(exponent)


def nearness(other: Quantity, own: object) -> float:
    """Return how easily the eye slips from one quantity to another, from 0 to 1."""
    if not isinstance(own, Quantity):
        return 0.3
    if other.whole == own.whole:
        return 1.0 if other.index == own.index[::-1] or other.sample != own.sample else 0.7
    if other.base == own.base and other.layer == own.layer and other.index == own.index:
        return 0.6
    return 0.15 if other.role is own.role else 0.08
