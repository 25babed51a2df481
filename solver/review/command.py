"""What `check` does: files in, what was found of their claims out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from solver.errors import Fault, InputError
from solver.review.report import as_json as json_of
from solver.review.report import as_terminal, as_text
from solver.review.review import Review, review


def checked(files: Sequence[Path], claims_file: Path | None = None) -> list[Review]:
    """Return what is found of the claims of each file.

    Raises:
        InputError: With the faults of all files at once.
    """
    from solver.review.claims_file import read_claims
    from solver.spec import load_problem

    if claims_file is not None and len(files) > 1:
        named = f"{len(files)} problem files"
        raise InputError(
            Fault("claims of a file are about one problem", claims_file, found=named, expected="one")
        )
    found: list[Review] = []
    faults: list[Fault] = []
    for file in files:
        try:
            problem = load_problem(file)
            found.append(review(problem, read_claims(claims_file, problem) if claims_file else None))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    return found


def printed(reviews: Sequence[Review], *, as_json: bool, terminal: bool) -> str:
    """Return what the command prints: JSON, a table for a terminal, or plain lines for a pipe."""
    if as_json:
        return json.dumps(json_of(reviews), ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    return as_terminal(reviews) if terminal else as_text(reviews)
