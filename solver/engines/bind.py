"""The sheets of a run in one PDF, in order: the run's own PDF, less what is not theirs.

They share their fonts and figures there already. Putting the PDFs of the sheets together again, and finding out which of
their fonts are equal, gives the same pages and takes ten times as long.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from solver.engines.links import Targets, cut_links, restore_links
from solver.engines.split import KEPT_IN_CATALOG, saved

_KEPT_OF_DESCRIPTION = ("/Producer",)


def bound_pdf(pdf: bytes, parts: Iterable[Sequence[int]]) -> bytes:
    """Return the pages of all parts in one PDF, without an outline; links lead within their part or are left out.

    Args:
        pdf: The whole run.
        parts: Pages of each part, as indices from 0.

    Returns:
        The same bytes every time.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as whole:
        targets = Targets(whole)
        pages = list(whole.pages)
        links = [cut_links(page, targets) for page in pages]
        kept: set[int] = set()
        for part in parts:
            kept.update(part)
            objects = {page: pages[page].obj for page in part}
            for page in part:
                if links[page]:
                    restore_links(pages[page], links[page], objects)
        for index in reversed(range(len(pages))):
            if index not in kept:
                del whole.pages[index]
        for key in set(whole.Root.keys()) - {"/Type", "/Pages", *KEPT_IN_CATALOG}:
            del whole.Root[key]
        for key in set(whole.docinfo.keys()) - set(_KEPT_OF_DESCRIPTION):
            del whole.docinfo[key]
        return saved(whole, whole.pdf_version)
