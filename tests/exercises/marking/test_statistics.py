"""Statistics of a class: held against numpy and against cases that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from solver.exercises.marking.asked import Item, Question, Sheet
from solver.exercises.marking.marker import MarkedSheet
from solver.exercises.marking.reading import read_answer
from solver.exercises.marking.statistics import class_statistics, correlation
from solver.exercises.marking.verdicts import Cause, Mark, Verdict
from solver.exercises.mistakes import Saying

POINTS = np.array([[1, 2, 0, 4], [0, 2, 3, 4], [1, 0, 3, 0], [1, 2, 3, 4], [0, 0, 0, 4]], dtype=float)
WORTH = (1.0, 2.0, 3.0, 4.0)


def sheet(name: str, points: list[float], mistake: str = "sign-flipped") -> MarkedSheet:
    items = tuple(Item(f"a1[{place}]", 1.0, 0.9, 1.1, worth) for place, worth in enumerate(WORTH, start=1))
    marks = tuple(
        Mark(item, read_answer("1"), Verdict.RIGHT)
        if earned
        else Mark(item, read_answer("-1"), Verdict.WRONG, Cause((mistake,), Saying("the sign was flipped")))
        for item, earned in zip(items, points, strict=True)
    )
    return MarkedSheet(Sheet(name, (Question(1, items),)), (marks,))


def blank(name: str) -> MarkedSheet:
    found = sheet(name, [0, 0, 0, 0])
    marks = tuple(Mark(mark.item, read_answer(""), Verdict.BLANK) for mark in found.marks[0])
    return MarkedSheet(found.sheet, (marks,))


CLASS = [sheet(f"s{place}", row) for place, row in enumerate(POINTS.tolist())]


def test_difficulty_is_the_share_that_earned_the_points() -> None:
    items = class_statistics(CLASS).items
    assert [item.difficulty for item in items] == pytest.approx((POINTS > 0).mean(axis=0).tolist())
    assert [item.students for item in items] == [5] * 4


def test_discrimination_is_the_correlation_with_all_other_items() -> None:
    for place, item in enumerate(class_statistics(CLASS).items):
        others = POINTS.sum(axis=1) - POINTS[:, place]
        assert item.discrimination == pytest.approx(np.corrcoef(POINTS[:, place], others)[0, 1])


def test_an_item_that_everybody_gets_right_tells_nobody_apart() -> None:
    same = [sheet(f"s{place}", [1, 2 * (place % 2), 3, 0]) for place in range(6)]
    found = class_statistics(same)
    assert [item.discrimination for item in found.items] == [
        None
    ] * 4  # and nothing is left to hold the second against
    assert class_statistics(CLASS[:2]).items[0].discrimination is None


def test_reliability_is_cronbach_s_alpha() -> None:
    k = POINTS.shape[1]
    alpha = k / (k - 1) * (1 - POINTS.var(axis=0).sum() / POINTS.sum(axis=1).var())
    assert class_statistics(CLASS).reliability == pytest.approx(alpha)


def test_the_class_as_a_whole() -> None:
    found = class_statistics([*CLASS, blank("s9")])
    totals = POINTS.sum(axis=1)
    assert (found.students, found.absent, found.points) == (5, ("s9",), 10)
    assert found.totals == tuple(totals)
    assert (found.mean, found.median, found.deviation) == pytest.approx(
        (totals.mean(), np.median(totals), totals.std())
    )


def test_mistakes_are_counted_and_the_same_slip_once() -> None:
    marked = sheet("s1", [0, 0, 3, 4])
    first, second, *rest = marked.marks[0]
    again = Mark(second.item, second.reading, second.verdict, second.cause, same_slip="a1[1]")
    found = class_statistics(
        [MarkedSheet(marked.sheet, ((first, again, *rest),)), sheet("s2", [0, 2, 3, 4], "divided")]
    )
    assert found.mistakes == (("divided", 1), ("sign-flipped", 1))
    assert found.items[0].mistakes == (("divided", 1), ("sign-flipped", 1))
    assert found.items[1].mistakes == ()


def test_an_empty_class_has_no_statistics() -> None:
    found = class_statistics([blank("s1")])
    assert (found.students, found.mean, found.reliability, found.items) == (0, 0.0, None, ())


@pytest.mark.parametrize("seed", range(4))
def test_correlation(seed: int) -> None:
    x, y = np.random.default_rng(seed).normal(size=(2, 9))
    assert correlation(x.tolist(), y.tolist()) == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert correlation(x.tolist(), (2 * x + 1).tolist()) == pytest.approx(1)
    assert correlation(x[:2].tolist(), y[:2].tolist()) is None
