"""How often marking agrees with the truth, over synthetic students: follow-through, and the cause of the first slip.

    python -m tests.exercises.marking.study --students 2000 --seed 1

An answer that nobody can tell is counted apart: it is wrong by the unrounded work, and right by some rounding of what was
written, for which marking gives the benefit of the doubt. A cause agrees where the mistake that was made is named: first,
or among those that give the very same answers to the last written digit.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from solver.exercises.marking.marker import Marker
from solver.exercises.marking.reading import read_answer
from solver.exercises.marking.verdicts import Mark, Verdict
from tests.exercises.marking.students import Student, random_students

TARGET = 0.99


@dataclass
class Agreement:
    """Counts over students.

    Attributes:
        answers: (what is true of an answer, whether marking says so).
        causes: (the mistake, whether it is named, whether it is named first), of students with one mistake.
        open: Verdicts of answers that nobody can tell.
        differences: What marking says otherwise, in words.
    """

    answers: Counter[tuple[str, bool]] = field(default_factory=Counter)
    causes: Counter[tuple[str, bool, bool]] = field(default_factory=Counter)
    open: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    def add(self, student: Student) -> None:
        """Mark one student and count."""
        readings = [read_answer(text) for text in student.answers]
        marks = Marker().question(student.question, readings)
        for position, mark in enumerate(marks):
            self._answer(student, position, mark)
        if len(student.mistakes) == 1:
            self._cause(student, marks)

    def _answer(self, student: Student, position: int, mark: Mark) -> None:
        if position in student.open:
            self.open[mark.verdict.value] += 1
            return
        if position in student.follows:
            truth, agrees = "follows", mark.verdict is Verdict.FOLLOWS
        elif position in student.saved:
            truth, agrees = "avoids the work", mark.verdict is Verdict.AVOIDED
        elif position in student.slips:
            truth, agrees = "slip", not mark.verdict.earns
        else:
            truth, agrees = "right", mark.verdict is Verdict.RIGHT
        self.answers[truth, agrees] += 1
        if not agrees:
            self.differences.append(
                f"{student.told}: {mark.item.quantity} = {mark.reading.written} (right is {mark.item.value:.6g}) "
                f"is {truth}, marked {mark.verdict.value}; expected {mark.expected}"
            )

    def _cause(self, student: Student, marks: tuple[Mark, ...]) -> None:
        first = next(p for p in student.question.work if p in student.slips)
        cause = marks[first].cause
        named = [one.mistakes for one in (cause, *cause.others)] if cause is not None else []
        agrees, at_once = student.mistakes in named, named[:1] == [student.mistakes]
        self.causes[student.mistakes[0], agrees, at_once] += 1
        if not agrees and not marks[first].verdict.earns:
            told = "nothing" if cause is None else str(cause)
            self.differences.append(
                f"{student.told}: the cause of {marks[first].item.quantity} is said to be {told}"
            )

    @property
    def follow_through(self) -> float:
        """Share of the wrong answers of which marking says truly whether they follow."""
        wrong = {key: count for key, count in self.answers.items() if key[0] != "right"}
        return _share(count for (_, agrees), count in wrong.items() if agrees) / max(1, sum(wrong.values()))

    @property
    def right(self) -> float:
        """Share of the right answers that get their points."""
        count = self.answers["right", True] + self.answers["right", False]
        return self.answers["right", True] / max(1, count)

    @property
    def named(self) -> float:
        """Share of the students with one mistake whose mistake is named."""
        return _share(n for (_, agrees, _), n in self.causes.items() if agrees) / max(
            1, sum(self.causes.values())
        )

    @property
    def named_first(self) -> float:
        """Share of the students with one mistake whose mistake is named before all others."""
        return _share(n for (_, _, first), n in self.causes.items() if first) / max(
            1, sum(self.causes.values())
        )

    def lines(self) -> Iterator[str]:
        """Yield the result in a few lines."""
        right = sum(count for (truth, _), count in self.answers.items() if truth == "right")
        wrong = sum(self.answers.values()) - right
        yield f"right answers that get their points   {self.right:8.2%} of {right}"
        yield f"follow-through as it is               {self.follow_through:8.2%} of {wrong}"
        yield f"the mistake is named                  {self.named:8.2%} of {sum(self.causes.values())}"
        yield f"the mistake is named first            {self.named_first:8.2%}"
        yield f"answers that nobody can tell          {sum(self.open.values())}: {dict(self.open)}"
        for name in sorted({name for name, _, _ in self.causes}):
            counts = {key[1:]: count for key, count in self.causes.items() if key[0] == name}
            named = sum(count for (agrees, _), count in counts.items() if agrees)
            first = sum(count for (_, at_once), count in counts.items() if at_once)
            yield f"  {name:22} {named:5} of {sum(counts.values()):5}, first {first:5}"


def _share(counts: Iterator[int]) -> int:
    return sum(counts)


def study(students: int, seed: int) -> Agreement:
    """Return the counts over so many students."""
    found = Agreement()
    for student in islice(random_students(np.random.default_rng(seed)), students):
        found.add(student)
    return found


def main() -> int:
    """Print the study; exit 1 if a target is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.exercises.marking.study", description="Marking against the truth."
    )
    parser.add_argument("--students", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--differences", action="store_true", help="print each difference")
    options = parser.parse_args()
    found = study(options.students, options.seed)
    print("\n".join(found.lines()))  # noqa: T201
    if options.differences:
        print("\n".join(found.differences))  # noqa: T201
    return 0 if min(found.follow_through, found.named, found.right) >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
