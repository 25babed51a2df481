"""CSV as spreadsheets and administrations write it: their separators, their encodings, every fault with its line.

Such files come with a byte order mark, with semicolons or tabs, in UTF-8, UTF-16 or Windows-1252. What was assumed is
kept in the table, so that it can be told.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from solver.errors import Fault, InputError
from solver.spec.source import read_bytes

_ENCLOSED = re.compile(r'"[^"]*"|\[[^\]]*\]')


@dataclass(frozen=True)
class Table:
    """The rows of a CSV file that are not blank.

    Attributes:
        file: The file, as it was named.
        line: Line of the header, from 1.
        columns: The headers, spaces evened out.
        rows: The rows below, each with its line.
        digest: SHA-256 of the file's bytes, in hexadecimal.
        encoding: "utf-8", "utf-16" or "windows-1252".
        delimiter: What separates the columns.
    """

    file: Path
    line: int
    columns: tuple[str, ...]
    rows: tuple[tuple[int, list[str]], ...]
    digest: str
    encoding: str
    delimiter: str


def read_table(file: Path, what: str, *, most: int) -> Table:
    """Return the rows of a CSV file.

    Args:
        file: The file.
        what: What it should be, for messages: "a roster, CSV with the columns id and name".
        most: How many rows it may have.

    Raises:
        InputError: It cannot be read, is empty, binary, no CSV, or has too many rows.
    """
    content = read_bytes(file, what)
    text, encoding = _decoded(content, file, what)
    delimiter, rows = _rows(text, file, what, most)
    line, header = rows[0]
    columns = tuple(" ".join(column.split()) for column in header)
    return Table(
        file, line, columns, tuple(rows[1:]), hashlib.sha256(content).hexdigest(), encoding, delimiter
    )


def cells_of(row: list[str], width: int, file: Path, line: int, faults: list[Fault]) -> list[str] | None:
    """Return the cells of a row, spaces evened out; None, and a fault, where they are not as many as the header's.

    Empty cells beyond the last column are dropped: spreadsheets write them.
    """
    if len(row) > width and not any(cell.strip() for cell in row[width:]):
        row = row[:width]
    if len(row) != width:
        found = f"{len(row)} columns" if len(row) != 1 else "1 column"
        expected = f"{width}, as in the header; text with the separator in it stands in quotes"
        faults.append(Fault("", file, line, found=found, expected=expected))
        return None
    return [" ".join(cell.split()) for cell in row]


def _decoded(content: bytes, file: Path, what: str) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), "utf-16"
        except UnicodeDecodeError:
            raise InputError(Fault("", file, found="text in UTF-16 that breaks off", expected=what)) from None
    if b"\0" in content:
        raise InputError(Fault("", file, found="a binary file", expected=what))
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), "windows-1252"
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{content[error.start]:02x}, which is neither UTF-8 nor Windows-1252"
        raise InputError(Fault("", file, line, found=found, expected=f"{what}, in UTF-8")) from None


def _rows(text: str, file: Path, what: str, most: int) -> tuple[str, list[tuple[int, list[str]]]]:
    """Return the delimiter and the rows that are not blank, each with its line; the first is the header."""
    if not text.strip():
        raise InputError(Fault("the file is empty", file, expected=what))
    first = 0
    lines = text.splitlines()
    hint = re.match(r'"?sep=(.)"?\s*\Z', lines[0], re.IGNORECASE)
    if hint:
        first, text = 1, "\n".join(lines[1:])
    header = next((line for line in text.splitlines() if line.strip()), "")
    # A comma in the name of a column, as in W1[3,1], separates nothing.
    outside = _ENCLOSED.sub("", header)
    delimiter = hint[1] if hint else max(",;\t", key=outside.count)
    try:
        rows = list(_numbered(text, delimiter, first))
    except csv.Error as error:
        reason = "a quotation mark is never closed" if "end of data" in str(error) else str(error)
        raise InputError(Fault(f"not CSV: {reason}", file, expected=what)) from None
    if not rows:
        raise InputError(Fault("the file is empty", file, expected=what))
    if len(rows) > most:
        raise InputError(Fault("", file, found=f"{len(rows):,} rows", expected=f"at most {most:,}"))
    return delimiter, rows


def _numbered(text: str, delimiter: str, first: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = first
    for row in reader:
        if any(cell.strip() for cell in row):
            yield line + 1, row
        line = first + reader.line_num
