"""What builds remember: of each task what it was made from, which files it wrote, and what else is worth knowing.

One small file a task, in the store itself, written after all files of the task are in place. So a build that is killed
leaves nothing that claims more than is there, and the next one goes on with the tasks that have no record. The records
travel with the folder; a copied folder has other times, so a file whose stamp differs is compared by its content once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from solver.course.inputs import difference
from solver.course.store import STATE, Stamp, Store

SCHEME = 1
"""Raised when records are read differently; older ones are then as good as none."""

_UNFINISHED = re.compile(r"\..+\.[a-z0-9_]{8}")
"""Names of temporary files, as `files.write_whole` makes them."""


@dataclass(frozen=True)
class Written:
    """A file that was written.

    Attributes:
        sha256: Of its content, in hexadecimal.
        stamp: Of the file in the store.
    """

    sha256: str
    stamp: Stamp


def joined(before: Any, now: Any) -> Any:
    """Return what is known after something was added to what was known before: tables are merged, all else replaced."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        return {
            name: joined(before.get(name), now[name]) if name in now else before[name]
            for name in {**before, **now}
        }
    return now


@dataclass(frozen=True)
class Record:
    """What is known of a task that was done.

    Attributes:
        task: Its name.
        inputs: What it was made from, by name.
        files: What it wrote, by path; the main file first.
        data: What else is worth knowing: titles, numbers of pages, answers.
    """

    task: str
    inputs: Mapping[str, str]
    files: Mapping[str, Written]
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> bytes:
        """Return the record as it is stored."""
        files = {path: [f.sha256, f.stamp.size, f.stamp.tag] for path, f in self.files.items()}
        form = {"scheme": SCHEME, "task": self.task, "inputs": self.inputs, "files": files, "data": self.data}
        return (json.dumps(form, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def read_record(content: bytes | None) -> Record | None:
    """Return a stored record; None for what is none, or of another scheme."""
    try:
        form = json.loads(content or b"")
        if form["scheme"] != SCHEME:
            return None
        files = {
            path: Written(str(sha256), Stamp(int(size), str(tag)))
            for path, (sha256, size, tag) in form["files"].items()
        }
        return Record(str(form["task"]), dict(form["inputs"]), files, dict(form["data"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


class Records:
    """The records of a store, and what of it is there.

    Args:
        store: Where the course is written; listed once.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stamps = store.stamps()
        self._known: dict[str, Record | None] = {}
        self._moved: set[str] = set()

    def find(self, task: str) -> Record | None:
        """Return the record of a task."""
        if task not in self._known:
            path = _path(task)
            self._known[task] = read_record(self._store.read(path)) if path in self._stamps else None
        return self._known[task]

    def tasks(self, start: str = "") -> list[str]:
        """Return the tasks that have a record and whose names start so, in order."""
        start = f"{STATE}/records/{start}"
        end = len(".json")
        skip = len(f"{STATE}/records/")
        found = {
            path[skip:-end]
            for path in self._stamps
            if path.startswith(start) and path.endswith(".json") and "/." not in path[skip:]
        }
        return sorted(
            found | {task for task, record in self._known.items() if record and task.startswith(start[skip:])}
        )

    def keep(self, record: Record) -> None:
        """Store a record; its files are in place."""
        self._stamps[_path(record.task)] = self._store.write(_path(record.task), record.to_json())
        self._stamps |= {path: written.stamp for path, written in record.files.items()}
        self._known[record.task] = record

    def sweep(self) -> None:
        """Remove what a killed build left: files that were not yet renamed into place."""
        for path in [path for path in self._stamps if _UNFINISHED.fullmatch(_name(path))]:
            self._store.remove(path)
            del self._stamps[path]

    def forget(self, task: str) -> None:
        """Remove a record."""
        self._store.remove(_path(task))
        self._stamps.pop(_path(task), None)
        self._known[task] = None

    def missing(self, record: Record, paths: Iterable[str] | None = None) -> str:
        """Return what is wrong with files of a record, in words; "" where each is as it was written.

        Args:
            record: The record.
            paths: Which of its files; all of them by default.
        """
        moved: dict[str, Written] = {}
        for path in record.files if paths is None else paths:
            written = record.files[path]
            stamp = self._stamps.get(path)
            if stamp is None:
                return f"{_name(path)} is missing"
            if stamp == written.stamp:
                continue
            if stamp.size != written.stamp.size or not self._same(path, written.sha256):
                return f"{_name(path)} was changed"
            moved[path] = replace(written, stamp=stamp)
        if moved:
            self._known[record.task] = replace(record, files={**record.files, **moved})
            self._moved.add(record.task)
        return ""

    def settle(self) -> None:
        """Store the new times of files that were copied, so that their content need not be compared again."""
        for task in sorted(self._moved):
            record = self.find(task)
            if record is not None:
                self.keep(record)
        self._moved.clear()

    def why(self, task: str, inputs: Mapping[str, str]) -> str:
        """Return why a task has to be done, in words; "" where it is done."""
        record = self.find(task)
        if record is None:
            return "new"
        return difference(record.inputs, inputs) or self.missing(record)

    def discard(self, paths: Iterable[str], record: Record) -> list[str]:
        """Remove files of a record that are no longer wanted, those that nobody changed, and return their paths."""
        gone = self.untouched(paths, record)
        for path in gone:
            self._store.remove(path)
            del self._stamps[path]
        return gone

    def untouched(self, paths: Iterable[str], record: Record) -> list[str]:
        """Return files of a record that are as they were written."""
        found = []
        for path in paths:
            written, stamp = record.files[path], self._stamps.get(path)
            if stamp is None:
                continue
            if stamp == written.stamp or (
                stamp.size == written.stamp.size and self._same(path, written.sha256)
            ):
                found.append(path)
        return found

    def _same(self, path: str, sha256: str) -> bool:
        content = self._store.read(path)
        return content is not None and hashlib.sha256(content).hexdigest() == sha256


def _path(task: str) -> str:
    return f"{STATE}/records/{task}.json"


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
