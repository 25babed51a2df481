r"""The LaTeX macros of a sheet: the same in a document of one sheet and in a run of fifty.

``\begin{sheet}{name}`` starts a new page with every counter as it was at ``\begin{document}``. Within it ``\sheetpage``
and ``\sheetpages`` give "page 2 of 5" of this sheet, whatever stands before it in the file. The total is known from the
run before, as always in LaTeX; a document asks for another run by the usual warning.

``\sheettitle{title}`` and ``\sheetlanguage{en}`` say the title of the file, for its metadata, and its language, for
readers aloud; the first sheet's count.

``\definefigure{name}{picture}`` and ``\sheetfigure{name}`` say once what a figure is, and place it. A document that
compiles alone typesets the picture where it stands; an engine may put a PDF made before in its place.

What a writer has to keep to:

- Names of sheets and figures are letters, digits, ``.``, ``-``.
- A figure is set in the document's own font and size, so that it looks the same wherever it stands; it knows no
  ``\linewidth``, and no ``remember picture``.
- Labels of several sheets share one name space: write ``\label{\sheetname:loss}``, or number in Python.
- Running heads come from macros defined inside the sheet, not from ``\leftmark``: TeX's marks outlive a sheet.
- Links work within a sheet. ``hyperref`` needs a second run for the outline; with the package ``bookmark`` one is enough.
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final

_DEFINES: Final = r"\definefigure{"
_BEGINS: Final = "}{%\n"
_ENDS: Final = "\n}%\n"
_NAME: Final = re.compile("[A-Za-z0-9.-]+")
_LONGEST_NAME: Final = 256

SHEET_PREAMBLE = r"""% Sheets and figures. One sheet to a document or many: the pages are the same.
\makeatletter
\newwrite\sheet@marks
\newif\ifsheet@rerun
\newcommand\sheetname{}
\newcommand\sheetpage{\arabic{page}}
\newcommand\sheetpages{}
\newcommand\sheetguess{??}% what is taken for the number of pages until it is known
\newcommand\sheet@total[2]{\expandafter\gdef\csname sheet@total@#1\endcsname{#2}}
\AtBeginDocument{%
  \pdfinfoomitdate=1 \pdftrailerid{}\pdfsuppressptexinfo=-1 % the same TeX, the same bytes, on any day
  \pdfcompresslevel=6 % the highest level takes a third more time, and gains one per cent
  \immediate\openout\sheet@marks=\jobname.marks\relax
  \begingroup
  \def\@elt#1{\global\noexpand\csname c@#1\noexpand\endcsname=\the\csname c@#1\endcsname\relax}%
  \xdef\sheet@counters{\cl@@ckpt}%
  \endgroup}
\AtEndDocument{\ifsheet@rerun
  \PackageWarningNoLine{sheet}{Numbers of pages may have changed. Rerun to get them right}\fi}
\newenvironment{sheet}[1]{%
  \clearpage
  \sheet@counters \global\c@page=\@ne
  \edef\sheetname{\detokenize{#1}}%
  \csname Hy@hypertexnamesfalse\endcsname % anchors are numbered through: no two sheets share one
  \edef\sheetpages{\ifcsname sheet@total@\sheetname\endcsname \csname sheet@total@\sheetname\endcsname
    \else \sheetguess\fi}%
  \edef\sheet@first{\number\numexpr\ReadonlyShipoutCounter+1\relax}%
  \immediate\write\sheet@marks{begin \sheetname\space\sheet@first}%
  \wlog{Sheet \sheetname\space begins}%
}{%
  \clearpage
  \edef\sheet@last{\number\ReadonlyShipoutCounter}%
  \edef\sheet@pages{\number\numexpr\sheet@last-\sheet@first+1\relax}%
  \immediate\write\sheet@marks{end \sheetname\space\sheet@last}%
  \immediate\write\@auxout{\string\sheet@total{\sheetname}{\sheet@pages}}%
  \ifx\sheetpages\sheet@pages\else \global\sheet@reruntrue \fi
  \global\let\sheetguess\sheet@pages
}
\newcommand\sheettitle[1]{% the file's is written with its first page
  \ifdefined\sheet@title\else\gdef\sheet@title{#1}\hypersetup{pdftitle={#1}}\fi}
\newcommand\sheetlanguage[1]{% the file says it once, for all its sheets
  \ifdefined\sheet@language\else\gdef\sheet@language{#1}\pdfcatalog{/Lang (#1)}\fi}
\newcommand\definefigure[2]{\expandafter\edef\csname sheet@figure@#1\endcsname{\unexpanded{#2}}}
\newcommand\sheetfigure[1]{\leavevmode
  \ifcsname sheet@figure@#1\endcsname
    \begingroup\normalfont\normalsize\normalcolor\csname sheet@figure@#1\endcsname\endgroup
  \else \PackageError{sheet}{Figure #1 is not defined}{}\fi}
\makeatother
"""
"""For the preamble, after the packages."""


def figures_apart(content: str, of: Container[str] | None = None) -> tuple[str, dict[str, str]]:
    """Return content without the definitions of its figures, and the figures: what many sheets show is typeset once.

    Args:
        content: Of a sheet.
        of: TeX of the figures to take out; None takes all.

    Returns:
        The rest, and the TeX of the figures by name.
    """
    figures: dict[str, str] = {}

    rest: list[str] = []
    start = place = 0
    while (place := content.find(_DEFINES, place)) >= 0:
        # Searched for by hand: a picture is long, and a sheet of a class has the same ones as all others.
        begun = place
        place += len(_DEFINES)
        name, begins, _ = content[place : place + _LONGEST_NAME].partition(_BEGINS)
        first = place + len(name) + len(_BEGINS)
        last = content.find(_ENDS, first)
        if not begins or not _NAME.fullmatch(name) or last < 0:
            continue
        if of is None or content[first:last] in of:
            figures[name] = content[first:last]
            rest.append(content[start:begun])
            start = last + len(_ENDS)
        place = last + len(_ENDS)
    return "".join([*rest, content[start:]]), figures
