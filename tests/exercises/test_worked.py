"""Numbers that are exchanged take their sign with them, and nobody sees which they were."""

from __future__ import annotations

from solver.document.nodes import Equation, EquationLine, Step
from solver.exercises.worked import with_signs, with_subtractions
from solver.notation import math as m

NUMBER = m.Digits("-0.3", None, "L")


def shown(body: m.Math) -> Equation:
    return Equation(((EquationLine(m.Symbol("y"), (Step("=", body),)),),))


def test_a_sum_of_exchanged_numbers_reads_as_any_other() -> None:
    plain = shown(
        m.row(m.Digits("2"), m.Operator("−"), m.Digits("0.3", None, "L"), m.Operator("+"), m.Digits("1"))
    )
    carried = shown(m.row(m.Digits("2"), m.Operator("+"), m.Fenced(NUMBER), m.Operator("+"), m.Digits("1")))
    assert with_signs((plain,), {"L": NUMBER}) == (carried,)
    assert with_subtractions((carried,), {"L"}) == (plain,)
    assert with_subtractions((carried,), set()) == (carried,)


def test_a_factor_keeps_its_brackets() -> None:
    product = m.row(m.Digits("2"), m.Operator("+"), m.Fenced(NUMBER), m.Operator("·"), m.Digits("3"))
    assert with_subtractions((shown(product),), {"L"}) == (shown(product),)
