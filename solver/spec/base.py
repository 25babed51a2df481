"""A file that was read, and what a problem file of every kind holds beside its mathematics."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, PrivateAttr

from solver.spec.claims import Claim
from solver.spec.model import Model
from solver.spec.options import Notation, Numbers, Work
from solver.spec.text import Line
from solver.spec.variants import VariantSettings


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


class ProblemFile(FileModel):
    """One problem: given values, what is asked, and how it is shown."""

    title: Line = Field(
        "", description="Printed as the heading; left out: the name of the file.", examples=["Multiple paths"]
    )
    source: Line = Field("", description="Where the problem comes from; printed under the title.")
    notation: Notation = Field(Notation(), description="Letters and styles.")
    numbers: Numbers = Field(Numbers(), description="Digits and rounding.")
    work: Work = Field(Work(), description="What is worked out.")
    claims: tuple[Claim, ...] = Field(
        (), description="Figures that a published solution prints, for `check`."
    )
    variants: VariantSettings | None = Field(None, description="What is drawn anew for every variant.")
