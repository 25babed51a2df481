"""Words and mathematics in a line, as LaTeX that can always be broken: nothing in it is wider than a line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, assert_never

from solver.document import nodes as n
from solver.document.kinds import inline, plain_text, tied
from solver.document.splitting import split
from solver.notation import math as m
from solver.notation.cases import remembered
from solver.notation.latex_text import printable_latex
from solver.notation.slots import DIGIT, MINUS, POINT
from solver.notation.tex import tex
from solver.notation.tones import tex_colour
from solver.notation.width import TEXT, measure, width

_LONGEST_WORD: Final = 24
_PIECE: Final = 6
_REMEMBERED: Final = 4096
_LONGEST_PDF_TEXT: Final = 250
_BEHIND_HYPHENS: Final = re.compile(r"(?<=-)(?!-)")
_BREAK: Final = r"\hspace{0pt plus .1em}"
_ADDRESS: Final = re.compile(r"(?:https?://|mailto:)[\x21-\x7e]{1,2000}\Z")
_PLAIN_ADDRESS: Final = re.compile(r"[A-Za-z0-9:/?=.,+;@!()*'-]")


def latex_math(math: m.Math, *, display: bool) -> str:
    """Return a formula as LaTeX, without dollars; its words are printed literally, whatever they are."""
    return tex(math, display=display)


def latex_phrase(phrase: n.Phrase, line: float) -> str:
    """Return a phrase as LaTeX.

    Args:
        phrase: Words and formulas.
        line: Room on a line, in em; longer formulas are broken, longer words may be.
    """
    return "".join(_inline(part, line) for part in tied(phrase))


def _inline(node: n.Inline, line: float) -> str:
    match inline(node):
        case n.Text(text):
            return breakable(text)
        case n.InlineMath(math):
            return inline_math(math, line)
        case n.Strong(phrase):
            return rf"\textbf{{{latex_phrase(phrase, line)}}}"
        case n.Emphasis(phrase):
            return rf"\emph{{{latex_phrase(phrase, line)}}}"
        case n.Tone(phrase, tone):
            return rf"\textcolor{{{tex_colour(tone)}}}{{{latex_phrase(phrase, line)}}}"
        case n.EquationReference(tag):
            return f"({breakable(tag)})"
        case n.Link(phrase, address):
            words = latex_phrase(phrase, line)
            return rf"\href{{{_address(address)}}}{{{words}}}" if _ADDRESS.match(address) else words
        case _ as never:
            assert_never(never)


def breakable(text: str) -> str:
    """Return plain text escaped, with places for a break in words that no line could hold."""
    return " ".join(_breakable_word(word) for word in text.replace("\n", " ").split(" "))


def _breakable_word(word: str) -> str:
    if len(word) <= _LONGEST_WORD:
        return printable_latex(word)
    # TeX breaks behind a hyphen by itself, and would rather break at other places that it is offered.
    return "".join(
        _BREAK.join(
            printable_latex(piece) for piece in (_pieces(part) if len(part) > _LONGEST_WORD else [part])
        )
        for part in _BEHIND_HYPHENS.split(word)
    )


def _pieces(word: str) -> Iterator[str]:
    """Yield a long word in short pieces; a mark stays with its letter."""
    piece = ""
    for char in word:
        if len(piece) >= _PIECE and not unicodedata.combining(char):
            yield piece
            piece = ""
        piece += char
    yield piece


def inline_math(math: m.Math, line: float) -> str:
    """Return a formula in a line of words: in several pieces where it is too long for TeX to break well."""
    if fits_inline(width(math, display=False), line):
        return f"${latex_math(math, display=False)}$"
    rows = split(math, line / 2, line / 2, lambda part: measure(part, TEXT).width, force=True) or [math]
    return " ".join(_fitted(row, line) for row in rows)


def fits_inline(width: float, line: float) -> bool:
    """Return whether a formula is so short that TeX breaks the line around it well."""
    return width <= line / 3


def is_plain(number: m.Digits) -> bool:
    """Return whether a number is written as its text: digits, and a point or a sign at most."""
    digits = number.text.removeprefix("-").replace(".", "", 1)
    return number.slot is None and number.exponent is None and digits.isascii() and digits.isdecimal()


def plain_width(number: str) -> float:
    """Return the width of a number that is written as its text, in em."""
    return DIGIT * len(number) + (POINT - DIGIT) * ("." in number) + (MINUS - DIGIT) * number.startswith("-")


def _fitted(math: m.Math, line: float) -> str:
    formula = f"${latex_math(math, display=False)}$"
    across = width(math, display=False)
    return formula if across <= line else rf"\scalebox{{{0.98 * line / across:.3f}}}{{{formula}}}"


@remembered(_REMEMBERED, same=True)
def bookmark(phrase: n.Phrase) -> str:
    """Return a phrase as a PDF outline prints it: characters alone, formulas in one line."""
    return pdf_text(plain_text(phrase))


def pdf_text(text: str) -> str:
    """Return text for the PDF's own strings (title, outline): anything but letters and digits by its number.

    It is shortened where it is long: no window shows more, and TeX's time grows with the square of it.
    """
    plain = " ".join(text.split())
    short = plain if len(plain) <= _LONGEST_PDF_TEXT else plain[: _LONGEST_PDF_TEXT - 1] + "…"
    return "".join(
        char if char == " " or (char.isascii() and char.isalnum()) else rf"\unichar{{{ord(char)}}}"
        for char in short
    )


def _address(address: str) -> str:
    """Return an address as LaTeX: what TeX would obey is written by its number, as addresses allow."""
    return "".join(char if _PLAIN_ADDRESS.match(char) else _address_char(char) for char in address)


def _address_char(char: str) -> str:
    return rf"\{char}" if char in "%#&_~" else rf"\%{ord(char):02X}"
