"""The tones that mathematics and words can be set in: a name for each language, one colour for all of them.

A tone is a role ("path-1", "wrong"), not a colour. TeX needs a name without hyphens that the template defines, the web
a colour. Tones of paths are recycled after the fourth, exactly as in the figures, whose colours these are.
"""

from __future__ import annotations

from typing import Final

COLOURS: Final[dict[str, str]] = {
    "path-1": "C2410C",
    "path-2": "1D4ED8",
    "path-3": "15803D",
    "path-4": "7E22CE",
    "muted": "64748B",
    "ink": "1B2A41",
    "wrong": "B91C1C",
}
"""Tone to RRGGBB; each is readable on white paper (contrast 4.5 and more)."""

_TEX_NAMES: Final[dict[str, str]] = {
    "path-1": "pathone",
    "path-2": "pathtwo",
    "path-3": "paththree",
    "path-4": "pathfour",
}

_PATHS = 4


def known_tone(tone: str) -> str:
    """Return the tone of the table that this one stands for: "path-5" is "path-1" again, an unknown one is "ink"."""
    if tone in COLOURS:
        return tone
    lead, _, number = tone.rpartition("-")
    if lead == "path" and number.isdecimal() and number.isascii():
        return f"path-{(int(number[-9:]) - 1) % _PATHS + 1}"
    return "ink"


def tex_colour(tone: str) -> str:
    """Return the name under which the LaTeX template defines this tone's colour."""
    known = known_tone(tone)
    return _TEX_NAMES.get(known, known)


def web_colour(tone: str) -> str:
    """Return this tone's colour as `#RRGGBB`."""
    return f"#{COLOURS[known_tone(tone)]}"
