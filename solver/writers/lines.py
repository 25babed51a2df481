"""Long lines of TeX, broken where a space stands: the engine's line buffer is finite, and a person may read the file."""

from __future__ import annotations

from typing import Final

from solver.notation.slots import ROOM, SlottedText, widened

WIDTH: Final = 110
"""Columns after which a line is broken at the next chance."""


def wrapped(text: str, width: int = WIDTH) -> str:
    """Return text with each line broken at spaces; a line without any stays as long as it is.

    Args:
        text: LaTeX in which a space and the end of a line mean the same.
        width: Most columns of a line.
    """
    lines = text.split("\n")
    return "\n".join([line if len(line) <= width else _wrapped(line, width) for line in lines])


def slotted(text: str) -> SlottedText:
    """Return text with placeholders for numbers, broken so that the lines will not be too long with the numbers in it."""
    return SlottedText(wrapped(widened(text)).replace(ROOM, ""))


def _wrapped(line: str, width: int) -> str:
    if "%" in line:
        return line
    rows: list[str] = []
    current = ""
    for word in line.split(" "):
        if current.strip() and word and len(current) + 1 + len(word) > width and not current.endswith("\\"):
            rows.append(current)
            current = word
        else:
            current = f"{current} {word}" if current else word
    return "\n".join([*rows, current])
