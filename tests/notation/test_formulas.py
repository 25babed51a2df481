"""Formulas as mathematics: what holds a number together, and where it takes brackets."""

from __future__ import annotations

import pytest

from solver.formula import Ref, substitute
from solver.formula.parser import parse
from solver.notation import math as m
from solver.notation.formulas import Typesetter
from solver.notation.unicode import unicode
from solver.quantities import Key, Quantity

X = Quantity("x")


def printed(text: str, shown: m.Math | None = None) -> str:
    """Return a formula in x on one line, with a letter or a number put in for x."""

    def show(key: Key) -> m.Math:
        assert key == X
        return shown or m.Symbol("x")

    return unicode(Typesetter(show)(substitute(parse(text), x=Ref(X))))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("1e200 * x", "1×10²⁰⁰x"),
        ("x + 1e-30", "x + 1×10⁻³⁰"),
        ("x - 25000000", "x − 2.5×10⁷"),
        ("-3e9 * x", "−3×10⁹x"),
        ("(2e-7)^2 * x", "(2×10⁻⁷)²x"),
        ("2500 * x + 0.0025", "2500x + 0.0025"),
    ],
)
def test_a_constant_is_written_as_a_given_number_is(text: str, seen: str) -> None:
    assert printed(text) == seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("x^2", "(3×10⁹)²"),
        ("log(x)", "log(3×10⁹)"),
        ("2 * x", "2 · 3×10⁹"),
        ("1 - x", "1 − 3×10⁹"),
        ("sqrt(x)", "√3×10⁹"),
    ],
)
def test_a_power_of_ten_is_a_product_to_what_stands_around_it(text: str, seen: str) -> None:
    assert printed(text, m.Digits("3", 9)) == seen


def test_an_exponent_stands_above_an_index_and_a_raised_letter_takes_brackets() -> None:
    indexed = m.Script(m.Symbol("h"), sub=m.Digits("2"))
    two = m.Digits("2")
    assert Typesetter(lambda key: indexed)(Ref(X) ** 2) == m.Script(m.Symbol("h"), m.Digits("2"), two)
    raised = m.Script(m.Symbol("h"), m.Digits("2"), m.Digits("1"))
    assert Typesetter(lambda key: raised)(Ref(X) ** 2) == m.Script(m.Fenced(raised), sup=two)
