"""The numbers of factors that are worked out once and referred to afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field

from solver.quantities import Key


@dataclass
class Numbered:
    """The numbers given to factors so far: one count through the whole document.

    Attributes:
        needed: Whether numbers are printed: a document with one gradient refers to none.
        tags: Number of each factor told.
        last: The last number given.
    """

    needed: bool = True
    tags: dict[Key, str] = field(default_factory=dict)
    last: int = 0

    def tag(self, *keys: Key) -> str | None:
        """Give one number to the factors of a row; none where nothing will refer to it."""
        self.last += 1
        self.tags |= dict.fromkeys(keys, str(self.last))
        return str(self.last) if self.needed else None
