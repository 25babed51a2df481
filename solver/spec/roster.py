"""Students, from the CSV that a spreadsheet or an administration writes.

How such files come is the matter of `table`; what was assumed is kept in the roster, so that it can be told. An id
becomes the name of a folder: what no folder can be called is a fault, and so are two ids that one file system would take
for the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from solver.errors import Fault, InputError, nearest_name, quoted
from solver.spec.table import cells_of, read_table
from solver.spec.text import unprintable

REQUIRED = ("id", "name")
MOST_STUDENTS = 1_000_000
LONGEST_ID = 64
LONGEST_NAME = 200

_WHAT = "a roster, CSV with the columns id and name"
_FORBIDDEN = re.compile(r'[/\\:*?"<>|]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?\Z", re.IGNORECASE)
# What stands beside the students' folders: the books, the manifest, and the marks of all of them.
_TAKEN = frozenset({"all-sheets.pdf", "all-keys.pdf", "manifest.json", "marks"})


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
    table = read_table(file, _WHAT, most=MOST_STUDENTS)
    columns, header_line = table.columns, table.line
    places = _places(columns, file, header_line)
    faults: list[Fault] = []
    students: list[Student] = []
    seen: dict[str, int] = {}
    for line, row in table.rows:
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
    return Roster(tuple(students), columns, file, table.digest, table.encoding, table.delimiter)


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
    cells = cells_of(row, len(columns), file, line, faults)
    if cells is None:
        return None
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
    if _controls(identity) or identity[0] in ".-":
        return quoted(identity), "an id that can name a folder: it starts with a letter or a digit"
    if identity[-1] == ".":
        return quoted(identity), "an id that can name a folder: it does not end in a point"
    if _RESERVED.match(identity) or identity.casefold() in _TAKEN:
        return quoted(identity), "an id that is no reserved file name"
    return None


def _controls(text: str) -> bool:
    return any(unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in text)
