"""Escalation: no more precision than needed, a cap, and the zero test before it."""

from __future__ import annotations

import flint
import pytest
from flint import arb, fmpq

from solver.arithmetic import (
    Arithmetic,
    Digits,
    Undecided,
    Values,
    certify,
    certify_in,
    precision,
    round_number,
)


def cancelling(bits: int) -> arb:
    """(10^100 + π) − 10^100 needs some 340 bits before it has a digit."""
    with precision(bits):
        return (arb(10) ** 100 + arb.pi()) - arb(10) ** 100


def test_precision_doubles_until_the_digits_are_proven() -> None:
    asked: list[int] = []

    def compute(bits: int) -> arb:
        asked.append(bits)
        return cancelling(bits)

    assert str(certify(compute, lambda value: round_number(value, Digits()))) == "3.142"
    assert asked == [128, 256, 512]


def test_the_cap_is_loud() -> None:
    with pytest.raises(Undecided, match="256 bits"):
        certify(cancelling, lambda value: round_number(value, Digits()), cap=256)


def test_the_zero_test_is_asked_after_the_second_failure_and_at_the_cap() -> None:
    proved: list[int] = []

    def prove(bits: int) -> arb:
        proved.append(bits)
        return arb(0, 1)

    with pytest.raises(Undecided):
        certify(lambda bits: arb(0, 1), lambda value: round_number(value, Digits()), cap=1024, prove=prove)
    assert proved == [256, 1024]
    shown = certify(
        lambda bits: arb(0, 1), lambda value: round_number(value, Digits()), prove=lambda bits: fmpq(0)
    )
    assert str(shown) == "0"


def test_computing_may_be_undecided_too() -> None:
    def compute(numbers: Arithmetic) -> Values:
        tiny = numbers.call("exp", numbers.number(-200)) + 1 - 1  # below 2^−288
        return numbers.call("log", tiny)

    before = flint.ctx.prec
    assert str(certify_in(compute, lambda value: round_number(value, Digits()))) == "-200.0"
    assert flint.ctx.prec == before


def test_by_hand_rounds_whatever_is_settled() -> None:
    def compute(numbers: Arithmetic) -> Values:
        third = numbers.settle(numbers.number(1) / 3)
        root = numbers.settle(numbers.call("sqrt", numbers.number(2)))
        return third * root

    shown = certify_in(compute, lambda value: value, by_hand=Digits(3))
    assert shown == fmpq(333, 1000) * fmpq(141, 100)
