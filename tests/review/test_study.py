"""The study in small for every day, and at its full size as a slow sweep."""

from __future__ import annotations

import pytest

from tests.review.study import Outcome, Planted, report, study


def test_planted_mistakes_are_found_and_named() -> None:
    outcome = study(planted=60, right=0, seed=1)
    assert outcome.found >= 0.97, report(outcome)
    assert outcome.named >= 0.88, report(outcome)


def test_right_solutions_are_never_called_wrong() -> None:
    outcome = study(planted=0, right=120, seed=1)
    assert outcome.right == 120
    assert not outcome.accused, report(outcome)


def test_the_table_shows_what_is_taken_for_what() -> None:
    cases = [Planted("divided", "divided", True, 1), Planted("divided", "decimal-point", True, 1)]
    assert "| divided | 2 | 1 | decimal-point 1 |" in report(Outcome(cases))


@pytest.mark.slow
def test_two_thousand_planted_mistakes() -> None:
    outcome = study(planted=2000, right=0, jobs=2)
    assert outcome.found >= 0.99, report(outcome)
    assert outcome.named >= 0.90, report(outcome)


@pytest.mark.slow
def test_two_thousand_right_solutions() -> None:
    outcome = study(planted=0, right=2000, jobs=2)
    assert outcome.right == 2000
    assert not outcome.accused, report(outcome)
