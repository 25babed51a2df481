"""One formula of every kind, for the renderers."""

from __future__ import annotations

from solver.notation import math as m

X, Y = m.Symbol("x"), m.Symbol("y")
ONE = m.Digits("1")

# A formula, and what a reader sees of it, spaces left out.
SEEN: tuple[tuple[m.Math, str], ...] = (
    (m.Symbol("η"), "η"),
    (m.Symbol("W", "bold"), "W"),
    (m.Symbol("softmax"), "softmax"),
    (m.Digits("-0.4593"), "−0.4593"),
    (m.Digits("1.5", -4), "1.5×10−4"),
    (m.row(X, m.Operator("+"), Y, m.Operator("="), ONE), "x+y=1"),
    (m.Fraction(X, Y), "xy"),
    (m.Fraction(m.Fraction(X, Y), m.Root(X)), "xyx"),
    (m.Script(X, ONE, Y), "xy1"),
    (m.Script(m.Fraction(X, Y), ONE, X), "xyx1"),
    (m.Fenced(m.row(X, m.Operator(","), Y)), "(x,y)"),
    (m.Fenced(m.Fraction(X, Y), "[", "]"), "xy"),
    (m.Matrix(((X, Y), (ONE, X))), "xy1x"),
    (m.CasesOf(((X, m.Words("if so")), (Y, m.Words("if not")))), "xifsoyifnot"),
    (m.Underbrace(m.row(X, m.Operator("+"), Y), m.Words("path 1")), "x+ypath1"),
    (m.Accent(Y, "hat"), "ŷ"),
    (m.Accent(m.row(X, Y), "bar"), "xy"),
    (m.Accent(m.row(X, Y), "hat"), "xy"),
    (m.Accent(m.row(X, Y), "vec"), "xy"),
    (m.Accent(m.row(X, Y), "tilde"), "xy"),
    (m.Prime(X, 2), "x′′"),
    (m.Prime(m.Fraction(X, Y)), "xy′"),
    (m.Root(m.row(X, m.Operator("+"), Y)), "x+y"),
    (m.BigOperator("Σ", X, m.Symbol("i"), m.Symbol("n")), "∑nix"),
    (m.BigOperator("Σ", m.Fraction(X, Y), m.Symbol("i")), "∑ixy"),
    (m.Words("user <text> & more"), "user<text>&more"),
    (m.Boxed(X), "x"),
    (m.Struck(X), "x"),
    (m.Toned(m.row(X, m.Fraction(X, Y)), "path-2"), "xxy"),
    (m.Blank(2.0), ""),
    (m.row(X, m.Space(1.0), Y), "xy"),
)
FORMULAS: tuple[m.Math, ...] = tuple(formula for formula, _ in SEEN)
