"""The decimal numbers that a page shows, put together from its glyphs.

A number is a run of glyphs on one baseline, of one size, with nothing between them, in however many pieces the PDF
draws them. A minus belongs to the digits it touches: TeX puts space around a subtraction and none after a sign. A power
of ten is "· 10" followed by smaller digits higher up. Digits glued behind a letter are a label (h11), digits joined by
hyphens or by several points are a date or a version: neither is a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from itertools import pairwise
from pathlib import Path

from tests.pdftext.glyphs import Glyph, page_glyphs

# Distances are in units of the font size.
TOUCHING = 0.08  # kerns are below, the thinnest space of TeX is 0.167
SAME_LINE = 0.05
TIMES_SPACE = 0.5  # the space around "·"
SCRIPT_SPACE = 0.3  # from a base to its script, across an italic correction
SCRIPT_SIZE = 0.9  # a script is smaller than this share of its base
_SIGNS = {"−": "-", "-": "-"}
_WORD = re.compile(r"[^\W\d_]")
_DATE_OR_VERSION = re.compile(r"\d+(?:-\d+)+|\d+(?:\.\d+){2,}")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+")


class Role(Enum):
    """Where a number stands: on the line, or as an index or exponent of what is before it.

    After a large bracket, whose glyph hangs from its top, an exponent may be taken for an index.
    """

    BODY = "body"
    SUBSCRIPT = "subscript"
    SUPERSCRIPT = "superscript"


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal number as it is shown.

    Attributes:
        text: Its digits, in plain characters: "-0.0816", "1.595e-3" for 1.595 · 10⁻³.
        page: Page, from 1.
        x: Where it begins, in points (along its text, as in `Glyph`).
        y: Its baseline, in points.
        size: Its font size, in points.
        role: Whether it is an index or an exponent.
    """

    text: str
    page: int
    x: float
    y: float
    size: float
    role: Role

    @property
    def value(self) -> Decimal:
        """The number, exactly as shown."""
        return Decimal(self.text)

    @property
    def unit(self) -> Decimal:
        """The place value of its last digit: 0.001 for 0.250, 1e-6 for 1.595e-3."""
        return Decimal((0, (1,), int(self.value.as_tuple().exponent)))


@dataclass(frozen=True, slots=True)
class _Run:
    """Glyphs that touch, on one baseline and of one size."""

    glyphs: tuple[Glyph, ...]
    role: Role

    @property
    def text(self) -> str:
        return "".join(glyph.char for glyph in self.glyphs)


@dataclass(frozen=True, slots=True)
class _Found:
    """A number within a run, before a power of ten is joined to it."""

    text: str
    first: Glyph
    last: Glyph
    role: Role


def numbers(pdf: Path | bytes) -> list[Number]:
    """Return every decimal number of a PDF, page by page, in the order in which they are drawn.

    Indices and exponents come with their role; the digits of labels, dates and versions are left out.
    """
    return [
        Number(found.text, page, found.first.x, found.first.y, found.first.size, found.role)
        for page, glyphs in enumerate(page_glyphs(pdf), start=1)
        for found in _with_powers(list(_items(_runs(glyphs))))
    ]


def _runs(glyphs: Sequence[Glyph]) -> Iterator[_Run]:
    start = 0
    for end in range(1, len(glyphs) + 1):
        if end == len(glyphs) or not _touch(glyphs[end - 1], glyphs[end]):
            yield _Run(tuple(glyphs[start:end]), _role(glyphs, start))
            start = end


def _alike(left: Glyph, right: Glyph) -> bool:
    return abs(left.angle - right.angle) < 1 and abs(left.size / right.size - 1) < 0.03


def _same_line(left: Glyph, right: Glyph) -> bool:
    return _alike(left, right) and abs(left.y - right.y) < SAME_LINE * left.size


def _touch(left: Glyph, right: Glyph) -> bool:
    return _same_line(left, right) and abs(right.x - left.end) < TOUCHING * left.size


