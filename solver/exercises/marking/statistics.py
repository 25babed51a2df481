"""What a class's marks say about the questions: how hard each is, whether it tells strong students from weak ones.

Difficulty is the mean share of the points that was earned. Discrimination is the correlation of an item's points with the
points of all other items: with the total itself an item would correlate because it is part of it. An item that nobody, or
everybody, gets right tells nobody apart and has none.

Source: Crocker and Algina (1986), Introduction to Classical and Modern Test Theory, chapter 14; Cronbach (1951),
Coefficient alpha and the internal structure of tests, Psychometrika 16.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median, pstdev

import numpy as np

from solver.exercises.marking.marker import MarkedSheet
from solver.exercises.marking.verdicts import Mark, Verdict
from solver.exercises.marking.wording import letters_of
from solver.notation.math import Math

FEWEST = 3
"""Students from whom a correlation is computed."""


@dataclass(frozen=True)
class ItemStatistics:
    """One item over all students who were asked it.

    Attributes:
        question: Number of the question.
        quantity: What was asked.
        label: How the sheets write it; None for the contract's name, and where not all write it alike.
        points: What it is worth.
        students: How many were asked it.
        verdicts: How many of each.
        difficulty: Mean share of its points that was earned, from 0 (nobody) to 1 (everybody).
        discrimination: Correlation with the points of all other items, from −1 to 1; None where there is none.
        mistakes: Names of the mistakes with how often each was made, the commonest first.
    """

    question: int
    quantity: str
    label: Math | None
    points: float
    students: int
    verdicts: dict[Verdict, int]
    difficulty: float
    discrimination: float | None
    mistakes: tuple[tuple[str, int], ...]

    @property
    def column(self) -> str:
        """The heading of its column: "1:dL/dW1[3,1]"."""
        return f"{self.question}:{self.quantity}"


@dataclass(frozen=True)
class ClassStatistics:
    """A class.

    Attributes:
        students: How many answered anything.
        absent: Ids of those who did not.
        points: What a perfect sheet is worth.
        mean: Of the students' points.
        median: Of the students' points.
        deviation: Their standard deviation.
        reliability: Cronbach's α; None where it does not exist.
        totals: Points of each student, in the order of the file.
        items: Of each item, in the order of the sheets.
        mistakes: Names of the mistakes with how many slips each explains, the commonest first; "" for slips that no
            mistake of the table explains.
    """

    students: int
    absent: tuple[str, ...]
    points: float
    mean: float
    median: float
    deviation: float
    reliability: float | None
    totals: tuple[float, ...]
    items: tuple[ItemStatistics, ...]
    mistakes: tuple[tuple[str, int], ...]


def class_statistics(marked: Sequence[MarkedSheet]) -> ClassStatistics:
    """Return the statistics of a class; who answered nothing at all was not there, and does not count."""
    present = [sheet for sheet in marked if sheet.answered]
    totals = [sheet.points for sheet in present]
    items = _items(present)
    slips: Counter[str] = Counter()
    for sheet in present:
        for mark in (mark for marks in sheet.marks for mark in marks if is_slip(mark)):
            slips.update(mark.mistakes or ("",))
    return ClassStatistics(
        students=len(present),
        absent=tuple(sheet.sheet.id for sheet in marked if not sheet.answered),
        points=max((sheet.sheet.points for sheet in marked), default=0.0),
        mean=fmean(totals) if totals else 0.0,
        median=median(totals) if totals else 0.0,
        deviation=pstdev(totals) if totals else 0.0,
        reliability=_reliability(present),
        totals=tuple(totals),
        items=items,
        mistakes=tuple(sorted(slips.items(), key=lambda pair: (-pair[1], pair[0]))),
    )


def is_slip(mark: Mark) -> bool:
    """Return whether a mark stands for a mistake of its own: one slip counts once, however many answers it spoils."""
    return mark.verdict in (Verdict.WRONG, Verdict.IMPRECISE) and not mark.same_slip


def _items(present: Sequence[MarkedSheet]) -> tuple[ItemStatistics, ...]:
    asked: dict[tuple[int, str], list[tuple[float, float, Mark]]] = {}
    labels: dict[tuple[int, str], Math | None] = {}
    for sheet in present:
        for question, marks in zip(sheet.sheet.questions, sheet.marks, strict=True):
            for mark in marks:
                key = (question.number, mark.item.quantity)
                label = letters_of(question, mark.item)
                if (
                    labels.setdefault(key, label) != label
                ):  # the right value of a wrong line: on each sheet another
                    labels[key] = None
                asked.setdefault(key, []).append((mark.points, sheet.points - mark.points, mark))
    found = []
    for (number, quantity), answers in asked.items():
        given = [mark for _, _, mark in answers]
        mistakes = Counter(name for mark in given if is_slip(mark) for name in mark.mistakes)
        worth = given[0].item.points
        found.append(
            ItemStatistics(
                number, quantity, labels[number, quantity], worth, len(given),
                {verdict: sum(mark.verdict is verdict for mark in given) for verdict in Verdict},
                fmean(mark.verdict.earns for mark in given),
                correlation([own for own, _, _ in answers], [others for _, others, _ in answers]),
                tuple(sorted(mistakes.items(), key=lambda pair: (-pair[1], pair[0]))),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda item: item.question))


def correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return Pearson's correlation; None for fewer than three pairs, or where one side is all alike."""
    if len(one) < FEWEST:
        return None
    x, y = (np.asarray(side, dtype=np.float64) - np.mean(side) for side in (one, other))
    spread = float(np.sqrt((x @ x) * (y @ y)))
    return None if spread < 1e-12 else float(np.clip(x @ y / spread, -1.0, 1.0))


def _reliability(present: Sequence[MarkedSheet]) -> float | None:
    """Return Cronbach's α = k/(k−1) · (1 − Σ σ²(items)/σ²(total)) over items that everybody was asked."""
    rows = [[mark.points for marks in sheet.marks for mark in marks] for sheet in present]
    if len(rows) < FEWEST or len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        return None
    points = np.array(rows, dtype=np.float64)
    total = float(points.sum(axis=1).var())
    count: int = points.shape[1]
    if total < 1e-12:
        return None
    return count / (count - 1) * (1 - float(points.var(axis=0).sum()) / total)
