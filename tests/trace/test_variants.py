"""All variants of a problem in one pass give what each gives alone, in every kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings

from solver.arithmetic import Float64
from solver.graph import build
from solver.graph.model import Given, Model
from solver.graph.node import Leaf
from solver.spec import loads_problem
from solver.trace.passes import UncomputableError
from solver.trace.solve import StepValues, solve_steps
from tests.graph.test_elements import KINDS
from tests.oracle import to_toml


@pytest.mark.parametrize("kind", KINDS)
def test_variants_in_one_pass(kind: str) -> None:
    def check(problem: Mapping[str, Any]) -> None:
        model = build(loads_problem(to_toml(problem)))
        alone = [model, shrunk(model)]
        try:
            expected = [solve_steps(variant, Float64()) for variant in alone]
        except UncomputableError:
            assume(False)
        together = solve_steps(stacked(alone), Float64())
        for number, steps in enumerate(expected):
            for one, both in zip(steps, together, strict=True):
                assert_same(one, both, number)

    settings(max_examples=8)(given(KINDS[kind])(check))()


def shrunk(model: Model) -> Model:
    """Return the same problem with every given number but masks and targets at three quarters."""
    nodes = model.graph.by_quantity
    moved = {
        quantity: Given(given.exact * Decimal("0.75"), given.values * 0.75)
        for quantity, given in model.given.items()
        if isinstance(leaf := nodes[quantity].operation, Leaf) and not leaf.fixed
    }
    return replace(model, given={**model.given, **moved})


def stacked(models: list[Model]) -> Model:
    given = {
        quantity: Given(
            np.concatenate([model.given[quantity].exact for model in models]),
            np.concatenate([model.given[quantity].values for model in models]),
        )
        for quantity in models[0].given
    }
    return replace(models[0], given=given)


def assert_same(one: StepValues, both: StepValues, variant: int) -> None:
    for group in ("values", "gradients", "updated", "states"):
        mine, theirs = getattr(one, group), getattr(both, group)
        assert mine.keys() == theirs.keys()
        largest = max((float(np.max(np.abs(array), initial=0.0)) for array in mine.values()), default=0.0)
        for quantity, array in mine.items():
            found = theirs[quantity][variant]
            assert found.shape == array[0].shape, quantity
            assert np.allclose(found, array[0], rtol=1e-11, atol=1e-12 * largest), quantity
    if one.loss_after is not None:
        assert both.loss_after is not None
        assert both.loss_after[variant] == pytest.approx(one.loss_after[0], rel=1e-11)
