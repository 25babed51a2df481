"""A hundred figures, all of them wrong, each by a mistake of its own; `tests/bench` says what that costs."""

from __future__ import annotations

import numpy as np
import pytest

from solver.graph import build
from solver.review.judge import Judge
from solver.review.verdicts import Verdict
from solver.spec import loads_problem
from tests.review.problems import LARGER, Printer, with_every_figure_wrong


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_a_hundred_wrong_figures_are_found_wrong_for_many_reasons(activation: str) -> None:
    problem = loads_problem(LARGER.replace("softmax", activation))
    solution = with_every_figure_wrong(build(problem), Printer(4), np.random.default_rng(5))
    figures = solution.figures[:100]
    assert len(figures) == 100
    judged = Judge(build(problem), figures).judgements()
    wrong = [judgement for judgement in judged if judgement.verdict is Verdict.WRONG]
    assert len(wrong) >= 95  # the others are by chance what rounding leaves
    assert len({name for judgement in wrong for name in judgement.mistakes}) >= 8
