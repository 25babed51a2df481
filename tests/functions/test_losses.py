"""Every loss and every combined delta: formula = float64 = ball, slope = difference quotient; what log 0 does."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb

from solver.arithmetic import Certified, DomainError, Float64, Residues, rational
from solver.functions import (
    ACTIVATIONS,
    COMBINATIONS,
    LOSSES,
    Combination,
    Loss,
    combined_delta,
    combined_value,
    forward,
    loss_slope,
    loss_value,
)
from tests.functions import judge

RECORDS = [*LOSSES.values(), LOSSES["huber"].with_options(delta=Fraction(3, 10))]
ANYWHERE = [-800.0, -3.0, -1.0, -0.31, -1e-3, 0.2, 0.5, 0.71, 1.0, 2.5, 800.0]
INSIDE = [1e-300, 1e-12, 0.1, 0.25, 0.5, 0.7, 0.999999, 1 - 2.0**-53]
TARGETS = {"hinge": [-1.0, 1.0], "binary_cross_entropy": [0.0, 0.25, 1.0], "cross_entropy": [0.0, 0.3, 1.0]}


def pairs(record: Loss) -> tuple[np.ndarray, np.ndarray]:
    outputs = INSIDE if "cross_entropy" in record.name else ANYWHERE
    targets = TARGETS.get(record.name, [-2.0, 0.0, 0.7, 1.0])
    grid = np.meshgrid(outputs, targets)
    return grid[0].ravel(), grid[1].ravel()


def ids(record: Loss) -> str:
    return record.name + "".join(f"-{name}={value}" for name, value in record.options)


def at_kink(record: Loss, y: float, t: float) -> bool:
    names = {"y": mpmath.mpf(y), "t": mpmath.mpf(t)}
    return any(judge.value(left, names) == judge.value(right, names) for left, right in
               (kink.where for kink in record.kinks))  # fmt: skip


@pytest.mark.parametrize("record", RECORDS, ids=ids)
def test_value_and_slope(record: Loss) -> None:
    y, t = pairs(record)
    values, slopes = record.value(y, t), record.derivative(y, t)
    numbers = Certified(2048)
    balls = loss_value(record, exact(numbers, y), exact(numbers, t), numbers)
    rises = loss_slope(record, exact(numbers, y), exact(numbers, t), numbers)
    with mpmath.workdps(900):
        for i in range(y.size):
            target = mpmath.mpf(t[i])

            def L(output: mpmath.mpf, target: mpmath.mpf = target) -> mpmath.mpf:
                return judge.value(record.formula, {"y": output, "t": target})

            true = L(mpmath.mpf(y[i]))
            assert close(values[i], true, y[i], t[i]), (y[i], t[i])
            assert overlaps(balls[i], true)
            if at_kink(record, y[i], t[i]):
                assert slopes[i] == float(record.kinks[0].slope)
                assert numbers.to_float(rises)[i] == float(record.kinks[0].slope)
                continue
            rise = judge.difference(L, mpmath.mpf(y[i]), "1e-320")
            assert close(slopes[i], rise, y[i], t[i]), (y[i], t[i])
            textbook = judge.value(record.slope, {"y": mpmath.mpf(y[i]), "t": target})
            assert mpmath.almosteq(textbook, rise, 1e-15, 1e-15)
            assert overlaps(rises[i], rise)


def exact(numbers: Certified | Residues, values: np.ndarray) -> np.ndarray:
    return numbers.array([rational(Fraction(float(value))) for value in values.ravel()]).reshape(values.shape)


def close(found: float, true: mpmath.mpf, y: float, t: float) -> bool:
    # y − t is rounded once; where its terms cancel, that is all that can be asked for.
    return bool(
        abs(mpmath.mpf(float(found)) - true) <= 4e-15 * abs(true) + 4e-16 * min(1.0, abs(y), abs(t) or 1.0)
    )


def overlaps(element: object, true: mpmath.mpf) -> bool:
    ball = element if isinstance(element, arb) else arb(element)
    with mpmath.workdps(60):
        return bool(ball.overlaps(arb(mpmath.nstr(true, 40), (abs(true) + 1) * mpmath.mpf("1e-39"))))


@pytest.mark.parametrize("numbers", [Float64(), Certified(), Residues(256)], ids=lambda numbers: numbers.name)
def test_log_of_zero_counts_only_where_the_target_asks(numbers: Float64 | Certified | Residues) -> None:
    y, t = numbers.array([[0, 1, Fraction(1, 2)]]), numbers.array([[0, 1, 0]])
    for name, values, slopes in (
        ("cross_entropy", [0, 0, 0], [0, -1, 0]),
        ("binary_cross_entropy", [0, 0, np.log(2)], [1, -1, 2]),
    ):
        loss = LOSSES[name]
        assert np.allclose(numbers.to_float(loss_value(loss, y, t, numbers)), [values], rtol=1e-15, atol=0)
        assert np.allclose(numbers.to_float(loss_slope(loss, y, t, numbers)), [slopes], rtol=1e-15, atol=0)


@pytest.mark.parametrize("numbers", [Float64(), Certified(), Residues(256)], ids=lambda numbers: numbers.name)
@pytest.mark.parametrize(
    ("name", "y", "t", "place"),
    [
        ("cross_entropy", [[1, 0], [1, 0]], [[1, 0], [0, 1]], (2, 2)),
        ("binary_cross_entropy", [[0, 1], [0, 1]], [[0, 1], [0, 0]], (2, 2)),
        ("binary_cross_entropy", [[1, 0]], [[1, 0.5]], (1, 2)),
    ],
)
def test_an_infinite_loss_names_its_output(
    numbers: Float64 | Certified | Residues, name: str, y: list, t: list, place: tuple[int, ...]
) -> None:
    given, targets = numbers.array(y), numbers.array(t)
    with pytest.raises(DomainError, match="log of zero") as failure:
        loss_value(LOSSES[name], given, targets, numbers)
    assert failure.value.position == place
    with pytest.raises(DomainError, match="division by zero") as failure:
        loss_slope(LOSSES[name], given, targets, numbers)
    assert failure.value.position == place


def test_a_negative_probability_is_refused() -> None:
    with pytest.raises(DomainError, match="log of a negative number"):
        loss_value(LOSSES["cross_entropy"], np.array([-0.1]), np.array([1.0]), Float64())


Z = np.array([[0.3, -1.2, 2.0], [-800.0, 0.0, 800.0], [40.0, -1.0, 0.0], [700.0, -50.0, 1.0]])
TARGET_ROWS = {
    "softmax": [[0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [0.5, 0.25, 0.25], [1.0, 0.0, 0.0], [1.0, 0.5, 0.0]],
    "sigmoid": [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.25, 0.5, 0.0]],
}


def whole_loss(pair: Combination, z: list[mpmath.mpf], t: np.ndarray) -> list[mpmath.mpf]:
    targets = [mpmath.mpf(float(value)) for value in t]
    if pair.activation == "sigmoid":
        plus = [(mpmath.log1p(mpmath.exp(value)), mpmath.log1p(mpmath.exp(-value))) for value in z]
        return [target * down + (1 - target) * up for target, (up, down) in zip(targets, plus, strict=True)]
    total = mpmath.log(mpmath.fsum(map(mpmath.exp, z)))
    return [target * (total - value) for target, value in zip(targets, z, strict=True)]


@pytest.mark.parametrize("pair", COMBINATIONS.values(), ids=lambda pair: f"{pair.activation}-{pair.loss}")
def test_combinations_keep_their_digits(pair: Combination) -> None:
    with mpmath.workdps(1200):
        for row in Z:
            z = [mpmath.mpf(float(value)) for value in row]
            for target in map(np.array, TARGET_ROWS[pair.activation]):
                found = pair.value(row, target)
                deltas = pair.derivative(row, target)
                true = whole_loss(pair, z, target)
                for k in range(3):
                    assert near(found[k], true[k]), (row, target, k)

                    def total(
                        x: mpmath.mpf, k: int = k, z: list = z, target: np.ndarray = target
                    ) -> mpmath.mpf:
                        return mpmath.fsum(whole_loss(pair, [*z[:k], x, *z[k + 1 :]], target))

                    assert near(deltas[k], judge.difference(total, z[k]), target[k] not in (0.0, 1.0)), (
                        row,
                        target,
                        k,
                    )


@pytest.mark.parametrize("pair", COMBINATIONS.values(), ids=lambda pair: f"{pair.activation}-{pair.loss}")
def test_slopes_by_the_outputs_keep_their_digits(pair: Combination) -> None:
    with mpmath.workdps(1200):
        for row in Z[[0, 2]]:
            z = [mpmath.mpf(float(value)) for value in row]
            total = mpmath.fsum(map(mpmath.exp, z))
            for target in map(np.array, TARGET_ROWS[pair.activation]):
                found = pair.output_slope(row, target)
                for k, t in enumerate(map(mpmath.mpf, target.tolist())):
                    true = -t * total / mpmath.exp(z[k])
                    if pair.activation == "sigmoid":
                        true = (1 - t) * (1 + mpmath.exp(z[k])) - t * (1 + mpmath.exp(-z[k]))
                    assert abs(mpmath.mpf(float(found[k])) - true) <= 1e-15 * (abs(true) + 1), (
                        row,
                        target,
                        k,
                    )


def near(found: float, true: mpmath.mpf, cancels: bool = False) -> bool:
    # A target between 0 and 1 is subtracted: its own rounding is all that is lost there.
    return bool(abs(mpmath.mpf(float(found)) - true) <= 4e-15 * abs(true) + (4e-16 if cancels else 1e-320))


@pytest.mark.parametrize("pair", COMBINATIONS.values(), ids=lambda pair: f"{pair.activation}-{pair.loss}")
def test_combinations_in_balls_are_the_chain_rule(pair: Combination) -> None:
    numbers = Certified(512)
    z = exact(numbers, Z[[0, 2]])
    y = forward(ACTIVATIONS[pair.activation], z, numbers)
    for target in TARGET_ROWS[pair.activation]:
        t = exact(numbers, np.array([target, target]))
        delta = numbers.to_float(combined_delta(pair, z, y, t, numbers))
        values = numbers.to_float(combined_value(pair, LOSSES[pair.loss], z, y, t, numbers))
        floats = np.array([target, target])
        assert np.allclose(
            combined_delta(pair, Z[[0, 2]], numbers.to_float(y), floats, Float64()), delta, 1e-15, 1e-15
        )
        float_values = combined_value(
            pair, LOSSES[pair.loss], Z[[0, 2]], numbers.to_float(y), floats, Float64()
        )
        assert np.allclose(float_values, values, 1e-15, 1e-30)


def test_deltas_are_y_minus_t_as_textbooks_say() -> None:
    for pair in COMBINATIONS.values():
        found = judge.value(pair.delta, {"y": mpmath.mpf("0.7"), "t": mpmath.mpf(1)})
        assert found == mpmath.mpf("0.7") - 1
        general = judge.value(
            pair.general_delta, {"y": mpmath.mpf("0.7"), "t": mpmath.mpf(1), "s": mpmath.mpf(1)}
        )
        assert general == found


def test_options_of_a_loss() -> None:
    wide = LOSSES["huber"].with_options(delta=2)
    assert wide.value(np.array([1.5]), np.array([0.0])) == 1.125
    assert wide != LOSSES["huber"]
    with pytest.raises(TypeError):
        LOSSES["hinge"].with_options(delta=1)
