"""Plain words inside a formula, as TeX: whatever a teacher wrote is printed, and none of it is obeyed.

For LaTeX the tables of `latex_text` serve here as in running text, in formulas and in the labels of figures alike. GitHub
reads Markdown first and MathJax afterwards, and the two escape differently; there, a special character becomes the
mathematical sign that looks the same or, where there is none, its full-width form.
"""

from __future__ import annotations

import re
from typing import Final

_GITHUB_SIGNS: Final = {
    "\\": r"\backslash", "{": r"\lbrace", "}": r"\rbrace", "[": r"\lbrack", "]": r"\rbrack", "<": r"\lt",
    ">": r"\gt", "|": r"\vert", "*": r"\ast", "~": r"\sim", "^": r"\wedge",
}  # fmt: skip
_GITHUB_LETTERS: Final = {"$": "＄", "&": "＆", "#": "＃", "%": "％", "_": "＿", "`": "ˋ", "@": "＠"}
_RUNS: Final = re.compile(r"[\\{}\[\]<>|*~^]|[^\\{}\[\]<>|*~^]+")


def latex_words(text: str) -> str:
    """Return words as upright text of a LaTeX formula."""
    from solver.notation.latex_text import printable_latex  # its tables are large, and Markdown needs none

    return rf"\text{{{printable_latex(text)}}}" if text else "{}"


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
