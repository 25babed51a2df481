"""The glyphs of a PDF page: which character, where, how large, and which way it runs.

pdfium returns characters with spaces and line ends that it guesses, and guesses wrongly within formulas. TeX sets
numbers by position alone (a superscript is a small glyph higher up, a matrix column a gap), so the guesses are dropped
and the positions kept.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

# What pdfium makes of a hyphen that ends a line.
_LINE_END_HYPHENS = ("\x02", "\ufffe")


@dataclass(frozen=True, slots=True)
class Glyph:
    """One visible character.

    Attributes:
        char: The character; a minus sign of mathematics is U+2212.
        x: Origin along the direction of its text, in points.
        y: Origin across it, upwards: the baseline. For upright text x and y are page coordinates; rotated text has
            the axes rotated with it, so that its baselines can be compared too.
        width: Advance along x, in points.
        size: Font size as it appears, in points: scaled pictures included.
        angle: Direction of its text, in degrees, counted anticlockwise.
    """

    char: str
    x: float
    y: float
    width: float
    size: float
    angle: float

    @property
    def end(self) -> float:
        """Where the next glyph stands if nothing is between."""
        return self.x + self.width


@contextmanager
def _open_pages(pdf: Path | bytes) -> Iterator[Iterator[tuple[Any, Any]]]:
    document = pdfium.PdfDocument(pdf)
    opened: list[Any] = []

    def pages() -> Iterator[tuple[Any, Any]]:
        for page in document:
            text = page.get_textpage()
            opened.extend((text, page))
            yield page, text

    try:
        yield pages()
    finally:
        for part in opened:
            part.close()
        document.close()


def page_glyphs(pdf: Path | bytes) -> list[list[Glyph]]:
    """Return the visible glyphs of each page, in the order in which they are drawn."""
    with _open_pages(pdf) as pages:
        return [[glyph for i in range(text.count_chars()) if (glyph := _glyph(text, i))] for _, text in pages]


def _glyph(text: Any, index: int) -> Glyph | None:
    char = chr(raw.FPDFText_GetUnicode(text, index))
    char = "-" if char in _LINE_END_HYPHENS else char
    if raw.FPDFText_IsGenerated(text, index) == 1 or char.isspace():
        return None
    x, y, matrix, box = ctypes.c_double(), ctypes.c_double(), raw.FS_MATRIX(), raw.FS_RECTF()
    raw.FPDFText_GetCharOrigin(text, index, x, y)
    raw.FPDFText_GetMatrix(text, index, matrix)
    raw.FPDFText_GetLooseCharBox(text, index, box)
    turn = math.atan2(matrix.b, matrix.a)
    cos, sin = math.cos(turn), math.sin(turn)
    # Microtype stretches along the line (a, b), so the size is taken across it.
    size = raw.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
    return Glyph(
        char=char,
        x=x.value * cos + y.value * sin,
        y=y.value * cos - x.value * sin,
        width=_advance(text, index, box, size, abs(cos), abs(sin)),
        size=size,
        angle=math.degrees(turn),
    )


def _advance(text: Any, index: int, box: Any, size: float, cos: float, sin: float) -> float:
    """Return the width w of a glyph whose box of height h, turned, is w cos + h sin wide and w sin + h cos high."""
    if sin < 1e-3:
        return float(box.right - box.left)
    font = raw.FPDFTextObj_GetFont(raw.FPDFText_GetTextObject(text, index))
    ascent, descent = ctypes.c_float(), ctypes.c_float()
    raw.FPDFFont_GetAscent(font, size, ascent)
    raw.FPDFFont_GetDescent(font, size, descent)
    height = ascent.value - descent.value
    if cos > sin:
        return float((box.right - box.left - height * sin) / cos)
    return float((box.top - box.bottom - height * cos) / sin)
