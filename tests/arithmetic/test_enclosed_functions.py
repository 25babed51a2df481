"""Exponentials and logarithms of whole arrays, against balls of 200 bits."""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb
from numpy.typing import NDArray

from solver.arithmetic import precision
from solver.arithmetic.enclosed_array import UNIT, enclosed, fields
from solver.arithmetic.enclosed_functions import VECTORISED, exp, log

RANDOM = np.random.default_rng(1)
NEAR_HALVES = np.log(2) * (np.arange(-900, 900) + 0.5)  # where the argument is reduced the least
ARGUMENTS = {
    "exp": np.concatenate([RANDOM.uniform(-689, 689, 1500), RANDOM.uniform(-2, 2, 1500), NEAR_HALVES, [0.0, 1.0, -1.0]]),
    "log": np.concatenate(
        [10 ** RANDOM.uniform(-280, 280, 1500), RANDOM.uniform(0.5, 2, 1500), 1 + RANDOM.uniform(-1e-9, 1e-9, 500), [1.0]]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(VECTORISED))
@pytest.mark.parametrize("width", [0.0, 1e-14, 1e-5])
def test_the_true_value_is_within_the_radius(name: str, width: float) -> None:
    x: NDArray[np.float64] = ARGUMENTS[name]
    x = x[np.abs(x) < 689] if name == "exp" else x
    radii = width * (np.abs(x) if name == "log" else np.minimum(1.0, np.abs(x)))
    found = VECTORISED[name](enclosed(x, radii, np.inf))
    assert found is not None
    mid, rad, _ = fields(found)
    with precision(200):
        for a, s, value, radius in zip(x.tolist(), radii.tolist(), mid.tolist(), rad.tolist(), strict=True):
            for end in (arb(a) - arb(s), arb(a) + arb(s)):
                true = end.exp() if name == "exp" else end.log()
                assert abs(true - arb(value)) <= arb(radius), a
    if not width:
        size = mid if name == "exp" else np.maximum(np.abs(mid), 1)
        assert (rad <= 1000 * UNIT * size + 1e-280).all()  # more than 12 digits


def test_what_is_known_exactly_stays_exact() -> None:
    for function, one, other in ((exp, 0.0, 1.0), (log, 1.0, 0.0)):
        found = function(enclosed(np.array([one]), 0.0, 0.0))
        assert found is not None
        assert [part.item() for part in fields(found)] == [other, 0.0, 0.0]


LEFT = [("exp", 800.0, 0.0), ("exp", 1.0, 0.5), ("log", 0.0, 0.0), ("log", -1.0, 0.0), ("log", 1.0, 2.0)]


@pytest.mark.parametrize(("name", "mid", "rad"), LEFT)
def test_elements_that_have_to_be_looked_at_one_by_one_are_left(name: str, mid: float, rad: float) -> None:
    assert VECTORISED[name](enclosed(np.array([1.0, mid]), np.array([0.0, rad]), np.inf)) is None
