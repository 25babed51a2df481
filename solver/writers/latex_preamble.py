"""The preamble of a LaTeX document: packages and definitions that every document of one style shares.

PyLaTeX puts it together; what a teacher may restyle comes from templates. Nothing of a single document is in it, so
that an engine can precompile it once.
"""

from __future__ import annotations

from typing import Final

from solver.figures.tikz import TIKZ_STYLES
from solver.notation.latex_text import TEXT_PREAMBLE
from solver.notation.tones import COLOURS, tex_colour
from solver.writers.latex_sheet import SHEET_PREAMBLE
from solver.writers.templating import Templates

_PACKAGES: Final = (
    "amsmath", "xcolor", "colortbl", "array", "longtable", "enumitem", "titlesec", "fancyhdr", "needspace", "tikz",
)  # fmt: skip
_STYLES: Final = (
    "fonts", "page", "colours", "headings", "header", "displays", "rows", "arrays", "marks", "work", "extras",
)  # fmt: skip

_EARLY: Final = r"""
% What LaTeX would read at the start of each document: here, a precompiled preamble holds it.
\RequirePackage{epstopdf-base}
\ExplSyntaxOn \sys_ensure_backend: \ExplSyntaxOff
"""


def preamble(templates: Templates) -> str:
    """Return everything before the document begins.

    Args:
        templates: Where the styles come from.

    Raises:
        InputError: A template has a fault.
    """
    from pylatex import Command, Document, NoEscape, Package

    # The document class and its encodings; all else is said in the order in which LaTeX needs it.
    document = Document(
        documentclass=Command("documentclass", arguments="article", options=["a4paper", "11pt"]),
        fontenc="T1",
        inputenc="utf8",
        lmodern=False,
        textcomp=False,
        microtype=False,
        page_numbers=False,
        indent=True,
    )
    document.preamble.clear()
    for name in _PACKAGES:
        document.packages.append(Package(name))
    for name in _STYLES:
        document.preamble.append(NoEscape(templates.render(name, tones=_tones())))
    document.preamble.append(NoEscape(TEXT_PREAMBLE.strip()))
    document.preamble.append(NoEscape(TIKZ_STYLES.strip()))
    # Pages are labelled 1, 2, 3, as a viewer does by itself: hyperref would look at each to find that out.
    links = ["hidelinks", "unicode", "bookmarksnumbered", "pdfpagelabels=false"]
    document.preamble.append(Package("hyperref", options=links))
    document.preamble.append(Package("bookmark"))  # the outline in one pass; hyperref alone needs two
    document.preamble.append(NoEscape(_EARLY.strip()))
    document.preamble.append(NoEscape(SHEET_PREAMBLE.strip()))
    parts = [document.documentclass, *document.packages, *document.preamble]
    return "".join(f"{part.dumps() if hasattr(part, 'dumps') else part}\n" for part in parts)


def _tones() -> dict[str, str]:
    return {tex_colour(tone): colour for tone, colour in COLOURS.items()}
