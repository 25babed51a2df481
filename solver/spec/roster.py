"""Students, from the CSV that a spreadsheet or an administration writes.

Such files come with a byte order mark, with semicolons or tabs, in UTF-8, UTF-16 or Windows-1252. What was assumed is
kept in the roster, so that it can be told. An id becomes the name of a folder: what no folder can be called is a fault,
and so are two ids that one file system would take for the same.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from solver.errors import Fault, InputError, nearest_name, quoted
from solver.spec.source import read_bytes
from solver.spec.text import unprintable

REQUIRED = ("id", "name")
MOST_STUDENTS = 1_000_000
LONGEST_ID = 64
LONGEST_NAME = 200

_WHAT = "a roster, CSV with the columns id and name"
_FORBIDDEN = re.compile(r'[/\\:*?"<>|]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?\Z", re.IGNORECASE)
_TAKEN = frozenset({"all-sheets.pdf", "all-keys.pdf", "manifest.json"})


@dataclass(frozen=True)
class Student:
    """One row of a roster.

    Attributes:
        id: Unique, and fit to name a folder.
        name: As written, on one line; may be empty.
        line: Line of the row in the file, from 1.
        others: The other columns, by their headers.
    """

    id: str
    name: str
    line: int
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Roster:
    """The students of a course, in the order of the file.

    Attributes:
        students: At least one.
        columns: The headers, as written.
        file: The file, as it was named.
        digest: SHA-256 of its bytes, in hexadecimal.
        encoding: "utf-8", "utf-16" or "windows-1252".
        delimiter: What separates the columns.
    """

    students: tuple[Student, ...]
    columns: tuple[str, ...]
    file: Path
    digest: str
    encoding: str
    delimiter: str


def read_roster(file: Path) -> Roster:
    """Return the students of a CSV file.

    Raises:
        InputError: The file cannot be read; a column is missing; there is no student; an id is empty, repeated or unfit
            for a folder; a row has too many or too few columns.
    """
    content = read_bytes(file, _WHAT)
    text, encoding = _decoded(content, file)
    delimiter, rows = _rows(text, file)
    header_line, header = rows[0]
    columns = tuple(" ".join(column.split()) for column in header)
    places = _places(columns, file, header_line)
    faults: list[Fault] = []
    students: list[Student] = []
    seen: dict[str, int] = {}
    for line, row in rows[1:]:
        student = _student(row, columns, places, line, file, faults)
        if student is None:
            continue
        # NFC and lower case: what macOS or Windows would take for the same folder.
        key = unicodedata.normalize("NFC", student.id).casefold()
        if key in seen:
            found = f"{quoted(student.id)}, as on line {seen[key]}"
            faults.append(
                Fault("an id stands twice", file, line, key="id", found=found, expected="one row per student")
            )
        seen.setdefault(key, line)
        students.append(student)
    if not students and not faults:
        faults.append(
            Fault("", file, header_line, found="no rows below the header", expected="a row per student")
        )
    if faults:
        raise InputError(faults)
    return Roster(tuple(students), columns, file, hashlib.sha256(content).hexdigest(), encoding, delimiter)


def _decoded(content: bytes, file: Path) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), "utf-16"
        except UnicodeDecodeError:
            raise InputError(
                Fault("", file, found="text in UTF-16 that breaks off", expected=_WHAT)
            ) from None
    if b"\0" in content:
        raise InputError(Fault("", file, found="a binary file", expected=_WHAT))
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), "windows-1252"
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{content[error.start]:02x}, which is neither UTF-8 nor Windows-1252"
        raise InputError(Fault("", file, line, found=found, expected=f"{_WHAT}, in UTF-8")) from None


def _rows(text: str, file: Path) -> tuple[str, list[tuple[int, list[str]]]]:
    """Return the delimiter and the rows that are not blank, each with its line; the first is the header."""
    if not text.strip():
        raise InputError(Fault("the file is empty", file, expected=_WHAT))
    first = 0
    lines = text.splitlines()
    hint = re.match(r'"?sep=(.)"?\s*\Z', lines[0], re.IGNORECASE)
    if hint:
        first, text = 1, "\n".join(lines[1:])
    header = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = hint[1] if hint else max(",;\t", key=header.count)
    try:
        rows = list(_numbered(text, delimiter, first))
    except csv.Error as error:
        reason = "a quotation mark is never closed" if "end of data" in str(error) else str(error)
        raise InputError(Fault(f"not CSV: {reason}", file, expected=_WHAT)) from None
    if not rows:
        raise InputError(Fault("the file is empty", file, expected=_WHAT))
    if len(rows) > MOST_STUDENTS:
        raise InputError(Fault("", file, found=f"{len(rows):,} rows", expected=f"at most {MOST_STUDENTS:,}"))
    return delimiter, rows


def _numbered(text: str, delimiter: str, first: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = first
    for row in reader:
        if any(cell.strip() for cell in row):
            yield line + 1, row
        line = first + reader.line_num


def _places(columns: tuple[str, ...], file: Path, line: int) -> dict[str, int]:
    """Return where the required columns stand."""
    folded = [column.casefold() for column in columns]
    faults = []
    for name in REQUIRED:
        if name not in folded:
            others = [column for column in columns if column.casefold() not in REQUIRED and column]
            faults.append(
                Fault(
                    f"the column {quoted(name)} is missing",
                    file,
                    line,
                    found=", ".join(map(quoted, columns[:20])),
                    expected="a header with the columns id and name",
                    nearest=nearest_name(name, others, cutoff=0.5),
                )
            )
    repeated = sorted(
        {column for number, column in enumerate(folded) if column and column in folded[:number]}
    )
    faults += [
        Fault(f"the column {quoted(column)} stands twice", file, line, expected="each column once")
        for column in repeated
    ]
    if faults:
        raise InputError(faults)
    return {name: folded.index(name) for name in REQUIRED}


def _student(
    row: list[str],
    columns: tuple[str, ...],
    places: Mapping[str, int],
    line: int,
    file: Path,
    faults: list[Fault],
) -> Student | None:
    if len(row) > len(columns) and not any(cell.strip() for cell in row[len(columns) :]):
        row = row[: len(columns)]
    if len(row) != len(columns):
        found = f"{len(row)} columns" if len(row) != 1 else "1 column"
        expected = f"{len(columns)}, as in the header; text with the separator in it stands in quotes"
        faults.append(Fault("", file, line, found=found, expected=expected))
        return None
    cells = [" ".join(cell.split()) for cell in row]
    identity, name = cells[places["id"]], cells[places["name"]]
    wrong = _fault_of_id(identity)
    if wrong:
        faults.append(Fault("", file, line, key="id", found=wrong[0], expected=wrong[1]))
        return None
    if len(name) > LONGEST_NAME or unprintable(name):
        found = f"a name of {len(name)} characters" if len(name) > LONGEST_NAME else quoted(name)
        expected = f"at most {LONGEST_NAME}" if len(name) > LONGEST_NAME else "a name that can be printed"
        faults.append(Fault(unprintable(name), file, line, key="name", found=found, expected=expected))
        return None
    others = {
        column: cell
        for number, (column, cell) in enumerate(zip(columns, cells, strict=True))
        if number not in places.values()
    }
    return Student(identity, name, line, others)


def _fault_of_id(identity: str) -> tuple[str, str] | None:
    """Return (found, expected) where an id cannot name a folder on every system."""
    if not identity:
        return "an empty id", "an id for every student"
    if len(identity) > LONGEST_ID:
        return f"an id of {len(identity)} characters", f"at most {LONGEST_ID}"
    forbidden = _FORBIDDEN.search(identity)
    if forbidden:
        return (
            f"{quoted(identity)} with {quoted(forbidden[0])} in it",
            'an id that can name a folder, without / \\ : * ? " < > |',
        )
    if _controls(identity) or identity[0] in ".-" or identity[-1] == ".":
        return quoted(identity), "an id that can name a folder: it starts with a letter or a digit"
    if _RESERVED.match(identity) or identity.casefold() in _TAKEN:
        return quoted(identity), "an id that is no reserved file name"
    return None


def _controls(text: str) -> bool:
    return any(unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in text)
