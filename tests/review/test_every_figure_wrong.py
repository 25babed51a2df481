"""A hundred figures, all of them wrong, each by a mistake of its own; `tests/bench` says what that costs."""

from __future__ import annotations

import numpy as np
import pytest

from solver.graph import build
from solver.review.judge import Judge
from solver.review.verdicts import Verdict
from solver.spec import loads_problem
from tests.review.problems import Printer, with_every_figure_wrong

LARGER = """
[network]
inputs = [1, 0.5, -1, 2]
targets = [1, 0, 0]
loss = {{ name = "squared_error", factor = 0.5 }}
learning_rate = 0.1
[[network.layer]]
weights = [
  [0.2, -0.1, 0.4, 0.1], [-0.3, 0.2, 0.1, -0.2], [0.1, 0.3, -0.2, 0.2], [0.5, -0.3, 0.2, 0.1], [0.3, 0.1, -0.2, 0.4],
]
biases = [0, 0.1, -0.1, 0.2, 0.05]
activation = "sigmoid"
[[network.layer]]
weights = [[0.3, -0.2, 0.1, 0.2, -0.5], [-0.4, 0.1, 0.2, 0.3, 0.1], [0.2, -0.1, 0.4, -0.2, 0.3]]
biases = [0.05, -0.05, 0.1]
activation = "{activation}"
"""


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_a_hundred_wrong_figures_are_found_wrong_for_many_reasons(activation: str) -> None:
    problem = loads_problem(LARGER.format(activation=activation))
    solution = with_every_figure_wrong(build(problem), Printer(4), np.random.default_rng(5))
    figures = solution.figures[:100]
    assert len(figures) == 100
    judged = Judge(build(problem), figures).judgements()
    wrong = [judgement for judgement in judged if judgement.verdict is Verdict.WRONG]
    assert len(wrong) >= 95  # the others are by chance what rounding leaves
    assert len({name for judgement in wrong for name in judgement.mistakes}) >= 8
