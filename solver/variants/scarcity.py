"""When a variant finds no attempt that will do: the rest of a small space is searched, and what is missing is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.errors import Fault, InputError
from solver.spec.fields import MOST_VARIANTS
from solver.spec.findings import key_path, number_text
from solver.spec.hashing import key_number
from solver.variants.judging import CONSTRAINTS, Judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.spec import Problem
    from solver.variants.choosing import Chooser

SMALL = 65_536
"""Spaces up to this size are searched to the end."""

_PART = 4096


def another_or_fault(chooser: Chooser, number: int, *, alone: bool) -> tuple[Judged, int, int]:
    """Return a candidate of a small space that is still free, in an order of the variant's own.

    Raises:
        InputError: There is none; it says how many there are, and which constraint costs most.
    """
    source = chooser.source
    if source.space > SMALL:
        raise InputError(_fault(chooser, number, None))
    good = 0
    free: list[tuple[int, Judged, int]] = []
    tuples: set[bytes] = set()
    chooser.refused.clear()
    chooser.looked_at = 0
    for start, judged in _everything(chooser):
        chooser.note(judged)
        for row in np.flatnonzero(judged.good).tolist():
            good += 1
            tuples.add(judged.printed[row].tobytes())
            if alone or not chooser._is_taken(judged, row):  # noqa: SLF001 - two halves of one search
                free.append((start + row, judged, row))
    if free:
        own = (source.seed, source.problem, number)
        _, judged, row = min(free, key=lambda found: key_number(*own, found[0]))
        return judged, row, 0
    chooser.refused["distinct"] = good - len(tuples)
    raise InputError(_fault(chooser, number, good if alone else len(chooser.chosen)))


def _everything(chooser: Chooser) -> Iterator[tuple[int, Judged]]:
    space = chooser.source.space
    for start in range(0, space, _PART):
        stop = min(start + _PART, space)
        yield start, chooser.judge.judge_places(chooser.source.all(start, stop), stop - start)


def _fault(chooser: Chooser, number: int, exist: int | None) -> Fault:
    """Return what is wrong: how many variants there are, and what refuses most candidates."""
    problem = chooser.problem
    name = max((*CONSTRAINTS, "distinct"), key=lambda name: chooser.refused[name])
    costs = chooser.refused[name]
    path = ("variants", "draw") if costs == 0 or name == "solvable" else ("variants", "require", name)
    what = {
        "solvable": "no value exists (a logarithm of zero, a division by zero)",
        "distinct": "another variant prints the same problem or the same answers",
        "min_gradient": f"an asked gradient is smaller than {_setting(problem, 'min_gradient')}",
        "max_activation": f"an activation is beyond {_setting(problem, 'max_activation')}",
        "alive": "a ReLU is dead on every sample",
    }[name]
    found = len(chooser.chosen) if exist is None else exist
    count = f"{found:,} variant{'' if found == 1 else 's'}" if found else "none"
    tried = f"of {chooser.looked_at:,} candidates"
    message = (
        f"too few variants; what costs most: in {costs:,} {tried} {what}" if costs else "too few variants"
    )
    wanted = f"{max(number, chooser.wanted):,}" if number <= MOST_VARIANTS else "one for each student"
    return Fault(
        message, problem.file, _line(problem, path), key=key_path(path), found=count,
        expected=f"{wanted}: draw from more numbers, or require less",
    )  # fmt: skip


def _setting(problem: Problem, name: str) -> str:
    assert problem.variants is not None
    return number_text(getattr(problem.variants.require, name) or 0)


def _line(problem: Problem, path: tuple[str, ...]) -> int | None:
    from solver.spec.positions import Lines

    try:
        return Lines(problem.file.read_text(encoding="utf-8")).line(path)
    except (OSError, UnicodeDecodeError):  # the problem was made from Python, or its file is gone
        return None
