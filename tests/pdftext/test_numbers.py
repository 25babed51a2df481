"""Numbers as TeX sets them, compiled here and read back."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from mpmath import mp

from tests.embedded_tex import compile_tex
from tests.pdftext import Number, Role, is_rounding_of, numbers, page_glyphs, page_texts

PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[T1]{fontenc}\usepackage{lmodern,microtype,amsmath,xcolor,tikz}
\pagestyle{empty}\begin{document}
"""
# A line of TeX, and the numbers it shows on the line; one page each, compiled together.
SHOWN = {
    "signs touch, subtractions do not": (
        r"$-0.46 - 0.5 = -0.96$, \quad $(-3.25)$, $a-1$",
        "-0.46 0.5 -0.96 -3.25 1",
    ),
    "indices are not on the line": (r"$w_{131} = -0.3$, $x_1 = 2.5$, $\hat y_2^{(3)} = 0$", "-0.3 2.5 0"),
    "powers of ten": (
        r"$1.595 \cdot 10^{-3} \approx -2.5\times 10^{12}$; $10^{-5}$",
        "1.595e-3 -2.5e12 1e-5",
    ),
    "a product of powers": (r"$0.2 \cdot 1.5 \cdot 10^{-7} \cdot 10$", "0.2 1.5e-7 10"),
    "a square is no power of ten": (r"$2 \cdot 0.5^2 \cdot 110^{2}$", "2 0.5 110"),
    "matrices": (
        r"$\begin{bmatrix} 0.1 & -0.3 & 12\\ -4.56 & 0 & -0.5\cdot 10^{-5}\end{bmatrix}$",
        "0.1 -0.3 12 -4.56 0 -0.5e-5",
    ),
    "fractions": (r"$\displaystyle\frac{0.25}{1+e^{-0.75}}$", "0.25 1"),
    "thousands": (r"$7{,}000.5$, 12,345 and (1, 200)", "7000.5 12345 1 200"),
    "text with hyphens": (r"from -0.25 to +0.5, $5\%$.", "-0.25 0.5 5"),
    "labels, dates and versions": (r"h11, 2024-05-06, version 1.2.3, W2[1,3]: 0.7", "1 3 0.7"),
    "colours and boxes in a number": (r"\textcolor{red}{$-0.2$}$3$ \boxed{0.125}", "-0.23 0.125"),
    "pieces": (r"$0.$\kern0.2pt\hbox{$12$}\hbox{$34$}", "0.1234"),
    "small, scaled and turned": (
        r"{\scriptsize $-0.7703$}\rotatebox{30}{$-1.5\cdot10^{-7}$}\scalebox{0.5}{$2.5$}\rotatebox{-45}{$-8$}",
        "-0.7703 -1.5e-7 2.5 -8",
    ),
    "up the page": (r"\rotatebox{90}{$w=0.25$, $-0.5$}", "0.25 -0.5"),
    "a figure": (
        r"\tikz{\draw(0,0)--node[sloped,above]{$w_{12}=-0.2345$}(3,2);\node[draw,circle]at(4,0){$0.91$};}",
        "-0.2345 0.91",
    ),
}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pages = "\n\\newpage\n".join(source for source, _ in SHOWN.values())
    return compile_tex(PREAMBLE + pages + "\n\\end{document}\n", tmp_path_factory.mktemp("tex"))


@pytest.fixture(scope="module")
def shown(document: Path) -> list[Number]:
    return numbers(document)


@pytest.mark.parametrize("case", SHOWN)
def test_numbers_on_the_line(case: str, shown: list[Number]) -> None:
    page = list(SHOWN).index(case) + 1
    on_line = [number.text for number in shown if number.page == page and number.role is Role.BODY]
    assert on_line == SHOWN[case][1].split()


def test_indices_and_exponents_are_known_as_such(shown: list[Number]) -> None:
    page = list(SHOWN).index("indices are not on the line") + 1
    scripts = {(number.text, number.role) for number in shown if number.page == page} - {
        (text, Role.BODY) for text in ("-0.3", "2.5", "0")
    }
    assert scripts == {
        ("131", Role.SUBSCRIPT),
        ("1", Role.SUBSCRIPT),
        ("2", Role.SUBSCRIPT),
        ("3", Role.SUPERSCRIPT),
    }
    page = list(SHOWN).index("fractions") + 1
    assert [n.text for n in shown if n.page == page and n.role is Role.SUPERSCRIPT] == ["-0.75"]


def test_bytes_read_like_a_file(document: Path, shown: list[Number]) -> None:
    assert numbers(document.read_bytes()) == shown


def test_turned_text_keeps_its_measures(document: Path) -> None:
    (page,) = (g for g, case in zip(page_glyphs(document), SHOWN, strict=True) if case.startswith("small"))
    assert {round(glyph.angle) for glyph in page} == {0, 30, -45}
    upright, turned = (next(g for g in page if round(g.angle) == a and g.char == "−") for a in (0, -45))
    assert turned.width / turned.size == pytest.approx(0.777, abs=0.002)
    assert upright.width / upright.size == pytest.approx(0.826, abs=0.002)  # lmsy8 is wider for its size


def test_text_reads_in_words(document: Path) -> None:
    texts = dict(zip(SHOWN, page_texts(document), strict=True))
    assert texts["signs touch, subtractions do not"] == "−0.46 − 0.5 = −0.96, (−3.25), a − 1"
    assert texts["powers of ten"] == "1.595 · 10−3 ≈ −2.5 × 1012; 10−5"
    assert texts["text with hyphens"] == "from -0.25 to +0.5, 5%."
    assert texts["small, scaled and turned"].split("\n") == ["−0.7703", "−1.5 · 10−7", "2.5", "−8"]


def _number(text: str) -> Number:
    return Number(text, page=1, x=0, y=0, size=10, role=Role.BODY)


@pytest.mark.parametrize(
    ("text", "unit"), [("0.250", "0.001"), ("-12", "1"), ("1.595e-3", "0.000001"), ("2.5e12", "1e11")]
)
def test_the_last_digit_has_a_place(text: str, unit: str) -> None:
    assert _number(text).unit == Decimal(unit)


@pytest.mark.parametrize(
    ("text", "exact", "right"),
    [
        ("0.125", "0.12549999", True),
        ("0.125", "0.1255", False),  # a tie goes away from zero
        ("0.126", "0.1255", True),
        ("-0.126", "-0.1255", True),
        ("-0.125", "-0.1255", False),
        ("0.125", "-0.125", False),
        ("1.595e-3", "0.00159549", True),
        ("1.595e-3", "0.00159551", False),
        ("0.0", "0.04", True),
        ("12", "12.5", False),
        ("13", "12.5", True),
        ("0.1", "0.1" + "0" * 45 + "1", True),
    ],
)
def test_rounding_is_judged(text: str, exact: str, right: bool) -> None:
    with mp.workdps(60):
        assert is_rounding_of(_number(text), mp.mpf(exact)) is right
