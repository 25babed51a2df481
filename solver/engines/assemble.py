"""A PDF written of objects that are spelled already, as fast as its bytes can be copied.

qpdf writes any file from any objects, and so has to look at each object of each file anew: for the fifty small files
that share the fonts of a run, it spells, compresses and hashes the same things fifty times. Here a file that was begun
can be copied and finished in many ways, and what it begins with is compressed and hashed once. Reading stays qpdf's.

Source: ISO 32000-1:2008, sections 7.5.7 (object streams), 7.5.8 (cross-reference streams), 14.4 (file identifiers).
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

LOWEST_VERSION = "1.5"
"""The version that knows object streams."""

PACKED = 200
"""Objects in one object stream; a reader unpacks all of them to get at one."""

_LEVEL = 3
"""Of compression: what is compressed here is a hundredth of a file, and the usual level takes half as long again."""

_FREE, _PLAIN, _IN_STREAM = range(3)
_ROW = struct.Struct(">BIH")


@dataclass(frozen=True, slots=True)
class FinishedPdf:
    """A file.

    Attributes:
        parts: Its bytes, in pieces that other files may share.
        sha256: Of these, in hexadecimal.
    """

    parts: tuple[bytes, ...]
    sha256: str

    @property
    def pdf(self) -> bytes:
        """Its bytes."""
        return b"".join(self.parts)


@dataclass
class PdfFile:
    """A file that is being written. Who writes it gives each object its number, from 1.

    Attributes:
        version: As in "1.5".
    """

    version: str
    _parts: list[bytes] = field(default_factory=list, repr=False)
    _size: int = 0
    _hash: Any = field(default_factory=hashlib.sha256, repr=False)
    _rows: dict[int, bytes] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Begin the file."""
        if not self._parts:
            # The second line, of bytes above 127, tells programs that move files that this one is no text.
            self._put(b"%%PDF-%b\n%%\xbf\xf7\xa2\xfe\n" % max(self.version, LOWEST_VERSION).encode())

    def copy(self) -> PdfFile:
        """Return a file that is as far as this one, and shares what is written of it."""
        self._parts = [b"".join(self._parts)]
        return replace(self, _parts=self._parts.copy(), _hash=self._hash.copy(), _rows=self._rows.copy())

    def add_stream(self, number: int, text: bytes, data: bytes) -> None:
        """Write a stream.

        Args:
            number: Its own.
            text: Its dictionary, with the length.
            data: As they are to stand in the file.
        """
        self._rows[number] = _ROW.pack(_PLAIN, self._size, 0)
        self._put(b"%d 0 obj\n%b\nstream\n" % (number, text))
        self._put(data)
        self._put(b"\nendstream\nendobj\n")

    def add_packed(self, number: int, objects: Sequence[tuple[int, bytes]]) -> int:
        """Write objects that are no streams, compressed together.

        Args:
            number: The first of the numbers for the streams that hold them.
            objects: At least one; each with its number.

        Returns:
            The first number that was not used.
        """
        for start in range(0, len(objects), PACKED):
            self._pack(number, objects[start : start + PACKED])
            number += 1
        return number

    def finished(self, number: int, root: int, info: int) -> FinishedPdf:
        """Return the file.

        Args:
            number: For the cross-reference stream; the highest of all.
            root: Number of the catalog.
            info: Number of the metadata.
        """
        self._rows[number] = _ROW.pack(_PLAIN, start := self._size, 0)
        free = _ROW.pack(_FREE, 0, 0xFFFF)
        table = zlib.compress(b"".join([self._rows.get(k, free) for k in range(number + 1)]), _LEVEL)
        # What the file is called by, in place of the time and the place that the standard proposes.
        name = self._hash.hexdigest()[:32].encode()
        text = (
            b"<< /Type /XRef /Size %d /W [ 1 4 2 ] /Root %d 0 R /Info %d 0 R /ID [ <%b> <%b> ]"
            b" /Filter /FlateDecode /Length %d >>"
        ) % (number + 1, root, info, name, name, len(table))
        self.add_stream(number, text, table)
        self._put(b"startxref\n%d\n%%%%EOF\n" % start)
        return FinishedPdf(tuple(self._parts), self._hash.hexdigest())

    def _pack(self, number: int, objects: Sequence[tuple[int, bytes]]) -> None:
        places, at = [], 0
        for index, (own, text) in enumerate(objects):
            places.append(b"%d %d" % (own, at))
            at += len(text) + 1
            self._rows[own] = _ROW.pack(_IN_STREAM, number, index)
        head = b" ".join(places) + b"\n"
        data = zlib.compress(head + b"\n".join([text for _, text in objects]), _LEVEL)
        text = b"<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d >>"
        self.add_stream(number, text % (len(objects), len(head), len(data)), data)

    def _put(self, data: bytes) -> None:
        self._parts.append(data)
        self._size += len(data)
        self._hash.update(data)
