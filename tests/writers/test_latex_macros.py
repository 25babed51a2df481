"""The macros of a sheet against what LaTeX's packages make of the same: boxes of the same size, to the last point."""

from __future__ import annotations

import pytest

from solver.engines.compile import TexError, compile_latex
from solver.engines.source import LatexSource
from solver.writers.latex import latex_templates
from solver.writers.latex_preamble import preamble

ROWS = r"a &= \frac{1}{2} & b &= 2 \\* &\approx 3 & & \\ c &= \sum_{k=1}^2 x_k"
MATRIX = r"{@{}rr@{}} -1 & \frac{1}{2} \\ 3.5 & 4 \end{array}"
PAIRS = {
    "rows": (rf"words\noindent\rows {ROWS}\endrows", rf"words\noindent\begin{{align*}} {ROWS}\end{{align*}}"),
    "formula": (
        r"words\noindent\formula x^2\endformula more",
        r"words\noindent\begin{equation*}x^2\end{equation*}more",
    ),
    "matrix": (rf"$\begin{{array}}{MATRIX}$", rf"$\begin{{array}}[c]{MATRIX}$"),
    "table": (
        r"\plaintable{lcr}a & $b$ & c \\ d & e & f \\ \endplaintable",
        r"\begin{tabular}{@{}lcr@{}}a & $b$ & c \\ d & e & f \\ \end{tabular}",
    ),
    "centred": (
        r"words\par\centred\rule{1cm}{1cm}\endcentred words",
        r"words\par\begin{center}\rule{1cm}{1cm}\end{center}words",
    ),
    "heading": (
        r"words\par\subsection*{Heading}words",
        r"words\par\makeatletter\titledsubsection*{Heading}\makeatother words",
    ),
    "bold": (r"$\boldsymbol{\delta}^{(2)}_1$", r"$\anyboldsymbol{\delta}^{(2)}_1$"),
    "colour": (r"\textcolor{ink}{x}", r"\textcolor{ink!100}{x}"),
}
# amsmath's align uses box 0.
SAME = r"""\newbox\ours \newbox\theirs \newdimen\apart
\setbox\ours\vbox{\hsize\textwidth %s\par}\setbox\theirs\vbox{\hsize\textwidth %s\par}
\apart\dimexpr\ht\ours+\dp\ours-\ht\theirs-\dp\theirs\relax \ifdim\apart<0pt \apart-\apart\fi
\ifdim\apart>.01pt \errmessage{apart by \the\apart}\fi
\box\ours \box\theirs
"""


@pytest.mark.parametrize("name", PAIRS)
def test_a_macro_of_our_own_takes_the_same_room(name: str) -> None:
    body = SAME % PAIRS[name]
    assert not compile_latex(LatexSource(preamble(latex_templates()), body)).log.overfull


def test_the_comparison_sees_a_difference() -> None:
    with pytest.raises(TexError, match="apart by"):
        compile_latex(LatexSource(preamble(latex_templates()), SAME % ("words", r"words\par words")))


def test_another_format_of_headings_is_kept() -> None:
    other = preamble(latex_templates()) + "\\titlespacing*{\\subsection}{0pt}{3cm}{0pt}\n"
    body = r"\setbox0\vbox{words\par\subsection*{Heading}}\ifdim\ht0<3cm \errmessage{too near}\fi \box0"
    compile_latex(LatexSource(other, body))
