"""Letters of arrays that are no plain vectors: maps and kernels, tokens, and the stages inside a normalised layer.

A map has channels and a place: K_{21,13} is row 1, column 3 of the kernel that leads from channel 1 to channel 2. An axis
of length 1 says nothing and is left out, so that one kernel on one image is K₁₃. The stages between a pre-activation and
its activation are marks on its letter, as in the papers: â is normalised, ã scaled and shifted.

Source: Ioffe, Szegedy (2015), Batch normalization; Srivastava et al. (2014), Dropout, for the mask r and the keep p.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from solver.notation import math as m

STAGES = {
    "gamma": "γ",
    "beta": "β",
    "epsilon": "ε",
    "mean": "μ",
    "var": "σ",
    "mask": "r",
    "keep": "p",
    "u": "u",
}
"""Letters of what a layer has beside its affine map and its activation; a variance is σ²."""

MARKS: dict[str, Literal["hat", "tilde"]] = {"n": "hat", "s": "tilde"}
"""Marks on the letter of the pre-activation: normalised; scaled and shifted."""

RAISED = {"Wq": "Q", "Wk": "K", "Wv": "V"}
"""Weights that are told apart by a raised letter."""


@dataclass(frozen=True)
class Axes:
    """How an array of several axes is indexed.

    Attributes:
        channels: Lengths of the axes before the place, outermost first; the index of a length of 1 is left out.
        place: How many axes the place has, 1 or 2; 0 for one number a channel.
    """

    channels: tuple[int, ...] = ()
    place: int = 2

    def parts(self, index: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the channels that are written, and the place; of a whole channel the place is empty."""
        depth = len(self.channels)
        kept = tuple(k for k, length in zip(index[:depth], self.channels, strict=False) if length > 1)
        return kept, index[depth:]

    def whole(self, index: tuple[int, ...]) -> bool:
        """Return whether an index names a matrix or a vector, and no single number."""
        return len(index) < len(self.channels) + self.place


def subscript(*groups: tuple[int, ...]) -> m.Math | None:
    """Return groups of indices with commas between them: {21,13}; {2,1;13,4} where some index has two digits."""
    written = [group for group in groups if group]
    if not written:
        return None
    short = all(number < 10 for group in written for number in group)
    within, between = ("", ",") if short or len(written) == 1 else (",", ";")
    if len(written) == 1 and not short:
        within = ","
    items: list[m.Math] = []
    for group in written:
        items += [m.Operator(between)] if items else []
        items.append(m.Digits(within.join(map(str, group))))
    return m.row(*items)


def squared(symbol: m.Math) -> m.Math:
    """Return symbol², in brackets where something is raised already."""
    if isinstance(symbol, m.Script) and symbol.sup is None:
        return m.Script(symbol.base, sub=symbol.sub, sup=m.Digits("2"))
    return m.Script(m.Fenced(symbol) if isinstance(symbol, m.Script) else symbol, sup=m.Digits("2"))
