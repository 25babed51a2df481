"""Reading parsed tables into a model, and finding everything that is wrong with them in one go.

pydantic stops at a table's shape: a rule that compares two fields can run only on a model that exists. So when there are
faults, a second pass reads the same tables with the faulty keys taken out (and unusable numbers read as 0), and the
rules run on what it gives; what they say about a place that is known to be faulty is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, NoReturn, TypeVar

from pydantic import ValidationError

from solver.errors import Fault, InputError
from solver.spec.fields import Reading
from solver.spec.findings import Finding, KeyPath, RefusedError, key_path
from solver.spec.model import Model
from solver.spec.positions import Lines
from solver.spec.source import Source
from solver.spec.translate import TABLE_LISTS, findings_of, place_of

M = TypeVar("M", bound=Model)
Rules = Callable[[M, list[Finding]], list[Finding]]

_ROUNDS = 3

_MOST_FINDINGS = 300
"""Faults looked into; far more than anyone reads, and a file of garbage is refused as quickly as any other."""


def read(model: type[M], source: Source, rules: Rules[M], known: Iterable[Finding] = ()) -> M:
    """Return the model of a file that breaks no rule.

    Args:
        model: What the file should be.
        source: The file.
        rules: Returns what is wrong between the fields of a model; also told which faults are known, since a model
            that was read without its faulty keys lacks them.
        known: Faults found before.

    Raises:
        InputError: With every fault of the file.
    """
    findings = list(known)
    reading = Reading()
    try:
        value = model.model_validate(source.data, context=reading)
    except ValidationError as error:
        findings += islice(findings_of(error, source.data, reading), _MOST_FINDINGS)
        second = _second_pass(model, source.data, error)
        if second is not None:
            repaired, kept = second
            findings += _beside(findings, (_restored(finding, kept) for finding in rules(repaired, findings)))
        refuse(source, findings)
    findings += _beside(findings, rules(value, findings))
    if findings:
        refuse(source, findings)
    return value


def refuse(source: Source, findings: Iterable[Finding]) -> NoReturn:
    """Raise the error for findings in a file, in the order of its lines."""
    lines = Lines(source.text)
    located = [(lines.line(finding.path), finding) for finding in dict.fromkeys(findings)]
    # Faults of the file as a whole come first; those of one line keep the order in which they were found.
    located.sort(key=lambda pair: pair[0] or 0)
    raise InputError(
        Fault(
            finding.message,
            source.file,
            line,
            key=key_path(finding.path),
            found=finding.found,
            expected=finding.expected,
            nearest=finding.nearest,
        )
        for line, finding in located
    )


def _beside(known: list[Finding], more: Iterable[Finding]) -> list[Finding]:
    """Return the findings that are not about a place, or the absence of something at a place, that is known as faulty."""
    places = [finding.path for finding in known]
    return [
        finding
        for finding in more
        if not any(
            finding.path[: len(place)] == place
            or (len(finding.path) > 1 and place[: len(finding.path)] == finding.path)
            for place in places
        )
    ]


_Kept = dict[str, list[int]]
"""By the key of a list of tables: for each table that is left, its number in the file."""


def _second_pass(model: type[M], data: dict[str, Any], error: ValidationError) -> tuple[M, _Kept] | None:
    kept: _Kept = {}
    for _ in range(_ROUNDS):
        repaired = _without_faults(data, error, kept)
        if repaired is None:
            return None
        data = repaired
        try:
            return model.model_validate(data, context=Reading(lenient=True)), kept
        except ValidationError as next_error:
            error = next_error
    return None


def _without_faults(data: dict[str, Any], error: ValidationError, kept: _Kept) -> dict[str, Any] | None:
    """Return the tables without what is faulty; None where something that cannot be left out is."""
    dropped: set[KeyPath] = set()
    for details in error.errors(include_url=False):
        path = place_of(details["loc"], data)
        cause = details.get("ctx", {}).get("error")
        if isinstance(cause, RefusedError) and cause.repairable:
            continue
        if details["type"] == "missing":
            path = path[:-1]
        # An element of a list cannot go without renumbering those after it: only tables that stand alone may.
        while path and isinstance(path[-1], int) and not (len(path) == 2 and path[0] in TABLE_LISTS):
            path = path[:-1]
        if not path or path[-1] == "layer":
            return None
        dropped.add(path)
    copied: dict[str, Any] = dict(data)
    for path in sorted(dropped, key=len):
        if not any(path[:length] in dropped for length in range(1, len(path))):
            _drop(copied, path)
    for key, entries in copied.items():
        if key in TABLE_LISTS and isinstance(entries, list) and any(entry is _DROPPED for entry in entries):
            numbers = kept.get(key, list(range(len(entries))))
            kept[key] = [
                number for number, entry in zip(numbers, entries, strict=True) if entry is not _DROPPED
            ]
            copied[key] = [entry for entry in entries if entry is not _DROPPED]
    return copied


_DROPPED: dict[str, Any] = {"": None}


def _drop(data: dict[str, Any], path: KeyPath) -> None:
    """Take a path out of tables of which the outermost may be changed; those below are copied on the way."""
    node: Any = data
    for part in path[:-1]:
        node[part] = list(node[part]) if isinstance(node[part], list) else dict(node[part])
        node = node[part]
    if isinstance(node, list):
        node[int(path[-1])] = _DROPPED
    else:
        node.pop(path[-1], None)


def _restored(finding: Finding, kept: _Kept) -> Finding:
    """Return the finding with the number of its table in the file, where tables before it were taken out."""
    path = finding.path
    if len(path) > 1 and path[0] in kept and isinstance(path[1], int):
        path = (path[0], kept[str(path[0])][path[1]], *path[2:])
        return Finding(path, finding.message, finding.found, finding.expected, finding.nearest)
    return finding
