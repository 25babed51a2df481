"""Writing files whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TypeAlias

from solver.errors import Fault, InputError

Content: TypeAlias = bytes | tuple[bytes, ...]
"""What a file holds, in one piece or in several: files that begin alike can share their beginning."""


def in_one(content: Content) -> bytes:
    """Return what a file holds in one piece."""
    return content if isinstance(content, bytes) else b"".join(content)


def write_whole(path: Path, content: Content) -> None:
    """Write a file so that it is there whole or not at all: a temporary neighbour is renamed into place.

    Raises:
        InputError: The folder cannot be written, or the disk is full.
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
    """
    if path.exists() or path.is_symlink():
        raise InputError(
            [Fault("the file exists", file=path, expected="a new file name; nothing was changed")]
        )
    write_whole(path, text.encode())


def unwritable(path: Path, error: OSError) -> InputError:
    """Return the fault of a file that cannot be written."""
    return InputError([Fault(f"cannot be written: {error.strerror or error}", file=path)])
