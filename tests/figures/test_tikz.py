"""TikZ: compiles with the preamble's styles alone, sets labels where the layout put them, has no long lines."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings

from solver.figures.circuit import circuit_scene
from solver.figures.measure import box
from solver.figures.network import network_figure, network_scene
from solver.figures.scene import Box, Circle, Label, Line, Polyline, Scene, Size
from solver.figures.style import CM_PER_POINT, LOOKS
from solver.figures.tikz import TIKZ_STYLES, tikz
from solver.notation import math as m
from tests.embedded_tex import compile_tex
from tests.figures.formulas import FORMULAS
from tests.figures.pictures import SUM_TIMES, lit_networks, network, paths_from

PREAMBLE = (
    r"""\documentclass[11pt]{article}
\usepackage[T1]{fontenc}
\usepackage{lmodern,amsmath,xcolor,tikz}
\definecolor{pathtwo}{HTML}{1D4ED8}
\pagestyle{empty}
\parindent0pt
"""
    + TIKZ_STYLES
)


def document(*scenes: Scene) -> str:
    return PREAMBLE + "\\begin{document}\n" + "\n\n".join(map(tikz, scenes)) + "\n\\end{document}\n"


# Struck terms and blanks are marks of a document, whose preamble defines them.
DRAWN = [formula for formula in FORMULAS if not isinstance(formula, m.Struck | m.Blank)]
EVERYTHING = Scene(
    12,
    12,
    (
        *(Line((0, k), (3, k), role, arrow=True) for k, role in enumerate(LOOKS) if k < 12),
        *(Circle((4, k), 0.4, m.Symbol("x"), role) for k, role in enumerate(LOOKS) if k < 12),
        *(
            Box((5, k), 0.6, 0.5, m.Digits("-1"), role, rounded=k % 2 == 0)
            for k, role in enumerate(LOOKS)
            if k < 12
        ),
        Box((6, 1), 0.6, 0.5, None, "plain", shade=0.3),
        Line((7, 0), (9, 1), "wire", bend=25),
        Polyline(((7, 2), (8, 2), (8, 3)), "path-3", arrow=True),
        *(Label((10, k), formula, "plain", angle=7 * k) for k, formula in enumerate(DRAWN) if k < 12),
        *(Label((11, k), formula, "gradient", "left", size="tiny") for k, formula in enumerate(DRAWN[12:])),
    ),
)


def test_everything_compiles_with_the_styles_alone(tmp_path: Path) -> None:
    pdf = compile_tex(document(EVERYTHING, circuit_scene(SUM_TIMES)), tmp_path)
    log = (tmp_path / "document.log").read_text(errors="replace")
    assert "Overfull" not in log
    assert len(pypdfium2.PdfDocument(pdf)) >= 1


def test_the_picture_is_as_large_as_its_scene(tmp_path: Path) -> None:
    picture = network((4, 4, 2))
    scene = network_scene(picture, paths_from(picture, 1, 3))
    measured = (
        rf"\newsavebox\B\savebox\B{{{tikz(scene).strip()}}}"
        r"\typeout{SIZE \the\wd\B\space\the\ht\B\space\the\dp\B}"
    )
    compile_tex(PREAMBLE + "\\begin{document}\n" + measured + "x\\end{document}", tmp_path)
    log = (tmp_path / "document.log").read_text(errors="replace")
    words = next(line for line in log.splitlines() if line.startswith("SIZE")).split()
    width, height, depth = (float(word.removesuffix("pt")) * CM_PER_POINT for word in words[1:])
    assert width == pytest.approx(scene.width, abs=0.02)
    assert height + depth == pytest.approx(scene.height, abs=0.02)


@pytest.mark.slow
def test_labels_are_no_wider_in_print_than_the_layout_thinks(tmp_path: Path) -> None:
    """Boxes that the layout keeps apart must hold what TeX sets."""
    sizes: tuple[Size, Size] = ("small", "tiny")
    labels = [
        *(m.Digits(text) for text in ("0.9478", "-0.0459", "12", "1.0000")),
        *(m.Script(m.Symbol(letter), m.Digits("131")) for letter in "wahbxL"),
        m.Script(m.Accent(m.Symbol("y"), "hat"), m.Digits("2")),
        m.row(m.Script(m.Symbol("w"), m.Digits("131")), m.Operator("="), m.Digits("-0.3")),
        m.Script(m.Symbol("W"), m.Digits("12"), m.Fenced(m.Digits("1"))),
        m.Words("hidden 1"),
        m.Symbol("tanh"),
    ]
    boxes = "\n".join(
        rf"\savebox\B{{\fig{size} ${tex_of(label)}$}}\typeout{{WIDE \the\wd\B}}"
        for size in sizes
        for label in labels
    )
    compile_tex(PREAMBLE + "\\newsavebox\\B\n\\begin{document}\n" + boxes + "\nx\\end{document}", tmp_path)
    log = (tmp_path / "document.log").read_text(errors="replace")
    widths = [
        float(line.split()[1].removesuffix("pt")) for line in log.splitlines() if line.startswith("WIDE")
    ]
    expected = [box(label, size)[0] for size in sizes for label in labels]
    assert len(widths) == len(expected)
    for width, room in zip(widths, expected, strict=True):
        assert 0.95 * room <= width * CM_PER_POINT <= 1.005 * room


def tex_of(label: m.Math) -> str:
    """Return the TeX of a label as the picture sets it."""
    line = next(line for line in tikz(Scene(1, 1, (Label((0, 0), label),))).splitlines() if "$" in line)
    return line.split("$")[1]


def test_words_of_a_user_are_printed_and_not_run(tmp_path: Path) -> None:
    hostile = r"\input{/etc/passwd} % $x$ #1 {_^~&"
    scene = Scene(8, 1, (Label((4, 0.5), m.Words(hostile)),))
    pdf = compile_tex(document(scene), tmp_path)
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded()
    assert "input{/etc/passwd}" in text.replace(" ", "")
    assert "root:" not in text


@settings(max_examples=20)
@given(lit_networks())
def test_no_line_is_long(drawn: tuple) -> None:
    text = tikz(network_figure(*drawn).scene)
    assert max(map(len, text.splitlines())) < 160


def test_neighbours_of_one_look_share_a_draw() -> None:
    text = tikz(network_scene(network((4, 4, 2))))
    assert text.count(r"\draw[") <= 8
    assert r"\node" not in text
    assert text == tikz(network_scene(network((4, 4, 2))))


def test_coordinates_are_rounded_and_nothing_depends_on_the_last_bit() -> None:
    nearly = Scene(1, 1, (Line((0.1 + 0.2, 0), (-1e-12, 1 / 3)),))
    exactly = Scene(1, 1, (Line((0.3, 0), (0.0, 0.3333333)),))
    assert tikz(nearly) == tikz(exactly)
    assert "-0)" not in tikz(nearly)
