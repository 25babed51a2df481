"""The errors a user can meet, and the one place where they become text.

A fault is a value, not a sentence: file, line, key path, what was found, what is expected, the nearest name.
Rooms that find faults collect them and raise one `InputError`, so that a teacher repairs a file in one go.
`render_failure` turns any error into the message for stderr. What a user typed may hold escape sequences or
bidirectional controls that would repaint a terminal: it is shown with those characters spelled out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from typing import ClassVar

TEXT_LIMIT = 160
"""Characters shown of one piece of user text; the rest becomes an ellipsis."""

PATH_LIMIT = 400
"""Characters shown of a file name, shortened in the middle so that both ends stay."""

FAULT_LIMIT = 50
"""Faults shown of one run; the others are counted. A file of garbage must not flood a terminal."""

DETAIL_LINES = 30
"""Lines shown of an engine's own words."""

NEAREST_LIMIT = 2000
"""Names that one name is compared with; a network of a thousand layers has many more."""

_PLAIN = re.compile(r"[ -~]*\Z")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NAMED_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with what a user wrote, and where.

    Args:
        message: What is wrong, as a sentence part; empty where `found` and `expected` say it all.
        file: The file as the user named it; empty when there is none.
        line: Line in the file, from 1; None where the fault is the whole file's.
        column: Column in the line, from 1; given for syntax errors alone.
        key: Key path, indices from 1, as in ``network.layer[2].weights``.
        found: What stands there, quoted where it is text.
        expected: What could stand there.
        nearest: The known name that is closest to what was found.
        excerpt: The source line itself, printed below the message.
    """

    message: str = ""
    file: str | PathLike[str] = ""
    line: int | None = None
    column: int | None = None
    key: str = ""
    found: str = ""
    expected: str = ""
    nearest: str = ""
    excerpt: str = ""


class SolverError(Exception):
    """An error that is reported as one message; `exit_status` is the command's."""

    exit_status: ClassVar[int] = 1


class InputError(SolverError):
    """The input cannot be used (exit status 2).

    Args:
        faults: One fault or several; an error without any is a mistake of the program.
    """

    exit_status: ClassVar[int] = 2

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        if not self.faults:
            raise ValueError("an InputError needs at least one fault")
        super().__init__(self.faults)

    def __str__(self) -> str:
        return render_failure(self)


class EngineError(SolverError):
    """An engine failed: TeX, the file system, the cluster (exit status 3).

    Args:
        what: What failed, one line.
        detail: The engine's own words, several lines allowed.
        hint: What the user can do.
    """

    exit_status: ClassVar[int] = 3

    def __init__(self, what: str, detail: str = "", hint: str = "") -> None:
        super().__init__(what, detail, hint)
        self.what = what
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        return render_failure(self)


def render_failure(error: BaseException) -> str:
    """Return the message of an error for stderr, safe to print on a terminal; never a traceback.

    Args:
        error: Any exception; those that are none of ours are named by their type.

    Returns:
        One line per fault (and its excerpt), without a newline at the end.
    """
    if isinstance(error, InputError):
        lines = [line for fault in error.faults[:FAULT_LIMIT] for line in render_fault(fault)]
        hidden = len(error.faults) - FAULT_LIMIT
        if hidden > 0:
            lines.append(f"… and {hidden} more {'fault' if hidden == 1 else 'faults'}")
        return "\n".join(lines)
    if isinstance(error, EngineError):
        return "\n".join(_engine_lines(error))
    if isinstance(error, OSError) and error.strerror:
        name = f"{shown_path(error.filename)}: " if isinstance(error.filename, (str, bytes)) else ""
        return f"{name}{safe(error.strerror)}"
    words = safe(str(error))
    return f"internal fault: {type(error).__name__}" + (f": {words}" if words else "")


