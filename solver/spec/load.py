"""Loading the files of a teacher: from a path to a frozen model, or to one error with everything that is wrong."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from solver.errors import listed, nearest_name, quoted
from solver.spec.findings import Finding, described
from solver.spec.source import KINDS, Source, other_file, parse_source, read_source

if TYPE_CHECKING:
    from solver.spec.course import Course
    from solver.spec.exam import Exam
    from solver.spec.problem import Problem
    from solver.spec.roster import Roster

_WHAT = "a problem file"
_START = "`python -m solver new FILE` writes one to start from"


def load_problem(path: str | Path) -> Problem:
    """Return the problem that a file describes.

    Args:
        path: A TOML file.

    Raises:
        InputError: With every fault of the file, each with its line.
    """
    return _problem(read_source(path, _WHAT, _START))


def loads_problem(text: str, file: str | Path = "problem.toml") -> Problem:
    """Return the problem that a text describes.

    Args:
        text: TOML.
        file: Its name, for messages and for a problem without a title.

    Raises:
        InputError: With every fault of the text, each with its line.
    """
    return _problem(parse_source(text, Path(file), _WHAT, _START))


def load_exam(path: str | Path, roster: str | Path | None = None) -> Exam:
    """Return the exam that a file describes; its problems are loaded and held against it.

    Args:
        path: A TOML file.
        roster: Students to write sheets for, instead of the file's own roster.

    Raises:
        InputError: With every fault of the file and of the problems that it names.
    """
    from solver.spec.exam import read_exam

    return read_exam(read_source(path, "an exam file"), None if roster is None else Path(roster))


def load_course(path: str | Path) -> Course:
    """Return the course that a file describes; the files that it names must exist, and are loaded later.

    Raises:
        InputError: With every fault of the file.
    """
    from solver.spec.course import read_course

    return read_course(read_source(path, "a course file"))


def load_roster(path: str | Path) -> Roster:
    """Return the students of a CSV file.

    Raises:
        InputError: With every fault of the file.
    """
    from solver.spec.roster import read_roster

    return read_roster(Path(path))


def _problem(source: Source) -> Problem:
    from solver.spec.reading import read, refuse
    from solver.spec.rules import problem_faults

    stray = other_file(source.data, "problem")
    if stray is not None:
        refuse(source, [stray])
    kind, findings = _kind(source.data)
    data = {key: value for key, value in source.data.items() if key != "kind"} | {"kind": kind}
    data.setdefault("title", source.file.stem[:200])
    home = import_module(f"solver.spec.{kind}")
    model = getattr(home, f"{kind.capitalize()}Problem")
    parsed = Source(source.file, source.text, source.digest, data)
    problem = read(model, parsed, problem_faults, findings)
    return cast("Problem", problem.read_from(source.file, source.digest))


def _kind(data: dict[str, Any]) -> tuple[str, list[Finding]]:
    """Return the kind that a file gives, or the one that its tables tell, and what is wrong with it."""
    tables = [name for name in KINDS if name in data]
    guess = tables[0] if len(tables) == 1 else "network"
    if "kind" in data:
        kind = data["kind"]
        if isinstance(kind, str) and kind in KINDS:
            if kind in data or len(tables) != 1:
                return kind, []
            message = f"the file has the table [{guess}]"
            return guess, [
                Finding(("kind",), message, quoted(kind), f'kind = "{guess}", or a table [{kind}]')
            ]
        nearest = nearest_name(kind, KINDS) if isinstance(kind, str) else ""
        return guess, [Finding(("kind",), "", described(kind), listed(KINDS), nearest)]
    if tables and "network" not in tables:
        return guess, [Finding(("kind",), "missing", expected=f'kind = "{guess}", for the table [{guess}]')]
    return "network", []
