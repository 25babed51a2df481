"""Placeholders for digits: a formula is laid out and written once, and the digits of many variants are put in later.

All digits of a font are equally wide, so a formula with other digits is set in the same way. A placeholder is a character
for private use; it says which number it is a digit of, and which of its digits. It is a digit to whoever measures or
writes a number, and passes through like any letter otherwise. A teacher's text that holds such a character cannot be
mistaken for one: no font has it, so writers print it by its code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_FIRST: Final = 0xF0000
_LAST: Final = 0xFFFFD
_LONGEST: Final = 40
"""Digits that a shown number has at most."""

SLOT_RANGE: Final = f"{chr(_FIRST)}-{chr(_LAST)}"
"""Placeholders, as a regular expression's class of characters takes them."""

_RUN: Final = re.compile(f"[{SLOT_RANGE}]+")


class NoSlotError(ValueError):
    """There are more numbers, or more digits in one, than there are placeholders."""


def slotted(text: str, number: int) -> str:
    """Return a shown number with placeholders for its digits.

    Args:
        text: The number: "-0.4593".
        number: Which number of the formula it is, from 0.

    Raises:
        NoSlotError: There are more numbers or digits than placeholders.
    """
    places = [place for place, char in enumerate(text) if char.isdigit()]
    if len(places) > _LONGEST or _FIRST + _LONGEST * (number + 1) > _LAST:
        raise NoSlotError(f"no placeholders for number {number} with {len(places)} digits")
    chars = list(text)
    for digit, place in enumerate(places):
        chars[place] = chr(_FIRST + _LONGEST * number + digit)
    return "".join(chars)


def is_slot(char: str) -> bool:
    """Return whether a character is a placeholder."""
    return _FIRST <= ord(char) <= _LAST


Piece = str | tuple[int, int, int]
"""Text as it is, or (number, first digit, one past the last)."""


@dataclass(frozen=True, slots=True)
class SlottedText:
    """Text with placeholders, taken apart.

    Attributes:
        pieces: What stands one after the other.
    """

    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, text: str) -> SlottedText:
        """Take a text apart."""
        pieces: list[Piece] = []
        end = 0
        for run in _RUN.finditer(text):
            if run.start() > end:
                pieces.append(text[end : run.start()])
            end = run.end()
            for char in run[0]:
                number, digit = divmod(ord(char) - _FIRST, _LONGEST)
                last = pieces[-1] if pieces else ""
                if isinstance(last, tuple) and (last[0], last[2]) == (number, digit):
                    pieces[-1] = (number, last[1], digit + 1)
                else:
                    pieces.append((number, digit, digit + 1))
        pieces.append(text[end:])
        return cls(tuple(pieces))

    def filled(self, digits: Sequence[str]) -> str:
        """Return the text with the digits of each number in their places."""
        return "".join(
            [
                piece if isinstance(piece, str) else digits[piece[0]][piece[1] : piece[2]]
                for piece in self.pieces
            ]
        )
