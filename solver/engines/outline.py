"""The outline that a viewer shows beside the pages: read from a run, and spelled for a file of some of its pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from solver.engines.links import Target, Targets

_MAX_DEPTH = 16


@dataclass(frozen=True)
class Entry:
    """An entry of the outline.

    Attributes:
        title: What is shown.
        target: Where it leads; None: nowhere.
        entries: Those below it.
    """

    title: str
    target: Target | None
    entries: tuple[Entry, ...] = ()


def entries_of(holder: Any, targets: Targets, depth: int = 0) -> Iterator[Entry]:
    """Yield the entries of an outline, or of an entry; nothing where there is no outline."""
    entry = holder.get("/First") if holder is not None and depth < _MAX_DEPTH else None
    while entry is not None:
        below = tuple(entries_of(entry, targets, depth + 1))
        yield Entry(str(entry.get("/Title", "")), targets.of(entry), below)
        entry = entry.get("/Next")


def entries_within(outline: Sequence[Entry], pages: Mapping[int, int]) -> list[Entry]:
    """Return the entries that lead to some pages, and those above them."""
    kept = []
    for entry in outline:
        entries = tuple(entries_within(entry.entries, pages))
        here = entry.target if entry.target is not None and entry.target.page in pages else None
        if here is not None or entries:
            kept.append(Entry(entry.title, here, entries))
    return kept


def outline_objects(
    outline: Sequence[Entry], pages: Mapping[int, int], first: int
) -> list[tuple[int, bytes]]:
    """Return the objects of an outline, all of it shown.

    Args:
        outline: At least one entry; each leads to one of the pages.
        pages: Numbers of the pages' objects, by the index that targets have.
        first: Number of the outline's object; the following ones are its entries'.
    """
    objects: list[tuple[int, bytes]] = []

    def spelled(entries: Sequence[Entry], parent: int, free: int) -> tuple[bytes, int]:
        """Add entries, and return what their parent says of them, with the first number that is free then."""
        numbers = []
        below = []
        for entry in entries:
            numbers.append(free)
            text, free = spelled(entry.entries, free, free + 1) if entry.entries else (b"", free + 1)
            below.append(text)
        for index, (entry, number) in enumerate(zip(entries, numbers, strict=True)):
            words = [b"<< /Title %b /Parent %d 0 R" % (text_string(entry.title), parent)]
            words += [b"/Prev %d 0 R" % numbers[index - 1]] if index else []
            words += [b"/Next %d 0 R" % numbers[index + 1]] if index + 1 < len(numbers) else []
            words += [_destination(entry.target, pages)] if entry.target is not None else []
            objects.append((number, b" ".join([*words, below[index], b">>"])))
        count = free - numbers[0]
        return b"/First %d 0 R /Last %d 0 R /Count %d" % (numbers[0], numbers[-1], count), free

    text, _ = spelled(outline, first, first + 1)
    return [(first, b"<< /Type /Outlines %b >>" % text), *sorted(objects)]


def text_string(text: str) -> bytes:
    """Return words as PDF spells them."""
    import pikepdf

    return pikepdf.String(text).unparse()


def _destination(target: Target, pages: Mapping[int, int]) -> bytes:
    import pikepdf

    view = pikepdf.Array(list(target.view)).unparse().removeprefix(b"[").removesuffix(b"]").strip()
    return b"/Dest [ %d 0 R %b ]" % (pages[target.page], view)
