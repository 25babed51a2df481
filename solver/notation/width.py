"""How much room a formula takes when TeX sets it, in em: width, height and depth.

The metrics follow TeX's own rules (The TeXbook, appendix G) with the fonts' widths, so that a line breaker can decide
what fits without running TeX. They are never much below the truth: what is not known exactly is taken wide.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, assert_never

from solver.notation import math as m
from solver.notation.atoms import (
    THIN,
    Atom,
    flat,
    is_letter,
    is_nucleus,
    left_atom,
    node,
    resolved,
    right_atom,
    space_between,
    wants_thin_space,
)
from solver.notation.cases import longest
from solver.notation.columns import paddings
from solver.notation.glyphs import (
    DISPLAY,
    MINUS_DEPTH,
    SCRIPT,
    SCRIPT_SPACE,
    SCRIPTSCRIPT,
    TEXT,
    X_HEIGHT,
    Extent,
    digit_width,
    digits_extent,
    script_style,
    symbol_extent,
    text_width,
)
from solver.notation.letters import BIG_SIGNS, sign_of
from solver.notation.metrics import FENCE_BOXES, FENCE_SIZES, FENCES, SCALES

__all__ = [
    "COLUMN_GAP",
    "DISPLAY",
    "NARROW_SPACE",
    "SCRIPT",
    "SCRIPTSCRIPT",
    "TEXT",
    "Extent",
    "fence_size",
    "measure",
    "text_width",
    "width",
]

COLUMN_GAP: Final = 0.914
"""Space between the columns of a matrix, in em."""

NARROW_SPACE: Final = 0.2
"""Spaces up to this width, in em, are TeX's thin space."""

_AXIS = 0.25
_RULE = 0.04
_NULL_FENCE = 0.11
_FRAME = 0.622
_ROW = 1.242

_BIG_WIDTHS: Final = {"∑": (1.32, 0.965), "∏": (1.167, 0.863), "∫": (0.913, 0.609)}
_FENCE_NEEDS = (1.2, 1.5, 2.35, 3.0, 3.6)
_FENCE_KIN = {"]": "[", ")": "(", "}": "{", "⌋": "⌊", "⌈": "⌊", "⌉": "⌊", "⟩": "⟨", "∥": "‖"}


def width(math: m.Math, display: bool = True) -> float:
    """Return the width of a formula set by TeX, in em of the text around it.

    Args:
        math: The formula.
        display: Whether it stands in a displayed equation (fractions are large there) or in a line of words.
    """
    return measure(math, DISPLAY if display else TEXT).width


def measure(math: m.Math, style: int = DISPLAY, column_gap: float = COLUMN_GAP) -> Extent:
    """Return the room that a formula takes, in em of the text around it.

    Args:
        math: The formula.
        style: `DISPLAY`, `TEXT`, `SCRIPT` or `SCRIPTSCRIPT`.
        column_gap: m.Space between the columns of matrices, in em.
    """
    return _known(math, style, column_gap)


@lru_cache(maxsize=1 << 16)
def _known(math: m.Math, style: int, column_gap: float) -> Extent:
    # A line breaker asks for the same parts again and again, and brackets ask for their body's.
    return _Measure(column_gap).fresh(math, style)


def fence_size(body: Extent, style: int) -> int:
    """Return which fence covers a body: 0 as it stands, 1 to 4 TeX's larger ones, 5 one that grows."""
    height, depth = body.covered
    need = 2 * max(height - _AXIS, depth + _AXIS)
    if style >= SCRIPT:
        return 0 if need <= _FENCE_NEEDS[1] * SCALES[style] else 5
    return next((size for size, limit in enumerate(_FENCE_NEEDS) if need <= limit), 5)


def _beside(parts: Iterable[Extent]) -> Extent:
    known = list(parts)
    return Extent(
        sum(part.width for part in known),
        max((part.height for part in known), default=0.0),
        max((part.depth for part in known), default=0.0),
        known[-1].slant if known else 0.0,
        (
            max((part.covered[0] for part in known), default=0.0),
            max((part.covered[1] for part in known), default=0.0),
        ),
    )


def _numerator_style(style: int) -> int:
    return min(style + 1, SCRIPTSCRIPT)


