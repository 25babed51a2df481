r"""Mathematics as TeX: amsmath for LaTeX, and the narrower dialect that GitHub's Markdown lets through.

GitHub reads a page as Markdown before it looks for mathematics, and refuses some macros. Its dialect is therefore safe
by construction: no backslash stands before punctuation (Markdown would eat it), no underscore can open emphasis, no
brackets can become a link, no angle bracket a tag, and nothing needs `\operatorname`, `\phantom`, `\mbox` or a
definition of one's own, which GitHub does not allow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, assert_never

from solver.notation import math as m
from solver.notation.atoms import (
    flat,
    is_letter,
    is_nucleus,
    left_atom,
    node,
    resolved,
    right_atom,
    wants_thin_space,
)
from solver.notation.columns import paddings
from solver.notation.letters import (
    BIG_SIGNS,
    FUNCTIONS,
    GREEK,
    LATIN_TWINS,
    OTHER_LETTERS,
    SPELLINGS,
    marked,
    sign_of,
)
from solver.notation.slots import Role, slot_of
from solver.notation.tones import tex_colour, web_colour
from solver.notation.width import DISPLAY, NARROW_SPACE, SCRIPT, SCRIPTSCRIPT, TEXT, fence_size, measure
from solver.notation.words import github_words, latex_words


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one reader of TeX understands.

    Attributes:
        words: Turns plain words into TeX for a formula, with the command for text.
        colour: Turns a tone and TeX into coloured TeX.
        thin: A thin space.
        row_end: What ends a line of a matrix.
        fences: Commands of opening and closing fences.
        signs: Signs that are spelled differently from the common table.
        guards_markdown: Whether Markdown reads the formula first.
    """

    name: str
    words: Callable[[str], str] = field(repr=False)
    colour: Callable[[str, str], str] = field(repr=False)
    thin: str
    row_end: str
    fences: dict[str, str] = field(repr=False)
    signs: dict[str, str] = field(repr=False)
    guards_markdown: bool


_COMMON_FENCES: Final = {
    "(": "(", ")": ")", "⌊": r"\lfloor", "⌋": r"\rfloor", "⌈": r"\lceil", "⌉": r"\rceil", "⟨": r"\langle",
    "⟩": r"\rangle", "{": r"\lbrace", "}": r"\rbrace", "|": r"\vert", "‖": r"\Vert",
}  # fmt: skip

LATEX: Final = Dialect(
    name="latex",
    words=latex_words,
    colour=lambda tone, body: rf"\textcolor{{{tex_colour(tone)}}}{{{body}}}",
    thin=r"\,",
    row_end=r"\\",
    fences={**_COMMON_FENCES, "[": "[", "]": "]"},
    signs={},
    guards_markdown=False,
)
"""LaTeX with amsmath, xcolor and the macros and colours of the document's preamble."""

GITHUB: Final = Dialect(
    name="github",
    words=github_words,
    colour=lambda tone, body: rf"{{\color{{{web_colour(tone)}}}{{{body}}}}}",
    thin=r"\thinspace",
    row_end=r"\cr",
    fences={**_COMMON_FENCES, "[": r"\lbrack", "]": r"\rbrack"},
    signs={"<": r"\lt", ">": r"\gt"},
    guards_markdown=True,
)
"""What GitHub's MathJax accepts between dollars."""

_PLAIN_DIGITS: Final = re.compile("[0-9.,−+-]*")
_SIZES: Final = ("", "big", "Big", "bigg", "Bigg")
_ENVIRONMENTS: Final = {
    ("[", "]"): "bmatrix", ("(", ")"): "pmatrix", ("|", "|"): "vmatrix", ("‖", "‖"): "Vmatrix", ("{", "}"): "Bmatrix",
    ("", ""): "matrix",
}  # fmt: skip
_MOST_AMSMATH_COLUMNS: Final = 10
_OPERANDS: Final = frozenset({"ordinary", "close", "inner", "space"})


def tex(math: m.Math, dialect: Dialect = LATEX, display: bool = True) -> str:
    """Return the TeX of a formula, without dollars around it.

    Args:
        math: The formula.
        dialect: `LATEX` or `GITHUB`.
        display: Whether it stands in a displayed equation or in a line of words.
    """
    return _Emitter(dialect).of(math, DISPLAY if display else TEXT).strip()


