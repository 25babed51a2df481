"""Numbers that are put in later: a formula is laid out and written once, and the numbers of many variants are filled in.

Such a number is a `m.Digits` with a `Slot`: which number, and in which role it stands, since a negative one has brackets
as a factor and gives its sign to a sum. An emitter writes one character for private use in its place, which
`SlottedText` finds again; whoever measures gets a `cases.Length`, for all digits of a font are equally wide, so that a
number is as wide as its sign and the count of its digits make it. A teacher's text that holds such a character cannot be
mistaken for one: no font has it, so writers print it by its code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from operator import itemgetter
from typing import Any, Final

from solver.notation.cases import Length

DIGIT: Final = 0.5
POINT: Final = 0.278
MINUS: Final = 0.778
BRACKET: Final = 0.389
"""Widths in em: of each digit, of a point or comma, of a sign, of a bracket of natural size."""

ROOM: Final = "\x7f"
"""Stands beside a placeholder while lines are broken; no text has it."""

_LENGTH: Final = 7
"""Characters of a number, about."""

_FIRST: Final = 0xF0000
_LAST: Final = 0xFFFFD
_SLOT: Final = re.compile(f"([{chr(_FIRST)}-{chr(_LAST)}])")


class NoSlotError(ValueError):
    """There are more numbers than placeholders."""


class Role(IntEnum):
    """How a number stands in a formula; -0.3 is given as an example.

    The first three have widths of their own.
    """

    UNSIGNED = 0  # 0.3
    WHOLE = 1  # -0.3
    FACTOR = 2  # (-0.3)
    LEADING = 3  # - 0.3, at the beginning of a sum
    PADDED = 4  # -0.3 and room for the digits that others in its column have more
    SIGN = 5  # its sign alone, as an infix one


WIDTHS: Final = 3
"""Values that a number gives to the lengths of formulas: its widths in the first roles."""

_ROLES: Final = len(Role)
_MOST: Final = (_LAST - _FIRST) // _ROLES


@dataclass(frozen=True, slots=True)
class Slot:
    """A number that is put in later.

    Attributes:
        number: Which, from 0.
        role: How it stands there.
        settled: Whether its sign is known.
        column: Where the width of its column is among the values that lengths are made of; for `Role.PADDED`.
    """

    number: int
    role: Role = Role.WHOLE
    settled: bool = False
    column: int = 0

    def __post_init__(self) -> None:
        if self.number >= _MOST:
            raise NoSlotError(f"no placeholder for number {self.number}")

    @property
    def placeholder(self) -> str:
        """The character that is written."""
        return chr(_FIRST + _ROLES * self.number + self.role)

    @property
    def width(self) -> float:
        """How wide the number will be, in em."""
        if self.role is Role.PADDED:
            return Length(0.0, {self.column: 1.0})
        role = Role.WHOLE if self.role is Role.LEADING else self.role
        return Length(0.0, {WIDTHS * self.number + role: 1.0})

    @property
    def negative(self) -> bool:
        """Whether the number has a minus sign; asks."""
        return self.within(Role.WHOLE).width - self.within(Role.UNSIGNED).width > MINUS / 2

    @property
    def short(self) -> bool:
        """Whether the number is a single digit; asks."""
        return self.within(Role.WHOLE).width < 1.5 * DIGIT

    def within(self, role: Role) -> Slot:
        """Return the same number in another role."""
        return replace(self, role=role)


def slot_of(text: str) -> Slot | None:
    """Return the slot of which this text is the placeholder, None for any other text."""
    if len(text) != 1 or not _SLOT.match(text):
        return None
    number, role = divmod(ord(text) - _FIRST, _ROLES)
    return Slot(number, Role(role))


def widened(text: str) -> str:
    """Return text in which each placeholder has room beside it, so that it is about as long as its number will be."""
    return _SLOT.sub(rf"\1{ROOM * (_LENGTH - 1)}", text)


def texts_of(unsigned: str, *, negative: bool, padding: str = "") -> tuple[str, ...]:
    """Return what is written for a number in each role.

    Args:
        unsigned: The number without its sign.
        negative: Whether it has one.
        padding: What follows it in its column.
    """
    if not negative:
        return unsigned, unsigned, unsigned, unsigned, unsigned + padding, "+"
    whole = f"-{unsigned}"
    return unsigned, whole, f"({whole})", f"- {unsigned}", whole + padding, "-"


def widths_of(length: int, *, pointed: bool, negative: bool) -> tuple[float, float, float]:
    """Return how wide a number is in the roles that have widths, in em.

    Args:
        length: Its characters, without the sign.
        pointed: Whether one of them is a point.
        negative: Whether it has a sign.
    """
    width = DIGIT * length - (DIGIT - POINT) * pointed
    whole = width + MINUS * negative
    return width, whole, whole + 2 * BRACKET * negative


class SlottedText:
    """Text with placeholders, taken apart.

    Args:
        text: The text.
    """

    __slots__ = ("_pieces", "_places", "_slots")

    def __init__(self, text: str) -> None:
        self._pieces = _SLOT.split(text)
        codes = [ord(slot) - _FIRST for slot in self._pieces[1::2]]
        self._places = codes
        self._slots: Any = itemgetter(*codes) if len(codes) > 1 else None

    def filled(self, numbers: Sequence[str]) -> str:
        """Return the text with numbers in their places.

        Args:
            numbers: The texts of all numbers, one after the other; see `texts_of`.
        """
        if self._slots is not None:
            pieces = self._pieces.copy()
            pieces[1::2] = self._slots(numbers)
            return "".join(pieces)
        if self._places:
            before, _, after = self._pieces
            return f"{before}{numbers[self._places[0]]}{after}"
        return self._pieces[0]
