"""A label's mathematics as positioned SVG text: what a browser shows without any math library.

Stretches that flow are one text each (`svg_runs`); what stands on top of something is placed by TeX's metrics, each
part centred where TeX would put it. Lengths are in em of the label's size, y upwards from the baseline.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from solver.figures.svg_runs import Pen, Run, flows, runs, spaced
from solver.notation import math as m
from solver.notation.atoms import node
from solver.notation.letters import BIG_SIGNS
from solver.notation.tones import web_colour
from solver.notation.width import Extent, measure

_AXIS = 0.25
# Room above and below a row of a matrix, and TeX's space around a fraction.
_STRUT = (0.869, 0.373)
_FRACTION_SIDE = 0.11


@dataclass(frozen=True, slots=True)
class Text:
    """Runs that flow, centred at x."""

    x: float
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin line through some points: a fraction bar, the sign of a root, the side of a bracket."""

    points: tuple[tuple[float, float], ...]
    colour: str | None = None


Item = Text | Rule


def layout(math: m.Math) -> tuple[Item, ...]:
    """Return the texts and rules of a formula, its baseline starting at (0, 0)."""
    return tuple(_place(math, 0.0, Pen()))


def _place(math: m.Math, x: float, pen: Pen) -> Iterator[Item]:  # noqa: C901 - one case a class
    """Yield the items of a formula whose baseline starts at x."""
    room = measure(math, pen.style)
    if flows(math):
        yield Text(x + room.width / 2, tuple(runs(math, pen)))
        return
    match node(math):
        case m.Row() as row:
            for gap, part in spaced(row, pen.style):
                yield from _place(part, x + gap, pen)
                x += gap + measure(part, pen.style).width
        case m.Toned(body, tone):
            yield from _place(body, x, replace(pen, colour=web_colour(tone)))
        case m.Fraction(numerator, denominator):
            yield from _fraction(numerator, denominator, x, room.width, pen)
        case m.Script(base, sub, sup):
            yield from _scripts(base, sub, sup, x, pen)
        case m.BigOperator(sign, body, sub, sup):
            yield from _scripts(m.Operator(BIG_SIGNS.get(sign, sign)), sub, sup, x, pen)
            yield from _place(body, x + room.width - measure(body, pen.style).width, pen)
        case m.Prime(body, count):
            yield from _place(body, x, pen)
            yield Text(x + (measure(body, pen.style).width + room.width) / 2, (Run("′" * count, pen),))
        case m.Accent(body, mark):
            yield from _place(body, x, pen)
            yield _mark(mark, x, room, pen)
        case m.Fenced(body, left, right):
            inner = measure(body, pen.style)
            edge = (room.width - inner.width) / max(bool(left) + bool(right), 1)
            yield from _fences(left, right, x, room, edge, pen)
            yield from _place(body, x + (edge if left else 0.0), pen)
        case m.Matrix(rows, left, right):
            yield from _grid(rows, left, right, x, room, pen)
        case m.CasesOf(lines):
            yield from _grid(lines, "{", "", x, room, pen)
        case m.Root(body):
            yield from _root(body, x, room, pen)
        case m.Underbrace(body, note):
            yield from _underbrace(body, note, x, room, pen)
        case m.Boxed(body):
            yield from _place(body, x + (room.width - measure(body, pen.style).width) / 2, pen)
            yield _frame(x, room, pen)
        case m.Blank():
            yield _frame(x, replace(room, height=0.8, depth=0.25), pen)
        case m.Struck(body):
            yield from _place(body, x, pen)
            yield _rule(pen, (x, -room.depth), (x + room.width, room.height))
        case m.Symbol() | m.Digits() | m.Operator() | m.Words() | m.Space():
            return
        case _ as never:
            assert_never(never)


def _rule(pen: Pen, *points: tuple[float, float]) -> Rule:
    """Return a rule through points whose heights count from the pen's baseline."""
    return Rule(tuple((x, y + pen.shift) for x, y in points), pen.colour)


def _frame(x: float, room: Extent, pen: Pen) -> Rule:
    low, high, end = -room.depth, room.height, x + room.width
    return _rule(pen, (x, low), (end, low), (end, high), (x, high), (x, low))


def _fraction(top: m.Math, bottom: m.Math, x: float, width: float, pen: Pen) -> Iterator[Item]:
    """Place numerator and denominator over and under a bar on the axis."""
    inner = pen.script(0.0)
    above, below = measure(top, inner.style), measure(bottom, inner.style)
    axis, middle = _AXIS * pen.scale, x + width / 2
    up = max(0.394 * pen.scale, above.depth + 0.1 + axis)
    down = max(0.345 * pen.scale, below.height + 0.1 - axis)
    yield from _place(top, middle - above.width / 2, pen.script(up))
    yield from _place(bottom, middle - below.width / 2, pen.script(-down))
    yield _rule(pen, (x + _FRACTION_SIDE, axis), (x + width - _FRACTION_SIDE, axis))


