r"""Figures typeset once, each as its own PDF, and included wherever they stand.

A network of 36 edges costs TeX 0.23 s, as much as twelve pages of formulas; including it as a PDF costs nothing that can
be measured. The figure keeps the exact size it had as a picture (in scaled points), so lines and pages break alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from solver.engines.compile import TIME_LIMIT, TexError, compile_latex
from solver.engines.isolate import isolate
from solver.engines.source import LatexSource
from solver.engines.split import split_pdf

_SETUP = (
    r"\makeatletter"
    r"\def\beginfigure#1{\immediate\write\sheet@marks{begin #1 1}"
    r"\setbox\z@\hbox\bgroup\begingroup\normalfont\normalsize\normalcolor}"
    r"\def\shipfigure#1{\endgroup\egroup"
    r"\pdfpagewidth=\wd\z@\pdfpageheight=\dimexpr\ht\z@+\dp\z@\relax"
    r"\pdfhorigin=\z@\pdfvorigin=\z@\hoffset=\z@\voffset=\z@"
    r"\edef\sheet@first{\number\numexpr\ReadonlyShipoutCounter+1\relax}"
    r"\immediate\write\sheet@marks{figure #1 \sheet@first\space\number\wd\z@\space\number\ht\z@\space\number\dp\z@}"
    r"\shipout\box\z@"
    r"\immediate\write\sheet@marks{end #1 \sheet@first}}\makeatother"
)
PLACE = (
    r"\makeatletter\def\placefigure#1#2#3#4#5{\expandafter\def\csname sheet@figure@#1\endcsname{"
    r"\ifcsname sheet@image@#2\endcsname\else\immediate\pdfximage{#2.pdf}"
    r"\expandafter\xdef\csname sheet@image@#2\endcsname{\the\pdflastximage}\fi"
    r"\setbox\z@\hbox{\lower#5sp\hbox{\expandafter\pdfrefximage\csname sheet@image@#2\endcsname}}"
    r"\wd\z@=#3sp \ht\z@=#4sp \dp\z@=#5sp \box\z@}}\makeatother"
)
"""TeX that makes ``\\placefigure{name}{file}{width}{height}{depth}``, to stand for ``\\definefigure``."""


@dataclass(frozen=True)
class FigurePdf:
    """A figure as a PDF of one page.

    Args:
        key: Names its TeX and preamble: two figures with the same key look the same.
        pdf: The file.
        width: Of the box, in scaled points (65536 to a TeX point).
        height: Above the baseline.
        depth: Below it.
    """

    key: str
    pdf: bytes
    width: int
    height: int
    depth: int

    @property
    def file(self) -> str:
        """Name under which a run includes it."""
        return f"{self.key}.pdf"

    def placed(self, name: str) -> str:
        """Return the TeX that defines a figure's name to be this PDF, without a newline."""
        return f"\\placefigure{{{name}}}{{{self.key}}}{{{self.width}}}{{{self.height}}}{{{self.depth}}}"


@lru_cache(maxsize=256)  # the same few figures are asked for by sheet after sheet
def figure_key(preamble: str, tex: str) -> str:
    """Return a name for a figure: a hash of its TeX and of the preamble it is typeset with."""
    digest = hashlib.sha256(f"{preamble}\0{tex}".encode("utf-8", "surrogatepass"))
    return f"figure-{digest.hexdigest()[:24]}"


def typeset_figures(
    preamble: str, figures: Mapping[str, str], *, time_limit: float = TIME_LIMIT
) -> tuple[dict[str, FigurePdf], dict[str, TexError]]:
    """Typeset pictures, in one run when none of them has a fault.

    Args:
        preamble: Must hold `SHEET_PREAMBLE`.
        figures: TeX of each picture by key (see `figure_key`).
        time_limit: Seconds for one run.

    Returns:
        The figures made, and the faults of the others; the line of a fault counts within its picture.

    Raises:
        TexError: The preamble is at fault.
        EngineError: There is no engine, or no room to work in.
    """

    def attempt(keys: Sequence[str]) -> dict[str, FigurePdf]:
        source = LatexSource(preamble, "".join(_page(key, figures[key]) for key in keys), _SETUP)
        made = compile_latex(source, passes=1, time_limit=time_limit)
        sizes = {mark.name: mark for mark in made.marks if mark.kind == "figure"}
        pages = {key: [sizes[key].page - 1] for key in keys}
        return {
            key: FigurePdf(key, part.pdf, *sizes[key].size)
            for key, part in split_pdf(made.pdf, pages).parts.items()
        }

    made, faults = isolate(list(figures), attempt)
    above = LatexSource(preamble, "").preamble_lines + 2  # \begin{document}, \beginfigure
    return made, {key: _within(fault, above) for key, fault in faults.items()}


def _page(key: str, tex: str) -> str:
    # Not as an argument of a macro: TeX would then know no lines within the picture.
    return f"\\beginfigure{{{key}}}%\n{tex.rstrip()}%\n\\shipfigure{{{key}}}%\n"


def definition(name: str, tex: str) -> str:
    """Return the TeX that says what a figure is; its first line is above the picture."""
    return f"\\definefigure{{{name}}}{{%\n{tex.rstrip()}%\n}}%\n"


def _within(error: TexError, above: int) -> TexError:
    line = error.fault.line
    fault = replace(error.fault, line=None if line is None else max(1, line - above))
    return type(error)(fault, error.marks)
