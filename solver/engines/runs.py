"""A run of TeX as a value: its sheets, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from solver.engines.assemble import FinishedPdf
from solver.engines.figures import FigurePdf
from solver.engines.log import BadBox, MissingCharacter, TexFault

SHEET_SECONDS = 60.0
"""Time limit of a run of one sheet; each further sheet adds `FURTHER_SECONDS`."""


@dataclass(frozen=True)
class Sheet:
    """One document of a batch.

    Args:
        name: Unique in the batch; letters, digits, ``.``, ``_``, ``-``.
        body: TeX of its pages; places figures by ``\\sheetfigure{name}``.
        figures: TeX of the pictures it places, by name.
        assets: Files it includes, by name; sheets of one batch may share them.
        title: For the metadata of the PDF.
        most: Pages that it was written for, 0 for any number.
    """

    name: str
    body: str
    figures: Mapping[str, str] = field(default_factory=dict)
    assets: Mapping[str, bytes] = field(default_factory=dict)
    title: str = ""
    most: int = 0


@dataclass(frozen=True)
class SheetPdf:
    """A sheet that was made.

    Args:
        name: The sheet's.
        file: The PDF.
        pages: Number of pages.
        run: Which run of TeX it was made by: the place in `RunResult.runs`.
        first: Its first page in that run, from 0.
        boxes: Lines that stick out or are too loose; source lines count in the sheet's own document.
        missing: Characters that are not on the page.
    """

    name: str
    file: FinishedPdf
    pages: int
    run: int = 0
    first: int = 0
    boxes: tuple[BadBox, ...] = ()
    missing: tuple[MissingCharacter, ...] = ()

    @property
    def pdf(self) -> bytes:
        """The bytes of the PDF."""
        return self.file.pdf


@dataclass(frozen=True)
class SheetFailure:
    """A sheet that could not be made.

    Args:
        name: The sheet's.
        fault: Why; its line counts in the sheet's own document (see `sheet_source`).
        figure: The figure at fault, when it is one.
    """

    name: str
    fault: TexFault
    figure: str = ""


@dataclass(frozen=True)
class Run:
    """What one process does: some sheets with one preamble.

    Args:
        sheets: At least one.
        preamble: Holds `SHEET_PREAMBLE`; what all sheets share.
        placed: Figures typeset before, by key; the others are typeset in this run.
        pages: How long the first sheet is taken to be; None: that is found out.
        seconds: Time limit of a run of one sheet.
        keep: Whether the pages of all its sheets are wanted for books as well.
    """

    sheets: tuple[Sheet, ...]
    preamble: str
    placed: Mapping[str, FigurePdf] = field(default_factory=dict)
    pages: int | None = None
    seconds: float = SHEET_SECONDS
    keep: bool = False


@dataclass(frozen=True)
class RunResult:
    """What a run made, in the order of its sheets, and what it could not make.

    Args:
        sheets: Those made.
        failures: Those not made.
        passes: Passes of TeX over the sheets, those of failed attempts left out.
        runs: The pages of each run of TeX (see `Split.pages`), where they are wanted; several where a sheet had a fault.
    """

    sheets: tuple[SheetPdf, ...]
    failures: tuple[SheetFailure, ...] = ()
    passes: int = 0
    runs: tuple[bytes, ...] = ()
