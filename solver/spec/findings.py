"""What is wrong with a file's content, before the line is known.

Validators and cross-field rules name a place by its path in the parsed data, `("network", "layer", 1, "weights")`,
with indices from 0 as Python counts. Lines are looked up afterwards, only when something is wrong: tomllib, which reads
the numbers, forgets where they stood, and a second parser is too slow to run on every good file.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from solver.errors import quoted

KeyPath = tuple[str | int, ...]
"""Keys and indices (from 0) from the top of the file down."""

MOST_DIGITS = 400
"""Characters of a number as typed; more is an accident or an attack."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")


@dataclass(frozen=True)
class Finding:
    """One fault at a key path; the parts are those of `solver.errors.Fault`.

    Attributes:
        mild: Whether the value still has its shape, so that everything around it can be checked all the same.
    """

    path: KeyPath = ()
    message: str = ""
    found: str = ""
    expected: str = ""
    nearest: str = ""
    mild: bool = False

    def under(self, path: KeyPath) -> Finding:
        """Return the same fault, its path read from `path` on."""
        return replace(self, path=path + self.path)


class RefusedError(ValueError):
    """Raised by a validator: one finding or several.

    Args:
        findings: Their paths are relative to the value that was read.
    """

    def __init__(self, *findings: Finding) -> None:
        super().__init__(*findings)
        self.findings = findings

    @property
    def repairable(self) -> bool:
        """Whether a lenient pass can read the value all the same, to find what else is wrong."""
        return all(finding.mild for finding in self.findings)


@dataclass(frozen=True)
class Unusable:
    """A number that Python's decimals cannot hold, or of too many digits: kept as text until its place is known."""

    text: str


def refused(message: str = "", found: str = "", expected: str = "", nearest: str = "") -> RefusedError:
    """Return the error for one fault of the value as a whole."""
    return RefusedError(Finding((), message, found, expected, nearest))


def key_path(path: Iterable[str | int]) -> str:
    """Return a path as a teacher reads it, indices from 1: ``network.layer[2].weights[1][3]``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            key = part if _BARE_KEY.match(part) else quoted(part)
            text += f".{key}" if text else key
    return text


def described(value: object) -> str:
    """Return what a value is, in the words of a message; text is quoted and long values are shortened."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | Decimal() | float():
            return number_text(value)
        case Unusable():
            return shortened(value.text)
        case str():
            return quoted(value)
        case []:
            return "an empty list"
        case list() | tuple():
            return f"a list of {len(value)}"
        case dict():
            return "a table" if value else "an empty table"
        case dt.date() | dt.time():
            return f"the date {value}" if isinstance(value, dt.date) else f"the time {value}"
        case _:
            return "nothing"


def number_text(value: int | Decimal | float) -> str:
    """Return a number as it was typed, the middle left out where it has very many digits."""
    if isinstance(value, int) and value.bit_length() > 4 * MOST_DIGITS:
        return f"a whole number of about {value.bit_length() * 3 // 10} digits"
    return shortened(str(value).replace("E+", "e").replace("E", "e"))


def shortened(text: str) -> str:
    """Return the text of a number, its middle left out where it is long."""
    return text if len(text) <= 40 else f"{text[:20]}…{text[-12:]}"


def counted(number: int, noun: str) -> str:
    """Return `1 row`, `3 rows`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