@dataclass(frozen=True, slots=True)
class _Emitter:
    dialect: Dialect

    def of(self, math: m.Math, style: int) -> str:  # noqa: C901 - one case a class
        match node(math):
            case m.Symbol(name, letter_style):
                return self._symbol(name, letter_style)
            case m.Digits(text, exponent, _, slot):
                return self._digits(text, exponent) if slot is None else _scaled(slot.placeholder, exponent)
            case m.Operator(sign, slot):
                return self._sign(sign) if slot is None else slot.placeholder
            case m.Row():
                return self._row(math, style)
            case m.Fraction(numerator, denominator, small):
                inner = min((TEXT if small and style == DISPLAY else style) + 1, SCRIPTSCRIPT)
                command = r"\tfrac" if small and style == DISPLAY else r"\frac"
                return f"{command}{{{self.of(numerator, inner)}}}{{{self.of(denominator, inner)}}}"
            case m.Script() as script:
                return self._script(script, style)
            case m.Prime(base, count):
                return self._prime(base, count, style)
            case m.Fenced(body, left, right):
                size = fence_size(measure(body, style), style)
                return self._fenced(self.of(body, style), left, right, size)
            case m.Matrix() as matrix:
                return self._matrix(matrix)
            case m.CasesOf(lines):
                inner = max(style, TEXT)
                rows = [
                    f"{self.of(value, inner)} & {self.of(condition, inner)}" for value, condition in lines
                ]
                return self._environment("cases", rows)
            case m.Underbrace(body, note):
                under = self.of(note, SCRIPT if style <= TEXT else SCRIPTSCRIPT)
                return self._scripted(rf"\underbrace{{{self.of(body, DISPLAY)}}}", under, None)
            case m.Accent(body, mark):
                return self._accent(body, mark, style)
            case m.Root(body):
                return rf"\sqrt{{{self.of(body, style)}}}"
            case m.BigOperator() as big:
                return self._big(big, style)
            case m.Words(text):
                return self.dialect.words(text)
            case m.Boxed(body):
                return rf"\boxed{{{self.of(body, DISPLAY)}}}"
            case m.Struck(body):
                return self._struck(self.of(body, style))
            case m.Toned(body, tone):
                return self.dialect.colour(tone, self.of(body, style))
            case m.Blank(width):
                return self._blank(width)
            case m.Space(width):
                return self._space(width)
            case _ as never:
                assert_never(never)

    def _symbol(self, name: str, style: str) -> str:
        name = LATIN_TWINS.get(name, name)
        command = GREEK.get(name) or OTHER_LETTERS.get(name)
        if command is not None:
            return rf"\boldsymbol{{\{command}}}" if style == "bold" else rf"\{command}"
        if name.isascii() and name.isalnum():
            if style == "bold":
                return rf"\mathbf{{{name}}}"
            if style == "calligraphic" and len(name) == 1 and name.isupper():
                return rf"\mathcal{{{name}}}"
            if len(name) == 1 and style != "upright":
                return name
            return rf"\{name}" if name in FUNCTIONS else rf"\mathrm{{{name}}}"
        if len(name) == 1 and (taken_apart := marked(name)) is not None:
            letter, mark = taken_apart
            return rf"\{mark}{{{self._symbol(letter, style)}}}"
        known = sign_of(name)
        if known is not None:
            return f"{{{self._sign(name)}}}"
        return self.dialect.words(name)

    def _sign(self, sign: str) -> str:
        known = sign_of(sign)
        if known is None:
            return rf"\mathrel{{{self.dialect.words(sign)}}}"
        return self.dialect.signs.get(SPELLINGS.get(sign, sign), known.tex)

    def _digits(self, text: str, exponent: int | None) -> str:
        if _PLAIN_DIGITS.fullmatch(text):
            # A comma inside a number is no punctuation: braces keep it from bringing space.
            mantissa = text.replace("−", "-").replace(",", "{,}")
        else:
            mantissa = self.dialect.words(text)
        return _scaled(mantissa, exponent)

    def _row(self, math: m.Math, style: int) -> str:
        parts = flat(math)
        atoms = resolved([(left_atom(part), right_atom(part)) for part in parts])
        pieces: list[str] = []
        for i, part in enumerate(parts):
            if i and wants_thin_space(parts[i - 1], part):
                pieces.append(self.dialect.thin)
            piece = self.of(part, style)
            if i and isinstance(part, m.Digits) and atoms[i - 1][1] in _OPERANDS and _is_signed(part, piece):
                # A sign after an operand would be set as an infix one.
                piece = f"{{{piece}}}"
            if piece:
                pieces.append(piece)
        return _joined(pieces)

    def _scripted(self, base: str, sub: str | None, sup: str | None) -> str:
        text = base
        if sub is not None:
            # An underscore after punctuation could open emphasis in Markdown; one before a space never can.
            guard = self.dialect.guards_markdown and not (base[-1:].isascii() and base[-1:].isalnum())
            text += f"_ {{{sub}}}" if guard else f"_{_braced(sub)}"
        if sup is not None:
            text += f"^{_braced(sup)}"
        return text

    def _script(self, math: m.Script, style: int) -> str:
        inner = SCRIPT if style <= TEXT else SCRIPTSCRIPT
        sub = self.of(math.sub, inner) if math.sub is not None else None
        sup = self.of(math.sup, inner) if math.sup is not None else None
        match node(math.base):
            case m.Prime(base, count) if is_nucleus(base) and sup is None:
                return self._scripted(self.of(base, style), sub, r"\prime" * count)
            case base if is_nucleus(base):
                return self._scripted(self.of(base, style), sub, sup)
            case m.Script() | m.Prime() as scripted:
                # TeX opens a group around a lone accent with scripts; the empty atom keeps it closed.
                return self._scripted(f"{{{self.of(scripted, style)}{{}}}}", sub, sup)
            case base:
                return self._scripted(f"{{{self.of(base, style)}}}", sub, sup)

    def _prime(self, base: m.Math, count: int, style: int) -> str:
        marks = r"\prime" * count
        inner = SCRIPT if style <= TEXT else SCRIPTSCRIPT
        match node(base):
            case m.Script(nucleus, sub, sup) if is_nucleus(nucleus):
                below = self.of(sub, inner) if sub is not None else None
                above = f"{self.of(sup, inner)}{marks}" if sup is not None else marks
                return self._scripted(self.of(nucleus, style), below, above)
            case bare if is_nucleus(bare):
                return self.of(bare, style) + "'" * count
            case m.Script() | m.Prime() as scripted:
                return self._scripted(f"{{{self.of(scripted, style)}{{}}}}", None, marks)
            case other:
                return self._scripted(f"{{{self.of(other, style)}}}", None, marks)

    def _fenced(self, body: str, left: str, right: str, size: int) -> str:
        opening, closing = self._fence(left), self._fence(right)
        if size == len(_SIZES):
            return _joined([rf"\left{opening or '.'}", body, rf"\right{closing or '.'}"])
        pieces = [body]
        if opening:
            pieces.insert(0, rf"\{_SIZES[size]}l{opening}" if size else _plain_fence(opening, "open"))
        if closing:
            pieces.append(rf"\{_SIZES[size]}r{closing}" if size else _plain_fence(closing, "close"))
        return _joined(pieces, tight=True)

    def _fence(self, fence: str) -> str:
        known = self.dialect.fences.get({"∥": "‖"}.get(fence, fence))
        return "" if not fence else known if known is not None else "."

    def _matrix(self, math: m.Matrix) -> str:
        columns = [paddings(column) for column in zip(*math.rows, strict=True)]
        aligned = any(column is not None for column in columns)
        environment = _ENVIRONMENTS.get((math.left, math.right))
        if self.dialect.guards_markdown or (not aligned and len(columns) <= _MOST_AMSMATH_COLUMNS):
            rows = [" & ".join(self.of(cell, TEXT) for cell in row) for row in math.rows]
            if environment is not None:
                return self._environment(environment, rows)
            return self._fenced(self._environment("matrix", rows), math.left, math.right, len(_SIZES))
        rows = [
            " & ".join(
                self.of(cell, TEXT) + (rf"\phantom{{{pads[i]}}}" if (pads := columns[j]) and pads[i] else "")
                for j, cell in enumerate(row)
            )
            for i, row in enumerate(math.rows)
        ]
        spec = "".join("c" if column is None else "r" for column in columns)
        array = self._environment("array", rows, rf"{{@{{}}{spec}@{{}}}}")
        return self._fenced(array, math.left, math.right, len(_SIZES))

    def _environment(self, name: str, rows: list[str], argument: str = "") -> str:
        return rf"\begin{{{name}}}{argument} " + f" {self.dialect.row_end} ".join(rows) + rf" \end{{{name}}}"

    def _accent(self, body: m.Math, mark: str, style: int) -> str:
        wide = {"hat": "widehat", "tilde": "widetilde", "bar": "overline", "vec": "overrightarrow"}
        return rf"\{mark if is_letter(body) else wide[mark]}{{{self.of(body, style)}}}"

    def _big(self, math: m.BigOperator, style: int) -> str:
        inner = SCRIPT if style <= TEXT else SCRIPTSCRIPT
        sign = BIG_SIGNS.get(math.sign)
        if sign is not None:
            head = {"∑": r"\sum", "∏": r"\prod", "∫": r"\int"}[sign]
        elif math.sign in FUNCTIONS:
            head = rf"\{math.sign}"
        else:
            name = math.sign if math.sign.isascii() and math.sign.isalpha() else ""
            letters = rf"\mathrm{{{name}}}" if name else self.dialect.words(math.sign)
            head = rf"\mathop{{{letters}}}"
        sub = self.of(math.sub, inner) if math.sub is not None else None
        sup = self.of(math.sup, inner) if math.sup is not None else None
        return _joined([self._scripted(head, sub, sup), self.of(math.body, style)])

    def _struck(self, body: str) -> str:
        return rf"\{'cancel' if self.dialect.guards_markdown else 'struck'}{{{body}}}"

    def _blank(self, width: float) -> str:
        if self.dialect.guards_markdown:
            return rf"\boxed{{{_quads(width)}}}"
        return rf"\blank{{{_number(width)}em}}"

    def _space(self, width: float) -> str:
        if 0 < width <= NARROW_SPACE:
            return self.dialect.thin
        if self.dialect.guards_markdown:
            return _quads(width) if width > 0 else ""
        return {1.0: r"\quad", 2.0: r"\qquad"}.get(width, rf"\hspace{{{_number(width)}em}}")


