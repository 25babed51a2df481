"""Claims from a CSV file: one row each, with the columns quantity and value, and where and step if they are known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from solver.errors import Fault, InputError, listed, nearest_name, quoted
from solver.spec.claims import Claim
from solver.spec.findings import RefusedError
from solver.spec.inventory import inventory_of, known_quantities
from solver.spec.rules.claims import claim_faults
from solver.spec.table import cells_of, read_table

if TYPE_CHECKING:
    from solver.spec import Problem

COLUMNS = ("quantity", "value", "where", "step")
REQUIRED = ("quantity", "value")
MOST_CLAIMS = 100_000

_WHAT = "claims, CSV with the columns quantity and value"


@dataclass(frozen=True)
class ClaimsFile:
    """Claims that stand in a file of their own.

    Attributes:
        path: The file.
        claims: In its order.
        lines: The line of each.
    """

    path: Path
    claims: tuple[Claim, ...]
    lines: tuple[int, ...]


def read_claims(file: Path, problem: Problem) -> ClaimsFile:
    """Return the claims of a CSV file about a problem.

    An array is written as in a problem file, [[0.306, -0.196], [0.108, 0.2]]; its digits are kept. Numbers with decimal
    commas stand in quotes there: [["0,306", "-0,196"]].

    Raises:
        InputError: With every fault of the file, each with its line.
    """
    table = read_table(file, _WHAT, most=MOST_CLAIMS)
    places = _places(table.columns, file, table.line)
    if not table.rows:
        found = "no rows below the header"
        raise InputError(Fault("", file, table.line, found=found, expected="a row per claim"))
    faults: list[Fault] = []
    claims: list[Claim] = []
    lines: list[int] = []
    seen = {_key(claim): "in the problem file" for claim in problem.claims}
    for line, row in table.rows:
        cells = cells_of(row, len(table.columns), file, line, faults)
        if cells is None:
            continue
        claim = _claim({name: cells[place] for name, place in places.items()}, file, line, faults)
        if claim is None:
            continue
        key = _key(claim)
        if key in seen:
            expected = "one claim per quantity, or another place in where"
            message = f"{quoted(claim.quantity)} is claimed already {seen[key]}"
            faults.append(Fault(message, file, line, expected=expected))
            continue
        seen[key] = f"in line {line}"
        claims.append(claim)
        lines.append(line)
    for fault in claim_faults(problem, claims, inventory_of(problem), known_quantities(problem)):
        number, column = int(fault.path[0]), str(fault.path[1])
        faults.append(
            Fault(fault.message, file, lines[number], key=column, found=fault.found, expected=fault.expected,
                  nearest=fault.nearest)
        )  # fmt: skip
    if faults:
        raise InputError(sorted(faults, key=lambda fault: fault.line or 0))
    return ClaimsFile(file, tuple(claims), tuple(lines))


def _key(claim: Claim) -> tuple[str, int, str]:
    """Return what makes a claim the same as another one."""
    return claim.quantity.replace(" ", ""), claim.step, claim.where


def _places(columns: tuple[str, ...], file: Path, line: int) -> dict[str, int]:
    """Return where each known column stands; others are kept out of the way."""
    places: dict[str, int] = {}
    for place, column in enumerate(columns):
        name = column.casefold()
        if name in COLUMNS:
            if name in places:
                raise InputError(Fault(f"the column {quoted(name)} stands twice", file, line))
            places[name] = place
    missing = [name for name in REQUIRED if name not in places]
    if missing:
        raise InputError(
            Fault(f"the column {quoted(name)} is missing", file, line, found=listed(columns) or "no header",
                  expected=f"the columns {listed(COLUMNS)}", nearest=nearest_name(name, columns))
            for name in missing
        )  # fmt: skip
    return places


def _claim(cells: dict[str, str], file: Path, line: int, faults: list[Fault]) -> Claim | None:
    text = cells["value"]
    data: dict[str, object] = {"quantity": cells["quantity"], "where": cells.get("where", "")}
    try:
        data["value"] = json.loads(text, parse_float=str, parse_int=str) if text.startswith("[") else text
    except (ValueError, RecursionError):
        expected = "a number, or a list: [[0.1, 0.2]]"
        faults.append(Fault("", file, line, key="value", found=quoted(text), expected=expected))
        return None
    step = cells.get("step", "")
    if step:
        data["step"] = int(step) if step.isdecimal() and len(step) < 10 else step
    try:
        return Claim.model_validate(data)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            key = str(details["loc"][0]) if details["loc"] else ""
            cause = details.get("ctx", {}).get("error")
            if isinstance(cause, RefusedError):
                faults += [
                    Fault(found.message, file, line, key=key, found=found.found, expected=found.expected)
                    for found in cause.findings
                ]
            else:
                faults.append(Fault(details["msg"], file, line, key=key, found=quoted(cells.get(key, ""))))
        return None
