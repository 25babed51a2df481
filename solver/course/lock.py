"""One build at a time in a folder: two of them would write over each other's records."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from solver.errors import Fault, InputError
from solver.files import unwritable

if TYPE_CHECKING:
    from types import TracebackType

PATIENCE = 3.0
"""Seconds to wait for the lock: the workers of a build that was killed may take a moment to notice."""

_held: set[int] = set()


class FileLock:
    """A lock on a file, which the system frees when the process ends, even by a kill.

    Args:
        file: Made where it does not exist, and left behind: removing it would open a gap for a third build.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor = -1

    def __enter__(self) -> None:
        """Take the lock.

        Raises:
            InputError: Another build holds it, or the folder cannot be written.
        """
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            # Not inherited: TeX and workers must not hold it after this process is gone.
            self._descriptor = os.open(
                self._file, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644
            )
        except OSError as error:
            raise unwritable(self._file, error) from None
        deadline = time.monotonic() + PATIENCE
        while not _taken(self._descriptor):
            if time.monotonic() > deadline:
                os.close(self._descriptor)
                self._descriptor = -1
                folder = self._file.parent.parent
                raise InputError(
                    Fault("another build is at work in this folder", folder, expected="one at a time")
                )
            time.sleep(0.05)
        _held.add(self._descriptor)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the lock go."""
        if self._descriptor >= 0:
            _held.discard(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1


class NoLock:
    """For places that cannot be locked."""

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Do nothing."""


def forget_locks() -> None:
    """Close what a forked process has inherited: a worker that outlives its build must not hold its lock."""
    for descriptor in list(_held):
        _held.discard(descriptor)
        with suppress(OSError):
            os.close(descriptor)


def _taken(descriptor: int) -> bool:
    """Take a lock on an open file; False where another process has it."""
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