def _scaled(mantissa: str, exponent: int | None) -> str:
    return mantissa if exponent is None else rf"{mantissa} \times 10^{{{exponent}}}"


def _is_signed(number: m.Digits, written: str) -> bool:
    """Return whether a sign stands first."""
    if number.slot is None:
        return written[:1] in "+-"
    return number.slot.role is Role.WHOLE and number.negative


def _braced(script: str) -> str:
    single = len(script) == 1 and script.isascii() and script.isalnum()
    slot = slot_of(script)
    return script if single or (slot is not None and slot.short) else f"{{{script}}}"


def _plain_fence(fence: str, side: str) -> str:
    # \vert alone is an ordinary sign: amsmath's names make it open and close.
    letter = "l" if side == "open" else "r"
    return {r"\vert": rf"\{letter}vert", r"\Vert": rf"\{letter}Vert"}.get(fence, fence)


def _joined(pieces: list[str], *, tight: bool = False) -> str:
    """Return pieces of TeX side by side: a space where a command's name would run on, and otherwise for the eye."""
    if not tight:
        return " ".join(piece for piece in pieces if piece)
    text = ""
    for piece in pieces:
        runs_on = text[-1:].isalpha() and piece[:1].isalpha() and "\\" in text
        text += f" {piece}" if runs_on else piece
    return text


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _quads(width: float) -> str:
    whole, half = divmod(round(2 * width), 2)
    double, single = divmod(whole, 2)
    return r"\qquad" * double + r"\quad" * single + r"\enspace" * half or r"\thinspace"
