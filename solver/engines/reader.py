"""The objects of a PDF, read for files that are put together of them.

qpdf parses the file and spells its objects, each once; which of them are written, and under which numbers, others say.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from solver.engines.links import Targets, cut_links
from solver.engines.pieces import Leaf, Piece, Pieces

if TYPE_CHECKING:
    import pikepdf

_REFERENCE = re.compile(rb"(\d+) 0 R\b")
_STRING = re.compile(rb"(\((?:[^\\()]|\\.)*\))", re.DOTALL)
"""What looks like a reference in a string is none. qpdf escapes parentheses in strings."""

_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
"""What a page may leave to the page tree."""


def read_piece(text: bytes, stream: bytes | None = None) -> Piece:
    """Return an object that qpdf has spelled, with the file's own numbers."""
    text = text.replace(b"%", b"%%")
    parts = _REFERENCE.split(text) if b"(" not in text else _split_around_strings(text)
    return Piece(b"%b".join(parts[::2]), tuple(map(int, parts[1::2])), stream)


def read_pieces(pdf: bytes) -> Pieces:
    """Return all pages of a PDF.

    Raises:
        pikepdf.PdfError: This is no PDF.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as whole:
        reader = Reader(whole)
        pages = range(len(whole.pages))
        return reader.pieces(
            pages, reader.reached(need for k in pages for need in reader.leaf(k).needs(pages))
        )


class Reader:
    """Reads the objects of a file, each when it is asked for.

    Args:
        whole: Stays open as long as this is used; its links are cut.
    """

    def __init__(self, whole: pikepdf.Pdf) -> None:
        self._whole = whole
        self._known: dict[int, Piece] = {}
        self._reached: dict[int, Mapping[int, None]] = {}
        self._tree: dict[int, dict[str, Any]] = {}
        self._pages = [page.obj for page in whole.pages]
        self._leaves: dict[int, Leaf] = {}
        self._places = {page.objgen[0]: index for index, page in enumerate(self._pages)}
        self.targets = Targets(whole)

    def __getitem__(self, number: int) -> Piece:
        """Return an object."""
        import pikepdf

        piece = self._known.get(number)
        if piece is None:
            found = self._whole.get_object(number, 0)
            if isinstance(found, pikepdf.Stream):
                piece = read_piece(found.stream_dict.unparse(), found.read_raw_bytes())
            else:
                piece = read_piece(found.unparse(resolved=True))
            self._known[number] = piece
        return piece

    def leaf(self, index: int) -> Leaf:
        """Return a page.

        Raises:
            IndexError: There is no such page.
        """
        if index not in self._leaves:
            self._leaves[index] = self._leaf(self._pages[index])
        return self._leaves[index]

    def reached(self, starts: Iterable[int]) -> list[int]:
        """Return what can be reached from some objects, these included and pages left out, in order."""
        found: dict[int, None] = {}
        for start in starts:
            if start in found or start in self._places:
                continue
            found[start] = None
            for need in self[start].needs:
                if need not in found:
                    found.update(self._below(need))
        return list(found)

    def _below(self, start: int) -> Mapping[int, None]:
        """Return what can be reached from an object; remembered, for page after page uses the same fonts."""
        if start not in self._reached:
            found: dict[int, None] = {}
            waiting = [start]
            while waiting:
                number = waiting.pop()
                if number not in found and number not in self._places:
                    found[number] = None
                    waiting += self[number].needs[::-1]
            self._reached[start] = found
        return self._reached[start]

    def pieces(self, pages: Iterable[int], needed: Iterable[int]) -> Pieces:
        """Return pages with what they need.

        Args:
            pages: As indices from 0.
            needed: The numbers of all that they need.
        """
        leaves = {index: self.leaf(index) for index in pages}
        return Pieces(self._whole.pdf_version, leaves, {number: self[number] for number in needed})

    def _leaf(self, page: Any) -> Leaf:
        number = page.objgen[0]
        links = self._links(page) if "/Annots" in page else ()
        for key, value in self._inherited(page.get("/Parent")).items():
            if key not in page:
                page[key] = value
        for key in ("/Parent", "/Annots"):
            if key in page:
                del page[key]
        text = page.unparse(resolved=True).removeprefix(b"<<").removesuffix(b">>").strip()
        return Leaf(number, read_piece(text), links)

    def _links(self, page: Any) -> tuple[tuple[Piece, int | None], ...]:
        import pikepdf

        links = []
        for annotation, target in zip(page.Annots, cut_links(page, self.targets), strict=True):
            if target is not None:
                annotation["/Dest"] = pikepdf.Array([self._pages[target.page], *target.view])
            elif "/A" not in annotation:
                continue
            links.append((read_piece(annotation.unparse()), None if target is None else target.page))
        return tuple(links)

    def _inherited(self, node: Any) -> Mapping[str, Any]:
        if node is None:
            return {}
        number = node.objgen[0]
        if number not in self._tree:
            own = {key: node[key] for key in _INHERITED if key in node}
            self._tree[number] = {**self._inherited(node.get("/Parent")), **own}
        return self._tree[number]


def _split_around_strings(text: bytes) -> list[bytes]:
    """Return what stands between references, and their numbers, in turn."""
    parts = [b""]
    for index, some in enumerate(_STRING.split(text)):
        first, *others = [some] if index % 2 else _REFERENCE.split(some)
        parts[-1] += first
        parts += others
    return parts
