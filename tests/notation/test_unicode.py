from __future__ import annotations

import pytest
from hypothesis import given

from solver.notation import math as m
from solver.notation.unicode import unicode
from tests.notation.trees import trees

X, L = m.Symbol("x"), m.Symbol("L")
W = m.Script(m.Symbol("w"), m.Digits("131"))
DERIVATIVE = m.Fraction(m.row(m.Operator("∂"), L), m.row(m.Operator("∂"), W))


@pytest.mark.parametrize(
    ("math", "shown"),
    [
        (m.row(DERIVATIVE, m.Operator("="), m.Digits("0.001580")), "∂L/∂w₁₃₁ = 0.001580"),
        (
            m.row(m.Digits("-0.3"), m.Operator("-"), m.Digits("1"), m.Operator("·"), m.Digits("2")),
            "−0.3 − 1 · 2",
        ),
        (m.Script(m.Accent(m.Symbol("y"), "hat"), m.Digits("1")), "ŷ₁"),
        (m.Script(m.Symbol("W"), None, m.Fenced(m.Digits("2"))), "W⁽²⁾"),
        (m.Script(X, m.Symbol("Q")), "x_Q"),
        (m.Script(X, m.row(m.Symbol("Q"), m.Digits("1"))), "x_(Q1)"),
        (m.Fraction(m.Digits("1"), m.row(m.Digits("1"), m.Operator("+"), X)), "1/(1 + x)"),
        (m.Fraction(m.Fraction(X, L), L), "x/L/L"),
        (m.Fraction(X, m.Fraction(X, L)), "x/(x/L)"),
        (m.Digits("1.5", -4), "1.5×10⁻⁴"),
        (m.Matrix(((X, L), (L, X))), "[x  L; L  x]"),
        (m.row(m.Symbol("log"), X), "log x"),
        (m.row(m.Symbol("σ"), m.Fenced(X)), "σ(x)"),
        (m.Blank(2.0), "____"),
        (m.Prime(W), "w₁₃₁′"),
    ],
)
def test_examples(math: m.Math, shown: str) -> None:
    assert unicode(math) == shown


@given(trees())
def test_one_line_without_ends(math: m.Math) -> None:
    text = unicode(math)
    assert "\n" not in text
    assert text == text.strip(" ")
