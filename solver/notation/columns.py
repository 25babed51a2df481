"""How the numbers in a column of a matrix line up: at the decimal point, as on a typed page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from solver.notation import math as m
from solver.notation.slots import Role, Slot

_WIDEST_PADDING: Final = 5


def paddings(column: Sequence[m.Math]) -> tuple[str, ...] | None:
    """Return the invisible digits that each number of a column needs on its right.

    Set flush right with these added ("0.5" under "0.25" gets "0", "2" gets ".00"), decimal points stand in one line.

    Args:
        column: The entries, top to bottom.

    Returns:
        One string per entry, "" for none; None where the column is centred instead, since it holds something other
        than plain numbers, or numbers whose lengths differ too much.
    """
    if column and all(_is_padded(entry) for entry in column):
        return ("",) * len(column)  # each brings its own
    texts = [_plain(entry) for entry in column]
    if not texts or any(text is None for text in texts):
        return None
    return padded([len(text.partition(".")[2]) for text in texts if text is not None])


def padded(fractions: Sequence[int]) -> tuple[str, ...] | None:
    """Return the invisible digits that numbers with so many digits after the point need; see `paddings`."""
    longest = max(fractions)
    if longest - min(fractions) > _WIDEST_PADDING:
        return None
    return tuple(
        "" if digits == longest else "0" * (longest - digits) if digits else "." + "0" * longest
        for digits in fractions
    )


def _is_padded(entry: m.Math) -> bool:
    return isinstance(entry, m.Digits) and entry.slot is not None and entry.slot.role is Role.PADDED


def _plain(entry: m.Math) -> str | None:
    match entry:
        case m.Digits(slot=Slot()):
            return None
        case m.Digits(text, None):
            return text
        case m.Toned(body):
            return _plain(body)
        case _:
            return None
