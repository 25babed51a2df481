"""All sheets of an exam in one PDF to print, and all keys in another, put together of what each job has bound.

Two thousand sheets hold the same fonts two thousand times, half a gigabyte in all; the sheets of one job, bound together,
hold them once. So a book is made of eighty parts of which pages are taken in the order of the roster, by qpdf itself,
which needs seconds where taking page by page needs minutes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from solver.course.job import Made
from solver.engines.room import check_room, no_room
from solver.errors import EngineError

if TYPE_CHECKING:
    from solver.course.store import Store

VOLUME = 2500
"""Sheets in one book; a larger exam has several volumes."""


@dataclass(frozen=True)
class Chapter:
    """The pages of one student.

    Attributes:
        label: In the outline.
        part: Path of the bound sheets that it is in.
        first: Its first page there, from 1.
        pages: How many pages it has.
    """

    label: str
    part: str
    first: int
    pages: int


@dataclass(frozen=True)
class BookJob:
    """Puts a book together.

    Attributes:
        path: Of the book.
        title: For its metadata.
        chapters: In order; at least one.
        store: Where the parts are.
        front: Pages that come before the chapters, with their label in the outline.
    """

    path: str
    title: str
    chapters: tuple[Chapter, ...]
    store: Store
    front: tuple[str, bytes] | None = None

    def __call__(self) -> Made:
        """Make the book.

        Raises:
            EngineError: A part is not there, or there is no room.
        """
        try:
            with tempfile.TemporaryDirectory(prefix="chainsheet-", ignore_cleanup_errors=True) as folder:
                book = self._bound(Path(folder))
        except OSError as error:
            raise no_room(Path(tempfile.gettempdir()), str(error)) from error
        return Made({self.path: book}, {"sheets": len(self.chapters)})

    def _bound(self, folder: Path) -> bytes:
        import pikepdf

        sources: dict[str, str] = {}
        words = ["qpdf", "--empty", "--pages"]
        if self.front is not None:
            (folder / "front.pdf").write_bytes(self.front[1])
            words += [str(folder / "front.pdf"), "1-z"]
        for part, chapters in groupby(self.chapters, lambda chapter: chapter.part):
            if part not in sources:
                sources[part] = self._fetched(part, folder / f"{len(sources)}.pdf")
            words += [sources[part], _ranges(list(chapters))]
        collected = folder / "collected.pdf"
        words += [
            "--",
            "--object-streams=generate",
            "--stream-data=preserve",
            "--deterministic-id",
            str(collected),
        ]
        try:
            pikepdf.Job(words).run()
            return self._with_outline(collected)
        except (RuntimeError, pikepdf.PdfError) as error:
            check_room(folder)  # qpdf does not look whether all was written
            raise EngineError(f"{self.path} cannot be bound", detail=str(error)) from error

    def _fetched(self, part: str, file: Path) -> str:
        from solver.course.store import Folder

        if isinstance(self.store, Folder):
            return str(self.store.root / part)
        content = self.store.read(part)
        if content is None:
            raise EngineError(f"{self.store.shown(part)} is gone", hint="Build again.")
        file.write_bytes(content)
        return str(file)

    def _with_outline(self, collected: Path) -> bytes:
        import pikepdf

        from solver.engines.split import save

        file = collected.with_name("book.pdf")
        with pikepdf.open(collected) as book:
            page = 0
            with book.open_outline() as outline:
                if self.front is not None:
                    outline.root.append(pikepdf.OutlineItem(self.front[0], 0))
                    page = len(book.pages) - sum(chapter.pages for chapter in self.chapters)
                for chapter in self.chapters:
                    outline.root.append(pikepdf.OutlineItem(chapter.label, page))
                    page += chapter.pages
            book.docinfo["/Title"] = self.title
            save(book, book.pdf_version, file)
        return file.read_bytes()


def _ranges(chapters: Sequence[Chapter]) -> str:
    """Return the pages of neighbouring chapters as qpdf writes them: "1-20,31-40"."""
    ranges: list[list[int]] = []
    for chapter in chapters:
        last = chapter.first + chapter.pages - 1
        if ranges and ranges[-1][1] == chapter.first - 1:
            ranges[-1][1] = last
        else:
            ranges.append([chapter.first, last])
    return ",".join(f"{first}-{last}" for first, last in ranges)
