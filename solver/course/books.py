"""All sheets of an exam in one PDF to print, and all keys in another, put together of the pages of the runs of TeX.

Two thousand sheets hold the same fonts two thousand times, half a gigabyte in all; the runs that made them hold them
eighty times, and a book once. So each job keeps the pages of its runs, and a book is made of those.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.course.job import Made
from solver.errors import EngineError

if TYPE_CHECKING:
    from solver.engines.pieces import Pieces

VOLUME = 2500
"""Sheets in one book; a larger exam has several volumes."""


Read = Callable[[str], bytes | None]
"""Returns the bytes of a file by its path; None where there is none."""


@dataclass(frozen=True)
class Chapter:
    """The pages of one student.

    Attributes:
        label: In the outline.
        run: Path of the pages of the run that made it.
        pages: Which pages of it, from 0.
    """

    label: str
    run: str
    pages: range


@dataclass(frozen=True)
class BookJob:
    """Puts a book together.

    Attributes:
        path: Of the book.
        title: For its metadata.
        chapters: In order; at least one.
        read: Reads the pages of a run.
        front: What comes before the chapters: its label in the outline, and the pages.
    """

    path: str
    title: str
    chapters: tuple[Chapter, ...]
    read: Read
    front: tuple[str, Pieces] | None = None

    def __call__(self) -> Made:
        """Make the book.

        Raises:
            EngineError: A run is not there, or is not what was written.
        """
        from solver.engines.bind import Book
        from solver.engines.pieces import pieces_from

        book, first = Book(), 0
        try:
            if self.front is not None:
                label, pages = self.front
                book.add(pages, {0: (label, list(pages.leaves))})
                first = 1
            runs: dict[str, dict[int, tuple[str, range]]] = {}
            for place, chapter in enumerate(self.chapters, start=first):
                runs.setdefault(chapter.run, {})[place] = chapter.label, chapter.pages
            for run, chapters in runs.items():
                book.add(pieces_from(self._read(run)), chapters)
            made = book.finished(self.title)
        except (KeyError, ValueError) as error:
            raise EngineError(f"{self.path} cannot be bound", detail=str(error)) from error
        data = {"sheets": len(self.chapters)}
        return Made({self.path: made.parts}, data, sha256={self.path: made.sha256})

    def _read(self, run: str) -> bytes:
        content = self.read(run)
        if content is None:
            raise EngineError(f"{run} is gone", hint="Build again.")
        return content
