"""How much room a label takes: width, height above and depth below the baseline, in em.

Layouts keep labels apart by these boxes before any renderer sees them. They follow Computer Modern's metrics, a
little on the wide side, since a browser's serif may be wider.
"""

from __future__ import annotations

from dataclasses import dataclass

from solver.figures.scene import Size
from solver.figures.style import em
from solver.notation.math import (
    Accent,
    BigOperator,
    Blank,
    Boxed,
    CasesOf,
    Digits,
    Fenced,
    Fraction,
    Math,
    Matrix,
    Operator,
    Prime,
    Root,
    Row,
    Script,
    Space,
    Struck,
    Symbol,
    Toned,
    Underbrace,
    Words,
)

# Scripts are set at this share of the size around them, as TeX sets 6 pt beside 9 pt.
SCRIPT = 0.7
SUB_DROP = 0.2
SUP_RISE = 0.38
# The axis on which fraction bars and minus signs stand.
AXIS = 0.25


@dataclass(frozen=True, slots=True)
class Extent:
    """Room around a baseline, in em of the size the label is set at."""

    width: float
    up: float
    down: float

    @property
    def height(self) -> float:
        """Height and depth together."""
        return self.up + self.down


def _letters(text: str) -> Extent:
    """Measure a run of characters by classes of width."""
    wide = sum(_advance(char) for char in text)
    tall = any(char.isupper() or char.isdigit() or char in "bdfhkltiβδζθλξφψℓ()[]{}|∂∇∈√" for char in text)
    deep = any(char in "gjpqyβγζηξρφχψμ()[]{}|,Q" for char in text)
    return Extent(wide, 0.7 if tall else 0.46, 0.2 if deep else 0.0)


def _advance(char: str) -> float:
    """Width of one character, in em."""
    if char in "iljtfrI|!'.,:; ()[]":
        return 0.37
    if char in "mwMW":
        return 0.98
    if char.isupper():
        return 0.76
    if char in "+-−=<>≈≤≥≠·×∘⊙±":
        return 0.78
    return 0.56


def _beside(parts: list[Extent]) -> Extent:
    """Measure boxes set side by side on one baseline."""
    return Extent(
        sum(part.width for part in parts),
        max((part.up for part in parts), default=0.0),
        max((part.down for part in parts), default=0.0),
    )


def _script(math: Script) -> Extent:
    base = extent(math.base)
    up, down, wide = base.up, base.down, 0.0
    if math.sup is not None:
        sup = extent(math.sup)
        up = max(up, SUP_RISE + SCRIPT * sup.up)
        wide = SCRIPT * sup.width
    if math.sub is not None:
        sub = extent(math.sub)
        down = max(down, SUB_DROP + SCRIPT * sub.down)
        wide = max(wide, SCRIPT * sub.width)
    return Extent(base.width + wide + 0.05, up, down)


def _fraction(math: Fraction) -> Extent:
    top, bottom = extent(math.numerator), extent(math.denominator)
    share = fraction_scale(math)
    return Extent(
        max(top.width, bottom.width) * share + 0.24,
        AXIS + 0.14 + share * top.height,
        share * bottom.height + 0.14 - AXIS,
    )


def fraction_scale(math: Fraction) -> float:
    """Return the share of the surrounding size at which numerator and denominator are set in a figure."""
    return SCRIPT if math.small else 0.85


def extent(math: Math) -> Extent:
    """Return the room a formula takes, in em.

    Args:
        math: The formula.

    Returns:
        Its width and its height and depth, each in em of the size at which it is set.
    """
    match math:
        case Symbol(name):
            return _letters(name)
        case Words(text):
            return _letters(text)
        case Digits(text, exponent):
            power = 0.0 if exponent is None else 2.1 + 0.4 * len(str(exponent))
            return Extent(0.52 * len(text) + (0.3 if "-" in text else 0.0) + power, 0.68, 0.02)
        case Operator(sign):
            relation = sign in "=≈<>≤≥≠←→⇒∈"
            return Extent(1.35 if relation else 0.45 if sign in ",." else 1.0, 0.6, 0.1)
        case Row(items):
            return _beside([extent(item) for item in items])
        case Fraction():
            return _fraction(math)
        case Script():
            return _script(math)
        case Fenced(body, left, right):
            inner = extent(body)
            return Extent(
                inner.width + 0.4 * (bool(left) + bool(right)), max(inner.up, 0.74), max(inner.down, 0.22)
            )
        case Matrix(rows):
            return _grid([[extent(cell) for cell in row] for row in rows])
        case CasesOf(lines):
            return _grid([[extent(value), extent(condition)] for value, condition in lines])
        case Underbrace(body, note):
            inner, under = extent(body), extent(note)
            return Extent(
                max(inner.width, SCRIPT * under.width), inner.up, inner.down + 0.35 + SCRIPT * under.height
            )
        case Accent(body):
            inner = extent(body)
            return Extent(inner.width, inner.up + 0.22, inner.down)
        case Prime(body, count):
            inner = extent(body)
            return Extent(inner.width + 0.22 * count, max(inner.up, 0.75), inner.down)
        case Root(body):
            inner = extent(body)
            return Extent(inner.width + 0.75, inner.up + 0.2, inner.down)
        case BigOperator(_, body, sub, sup):
            low = extent(sub) if sub is not None else Extent(0, 0, 0)
            high = extent(sup) if sup is not None else Extent(0, 0, 0)
            big = Extent(
                1.1 + SCRIPT * max(low.width, high.width), 0.8 + 0.4 * bool(sup), 0.3 + 0.4 * bool(sub)
            )
            return _beside([big, extent(body)])
        case Boxed(body):
            inner = extent(body)
            return Extent(inner.width + 0.5, inner.up + 0.25, inner.down + 0.25)
        case Struck(body) | Toned(body):
            return extent(body)
        case Blank(width):
            return Extent(width, 0.8, 0.2)
        case Space(width):
            return Extent(width, 0.0, 0.0)
        case _:
            raise AssertionError(f"no metrics for {math!r}")


def _grid(rows: list[list[Extent]]) -> Extent:
    """Measure an array: columns as wide as their widest cell, centred on the axis."""
    widths = [max(cell.width for cell in column) for column in zip(*rows, strict=True)]
    tall = sum(max(1.2, *(cell.height + 0.3 for cell in row)) for row in rows)
    return Extent(sum(widths) + len(widths) + 0.4, AXIS + tall / 2, tall / 2 - AXIS)


def box(math: Math, size: Size) -> tuple[float, float]:
    """Return the width and the height of a label, in centimetres."""
    room = extent(math)
    return room.width * em(size), room.height * em(size)
