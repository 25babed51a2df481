"""Letters of a recurrent network: the time step as the first subscript, gates by their names.

h₂ is the state at step 2 and h_{2,1} its first element; a_{f,2} is the pre-activation of gate f at step 2 and f₂ the gate
itself, whatever letter the notation has for activations. An index that could only be 1 is left out, so that a cell with
one unit is written in plain letters. U, V, c and s are the contract's own names; where a preset uses one of them for
something else, the next letter of a list is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from solver.notation import math as m
from solver.notation.convention import Letters, Notation, glyph
from solver.quantities import Key, Quantity, Role

WEIGHTS = ("U", "W", "V")
"""Bases of the matrices: from the input, from the state before, to the read-out."""

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "z": ("z", "q", "p"),
    "c": ("c", "d", "e"),
    "s": ("s", "c", "m"),
}
"""Letters for the read-out's pre-activation, its bias, and the state of an LSTM's cell, the first free one is taken."""


@dataclass(frozen=True)
class TimeLetters(Letters):
    """The letters of a recurrent network.

    Attributes:
        sizes: Shape of one array of each base.
        others: Letters of the bases that the notation does not know.
        clock: Names of time steps, for equations about any step: {1: t − 1, 2: t}.
        deltas: Whether the gradient with respect to a pre-activation is written δ.
    """

    sizes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    clock: Mapping[int, m.Math] = field(default_factory=dict)
    deltas: bool = False

    def __call__(self, key: Key) -> m.Math:
        """Return the symbol of a key."""
        if self.deltas and isinstance(key, Quantity) and key.role is Role.GRADIENT and key.base in ("a", "z"):
            return self._delta(key.value)
        return super().__call__(key)

    @property
    def step(self) -> m.Math:
        """The letter of any time step: t, or τ where the notation has a t of its own."""
        return m.Symbol("τ" if "t" in self.notation.letters.values() else "t")

    def single(self, quantity: Quantity) -> bool:
        """Return whether an array has one element only, and is written like a number."""
        return all(length == 1 for length in self.sizes[quantity.base])

    def letter(self, base: str) -> str:
        """Return the letter of a base by its name."""
        return self.others.get(base) or self.notation.letters.get(base, base)

    def _value(self, quantity: Quantity) -> m.Math:
        base = quantity.base
        if base == "L":
            return self.notation.letter(base)
        whole = not quantity.index and not self.single(quantity)
        name = self.letter(base)
        gate = quantity.gate
        if base == "h" and gate:
            name, gate = gate, None
        elif base in WEIGHTS and not whole:
            name = self._element_letter(name)
        letter = glyph(name, bold=whole and self.notation.bold)
        return self._subscripted(letter, quantity, [m.Symbol(gate)] if gate else [])

    def _delta(self, quantity: Quantity) -> m.Math:
        """Return δ with the gate, or the letter of the read-out's pre-activation, before the time step."""
        whole = not quantity.index and not self.single(quantity)
        name = self.letter("z") if quantity.base == "z" else quantity.gate
        return self._subscripted(
            self.notation.letter("delta", bold=whole), quantity, [m.Symbol(name)] if name else []
        )

    def _subscripted(self, letter: m.Math, quantity: Quantity, low: list[m.Math]) -> m.Math:
        """Put the time step and the indices below a letter, with commas between them."""
        if quantity.time is not None:
            low.append(self.clock.get(quantity.time, m.Digits(str(quantity.time))))
        index = self._index(quantity)
        if index:
            low.append(m.Digits(("" if all(place < 10 for place in index) else ",").join(map(str, index))))
        items: list[m.Math] = []
        for part in low:
            items += [m.Operator(","), part] if items else [part]
        return m.Script(letter, sub=m.row(*items)) if items else letter

    def _index(self, quantity: Quantity) -> tuple[int, ...]:
        """Return the indices that say something, in the notation's order."""
        lengths = self.sizes[quantity.base]
        kept = tuple(place for place, length in zip(quantity.index, lengths, strict=False) if length > 1)
        written = "from-to" if self.shape.weights_from_to else "to-from"
        turned = quantity.base in WEIGHTS and written != self.notation.index_order
        return kept[::-1] if turned else kept

    def _element_letter(self, name: str) -> str:
        """Return the letter of a single weight: small where the notation writes single weights small."""
        example = self.notation.element_weight or self.notation.letters["W"]
        return name.lower() if example.islower() and len(name) == 1 else name


def time_letters(bound: Letters, sizes: Mapping[str, tuple[int, ...]], gates: Iterable[str]) -> TimeLetters:
    """Return a bound notation with letters for everything that a recurrent network has.

    Args:
        bound: The notation, bound to the problem.
        sizes: Shape of one array of each base.
        gates: Letters of the gates.
    """
    notation = bound.notation
    taken = {*notation.letters.values(), *gates}
    others = {"U": "U", "V": "V", "rh": f"bar {notation.letters['h']}", "o": _output(notation, taken)}
    for base, letters in _CHOICES.items():
        others[base] = next(letter for letter in letters if letter not in {*taken, *others.values()})
    return TimeLetters(notation, bound.shape, sizes, others)


def _output(notation: Notation, taken: set[str]) -> str:
    """Return the letter of the read-out: that of the notation's outputs, or the first free one."""
    if "output" in notation.letters:
        return notation.letters["output"]
    return next(letter for letter in ("o", "y", "r") if letter not in taken)
