"""What a kind of problem adds to the chain rule written out: where a path leads in its own words, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from solver.document.nodes import Figure, Phrase
from solver.document.telling import Telling
from solver.trace.chain import Chain


@dataclass(frozen=True)
class Guide:
    """The words and the figure of one gradient in path form.

    Attributes:
        route: Says where the parameter sits and how the output is reached from there.
        lit: Draws the problem with the paths lit; None where there is no drawing.
        parts: Groups the paths in their order: (what a group is called, how many paths it has); () for no groups.
    """

    route: Callable[[Telling, Chain], Phrase]
    lit: Callable[[Telling, Chain], Figure | None]
    parts: Callable[[Chain], tuple[tuple[str, int], ...]] = lambda chain: ()
