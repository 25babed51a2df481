"""Optimizers against plain loops written from the papers, and in exact arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq

from solver.arithmetic import Arithmetic, Certified, Digits, Float64, Values, certify_in, round_number
from solver.functions import OPTIMIZERS, Optimizer, update
from solver.quantities import Role

GRADIENTS = [0.3, -0.2, 0.05, 0.0, -1.5]
START, RATE = 0.7, 0.1

ByHand = Callable[[Callable[[int, float], float]], float]


def sgd(gradient: Callable[[int, float], float]) -> float:
    w = START
    for k in range(5):
        w -= RATE * gradient(k, w)
    return w


def momentum(gradient: Callable[[int, float], float], first: float) -> float:
    w, m = START, 0.0
    for k in range(5):
        m = 0.9 * m + first * gradient(k, w)
        w -= RATE * m
    return w


def nesterov(gradient: Callable[[int, float], float], first: float) -> float:
    w, m = START, 0.0
    for k in range(5):
        g = gradient(k, w)
        m = 0.9 * m + first * g
        w -= RATE * (0.9 * m + first * g)
    return w


def rmsprop(gradient: Callable[[int, float], float]) -> float:
    w, v = START, 0.0
    for k in range(5):
        g = gradient(k, w)
        v = 0.9 * v + (1 - 0.9) * g * g
        w -= RATE * g / (math.sqrt(v) + 1e-8)
    return w


def adam(gradient: Callable[[int, float], float]) -> float:
    w, m, v = START, 0.0, 0.0
    for k in range(5):
        g = gradient(k, w)
        m = 0.9 * m + (1 - 0.9) * g
        v = 0.999 * v + (1 - 0.999) * g * g
        w -= RATE * (m / (1 - 0.9 ** (k + 1))) / (math.sqrt(v / (1 - 0.999 ** (k + 1))) + 1e-8)
    return w


CASES: list[tuple[str, str, ByHand]] = [
    ("sgd", "", sgd),
    ("momentum", "ema", lambda gradient: momentum(gradient, 0.1)),
    ("momentum", "classical", lambda gradient: momentum(gradient, 1.0)),
    ("nesterov", "classical", lambda gradient: nesterov(gradient, 1.0)),
    ("nesterov", "ema", lambda gradient: nesterov(gradient, 0.1)),
    ("rmsprop", "", rmsprop),
    ("adam", "", adam),
]


def run(optimizer: Optimizer, numbers: Float64 | Certified, gradients: list[float]) -> list[dict]:
    w = numbers.array([START, Fraction(-1, 2)])
    state: dict = {}
    rows = []
    with numbers.working():
        for step, g in enumerate(gradients, 1):
            result = update(
                optimizer, w, numbers.array([g, 2 * g]), state, step, numbers.number(RATE), numbers
            )
            state, w = {name: result[name] for name in optimizer.state}, result["w"]
            rows.append(result)
    return rows


@pytest.mark.parametrize("decay", [0, Fraction(1, 20)])
@pytest.mark.parametrize(("name", "form", "by_hand"), CASES)
def test_five_steps(name: str, form: str, by_hand: ByHand, decay: Fraction) -> None:
    optimizer = OPTIMIZERS[name].with_options(form=form, weight_decay=decay)
    expected = by_hand(lambda k, w: GRADIENTS[k] + float(decay) * w)
    for numbers in (Float64(), Certified(256)):
        found = numbers.to_float(run(optimizer, numbers, GRADIENTS)[-1]["w"])
        assert found[0] == pytest.approx(expected, rel=1e-13)


def test_adams_first_step_is_the_rate_times_the_sign() -> None:
    plain = OPTIMIZERS["adam"].with_options(epsilon=0)
    for numbers in (Float64(), Certified()):
        first = run(plain, numbers, [0.3])[0]
        assert numbers.to_float(first["w"]).tolist() == pytest.approx([0.6, -0.6], rel=1e-15)
    # exactly so: √(g²) of a fraction is a fraction
    assert run(plain, Certified(), [0.3])[0]["w"].tolist() == [fmpq(6, 10), fmpq(-6, 10)]


def test_adams_first_step_is_exact_for_an_irrational_gradient_too() -> None:
    plain = OPTIMIZERS["adam"].with_options(epsilon=0)

    def compute(numbers: Arithmetic) -> Values:
        g = numbers.call("exp", numbers.number(Fraction(-1, 3))) - 2
        rate = numbers.number(Fraction(1, 20))
        w = update(plain, numbers.number(Fraction(5, 4)), g, {}, 1, rate, numbers)["w"]
        return w - numbers.number(Fraction(13, 10))

    assert str(certify_in(compute, lambda zero: round_number(zero, Digits()))) == "0"


def test_steps_in_order_with_their_roles() -> None:
    adam_steps = OPTIMIZERS["adam"].with_options(weight_decay=Fraction(1, 10)).steps
    assert [step.name for step in adam_steps] == ["g", "m", "v", "mhat", "vhat", "w"]
    assert [step.role for step in adam_steps] == [
        Role.GRADIENT, Role.FIRST_MOMENT, Role.SECOND_MOMENT, Role.FIRST_CORRECTED, Role.SECOND_CORRECTED, Role.UPDATED,
    ]  # fmt: skip
    assert [step.name for step in OPTIMIZERS["sgd"].steps] == ["w"]
    assert {name: record.state for name, record in OPTIMIZERS.items()} == {
        "sgd": (), "momentum": ("m",), "nesterov": ("m",), "rmsprop": ("v",), "adam": ("m", "v"),
    }  # fmt: skip


def test_scalars_and_arrays_agree() -> None:
    optimizer = OPTIMIZERS["adam"]
    many = update(optimizer, np.array([0.7, 0.7]), np.array([0.3, 0.3]), {}, 1, 0.1, Float64())
    one = update(optimizer, 0.7, 0.3, {}, 1, 0.1, Float64())
    assert {name: float(value) for name, value in one.items()} == {
        name: value[0] for name, value in many.items()
    }


def test_options_forms_and_other_names() -> None:
    assert dict(OPTIMIZERS["momentum"].with_options(momentum=Fraction(1, 2)).options) == {
        "beta": Fraction(1, 2)
    }
    assert OPTIMIZERS["momentum"].form == "ema"
    with pytest.raises(TypeError):
        OPTIMIZERS["momentum"].with_options(form="heavy")
    with pytest.raises(TypeError):
        OPTIMIZERS["sgd"].with_options(beta=1)
    for record in OPTIMIZERS.values():
        assert record.form == (record.forms[0] if record.forms else "")
