"""How the numbers in a column of a matrix line up: at the decimal point, as on a typed page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from solver.notation import math as m

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
    texts = [_plain(entry) for entry in column]
    if not texts or any(text is None for text in texts):
        return None
    fractions = [text.partition(".")[2] for text in texts if text is not None]
    longest = max(len(fraction) for fraction in fractions)
    if longest - min(len(fraction) for fraction in fractions) > _WIDEST_PADDING:
        return None
    return tuple(
        ""
        if len(fraction) == longest
        else "0" * (longest - len(fraction))
        if fraction
        else "." + "0" * longest
        for fraction in fractions
    )


def _plain(entry: m.Math) -> str | None:
    match entry:
        case m.Digits(text, None):
            return text
        case m.Toned(body):
            return _plain(body)
        case _:
            return None
