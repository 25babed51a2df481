"""Zeros and ties that no ball can show are proven, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from solver.arithmetic import (
    Arithmetic,
    Certified,
    Digits,
    DomainError,
    Residue,
    Residues,
    Undecided,
    certify_in,
    round_number,
)
from solver.arithmetic.modular import P, Q
from solver.arithmetic.residues import element

Compute = Callable[[Arithmetic], Any]
A, B = Fraction(13, 10), Fraction(-7, 5)


def number(numbers: Arithmetic, value: Fraction | int) -> Any:
    return numbers.number(Fraction(value))


def sigmoid(numbers: Arithmetic, z: Any) -> Any:
    return 1 / (1 + numbers.call("exp", -z))


def softmax(numbers: Arithmetic, z: list[Any]) -> list[Any]:
    e = [numbers.call("exp", value) for value in z]
    return [value / sum(e) for value in e]


def outputs(numbers: Arithmetic) -> list[Any]:
    return softmax(numbers, [number(numbers, A), number(numbers, B), number(numbers, 2)])


def two(numbers: Arithmetic) -> list[Any]:
    return softmax(numbers, [number(numbers, Fraction("1.558")), number(numbers, Fraction("1.568"))])


def diagonal_delta(numbers: Arithmetic) -> Any:
    y = two(numbers)
    half = number(numbers, Fraction(1, 2))
    return (-half / y[0]) * y[0] * (1 - y[0]) + (half / (1 - y[1])) * y[1] * (1 - y[1])


def call(operation: str, *values: Fraction | int) -> Compute:
    return lambda numbers: numbers.call(operation, *(number(numbers, value) for value in values))


def deep(numbers: Arithmetic) -> Any:
    h = [sigmoid(numbers, number(numbers, A)), numbers.call("tanh", number(numbers, B))]
    z = [h[0] * 3 - h[1], h[0] / 7 + h[1] * h[1], h[1] - h[0]]
    return sum(softmax(numbers, z)) - 1


def quotient_rule(numbers: Arithmetic) -> Any:
    z = sigmoid(numbers, number(numbers, A)) * 2
    e = numbers.call("exp", z)
    y = e / (1 + e)
    return y * (1 - y) - e / (1 + e) ** 2


ZEROS: dict[str, Compute] = {
    "softmax sums to one": lambda n: sum(outputs(n)) - 1,
    "the iitm network's delta": diagonal_delta,
    "softmax of two is a sigmoid": lambda n: two(n)[0] - sigmoid(n, number(n, Fraction("1.558") - Fraction("1.568"))),
    "second layer": deep,
    "quotient rule": quotient_rule,
    "sigmoid of −z": lambda n: sigmoid(n, number(n, A)) + sigmoid(n, number(n, -A)) - 1,
    "tanh is 2σ(2z) − 1": lambda n: n.call("tanh", number(n, A)) - 2 * sigmoid(n, number(n, 2 * A)) + 1,
    "exp(x + y)": lambda n: call("exp", A)(n) * call("exp", B)(n) - call("exp", A + B)(n),
    "exp(x)^2": lambda n: call("exp", A)(n) ** 2 - call("exp", 2 * A)(n),
    "exp(1/3)^3": lambda n: call("exp", Fraction(1, 3))(n) ** 3 - call("exp", 1)(n),
    "exp(log x)": lambda n: n.call("exp", call("log", A)(n)) - number(n, A),
    "log(exp x)": lambda n: n.call("log", call("exp", A)(n)) - number(n, A),
    "log e^(−x)": lambda n: n.call("log", 1 / call("exp", A)(n)) + number(n, A),
    "log 1/x": lambda n: n.call("log", call("exp", A)(n) + 1) + n.call("log", 1 / (call("exp", A)(n) + 1)),
    "log 4 − 2 log 2": lambda n: call("log", 4)(n) - 2 * call("log", 2)(n),
    "log 6/5": lambda n: call("log", Fraction(6, 5))(n) - call("log", 2)(n) - call("log", 3)(n) + call("log", 5)(n),
    "a hidden 1 in the exponent": lambda n: n.call("exp", call("exp", B)(n) * call("exp", -B)(n)) - call("exp", 1)(n),
    "equal exponents in two forms": lambda n: n.call("exp", call("exp", A)(n) * call("exp", B)(n))
    - n.call("exp", call("exp", A + B)(n)),
    "second layer, two routes": lambda n: n.call("tanh", two(n)[0])
    - n.call("tanh", sigmoid(n, number(n, Fraction(-1, 100)))),
    "√2 √2": lambda n: call("sqrt", 2)(n) ** 2 - 2,
    "√2 √5 = √10": lambda n: call("sqrt", 2)(n) * call("sqrt", 5)(n) - call("sqrt", 10)(n),
    "√(g²) = |g|": lambda n: n.call("sqrt", (call("exp", B)(n) - 1) ** 2) - (1 - call("exp", B)(n)),
    "√(g·g)": lambda n: n.call("sqrt", (call("exp", B)(n) - 1) * (call("exp", B)(n) - 1)) - (1 - call("exp", B)(n)),
    "sin² + cos²": lambda n: call("sin", A)(n) ** 2 + call("cos", A)(n) ** 2 - 1,
    "sin is odd": lambda n: call("sin", A)(n) + call("sin", -A)(n),
    "erf is odd, erfc its rest": lambda n: call("erf", A)(n) - call("erf", -A)(n) + 2 * call("erfc", A)(n) - 2,
    "expm1": lambda n: call("expm1", A)(n) - call("exp", A)(n) + 1,
    "log1p": lambda n: call("log1p", A)(n) - call("log", 1 + A)(n),
    "a half power": lambda n: call("power", A, Fraction(3, 2))(n) - number(n, A) * call("sqrt", A)(n),
    "a negative half power": lambda n: call("power", A, Fraction(-1, 2))(n) * call("sqrt", A)(n) - 1,
    "π − π": lambda n: n.call("pi") * 2 - n.call("pi") - n.call("pi"),
    "max of equals": lambda n: n.call("max", sum(outputs(n)), number(n, 1)) - 1,
    "abs": lambda n: n.call("abs", sum(outputs(n)) - 1),
    "a difference that is squared": lambda n: (sum(outputs(n)) - 1) ** 2 * call("exp", 700)(n),
}  # fmt: skip


@pytest.mark.parametrize("name", ZEROS)
def test_hidden_zeros_are_proven(name: str) -> None:
    numbers = Residues(512)
    with numbers.working():
        zero = ZEROS[name](numbers)
    assert isinstance(zero, fmpq)
    assert zero == 0
    assert str(certify_in(ZEROS[name], lambda value: round_number(value, Digits()))) == "0"


@pytest.mark.parametrize("name", ZEROS)
def test_what_is_nearly_zero_is_not(name: str) -> None:
    def nearly(numbers: Arithmetic) -> Any:
        return ZEROS[name](numbers) + number(numbers, Fraction(1, 10**200))

    assert str(certify_in(nearly, lambda value: round_number(value, Digits()))).endswith("e-200")


@given(
    st.lists(st.tuples(st.fractions(-3, 3, max_denominator=9), st.integers(-3, 3)), min_size=1, max_size=6)
)
def test_sums_of_exponentials_vanish_only_when_they_cancel(terms: list[tuple[Fraction, int]]) -> None:
    """Lindemann and Weierstrass: Σ c_k e^(x_k) = 0 only where the coefficients of every exponent do."""
    numbers = Residues(256)
    with numbers.working():
        total = sum((c * numbers.call("exp", number(numbers, x)) for x, c in terms), number(numbers, 0))
    coefficients: dict[Fraction, int] = {}
    for x, c in terms:
        coefficients[x] = coefficients.get(x, 0) + c
    vanishes = not any(coefficients.values())
    assert (isinstance(total, fmpq) and total == 0) == vanishes


def test_ties_are_decided() -> None:
    def tie(numbers: Arithmetic) -> Any:
        return sum(outputs(numbers)) * number(numbers, Fraction("0.12345"))

    shown = certify_in(tie, lambda value: round_number(value, Digits()))
    assert (str(shown), shown.exact) == ("0.1235", False)
    below = certify_in(
        lambda n: tie(n) - number(n, Fraction(1, 10**300)), lambda value: round_number(value, Digits())
    )
    assert str(below) == "0.1234"
    places = certify_in(lambda n: -tie(n), lambda value: round_number(value, Digits(decimals=4)))
    assert str(places) == "-0.1235"


def test_a_zero_that_nobody_can_see_stays_undecided() -> None:
    def unproven(
        numbers: Arithmetic,
    ) -> Any:  # sin 2x = 2 sin x cos x is none of the rules that are kept
        x = number(numbers, Fraction(1, 2))
        return numbers.call("sin", x + x) - 2 * numbers.call("sin", x) * numbers.call("cos", x)

    with pytest.raises(Undecided):
        certify_in(unproven, lambda value: round_number(value, Digits()), cap=512)


def test_fractions_stay_fractions_and_mix_with_residues() -> None:
    numbers = Residues(128)
    with numbers.working():
        e = numbers.call("exp", fmpq(1))
        assert isinstance(e, Residue)
        third = fmpq(1, 3)
        for value, true in (
            (third + e, arb(1).exp() + third), (e + third, arb(1).exp() + third), (third - e, third - arb(1).exp()),
            (e - third, arb(1).exp() - third), (third * e, arb(1).exp() / 3), (e / third, arb(1).exp() * 3),
            (third / e, third / arb(1).exp()), (e**-2, arb(-2).exp()), (2 - e, 2 - arb(1).exp()),
            (2 / e, 2 / arb(1).exp()), (abs(2 - e), arb(1).exp() - 2), (-e, -arb(1).exp()),
            (e * np.int64(2), 2 * arb(1).exp()),
        ):  # fmt: skip
            assert isinstance(value, Residue)
            assert value.ball.overlaps(true)
        assert e**0 == fmpq(1)
        assert e - e == fmpq(0)
        assert isinstance(third + third, fmpq)
        array = numbers.array([third, 1]) * e
        assert [isinstance(x, Residue) for x in array] == [True, True]
        assert (
            (numbers.array([[1, 2], [3, 4]]) @ array) - numbers.array([[1, 2], [3, 4]]) @ array
        ).tolist() == [0, 0]
        with pytest.raises(TypeError):
            _ = e + "1"


def test_comparisons_know_equality() -> None:
    numbers = Residues(128)
    with numbers.working():
        one = sum(outputs(numbers))
    assert numbers.compare(one, "=", fmpq(1))
    assert numbers.compare(one, ">=", fmpq(1))
    assert not numbers.compare(one, "<", fmpq(1))
    assert numbers.compare(one, "<", fmpq(11, 10))
    with pytest.raises(DomainError, match="division by zero"):
        numbers.call("divide", fmpq(1), one - 1)
    with pytest.raises(DomainError, match="log of zero"):
        numbers.call("log", one - 1)


def test_a_residue_of_zero_alone_is_no_proof() -> None:
    lucky = element(arb(1), (0, 5))
    assert isinstance(lucky, Residue)
    assert (1 / lucky).ball == 1


def test_settling_keeps_the_residues() -> None:
    numbers = Residues(128, rational_bits=60)
    long = fmpq(3, 7) ** 50
    with numbers.working():
        settled = numbers.settle(numbers.array([long]))[0]
        assert isinstance(settled, Residue)
        assert settled - long == fmpq(0)
    assert numbers.to_float(np.array([settled]))[0] == pytest.approx((3 / 7) ** 50, rel=1e-15)


def test_the_primes_are_what_they_are_said_to_be() -> None:
    from flint import fmpz

    assert P == 2 * Q + 1
    assert fmpz(P).is_prime()
    assert fmpz(Q).is_prime()
    assert P % 4 == Q % 4 == 3
    assert all(pow(square, Q, P) == 1 for square in (2, 3, 4, 5, 7, 11, 13))


def test_a_network_in_residues_agrees_with_balls() -> None:
    def forward(numbers: Arithmetic) -> np.ndarray:
        with numbers.working():
            x = numbers.array([[0.5, -1.0, 0.25]])
            for W in ([[0.1, 0.2, 0.3], [0.3, -0.4, 0.7]], [[0.5, -0.6], [0.7, 0.8]]):
                a = x @ numbers.array(W).T
                x = numbers.call("tanh", a)
            return numbers.to_float(x)

    assert np.array_equal(forward(Residues(256)), forward(Certified(256)))


def test_matrix_products_keep_the_residues() -> None:
    numbers = Residues(256)
    with numbers.working():
        e = numbers.call("exp", numbers.array([[1, 2, 3], [-1, -2, -3]]))
        x = numbers.array([[1, 0, Fraction(1, 3)], [0, 0, 0]])
        product = e @ x.T
        plain = np.asarray(e).view(np.ndarray) @ np.asarray(x).view(np.ndarray).T
    assert (product - plain).ravel().tolist() == [0, 0, 0, 0]
    assert all(isinstance(zero, fmpq) for zero in (product - plain).ravel())
    assert [type(value) for value in product.ravel()] == [Residue, fmpq, Residue, fmpq]
    with numbers.working():  # Σ_k e^(x_k) e^(−x_k) is 3, hidden in a product of two matrices
        total = (e[:1] @ e[1:].T)[0, 0]
        assert total - 3 == fmpq(0)
