"""One PDF of many sheets, taken apart into one PDF each.

A page is copied with what it uses: the fonts and figures of the run, shared within a file, and nothing that only other
sheets use (pdfTeX lists on each page what is used there). The names of link targets are unique only within a run, so
links get the page itself as their target, links and outline entries that lead to other sheets are left out, and the table
of names stays behind.

What several sheets use comes first in their files, under the same numbers: nearly all of a file is what the others of its
run begin with as well, and is written once. Numbers that a sheet has no use for are free in it.

The bytes depend on the run a sheet was in: pdfTeX embeds each font once, with the characters of all its sheets. The same
run gives the same bytes.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from solver.engines.assemble import PACKED, FinishedPdf, PdfFile
from solver.engines.outline import entries_of, entries_within, outline_objects, text_string
from solver.engines.pieces import Leaf, Piece
from solver.engines.reader import Reader, read_piece

if TYPE_CHECKING:
    import pikepdf

KEPT_IN_CATALOG = ("/Lang", "/ViewerPreferences", "/PageLayout")


@dataclass(frozen=True)
class Split:
    """A PDF taken apart.

    Attributes:
        parts: By name, in the order given.
        pages: The pages of all parts, to be read by `pieces_from` for a book; empty where they are not wanted.
    """

    parts: Mapping[str, FinishedPdf]
    pages: bytes = b""


def split_pdf(
    pdf: bytes,
    parts: Mapping[str, Sequence[int]],
    titles: Mapping[str, str] | None = None,
    *,
    keep: bool = False,
) -> Split:
    """Return one PDF for each part.

    Args:
        pdf: The whole.
        parts: Pages of each part, as indices from 0; at least one each, and none twice.
        titles: Title of a part for its metadata; without one it has none.
        keep: Whether all pages are wanted together as well.

    Returns:
        The same bytes every time.

    Raises:
        IndexError: A part names a page that is not there.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as whole:
        run = _Run(whole, parts)
        made = {name: run.part(name, (titles or {}).get(name, "")) for name in parts}
        return Split(made, run.pages() if keep else b"")


@dataclass
class _Begun:
    """A file begun with what several sheets use, and how it goes on."""

    file: PdfFile
    further: dict[Hashable, _Begun] = field(default_factory=dict)


