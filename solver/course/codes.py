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
from functools import lru_cache

SIDE = 14.0
"""Length of a side in millimetres: modules of about half a millimetre, which survive a copier."""

_POINTS = 72 / 25.4
_MASK = 3
_BYTES = re.compile(r"[ -~]*[^0-9A-Z $%*+./:-][ -~]*")
"""Texts written byte by byte: in ASCII, and not shorter in another mode."""

_RUN = re.compile("1+")
_STRIP = 9
"""Modules of a row that are drawn together; rectangles of one path touch without a seam."""

_ALL = (1 << _STRIP) - 1

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


def code_tex(text: str) -> str:
    r"""Return a code as pdfTeX draws it: a box of `SIDE` by `SIDE` that holds one path."""
    size, modules = _code(text)
    scale = SIDE * _POINTS / size
    # A line of TeX for each row of modules.
    path = "\n".join([_row(y, modules >> size * y & (1 << size) - 1, size) for y in range(size)])
    drawn = f"q 0 g {scale:.4f} 0 0 {scale:.4f} 0 0 cm\n{path}\nf Q"
    return rf"\hbox to {SIDE:g}mm{{\vrule width 0pt height {SIDE:g}mm\pdfliteral{{{drawn}}}\hss}}"


def _row(y: int, modules: int, size: int) -> str:
    """Return the black parts of a row as rectangles, a module being the unit; `y` counts from the bottom."""
    strips = []
    for x in range(size - _STRIP, -_STRIP, -_STRIP):  # a strip's bits are the last ones
        strips.append(_strip(x, y, modules & _ALL))
        modules >>= _STRIP
    return " ".join(filter(None, strips))


@lru_cache(maxsize=1 << 16)
def _strip(x: int, y: int, bits: int) -> str:
    """Return the black parts of a few modules in a row: of a class's codes, most strips have been met."""
    runs = (found.span() for found in _RUN.finditer(f"{bits:0{_STRIP}b}"))
    return " ".join(f"{x + start} {y} {stop - start} 1 re" for start, stop in runs)
