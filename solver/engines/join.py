"""Many PDFs in one, for the printer: pages in order, an outline entry for each, fonts and figures held once.

Sheets of one run carry the same fonts and figures. Joined as they are, two hundred of them would hold two hundred copies;
so equal streams are found by their bytes and shared.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pikepdf

_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


def join_pdfs(parts: Mapping[str, bytes], *, title: str = "", outline: bool = True) -> bytes:
    """Return one PDF with the pages of all parts.

    Args:
        parts: PDFs by the name they get in the outline, in order; at least one.
        title: For the metadata.
        outline: Whether a viewer lists the parts beside the pages.

    Returns:
        The joined file; the same bytes every time.

    Raises:
        ValueError: There is nothing to join.
    """
    import pikepdf

    if not parts:
        raise ValueError("no PDF to join")
    with pikepdf.new() as whole:
        firsts: list[tuple[str, int]] = []
        version = "1.4"
        shared = _Shared(whole)
        for name, data in parts.items():
            with pikepdf.open(io.BytesIO(data)) as part:
                first = len(whole.pages)
                firsts.append((name, first))
                version = max(version, part.pdf_version)
                whole.pages.extend(part.pages)
                for index in range(first, len(whole.pages)):
                    shared.fold(whole.pages[index].obj)
                if "/Producer" in part.docinfo:
                    whole.docinfo["/Producer"] = str(part.docinfo["/Producer"])
        if title:
            whole.docinfo["/Title"] = title
        if outline:
            with whole.open_outline() as tree:
                tree.root.extend(pikepdf.OutlineItem(name, first) for name, first in firsts)
        return _saved(whole, version)


def _saved(pdf: pikepdf.Pdf, version: str) -> bytes:
    """Return the bytes of a PDF; they depend on its content alone."""
    import pikepdf

    stream = io.BytesIO()
    pdf.save(
        stream,
        min_version=version,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )
    return stream.getvalue()


class _Shared:
    """Equal fonts and figures, each kept once."""

    def __init__(self, whole: pikepdf.Pdf) -> None:
        self._whole = whole
        self._first: dict[bytes, Any] = {}
        self._seen: dict[tuple[int, int], Any] = {}

    def fold(self, holder: Any) -> None:
        """Replace the fonts and figures that a page or a figure uses by equal ones met before."""
        resources = holder.get("/Resources")
        if resources is None:
            return
        for kind, replace in (("/Font", self._font), ("/XObject", self._figure)):
            table = resources.get(kind)
            if table is None:
                continue
            for key in sorted(
                table.keys()
            ):  # pikepdf gives a set, whose order differs from process to process
                table[key] = self._once(table[key], replace)
            resources[kind] = self._equal(table)
        holder["/Resources"] = self._equal(resources)

    def _once(self, found: Any, replace: Any) -> Any:
        """Return what stands for an object; each is looked at once however often it is used."""
        if not found.is_indirect:
            return replace(found)
        if found.objgen not in self._seen:
            self._seen[found.objgen] = replace(found)
        return self._seen[found.objgen]

    def _font(self, font: Any) -> Any:
        descriptor = font.get("/FontDescriptor")
        for key in _FONT_FILES:
            if descriptor is not None and key in descriptor:
                descriptor[key] = self._equal(descriptor[key])
        for key in sorted(
            font.keys()
        ):  # the font of an included figure has even its name in an object of its own
            font[key] = self._equal(font[key])
        return self._equal(font)

    def _figure(self, figure: Any) -> Any:
        self.fold(figure)
        return self._equal(figure)

    def _equal(self, found: Any) -> Any:
        if not getattr(found, "is_indirect", False):  # a number or a name has no such thing
            return found
        # References stand in this text as object numbers; what they lead to was folded before, so equal means equal.
        text = found.unparse(resolved=True) if not _is_stream(found) else _spelled(found)
        return self._first.setdefault(hashlib.sha256(text).digest(), found)


def _is_stream(found: Any) -> bool:
    import pikepdf

    return isinstance(found, pikepdf.Stream)


def _spelled(stream: Any) -> bytes:
    entries = sorted(key for key in stream.keys() if key != "/Length")  # noqa: SIM118 - a stream is no mapping
    spelled = [key.encode() + _value(stream[key]) for key in entries]
    return b"\0".join([b"stream", *spelled, stream.read_raw_bytes()])


def _value(value: Any) -> bytes:
    return bytes(value.unparse()) if hasattr(value, "unparse") else repr(value).encode()
