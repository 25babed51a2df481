"""The math tree: how a formula *looks*, in no output language.

Documents hold these nodes, never TeX strings; one emitter per language (`tex`, `mathml`, `unicode`, and `width` for
line breaking) is an exhaustive match over the classes below. Letters are Unicode ("η", "W", "ŷ" is Accent("y", "hat")).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from solver.notation.slots import Role, Slot


class Math:
    """A node of the math tree. The subclasses below are all there are."""

    __slots__ = ()


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

    `answer` names the asked quantity whose value this is, so that a sheet can blank it. A number that is put in later has
    a `slot`; its text says no more than its sign, and that only where the slot is settled.
    """

    text: str
    exponent: int | None = None
    answer: str | None = None
    slot: Slot | None = None

    @property
    def open(self) -> bool:
        """Whether even the sign comes later."""
        return self.slot is not None and not self.slot.settled

    @property
    def negative(self) -> bool:
        """Whether a minus stands first."""
        return self.slot.negative if self.slot is not None and self.open else self.text.startswith("-")

    @property
    def short(self) -> bool:
        """Whether it is a single digit."""
        return len(self.text) == 1 if self.slot is None else self.slot.short

    @property
    def unsigned(self) -> Digits:
        """The number without its sign."""
        return self._within(Role.UNSIGNED, self.text.removeprefix("-"))

    @property
    def settled(self) -> Digits:
        """The number with a sign that is known."""
        if self.slot is None or self.slot.settled:
            return self
        text = f"-{self.text}" if self.negative else self.text
        return replace(self, text=text, slot=replace(self.slot, settled=True))

    def within(self, role: Role) -> Digits:
        """Return an open number as it stands in a role."""
        return self._within(role, self.text)

    def _within(self, role: Role, text: str) -> Digits:
        return Digits(text, self.exponent, self.answer, None if self.slot is None else self.slot.within(role))


@dataclass(frozen=True, slots=True)
class Operator(Math):
    """A relation or an infix or prefix sign: = ≈ + − · × ∘ ⊙ ← ∈ ∂ , ⋯ ⋮ ⋱ → ⇒ ≤ < > ≥ ≠.

    With a `slot` it is the sign of a number that is put in later, + or −.
    """

    sign: str
    slot: Slot | None = None


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
