"""Plain words inside a formula, as TeX: whatever a teacher wrote is printed, and none of it is obeyed.

LaTeX has a command for each of its special characters. GitHub reads Markdown first and MathJax afterwards, and the two
escape differently; there, a special character becomes the mathematical sign that looks the same or, where there is
none, its full-width form.
"""

from __future__ import annotations

import re
from typing import Final

from solver.notation.letters import GREEK

_LATEX: Final = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}", "'": "'",
}  # fmt: skip

_GITHUB_SIGNS: Final = {
    "\\": r"\backslash", "{": r"\lbrace", "}": r"\rbrace", "[": r"\lbrack", "]": r"\rbrack", "<": r"\lt",
    ">": r"\gt", "|": r"\vert", "*": r"\ast", "~": r"\sim", "^": r"\wedge",
}  # fmt: skip
_GITHUB_LETTERS: Final = {"$": "＄", "&": "＆", "#": "＃", "%": "％", "_": "＿", "`": "ˋ", "@": "＠"}
_PRINTED: Final = frozenset("–—‘’“”…·×÷±°§©€")
_RUNS: Final = re.compile(r"[\\{}\[\]<>|*~^]|[^\\{}\[\]<>|*~^]+")


def latex_words(text: str) -> str:
    """Return words as upright text of a LaTeX formula."""
    return rf"\text{{{latex_text(text)}}}" if text else "{}"


def latex_text(text: str) -> str:
    """Return plain text as LaTeX prints it literally; a character that its fonts may lack is shown by its number.

    What a teacher writes in running text has a richer table in the LaTeX writer; formulas and figures need no more.
    """
    return "".join(_latex_char(char) for char in text)


def _latex_char(char: str) -> str:
    if char in _LATEX:
        return _LATEX[char]
    if " " <= char <= "~" or "À" <= char <= "ÿ" or char in _PRINTED:
        return char
    if char in GREEK:
        return rf"\ensuremath{{\{GREEK[char]}}}"
    return f"[U+{ord(char):04X}]"


def github_words(text: str) -> str:
    """Return words for GitHub: runs of upright text with signs between them, on one line."""
    plain = " ".join(text.split("\n"))
    pieces = [
        _GITHUB_SIGNS[run] if run in _GITHUB_SIGNS else rf"\text{{{_github_run(run)}}}"
        for run in _RUNS.findall(plain)
    ]
    return f"{{{' '.join(pieces)}}}" if len(pieces) != 1 else pieces[0]


def _github_run(run: str) -> str:
    return "".join(_GITHUB_LETTERS.get(char, char) for char in run)
