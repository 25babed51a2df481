"""Where precompiled formats are kept between runs, and how a file appears there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

CACHE_VARIABLE = "CHAINSHEET_CACHE"
"""Names the folder to keep caches in, instead of the user's own cache folder."""


def cache_folder() -> Path:
    """Return the folder for caches; it may not exist yet."""
    named = os.environ.get(CACHE_VARIABLE, "").strip()
    if named:
        return Path(named).absolute()
    import platformdirs

    return Path(platformdirs.user_cache_dir("chainsheet", appauthor=False))


def publish(data: bytes, target: Path) -> None:
    """Write a file by writing another one beside it and renaming that: readers see all of it or none.

    Args:
        data: Its bytes.
        target: Its name; the folder is made where it does not exist.

    Raises:
        OSError: The folder cannot be written; nothing is left behind.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".new-", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