def _scripts(base: m.Math, sub: m.Math | None, sup: m.Math | None, x: float, pen: Pen) -> Iterator[Item]:
    """Place scripts beside a base that is taller than a letter."""
    inner = measure(base, pen.style)
    yield from _place(base, x, pen)
    if sup is not None:
        yield from _place(sup, x + inner.width, pen.script(max(0.413 * pen.scale, inner.height - 0.3)))
    if sub is not None:
        yield from _place(sub, x + inner.width, pen.script(-max(0.2 * pen.scale, inner.depth + 0.04)))


def _mark(mark: str, x: float, room: Extent, pen: Pen) -> Rule:
    """Draw a mark that is too long for a combining character."""
    low, high, end, middle = room.height - 0.2, room.height - 0.06, x + room.width, x + room.width / 2
    if mark == "hat":
        return _rule(pen, (x + 0.05, low), (middle, high), (end - 0.05, low))
    if mark == "vec":
        return _rule(pen, (x, low), (end, low), (end - 0.1, high), (end, low), (end - 0.1, 2 * low - high))
    if mark == "tilde":
        quarter = room.width / 4
        return _rule(pen, (x, low), (x + quarter, high), (middle + quarter, low), (end, high))
    return _rule(pen, (x, low), (end, low))


def _fences(left: str, right: str, x: float, room: Extent, edge: float, pen: Pen) -> Iterator[Item]:
    """Draw fences as tall as the room, as rules."""
    low, high = -room.depth, room.height
    for fence, start, out in ((left, x, -1), (right, x + room.width - edge, 1)):
        if fence:
            middle = start + edge / 2
            yield _rule(
                pen,
                *((middle - 0.4 * out * edge * dx, low + (high - low) * h) for dx, h in _FENCE_LINES[fence]),
            )


# Each fence from bottom to top: how far it reaches inwards (in shares of its width), and at which share of its height.
_ROUND = ((0.7, 0.0), (0.1, 0.12), (-0.4, 0.3), (-0.55, 0.5), (-0.4, 0.7), (0.1, 0.88), (0.7, 1.0))
_SQUARE = ((0.6, 0.0), (-0.3, 0.0), (-0.3, 1.0), (0.6, 1.0))
_BRACE = ((0.6, 0.0), (0.1, 0.04), (0.0, 0.12), (0.0, 0.4), (-0.1, 0.46), (-0.6, 0.5), (-0.1, 0.54), (0.0, 0.6),
          (0.0, 0.88), (0.1, 0.96), (0.6, 1.0))  # fmt: skip
_BAR = ((0.0, 0.0), (0.0, 1.0))
_FLOOR = ((0.6, 0.0), (-0.3, 0.0), (-0.3, 1.0))
_FENCE_LINES = {
    "(": _ROUND, ")": _ROUND, "[": _SQUARE, "]": _SQUARE, "{": _BRACE, "}": _BRACE, "|": _BAR, "‖": _BAR,
    "⌊": _FLOOR, "⌋": _FLOOR,
}  # fmt: skip


def _grid(
    rows: Sequence[Sequence[m.Math]], left: str, right: str, x: float, room: Extent, pen: Pen
) -> Iterator[Item]:
    """Place the cells of an array, each centred in its column, between fences."""
    sizes = [[measure(cell, pen.style) for cell in row] for row in rows]
    widths = [max(cell.width for cell in column) for column in zip(*sizes, strict=True)]
    fences = bool(left) + bool(right)
    gap = 0.9
    edge = (room.width - sum(widths) - gap * (len(widths) - 1)) / max(fences, 1)
    yield from _fences(left, right, x, room, edge, pen)
    starts = [x + (edge if left else 0.0)]
    for width in widths[:-1]:
        starts.append(starts[-1] + width + gap)
    y = room.height
    for row, row_sizes in zip(rows, sizes, strict=True):
        up = max(_STRUT[0], *(size.height for size in row_sizes))
        down = max(_STRUT[1], *(size.depth for size in row_sizes))
        for cell, size, start, width in zip(row, row_sizes, starts, widths, strict=True):
            yield from _place(cell, start + (width - size.width) / 2, replace(pen, shift=pen.shift + y - up))
        y -= up + down


def _root(body: m.Math, x: float, room: Extent, pen: Pen) -> Iterator[Item]:
    """Draw the sign of a root over its body."""
    inner = measure(body, pen.style)
    low, high = -inner.depth, inner.height + 0.12
    start, middle = x + room.width - inner.width, -inner.depth + 0.45 * (high - low)
    yield _rule(
        pen, (x + 0.08, middle - 0.06), (x + 0.22, middle), (start - 0.3, low), (start - 0.05, high),
        (x + room.width, high),
    )  # fmt: skip
    yield from _place(body, start, pen)


def _underbrace(body: m.Math, note: m.Math, x: float, room: Extent, pen: Pen) -> Iterator[Item]:
    """Place a body over a brace, drawn as a flat bracket, and a note under it."""
    inner = measure(body, pen.style)
    small = pen.script(0.0)
    under = measure(note, small.style)
    middle, low = x + room.width / 2, -inner.depth - 0.25
    left, right = middle - inner.width / 2, middle + inner.width / 2
    yield from _place(body, left, pen)
    yield _rule(pen, (left, low + 0.12), (left, low), (right, low), (right, low + 0.12))
    yield from _place(note, middle - under.width / 2, pen.script(low - 0.12 - under.height))
