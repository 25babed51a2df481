"""The objects of a PDF as the bytes they are spelled with, for files that are put together of them.

qpdf parses the file and spells its objects, each once; which of them are written, under which numbers, others decide.
A page is read without the page tree, and its links apart, so that nothing leads from it to pages of other sheets.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from solver.engines.links import Targets, cut_links

if TYPE_CHECKING:
    import pikepdf

_REFERENCE = re.compile(rb"(\d+) 0 R\b")
_STRING = re.compile(rb"(\((?:[^\\()]|\\.)*\))", re.DOTALL)
"""What looks like a reference in a string is none. qpdf escapes parentheses in strings."""

_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
"""What a page may leave to the page tree."""

Names = Mapping[int, bytes]
"""How objects of a file are referred to in another one, as in ``12 0 R``."""


class Piece:
    """An object of a file.

    Args:
        text: As it is spelled, with the file's own numbers; of a stream its dictionary.
        stream: The data of a stream, compressed as they are.

    Attributes:
        needs: Numbers of the objects that it refers to, in order.
        stream: As given.
    """

    __slots__ = ("_form", "needs", "stream")

    def __init__(self, text: bytes, stream: bytes | None = None) -> None:
        parts = _REFERENCE.split(text) if b"(" not in text else _split_around_strings(text)
        self.needs = tuple(map(int, parts[1::2]))
        self.stream = stream
        self._form = b"%b".join([part.replace(b"%", b"%%") for part in parts[::2]])

    def spelled(self, names: Names) -> bytes:
        """Return the object as another file spells it; references to objects without a name lead to nothing."""
        return self._form % tuple([names.get(number, b"null") for number in self.needs])


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page of a file, without the page tree.

    Attributes:
        number: Of its object.
        piece: All but its links and its place in the tree, without the brackets.
        links: Each link, with the page of the file that it leads to; None: it leads out of the file.
    """

    number: int
    piece: Piece
    links: tuple[tuple[Piece, int | None], ...] = ()

    def kept(self, pages: Container[int]) -> list[Piece]:
        """Return the links that lead to some pages, or out of the file."""
        return [link for link, target in self.links if target is None or target in pages]

    def needs(self, pages: Container[int]) -> Iterator[int]:
        """Yield the numbers of the objects that the page and its links refer to.

        Args:
            pages: The pages that may be led to.
        """
        yield from self.piece.needs
        for link in self.kept(pages):
            yield from link.needs

    def spelled(self, parent: int, names: Names, pages: Container[int]) -> bytes:
        """Return the page as another file spells it.

        Args:
            parent: Number of the page tree there.
            names: Of the objects.
            pages: The pages of this file that may be led to; links to others are left out.
        """
        links = [link.spelled(names) for link in self.kept(pages)]
        shown = b" /Annots [ %b ]" % b" ".join(links) if links else b""
        return b"<< %b /Parent %d 0 R%b >>" % (self.piece.spelled(names), parent, shown)


def _split_around_strings(text: bytes) -> list[bytes]:
    """Return what stands between references, and their numbers, in turn."""
    parts = [b""]
    for index, some in enumerate(_STRING.split(text)):
        first, *others = [some] if index % 2 else _REFERENCE.split(some)
        parts[-1] += first
        parts += others
    return parts


class Pieces:
    """The objects of a file, each read when it is asked for.

    Args:
        whole: Stays open as long as this is used; its links are cut.
    """

    def __init__(self, whole: pikepdf.Pdf) -> None:
        self._whole = whole
        self._known: dict[int, Piece] = {}
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
                piece = Piece(found.stream_dict.unparse(), found.read_raw_bytes())
            else:
                piece = Piece(found.unparse(resolved=True))
            self._known[number] = piece
        return piece

    def is_page(self, number: int) -> bool:
        """Return whether an object is a page."""
        return number in self._places

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
        found: dict[int, None] = dict.fromkeys(self._places)
        waiting = list(starts)[::-1]
        while waiting:
            number = waiting.pop()
            if number not in found:
                found[number] = None
                waiting += (self._known.get(number) or self[number]).needs[::-1]
        return list(found)[len(self._places) :]

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
        return Leaf(number, Piece(text), links)

    def _links(self, page: Any) -> tuple[tuple[Piece, int | None], ...]:
        import pikepdf

        links = []
        for annotation, target in zip(page.Annots, cut_links(page, self.targets), strict=True):
            if target is not None:
                annotation["/Dest"] = pikepdf.Array([self._pages[target.page], *target.view])
            elif "/A" not in annotation:
                continue
            links.append((Piece(annotation.unparse()), None if target is None else target.page))
        return tuple(links)

    def _inherited(self, node: Any) -> Mapping[str, Any]:
        if node is None:
            return {}
        number = node.objgen[0]
        if number not in self._tree:
            own = {key: node[key] for key in _INHERITED if key in node}
            self._tree[number] = {**self._inherited(node.get("/Parent")), **own}
        return self._tree[number]
