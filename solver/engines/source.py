"""A LaTeX document in two parts: the preamble that many documents share, and the body that is this one's own."""

from __future__ import annotations

from dataclasses import dataclass

BEGIN = "\\begin{document}"
END = "\\end{document}"


@dataclass(frozen=True)
class LatexSource:
    """A document whose preamble can be precompiled.

    What differs from document to document (title, metadata, definitions of one sheet) belongs in the body: every other
    preamble is another format file, and building one costs as much as a run.

    Args:
        preamble: From ``\\documentclass`` up to, but without, ``\\begin{document}``.
        body: What stands between ``\\begin{document}`` and ``\\end{document}``.
        setup: Commands of the engine on the line of ``\\begin{document}``, so that the body's lines keep their numbers.
    """

    preamble: str
    body: str
    setup: str = ""

    @property
    def text(self) -> str:
        """The whole document; it compiles alone with a plain pdflatex."""
        return f"{_ended(self.preamble)}{BEGIN}{self.setup}\n{_ended(self.body)}{END}\n"

    @property
    def preamble_lines(self) -> int:
        """Lines before the one with ``\\begin{document}``."""
        return _ended(self.preamble).count("\n")


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"
