"""One PDF of many sheets, taken apart into one PDF each.

A page is copied with what it uses: the fonts and figures of the run, shared within a file, and nothing that only other
sheets use (pdfTeX lists on each page what is used there). The names of link targets are unique only within a run, so
links get the page itself as their target, links and outline entries that lead to other sheets are left out, and the table
of names stays behind.

The bytes depend on the run a sheet was in: pdfTeX embeds each font once, with the characters of all its sheets. The same
run gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from solver.engines.links import Target, Targets, cut_links, restore_links

if TYPE_CHECKING:
    from pathlib import Path

    import pikepdf

_MAX_DEPTH = 16
KEPT_IN_CATALOG = ("/Lang", "/ViewerPreferences", "/PageLayout")


@dataclass(frozen=True)
class Entry:
    """An entry of the outline that a viewer shows beside the pages."""

    title: str
    target: Target | None
    entries: tuple[Entry, ...] = ()


def split_pdf(
    pdf: bytes, parts: Mapping[str, Sequence[int]], titles: Mapping[str, str] | None = None
) -> dict[str, bytes]:
    """Return one PDF for each part.

    Args:
        pdf: The whole.
        parts: Pages of each part, as indices from 0; at least one each.
        titles: Title of a part for its metadata; without one it has none.

    Returns:
        The parts by name, in the order given; the same bytes every time.

    Raises:
        IndexError: A part names a page that is not there.
    """
    import pikepdf

    made: dict[str, bytes] = {}
    with pikepdf.open(io.BytesIO(pdf)) as whole:
        targets = Targets(whole)
        links = [cut_links(page, targets) for page in whole.pages]
        outline = tuple(_entries(whole.Root.get("/Outlines"), targets))
        for name, pages in parts.items():
            with pikepdf.new() as part:
                _fill(part, whole, list(pages), links)
                _add_outline(part, outline, {page: index for index, page in enumerate(pages)})
                _describe(part, whole, (titles or {}).get(name, ""))
                made[name] = saved(part, whole.pdf_version)
    return made


def saved(pdf: pikepdf.Pdf, version: str) -> bytes:
    """Return the bytes of a PDF; they depend on its content alone.

    Args:
        pdf: Any.
        version: The lowest PDF version to declare, as in "1.5".
    """
    stream = io.BytesIO()
    save(pdf, version, stream)
    return stream.getvalue()


def save(pdf: pikepdf.Pdf, version: str, target: Path | BinaryIO) -> None:
    """Write a PDF, as `saved` returns it; a large one need not be held in memory twice."""
    import pikepdf

    pdf.save(
        target,
        min_version=version,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )


def _fill(part: pikepdf.Pdf, whole: pikepdf.Pdf, pages: list[int], links: list[list[Target | None]]) -> None:
    for page in pages:
        part.pages.append(whole.pages[page])
    targets = {page: part.pages[index].obj for index, page in enumerate(pages)}
    for index, page in enumerate(pages):
        if links[page]:
            restore_links(part.pages[index], links[page], targets)


def _entries(holder: Any, targets: Targets, depth: int = 0) -> Iterator[Entry]:
    entry = holder.get("/First") if holder is not None and depth < _MAX_DEPTH else None
    while entry is not None:
        yield Entry(
            str(entry.get("/Title", "")), targets.of(entry), tuple(_entries(entry, targets, depth + 1))
        )
        entry = entry.get("/Next")


def _add_outline(part: pikepdf.Pdf, outline: Sequence[Entry], where: Mapping[int, int]) -> None:
    kept = _within(outline, where)
    if not kept:
        return
    import pikepdf

    def item(entry: Entry) -> pikepdf.OutlineItem:
        target = entry.target
        page = part.pages[where[target.page]].obj if target else None
        made = pikepdf.OutlineItem(entry.title, pikepdf.Array([page, *target.view]) if target else None)
        made.children.extend(item(child) for child in entry.entries)
        return made

    with part.open_outline() as tree:
        tree.root.extend(item(entry) for entry in kept)


def _within(outline: Sequence[Entry], where: Mapping[int, int]) -> list[Entry]:
    kept = []
    for entry in outline:
        entries = tuple(_within(entry.entries, where))
        here = entry.target if entry.target is not None and entry.target.page in where else None
        if here is not None or entries:
            kept.append(Entry(entry.title, here, entries))
    return kept


def _describe(part: pikepdf.Pdf, whole: pikepdf.Pdf, title: str) -> None:
    for key in KEPT_IN_CATALOG:
        if key in whole.Root:
            part.Root[key] = (
                part.copy_foreign(whole.Root[key]) if whole.Root[key].is_indirect else whole.Root[key]
            )
    if "/Producer" in whole.docinfo:
        part.docinfo["/Producer"] = str(whole.docinfo["/Producer"])
    if title:
        part.docinfo["/Title"] = title
