"""A pocket calculator for printed lines: right lines always follow, and a changed digit is seen where rounding is not."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.arithmetic import Digits
from solver.document.explain import explain
from solver.document.nodes import EquationLine, Step
from solver.exercises.finding import numbered
from solver.exercises.reckoning import follows, reckoned
from solver.exercises.worked import lines_of, worked
from solver.notation import math as m
from solver.spec import load_problem
from solver.spec.digits import digits_of

FOUR = Digits(4)
PROBLEMS = sorted((Path(__file__).parents[2] / "problems").glob("*.toml"))
NUMERIC = [path for path in PROBLEMS if not load_problem(path).symbolic]


def given_(text: str) -> m.Digits:
    return m.Digits(text)


def rounded(text: str, exponent: int | None = None) -> m.Digits:
    return m.Digits(text, exponent, "a1[1]")


def line(*bodies: m.Math) -> EquationLine:
    return EquationLine(m.Symbol("a"), tuple(Step("=", body) for body in bodies))


X, Y = given_("2"), given_("-0.5")
PLUS, MINUS, TIMES, OVER = (m.Operator(sign) for sign in "+−·/")
EXPRESSIONS = {
    "2": (X, 2.0),
    "2 + (−0.5)": (m.Row((X, PLUS, m.Fenced(Y))), 1.5),
    "2 − 0.5 · 2": (m.Row((X, MINUS, given_("0.5"), TIMES, X)), 1.0),
    "−2 · 2": (m.Row((MINUS, X, TIMES, X)), -4.0),
    "2(1 − 2)": (m.Row((X, m.Fenced(m.Row((given_("1"), MINUS, X))))), -2.0),
    "2 / 2 · 2": (m.Row((X, OVER, X, TIMES, X)), 2.0),
    "1/2": (m.Fraction(given_("1"), X), 0.5),
    "√2": (m.Root(X), math.sqrt(2)),
    "2²": (m.Script(X, None, given_("2")), 4.0),
    "e^−0.5": (m.Script(m.Symbol("e"), None, Y), math.exp(-0.5)),
    "σ(2)": (m.Row((m.Symbol("σ"), m.Fenced(X))), 1 / (1 + math.exp(-2))),
    "tanh²(2)": (m.Row((m.Script(m.Symbol("tanh"), None, given_("2")), m.Fenced(X))), math.tanh(2) ** 2),
    "tanh(2)²": (m.Row((m.Symbol("tanh"), m.Script(m.Fenced(X), None, given_("2")))), math.tanh(2) ** 2),
    "|−0.5|": (m.Fenced(Y, "|", "|"), 0.5),
    "boxed": (m.Boxed(m.Toned(X, "wrong")), 2.0),
    "3.5 · 10⁻²": (m.Digits("3.5", -2), 0.035),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_an_expression_has_its_value(name: str) -> None:
    body, value = EXPRESSIONS[name]
    found = reckoned(body, FOUR)
    assert found is not None
    assert found.value == pytest.approx(value, rel=1e-15)
    assert found.slack == 0  # given numbers are exact


@pytest.mark.parametrize(
    "body",
    [
        m.Symbol("x"), m.Row((X, TIMES, m.Symbol("x"))), m.Matrix(((X,),)), m.Fraction(X, given_("0")), m.Blank(3.0),
        m.Row((X, PLUS)), m.Root(Y), m.Script(m.Symbol("e"), None, given_("1000")), m.Row((X, m.Operator("⊙"), X)),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_more_than_numbers_has_none(body: m.Math) -> None:
    assert reckoned(body, FOUR) is None
    assert follows(line(body, X), FOUR) is None


def test_a_line_of_one_step_says_nothing() -> None:
    assert follows(line(X), FOUR) is None


def test_rounding_explains_a_small_difference_and_no_other() -> None:
    product = m.Row((rounded("0.1234"), TIMES, rounded("0.5678")))  # 0.07007, give or take 0.00003
    assert follows(line(product, rounded("0.07010")), FOUR) is True
    assert follows(line(product, rounded("0.07012")), FOUR) is False
    assert follows(line(product, rounded("-0.07007")), FOUR) is False


def test_a_difference_of_large_numbers_may_be_far_off() -> None:
    small = m.Row((rounded("100.1"), MINUS, rounded("100.0")))
    assert follows(line(small, rounded("0.1800")), FOUR) is True
    assert follows(line(small, rounded("0.2100")), FOUR) is False


def test_a_result_with_fewer_digits_than_stated_is_exact() -> None:
    short = m.Row((rounded("0.6"), TIMES, rounded("0.8")))
    assert follows(line(short, rounded("0.48")), FOUR) is True
    assert follows(line(short, rounded("0.49")), FOUR) is False
    decimals = m.Row((rounded("0.60"), TIMES, rounded("0.80")))
    assert follows(line(decimals, rounded("0.49")), Digits(decimals=2)) is True


@given(
    st.lists(st.floats(0.01, 10), min_size=2, max_size=4),
    st.lists(st.floats(-10, 10).filter(lambda x: abs(x) > 0.01), min_size=2, max_size=4),
)
def test_printed_lines_of_full_precision_follow(factors: list[float], terms: list[float]) -> None:
    def shown(value: float) -> m.Digits:
        text, exponent = f"{value:.3e}".split("e")
        return rounded(text, int(exponent))

    def row(values: list[float], sign: m.Operator) -> m.Math:
        items: list[m.Math] = []
        for value in values:
            items += [sign, m.Fenced(shown(value))]
        return m.Row(tuple(items[1:]))

    for body, value in ((row(factors, TIMES), math.prod(factors)), (row(terms, PLUS), math.fsum(terms))):
        assert follows(line(body, shown(value)), FOUR) is not False
        assert follows(line(body, shown(value + 20 * sum(map(abs, [*factors, *terms])))), FOUR) is False


@pytest.mark.parametrize("path", NUMERIC, ids=lambda path: path.stem)
def test_every_line_of_a_right_solution_follows_and_no_other(path: Path) -> None:
    problem = load_problem(path)
    digits = digits_of(problem)
    told = [one for row in lines_of(numbered(worked(explain(problem, checked=False)))) for one in row]
    assert [one.tag for one in told if follows(one, digits) is False] == []
    for one in told:
        if follows(one, digits):
            last = one.steps[-1]
            other = m.Row((m.Fenced(last.body), PLUS, given_("1000")))
            assert follows(replace(one, steps=(*one.steps[:-1], replace(last, body=other))), digits) is False
