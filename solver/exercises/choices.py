"""Answers to choose from: the right one and what named mistakes make of it, distinct when rounded and of similar look.

Which mistakes are offered is drawn anew for every variant, the likelier ones more often. Options stand in the order of
their values; how many of them are smaller than the right one is drawn too, so that its place tells nothing. Where the
mistakes of the computation do not give enough numbers, those of the hand do: a decimal point that slipped, two digits
swapped.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from solver.arithmetic import Digits, Rounded, round_number
from solver.exercises.answers import Answer
from solver.exercises.mistakes import MISTAKES, Saying
from solver.exercises.slips import Slip
from solver.spec.hashing import key_number

LETTERS = "ABCDEFGH"

FARTHEST = 2.0
"""Powers of ten that a distractor may lie from the right answer."""

NEAREST = Fraction(1, 250)
"""Relative difference below which two options could be taken for one another's rounding."""

MOST_ALIKE = 2
"""Distractors of one mistake."""


@dataclass(frozen=True)
class Option:
    """One answer to choose.

    Attributes:
        letter: "A", "B", …
        shown: The number.
        mistake: Name of the record whose number it is; "" for the right answer.
        saying: What went wrong; None for the right answer.
    """

    letter: str
    shown: Rounded
    mistake: str = ""
    saying: Saying | None = None

    @property
    def right(self) -> bool:
        """Whether this is the right answer."""
        return not self.mistake


def options_for(
    answer: Answer, slips: Sequence[Slip], count: int, digits: Digits, salt: Sequence[object]
) -> tuple[Option, ...]:
    """Return options in the order of their values, the right answer among them.

    Args:
        answer: The right answer.
        slips: Mistakes and the numbers they give.
        count: How many options there should be, 2 to 8. There are fewer where no more numbers differ.
        digits: How a number is stated.
        salt: What this draw depends on: the seed, the variant, the question.
    """
    chosen = [Option("", answer.shown)]
    used: Counter[str] = Counter()
    below = key_number(*salt, "below", below=count)
    room = {True: below, False: count - 1 - below}
    offers = _offers(answer, slips, digits, salt)
    for by_side in (True, False):  # what is left is filled from either side
        for offer in offers:
            side = offer.shown.fraction < answer.shown.fraction
            if len(chosen) == count or (by_side and not room[side]):
                continue
            if used[offer.mistake] < MOST_ALIKE and all(_differ(offer.shown, one.shown) for one in chosen):
                chosen.append(offer)
                used[offer.mistake] += 1
                room[side] -= 1
    chosen.sort(key=lambda option: option.shown.fraction)
    return tuple(
        Option(letter, option.shown, option.mistake, option.saying)
        for letter, option in zip(LETTERS, chosen, strict=False)
    )


def _offers(answer: Answer, slips: Sequence[Slip], digits: Digits, salt: Sequence[object]) -> list[Option]:
    """Return distractors, the best first: those of similar look, drawn by how likely they are."""
    found: list[tuple[bool, float, Option]] = []
    for slip in slips:
        if answer.quantity in slip.gives:
            shown = slip.gives[answer.quantity]
            found.append((not _alike(shown, answer.shown), _luck(slip.weight, salt, str(slip.saying)),
                          Option("", shown, slip.mistake, slip.saying)))  # fmt: skip
    figure = Decimal(answer.shown.text).scaleb(answer.shown.exponent or 0)
    for record in MISTAKES.values():
        for misprint in record.misprinted(figure):
            if misprint.mistake == "digit-mistyped":
                continue
            shown = round_number(misprint.value, digits)
            luck = _luck(1e-3 * record.prior * misprint.weight, salt, misprint.mistake, misprint.value)
            saying = misprint.at(answer.key)
            found.append((not _alike(shown, answer.shown), luck, Option("", shown, misprint.mistake, saying)))
    found.sort(key=lambda offer: (offer[0], -offer[1], str(offer[2].shown)))
    return [option for _, _, option in found if option.shown.sign]


def _luck(weight: float, *salt: object) -> float:
    """Return a number that is larger the likelier a mistake is: sorted by it, mistakes are drawn without replacement.

    Source: Efraimidis and Spirakis (2006), Weighted random sampling with a reservoir, u^(1/w), here its logarithm.
    """
    uniform = (key_number(*salt, below=2**52) + 0.5) / 2**52
    return math.log(uniform) / weight


def _alike(one: Rounded, other: Rounded) -> bool:
    """Return whether two numbers look alike: both plain or both with a power of ten, and of similar size."""
    if one.sign == 0 or other.sign == 0:
        return one.sign == other.sign
    if (one.exponent is None) != (other.exponent is None) or one.exact != other.exact:
        return False
    return abs(math.log10(abs(one.fraction / other.fraction))) <= FARTHEST


def _differ(one: Rounded, other: Rounded) -> bool:
    """Return whether two numbers are distinct at the stated digits, and by more than rounding could explain."""
    larger = max(abs(one.fraction), abs(other.fraction))
    return abs(one.fraction - other.fraction) > larger * NEAREST
