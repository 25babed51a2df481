"""A book: pages of many runs in one PDF, with an outline entry for each sheet.

The runs of an exam embed nearly the same fonts and figures. What is equal, and leads to what is equal, is written once:
each object is looked up by its bytes, after all that it refers to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from solver.engines.assemble import LOWEST_VERSION, PACKED, FinishedPdf, PdfFile
from solver.engines.links import Target
from solver.engines.outline import Entry, outline_objects
from solver.engines.pieces import Pieces
from solver.engines.split import catalog_text, info_text, tree_text

_CATALOG, _TREE, _INFO, _FIRST = range(1, 5)


class Book:
    """A book that is being put together; it holds its bytes, and of no run more than one at a time."""

    def __init__(self) -> None:
        self._file = PdfFile(LOWEST_VERSION)
        self._version = LOWEST_VERSION
        self._free = _FIRST
        self._packed: list[tuple[int, bytes]] = []
        self._known: dict[tuple[bytes, bytes | None], bytes] = {}
        self._chapters: dict[int, tuple[str, list[int]]] = {}

    def add(self, run: Pieces, chapters: Mapping[int, tuple[str, Sequence[int]]]) -> None:
        """Add pages of a run; links lead within their chapter or are left out.

        Args:
            run: Its pages.
            chapters: By their place in the book: the label in the outline, and the pages, as indices from 0; no page
                is in two chapters.

        Raises:
            KeyError: There is no such page.
        """
        self._version = max(self._version, run.version)
        copying = _Copying(self, run)
        for place, (label, pages) in chapters.items():
            self._chapters[place] = label, copying.pages(pages)

    def finished(self, title: str) -> FinishedPdf:
        """Return the book; the same bytes every time.

        Args:
            title: For the metadata.
        """
        import pikepdf

        chapters = [chapter for _, chapter in sorted(self._chapters.items())]
        pages = [page for _, some in chapters for page in some]
        view = (pikepdf.Name.Fit,)
        entries = [Entry(label, Target(some[0], view)) for label, some in chapters]
        catalog = b"/Outlines %d 0 R" % self._free
        if self._version > LOWEST_VERSION:
            catalog += b" /Version /%b" % self._version.encode()
        self._packed += outline_objects(entries, {page: page for page in pages}, self._free)
        self._packed += [
            (_CATALOG, catalog_text(_TREE, catalog)),
            (_TREE, tree_text(pages)),
            (_INFO, info_text("", title)),
        ]
        self._free = 1 + max(number for number, _ in self._packed)
        return self._file.finished(self._file.add_packed(self._free, self._packed), _CATALOG, _INFO)

    def reserved(self) -> int:
        """Return a number for an object that will be written."""
        self._free += 1
        return self._free - 1

    def write(self, number: int, text: bytes, stream: bytes | None = None) -> None:
        """Write an object, spelled with the book's numbers."""
        if stream is not None:
            self._file.add_stream(number, text, stream)
            return
        self._packed.append((number, text))
        if len(self._packed) == PACKED:
            self._file.add_packed(self.reserved(), self._packed)
            self._packed = []

    def once(self, text: bytes, stream: bytes | None) -> bytes:
        """Write an object where there is none like it, and return how it is referred to."""
        name = self._known.get((text, stream))
        if name is None:
            number = self.reserved()
            self.write(number, text, stream)
            name = self._known[text, stream] = b"%d 0 R" % number
        return name


class _Copying:
    """Pages of one run on their way into a book."""

    def __init__(self, book: Book, run: Pieces) -> None:
        self._book, self._run = book, run
        self._names: dict[int, bytes] = {}
        self._begun: set[int] = set()

    def pages(self, pages: Sequence[int]) -> list[int]:
        """Copy pages, and return their numbers."""
        leaves = [self._run.leaves[page] for page in pages]
        numbers = [self._book.reserved() for _ in leaves]
        names = self._names
        for leaf, number in zip(leaves, numbers, strict=True):
            names[leaf.number] = b"%d 0 R" % number
        for leaf, number in zip(leaves, numbers, strict=True):
            for need in leaf.needs(pages):
                if need not in names:
                    self._copy(need)
            self._book.write(number, leaf.spelled(_TREE, names, pages))
        return numbers

    def _copy(self, number: int) -> None:
        """Copy an object, and before it all that it refers to."""
        piece = self._run.objects.get(number)
        if piece is None:  # a page of another chapter, or nothing
            return
        if number in self._begun:
            # It refers to itself by way of others, and so needs a number before its bytes are known.
            self._names[number] = b"%d 0 R" % self._book.reserved()
            return
        self._begun.add(number)
        for need in piece.needs:
            if need not in self._names:
                self._copy(need)
        text = piece.spelled(self._names)
        if number in self._names:
            self._book.write(int(self._names[number].split()[0]), text, piece.stream)
        else:
            self._names[number] = self._book.once(text, piece.stream)
