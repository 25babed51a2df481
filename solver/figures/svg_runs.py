"""The part of a label that flows: letters, signs and scripts as runs of characters, one after the other.

A browser sets such a stretch with its own widths, so it holds together whatever serif it has; scripts are shifts of the
baseline. What stands on top of something (fractions, roots, long marks) does not flow; `svg_math` places it.
Lengths are in em of the label's size.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from solver.notation import math as m
from solver.notation.atoms import flat, left_atom, node, resolved, right_atom, space_between, wants_thin_space
from solver.notation.letters import BIG_SIGNS, LATIN_TWINS, SPELLINGS
from solver.notation.metrics import SCALES
from solver.notation.tones import web_colour
from solver.notation.width import SCRIPT, SCRIPTSCRIPT, TEXT, measure

_COMBINING = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "vec": "\u20d7"}
_THIN = 1 / 6


@dataclass(frozen=True, slots=True)
class Pen:
    """How a stretch is set: TeX style (its size), height of its baseline, colour if not the label's."""

    style: int = TEXT
    shift: float = 0.0
    colour: str | None = None

    @property
    def scale(self) -> float:
        """Size as a share of the label's."""
        return SCALES[self.style]

    def script(self, shift: float) -> Pen:
        """Return the pen for a script, raised by `shift`."""
        return replace(self, style=SCRIPT if self.style <= TEXT else SCRIPTSCRIPT, shift=self.shift + shift)


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one look; `before` is extra space in front of them, negative to step back."""

    text: str
    pen: Pen
    italic: bool = False
    bold: bool = False
    before: float = 0.0


def flows(math: m.Math) -> bool:
    """Tell whether a formula can be set as runs alone."""
    match node(math):
        case m.Symbol() | m.Digits() | m.Operator() | m.Words() | m.Space():
            return True
        case m.Row(items):
            return all(flows(item) for item in items)
        case m.Script(base, sub, sup):
            return flows(base) and all(flows(part) for part in (sub, sup) if part is not None)
        case m.Prime(body) | m.Toned(body):
            return flows(body)
        case m.Accent(body):
            return isinstance(body, m.Symbol) and len(body.name) == 1
        case m.Fenced(body):
            return flows(body) and measure(body, TEXT).total < 1.35
        case m.BigOperator(_, body, sub, sup):
            return all(flows(part) for part in (body, sub, sup) if part is not None)
        case (
            m.Fraction()
            | m.Matrix()
            | m.CasesOf()
            | m.Underbrace()
            | m.Root()
            | m.Boxed()
            | m.Struck()
            | m.Blank()
        ):
            return False
        case _ as never:
            assert_never(never)


def runs(math: m.Math, pen: Pen) -> Iterator[Run]:  # noqa: C901 - one case a class
    """Yield the runs of a formula that flows."""
    match node(math):
        case m.Symbol(name, style):
            yield _letters(name, style, pen)
        case m.Digits(text, exponent):
            yield Run(text.replace("-", "−"), pen)
            if exponent is not None:
                yield Run("× 10".replace(" ", "\u2009"), pen, before=_THIN * pen.scale)
                yield Run(str(exponent).replace("-", "−"), pen.script(0.38 * pen.scale))
        case m.Operator(sign):
            yield Run(SPELLINGS.get(sign, sign), pen)
        case m.Words(text):
            yield Run(text.replace(" ", "\u00a0"), pen)
        case m.Space(width):
            yield Run("", pen, before=width * pen.scale)
        case m.Row() as row:
            for gap, part in spaced(row, pen.style):
                yield from _pushed(gap, runs(part, pen))
        case m.Script(base, sub, sup):
            yield from runs(base, pen)
            yield from _scripts(sub, sup, pen)
        case m.Prime(body, count):
            yield from runs(body, pen)
            yield Run("′" * count, pen)
        case m.Toned(body, tone):
            yield from runs(body, replace(pen, colour=web_colour(tone)))
        case m.Accent(body, mark):
            for run in runs(body, pen):
                yield replace(run, text=unicodedata.normalize("NFC", run.text + _COMBINING[mark]))
        case m.Fenced(body, left, right):
            yield from (Run(left, pen),) if left else ()
            yield from runs(body, pen)
            yield from (Run(right, pen),) if right else ()
        case m.BigOperator(sign, body, sub, sup):
            yield Run(BIG_SIGNS.get(sign, sign), pen)
            yield from _scripts(sub, sup, pen)
            yield from _pushed(_THIN * pen.scale, runs(body, pen))
        case (
            m.Fraction()
            | m.Matrix()
            | m.CasesOf()
            | m.Underbrace()
            | m.Root()
            | m.Boxed()
            | m.Struck()
            | m.Blank()
        ):
            raise ValueError(f"{type(math).__name__} does not flow")
        case _ as never:
            assert_never(never)


def _letters(name: str, style: str, pen: Pen) -> Run:
    """Return the run of a symbol: single letters are italic, names and Greek capitals upright."""
    name = LATIN_TWINS.get(name, name)
    single = len(unicodedata.normalize("NFC", name)) == 1
    upright_greek = "Α" <= name <= "Ω" or name in "∇∞⊤∅"
    return Run(
        name,
        pen,
        italic=single and style in ("auto", "calligraphic") and not upright_greek,
        bold=style == "bold",
    )


def _scripts(sub: m.Math | None, sup: m.Math | None, pen: Pen) -> Iterator[Run]:
    """Yield a superscript, then step back and yield the subscript under it; what follows clears the wider one."""
    back = 0.0
    if sup is not None:
        raised = pen.script(0.4 * pen.scale)
        yield from runs(sup, raised)
        back = measure(sup, raised.style).width
    if sub is None:
        return
    lowered = pen.script(-(0.24 if sup is not None else 0.17) * pen.scale)
    yield from _pushed(-back, runs(sub, lowered))
    width = measure(sub, lowered.style).width
    if back > width:
        yield Run("", lowered, before=back - width)


def _pushed(gap: float, stretch: Iterator[Run]) -> Iterator[Run]:
    """Yield the runs with a gap in front of the first."""
    for index, run in enumerate(stretch):
        yield replace(run, before=run.before + gap) if index == 0 and gap else run


def spaced(row: m.Row, style: int) -> Iterator[tuple[float, m.Math]]:
    """Yield the parts of a row, each with the space that TeX leaves before it, in em of the label's size."""
    parts: Sequence[m.Math] = flat(row)
    classes = resolved([(left_atom(part), right_atom(part)) for part in parts])
    last: int | None = None
    for i, part in enumerate(parts):
        gap = 0.0
        if classes[i][0] != "space":
            if last is not None:
                gap = space_between(classes[last][1], classes[i][0], script=style >= SCRIPT)
                if last == i - 1 and wants_thin_space(parts[last], part):
                    gap += _THIN
            last = i
        yield gap * SCALES[style], part
