"""What people write into a box: read where it can mean one thing only, and told where it was not plain."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.exercises.marking.reading import LONGEST, Manner, read_answer

NUMBER, COMMA, BLANK, FORMULA = Manner.NUMBER, Manner.COMMA, Manner.BLANK, Manner.FORMULA

READINGS = {
    "0.0123": (NUMBER, 0.0123), "-0.3": (NUMBER, -0.3), ".5": (NUMBER, 0.5), "5.": (NUMBER, 5.0), "+2": (NUMBER, 2.0),
    "1,5": (COMMA, 1.5), "-0,0123": (COMMA, -0.0123), "1.234,5": (COMMA, 1234.5), "1,234.5": (NUMBER, 1234.5),
    "1 234.5": (NUMBER, 1234.5), "1,234,567": (NUMBER, 1234567.0), "0.012 34": (NUMBER, 0.01234),
    "−0.3": (NUMBER, -0.3), "–0.3": (NUMBER, -0.3), "－0.3": (NUMBER, -0.3), "- 0.3": (NUMBER, -0.3),
    "3e-2": (NUMBER, 0.03), "3E-2": (NUMBER, 0.03), "3 e -2": (NUMBER, 0.03), "3,5e−2": (COMMA, 0.035),
    "3·10^-2": (NUMBER, 0.03), "3×10⁻²": (NUMBER, 0.03), "3 x 10^(-2)": (NUMBER, 0.03), "3*10**-2": (NUMBER, 0.03),
    "1/3": (Manner.FRACTION, 1 / 3), "-1/3": (Manner.FRACTION, -1 / 3), "2 1/3": (Manner.FRACTION, 7 / 3),
    "½": (Manner.FRACTION, 0.5), "1⁄4": (Manner.FRACTION, 0.25),
    "0.5*(1-0.5)*2": (FORMULA, 0.5), "e^-1": (FORMULA, math.exp(-1)), "ln(2)": (FORMULA, math.log(2)),
    "√2": (FORMULA, math.sqrt(2)), "2·0,5": (FORMULA, 1.0), "max(1, 2)": (FORMULA, 2.0), "σ(0)": (FORMULA, 0.5),
    "12.5 %": (Manner.PERCENTAGE, 0.125), "dL/dw = 0.25": (NUMBER, 0.25), "≈ 0.25": (NUMBER, 0.25),
    "0.5*0.5 = 0.25": (NUMBER, 0.25), '"0.3"': (NUMBER, 0.3), "'0.3": (NUMBER, 0.3), "(0.3)": (NUMBER, 0.3),
    "\u200b0.3\u00a0": (NUMBER, 0.3), "٣": (NUMBER, 3.0),
}  # fmt: skip

NO_NUMBERS = (
    "12.3.4", "1,2,3", "0.3 or 0.4", "x + 1", "1/0", "log(-1)", "12.Mar", "2026-03-01", "1e999", "1e-999999", "∞", "nan",
    "__import__('os')", "9**9**9**9", "()", "=", "0.3 0.4", "see back", "1" * (LONGEST + 1),
)  # fmt: skip


@pytest.mark.parametrize("written", READINGS)
def test_a_number_in_any_dress(written: str) -> None:
    manner, value = READINGS[written]
    reading = read_answer(written)
    assert reading.manner is manner
    assert reading.value == pytest.approx(value, rel=1e-15)
    assert reading.written == written


@pytest.mark.parametrize("written", ["", "  ", "-", "—", "?", "n/a", "...", "\u00a0"])
def test_nothing_is_nothing(written: str) -> None:
    reading = read_answer(written)
    assert (reading.manner, reading.value) == (BLANK, None)


@pytest.mark.parametrize(("written", "letter"), [("b", "B"), ("(C)", "C"), ("d)", "D"), (" A. ", "A")])
def test_a_letter_is_a_choice(written: str, letter: str) -> None:
    reading = read_answer(written)
    assert (reading.manner, reading.letter, reading.value) == (Manner.LETTER, letter, None)


@pytest.mark.parametrize("written", NO_NUMBERS)
def test_what_has_no_value_says_so(written: str) -> None:
    reading = read_answer(written)
    assert reading.manner is Manner.UNREADABLE
    assert reading.value is None
    assert reading.note


@pytest.mark.parametrize(
    ("written", "unit", "digits"),
    [("0.0120", 1e-4, 3), ("1,50", 1e-2, 3), ("3e-2", 1e-2, 1), ("120", 1, 3), ("1/3", 0, None)],
)
def test_the_last_written_digit_is_known(written: str, unit: float, digits: int | None) -> None:
    reading = read_answer(written)
    assert reading.unit == pytest.approx(unit)
    assert reading.significant == digits


@pytest.mark.parametrize("written", ["1,5", "1,234,567", "12.5 %", "1/3", "0.5*0.5 = 0.25", "12.Mar"])
def test_a_reading_that_is_not_plain_is_told(written: str) -> None:
    assert read_answer(written).note
    assert not read_answer("0.25").note


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-1000, max_value=1000))
def test_every_number_survives_commas_and_typographic_signs(number: Decimal) -> None:
    for text in (f"{number:f}", f"{number:e}", f"{number:f}".replace(".", ",").replace("-", "−")):
        assert read_answer(text).value == pytest.approx(float(number), rel=1e-15, abs=0)


@given(st.text(max_size=40))
def test_no_text_is_a_fault(text: str) -> None:
    reading = read_answer(text)
    assert (reading.value is None) == (reading.manner in (BLANK, Manner.LETTER, Manner.UNREADABLE))
    assert reading.value is None or math.isfinite(reading.value)
