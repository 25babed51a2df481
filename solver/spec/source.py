"""A file of ours on its way from bytes to parsed TOML, every obstacle one clear fault.

Numbers with a point or an exponent come out as `Decimal`, so that "0.10" stays "0.10". tomllib reads the values; where
something stood is asked of `positions` only when something is wrong.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from itertools import islice
from pathlib import Path
from typing import Any

from solver.errors import Fault, InputError, nearest_name, quoted
from solver.spec.findings import MOST_DIGITS, Finding, KeyPath, Unusable

LARGEST_FILE = 50_000_000
"""Bytes of a file; a 784-128-10 network with 32 samples has under 2 million."""

KINDS = ("network", "expression", "recurrent", "convolution", "attention")
"""The kinds of problem; each has a module of its own, which is imported when a file of that kind is met."""

_MOST_BESIDE = 2000
"""Files of a folder that a missing one is compared with."""

_PLACE = re.compile(r"(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)\Z", re.DOTALL)
_LONG_INTEGER = re.compile(rf"(?<![\w.+-])[+-]?[0-9_]{{{MOST_DIGITS},}}(?![\w.])")


@dataclass(frozen=True)
class Source:
    """A file that is TOML.

    Attributes:
        file: Its name, as the user gave it.
        text: Its text, without a byte order mark.
        digest: SHA-256 of its bytes, in hexadecimal.
        data: The parsed tables.
    """

    file: Path
    text: str
    digest: str
    data: dict[str, Any]


def read_source(path: str | Path, what: str, start: str = "") -> Source:
    """Return a file's text and tables.

    Args:
        path: The file.
        what: What it should be, for messages: "a problem file".
        start: How to get a first one, for the message about an empty file.

    Raises:
        InputError: It is missing, a directory, unreadable, too large, binary, not UTF-8, empty, or not TOML.
    """
    file = Path(path)
    content = read_bytes(file, what)
    return parse_source(decoded(content, file, what), file, what, start, hashlib.sha256(content).hexdigest())


def parse_source(text: str, file: Path, what: str, start: str = "", digest: str = "") -> Source:
    """Return the tables of a text that is TOML.

    Raises:
        InputError: The text is empty, or not TOML.
    """
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise _whole_file(file, "the file is empty", f"{what}{f'; {start}' if start else ''}")
    try:
        data = tomllib.loads(text, parse_float=_number)
    except tomllib.TOMLDecodeError as error:
        raise InputError(_syntax_fault(error, text, file)) from None
    except RecursionError:
        raise InputError(_nesting_fault(text, file)) from None
    except ValueError:
        # Python refuses to read whole numbers of more than 4300 digits, and does not say where they stand.
        raise InputError(_long_integer_fault(text, file)) from None
    if not data:
        raise _whole_file(
            file, "the file holds nothing but comments", f"{what}{f'; {start}' if start else ''}"
        )
    return Source(file, text, digest or hashlib.sha256(text.encode()).hexdigest(), data)


def read_bytes(file: Path, what: str, limit: int = LARGEST_FILE) -> bytes:
    """Return a file's bytes.

    Raises:
        InputError: It is missing, a directory, unreadable or larger than the limit.
    """
    try:
        if file.is_dir():
            raise _whole_file(file, found="a directory", expected=what)
        with file.open("rb") as stream:
            content = stream.read(limit + 1)
    except FileNotFoundError:
        fault = Fault("no such file", file, expected=what, nearest=file_beside(file))
        raise InputError(fault) from None
    except PermissionError:
        raise _whole_file(file, "the file cannot be read: permission denied") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _whole_file(file, f"the file cannot be read: {reason or type(error).__name__}") from None
    if len(content) > limit:
        raise _whole_file(file, "the file is too large", f"at most {limit // 1_000_000} MB")
    return content


def decoded(content: bytes, file: Path, what: str) -> str:
    """Return the text of a file that is UTF-8.

    Raises:
        InputError: It is binary, or text in another encoding; the first byte that is not UTF-8 is named.
    """
    for mark, name in ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16")):
        if content.startswith(mark):
            raise _whole_file(file, found=f"text in {name}", expected=f"{what} in UTF-8")
    if b"\0" in content:
        raise _whole_file(file, found="a binary file", expected=f"{what}, which is text")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8")) + 1
        found = f"the byte 0x{content[error.start]:02x}, which is not UTF-8"
        fault = Fault("", file, line, column, found=found, expected=f"{what} in UTF-8")
        raise InputError(fault) from None


def other_file(data: Mapping[str, object], wanted: str) -> Finding | None:
    """Return the fault of a file that is right but another than asked for: an exam where a problem is expected.

    Args:
        data: The tables of a file.
        wanted: "problem", "exam" or "course".
    """
    signs = {"exam": ("question",), "course": ("handout", "exam"), "problem": KINDS}
    if any(key in data for key in signs[wanted]):
        return None
    for what, keys in signs.items():
        key = next((key for key in keys if key in data), None)
        if key is not None:
            return Finding((key,), "", _FILES[what][0], f"{_FILES[wanted][0]}; {_FILES[what][1]}")
    return None


_FILES = {
    "problem": ("a problem file", "problems are for `python -m solver render`"),
    "exam": ("an exam file", "exams are for `python -m solver exam`"),
    "course": ("a course file", "courses are for `python -m solver build`"),
}


def _number(text: str) -> Decimal | Unusable:
    if len(text) > MOST_DIGITS:
        return Unusable(text)
    try:
        return Decimal(text)
    except DecimalException:
        return Unusable(text)


def _whole_file(file: Path, message: str = "", expected: str = "", found: str = "") -> InputError:
    return InputError(Fault(message, file, found=found, expected=expected))


def file_beside(file: Path) -> str:
    """Return the name of the same folder that is closest to one that is not there; "" where none is close.

    Names are compared without their suffix, which would make all of them alike; a suffix left out is found too.
    """
    try:
        names = sorted(entry.name for entry in islice(file.parent.iterdir(), _MOST_BESIDE))
    except (OSError, ValueError):
        return ""
    stems = {Path(name).stem: name for name in names if Path(name).suffix == file.suffix}
    left_out = {Path(name).stem: name for name in names if Path(name).stem == file.name}
    return stems.get(nearest_name(file.stem, stems), "") or left_out.get(file.name, "")


def missing_file(source: Source, path: KeyPath, name: str, expected: str) -> Finding:
    """Return the fault of a file that is named and not there, with the nearest name of its folder."""
    nearest = file_beside(source.file.parent / name)
    if nearest:
        nearest = (Path(name).parent / nearest).as_posix()
    return Finding(path, "no such file", quoted(name), expected, nearest)


def _syntax_fault(error: tomllib.TOMLDecodeError, text: str, file: Path) -> Fault:
    lines = text.split("\n")
    match = _PLACE.match(str(error))
    message = match[1] if match else str(error)
    line = int(match[2]) if match and match[2] else len(lines)
    column = int(match[3]) if match and match[3] else len(lines[-1]) + 1
    while line > 1 and not (match and match[2]) and not lines[line - 1].strip():
        line -= 1
        column = len(lines[line - 1]) + 1
    excerpt = lines[line - 1] if line <= len(lines) else ""
    hint = _hint(excerpt[: column - 1], excerpt[column - 1 :])
    reason = "" if hint else f": {_reason(message)}"
    return Fault(f"not TOML{reason}", file, line, column, expected=hint, excerpt=excerpt.rstrip("\r"))


def _reason(message: str) -> str:
    """Return tomllib's reason in a teacher's words."""
    if message == "Cannot overwrite a value":
        return "the key stands twice"
    tables = re.sub(
        r"\('([^)]*)',?\)", lambda match: f"[{match[1]}]".replace("', '", ".").replace("'", ""), message
    )
    return tables[:1].lower() + tables[1:]


_HINTS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ('text in straight quotes, "…"', lambda rest: rest[1:2] in ("“", "”", "„", "‘", "’", "«")),
    ("a minus sign that is typed, -", lambda rest: rest[1:2] in ("−", "–")),
    (
        "a digit on both sides of the point",
        lambda rest: re.match(r".(?:[+-]?\.\d|[+-]?\d+\.(?!\d))", rest) is not None,
    ),
    ("a number without leading zeros", lambda rest: re.match(r"0\d", rest) is not None),
    (
        'text in quotes, "…"',
        lambda rest: re.match(r"[^0](?!true\b|false\b|inf\b|nan\b)[A-Za-z]", rest) is not None,
    ),
)


def _hint(before: str, rest: str) -> str:
    """Return what was probably meant where a value should stand, from the commonest slips; "" for others."""
    if before.rstrip()[-1:] not in ("=", "[", ",", "0"):
        return ""
    return next((hint for hint, applies in _HINTS if applies(before.rstrip()[-1:] + rest)), "")


def _nesting_fault(text: str, file: Path) -> Fault:
    # Brackets inside text are counted too; for naming a line in such a file that is near enough.
    depth = deepest = deepest_line = 0
    for line, content in enumerate(text.split("\n"), 1):
        for sign in re.findall(r"[\[\]{}]", content):
            depth = max(0, depth + (1 if sign in "[{" else -1))
            if depth > deepest:
                deepest, deepest_line = depth, line
    return Fault(
        "", file, deepest_line or 1, found="lists or tables nested too deep", expected="a few levels"
    )


def _long_integer_fault(text: str, file: Path) -> Fault:
    match = _LONG_INTEGER.search(text)
    line = text.count("\n", 0, match.start()) + 1 if match else None
    length = len(match[0]) if match else 0
    found = f"a whole number of {length:,} digits" if match else "a number that cannot be read"
    return Fault(
        "", file, line, found=found, expected=f"at most {MOST_DIGITS} digits and a magnitude of at most 1e300"
    )