def render_fault(fault: Fault) -> list[str]:
    """Return `file:line: key: message; found …, expected …; did you mean "…"?` and its excerpt below.

    Args:
        fault: What is wrong.

    Returns:
        One line, or several where the fault carries an excerpt of the source.
    """
    place = shown_path(fault.file) if fspath(fault.file) else ""
    if place and fault.line is not None:
        place += f":{fault.line}" + (f":{fault.column}" if fault.column is not None else "")
    found = f"found {safe(fault.found)}" if fault.found else ""
    expected = f"expected {safe(fault.expected, 4 * TEXT_LIMIT)}" if fault.expected else ""
    sentence = "; ".join(
        part
        for part in (safe(fault.message, 4 * TEXT_LIMIT), ", ".join(filter(None, (found, expected))))
        if part
    )
    if fault.nearest:
        sentence += f"; did you mean {quoted(fault.nearest)}?"
    lines = [": ".join(part for part in (place, safe(fault.key), sentence) if part)]
    if fault.excerpt:
        lines += _excerpt(fault.excerpt, fault.column)
    return lines


def safe(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return text on one line with every invisible or controlling character spelled out, shortened.

    Args:
        text: Anything a user may have written.
        limit: Most characters kept; the rest becomes an ellipsis.
    """
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    if _PLAIN.match(short):
        return short
    return "".join(_spelled(character) for character in short)


def quoted(text: str, limit: int = 60) -> str:
    """Return text in double quotes, safe for a terminal and shortened."""
    return f'"{safe(text, limit)}"'


def shown_path(path: str | bytes | PathLike[str]) -> str:
    """Return a file's name, safe for a terminal, both ends kept where it is long."""
    raw = fspath(path)
    text = raw.decode("utf-8", "backslashreplace") if isinstance(raw, bytes) else raw
    if len(text) > PATH_LIMIT:
        half = PATH_LIMIT // 2
        text = f"{text[:half]}…{text[-half:]}"
    return safe(text, PATH_LIMIT + 1)


def nearest_name(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the known name that is closest to a given one, or "" when none is close.

    Args:
        name: What the user wrote.
        known: Names that would have been right.
        cutoff: Likeness from 0 to 1 below which nothing is suggested.
    """
    import difflib

    names = list(dict.fromkeys(known))[:NEAREST_LIMIT]
    short = name[:80]
    folded = {candidate.casefold(): candidate for candidate in reversed(names)}
    if short.casefold() in folded:
        return folded[short.casefold()]
    close = difflib.get_close_matches(short.casefold(), folded, n=1, cutoff=cutoff)
    return folded[close[0]] if close else ""


def listed(names: Sequence[str], limit: int = 30) -> str:
    """Return `"a", "b" or "c"`, for the expected part of a fault."""
    shown = [quoted(name) for name in names[:limit]]
    if len(names) > limit:
        return ", ".join(shown) + f" or {len(names) - limit} more"
    if len(shown) < 2:
        return "".join(shown)
    return ", ".join(shown[:-1]) + f" or {shown[-1]}"


def _spelled(character: str) -> str:
    if " " <= character <= "~":
        return character
    if character in _NAMED_ESCAPES:
        return _NAMED_ESCAPES[character]
    if unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _excerpt(source: str, column: int | None) -> list[str]:
    # A long line is cut around the column, so that the caret still points at something visible.
    start = max(0, (column or 1) - 1 - 60)
    window = source[start : start + 120]
    shown = f"    {'…' if start else ''}{safe(window, 240)}{'…' if start + 120 < len(source) else ''}"
    if column is None:
        return [shown]
    before = safe(source[start : column - 1], 240)
    return [shown, f"    {' ' * (len(before) + bool(start))}^"]


def _engine_lines(error: EngineError) -> list[str]:
    lines = [safe(error.what, 4 * TEXT_LIMIT)]
    detail = error.detail.rstrip().splitlines()
    lines += [f"    {safe(line)}" for line in detail[:DETAIL_LINES]]
    if len(detail) > DETAIL_LINES:
        lines.append(f"    … and {len(detail) - DETAIL_LINES} more lines")
    if error.hint:
        lines.append(safe(error.hint, 4 * TEXT_LIMIT))
    return lines
