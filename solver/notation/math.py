"""The math tree: how a formula *looks*, in no output language.

Documents hold these nodes, never TeX strings; one emitter per language (`tex`, `mathml`, `unicode`, and `width` for
line breaking) is an exhaustive match over the classes below. Letters are Unicode ("η", "W", "ŷ" is Accent("y", "hat")).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


class Math:
    """A node of the math tree. The subclasses below are all there are."""

    __slots__ = ()


class TooEarlyError(Exception):
    """A part of a formula was looked into that is not known yet."""


class Unknown(Math):
    """A part that is put in later; until then nobody may look into it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Symbol(Math):
    """A letter or short name: single letters italic, several letters upright, Greek by its Unicode letter."""

    name: str
    style: Literal["auto", "bold", "upright", "calligraphic"] = "auto"


@dataclass(frozen=True, slots=True)
class Digits(Math):
    """A rounded number, ready to print: "-0.4593" (ASCII minus), with `exponent` for × 10^exponent.

    `answer` names the asked quantity whose value this is, so that a sheet can blank it. `slot` is written instead of the
    text where the numbers of many variants will be put in: see `slots`.
    """

    text: str
    exponent: int | None = None
    answer: str | None = None
    slot: str | None = None


@dataclass(frozen=True, slots=True)
class Operator(Math):
    """A relation or an infix or prefix sign: = ≈ + − · × ∘ ⊙ ← ∈ ∂ , ⋯ ⋮ ⋱ → ⇒ ≤ < > ≥ ≠."""

    sign: str


@dataclass(frozen=True, slots=True)
class Row(Math):
    """Nodes side by side."""

    items: tuple[Math, ...]


@dataclass(frozen=True, slots=True)
class Fraction(Math):
    """numerator over denominator; `small` for text style in a line of words."""

    numerator: Math
    denominator: Math
    small: bool = False


@dataclass(frozen=True, slots=True)
class Script(Math):
    """base with subscript and superscript."""

    base: Math
    sub: Math | None = None
    sup: Math | None = None


@dataclass(frozen=True, slots=True)
class Fenced(Math):
    """(body): fences that grow with the body; "" for none. Fences: ( ) [ ] { } | ‖ ⌊ ⌋."""

    body: Math
    left: str = "("
    right: str = ")"


@dataclass(frozen=True, slots=True)
class Matrix(Math):
    """A bracketed array; rows of equal length."""

    rows: tuple[tuple[Math, ...], ...]
    left: str = "["
    right: str = "]"


@dataclass(frozen=True, slots=True)
class CasesOf(Math):
    """A brace with (value, condition) lines."""

    lines: tuple[tuple[Math, Math], ...]


@dataclass(frozen=True, slots=True)
class Underbrace(Math):
    """body with a brace and a note below it."""

    body: Math
    note: Math


@dataclass(frozen=True, slots=True)
class Accent(Math):
    """A mark over (hat, bar, tilde, vec) the body."""

    body: Math
    mark: Literal["hat", "bar", "tilde", "vec"]


@dataclass(frozen=True, slots=True)
class Prime(Math):
    """body′ (count times)."""

    body: Math
    count: int = 1


@dataclass(frozen=True, slots=True)
class Root(Math):
    """√body."""

    body: Math


@dataclass(frozen=True, slots=True)
class BigOperator(Math):
    """Σ or Π or max with limits, followed by its body."""

    sign: str
    body: Math
    sub: Math | None = None
    sup: Math | None = None


@dataclass(frozen=True, slots=True)
class Words(Math):
    """Plain words inside a formula ("path 1"); user text goes here and is escaped by every emitter."""

    text: str


@dataclass(frozen=True, slots=True)
class Boxed(Math):
    """A frame around a result."""

    body: Math


@dataclass(frozen=True, slots=True)
class Struck(Math):
    """body crossed out because it cancels."""

    body: Math


@dataclass(frozen=True, slots=True)
class Toned(Math):
    """body in the tone of a role: "path-1" … "path-4" (paths of a figure, recycled), "muted", "ink", "wrong"."""

    body: Math
    tone: str


@dataclass(frozen=True, slots=True)
class Blank(Math):
    """An empty box where a key shows a value. `width` in em."""

    width: float = 4.0
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Space(Math):
    """Horizontal space. `width` in em."""

    width: float = 1.0


def row(*items: Math) -> Math:
    """Return the items side by side; nested rows are flattened."""
    flat: list[Math] = []
    for item in items:
        flat.extend(item.items if isinstance(item, Row) else (item,))
    return flat[0] if len(flat) == 1 else Row(tuple(flat))
