"""Characters that change how their neighbours look, shown instead of obeyed: controls and bidirectional overrides."""

from __future__ import annotations

import unicodedata
from typing import Final

_HIDDEN: Final = frozenset({"Cc", "Cs", "Co", "Cn"})
_DIRECTIONS: Final = frozenset(
    "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff"
)


def visible(text: str) -> str:
    """Return text on one line in which no character is invisible or turns the direction of others.

    Writing from right to left stays as it is; only the characters that force a direction on what stands around them are
    shown by their number, as is whatever no page could hold.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text.replace("\r\n", "\n")))


def _shown(char: str) -> str:
    if char in "\n\r\t":
        return " "
    if char in _DIRECTIONS or unicodedata.category(char) in _HIDDEN:
        return f"[U+{ord(char):04X}]"
    return char
