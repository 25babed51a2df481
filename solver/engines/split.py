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
from solver.engines.pieces import Leaf, Piece, Pieces

if TYPE_CHECKING:
    import pikepdf

KEPT_IN_CATALOG = ("/Lang", "/ViewerPreferences", "/PageLayout")


def split_pdf(
    pdf: bytes, parts: Mapping[str, Sequence[int]], titles: Mapping[str, str] | None = None
) -> dict[str, FinishedPdf]:
    """Return one PDF for each part.

    Args:
        pdf: The whole.
        parts: Pages of each part, as indices from 0; at least one each, and none twice.
        titles: Title of a part for its metadata; without one it has none.

    Returns:
        The parts by name, in the order given; the same bytes every time.

    Raises:
        IndexError: A part names a page that is not there.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as whole:
        run = _Run(whole, parts)
        return {name: run.part(name, (titles or {}).get(name, "")) for name in parts}


@dataclass
class _Begun:
    """A file begun with what several sheets use, and how it goes on."""

    file: PdfFile
    further: dict[Hashable, _Begun] = field(default_factory=dict)

    def go_on(self, key: Hashable, file: PdfFile) -> _Begun:
        """Note how the file goes on."""
        self.further[key] = begun = _Begun(file)
        return begun


class _Run:
    """The PDF of a run, with what its parts share."""

    def __init__(self, whole: pikepdf.Pdf, parts: Mapping[str, Sequence[int]]) -> None:
        self._pieces = Pieces(whole)
        self._outline = tuple(entries_of(whole.Root.get("/Outlines"), self._pieces.targets))
        self._catalog, self._producer = catalog_of(whole), producer_of(whole)
        self._leaves = {name: [self._pieces.leaf(page) for page in pages] for name, pages in parts.items()}
        self._used = {name: self._uses(leaves, parts[name]) for name, leaves in self._leaves.items()}
        counts = Counter(chain.from_iterable(self._used.values()))
        # What most parts use comes first, so that files differ as late as they can.
        common = sorted((number for number in counts if counts[number] > 1), key=lambda n: -counts[n])
        self._common = {number: place for place, number in enumerate(common, start=1)}
        self._names = {number: b"%d 0 R" % place for number, place in self._common.items()}
        self._free = 1 + len(common) + -(-len(common) // PACKED)
        self._begun = _Begun(PdfFile(whole.pdf_version))
        self._parts = parts

    def _uses(self, leaves: Sequence[Leaf], pages: Sequence[int]) -> list[int]:
        """Return the numbers of what the pages and the catalog of a part need."""
        needs = (leaf.needs(pages) for leaf in leaves)
        return self._pieces.reached(chain(self._catalog.needs, *needs))

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
            piece = self._pieces[found]
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
        used = [number for number in self._common if number in mine]
        others = []
        begun = self._begun
        for number in used:
            piece = self._pieces[number]
            if piece.stream is None:
                others.append(number)
            elif number not in begun.further:
                file = begun.file.copy()
                file.add_stream(self._common[number], piece.spelled(self._names), piece.stream)
                begun = begun.go_on(number, file)
            else:
                begun = begun.further[number]
        key = tuple(others)
        if key not in begun.further:
            file = begun.file.copy()
            texts = [(self._common[number], self._pieces[number].spelled(self._names)) for number in others]
            file.add_packed(len(self._common) + 1, texts)
            begun.go_on(key, file)
        return begun.further[key].file.copy()


def catalog_of(whole: pikepdf.Pdf) -> Piece:
    """Return what a file takes over of a run's catalog, without the brackets."""
    kept = [key for key in KEPT_IN_CATALOG if key in whole.Root]
    text = b" ".join(key.encode() + b" " + whole.Root[key].unparse(resolved=True) for key in kept)
    return Piece(text)


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
