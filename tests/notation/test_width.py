"""The metrics against TeX itself: a formula is never much wider than `width` says, and rarely much narrower."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from solver.notation import math as m
from solver.notation.tex import tex
from solver.notation.width import measure, width
from solver.writers.latex import latex_escape
from solver.writers.latex_preamble import preamble
from solver.writers.templating import load_templates
from tests.embedded_tex import compile_tex
from tests.notation.trees import trees

EM = 10.95  # points, at 11-point text

X = m.Symbol("x")
W = m.Script(m.Symbol("w"), m.Digits("131"))
DERIVATIVE = m.Fraction(m.row(m.Operator("∂"), m.Symbol("L")), m.row(m.Operator("∂"), W))
MATRIX = m.Matrix(((m.Digits("0.1"), m.Digits("-0.25")), (m.Digits("2"), m.Digits("0"))))

# Measured once with the embedded engine, in points, in display style.
MEASURED: tuple[tuple[m.Math, float], ...] = (
    (m.row(m.Symbol("a"), m.Operator("="), m.Symbol("b"), m.Operator("+"), m.Symbol("c")), 43.21),
    (W, 21.09),
    (DERIVATIVE, 29.91),
    (m.row(DERIVATIVE, DERIVATIVE), 61.65),
    (m.Fenced(DERIVATIVE), 41.86),
    (MATRIX, 63.64),
    (m.Digits("-3.2", -5), 58.2),
    (m.BigOperator("Σ", W, m.row(m.Symbol("i"), m.Operator("="), m.Digits("1")), m.Symbol("n")), 37.36),
    (m.Boxed(m.Digits("0.001580")), 48.17),
    (m.Words("the sum over all paths"), 106.91),
)


@pytest.mark.parametrize(("math", "points"), MEASURED)
def test_known_widths(math: m.Math, points: float) -> None:
    assert width(math) * EM == pytest.approx(points, rel=0.02)


@given(trees())
def test_parts_are_no_wider_than_the_whole(math: m.Math) -> None:
    assert width(math) <= width(m.row(math, m.Operator("="), X)) + 1e-9
    assert measure(math).width >= 0


@pytest.mark.slow
def test_random_formulas(tmp_path: Path) -> None:
    """Set some thousand formulas in one run, in both styles, and compare."""
    formulas: dict[m.Math, None] = {}

    @settings(
        max_examples=800, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
    )
    @given(st.data())
    def collect(data: st.DataObject) -> None:
        formulas[data.draw(trees())] = None

    collect()
    boxes = _boxes(list(formulas), tmp_path)
    ratios = []
    for i, math in enumerate(formulas):
        for style, display in enumerate((True, False)):
            estimate, real = width(math, display), boxes[i, style]
            # Odd ones (a fence in a script, scripts of scripts) may be a little wider, and no document has them.
            assert estimate >= 0.95 * real - 0.15, tex(math, display=display)
            if real > 2:
                ratios.append(estimate / real)
    ratios.sort()
    assert len(ratios) > 300
    assert ratios[len(ratios) // 200] >= 0.98
    assert ratios[-len(ratios) // 50] <= 1.12


def _boxes(formulas: list[m.Math], folder: Path) -> dict[tuple[int, int], float]:
    """Return the width of each formula's box in display and in text style, in em."""
    lines = [preamble(load_templates("latex", ".tex", latex_escape)), r"\begin{document}"]
    # The first formula loads the fonts of all sizes.
    lines += [r"\newwrite\boxes\immediate\openout\boxes=boxes.txt", r"\setbox0\hbox{$x_{y_z}$}"]
    for i, math in enumerate(formulas):
        for style, command in enumerate((r"\displaystyle", "")):
            body = tex(math, display=style == 0)
            lines.append(
                rf"\setbox0\hbox{{${command} {body}$}}\immediate\write\boxes{{{i} {style} \the\wd0}}"
            )
    compile_tex("\n".join([*lines, r"x\end{document}"]), folder)
    found = (line.split() for line in (folder / "boxes.txt").read_text().splitlines())
    return {(int(i), int(style)): float(points.removesuffix("pt")) / EM for i, style, points in found}
