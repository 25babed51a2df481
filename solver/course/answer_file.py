"""Answers, from the CSV into which somebody typed them: a row per student, a column per answer.

The file may come from a spreadsheet or a learning platform, with other columns beside; a column whose heading looks like
an answer's must be one. Headings are held together even where a comma in W1[3,1] was not quoted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from solver.errors import Fault, InputError, nearest_name, quoted
from solver.spec.table import Table, cells_of, read_table

MOST_ROWS = 1_000_000

WHAT = "answers, CSV with the column id and a column per answer, as in 1:dL/dW1[3,1]"

_LOOKS_LIKE_AN_ANSWER = re.compile(r"\s*\d+\s*:")
_MEANT = str.maketrans({"’": "'", "′": "'", "‘": "'", "´": "'", "`": "'", "∂": "d"})


@dataclass(frozen=True)
class AnswerRow:
    """One student's answers.

    Attributes:
        id: As written.
        line: Line of the row, from 1.
        variant: The number in a column "variant", where there is one; "" elsewhere.
        answers: What stands in each answer's column, by the column's name.
    """

    id: str
    line: int
    variant: str
    answers: Mapping[str, str]


@dataclass(frozen=True)
class AnswerFile:
    """The rows of an answer file.

    Attributes:
        file: The file, as it was named.
        rows: At least one.
        missing: Answers that are asked for and have no column.
        ignored: Headings of the other columns.
        encoding: "utf-8", "utf-16" or "windows-1252".
        delimiter: What separates the columns.
    """

    file: Path
    rows: tuple[AnswerRow, ...]
    missing: tuple[str, ...]
    ignored: tuple[str, ...]
    encoding: str
    delimiter: str


def read_answer_file(
    file: Path, columns: Sequence[str], ids: Sequence[str], *, whose: str, numbered: bool = False
) -> AnswerFile:
    """Return the answers of a class.

    Args:
        file: A CSV file.
        columns: Headings of the answers that the exam asks for.
        ids: Who may have answered.
        whose: What an id is, for messages: "a student of the exam".
        numbered: Whether sheets bear numbers: then a column "variant" may tell which one a row answers; ids are free.

    Raises:
        InputError: The file cannot be read; a column is missing, unknown or there twice; an id is unknown, empty or there
            twice; there are no rows.
    """
    table = read_table(file, WHAT, most=MOST_ROWS)
    headings = _joined(table.columns)
    faults: list[Fault] = []
    places, ignored = _places(table, headings, columns, faults)
    rows: list[AnswerRow] = []
    seen: dict[str, int] = {}
    free = numbered and "variant" in places
    known = {} if free else {_folded(identity): identity for identity in ids}
    for line, row in table.rows if "id" in places else ():
        cells = cells_of(row, len(headings), file, line, faults)
        if cells is None:
            continue
        identity = cells[places["id"]]
        fault = _fault_of(identity, line, file, None if free else known, seen, whose)
        if fault is not None:
            faults.append(fault)
            continue
        variant = cells[places["variant"]] if "variant" in places else ""
        answers = {name: cells[place] for name, place in places.items() if name in columns}
        rows.append(AnswerRow(known.get(_folded(identity), identity), line, variant, answers))
    if not rows and not faults:
        faults.append(
            Fault("", file, table.line, found="no rows below the header", expected="a row per student")
        )
    if faults:
        raise InputError(faults)
    missing = tuple(name for name in columns if name not in places)
    return AnswerFile(file, tuple(rows), missing, ignored, table.encoding, table.delimiter)


def _folded(identity: str) -> str:
    return unicodedata.normalize("NFC", identity).casefold()


def _fault_of(
    identity: str, line: int, file: Path, known: Mapping[str, str] | None, seen: dict[str, int], whose: str
) -> Fault | None:
    if not identity:
        return Fault("", file, line, key="id", found="an empty id", expected=f"the id of {whose}")
    folded = _folded(identity)
    first = seen.setdefault(folded, line)
    if first != line:
        found = f"{quoted(identity)}, as on line {first}"
        return Fault("an id stands twice", file, line, key="id", found=found, expected="one row per student")
    if known is not None and folded not in known:
        nearest = nearest_name(identity, known.values())
        return Fault("", file, line, key="id", found=quoted(identity), expected=whose, nearest=nearest)
    return None


def _joined(headings: Sequence[str]) -> list[str]:
    """Return headings with those parts joined that a comma inside brackets has torn apart."""
    found: list[str] = []
    for heading in headings:
        if found and found[-1].count("[") > found[-1].count("]"):
            found[-1] += f",{heading}"
        else:
            found.append(heading)
    return found


def _canonical(heading: str) -> str:
    """Return a heading as the contract writes it: no spaces, a straight prime, d for ∂."""
    return "".join(unicodedata.normalize("NFKC", heading.translate(_MEANT)).translate(_MEANT).split())


def _places(
    table: Table, headings: Sequence[str], columns: Sequence[str], faults: list[Fault]
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return where each known column stands, and the headings of the others; note what is wrong with the header."""
    answers = {_canonical(name): name for name in columns}
    places: dict[str, int] = {}
    ignored: list[str] = []
    for place, heading in enumerate(headings):
        name = answers.get(_canonical(heading)) or (
            heading.casefold() if heading.casefold() in ("id", "variant") else ""
        )
        if name in places:
            message = f"the column {quoted(name)} stands twice"
            faults.append(Fault(message, table.file, table.line, expected="each column once"))
        elif name:
            places[name] = place
        elif nearest := _mistaken(heading, columns):
            expected = "an answer that the exam asks for"
            faults.append(
                Fault("unknown column", table.file, table.line, found=quoted(heading), expected=expected,
                      nearest=nearest if nearest in columns else "")
            )  # fmt: skip
        elif heading and heading.casefold() != "name":
            ignored.append(heading)
    if "id" not in places:
        others = [heading for heading in headings if heading and heading not in places]
        faults.append(
            Fault('the column "id" is missing', table.file, table.line,
                  found=", ".join(quoted(heading) for heading in headings[:12]),
                  expected="a header with the column id and a column per answer",
                  nearest=nearest_name("id", others, cutoff=0.5))
        )  # fmt: skip
    if not faults and not places.keys() & set(columns):
        faults.append(
            Fault("no column is an answer", table.file, table.line,
                  found=", ".join(quoted(heading) for heading in headings[:12]),
                  expected=", ".join(columns[:3]) + (", …" if len(columns) > 3 else ""))
        )  # fmt: skip
    return places, tuple(ignored)


def _mistaken(heading: str, columns: Sequence[str]) -> str:
    """Return the answer that a heading was meant for, "none" where it is like one and is none; "" for other columns."""
    plain = _canonical(heading)
    nearest = nearest_name(plain, columns, cutoff=0.6)
    if _LOOKS_LIKE_AN_ANSWER.match(heading):
        return nearest or "none"
    without = {name.partition(":")[2]: name for name in reversed(columns)}
    if plain in without:
        return without[plain]
    return nearest_name(plain, columns, cutoff=0.8) if len(plain) > 3 else ""
