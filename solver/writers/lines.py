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
    start, first = 0, len(line) - len(line.lstrip(" "))
    while len(line) - start > width:
        # Never within the spaces that a line begins with, nor at one that a backslash makes a command.
        least = max(start, first) + 1
        stop = _place(line, least, start + width + 1)
        if stop < 0:
            break
        rows.append(line[start:stop])
        start = first = stop + 1
    return "\n".join([*rows, line[start:]])


def _place(line: str, least: int, most: int) -> int:
    """Return the last space before `most` at which a line can be broken, else the first one after it; -1 for none."""
    stop = line.rfind(" ", least, most)
    while stop >= 0 and not _is_break(line, stop):
        stop = line.rfind(" ", least, stop)
    if stop < 0:
        stop = line.find(" ", max(least, most))
        while stop >= 0 and not _is_break(line, stop):
            stop = line.find(" ", stop + 1)
    return stop


def _is_break(line: str, space: int) -> bool:
    return line[space - 1] != "\\" and line[space + 1 : space + 2] not in ("", " ")
