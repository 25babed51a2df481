"""A scene as SVG: the same shapes and looks as in print, on a sheet of white paper that stays readable in dark mode.

Text stays text (it can be searched, copied and read aloud). Nothing is loaded from elsewhere and no style sheet is
needed, so a picture looks the same alone, in Markdown and inside an HTML page.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import assert_never

from solver.figures.measure import extent, side
from solver.figures.scene import Box, Circle, Label, Line, Point, Polyline, Role, Scene, Shape, Size
from solver.figures.strokes import Curve, Piece, Straight, stroke
from solver.figures.style import CM_PER_POINT, CORNER, HALO, LOOKS, PAPER, em, shade
from solver.figures.svg_math import Rule, Text, layout
from solver.figures.svg_runs import Run

# Pixels to a centimetre: a figure as wide as a page's text is 754 pixels wide, and its names are set at 14.5 pixels.
SCALE = 46.0
_POINT = CM_PER_POINT * SCALE
_MARGIN = 0.15
_HALO = HALO * _POINT
# Print has wider letters for small sizes, browsers have not: the room that leaves is used for a larger size.
_LARGER: dict[Size, float] = {"small": 1.0, "tiny": 1.1}
# Thickness of fraction bars and the like, in em.
_RULE = 0.045
_FONTS = "'Latin Modern Roman','CMU Serif','STIX Two Text','Times New Roman',Times,'Liberation Serif',serif"


def svg(scene: Scene, standalone: bool = True, title: str = "", description: str = "") -> str:
    """Return a scene as SVG.

    Args:
        scene: The drawing.
        standalone: Begin with an XML declaration, for a file of its own; without it for use inside a page.
        title: Short name of the picture, for screen readers; plain text.
        description: What it shows, in words; plain text.
    """
    return "\n".join(_lines(scene, standalone, title, description)) + "\n"


def _lines(scene: Scene, standalone: bool, title: str, description: str) -> Iterator[str]:
    width, height = (scene.width + 2 * _MARGIN) * SCALE, (scene.height + 2 * _MARGIN) * SCALE
    if standalone:
        yield '<?xml version="1.0" encoding="UTF-8"?>'
    size = f'width="{_number(width)}" height="{_number(height)}"'
    label = f" aria-label={_quoted(_legal(title or description))}" if title or description else ""
    view = f'viewBox="0 0 {_number(width)} {_number(height)}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view} role="img"{label}>'
    if title:
        yield f"<title>{escape(_legal(title), quote=False)}</title>"
    if description:
        yield f"<desc>{escape(_legal(description), quote=False)}</desc>"
    yield f'<rect {size} rx="6" fill="{PAPER}"/>'
    yield f'<g font-family="{_FONTS}" stroke-linecap="butt" stroke-linejoin="round" text-anchor="middle">'
    sheet = _Sheet(scene.height + _MARGIN)
    for look, group in groupby(scene.shapes, _look):
        shapes = list(group)
        if look:
            yield f"<g {look}>"
            yield from (sheet.path(shape) for shape in shapes)
            yield "</g>"
        for shape in shapes:
            yield from sheet.besides(shape)
    yield "</g>"
    yield "</svg>"


def _look(shape: Shape) -> str:
    """Return the attributes that neighbouring shapes share; "" for what is only text."""
    match shape:
        case Circle(role=role):
            return _area(role, LOOKS[role].fill)
        case Box(role=role, shade=weight):
            return _area(role, LOOKS[role].fill if weight is None else shade(weight))
        case Line(role=role) | Polyline(role=role):
            look = LOOKS[role]
            dash = ",".join(_number(length * _POINT) for length in look.dash)
            dashes = f' stroke-dasharray="{dash}"' if dash else ""
            return f'fill="none" stroke="{look.stroke}" stroke-width="{_number(look.width * _POINT)}"{dashes}'
        case Label():
            return ""
        case _:
            assert_never(shape)


def _area(role: Role, fill: str) -> str:
    look = LOOKS[role]
    return f'fill="{fill}" stroke="{look.stroke}" stroke-width="{_number(look.outline * _POINT)}"'


class _Sheet:
    """Centimetres, y upwards, to pixels, y downwards; `top` is the height of the sheet's upper edge."""

    __slots__ = ("top",)

    def __init__(self, top: float) -> None:
        self.top = top

    def xy(self, point: Point) -> tuple[float, float]:
        """Return a point in pixels."""
        return (point[0] + _MARGIN) * SCALE, (self.top - point[1]) * SCALE

    def at(self, point: Point) -> str:
        """Return a point as it stands in a path."""
        x, y = self.xy(point)
        return f"{_number(x)} {_number(y)}"

    def path(self, shape: Shape) -> str:
        """Return the element of a shape."""
        match shape:
            case Circle(center, radius):
                x, y = self.xy(center)
                return f'<circle cx="{_number(x)}" cy="{_number(y)}" r="{_number(radius * SCALE)}"/>'
            case Box((cx, cy), width, height, rounded=rounded):
                x, y = self.xy((cx - width / 2, cy + height / 2))
                size = f'width="{_number(width * SCALE)}" height="{_number(height * SCALE)}"'
                corner = f' rx="{_number(CORNER * SCALE)}"' if rounded else ""
                return f'<rect x="{_number(x)}" y="{_number(y)}" {size}{corner}/>'
            case Line() | Polyline():
                line = stroke(shape)
                return f'<path d="M{self.at(line.start)}{"".join(map(self.piece, line.pieces))}"/>'
            case Label():
                return ""
            case _:
                assert_never(shape)

    def piece(self, piece: Piece) -> str:
        """Return a piece of a pen stroke as it stands in a path."""
        match piece:
            case Straight(to):
                return f"L{self.at(to)}"
            case Curve(first, second, to):
                return f"C{self.at(first)} {self.at(second)} {self.at(to)}"
            case _:
                assert_never(piece)

    def besides(self, shape: Shape) -> Iterator[str]:
        """Yield what a shape has besides its path: its label, its arrow tip."""
        match shape:
            case Circle(center, _, label, role, size) | Box(center, _, _, label, role, _, size):
                if label is not None:
                    yield from self.text(Label(center, label, role, "center", 0.0, size, halo=False))
            case Line(role=role) | Polyline(role=role):
                tip = stroke(shape).tip
                if tip is not None:
                    yield f'<path d="M{"L".join(map(self.at, tip))}Z" fill="{LOOKS[role].stroke}"/>'
            case Label():
                yield from self.text(shape)
            case _:
                assert_never(shape)

    def text(self, label: Label) -> Iterator[str]:
        """Yield the texts and rules of a label, in its own turned frame, on white where it has a halo."""
        unit = em(label.size) * _LARGER[label.size] * SCALE
        colour = LOOKS[label.role].text
        x, y = self.xy(label.at)
        turn = f" rotate({_number(-label.angle)})" if label.angle else ""
        yield f'<g transform="translate({_number(x)} {_number(y)}){turn}" font-size="{_number(unit)}" fill="{colour}">'
        right, up = side(label.anchor)
        room = extent(label.body)
        width, height = room.width * unit, room.total * unit
        left, base = (right - 1) * width / 2, (1 - up) * height / 2 - room.depth * unit
        if label.halo:
            corner = f'x="{_number(left - _HALO)}" y="{_number(-(up + 1) * height / 2 - _HALO)}"'
            size = f'width="{_number(width + 2 * _HALO)}" height="{_number(height + 2 * _HALO)}"'
            yield f'<rect {corner} {size} fill="{PAPER}"/>'
        items = layout(label.body)
        # A single text is anchored at its own end, so that a wider serif grows away from the point.
        hang = right if len(items) == 1 else 0
        for item in items:
            match item:
                case Text(at, runs):
                    start = 0.0 if hang else left + at * unit
                    spans = "".join(_spans(runs, unit))
                    yield f'<text x="{_number(start)}" y="{_number(base)}"{_HANGS[hang]}>{spans}</text>'
                case Rule(points, tone):
                    path = "L".join(
                        f"{_number(left + px * unit)} {_number(base - py * unit)}" for px, py in points
                    )
                    pen = f'stroke="{tone or colour}" stroke-width="{_number(_RULE * unit)}"'
                    yield f'<path d="M{path}" fill="none" {pen}/>'
                case _:
                    assert_never(item)
        yield "</g>"


