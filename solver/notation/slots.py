"""Placeholders for numbers: a formula is laid out and written once, and the numbers of many variants are put in later.

All digits of a font are equally wide, so a formula with other digits is set in the same way. `Digits.slot` says what an
emitter writes instead of a number, and a placeholder in it is one character for private use, which says which number will
stand there; whoever measures goes by the number itself. A teacher's text that holds such a character cannot be mistaken
for one: no font has it, so writers print it by its code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_UNSIGNED: Final = 0xF0000
_WHOLE: Final = 0xF8000
_MOST: Final = _WHOLE - _UNSIGNED

_SLOT: Final = re.compile(f"([{chr(_UNSIGNED)}-{chr(_WHOLE + _MOST - 3)}])")


class NoSlotError(ValueError):
    """There are more numbers than placeholders."""


def unsigned_slot(number: int) -> str:
    """Return the placeholder for a number without its minus sign, numbers counted from 0."""
    return _slot(number, _UNSIGNED)


def whole_slot(number: int) -> str:
    """Return the placeholder for a number with its minus sign, if it has one."""
    return _slot(number, _WHOLE)


def _slot(number: int, first: int) -> str:
    if number >= _MOST - 3:
        raise NoSlotError(f"no placeholder for number {number}")
    return chr(first + number)


@dataclass(frozen=True, slots=True)
class SlottedText:
    """Text with placeholders, taken apart.

    Attributes:
        texts: What stands before, between and after the numbers.
        numbers: Which numbers: 2k for number k without its sign, 2k + 1 for the whole of it.
    """

    texts: tuple[str, ...]
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> SlottedText:
        """Take a text apart."""
        parts = _SLOT.split(text)
        return cls(tuple(parts[::2]), tuple(_number(ord(slot)) for slot in parts[1::2]))

    def filled(self, numbers: Sequence[str]) -> str:
        """Return the text with numbers in their places.

        Args:
            numbers: Each without its sign, then with it: "0.3", "-0.3", "2", "2".
        """
        if not self.numbers:
            return self.texts[0]
        parts = [text for pair in zip(self.texts, [numbers[k] for k in self.numbers]) for text in pair]  # noqa: B905
        return "".join(parts) + self.texts[-1]


def _number(code: int) -> int:
    return 2 * (code - _UNSIGNED) if code < _WHOLE else 2 * (code - _WHOLE) + 1
