"""What is found of each answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from solver.exercises.marking.asked import Item
from solver.exercises.marking.reading import Reading
from solver.exercises.mistakes import Saying


class Verdict(Enum):
    """How an answer is judged."""

    RIGHT = "right"
    FOLLOWS = "follows"
    AVOIDED = "avoids the work"
    IMPRECISE = "imprecise"
    WRONG = "wrong"
    UNREADABLE = "unreadable"
    BLANK = "blank"

    @property
    def earns(self) -> bool:
        """Whether the answer gets its points."""
        return self in (Verdict.RIGHT, Verdict.FOLLOWS)


@dataclass(frozen=True)
class Cause:
    """What probably happened.

    Attributes:
        mistakes: Names of the records of the table, two where two things went wrong at once; none where nothing is known.
        saying: What a reader is told.
        others: What else gives the very same answers, the likelier first.
    """

    mistakes: tuple[str, ...]
    saying: Saying
    others: tuple[Cause, ...] = ()

    def __str__(self) -> str:
        return ", or ".join(str(cause.saying) for cause in (self, *self.others))


@dataclass(frozen=True)
class Mark:
    """What is found of one answer.

    Attributes:
        item: What was asked.
        reading: What was answered.
        verdict: What is found.
        cause: Why it is wrong, or why a right consequence earns nothing; None where there is nothing to tell.
        roots: Quantities of the student's own wrong answers that it follows from.
        expected: What follows from the student's own answers; None where that is what is right.
        same_slip: Quantity of the answer in which the same slip was found first; "" for a slip of its own.
    """

    item: Item
    reading: Reading
    verdict: Verdict
    cause: Cause | None = None
    roots: tuple[str, ...] = ()
    expected: float | None = None
    same_slip: str = ""

    @property
    def points(self) -> float:
        """What the answer earns."""
        return self.item.points if self.verdict.earns else 0.0

    @property
    def mistakes(self) -> tuple[str, ...]:
        """Names of the mistakes that spoiled the answer; none for an answer that follows from an earlier one."""
        return () if self.cause is None else self.cause.mistakes
