"""The text of a page, words and lines put together from its glyphs."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from tests.pdftext.glyphs import Glyph, page_glyphs

# In units of the font size: the thinnest space of TeX is 0.167, a script or a fraction's part rises by less than 0.9.
SPACE = 0.12
SAME_LINE = 0.9


def page_texts(pdf: Path | bytes) -> list[str]:
    """Return the text of each page in the order in which it is drawn; scripts stand beside their base, as in "w131"."""
    return [
        "".join(
            [glyph.char + _between(glyph, after) for glyph, after in pairwise(page)]
            + [g.char for g in page[-1:]]
        )
        for page in page_glyphs(pdf)
    ]


def _between(left: Glyph, right: Glyph) -> str:
    size = max(left.size, right.size)
    gap = (right.x - left.end) / size
    if abs(left.angle - right.angle) > 1 or abs(left.y - right.y) > SAME_LINE * size or gap < -1:
        return "\n"
    return " " if gap > SPACE else ""
