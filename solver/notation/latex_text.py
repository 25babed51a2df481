r"""Any text, printed literally by pdfLaTeX: nothing in it is obeyed, nothing crashes, nothing is silently lost.

What the fonts have is printed as it is; a letter with marks is built by LaTeX's accents; a compatibility form (full
width, circled, superscript) by the letters it stands for. Whatever remains, an emoji or a script that Latin Modern does
not have, is shown as its number in a small frame: a reader sees that something stands there, and which. Quotes stay
straight and hyphens stay single: a ligature would print ``--`` as a dash and ``?‘`` as an inverted question mark.

This departs from PyLaTeX's ``escape_latex``, which prints ``^`` as an accent on nothing, fails on a line break between
paragraphs, and knows ASCII alone; where it is right, the tables agree with it (a test holds that).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from solver.notation.latex_symbols import (
    ACCENTS,
    ASCII,
    BELOW,
    GREEK,
    GREEK_ACCENTS,
    LETTERS,
    SLOTS,
    SPACES,
    SYMBOLS,
    VIETNAMESE,
)

TEXT_PREAMBLE: Final = r"""% Characters that the fonts lack are printed as their number, U+1F600, in a frame.
\DeclareRobustCommand\printedcode[1]{\leavevmode\begingroup\fboxsep=.8pt \fboxrule=.3pt
  \fbox{\normalfont\ttfamily\fontsize{5}{6}\selectfont U+#1}\endgroup\hskip 0pt plus .1em\relax}
\DeclareRobustCommand\printedbreak{\ifvmode\else\ifinner\space\else\hfil\break\null\fi\fi}
\DeclareFontEncoding{T5}{}{}\DeclareFontSubstitution{T5}{lmr}{m}{n}
% Of T5 only the places are known here: accents that microtype names would be printed, before the first such letter.
\ifdefined\DeclareCharacterInheritance\DeclareCharacterInheritance{encoding=T5}{}\fi
\DeclareRobustCommand\vietnamese[1]{{\fontencoding{T5}\selectfont\char#1}}
"""
"""For the preamble, after T1 and Latin Modern: what the output of `printable_latex` needs."""

_LINE: Final = 100
_LONG_LINE: Final = 1000
_LONGEST_WORD: Final = 40
_PIECE: Final = 8
_GAPS: Final = frozenset((" ", "\\ ", r"\printedbreak{}"))
# Two of these side by side may become one sign in the font.
_JOINING: Final = frozenset("-–,!?‘’<>")
_DOTLESS: Final = {"i": r"\i", "j": r"\j"}
_CLUSTER: Final = re.compile(r"(.)([\u0300-\u036f]*)", re.DOTALL)
_MOST_MARKS: Final = 3
_STYLED: Final = {"<super>": r"\textsuperscript", "<sub>": r"\textsubscript", "<circle>": r"\textcircled"}
_UNSTYLED: Final = frozenset(
    ("<compat>", "<wide>", "<narrow>", "<square>", "<fraction>", "<font>", "<small>")
)


@lru_cache(maxsize=1 << 14)  # the words of a course are few, and come again on every sheet
def printable_latex(text: str) -> str:
    r"""Return LaTeX that prints a text as it is written.

    Args:
        text: Any characters at all, also halves of surrogate pairs. Line breaks are kept, a tab is a space.

    Returns:
        ASCII and the letters of T1; needs `TEXT_PREAMBLE`, the encoding T1 and Latin Modern. Good for running text, in
        arguments, in tables and in ``\text``; not for PDF strings. It is broken into lines where it is long, and never
        holds an empty one.
    """
    return _in_lines(_breakable(_units(text)))


def is_printable(text: str) -> bool:
    """Return whether every character is printed by its own glyph, none as its number."""
    return not any(r"\printedcode" in unit for unit in _units(text))


def _units(text: str) -> list[str]:
    """Return the LaTeX of each character with its marks, with what keeps neighbours from joining."""
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    units: list[str] = []
    last = ""
    for found in _CLUSTER.finditer(plain):
        char, marks = found[1], found[2]
        if char in " \t":
            # TeX takes several spaces for one.
            units.append("\\ " if last in {" ", "\n", ""} else " ")
            last = " "
        elif char == "\n":
            units.append(r"\printedbreak{}")
            last = "\n"
        else:
            unit = _with_marks(char, marks) if marks else _char(char)
            joins = last in _JOINING and char in _JOINING
            units.append("{}" + unit if joins else unit)
            last = char if not marks else "x"
            continue
        units += map(_code, marks)
    return units


def _with_marks(char: str, marks: str) -> str:
    """Return a letter with marks; one that cannot be built is shown with the numbers of its marks behind it."""
    pieces = unicodedata.normalize("NFD", char + marks)
    base, more = pieces[0], pieces[1:]
    if base in GREEK and len(more) <= _MOST_MARKS and all(mark in GREEK_ACCENTS for mark in more):
        built = f"\\{GREEK[base]}"
        for mark in more:
            built = rf"\{GREEK_ACCENTS[mark]}{{{built}}}"
        return rf"\ensuremath{{{built}}}"
    above = [mark for mark in more if mark in ACCENTS]
    below = [mark for mark in more if mark in BELOW]
    # TeX centres a mark on one glyph: of two above, the first has to be part of the glyph.
    whole = unicodedata.normalize("NFC", base + above.pop(0)) if len(above) > 1 else base
    letter = whole in SLOTS or (whole.isascii() and whole.isalpha())
    if not letter or len(above) > 1 or len(below) > 1 or len(above) + len(below) > _MOST_MARKS:
        return _char(char) + "".join(map(_code, marks))
    if any(mark not in ACCENTS and mark not in BELOW for mark in more):
        return _char(char) + "".join(map(_code, marks))
    built = _DOTLESS.get(whole, whole) if above else whole
    for mark in above:
        built = f"{ACCENTS[mark]}{{{built}}}"
    for mark in below:
        built = f"{BELOW[mark]}{{{built}}}"
    return built


def _char(char: str) -> str:
    """Return the LaTeX of one character."""
    for table in (ASCII, SPACES, SYMBOLS):
        if char in table:
            return table[char]
    if " " < char <= "~" or char in LETTERS:
        return char
    if char in VIETNAMESE:
        return rf"\vietnamese{{{VIETNAMESE[char]}}}"
    return _decomposed(char) or _code(char)


def _decomposed(char: str) -> str:
    """Return a character by those it stands for, or "" when the fonts lack one of them."""
    parts = unicodedata.decomposition(char).split()
    if not parts:
        return ""
    tag = parts.pop(0) if parts[0].startswith("<") else ""
    inner = "".join(chr(int(part, 16)) for part in parts)
    if not tag:  # a letter and marks, in one character
        first, marks = inner[0], inner[1:]
        if unicodedata.combining(first):
            return ""
        whole = _with_marks(first, marks)
        return "" if r"\printedcode" in whole else whole
    if tag not in _STYLED and tag not in _UNSTYLED:
        return ""
    shown = "".join(_char(part) for part in inner)
    if r"\printedcode" in shown or inner[0] == " ":  # a mark standing alone
        return ""
    if tag == "<circle>" and len(inner) > 1:
        return ""
    return f"{_STYLED[tag]}{{{shown}}}" if tag in _STYLED else f"{{{shown}}}"


def _code(char: str) -> str:
    return rf"\printedcode{{{ord(char):04X}}}"


def _breakable(units: list[str]) -> list[str]:
    """Return the units with places for a line break in words that no line could hold."""
    shown: list[str] = []
    start = 0
    # Behind a hyphen TeX breaks by itself; it would rather break at other places that it is offered.
    for end in [*(i for i, unit in enumerate(units) if unit in _GAPS or unit == "-"), len(units)]:
        word = units[start:end]
        step = _PIECE if len(word) > _LONGEST_WORD else len(word) or 1
        for piece in range(0, len(word), step):
            shown += [r"\allowbreak{}", *word[piece : piece + step]] if piece else word[:step]
        shown += units[end : end + 1]
        start = end + 1
    return shown


def _in_lines(units: list[str]) -> str:
    """Join, with line breaks where TeX does not mind: a text on one line can be too long for a plain TeX."""
    pieces: list[str] = []
    length = 0
    for index, unit in enumerate(units):
        if unit == " " and length >= _LINE and index + 1 < len(units):
            pieces.append("\n")
            length = 0
            continue
        if length >= _LONG_LINE and not unit.startswith(" "):
            pieces.append("%\n")
            length = 0
        pieces.append(unit)
        length += len(unit)
    return "".join(pieces)
