"""How much room letters, numbers and words take when TeX sets them: the leaves of `width`."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from solver.notation import math as m
from solver.notation.letters import GREEK, LATIN_TWINS, OTHER_LETTERS, marked
from solver.notation.metrics import BOLD, CALLIGRAPHIC, ITALIC, SCALES, UPRIGHT
from solver.notation.slots import DIGIT, MINUS, POINT, Role

DISPLAY, TEXT, SCRIPT, SCRIPTSCRIPT = range(4)
"""TeX's four styles."""

X_HEIGHT = 0.431
"""Height of small letters, in em."""

SCRIPT_SPACE = 0.046
"""Space after a script, in em."""

BRACKET_HEIGHT, BRACKET_DEPTH = 0.75, 0.25
"""Room of a bracket of natural size above and below the baseline, in em."""

MINUS_DEPTH = 0.09
"""Room of a minus sign below the baseline, in em."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Room around a baseline, in em of the surrounding text.

    Attributes:
        width: Width.
        height: Height above the baseline.
        depth: Depth below it.
        slant: Part of the width that a subscript moves in by.
        core: Height and depth of the part that brackets around it should cover: no braces or limits of a sum.
    """

    width: float
    height: float
    depth: float
    slant: float = 0.0
    core: tuple[float, float] | None = None

    @property
    def covered(self) -> tuple[float, float]:
        """Height and depth for which a fence is chosen."""
        return self.core or (self.height, self.depth)

    @property
    def total(self) -> float:
        """Height and depth together."""
        return self.height + self.depth


def text_width(text: str, *, bold: bool = False) -> float:
    """Return the width of plain upright words, in em, on the wide side for letters outside ASCII."""
    table = BOLD if bold else UPRIGHT
    return sum(table[char] if char in table else _foreign(char) for char in text)


def _foreign(char: str) -> float:
    apart = unicodedata.normalize("NFD", char)
    if apart[0] in UPRIGHT:
        return max(UPRIGHT[apart[0]], 0.5)
    if unicodedata.category(char) in ("Ll", "Lu", "Po", "Pd", "Sm", "Zs"):
        return 1.0
    # Shown by its number, small and in a frame.
    return 2.1


def script_style(style: int) -> int:
    """Return the style of scripts in a style."""
    return SCRIPT if style <= TEXT else SCRIPTSCRIPT


def _letter_shape(char: str) -> tuple[float, float]:
    height = X_HEIGHT if char in "acegmnopqrsuvwxyzαγεηικμνπρστυχωϵ.,:;" else 0.694
    depth = 0.194 if char in "fgjpqyQβγζηξρφϕχψμςϱ,;()[]{}|/" else 0.0
    return height, depth


def symbol_extent(math: m.Symbol, scale: float) -> Extent:
    """Return the room that a letter or a name takes."""
    name = LATIN_TWINS.get(math.name, math.name)
    shapes = [_letter_shape(char) for char in name] or [(0.0, 0.0)]
    height, depth = max(h for h, _ in shapes) * scale, max(d for _, d in shapes) * scale
    if len(name) == 1:
        taken_apart = marked(name)
        if taken_apart is not None:
            inner = symbol_extent(m.Symbol(taken_apart[0], math.style), scale)
            return replace(inner, height=inner.height + 0.28 * scale, core=inner.covered)
        wide, slant = _letter_width(name, math.style)
        return Extent(wide * scale, height, depth, slant * scale)
    return Extent(text_width(name, bold=math.style == "bold") * scale, height, depth)


def _letter_width(letter: str, style: str) -> tuple[float, float]:
    known = letter in GREEK or letter in OTHER_LETTERS
    if style == "bold":
        return (1.2 * ITALIC[letter][0], 0.0) if known else (text_width(letter, bold=True), 0.0)
    if style == "calligraphic" and letter in CALLIGRAPHIC:
        return CALLIGRAPHIC[letter], 0.0
    if letter in ITALIC and (style != "upright" or known):
        return ITALIC[letter]
    return text_width(letter), 0.0


def digits_extent(number: m.Digits, style: int) -> Extent:
    """Return the room that a number takes."""
    scale = SCALES[style]
    digits = sum(map(digit_width, number.text)) if number.slot is None else number.slot.width
    across = digits * scale
    height = 0.65 * scale
    if number.exponent is not None:
        times = 0.778 + (0.444 if style <= TEXT else 0.0)
        power = sum(digit_width(char) for char in str(number.exponent)) * SCALES[script_style(style)]
        across += (times + 1.0) * scale + power + SCRIPT_SPACE
        height = 0.86 * scale
    if number.slot is not None and number.slot.role is Role.FACTOR:
        return Extent(across, BRACKET_HEIGHT * scale, BRACKET_DEPTH * scale)  # there may be brackets
    return Extent(across, height, 0.0 if "-" not in number.text else MINUS_DEPTH * scale)


def digit_width(char: str) -> float:
    """Return the width of one character of a number, in em of its size."""
    if char in ".,":
        return POINT
    return MINUS if char in "-−+" else DIGIT if char in "0123456789" else text_width(char)
