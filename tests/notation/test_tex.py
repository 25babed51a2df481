from __future__ import annotations

import re

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from solver.notation import math as m
from solver.notation.tex import GITHUB, LATEX, tex
from tests.notation.trees import trees

X, Y, L = m.Symbol("x"), m.Symbol("y"), m.Symbol("L")
ONE, TWO = m.Digits("1"), m.Digits("2")
Y_HAT = m.Script(m.Accent(Y, "hat"), ONE)


def derivative(of: m.Math, by: m.Math) -> m.Math:
    return m.Fraction(m.row(m.Operator("∂"), of), m.row(m.Operator("∂"), by))


FENCED = r"\Bigl(\frac{\partial L}{\partial x}\Bigr)"
SUM = r"\sum_{k = 1}^n x"

EXAMPLES: tuple[tuple[m.Math, str, str], ...] = (
    (m.Symbol("η"), r"\eta", r"\eta"),
    (m.Symbol("ŷ"), r"\hat{y}", r"\hat{y}"),
    (m.Symbol("W", "bold"), r"\mathbf{W}", r"\mathbf{W}"),
    (m.Symbol("δ", "bold"), r"\boldsymbol{\delta}", r"\boldsymbol{\delta}"),
    (m.Symbol("L", "calligraphic"), r"\mathcal{L}", r"\mathcal{L}"),
    (m.Symbol("net"), r"\mathrm{net}", r"\mathrm{net}"),
    (m.Symbol("tanh"), r"\tanh", r"\tanh"),
    (m.Digits("-0.4593"), "-0.4593", "-0.4593"),
    (m.Digits("0,5"), "0{,}5", "0{,}5"),
    (m.Digits("-3.2", -5), r"-3.2 \times 10^{-5}", r"-3.2 \times 10^{-5}"),
    (m.Script(m.Symbol("w"), m.Digits("131")), "w_{131}", "w_{131}"),
    (Y_HAT, r"\hat{y}_1", r"\hat{y}_ {1}"),
    (m.Script(m.Fenced(X), None, TWO), "(x)^2", "(x)^2"),
    (m.Script(m.Script(X, ONE), None, TWO), "{x_1{}}^2", "{x_1{}}^2"),
    (m.Prime(m.Script(X, ONE, TWO)), r"x_1^{2\prime}", r"x_1^{2\prime}"),
    (m.Prime(X, 2), "x''", "x''"),
    (
        m.row(derivative(L, Y_HAT), derivative(Y_HAT, X)),
        r"\frac{\partial L}{\partial \hat{y}_1} \, \frac{\partial \hat{y}_1}{\partial x}",
        r"\frac{\partial L}{\partial \hat{y}_ {1}} \thinspace \frac{\partial \hat{y}_ {1}}{\partial x}",
    ),
    (m.Fenced(m.row(ONE, m.Operator("−"), X)), "(1 - x)", "(1 - x)"),
    (m.Fenced(derivative(L, X)), FENCED, FENCED),
    (m.Fenced(X, "‖", "‖"), r"\lVert x\rVert", r"\lVert x\rVert"),
    (m.Fenced(X, "[", "]"), "[x]", r"\lbrack x\rbrack"),
    (
        m.Matrix(((m.Digits("0.5"), X), (m.Digits("-2"), Y))),
        r"\left[ \begin{array}{@{}rc@{}} 0.5 & x \\ -2\phantom{.0} & y \end{array} \right]",
        r"\begin{bmatrix} 0.5 & x \cr -2 & y \end{bmatrix}",
    ),
    (
        m.CasesOf(((X, m.row(m.Words("if "), X, m.Operator(">"), m.Digits("0"))),)),
        r"\begin{cases} x & \text{if } x > 0 \end{cases}",
        r"\begin{cases} x & \text{if } x \gt 0 \end{cases}",
    ),
    (
        m.Underbrace(m.Toned(X, "path-1"), m.Words("path 1")),
        r"\underbrace{\textcolor{pathone}{x}}_{\text{path 1}}",
        r"\underbrace{{\color{#C2410C}{x}}}_ {\text{path 1}}",
    ),
    (m.BigOperator("Σ", X, m.row(m.Symbol("k"), m.Operator("="), ONE), m.Symbol("n")), SUM, SUM),
    (m.row(Y, m.Symbol("log"), X), r"y \log x", r"y \log x"),
    (m.Boxed(ONE), r"\boxed{1}", r"\boxed{1}"),
    (m.Struck(X), r"\struck{x}", r"\cancel{x}"),
    (m.Blank(4.0), r"\blank{4em}", r"\boxed{\qquad\qquad}"),
    (m.Words("50% {x}"), r"\text{50\% \{x\}}", r"{\text{50％ } \lbrace \text{x} \rbrace}"),
    (m.row(X, m.Digits("-1")), "x {-1}", "x {-1}"),
    (m.Operator("<"), "<", r"\lt"),
)  # fmt: skip


@pytest.mark.parametrize(("math", "latex", "github"), EXAMPLES)
def test_each_kind(math: m.Math, latex: str, github: str) -> None:
    assert tex(math, LATEX) == latex
    assert tex(math, GITHUB) == github


REFUSED_BY_GITHUB = (
    "operatorname",
    "phantom",
    "mbox",
    "newcommand",
    "def",
    "hspace",
    "rule",
    "textcolor",
    "require",
)


@given(trees())
def test_the_dialect_of_github_survives_markdown(math: m.Math) -> None:
    body = tex(math, GITHUB, display=False)
    assert not re.search(r"\\[^A-Za-z]", body), "Markdown eats a backslash before punctuation"
    assert not re.search(r"[<>*~`|\[\]$&@]", re.sub(r"(?<= )&(?= )", "", body)), (
        "Markdown has plans with these"
    )
    for macro in REFUSED_BY_GITHUB:
        assert not re.search(rf"\\{macro}(?![A-Za-z])", body)
    assert "\n" not in body
    rendered = MarkdownIt().renderInline(f"word {body} word").replace("&amp;", "&")
    assert rendered == f"word {body} word"


@given(trees())
def test_braces_are_balanced(math: m.Math) -> None:
    for dialect in (LATEX, GITHUB):
        depth = 0
        for char in re.sub(r"\\[{}]", "", tex(math, dialect)):
            depth += (char == "{") - (char == "}")
            assert depth >= 0
        assert depth == 0
