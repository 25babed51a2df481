"""QR codes: which exam, which variant, which page, on every page of a sheet, drawn as vectors in the page's own PDF.

The rectangles are one path of the page, filled once: a few hundred bytes, no file beside the TeX, no seams between the
modules, and black on any printer. The mask is fixed instead of searched for: a reader needs any one, and looking for the
handsomest of eight takes four times as long as all the rest.

With the mask fixed a code is affine over GF(2) in the bits of its text: placing bits and masking them is, and so are the
check words of Reed and Solomon, the remainder of a division of polynomials. So what a character changes depends on its
place alone, not on the other characters, and the code of a text is that of any other text of the same length and mode
with the changes of its characters added modulo 2. Two thousand sheets need a few dozen codes made in full.

Source: ISO/IEC 18004:2015, sections 7.4 (data) and 7.5 (check words), 7.7 (placing), 7.8 (masking).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

SIDE = 14.0
"""Length of a side in millimetres: modules of about half a millimetre, which survive a copier."""

_POINTS = 72 / 25.4
_MASK = 3
_WRAPPED = 90
_BYTES = re.compile(r"[ -~]*[^0-9A-Z $%*+./:-][ -~]*")
"""Texts written byte by byte: in ASCII, and not shorter in another mode."""

_RUN = re.compile("1+")
_Code = tuple[int, int]
"""Modules to a side, and the modules as one number: the first bit is the one at the top left."""


def code_text(exam: str, sheet: str, page: int) -> str:
    """Return what a code says: "midterm/s017/2"."""
    return f"{exam}/{sheet}/{page}"


def code_rows(text: str) -> tuple[str, ...]:
    """Return the modules of a code, row by row from the top: "1" is black; without the quiet zone around it."""
    size, modules = _code(text)
    bits = f"{modules:0{size * size}b}"
    return tuple(bits[start : start + size] for start in range(0, size * size, size))


def _code(text: str) -> _Code:
    if not _BYTES.fullmatch(text):
        return _made(text)
    size, modules = _of_length(len(text))
    for place, character in enumerate(text):
        modules ^= _change(len(text), place, character)
    return size, modules


def _made(text: str) -> _Code:
    import segno

    matrix = segno.make(text, error="m", mask=_MASK, micro=False, boost_error=False).matrix
    return len(matrix), int("".join("1" if module else "0" for row in matrix for module in row), 2)


@lru_cache(maxsize=64)
def _of_length(length: int) -> _Code:
    return _made("a" * length)


@lru_cache(maxsize=4096)
def _change(length: int, place: int, character: str) -> int:
    """Return the modules that differ where a character stands in a text of nothing but "a"."""
    changed = "a" * place + character + "a" * (length - place - 1)
    return _made(changed)[1] ^ _of_length(length)[1]


def rectangles(rows: tuple[str, ...]) -> Iterator[tuple[int, int, int, int]]:
    """Yield (x, y, width, height) of the black parts; y counts from the bottom; equal runs of rows are one rectangle."""
    size = len(rows)
    begun: dict[tuple[int, int], int] = {}
    for row, modules in enumerate((*rows, "")):
        here = {found.span(): row for found in _RUN.finditer(modules)}
        for span, first in begun.items():
            if span in here:
                here[span] = first
            else:
                start, stop = span
                yield start, size - row, stop - start, row - first
        begun = here


def code_tex(text: str) -> str:
    r"""Return a code as pdfTeX draws it: a box of `SIDE` by `SIDE` that holds one path."""
    rows = code_rows(text)
    scale = SIDE * _POINTS / len(rows)
    words = f"q 0 g {scale:.4f} 0 0 {scale:.4f} 0 0 cm "
    words += "".join(f"{x} {y} {width} {height} re " for x, y, width, height in rectangles(rows))
    path = _wrapped(f"{words}f Q")
    return rf"\hbox to {SIDE:g}mm{{\vrule width 0pt height {SIDE:g}mm\pdfliteral{{{path}}}\hss}}"


def _wrapped(words: str) -> str:
    """Break a line between words, so that none is longer than an editor shows."""
    lines, start = [], 0
    while len(words) - start > _WRAPPED:
        stop = words.rindex(" ", start, start + _WRAPPED + 1)
        lines.append(words[start:stop])
        start = stop + 1
    return "\n".join([*lines, words[start:]])
