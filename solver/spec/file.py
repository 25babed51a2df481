"""A file that was read, of whatever kind."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import PrivateAttr

from solver.spec.model import Model


class FileModel(Model):
    """A whole file, which knows where it stands and what it was read from."""

    _file: Path = PrivateAttr(default=Path())
    _digest: str = PrivateAttr(default="")

    def read_from(self, file: Path, digest: str) -> Self:
        """Note what was read; done once, by the loader."""
        self._file, self._digest = file, digest
        return self

    @property
    def file(self) -> Path:
        """The file that was read, as it was named."""
        return self._file

    @property
    def digest(self) -> str:
        """SHA-256 of the file's bytes, in hexadecimal."""
        return self._digest

    def beside(self, name: str) -> Path:
        """Return the path of a file that this one names, relative to it."""
        return self._file.parent / name
