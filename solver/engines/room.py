"""Room on the disk: TeX does not look whether all of its log and side files were written, so it is looked at for it.

A log cut short says neither that a line sticks out nor that another pass is needed, and a sheet would be blamed for
what a full disk did. So a run that ends with nearly no room left counts as one that had none.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from solver.errors import EngineError

LEAST_ROOM = 1_000_000
"""Bytes that must be left on the disk when a run has ended."""

_CANNOT_WRITE = re.compile(r"^!\s*pdfTeX error: .*\bf(?:write|flush|close)\(\) failed", re.MULTILINE)


def no_room(folder: Path, detail: str = "") -> EngineError:
    """Return the error of a disk without room."""
    hint = "Make room there, or let TMPDIR name another folder."
    return EngineError(f"no room to run pdfLaTeX in {folder}", detail, hint)


def check_room(folder: Path, screen: str = "") -> None:
    """Do nothing where there is room.

    Args:
        folder: Where TeX has run.
        screen: What it printed.

    Raises:
        EngineError: The disk is full, or a quota is used up.
    """
    try:
        free = shutil.disk_usage(folder).free
    except OSError:  # not every file system tells
        free = LEAST_ROOM
    if free < LEAST_ROOM or _CANNOT_WRITE.search(screen):
        raise no_room(folder.parent)
