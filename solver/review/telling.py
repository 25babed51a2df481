"""What a reader is told of a chain that leads to a figure: what stands as printed, and what was rounded how far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from solver.arithmetic import Digits
from solver.exercises.mistakes import Saying
from solver.exercises.mistakes.record import Word
from solver.exercises.pencil import FULL
from solver.quantities import Key
from solver.review.lines import LineRounding
from solver.review.pencils import Rounding, Working

FOLLOWS = "follows from rounded intermediates"

MOST_NAMED = 4
"""Names in a row; of more, their number is told."""

Named = tuple[str, Key]
"""Words, and the quantity that follows them: ("the derivative of ", h1)."""


def told_of_working(
    working: Working, printed: Sequence[Key], names: Callable[[Rounding], Iterable[Named]]
) -> Saying:
    """Return the sentence about a way of working.

    Args:
        working: The way.
        printed: What it goes on with as printed, and does not give by itself.
        names: What a rounded result is called.
    """
    words: dict[str, Word] = {}
    parts: list[str] = []
    if len(printed) > MOST_NAMED:
        parts.append("the figures before it as printed")
    elif printed:
        parts.append(f"{_listed(words, [('', key) for key in printed])} as printed")
    if working.digits != FULL:
        else_ = " else" if parts else ""
        parts.append(f"everything{else_} rounded to {kind(working.digits)}")
    for digits in dict.fromkeys(rounding.digits for rounding in working.roundings):
        found = [name for r in working.roundings if r.digits == digits for name in names(r)]
        parts.append(f"{_listed(words, list(dict.fromkeys(found)))} rounded to {kind(digits)}")
    if not parts:  # nothing was rounded by hand: the figure is as near as a computer's sixteen digits come
        return Saying("noise of floating-point arithmetic in the last digits")
    return Saying(f"{FOLLOWS}: {', '.join(parts)}", words)


def told_of_lines(way: LineRounding) -> Saying:
    """Return the sentence about a gradient that was worked out path by path."""
    parts = ["path by path"]
    if way.printed:
        parts.append("the figures before it as printed")
    if way.factors == way.products != FULL:
        parts.append(f"every line rounded to {kind(way.products)}")
    elif way.factors != FULL:
        parts.append(f"every factor rounded to {kind(way.factors)}")
    elif way.products != FULL:
        parts.append(f"every product rounded to {kind(way.products)}")
    return Saying(f"{FOLLOWS}: {', '.join(parts)}")


def kind(digits: Digits) -> str:
    """Return "4 digits", or "2 decimals"."""
    count, what = (digits.significant, "digit") if digits.decimals is None else (digits.decimals, "decimal")
    return f"{count} {what}{'' if count == 1 else 's'}"


def _listed(words: dict[str, Word], names: Sequence[Named]) -> str:
    """Return "{a}, {b} and {c}", its gaps entered in `words`."""
    shown = []
    for lead, key in names[: MOST_NAMED if len(names) <= MOST_NAMED else MOST_NAMED - 1]:
        gap = f"place{len(words) + 1}"
        words[gap] = key
        shown.append(f"{lead}{{{gap}}}")
    if len(names) > MOST_NAMED:
        shown.append(f"{len(names) - len(shown)} more numbers")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
