"""How a role looks: one table that both renderers read, so that a PDF and a web page show the same figure.

A lit path must survive a black-and-white printer. So colour is never alone: lit lines are at least three times as wide
as muted ones and much darker, and the four path tones differ by dash as well. Colours are dark enough to read on paper
(contrast 4.5 and more), muted lines pale enough to stand back (below 2). `contrast` is the measure of both.
"""

from __future__ import annotations

from dataclasses import dataclass

from solver.figures.scene import Role, Size
from solver.notation.tones import web_colour

INK = web_colour("ink")
PAPER = "#FFFFFF"
WASH = "#F3F6FA"
SLATE = web_colour("muted")
PALE = "#CBD5E1"
ONE = web_colour("path-1")
TWO = web_colour("path-2")
THREE = web_colour("path-3")
FOUR = web_colour("path-4")

# Type size in points. Both are sizes for which TeX has a full set of math fonts.
POINTS: dict[Size, float] = {"small": 9.0, "tiny": 7.0}
CM_PER_POINT = 2.54 / 72.27
# The arrow tip, in points; a line's visible end is its given end point.
TIP_LENGTH = 5.4
TIP_WIDTH = 4.0
# White around a label, in points.
HALO = 0.7
# Corner radius of a rounded box, in centimetres.
CORNER = 0.1


@dataclass(frozen=True, slots=True)
class Look:
    """What a role looks like: lines in points, colours as #RRGGBB.

    Attributes:
        stroke: Colour of lines and outlines.
        width: Width of a line.
        outline: Width of the outline of a circle or a box.
        text: Colour of labels.
        fill: Inside of a circle or box.
        dash: Lengths on and off along a line; outlines are always solid.
    """

    stroke: str
    width: float
    outline: float
    text: str = INK
    fill: str = PAPER
    dash: tuple[float, ...] = ()


LOOKS: dict[Role, Look] = {
    "plain": Look(SLATE, 0.5, 0.5),
    "input": Look(SLATE, 0.5, 0.5),
    "neuron": Look(SLATE, 0.5, 0.5),
    "output": Look(SLATE, 0.5, 0.5),
    "loss": Look(SLATE, 0.5, 0.5, fill=WASH),
    "bias": Look(SLATE, 0.5, 0.5, fill=WASH),
    "highlighted": Look(INK, 1.5, 1.2, INK, WASH),
    "muted": Look(PALE, 0.4, 0.4, SLATE),
    "path-1": Look(ONE, 1.5, 1.2, ONE, WASH),
    "path-2": Look(TWO, 1.5, 1.2, TWO, WASH, (4.0, 1.5)),
    "path-3": Look(THREE, 1.5, 1.2, THREE, WASH, (6.0, 1.4, 1.2, 1.4)),
    "path-4": Look(FOUR, 1.5, 1.2, FOUR, WASH, (1.2, 1.2)),
    "value": Look(INK, 0.5, 0.5, INK),
    "gradient": Look(ONE, 0.5, 0.5, ONE),
    "wire": Look(SLATE, 0.7, 0.5, SLATE),
}


def em(size: Size) -> float:
    """Return the em of a type size, in centimetres."""
    return POINTS[size] * CM_PER_POINT


def luminance(colour: str) -> float:
    """Return the relative luminance of #RRGGBB, from 0 (black) to 1 (white): what a grey printer keeps of it.

    Source: WCAG 2.2, "relative luminance" (sRGB).
    """
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21.

    Source: WCAG 2.2, "contrast ratio".
    """
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def shade(weight: float) -> str:
    """Return the colour between paper and a middle blue that shows a weight from 0 to 1; ink stays readable on it."""
    share = min(max(weight, 0.0), 1.0)
    deepest = (147, 183, 240)
    channels = (round(255 + (deep - 255) * share) for deep in deepest)
    return "#" + "".join(f"{c:02X}" for c in channels)
