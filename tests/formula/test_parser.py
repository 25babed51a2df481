from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from solver.errors import InputError, render_failure
from solver.formula import Call, Formula, Negative, Number, Power, Product, Quotient, Sum, Variable, walk
from solver.formula.parser import LENGTH_LIMIT, ExpressionError, is_name, parse
from tests.calculus.reading import text
from tests.formula.strategies import formulas, written

A, B, C, X, Y = map(Variable, "abcxy")


def number(value: int | str) -> Number:
    return Number(Fraction(value))


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("-x^2", Negative(Power(X, number(2)))),
        ("(-x)^2", Power(Negative(X), number(2))),
        ("a^b^c", Power(A, Power(B, C))),
        ("2^-x^y", Power(number(2), Negative(Power(X, Y)))),
        ("a - b - c", Sum((A, Negative(B), Negative(C)))),
        ("a - (b - c)", Sum((A, Negative(Sum((B, Negative(C))))))),
        ("a/b/c", Quotient(Quotient(A, B), C)),
        ("a/b*c", Product((Quotient(A, B), C))),
        ("a*b/c", Quotient(Product((A, B)), C)),
        ("a*b*c", Product((A, B, C))),
        ("(a*b)*c", Product((Product((A, B)), C))),
        ("a*(b*c)", Product((A, Product((B, C))))),
        ("-a*b", Negative(Product((A, B)))),
        ("-a + b", Sum((Negative(A), B))),
        ("a*-b", Product((A, Negative(B)))),
        ("a - -b", Sum((A, Negative(Negative(B))))),
        ("1.5e-3", number("0.0015")),
        (".5", number("0.5")),
        ("2.", number(2)),
        ("0.1", number("0.1")),
        ("max(0, 1 - x*y, a)", Call("max", (number(0), Sum((number(1), Negative(Product((X, Y))))), A))),
        ("  exp\t( x )\n", Call("exp", (X,))),
        ("w_12 + σ", Sum((Variable("w_12"), Variable("σ")))),
        ("e", Variable("e")),
    ],
)
def test_trees(source: str, tree: Formula) -> None:
    assert parse(source) == tree


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", 'at character 1 of ""; found an empty expression, expected a number, a name, "(" or "-"'),
        (" \n", 'at character 1 of " \\n"; found an empty expression, expected a number, a name, "(" or "-"'),
        ("x + * y", 'at character 5 of "x + * y"; found "*", expected a number, a name, "(" or "-"'),
        ("x +", 'at character 4 of "x +"; found the end, expected a number, a name, "(" or "-"'),
        ("+x", 'at character 1 of "+x"; found "+", expected a number, a name, "(" or "-"'),
        ("2x", 'at character 2 of "2x"; found "x", expected an operator (+ - * / ^) or the end'),
        ("(a + b", 'at character 7 of "(a + b"; found the end, expected an operator (+ - * / ^) or ")"'),
        ("a + b)", 'at character 6 of "a + b)"; found ")", expected an operator (+ - * / ^) or the end'),
        ("max(a b)", 'at character 7 of "max(a b)"; found "b", expected an operator (+ - * / ^), "," or ")"'),
        ("(a, b)", 'at character 3 of "(a, b)"; found ",", expected an operator (+ - * / ^) or ")"'),
        (
            "sgmoid(x)",
            (
                'at character 1 of "sgmoid(x)"; found "sgmoid", expected a function'
                ' (exp, log, sqrt, sin, cos, tanh, sigmoid, abs, max, min), or "*" before "("; did you mean "sigmoid"?'
            ),
        ),
        ("exp", 'exp needs its argument at character 4 of "exp"; found the end, expected "("'),
        ("exp x", 'exp needs its argument at character 5 of "exp x"; found "x", expected "("'),
        ("max(1)", 'max at character 1 of "max(1)"; found 1 argument, expected two or more'),
        ("sqrt(x, y)", 'sqrt at character 1 of "sqrt(x, y)"; found 2 arguments, expected 1'),
        ("exp()", 'at character 5 of "exp()"; found ")", expected a number, a name, "(" or "-"'),
        (
            "x**2",
            (
                'at character 2 of "x**2"; found "**", expected a number, a name or one of + - * / ^ ( ) ,;'
                ' did you mean "^"?'
            ),
        ),
        (
            "x − 2",
            (
                'at character 3 of "x − 2"; found "−", expected a number, a name or one of + - * / ^ ( ) ,;'
                ' did you mean "-"?'
            ),
        ),
        (
            "x²",
            (
                'at character 2 of "x²"; found "²", expected a number, a name or one of + - * / ^ ( ) ,;'
                ' did you mean "^2"?'
            ),
        ),
        (
            "__import__",
            'at character 1 of "__import__"; found "_", expected a number, a name or one of + - * / ^ ( ) ,',
        ),
        (
            "x.real",
            'at character 2 of "x.real"; found ".", expected a number, a name or one of + - * / ^ ( ) ,',
        ),
        ("1.2.3", 'at character 4 of "1.2.3"; found ".3", expected an operator (+ - * / ^) or the end'),
        (
            "1e999",
            (
                'the number is out of range at character 1 of "1e999"; found "1e999",'
                " expected at most 1.8e308, at least 5e-324 or 0"
            ),
        ),
        (
            "3 + 1e-400",
            (
                'the number is out of range at character 5 of "3 + 1e-400"; found "1e-400",'
                " expected at most 1.8e308, at least 5e-324 or 0"
            ),
        ),
    ],
)
def test_messages(source: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    assert render_failure(caught.value) == message


def test_an_error_knows_its_place() -> None:
    with pytest.raises(InputError) as caught:
        parse("q * (z + )")
    error = caught.value
    assert isinstance(error, ExpressionError)
    assert (error.position, error.text, error.fault.found) == (9, "q * (z + )", '")"')


@pytest.mark.parametrize(
    "source",
    [
        "(" * 60 + "x" + ")" * 60,
        "-" * 70 + "x",
        "/".join(["x"] * 60),
        "x" + "^x" * 60,
        "exp(" * 60 + "x" + ")" * 60,
        "-(" * 2000,
    ],
)
def test_deep_nesting_is_refused_before_the_stack_is(source: str) -> None:
    with pytest.raises(ExpressionError, match="nested more than 50 levels deep"):
        parse(source)


def test_length_is_limited() -> None:
    assert len(list(walk(parse("+".join(["x"] * (LENGTH_LIMIT // 2)))))) == LENGTH_LIMIT // 2 + 1
    with pytest.raises(ExpressionError, match="too long"):
        parse("x" * (LENGTH_LIMIT + 1))


@pytest.mark.parametrize("digits", ["9" * 5000, "1e99999", "0e99999999", "1e-99999", "0." + "0" * 399 + "1"])
def test_numbers_that_would_eat_memory_are_refused(digits: str) -> None:
    with pytest.raises(ExpressionError, match="out of range"):
        parse(digits)


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("x", True),
        ("w_1", True),
        ("σ", True),
        ("exp", False),
        ("2x", False),
        ("_x", False),
        ("x\n", False),
        ("", False),
    ],
)
def test_names(name: str, good: bool) -> None:
    assert is_name(name) is good


@given(formulas())
def test_what_is_written_in_brackets_is_read_back(tree: Formula) -> None:
    assert parse(written(tree)) == tree


@given(formulas())
def test_what_is_printed_with_few_brackets_is_read_back(tree: Formula) -> None:
    assert parse(text(tree)) == tree


@given(st.text(alphabet="xyexpmaxlog0123456789.+-*/^(), \n²−{}[]'\"\\$%#σ\u202e\x00", max_size=60))
@example("((((((((((")
@example("1e")
@example("max(,)")
@example("x\u202e")
def test_any_text_is_a_formula_or_one_clean_message(source: str) -> None:
    error: ExpressionError | None = None
    try:
        parse(source)
    except ExpressionError as caught:
        error = caught
    if error is not None:
        message = render_failure(error)
        assert "\n" not in message
        assert not re.search("[\x00-\x1f\u202e]", message)
        assert 0 <= error.position <= len(source)
