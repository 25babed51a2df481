"""What a PDF shows, read back glyph by glyph: its text, and every decimal number on its pages.

`numbers` is for holding a rendered document against exact values; `is_rounding_of` says whether a shown number is the
correctly rounded one. Nothing here knows how the PDF was made.
"""

from __future__ import annotations

from tests.pdftext.glyphs import Glyph, page_glyphs
from tests.pdftext.numbers import Number, Role, numbers
from tests.pdftext.rounding import is_rounding_of
from tests.pdftext.text import page_texts

__all__ = ["Glyph", "Number", "Role", "is_rounding_of", "numbers", "page_glyphs", "page_texts"]