@dataclass(frozen=True, slots=True)
class _Measure:
    """The metrics under one column gap."""

    column_gap: float

    def of(self, math: m.Math, style: int) -> Extent:
        return _known(math, style, self.column_gap)

    def fresh(self, math: m.Math, style: int) -> Extent:  # noqa: C901 - one case a class
        scale = SCALES[style]
        match node(math):
            case m.Symbol() as symbol:
                return symbol_extent(symbol, scale)
            case m.Digits() as number:
                return digits_extent(number, style)
            case m.Operator(sign):
                known = sign_of(sign)
                if known is None:
                    return Extent(text_width(sign) * scale, 0.7 * scale, 0.2 * scale)
                tall = sign in "⋮⋱"
                return Extent(known.width * scale, (1.4 if tall else 0.6) * scale, 0.2 * scale)
            case m.Row() as row:
                return self._row(row, style)
            case m.Fraction(numerator, denominator, small):
                return self._fraction(numerator, denominator, TEXT if small and style == DISPLAY else style)
            case m.Script(m.Prime(base, count), sub, None) | m.Prime(m.Script(base, sub, None), count) if (
                is_nucleus(base)
            ):
                return self._scripts(self.of(base, style), sub, m.Operator("′"), style, count)
            case m.Prime(m.Script(base, sub, sup), count) if sup is not None and is_nucleus(base):
                marked_sup = m.Row((sup, *(m.Operator("′"),) * count))
                return self._scripts(self.of(base, style), sub, marked_sup, style)
            case m.Script(base, sub, sup):
                return self._scripts(self._nucleus(base, style), sub, sup, style)
            case m.Prime(base, count):
                return self._scripts(self._nucleus(base, style), None, m.Operator("′"), style, count)
            case m.Fenced(body, left, right):
                return self._fenced(self.of(body, style), left, right, style)
            case m.Matrix(rows, left, right):
                return self._fenced(self._matrix(rows), left, right, style, grow=True)
            case m.CasesOf(lines):
                cells = [[self.of(part, TEXT) for part in line] for line in lines]
                return self._fenced(_grid(cells, 1.0, 1.2), "{", "", style, grow=True)
            case m.Underbrace(body, note):
                return self._underbrace(body, note, style)
            case m.Accent(body, mark):
                inner = self.of(body, style)
                least = 1.0 if mark == "vec" and not is_letter(body) else 0.0
                room = longest((inner.width, least))
                return replace(inner, width=room, height=inner.height + 0.38 * scale, core=inner.covered)
            case m.Root(body):
                return self._root(body, style)
            case m.BigOperator() as big:
                return self._big(big, style)
            case m.Words(text):
                return Extent(text_width(text) * scale, 0.75 * scale, 0.25 * scale)
            case m.Boxed(body):
                inner = self.of(body, DISPLAY)
                depth = max(inner.depth, MINUS_DEPTH)  # the same whether a number is negative or not
                return Extent(inner.width + _FRAME, inner.height + 0.311, depth + 0.311)
            case m.Struck(body) | m.Toned(body):
                return self.of(body, style)
            case m.Blank(blank):
                return Extent(blank + _FRAME, 1.25, 0.57)
            case m.Space(space):
                # A thin space shrinks with the style around it, as TeX's does; wider ones do not.
                return Extent(THIN * scale if 0 < space <= NARROW_SPACE else space, 0.0, 0.0)
            case _ as never:
                assert_never(never)

    def _row(self, math: m.Row, style: int) -> Extent:
        parts = flat(math)
        classes = resolved([(left_atom(part), right_atom(part)) for part in parts])
        room = _beside([self.of(part, style) for part in parts])
        space = 0.0
        last: int | None = None
        for i, part in enumerate(parts):
            if classes[i][0] == "space":
                continue
            if last is not None:
                space += SCALES[style] * space_between(
                    classes[last][1], classes[i][0], script=style >= SCRIPT
                )
                if last == i - 1 and wants_thin_space(parts[last], part):
                    space += THIN * SCALES[style]
            last = i
        return replace(room, width=room.width + space)

    def _fraction(self, numerator: m.Math, denominator: m.Math, style: int) -> Extent:
        inner = _numerator_style(style)
        scale = SCALES[style]
        top, bottom = self.of(numerator, inner), self.of(denominator, inner)
        clear = (3 if style == DISPLAY else 1) * _RULE
        up = max((0.677 if style == DISPLAY else 0.394) * scale, top.depth + clear + _AXIS * scale)
        down = max((0.686 if style == DISPLAY else 0.345) * scale, bottom.height + clear - _AXIS * scale)
        return Extent(
            longest((top.width, bottom.width)) + 2 * _NULL_FENCE, up + top.height, down + bottom.depth
        )

    def _nucleus(self, base: m.Math, style: int) -> Extent:
        inner = self.of(base, style)
        if not isinstance(base, (m.Script, m.Prime)) or right_atom(base) not in ("operator", "inner"):
            return inner
        # The emitter closes such a base with an empty atom, and TeX puts a space before that.
        return replace(inner, width=inner.width + THIN)

    def _scripts(
        self, base: Extent, sub: m.Math | None, sup: m.Math | None, style: int, repeated: int = 1
    ) -> Extent:
        scale = SCALES[style]
        inner = script_style(style)
        below = self.of(sub, inner) if sub is not None else None
        above = self.of(sup, inner) if sup is not None else None
        if below is None and above is None:
            return base
        height, depth, across = base.height, base.depth, 0.0
        if above is not None:
            rise = max(0.413 * scale, base.height - 0.3, above.depth + 0.25 * X_HEIGHT)
            height = max(height, rise + above.height)
            across = repeated * above.width
        if below is not None:
            drop = max(
                (0.247 if above is not None else 0.15) * scale,
                base.depth + 0.04,
                below.height - 0.8 * X_HEIGHT,
            )
            depth = max(depth, drop + below.depth, drop if below.height < drop else 0.0)
            across = longest((across, below.width - base.slant))
        return Extent(base.width + across + SCRIPT_SPACE, height, depth)

    def _fenced(self, inner: Extent, left: str, right: str, style: int, *, grow: bool = False) -> Extent:
        size = fence_size(inner, style)
        scale = 1.0 if size else SCALES[style]
        grows = grow or size == len(FENCE_SIZES)
        if grows:
            # TeX leaves at most a tenth, or five points, of the body uncovered.
            half = max(inner.covered[0] - _AXIS, inner.covered[1] + _AXIS)
            need = max(2 * half * 0.901, 2 * half - 0.457)
            size = next((i for i, reach in enumerate(FENCE_SIZES) if reach >= need + 0.01), len(FENCE_SIZES))
            total = FENCE_SIZES[size] if size < len(FENCE_SIZES) else need + 0.6
        else:
            total = FENCE_BOXES[size]
        across = 0.0
        for fence in (left, right):
            known = FENCES.get(_FENCE_KIN.get(fence, fence))
            if not fence:
                across += _NULL_FENCE if grows else 0.0
            else:
                across += (known[size] if known else text_width(fence)) * scale
        height = max(inner.height, (total / 2 + _AXIS) * scale)
        depth = max(inner.depth, (total / 2 - _AXIS) * scale)
        return Extent(inner.width + across, height, depth)

    def _matrix(self, rows: tuple[tuple[m.Math, ...], ...]) -> Extent:
        columns = [paddings(column) for column in zip(*rows, strict=True)]
        cells = [
            [
                self._padded(cell, "" if (pads := columns[j]) is None else pads[i])
                for j, cell in enumerate(cell_row)
            ]
            for i, cell_row in enumerate(rows)
        ]
        return _grid(cells, self.column_gap, 1.0)

    def _padded(self, cell: m.Math, padding: str) -> Extent:
        inner = self.of(cell, TEXT)
        return replace(inner, width=inner.width + sum(digit_width(char) for char in padding))

    def _underbrace(self, body: m.Math, note: m.Math, style: int) -> Extent:
        inner = self.of(body, DISPLAY)
        under = self.of(note, script_style(style))
        room = longest((inner.width, under.width, 1.65))
        return Extent(room, inner.height, inner.depth + 0.72 + under.total, core=inner.covered)

    def _root(self, body: m.Math, style: int) -> Extent:
        inner = self.of(body, style)
        scale = SCALES[style]
        clear = _RULE + (0.25 * X_HEIGHT if style == DISPLAY else 0.25 * _RULE)
        need = inner.total + clear + _RULE
        sign = 0.833 * scale if need <= scale else 0.913 if need <= FENCE_SIZES[-1] else 0.965
        return Extent(inner.width + sign, inner.height + clear + 0.16, inner.depth + 0.3)

    def _big(self, math: m.BigOperator, style: int) -> Extent:
        sign = BIG_SIGNS.get(math.sign)
        scale = SCALES[style]
        if sign is None:
            head = Extent(text_width(math.sign) * scale, 0.7 * scale, 0.2 * scale)
        elif style == DISPLAY:
            head = (
                Extent(_BIG_WIDTHS[sign][0], 0.981, 0.481)
                if sign != "∫"
                else Extent(0.913, 1.265, 0.765, 0.4)
            )
        else:
            head = Extent(_BIG_WIDTHS[sign][1], 0.757, 0.257)
        inner = script_style(style)
        if style == DISPLAY and sign != "∫":
            limits = [self.of(limit, inner) for limit in (math.sub, math.sup) if limit is not None]
            below = limits[0].total + 0.3 if math.sub is not None else 0.0
            above = limits[-1].total + 0.3 if math.sup is not None else 0.0
            room = longest((head.width, *(limit.width for limit in limits), 0.0))
            head = Extent(room, head.height + above, head.depth + below, core=(head.height, head.depth))
        else:
            head = self._scripts(head, math.sub, math.sup, style)
        following: Atom = next(
            (atom for part in flat(math.body) if (atom := left_atom(part)) != "space"), "space"
        )
        gap = space_between(
            "operator", "ordinary" if following == "binary" else following, script=style >= SCRIPT
        )
        return _beside([head, Extent(gap * scale, 0.0, 0.0), self.of(math.body, style)])


def _grid(cells: list[list[Extent]], gap: float, stretch: float) -> Extent:
    columns = list(zip(*cells, strict=True))
    across = sum(longest(cell.width for cell in column) for column in columns) + gap * max(
        len(columns) - 1, 0
    )
    strut = (0.869 * stretch, 0.373 * stretch)
    rows = [
        max(strut[0], *(cell.height for cell in row)) + max(strut[1], *(cell.depth for cell in row))
        for row in cells
        if row
    ]
    half = sum(rows) / 2
    return Extent(across, half + _AXIS, half - _AXIS)