_HANGS = {-1: ' text-anchor="end"', 0: "", 1: ' text-anchor="start"'}


def _spans(runs: tuple[Run, ...], size: float) -> Iterator[str]:
    """Yield the tspans of runs; each states its step from the baseline of the one before."""
    shift = gap = 0.0
    for run in runs:
        gap += run.before
        if not run.text:
            continue
        attributes = ""
        if gap:
            attributes += f' dx="{_number(gap * size)}"'
        if run.pen.shift != shift:
            attributes += f' dy="{_number((shift - run.pen.shift) * size)}"'
        if run.pen.scale != 1:
            attributes += f' font-size="{_number(run.pen.scale * size)}"'
        attributes += ' font-style="italic"' if run.italic else ""
        attributes += ' font-weight="bold"' if run.bold else ""
        attributes += f' fill="{run.pen.colour}"' if run.pen.colour else ""
        text = escape(_legal(run.text), quote=False)
        yield f"<tspan{attributes}>{text}</tspan>" if attributes else text
        shift, gap = run.pen.shift, 0.0


def _quoted(text: str) -> str:
    """Return text as the value of an attribute. `xml.sax` has this too, but imports what fetches pages from the web."""
    plain = escape(text, quote=False).replace('"', "&quot;")
    return f'"{plain}"'


def _legal(text: str) -> str:
    """Return the text without the characters that XML cannot hold, each replaced by the replacement character."""
    return "".join(char if _is_legal(ord(char)) else "\ufffd" for char in text)


def _is_legal(code: int) -> bool:
    return code in {0x9, 0xA, 0xD} or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


def _number(value: float) -> str:
    """Return a length to a hundredth of a pixel, without idle zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
