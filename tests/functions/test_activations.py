"""One test holds every activation: formula = float64 = certified ball, slope = difference quotient, also far out."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb, fmpq

from solver.arithmetic import Certified, Float64, Residues, Undecided, certify, rational
from solver.formula import substitute
from solver.functions import ACTIVATIONS, Activation, UnnamedFunctionError, evaluate, forward, pull, slope
from solver.functions.softmax import SOFTMAX
from tests.functions import judge

RECORDS = [record for record in ACTIVATIONS.values() if record.numeric and record.elementwise]
RECORDS += [
    ACTIVATIONS["elu"].with_options(alpha=Fraction(3, 10)),
    ACTIVATIONS["leaky_relu"].with_options(alpha=Fraction(1, 4)),
]
SIZES = [800.0, 745.1, 40.0, 38.4, 20.0, 9.67, 5.0, 2.0, 1.2785, 1.0, 0.7518, 0.5, 0.1, 1e-3, 1e-8, 1e-300]
POINTS = [sign * size for size in SIZES for sign in (-1.0, 1.0)]
DIGITS = 1500  # 800 log₁₀ e twice over, and room for a difference quotient with steps of 10^−400
SUBNORMAL = 1e-320  # there, z times a subnormal number has lost digits already
ROOTS = {"gelu": -0.7518, "swish": -1.2785}  # a slope that crosses zero has no relative accuracy there


def ids(record: Activation) -> str:
    return record.name + "".join(f"-{name}={value}" for name, value in record.options)


def points(record: Activation) -> list[float]:
    # 1 + erf(z/√2) has no digit left in DIGITS ones below −60; `test_gelu_far_out` looks there.
    return [point for point in POINTS if record.name != "gelu" or point > -60]


def close(found: float, true: mpmath.mpf, relative: float = 4e-15, absolute: float = SUBNORMAL) -> bool:
    return bool(abs(mpmath.mpf(float(found)) - true) <= relative * abs(true) + absolute)


def sharp(compute: Callable[[Certified, Any], Any], point: float, bits: int = 60) -> Any:
    """Return compute(arithmetic, element) as a ball with so many good bits."""

    def at(precision_bits: int) -> Any:
        numbers = Certified(precision_bits)
        with numbers.working():
            return compute(numbers, rational(Fraction(point)))

    def decide(value: Any) -> Any:
        if isinstance(value, arb) and not value.is_zero() and value.rel_accuracy_bits() < bits:
            raise Undecided
        return value

    return certify(at, decide)


def contains(element: Any, true: mpmath.mpf) -> bool:
    ball = element if isinstance(element, arb) else arb(element)
    with mpmath.workdps(80):
        return bool(ball.overlaps(arb(mpmath.nstr(true, 60), abs(true) * mpmath.mpf("1e-59"))))


@pytest.mark.parametrize("record", RECORDS, ids=ids)
def test_formula_and_float64_and_ball_agree(record: Activation) -> None:
    floats = record.value(np.array(points(record)))
    with mpmath.workdps(DIGITS):
        for point, found in zip(points(record), floats, strict=True):
            true = judge.value(record.formula, {"z": mpmath.mpf(point)})
            assert close(found, true), (point, found, true)
            ball = sharp(lambda numbers, z: forward(record, np.array([z], dtype=object), numbers)[0], point)
            assert contains(ball, true), (point, ball)
            literal = sharp(
                lambda numbers, z: evaluate(record.formula, arithmetic=numbers, variables={"z": z}), point
            )
            assert contains(literal, true), (point, literal)


@pytest.mark.parametrize("record", RECORDS, ids=ids)
def test_slopes_agree_with_difference_quotients(record: Activation) -> None:
    def f(z: mpmath.mpf) -> mpmath.mpf:
        return judge.value(record.formula, {"z": z})

    z = np.array(points(record))
    floats = record.derivative(z, record.value(z))
    with mpmath.workdps(DIGITS):
        for point, found in zip(points(record), floats, strict=True):
            true = judge.difference(f, mpmath.mpf(point))
            # The quotient's own error: far from the origin the function itself has only DIGITS − 400 digits left.
            near_root = abs(point - ROOTS.get(record.name, 1e9)) < 1e-3
            assert close(found, true, absolute=1e-16 if near_root else SUBNORMAL), (point, found, true)
            textbook = judge.value(record.slope, {"z": mpmath.mpf(point), "y": f(mpmath.mpf(point))})
            assert mpmath.almosteq(textbook, true, 1e-60, mpmath.mpf("1e-700")), point
            rule = record.certified_slope or record.slope
            for written in (rule, record.slope):
                ball = sharp(
                    lambda numbers, z, rule=written: evaluate(
                        substitute(rule, y=record.formula), arithmetic=numbers, variables={"z": z}
                    ),
                    point,
                )
                assert contains(ball, true), (point, ball)


@pytest.mark.parametrize("record", RECORDS, ids=ids)
def test_kinks_take_the_stated_slope_in_every_arithmetic(record: Activation) -> None:
    for kink in record.kinks:
        for numbers in (Float64(), Certified(), Residues(256)):
            z = numbers.array([kink.at])
            found = slope(record, z, forward(record, z, numbers), numbers)
            assert numbers.to_float(found)[0] == float(kink.slope)
    # and there is a kink exactly where the two one-sided differences disagree
    with mpmath.workdps(60):
        step = mpmath.mpf("1e-20")
        left, middle, right = (judge.value(record.formula, {"z": z}) for z in (-step, mpmath.mpf(0), step))
        smooth = abs((right - middle) - (middle - left)) < step * mpmath.mpf("1e-10")
        assert smooth == (not record.kinks)


def test_step_is_one_at_zero() -> None:
    assert ACTIVATIONS["step"].value(np.array([-1e-300, 0.0, 1e-300])).tolist() == [0.0, 1.0, 1.0]


@pytest.mark.parametrize("record", RECORDS, ids=ids)
def test_a_wide_sweep_keeps_full_relative_accuracy(record: Activation) -> None:
    random = np.random.default_rng(7)
    z = np.concatenate(
        [random.uniform(-40, 40, 150), random.normal(size=100), -(10.0 ** random.uniform(-300, 0, 50))]
    )
    values, slopes = record.value(z), record.derivative(z, record.value(z))
    # The forms without cancellation are proven against the formulas above; here they make the sweep quick.
    for point, found, rise in zip(z, values, slopes, strict=True):
        true = sharp(lambda numbers, x: forward(record, np.array([x], dtype=object), numbers)[0], point, 70)
        assert abs(float(true - rational(Fraction(found)))) <= 4e-15 * abs(float(true)) + SUBNORMAL
        if abs(point - ROOTS.get(record.name, 1e9)) < 0.1:
            continue
        rule = substitute(record.certified_slope or record.slope, y=record.formula)
        true = sharp(lambda n, x, rule=rule: evaluate(rule, arithmetic=n, variables={"z": x}), point, 70)
        assert abs(float(true - rational(Fraction(rise)))) <= 4e-15 * abs(float(true)) + SUBNORMAL


def test_gelu_far_out() -> None:
    gelu = ACTIVATIONS["gelu"]
    assert gelu.value(np.array([-800.0, 800.0])).tolist() == [0.0, 800.0]
    far = sharp(lambda numbers, z: forward(gelu, np.array([z], dtype=object), numbers)[0], -800.0)
    assert far < 0
    # Mills: Φ(−x) = φ(x)/x · (1 − 1/x² + …), so −z Φ(z) is e^(−z²/2)/√(2π) up to a part in 640,000.
    mills = (-(arb(800) ** 2) / 2).exp() / (2 * arb.pi()).sqrt()
    assert 0 < float(1 - -far / mills) < 1 / 600_000


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "elu", "gelu", "swish", "linear", "leaky_relu"])
def test_zero_stays_exact(name: str) -> None:
    for numbers in (Certified(), Residues(256)):
        z = numbers.array([0])
        y = forward(ACTIVATIONS[name], z, numbers)
        assert isinstance(y[0], fmpq)
        assert y[0] == (fmpq(1, 2) if name == "sigmoid" else 0)


def test_phi_is_symbolic_alone() -> None:
    phi = ACTIVATIONS["phi"]
    assert not phi.numeric
    with pytest.raises(UnnamedFunctionError, match="Φ"):
        forward(phi, np.zeros(2), Float64())
    with pytest.raises(UnnamedFunctionError, match="Φ"):
        evaluate(phi.slope, arithmetic=Certified(), variables={"z": 1})


def test_options_are_checked_and_part_of_the_record() -> None:
    narrow = ACTIVATIONS["elu"].with_options(alpha=Fraction(1, 2))
    assert narrow != ACTIVATIONS["elu"]
    assert narrow == ACTIVATIONS["elu"].with_options(alpha=Fraction(1, 2))
    assert evaluate(narrow.call(narrow.formula), arithmetic=Float64(), variables={"z": np.array([2.0])}) == 2
    with pytest.raises(TypeError):
        ACTIVATIONS["tanh"].with_options(alpha=1)
    with pytest.raises(TypeError):
        ACTIVATIONS["elu"].with_options(beta=1)


def test_a_call_carries_its_options() -> None:
    from solver.formula import Call, Number

    call = Call("leaky_relu", (Number(Fraction(-2)), Number(Fraction(1, 4))))
    for numbers in (Float64(), Certified()):
        assert numbers.to_float(evaluate(call, arithmetic=numbers)) == -0.5
    assert evaluate(Call("leaky_relu", (Number(Fraction(-2)),)), arithmetic=Float64()) == -0.02


class TestSoftmax:
    """Softmax is not elementwise: its Jacobian is."""

    z = np.array([[1.558, 1.568, -3.0], [-800.0, 0.0, 800.0], [700.0, 700.0, -700.0], [0.0, 40.0, 1.0]])

    def judged(self, row: np.ndarray) -> list[mpmath.mpf]:
        e = [mpmath.exp(mpmath.mpf(float(value))) for value in row]
        return [value / mpmath.fsum(e) for value in e]

    def test_forward(self) -> None:
        for row, found in zip(self.z, forward(SOFTMAX, self.z, Float64()), strict=True):
            with mpmath.workdps(DIGITS):
                for k, true in enumerate(self.judged(row)):
                    assert close(found[k], true)
                    numbers = Certified(200)
                    exact = numbers.array([Fraction(float(value)) for value in row])
                    assert contains(forward(SOFTMAX, exact, numbers)[k], true)

    def test_diagonal_without_cancellation(self) -> None:
        y = forward(SOFTMAX, self.z, Float64())
        for row, found in zip(self.z, slope(SOFTMAX, self.z, y, Float64()), strict=True):
            with mpmath.workdps(DIGITS):
                for k, true in enumerate(self.judged(row)):
                    assert close(found[k], true * (1 - true))

    def test_jacobian_is_the_difference_quotient(self) -> None:
        with mpmath.workdps(200):
            z = [mpmath.mpf(value) for value in ("0.3", "-1.2", "2.5")]
            y = judge_softmax(z)
            for k in range(3):
                for j in range(3):
                    moved = lambda x, j=j, k=k: judge_softmax([*z[:j], x, *z[j + 1 :]])[k]  # noqa: E731
                    entry = SOFTMAX.jacobian(k + 1, j + 1)
                    found = judge.value(entry, {f"y{i + 1}": y[i] for i in range(3)})
                    assert mpmath.almosteq(found, judge.difference(moved, z[j], "1e-60"), 1e-60)

    def test_pull_is_the_transposed_jacobian(self) -> None:
        gradient = np.array([[1.0, -2.0, 0.5]] * 4)
        y = forward(SOFTMAX, self.z, Float64())
        found = pull(SOFTMAX, self.z, y, gradient, Float64())
        for row, y_row, pulled in zip(gradient, y, found, strict=True):
            outputs = {f"y{k + 1}": mpmath.mpf(float(y_row[k])) for k in range(3)}
            for j in range(3):
                with mpmath.workdps(60):
                    true = mpmath.fsum(
                        row[k] * judge.value(SOFTMAX.jacobian(k + 1, j + 1), outputs) for k in range(3)
                    )
                assert abs(pulled[j] - float(true)) <= 2e-15 * max(abs(row))

    def test_pull_keeps_its_digits_at_a_saturated_output(self) -> None:
        z = np.array([0.0, 60.0])
        gradient = np.array([1.0, 3.0])
        found = pull(SOFTMAX, z, forward(SOFTMAX, z, Float64()), gradient, Float64())
        with mpmath.workdps(80):
            y = self.judged(z)
            true = y[0] * y[1] * (mpmath.mpf(1) - 3)
            assert close(found[0], true)
            assert close(found[1], -true)

    def test_pull_in_balls_and_with_the_diagonal_alone(self) -> None:
        numbers = Certified(256)
        z, gradient = numbers.array([[1, 2, 3]]), numbers.array([[1, 0, -1]])
        y = forward(SOFTMAX, z, numbers)
        floats = pull(
            SOFTMAX, np.array([[1.0, 2, 3]]), numbers.to_float(y), np.array([[1.0, 0, -1]]), Float64()
        )
        assert np.allclose(
            numbers.to_float(pull(SOFTMAX, z, y, gradient, numbers)), floats, rtol=1e-15, atol=0
        )
        diagonal = numbers.to_float(pull(SOFTMAX, z, y, gradient, numbers, diagonal=True))
        plain = numbers.to_float(y)
        assert np.allclose(diagonal, np.array([[1, 0, -1]]) * plain * (1 - plain), rtol=1e-15)

    def test_output_written_out(self) -> None:
        from solver.formula import Variable

        written = SOFTMAX.output([Variable("p"), Variable("q")], 2)
        found = evaluate(written, arithmetic=Float64(), variables={"p": 1.0, "q": 2.0})
        assert found == pytest.approx(1 / (1 + np.exp(-1.0)), rel=1e-15)


def judge_softmax(z: list[mpmath.mpf]) -> list[mpmath.mpf]:
    e = [mpmath.exp(value) for value in z]
    return [value / mpmath.fsum(e) for value in e]
