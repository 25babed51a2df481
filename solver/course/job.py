"""Jobs: what is done in one go, anywhere. A job is a value; doing it needs nothing but the value and a pdfLaTeX.

`perform` is the one function that executors are given. It does a job and, where the store can be reached from
everywhere, writes its files right there, so that a hundred thousand sheets need not pass through one process; otherwise
the content comes back.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from solver.course.inputs import program_identity
from solver.course.record import Written
from solver.course.store import Stamp, Store
from solver.errors import EngineError, render_failure
from solver.files import Content, in_one


@dataclass(frozen=True)
class Failure:
    """A document that could not be made, while others could.

    Attributes:
        what: Which one, in words: "exams/midterm: student s017".
        message: Why, as it is printed; lines of TeX and of files are named in it.
        documents: How many documents are missing.
    """

    what: str
    message: str
    documents: int = 1

    @property
    def text(self) -> str:
        """What is printed: which one, and below it why."""
        lines = self.message.splitlines() or [""]
        return "\n".join([f"{self.what}: {lines[0]}", *(f"    {line}" for line in lines[1:])])


@dataclass(frozen=True)
class Made:
    """What a job made.

    Attributes:
        files: Content by path, the main file first.
        data: What else is worth remembering; must survive JSON.
        failures: What could not be made.
        documents: How many documents the files are.
        sha256: Of files by path, in hexadecimal, as far as it is known; the others are hashed where they are written.
    """

    files: Mapping[str, Content]
    data: Mapping[str, Any] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    documents: int = 1
    sha256: Mapping[str, str] = field(default_factory=dict)


class Job(Protocol):
    """Something to do; can be pickled."""

    def __call__(self) -> Made:
        """Do it. The same job makes the same files, anywhere.

        Raises:
            EngineError: No job can be done: there is no engine, no room.
        """


@runtime_checkable
class Preparable(Protocol):
    """A job that others have much in common with."""

    @property
    def shared(self) -> object:
        """What they have in common."""

    def prepare(self) -> None:
        """Find out in this process what holds for all of them. What they make does not depend on it."""


@dataclass(frozen=True)
class Task:
    """A job with its name, and what it depends on.

    Attributes:
        name: Names it among all tasks of the course; a relative path.
        inputs: What it is made from, by name (see `inputs`).
        documents: How many documents it will make.
        job: What is to be done.
        adds: Whether what is made joins what the task has made before, instead of replacing it.
        needs: Modules that the job imports, so that processes forked to do many can share them.
        strict: Whether its fault is raised, instead of being told beside what others have made.
        reads: Whether the job reads what others have made, and so is done where the store can be reached.
    """

    name: str
    inputs: Mapping[str, str]
    documents: int
    job: Job
    adds: bool = False
    needs: tuple[str, ...] = ()
    strict: bool = False
    reads: bool = False


@dataclass(frozen=True)
class Done:
    """A task that was done.

    Attributes:
        name: Of the task.
        files: What it wrote, or has yet to be written from `contents`.
        contents: Files that are still to be written.
        data: See `Made`.
        failures: See `Made`.
        documents: See `Made`.
        seconds: How long it took.
    """

    name: str
    files: Mapping[str, Written]
    contents: Mapping[str, Content]
    data: Mapping[str, Any]
    failures: tuple[Failure, ...]
    documents: int
    seconds: float


_alone = threading.Lock()
"""The precision of ball arithmetic is the whole process's, so a worker with several threads does one job at a time."""


def perform(task: Task, store: Store | None, program: str) -> Done:
    """Do a task, and write its files where the store can be reached from here.

    Args:
        task: What to do.
        store: Where to write; None: the contents come back.
        program: The program that asked; another one would make other bytes.

    Raises:
        EngineError: No task can be done here.
        InputError: The store cannot be written.
        Exception: Whatever is wrong with a strict task.
    """
    started = time.monotonic()
    if program_identity() != program:
        raise EngineError(
            f"a worker runs chainsheet {program_identity()}, this is {program}",
            hint="Install the same release, and the same packages, on every machine.",
        )
    with _alone:
        made = task.job() if task.strict else _made(task)
    if store is None:
        unknown = Stamp(-1, "")
        files = {path: Written(_sha256(made, path), unknown) for path in made.files}
        contents = made.files
    else:
        # The main file comes last: it is there only when all that it includes is.
        files = {
            path: Written(_sha256(made, path), store.write(path, content))
            for path, content in reversed(list(made.files.items()))
        }
        files = dict(reversed(list(files.items())))
        contents = {}
    seconds = time.monotonic() - started
    return Done(task.name, files, contents, made.data, made.failures, made.documents, seconds)


def _made(task: Task) -> Made:
    from solver.engines.compile import TexError

    try:
        return task.job()
    except EngineError as error:
        if not isinstance(error, TexError):
            raise
        message = render_failure(error)
    except Exception as error:  # noqa: BLE001 - one document must not take the others with it
        message = render_failure(error)
    return Made({}, failures=(Failure(task.name, message, task.documents),), documents=0)


def _sha256(made: Made, path: str) -> str:
    return made.sha256.get(path) or hashlib.sha256(in_one(made.files[path])).hexdigest()
