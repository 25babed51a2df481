"""What a claim can name: quantities of every kind, factors, paths, values after the update."""

from __future__ import annotations

import numpy as np
import pytest

from solver.graph import build
from solver.graph.build import BUILDERS
from solver.quantities import Along, Partial, Quantity
from solver.review.names import Names, UnknownName
from solver.solution import solve_problem
from solver.spec import loads_problem, new_problem_text
from tests.review.given import NETWORK


@pytest.fixture(scope="module")
def names() -> Names:
    return Names(build(loads_problem(NETWORK)))


@pytest.mark.parametrize("kind", BUILDERS)
def test_every_quantity_of_the_json_form_has_its_shape(kind: str) -> None:
    problem = loads_problem(new_problem_text(kind))
    names = Names(build(problem))
    for name, value in solve_problem(problem)["quantities"].items():
        assert names.layouts[name].shape == np.shape(value), name


def test_factors_and_paths(names: Names) -> None:
    h1 = Quantity("h", 1, index=(2,))
    a1 = Quantity("a", 1, index=(2,))
    assert names.elements("dh1[2]/da1[2]") == [((), Partial(h1, a1))]
    for name in ("dL/dh1[2]", "dL / dh1[2]", "dL/dh1[ 2 ]"):
        assert names.elements(name) == [((), h1.gradient())]
    gradient = Quantity("W", 1, index=(3, 1)).gradient()
    assert names.elements("dL/dW1[3,1] along path 2") == [((), Along(gradient, 2))]


def test_computed_values_after_the_update(names: Names) -> None:
    assert names.layouts["a1'"].shape == (3,)
    assert names.element("a1'[3]") == Quantity("a", 1, index=(3,)).updated()
    assert "x'" not in names.layouts


def test_samples_come_first() -> None:
    text = NETWORK.replace("inputs = [1, 0.5, -1, 2]", "inputs = [[1, 0.5, -1, 2], [0, 1, 1, 0]]")
    names = Names(build(loads_problem(text.replace("targets = [1, 0]", "targets = [[1, 0], [0, 1]]"))))
    assert names.element("h1[2,3]") == Quantity("h", 1, sample=2, index=(3,))
    assert names.layouts["dL/dW1"].shape == (3, 4)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("dL/dW9[1,1]", "dL/dW2[1,1]"),
        ("W1[9,1]", "an index from W1[1,1] to W1[3,4]"),
        ("dh1[1]/da1[2]", "h1[1] does not read a1[2]"),
        ("da1[1]/da2[1]", "a1[1] does not read a2[1]"),
        ("dL/dW1[3,1] along path 3", "dL/dW1[3,1] has 2 paths"),
        ("W1[3,1] along path 1", "W1[3,1] is no gradient"),
        ("dh1/da1[2]", "h1 is an array"),
        ("L[1]", "L is a number"),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_told_with_what_does(names: Names, name: str, found: str) -> None:
    with pytest.raises(UnknownName) as caught:
        names.elements(name)
    finding = caught.value.finding
    assert found in f"{finding.message} {finding.found} {finding.expected} {finding.nearest}"
