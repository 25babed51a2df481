"""Break one formula into rows where a careful typesetter would.

First before relations, then before + and −, then before other infix signs, after commas, between factors (with a dot,
so that the product is still read as one), and only then inside brackets. A fraction that is wider than the page becomes
one line with a slash. Tones, strokes and braces go on over the break. A name is cut only where no row could hold it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from solver.notation import math as m
from solver.notation.atoms import flat, left_atom, node, resolved, right_atom
from solver.notation.letters import OPERATOR_NAMES, sign_of

_ADDITIVE: Final = frozenset("+-±")
_LEAST_SHARE: Final = 0.35
_FENCE: Final = 0.9
_HEAD: Final = 3.0
_SIGN_SPACE: Final = 0.6

# An empty word keeps the sign that starts a row an infix one.
_NOTHING: Final = m.Words("")

Segments = list[tuple[m.Math, ...]]


def split(
    math: m.Math, first: float, rest: float, width: Callable[[m.Math], float], *, force: bool = False
) -> list[m.Math] | None:
    """Return the rows of a formula.

    Args:
        math: The formula.
        first: Room on the first row.
        rest: Room on every other row, at most `first`.
        width: Measures a formula, in the same unit.
        force: Give a piece that cannot be broken a row of its own although it is too wide.

    Returns:
        The rows, or None where a piece is too wide and nothing is forced.
    """
    return _Splitter(width, force, rest).of(math, first, rest)


@dataclass(frozen=True, slots=True)
class _Splitter:
    width: Callable[[m.Math], float]
    force: bool
    row: float
    """Room on a row of the page: what is left of it inside brackets and beside factors is no reason to cut a name."""

    def of(self, math: m.Math, first: float, rest: float) -> list[m.Math] | None:
        if self.width(math) <= first:
            return [math]
        rows = self._inside(math, first, rest)
        return [math] if rows is None and self.force else rows

    def _inside(self, math: m.Math, first: float, rest: float) -> list[m.Math] | None:
        match node(math):
            case m.Row():
                return self._row(flat(math), first, rest)
            case m.Fenced(body, left, right):
                return self._fenced(body, left, right, first, rest)
            case m.Script(m.Fenced(body, left, right) as fenced, sub, sup):
                rows = self._fenced(body, left, right, first, rest - _HEAD)
                return rows and [*rows[:-1], m.Script(rows[-1], sub, sup)] if fenced.right else None
            case m.Toned(body, tone):
                return self._each(body, first, rest, lambda part: m.Toned(part, tone))
            case m.Struck(body):
                return self._each(body, first, rest, m.Struck)
            case m.Underbrace(body, note):
                return self._each(body, first, rest, lambda part: m.Underbrace(part, note))
            case m.Fraction(numerator, denominator):
                line = m.row(_bracketed(numerator), m.Operator("/"), _bracketed(denominator))
                return self.of(line, first, rest)
            case m.BigOperator(_, body) as big:
                rows = self.of(body, first - _HEAD, rest)
                return rows and [replace(big, body=rows[0]), *rows[1:]]
            case m.Symbol(name) if name in OPERATOR_NAMES or self.width(math) <= self.row:
                return None
            case m.Words(text) | m.Symbol(text):
                return self._words(text, first, rest)
            case _:
                return None

    def _each(
        self, body: m.Math, first: float, rest: float, wrap: Callable[[m.Math], m.Math]
    ) -> list[m.Math] | None:
        rows = self.of(body, first, rest)
        return None if rows is None or len(rows) < 2 else [wrap(row) for row in rows]

    def _fenced(self, body: m.Math, left: str, right: str, first: float, rest: float) -> list[m.Math] | None:
        rows = self.of(body, first - _FENCE, rest - _FENCE)
        if rows is None or len(rows) < 2:
            return None
        return [m.Fenced(rows[0], left, ""), *rows[1:-1], m.Fenced(rows[-1], "", right)]

    def _words(self, text: str, first: float, rest: float) -> list[m.Math] | None:
        """Fill rows with words; a word that is longer than a row is cut."""
        rows: list[str] = []
        current = ""
        for word in _cut(text, max(int(self.row / 2), 1)):
            room = first if not rows else rest
            if current and self.width(m.Words(current + word)) > room:
                rows.append(current)
                current = ""
            current += word
        rows.append(current)
        return [m.Words(row) for row in rows] if len(rows) > 1 else None

    def _row(self, parts: tuple[m.Math, ...], first: float, rest: float) -> list[m.Math] | None:
        segments = _segments(parts)
        if len(segments) == 1:
            return self._widest(parts, first, rest)
        rows: list[m.Math] = []
        current: tuple[m.Math, ...] = ()
        for place, segment in enumerate(segments):
            room = rest if rows else first
            if self.width(m.row(*current, *segment)) <= room:
                current += segment
                continue
            started = _started(segment, segments[place - 1][-1]) if current or rows else segment
            taken = self.width(m.row(*current)) + _SIGN_SPACE if current else 0.0
            whole = self.width(m.row(*started)) <= rest
            if current and (whole or room - taken < _LEAST_SHARE * rest):
                rows.append(m.row(*current))
                current, taken, room = (), 0.0, rest
            if whole and not current:
                current = started
                continue
            broken = self.of(m.row(*(segment if current else started)), room - taken, rest)
            if broken is None:
                return None
            if len(broken) == 1 and current:
                rows.append(m.row(*current))
                current, broken = (), [m.row(*started)]
            rows += [m.row(*current, broken[0]), *broken[1:-1]]
            current = flat(broken[-1]) if len(broken) > 1 else ()
        return [*rows, m.row(*current)] if current else rows

    def _widest(self, parts: tuple[m.Math, ...], first: float, rest: float) -> list[m.Math] | None:
        """Break inside the widest node of a row that has no place for a break itself."""
        widths = [self.width(part) for part in parts]
        at = max(range(len(parts)), key=widths.__getitem__)
        before, after = parts[:at], parts[at + 1 :]
        ahead = sum(widths[:at]) + _SIGN_SPACE * len(before)
        behind = sum(widths[at + 1 :]) + _SIGN_SPACE * len(after)
        rows = self._inside(parts[at], first - ahead, rest - behind)
        if rows is None or len(rows) < 2:
            return None
        return [m.row(*before, rows[0]), *rows[1:-1], m.row(rows[-1], *after)]


def _leads(part: m.Math) -> bool:
    return isinstance(part, m.Operator) or part == _NOTHING


def _segments(parts: tuple[m.Math, ...]) -> Segments:
    """Cut a row at the best kind of place that it has."""
    atoms = resolved([(left_atom(part), right_atom(part)) for part in parts])
    signs = [part.sign if isinstance(part, m.Operator) else "" for part in parts]
    kinds = [atom[0] if sign else "" for atom, sign in zip(atoms, signs, strict=True)]
    places: tuple[Callable[[int], bool], ...] = (
        lambda i: kinds[i] == "relation",
        lambda i: kinds[i] == "binary" and signs[i] in {*_ADDITIVE, "−", "∓"},
        lambda i: kinds[i] == "binary",
        lambda i: kinds[i - 1] == "punctuation",
    )
    lead = next((i for i, part in enumerate(parts) if not _leads(part)), len(parts))
    for place in places:
        cuts = [i for i in range(lead + 1, len(parts)) if place(i)]
        if cuts:
            return _cut_at(parts, cuts)
    cuts = [i for i in range(lead + 1, len(parts)) if _parts_factors(parts[i - 1], parts[i])]
    return _cut_at(parts, cuts)


def _cut_at(parts: tuple[m.Math, ...], cuts: Sequence[int]) -> Segments:
    edges = [0, *cuts, len(parts)]
    return [parts[i:j] for i, j in pairwise(edges)]


def _parts_factors(left: m.Math, right: m.Math) -> bool:
    """Tell whether a row may be broken between two neighbours without a sign."""
    if isinstance(left, m.Operator) or isinstance(right, (m.Operator, m.Space)):
        return False
    return not (isinstance(left, m.Symbol) and left.name in OPERATOR_NAMES) and not isinstance(
        right, m.Fenced
    )


def _started(segment: tuple[m.Math, ...], before: m.Math) -> tuple[m.Math, ...]:
    """Return a segment as the start of a row: an infix sign stays one, and factors that were side by side get a dot.

    Args:
        segment: What starts the row.
        before: What stands before it, on the row above.
    """
    start = segment[0]
    if right_atom(before) == "punctuation":
        return segment  # after a comma a sign is no infix one, and nothing was multiplied
    if isinstance(start, m.Operator):
        known = sign_of(start.sign)
        return (_NOTHING, *segment) if known is not None and known.kind == "binary" else segment
    if isinstance(start, (m.Words, m.Space)):
        return segment
    return (_NOTHING, m.Operator("·"), *segment)


def _bracketed(math: m.Math) -> m.Math:
    single = len(flat(math)) == 1 and not isinstance(math, (m.Fraction, m.BigOperator, m.Underbrace))
    return math if single else m.Fenced(math)


def _cut(text: str, longest: int) -> Iterator[str]:
    """Yield the words of a text with the space after each, cut where they are longer than `longest` characters."""
    word = ""
    for char in text:
        word += char
        if char == " " or len(word) >= longest:
            yield word
            word = ""
    if word:
        yield word
