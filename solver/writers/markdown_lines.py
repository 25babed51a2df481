"""Lines of Markdown: none begins with something that Markdown would take for a list, a heading or a rule."""

from __future__ import annotations

import re
from typing import Final

from solver.writers.markdown_inline import KEPT_SPACE

WIDTH: Final = 100
"""Columns after which a line is broken at the next chance."""

# Stars, hashes and the like are escaped wherever a text has them; these are too common for that.
_MARKER: Final = re.compile(r"[-+=:]|\d+[.)](?:\s|$)")


def lines_of(text: str, width: int = WIDTH) -> str:
    """Return a paragraph in lines, kept spaces restored; no line but the first begins with a marker."""
    rows: list[str] = []
    current = ""
    for word in text.split(" "):
        if current.strip() and word and len(current) + 1 + len(word) > width and not _MARKER.match(word):
            rows.append(current)
            current = word
        else:
            current = f"{current} {word}" if current else word
    return "\n".join([*rows, current]).replace(KEPT_SPACE, " ")


def started(text: str) -> str:
    """Return text that can stand at the start of a line: a marker of a list or a heading there is escaped."""
    stripped = text.lstrip(" ")
    if not _MARKER.match(stripped):
        return stripped
    digits = re.match(r"\d+", stripped)
    at = digits.end() if digits else 0
    return f"{stripped[:at]}\\{stripped[at:]}"


def math_lines(text: str, width: int = WIDTH) -> str:
    """Return TeX in lines, broken at spaces; the ends of its own lines are kept."""
    return "\n".join(lines_of(line, width) for line in text.split("\n"))


def indented(text: str, lead: str, further: str) -> str:
    """Return lines with `lead` before the first and `further` before the others; empty ones stay empty."""
    rows = text.split("\n")
    return "\n".join([lead + rows[0], *(f"{further}{row}".rstrip() for row in rows[1:])])
