"""The study in small: a few cases for every day, some hundreds in a slow sweep; `python -m tests.review.study` is all."""

from __future__ import annotations

import pytest

from tests.review.study import Outcome, Planted, report, right_case, study


def test_a_few_planted_mistakes() -> None:
    outcome = study(planted=10, right=0, seed=1)
    assert outcome.found == 1, report(outcome)
    assert outcome.named >= 0.9, report(outcome)


def test_a_few_right_solutions() -> None:
    outcome = study(planted=0, right=25, seed=1)
    assert outcome.right == 25
    assert not outcome.accused, report(outcome)


def test_the_table_shows_what_is_taken_for_what() -> None:
    cases = [Planted("divided", "divided", True, 1), Planted("divided", "decimal-point", True, 1)]
    cases += [Planted("factor", "factor", True, 1), Planted("rounded", "rounded", True, 1)]
    assert "| divided | 2 | 1 | decimal-point 1 |" in report(Outcome(cases))
    assert (
        report(Outcome(cases), most=1)
        .rstrip()
        .endswith("| divided | 2 | 1 | decimal-point 1 |\n| the other 2 | 2 | 2 | |")
    )


def test_printed_path_by_path_but_gone_on_with_layer_by_layer() -> None:
    # Below a softmax both give other digits: what is printed there leads nowhere, and the chain is all of it rounded.
    assert right_case(0, 1997) == []


@pytest.mark.slow
def test_hundreds_of_planted_mistakes() -> None:
    outcome = study(planted=300, right=0, seed=2, jobs=2)
    assert outcome.found >= 0.99, report(outcome)
    assert outcome.named >= 0.90, report(outcome)


@pytest.mark.slow
def test_hundreds_of_right_solutions() -> None:
    outcome = study(planted=0, right=500, seed=2, jobs=2)
    assert outcome.right == 500
    assert not outcome.accused, report(outcome)
