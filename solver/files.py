"""Writing files whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path
from typing import TypeAlias

from solver.errors import EngineError, Fault, InputError, SolverError

Content: TypeAlias = bytes | tuple[bytes, ...]
"""What a file holds, in one piece or in several: files that begin alike can share their beginning."""

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


def in_one(content: Content) -> bytes:
    """Return what a file holds in one piece."""
    return content if isinstance(content, bytes) else b"".join(content)


def write_whole(path: Path, content: Content) -> None:
    """Write a file so that it is there whole or not at all: a temporary neighbour is renamed into place.

    Raises:
        InputError: The folder cannot be written.
        EngineError: The disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines([content] if isinstance(content, bytes) else content)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise
    except OSError as error:
        raise unwritable(path, error) from None


def write_new(path: Path, text: str) -> None:
    """Write a text file that does not exist yet.

    Raises:
        InputError: The file exists, or cannot be written.
        EngineError: The disk is full.
    """
    if path.exists() or path.is_symlink():
        raise InputError(
            [Fault("the file exists", file=path, expected="a new file name; nothing was changed")]
        )
    write_whole(path, text.encode())


def unwritable(path: Path, error: OSError) -> SolverError:
    """Return what to raise for a file that cannot be written: where there is no room, no input is at fault."""
    reason = error.strerror or str(error)
    if error.errno in _FULL:
        return EngineError(f"no room left to write {path}: {reason}", hint="Make room there, and try again.")
    return InputError([Fault(f"cannot be written: {reason}", file=path)])
