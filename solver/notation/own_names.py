"""Letters of an expression: every name of the file is its own symbol, whatever a preset calls an activation or a target.

A number at the end of a name is a subscript ("w0" is w₀), as is what follows an underscore ("h_out"); names of Greek
letters are those letters. Where two names would look alike ("w1" and "w_1"), both are printed as they are written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from solver.notation import math as m
from solver.notation.convention import Letters
from solver.notation.letters import GREEK
from solver.quantities import Key, Partial, Quantity, Share

_NUMBERED: Final = re.compile(r"(?P<stem>[^\W\d_]+)_?(?P<number>[0-9]+)\Z")
_GREEK_NAMES: Final = {name: letter for letter, name in reversed(GREEK.items())} | {"epsilon": "ε"}


@dataclass(frozen=True)
class OwnNames(Letters):
    """The letters of an expression.

    Attributes:
        names: The symbol of every name.
        output: The name that is differentiated.
        forked: Names that several nodes read. By these the last step alone has another derivative than the whole, and
            the two must not be written alike.
    """

    names: Mapping[str, m.Math] = field(default_factory=dict)
    output: str = ""
    forked: frozenset[str] = frozenset()

    def __call__(self, key: Key) -> m.Math:
        """Return the symbol of a key."""
        if isinstance(key, Partial) and key.of.base == self.output and key.by.base in self.forked:
            return super().__call__(Share(key.by.gradient(self.output), key.of))
        return super().__call__(key)

    def scalar(self, name: str) -> m.Math:
        """Return the symbol of the output that is differentiated."""
        return self.names[name]

    def _value(self, quantity: Quantity) -> m.Math:
        return self.names[quantity.base]


def symbols(names: Iterable[str]) -> dict[str, m.Math]:
    """Return the symbol of each name, no two alike."""
    found = {name: symbol(name) for name in names}
    seen = Counter(found.values())
    return {name: body if seen[body] == 1 else m.Words(name) for name, body in found.items()}


def symbol(name: str) -> m.Math:
    """Return the symbol of one name."""
    numbered = _NUMBERED.match(name)
    if numbered is not None:
        return m.Script(_letter(numbered["stem"]), sub=m.Digits(numbered["number"]))
    stem, _, rest = name.partition("_")
    if stem and rest.replace("_", ""):
        parts = [part for part in rest.split("_") if part]
        low: list[m.Math] = []
        for part in parts:
            low += [m.Operator(",")] if low else []
            low.append(m.Digits(part) if part.isdecimal() else _letter(part))
        return m.Script(_letter(stem), sub=m.row(*low))
    return _letter(name)


def _letter(name: str) -> m.Math:
    return m.Words(name) if "_" in name else m.Symbol(_GREEK_NAMES.get(name, name))