class _Run:
    """The PDF of a run, with what its parts share."""

    def __init__(self, whole: pikepdf.Pdf, parts: Mapping[str, Sequence[int]]) -> None:
        self._reader = Reader(whole)
        self._outline = tuple(entries_of(whole.Root.get("/Outlines"), self._reader.targets))
        self._catalog, self._producer = catalog_of(whole), producer_of(whole)
        self._leaves = {name: [self._reader.leaf(page) for page in pages] for name, pages in parts.items()}
        self._used = {name: self._uses(leaves, parts[name]) for name, leaves in self._leaves.items()}
        counts = Counter(chain.from_iterable(self._used.values()))
        # What most parts use comes first, so that files differ as late as they can.
        common = sorted((number for number in counts if counts[number] > 1), key=lambda n: -counts[n])
        self._common = {number: place for place, number in enumerate(common, start=1)}
        self._streams = [number for number in common if self._reader[number].stream is not None]
        self._others = [number for number in common if self._reader[number].stream is None]
        self._names = {number: b"%d 0 R" % place for number, place in self._common.items()}
        self._free = 1 + len(common) + -(-len(common) // PACKED)
        self._begun = _Begun(PdfFile(whole.pdf_version))
        self._parts = parts

    def pages(self) -> bytes:
        """Return the pages of all parts."""
        pages = dict.fromkeys(chain.from_iterable(self._parts.values()))
        needed = dict.fromkeys(chain.from_iterable(self._used.values()))
        return self._reader.pieces(pages, needed).to_bytes()

    def _uses(self, leaves: Sequence[Leaf], pages: Sequence[int]) -> list[int]:
        """Return the numbers of what the pages and the catalog of a part need."""
        needs = (leaf.needs(pages) for leaf in leaves)
        return self._reader.reached(chain(self._catalog.needs, *needs))

    def part(self, name: str, title: str) -> FinishedPdf:
        """Return the file of a part."""
        leaves, where = self._leaves[name], {page: k for k, page in enumerate(self._parts[name])}
        own = [number for number in self._used[name] if number not in self._common]
        root = self._free
        tree, info, first = root + 1, root + 2, root + 3
        pages = range(first, first + len(leaves))
        names = self._names.copy()
        for number, found in enumerate([*(leaf.number for leaf in leaves), *own], start=first):
            names[found] = b"%d 0 R" % number
        file = self._beginning(name)
        packed = []
        for number, found in enumerate(own, start=pages.stop):
            piece = self._reader[found]
            if piece.stream is None:
                packed.append((number, piece.spelled(names)))
            else:
                file.add_stream(number, piece.spelled(names), piece.stream)
        packed += [(page, leaf.spelled(tree, names, where)) for page, leaf in zip(pages, leaves, strict=True)]
        free = pages.stop + len(own)
        catalog = self._catalog.spelled(names)
        if outline := entries_within(self._outline, where):
            objects = outline_objects(outline, {page: pages[k] for page, k in where.items()}, free)
            packed += objects
            catalog += b" /Outlines %d 0 R" % free
            free += len(objects)
        packed.append((root, catalog_text(tree, catalog)))
        packed.append((tree, tree_text(pages)))
        packed.append((info, info_text(self._producer, title)))
        return file.finished(file.add_packed(free, packed), root, info)

    def _beginning(self, name: str) -> PdfFile:
        """Return the file of a part as far as it consists of what several parts use."""
        mine = set(self._used[name])
        begun = self._begun
        for number in self._streams:
            if number not in mine:
                continue
            if number not in begun.further:
                piece, file = self._reader[number], begun.file.copy()
                file.add_stream(self._common[number], piece.spelled(self._names), piece.stream or b"")
                begun.further[number] = _Begun(file)
            begun = begun.further[number]
        others = tuple(number for number in self._others if number in mine)
        if others not in begun.further:
            file = begun.file.copy()
            texts = [(self._common[number], self._reader[number].spelled(self._names)) for number in others]
            file.add_packed(len(self._common) + 1, texts)
            begun.further[others] = _Begun(file)
        return begun.further[others].file.copy()


def catalog_of(whole: pikepdf.Pdf) -> Piece:
    """Return what a file takes over of a run's catalog, without the brackets."""
    kept = [key for key in KEPT_IN_CATALOG if key in whole.Root]
    text = b" ".join(key.encode() + b" " + whole.Root[key].unparse(resolved=True) for key in kept)
    return read_piece(text)


def producer_of(whole: pikepdf.Pdf) -> str:
    """Return the program that has made a file; "" where it does not tell."""
    return str(whole.docinfo.get("/Producer", ""))


def catalog_text(tree: int, more: bytes) -> bytes:
    """Return a catalog.

    Args:
        tree: Number of the page tree.
        more: Further entries.
    """
    return b"<< /Type /Catalog /Pages %d 0 R %b >>" % (tree, more)


def tree_text(pages: Sequence[int]) -> bytes:
    """Return a page tree of pages with these numbers."""
    return b"<< /Type /Pages /Count %d /Kids [ %b ] >>" % (
        len(pages),
        b" ".join(b"%d 0 R" % page for page in pages),
    )


def info_text(producer: str, title: str) -> bytes:
    """Return the metadata of a file; what is empty is left out."""
    entries = {"Producer": producer, "Title": title}
    told = [b"/%b %b" % (name.encode(), text_string(text)) for name, text in entries.items() if text]
    return b"<< %b >>" % b" ".join(told)
