"""To how many digits a source prints, as its own figures tell it, and how far roundings reach together."""

from __future__ import annotations

import numpy as np
import pytest

from solver.graph import build
from solver.review.chain import SIGMAS, reach
from solver.review.figures import figures_of
from solver.review.judge import Judge
from solver.review.names import Names
from solver.review.printing import Printing
from solver.spec import loads_problem
from tests.review.given import NETWORK


def printing(*claims: tuple[str, str]) -> Printing:
    text = NETWORK + "".join(f'[[claims]]\nquantity = "{name}"\nvalue = {value}\n' for name, value in claims)
    problem = loads_problem(text)
    model = build(problem)
    return Judge(model, figures_of(Names(model), problem.claims)[0]).source.printing


@pytest.mark.parametrize(
    ("claims", "significant", "decimals"),
    [
        ([("h1", '["0.4875", "0.3543", "0.6792"]'), ("dL/da1", '["-0.02040", "0.007871", "0.002801"]')], 4, None),
        ([("h1", '["0.488", "0.354", "0.679"]'), ("dL/da1", '["-0.020", "0.008", "0.003"]')], None, 3),
        # A bare 0 has no digits to tell by; 0.000 has.
        ([("dL/da1", '["-0.020", "0", "0.003"]'), ("dL/dh1[1]", '"-0.082"')], None, 3),
        ([("dL/da1", '["-0.020", "0.008", "0.000"]'), ("h1[2]", '"0.354"')], None, 3),
        # Numbers of the file, and numbers that are exact, say nothing.
        ([("W1", '[["0.2", "-0.1", "0.4", "0.1"], ["-0.3", "0.2", "0.1", "-0.2"], ["0.1", "0.3", "-0.2", "0.2"]]'),
          ("h1", '["0.4875", "0.3543", "0.6792"]'), ("dL/dh1", '["-0.08166", "0.03440", "0.01286"]')], 4, None),
        ([("x", '["1", "0.5", "-1", "2"]')], 4, None),
    ],
)  # fmt: skip
def test_digits_or_decimals(
    claims: list[tuple[str, str]], significant: int | None, decimals: int | None
) -> None:
    found = printing(*claims)
    assert (found.significant, found.decimals) == (significant, decimals)


def test_where_figures_do_not_tell_which_the_coarser_is_allowed_for() -> None:
    both = Printing(2, 3)
    np.testing.assert_allclose(
        both.units(np.array([0.5, 0.05, 0.0002, 0.0, 12.0])), [0.01, 0.001, 0.001, 0.001, 1.0]
    )
    # A source that prints 0.00021 all the same does not round it to 0.000.
    small = Printing(2, 3, keeps_small=True)
    np.testing.assert_allclose(small.units(np.array([0.5, 0.05, 0.0002])), [0.01, 0.001, 0.00001])


def test_few_roundings_add_up_and_many_go_as_far_as_chance_takes_them() -> None:
    assert reach(np.full(3, 0.5)) == pytest.approx(1.5)
    assert reach(np.full(300, 0.5)) == pytest.approx(SIGMAS * 0.5 * np.sqrt(100))
    assert reach(np.array([10.0] + [1e-9] * 100)) == pytest.approx(10)
    rng = np.random.default_rng(0)
    sums = rng.uniform(-0.5, 0.5, size=(20_000, 100)).sum(axis=1)
    assert np.abs(sums).max() < reach(np.full(100, 0.5)) < 50
