"""What the `sheet` macros write beside the PDF: which pages belong to which sheet.

One line a mark, ``kind name page``; see `solver.writers.latex_sheet` for the macros. They are written at once, not when
a page is shipped, so that after a failure the last line says which sheet was being typeset.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_MARK = re.compile(r"(?P<kind>[a-z]+) (?P<name>\S+) (?P<numbers>-?\d+(?: -?\d+)*)")


@dataclass(frozen=True)
class Mark:
    """One line of a marks file.

    Args:
        kind: "begin" or "end" of a sheet; "figure"; "mark" for a place within a sheet.
        name: Of the sheet, the figure or the place.
        page: Page in the file, from 1: the first or the last one of a sheet.
        size: Of a figure: width, height, depth in scaled points (65536 to a TeX point).
    """

    kind: str
    name: str
    page: int
    size: tuple[int, ...] = ()


def parse_marks(text: str) -> tuple[Mark, ...]:
    """Return the marks in a side file; lines that are none are passed over (a killed run leaves half a line)."""
    marks = []
    for line in text.split("\n"):
        found = _MARK.fullmatch(line.strip())
        if found:
            page, *size = (int(number) for number in found["numbers"].split())
            marks.append(Mark(found["kind"], found["name"], page, tuple(size)))
    return tuple(marks)


def sheet_pages(marks: Iterable[Mark]) -> dict[str, range]:
    """Return the pages of every sheet that was finished, as indices from 0 in order of the file."""
    first: dict[str, int] = {}
    pages: dict[str, range] = {}
    for mark in marks:
        if mark.kind == "begin":
            first[mark.name] = mark.page
        elif mark.kind == "end" and mark.name in first:
            pages[mark.name] = range(first[mark.name] - 1, mark.page)
    return pages


def unfinished_sheet(marks: Iterable[Mark]) -> str | None:
    """Return the sheet that was begun and not ended, or None."""
    open_sheet: str | None = None
    for mark in marks:
        if mark.kind == "begin":
            open_sheet = mark.name
        elif mark.kind == "end" and mark.name == open_sheet:
            open_sheet = None
    return open_sheet
