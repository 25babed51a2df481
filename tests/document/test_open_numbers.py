"""Formulas set with their numbers left open are, filled in, those set with the numbers in them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest

from solver import formula as f
from solver.arithmetic import Rounded
from solver.document import nodes as n
from solver.document.filling import BlockNumbers, Representative
from solver.document.numbers import Shown
from solver.notation import math as m
from solver.notation.cases import Decided
from solver.notation.formulas import Typesetter
from solver.notation.slots import Slot
from solver.quantities import Key, Quantity
from solver.writers.heights import block_height, opening_height
from solver.writers.latex import Page, _Writer, latex_templates

KEYS = [Quantity("q").at(place) for place in (1, 2)]
A, B = map(f.Ref, KEYS)
X, RATE = f.Variable("x"), f.Variable("rate")
TWO = f.Number(Fraction(2))

FORMULAS = {
    "a number": A,
    "a mark on a number among factors": f.Product((f.Negative(A), f.Call("cancelled", (f.Product((B, X)),)))),
    "a mark on a product": f.Product((f.Product((f.Negative(X), f.Negative(A))), f.Call("vanishing", (B,)))),
    "a sum over an index": f.Sum((f.Call("sum", (A, f.Variable("k"))), B)),
    "a sum of one": f.Product((f.Sum((A,)), f.Sum((B,)))),
    "a product of one": f.Sum((X, f.Product((A,)))),
    "after a comma": f.Call("max", (f.Quotient(A, B), f.Sum((B, A)))),
    "long, after commas": f.Call("max", tuple(f.Sum((A, f.Product((B, X)), RATE)) for _ in range(4))),
    "powers": f.Sum((f.Power(A, TWO), f.Power(B, A), f.Call("exp", (f.Negative(B),)))),
    "factors": f.Product((A, X, B, f.Call("sigmoid", (A,)), f.Quotient(A, X), B)),
}
NUMBERS = [Decimal(text) for text in ("0", "3", "-3", "0.25", "-0.25", "12.5", "-1234.5678")]


def shown(number: Decimal) -> Rounded:
    return Rounded((number > 0) - (number < 0), abs(number), None, exact=True)


def blocks(formula: f.Formula, numbers: dict[Key, m.Math], line: type[n.EquationLine]) -> list[n.Block]:
    math = Typesetter(numbers.__getitem__)(formula)
    lines = (line(m.Symbol("y"), (n.Step("=", math),)), line(m.Symbol("z"), (n.Step("=", m.Boxed(math)),)))
    return [n.Paragraph((n.Text("Now "), n.InlineMath(math), n.Text(" it is."))), n.Equation((lines,))]


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("line", [8.0, 14.0, 40.0])
def test_open_numbers_are_set_as_the_numbers_are(name: str, line: float) -> None:
    formula = FORMULAS[name]
    writer = _Writer(latex_templates(), Page(line, 60.0))
    placeholders: dict[Key, m.Math] = {
        key: m.Digits("0.0", slot=Slot(place)) for place, key in enumerate(KEYS)
    }
    told: Decided[list[Representative]] = Decided(
        lambda: list(map(Representative, blocks(formula, placeholders, n.SharedLine)))
    )
    for pair in product(NUMBERS, repeat=2):
        numbers = BlockNumbers(tuple(Shown(shown(number)) for number in pair), (), ())
        digits: dict[Key, m.Math] = {
            key: m.Digits(shown(number).text) for key, number in zip(KEYS, pair, strict=True)
        }
        alone = blocks(formula, digits, n.EquationLine)
        likes = told.at(numbers.widths)
        filled = [
            n.Filled(like, numbers, lambda node=node: node)  # type: ignore[misc]
            for like, node in zip(likes, alone, strict=True)
        ]
        assert writer.blocks(filled).split() == writer.blocks(alone).split()
        assert [block_height(node, line) for node in filled] == pytest.approx(
            [block_height(node, line) for node in alone]
        )
        assert opening_height(filled, line) == pytest.approx(opening_height(alone, line))


def test_nothing_is_multiplied_after_a_comma() -> None:
    formula = f.Call("max", (RATE, A, f.Negative(X), f.Call("max", (X, B)), RATE))
    numbers: dict[Key, m.Math] = {KEYS[0]: m.Digits("-0.25"), KEYS[1]: m.Digits("12.5")}
    written = _Writer(latex_templates(), Page(9.0, 60.0)).blocks(blocks(formula, numbers, n.EquationLine))
    assert r"\hspace{2em}\max (x" in written
    assert r"${} - x" not in written
    assert r"\cdot" not in written
