r"""A scene as a tikzpicture.

TikZ is what costs in a document full of figures, so the text is made to be fast: neighbouring shapes of one look are
one `\draw`, labels are set with `\pgftext` (a sixth of a `\node`'s time, measured with the embedded engine), and every
look is a style that the preamble defines once (`TIKZ_STYLES`). One shape a line, so that no line is long.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import assert_never

from solver.figures.measure import baseline, side, turned
from solver.figures.scene import Box, Circle, Label, Line, Point, Polyline, Role, Scene, Shape
from solver.figures.strokes import Curve, Piece, Straight, Stroke, stroke
from solver.figures.style import CORNER, HALO, LOOKS, POINTS, Look, shade
from solver.notation.tex import tex


def _colour(colour: str) -> str:
    """Return the name under which the preamble defines a colour."""
    return f"fig{colour[1:]}"


def _dashes(look: Look) -> str:
    """Return the dash option of a line, or nothing."""
    if not look.dash:
        return ""
    pairs = zip(look.dash[::2], look.dash[1::2], strict=True)
    return ",dash pattern=" + " ".join(f"on {on:g}pt off {off:g}pt" for on, off in pairs)


def _styles() -> Iterator[str]:
    """Yield the lines of the preamble: colours, one style each for the lines and the outlines of a role, labels."""
    colours = sorted({colour for look in LOOKS.values() for colour in (look.stroke, look.text, look.fill)})
    for colour in colours:
        yield rf"\definecolor{{{_colour(colour)}}}{{HTML}}{{{colour[1:]}}}"
    yield r"\tikzset{fig/.style={x=1cm,y=1cm,color=" + _colour(LOOKS["plain"].text) + "}}"
    for role, look in LOOKS.items():
        pen = f"draw={_colour(look.stroke)},line width="
        yield rf"\tikzset{{{_line(role)}/.style={{{pen}{look.width:g}pt{_dashes(look)}}}}}"
        yield rf"\tikzset{{{_area(role)}/.style={{{pen}{look.outline:g}pt,fill={_colour(look.fill)}}}}}"
        yield rf"\tikzset{{{_tip(role)}/.style={{fill={_colour(look.stroke)}}}}}"
    yield rf"\newcommand\figsmall{{\fontsize{{{POINTS['small']:g}}}{{{POINTS['small']:g}}}\selectfont}}"
    yield rf"\newcommand\figtiny{{\fontsize{{{POINTS['tiny']:g}}}{{{POINTS['tiny']:g}}}\selectfont}}"
    yield rf"\newcommand\fighalo[1]{{\setlength{{\fboxsep}}{{{HALO:g}pt}}\colorbox{{white}}{{#1}}}}"
    # Arguments: anchor and angle, x, y, text.
    yield r"\newcommand\figput[4]{\pgftext[at={\pgfpointxy{#2}{#3}},#1]{#4}}"


def _line(role: Role) -> str:
    return f"fig {role}"


def _area(role: Role) -> str:
    return f"fig {role} area"


def _tip(role: Role) -> str:
    return f"fig {role} tip"


TIKZ_STYLES = "\n".join(_styles()) + "\n"
r"""What the preamble needs besides `\usepackage{tikz,xcolor}`: the colours, styles and commands that pictures use."""


def tikz(scene: Scene) -> str:
    """Return the tikzpicture of a scene, for a preamble that holds `TIKZ_STYLES`."""
    lines = [
        r"\begin{tikzpicture}[fig]",
        rf"\useasboundingbox(0,0)rectangle{_at((scene.width, scene.height))};",
    ]
    for style, group in groupby(scene.shapes, _group):
        shapes = list(group)
        if style:
            lines.append(rf"\draw[{style}]")
            for shape in shapes:
                lines.extend(_path(shape))
            lines.append(";")
        for shape in shapes:
            lines.extend(_besides(shape))
    lines.append(r"\end{tikzpicture}")
    return "\n".join(lines) + "\n"


def _group(shape: Shape) -> str:
    r"""Return the options that shapes of one `\draw` share; "" for what is no path."""
    match shape:
        case Circle(role=role):
            return _area(role)
        case Box(role=role, rounded=rounded, shade=weight):
            tint = "" if weight is None else f",fill={{rgb,255:{_rgb(shade(weight))}}}"
            return _area(role) + (f",rounded corners={CORNER:g}cm" if rounded else "") + tint
        case Line(role=role) | Polyline(role=role):
            return _line(role)
        case Label():
            return ""
        case _:
            assert_never(shape)


def _rgb(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"red,{red};green,{green};blue,{blue}"


def _path(shape: Shape) -> Iterator[str]:
    """Yield the path of a shape."""
    match shape:
        case Circle(center, radius):
            yield f"{_at(center)}circle[radius={_number(radius)}]"
        case Box((x, y), width, height):
            low, high = (x - width / 2, y - height / 2), (x + width / 2, y + height / 2)
            yield f"{_at(low)}rectangle{_at(high)}"
        case Line() | Polyline():
            yield from _stroke(stroke(shape))
        case Label():
            return
        case _:
            assert_never(shape)


def _stroke(line: Stroke) -> Iterator[str]:
    """Yield the pieces of a pen stroke."""
    yield _at(line.start)
    for piece in line.pieces:
        yield _piece(piece)


def _piece(piece: Piece) -> str:
    match piece:
        case Straight(to):
            return f"--{_at(to)}"
        case Curve(first, second, to):
            return f"..controls{_at(first)}and{_at(second)}..{_at(to)}"
        case _:
            assert_never(piece)


def _besides(shape: Shape) -> Iterator[str]:
    """Yield what a shape has besides its path: its label, its arrow tip."""
    match shape:
        case Circle(center, _, label, role, size) | Box(center, _, _, label, role, _, size):
            if label is not None:
                yield _put(Label(center, label, role, "center", 0.0, size, halo=False))
        case Line(role=role) | Polyline(role=role):
            tip = stroke(shape).tip
            if tip is not None:
                yield rf"\fill[{_tip(role)}]{'--'.join(map(_at, tip))}--cycle;"
        case Label():
            yield _put(shape)
        case _:
            assert_never(shape)


# pgftext is told which end of the text lies at the point, the opposite of the side that an anchor names.
_ENDS = {-1: ",right", 0: "", 1: ",left"}


def _put(label: Label) -> str:
    """Return the command that sets a label on its baseline."""
    right, _ = side(label.anchor)
    options = "base" + _ENDS[right]
    if label.angle:
        options += f",rotate={_number(label.angle)}"
    colour = LOOKS[label.role].text
    ink = "" if colour == LOOKS["plain"].text else rf"\color{{{_colour(colour)}}}"
    text = f"{ink}${tex(label.body)}$"
    if label.halo:
        text = rf"\fighalo{{{text}}}"
    x, y = turned((0.0, baseline(label)), label)
    return rf"\figput{{{options}}}{{{_number(x)}}}{{{_number(y)}}}{{\fig{label.size} {text}}}"


def _at(point: Point) -> str:
    return f"({_number(point[0])},{_number(point[1])})"


def _number(value: float) -> str:
    """Return a length in tenths of a millimetre, or an angle in hundredths of a degree, without idle zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