def _role(glyphs: Sequence[Glyph], start: int) -> Role:
    """Tell whether a run hangs on something larger before it, other scripts of the same thing between them."""
    first = glyphs[start]
    reach = None
    for before in reversed(glyphs[:start]):
        if abs(before.angle - first.angle) > 1:
            break
        reach = before.end if reach is None else max(reach, before.end)
        if before.size * SCRIPT_SIZE > first.size:
            close = before.x < first.x <= reach + SCRIPT_SPACE * first.size
            rise = (first.y - before.y) / before.size
            if not close or abs(rise) < SAME_LINE or abs(rise) > 1.5:
                break
            return Role.SUPERSCRIPT if rise > 0 else Role.SUBSCRIPT
        if abs(before.y - first.y) > 2 * first.size:
            break
    return Role.BODY


def _items(runs: Iterator[_Run]) -> Iterator[_Found | Glyph]:
    """Yield the numbers of each run, and the glyphs between them, which a power of ten needs."""
    for run in runs:
        text = run.text
        labels = [match.span() for match in _DATE_OR_VERSION.finditer(text)]
        position = 0
        for match in _NUMBER.finditer(text):
            start, end = match.span()
            signed = (
                start > position
                and text[start - 1] in _SIGNS
                and (start == 1 or not _operand(text[start - 2]))
            )
            yield from run.glyphs[position : start - signed]
            position = end
            labelled = start > 0 and _WORD.match(text[start - 1]) is not None
            if labelled or any(low <= start < high for low, high in labels):
                continue
            sign = "-" if signed else ""
            first = run.glyphs[start - signed]
            yield _Found(sign + match.group().replace(",", ""), first, run.glyphs[end - 1], run.role)
        yield from run.glyphs[position:]


def _operand(char: str) -> bool:
    """Tell whether a minus after this is a subtraction that was set without space, as in scripts."""
    return char.isalnum() or char in ")]}"


def _with_powers(items: Sequence[_Found | Glyph]) -> Iterator[_Found]:
    """Join m · 10^k to one number, and 10^k where nothing is before it."""
    taken: set[int] = set()
    for index, item in enumerate(items):
        if index in taken or not isinstance(item, _Found):
            continue
        rest = list(items[index + 1 : index + 4])
        if len(rest) == 3 and _is_power(rest[1:]) and _is_times(item, rest[0], rest[1]):
            taken.update(range(index + 1, index + 4))
            yield _joined(item, item.text, rest[2])
        elif _is_power([item, *rest[:1]]):
            taken.add(index + 1)
            yield _joined(item, "1", rest[0])
        else:
            yield item


def _joined(item: _Found, mantissa: str, exponent: _Found | Glyph) -> _Found:
    assert isinstance(exponent, _Found)
    return _Found(f"{mantissa}e{exponent.text}", item.first, exponent.last, item.role)


def _is_power(items: Sequence[_Found | Glyph]) -> bool:
    """Tell whether these are 10 and an integer exponent that touches it."""
    if len(items) != 2:
        return False
    base, exponent = items
    if not isinstance(base, _Found) or not isinstance(exponent, _Found):
        return False
    near = abs(exponent.first.x - base.last.end) < TOUCHING * base.last.size
    script = exponent.role is Role.SUPERSCRIPT and exponent.first.size < base.last.size * SCRIPT_SIZE
    return base.text == "10" and near and script and re.fullmatch(r"-?\d+", exponent.text) is not None


def _is_times(left: _Found, sign: _Found | Glyph, right: _Found | Glyph) -> bool:
    if not isinstance(sign, Glyph) or sign.char not in "·⋅×" or not isinstance(right, _Found):
        return False
    line = (left.last, sign, right.first)
    return all(_same_line(a, b) and 0 <= b.x - a.end < TIMES_SPACE * a.size for a, b in pairwise(line))
