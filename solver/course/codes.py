"""QR codes: which exam, which variant, which page, on every page of a sheet, drawn as vectors in the page's own PDF.

The rectangles are one path of the page, filled once: a few hundred bytes, no file beside the TeX, no seams between the
modules, and black on any printer. The mask is fixed instead of searched for: a reader needs any one, and looking for the
handsomest of eight takes four times as long as all the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

SIDE = 14.0
"""Length of a side in millimetres: modules of about half a millimetre, which survive a copier."""

_POINTS = 72 / 25.4
_MASK = 3
_WRAPPED = 90


def code_text(exam: str, sheet: str, page: int) -> str:
    """Return what a code says: "midterm/s017/2"."""
    return f"{exam}/{sheet}/{page}"


def code_matrix(text: str) -> tuple[bytes, ...]:
    """Return the modules of a code, row by row from the top: 1 is black; without the quiet zone around it."""
    import segno

    code = segno.make(text, error="m", mask=_MASK, micro=False, boost_error=False)
    return tuple(bytes(row) for row in code.matrix)


def runs(matrix: tuple[bytes, ...]) -> Iterator[tuple[int, int, int]]:
    """Yield (x, y, length) of the black runs of each row; y counts rows from the bottom."""
    size = len(matrix)
    for row, modules in enumerate(matrix):
        start = 0
        while start < size:
            if not modules[start]:
                start += 1
                continue
            stop = start
            while stop < size and modules[stop]:
                stop += 1
            yield start, size - 1 - row, stop - start
            start = stop


def code_tex(text: str) -> str:
    r"""Return a code as pdfTeX draws it: a box of `SIDE` by `SIDE` that holds one path."""
    matrix = code_matrix(text)
    scale = SIDE * _POINTS / len(matrix)
    words = f"q 0 g {scale:.4f} 0 0 {scale:.4f} 0 0 cm".split()
    for x, y, length in runs(matrix):
        words += [str(x), str(y), str(length), "1", "re"]
    words += ["f", "Q"]
    lines, line = [], ""
    for word in words:
        if len(line) + len(word) > _WRAPPED:
            lines.append(line)
            line = ""
        line += f"{word} "
    path = "\n".join([*lines, line.rstrip()])
    return rf"\hbox to {SIDE:g}mm{{\vrule width 0pt height {SIDE:g}mm\pdfliteral{{{path}}}\hss}}"
