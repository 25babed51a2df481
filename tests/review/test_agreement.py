"""Rounded, cut off, or neither: at the printed digits, and proven where it is close."""

from __future__ import annotations

from decimal import Decimal

import pytest

from solver.review.truth import Agreement, agreement_of
from solver.review.verdicts import Verdict
from tests.review.given import claimed


@pytest.mark.parametrize(
    ("printed", "value", "agreement"),
    [
        ("0.488", 0.4875026, Agreement.ROUNDED),
        ("0.487", 0.4875026, Agreement.CUT_OFF),
        ("0.486", 0.4875026, Agreement.NONE),
        ("0.489", 0.4875026, Agreement.NONE),
        ("-0.020", -0.0204, Agreement.ROUNDED),
        ("0.020", -0.0204, Agreement.NONE),
        ("-0.0204", -0.02049, Agreement.CUT_OFF),
        ("0.13", 0.125, Agreement.ROUNDED),
        ("0.12", 0.125, Agreement.ROUNDED),  # a tie: machines round it to the even digit
        ("7.068e-5", 7.0684e-5, Agreement.ROUNDED),
        ("0.00", 0.004, Agreement.ROUNDED),
        ("0.00", 0.009, Agreement.CUT_OFF),
        ("100", 99.7, Agreement.ROUNDED),
    ],
)
def test_agreement_at_the_printed_digits(printed: str, value: float, agreement: Agreement) -> None:
    assert agreement_of(Decimal(printed), value) is agreement


def test_cutting_off_is_told_apart_from_rounding() -> None:
    found = claimed(("h1[1]", '"0.4875"'), ("h1[2]", '"0.3543"'), ("h1[3]", '"0.6791"'))
    assert [f.verdict for f in found.findings] == [Verdict.AGREES] * 3
    assert [f.cause for f in found.findings] == [
        "",
        "",
        "cut off after the last printed digit; rounded it is 0.6792",
    ]


def test_a_close_call_is_proven() -> None:
    # exp(x) = 2.5 · (1 + 10⁻¹⁷): float64 cannot tell it from the tie, certified arithmetic can.
    text = 'kind = "expression"\n[expression]\ninputs = { x = 0.91629073187415506519 }\n'
    text += 'nodes = { y = "exp(x)" }\noutput = "y"\n'
    found = claimed(("y", '"2.5000000000000000"'), problem=text)
    assert found.findings[0].verdict is Verdict.AGREES


def test_a_bare_zero_is_as_fine_as_its_neighbours() -> None:
    found = claimed(("dL/da1", '["-0.020", "0", "0.003"]'))
    assert [j.verdict for j in found.findings[0].judgements] == [
        Verdict.AGREES,
        Verdict.WRONG,
        Verdict.AGREES,
    ]


def test_noise_of_a_machine_is_no_number() -> None:
    text = (
        "[network]\ninputs = [0.1, 0.2]\ntargets = [0]\n[[network.layer]]\nweights = [[1, 1]]\nbias = -0.3\n"
    )
    found = claimed(("a1[1]", '"5.551115e-17"'), problem=text)
    assert found.findings[0].verdict is Verdict.ROUNDING
    assert "exactly 0" in found.findings[0].cause
    assert found.figures[0].true == 0
