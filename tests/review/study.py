"""How well slips are found: mistakes of the table planted in random problems, and right solutions that must pass.

    python -m tests.review.study [--planted 2000] [--right 2000] [--seed 0] [--jobs 2] [--rows 21]

A planted mistake has all its consequences carried through; what is asked is whether the first figure that it spoils is
found as the first slip, and whether the mistake is named first. A right solution is printed to 2 to 8 digits, carried
or rounded by hand, by deltas or path by path, sometimes with most of its figures left out; none of it may be wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

import numpy as np

from solver.arithmetic import Digits
from solver.exercises.mistakes import MISTAKES
from solver.review.judge import Judge
from solver.review.verdicts import Judgement, Verdict
from tests.review.problems import (
    Printer,
    Solution,
    by_hand_solution,
    random_model,
    right_solution,
    with_mistake,
)

T = TypeVar("T")

AGREES = "(agrees)"
UNKNOWN = "(unknown)"
ROUNDING = "(rounding)"


@dataclass(frozen=True)
class Planted:
    """What became of one planted mistake.

    Attributes:
        mistake: Its name.
        named: What `check` says of the first figure that it spoils.
        found: Whether that figure is the first slip found.
        slips: How many slips are found in all.
        telling: What was done, and what was said of it, where the two differ.
    """

    mistake: str
    named: str
    found: bool
    slips: int
    telling: str = ""


@dataclass
class Outcome:
    """The results of a study.

    Attributes:
        planted: One per planted mistake.
        right: How many right solutions were judged.
        accused: What was called wrong in them.
    """

    planted: list[Planted] = field(default_factory=list)
    right: int = 0
    accused: list[str] = field(default_factory=list)

    @property
    def found(self) -> float:
        """The share of planted mistakes whose place is found as the first slip."""
        return sum(case.found for case in self.planted) / len(self.planted)

    @property
    def named(self) -> float:
        """The share of planted mistakes that are named first."""
        return sum(case.named == case.mistake for case in self.planted) / len(self.planted)


def planted_case(seed: int, number: int) -> Planted | None:
    """Plant one mistake and look for it; None where the mistake drawn cannot be made in the problem drawn."""
    rng = np.random.default_rng([seed, 0, number])
    model = random_model(rng)
    name = list(MISTAKES)[int(rng.integers(len(MISTAKES)))]
    printer = Printer(int(rng.integers(4, 7)), bool(rng.random() < 0.3))
    solution = with_mistake(model, printer, name, rng)
    if solution is None:
        return None
    spoiled = solution.first_difference(right_solution(model, printer).figures)
    assert spoiled is not None
    judged = Judge(model, solution.figures).judgements()
    first = next((place for place, j in enumerate(judged) if j.verdict is Verdict.WRONG), None)
    # What was rounded too far is found as well where `check` says that the figure follows from rounding.
    found = first == spoiled or (name == "rounded" and judged[spoiled].verdict is Verdict.ROUNDING)
    slips = sum(j.verdict is Verdict.WRONG and j.root is None for j in judged)
    named = _named(judged[spoiled])
    telling = "" if found and named == name else _telling(number, solution, judged[spoiled])
    return Planted(name, named, found, slips, telling)


def _named(judgement: Judgement) -> str:
    if judgement.mistakes:
        return " + ".join(judgement.mistakes)
    return {Verdict.AGREES: AGREES, Verdict.ROUNDING: ROUNDING, Verdict.WRONG: UNKNOWN}[judgement.verdict]


def _telling(number: int, solution: Solution, judgement: Judgement) -> str:
    figure = judgement.figure
    return (
        f"{number}: {solution.telling}; {figure.key} = {figure.text}, truly {judgement.true:.8g}: "
        f"{judgement.verdict.value}, {judgement.cause}"
    )


def right_case(seed: int, number: int) -> list[str] | None:
    """Judge one right solution; return what is called wrong in it, None where it cannot be worked out."""
    rng = np.random.default_rng([seed, 1, number])
    model = random_model(rng)
    digits, decimals = int(rng.integers(2, 9)), bool(rng.random() < 0.3)
    way = ["carried", "by deltas", "by paths"][int(rng.integers(3))]
    if way == "carried":
        solution: Solution | None = right_solution(model, Printer(digits, decimals))
    else:
        kept = Digits(decimals=digits) if decimals else Digits(significant=digits)
        solution = by_hand_solution(model, kept, rng, paths=way == "by paths")
    if solution is None:
        return None
    figures = list(solution.figures)
    if rng.random() < 0.3:
        keep = rng.random(len(figures)) < rng.choice([0.1, 0.3, 0.6])
        figures = [figure for figure, kept_ in zip(figures, keep, strict=True) if kept_] or figures[:1]
    judged = Judge(model, figures).judgements()
    return [
        f"{number}, {way}, {digits} digits: {j.figure.key} = {j.figure.text}, truly {j.true:.10g}: {j.cause}"
        for j in judged
        if j.verdict is Verdict.WRONG
    ]


def study(planted: int, right: int, seed: int = 0, jobs: int = 1) -> Outcome:
    """Run a study of so many cases of each sort; those that cannot be made are not counted."""
    plants, rights = _seeds(seed, 2 * planted + 20), _seeds(seed, 2 * right + 20)
    if jobs == 1:
        return _gathered(planted, map(_planted, plants), right, map(_right, rights))
    with ProcessPoolExecutor(jobs) as pool:
        return _gathered(
            planted, pool.map(_planted, plants, chunksize=8), right, pool.map(_right, rights, chunksize=8)
        )


def _gathered(
    planted: int, plants: Iterable[Planted | None], right: int, rights: Iterable[list[str] | None]
) -> Outcome:
    outcome = Outcome(list(_first(planted, plants)))
    for accused in _first(right, rights):
        outcome.right += 1
        outcome.accused += accused
    return outcome


def _planted(seeds: tuple[int, int]) -> Planted | None:
    return planted_case(*seeds)


def _right(seeds: tuple[int, int]) -> list[str] | None:
    return right_case(*seeds)


def _seeds(seed: int, count: int) -> list[tuple[int, int]]:
    return [(seed, number) for number in range(count)]


def _first(count: int, cases: Iterable[T | None]) -> Iterator[T]:
    """Yield the first cases that could be made."""
    return islice((case for case in cases if case is not None), count)


def table(outcome: Outcome, most: int = len(MISTAKES)) -> str:
    """Return the confusion table as Markdown: a row per planted mistake, with what it was taken for.

    Args:
        outcome: The results.
        most: So many rows at most, those of the mistakes that were taken for others most often; the rest share one.
    """
    rows = {
        name: Counter(case.named for case in outcome.planted if case.mistake == name) for name in MISTAKES
    }
    rows = {name: row for name, row in rows.items() if row}
    missed = {name: 1 - row[name] / row.total() for name, row in rows.items()}
    shown = sorted(rows, key=lambda name: -missed[name])[:most]
    lines = ["| planted | times | named first | taken for |", "| :-- | --: | --: | :-- |"]
    for name in (name for name in rows if name in shown):
        row = rows[name]
        others = sorted(((times, named) for named, times in row.items() if named != name), reverse=True)
        taken = ", ".join(f"{named} {times}" for times, named in others)
        lines.append(f"| {name} | {row.total()} | {row[name]} | {taken} |")
    rest = [name for name in rows if name not in shown]
    if rest:
        total, right = sum(rows[name].total() for name in rest), sum(rows[name][name] for name in rest)
        lines.append(f"| the other {len(rest)} | {total} | {right} | |")
    return "\n".join(lines)


def report(outcome: Outcome, most: int = len(MISTAKES)) -> str:
    """Return the results as Markdown, the confusion table with so many rows at most."""
    parts = []
    if outcome.planted:
        slips = sum(case.slips == 1 for case in outcome.planted)
        told = (
            f"{len(outcome.planted)} planted mistakes: the place is found as the first slip in "
            f"{100 * outcome.found:.1f} %, the mistake is named first in {100 * outcome.named:.1f} %, and "
            f"{100 * slips / len(outcome.planted):.1f} % are told as exactly one slip."
        )
        parts += [told, table(outcome, most)]
    if outcome.right:
        parts.append(f"{outcome.right} right solutions: {len(outcome.accused)} figures called wrong.")
    parts += [case.telling for case in outcome.planted if case.telling]
    return "\n\n".join([*parts, *outcome.accused]) + "\n"


def main() -> None:
    """Run a study from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.review.study", description=__doc__.split("\n")[0])
    parser.add_argument("--planted", type=int, default=2000)
    parser.add_argument("--right", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--rows", type=int, default=len(MISTAKES))
    options = parser.parse_args()
    sys.stdout.write(report(study(options.planted, options.right, options.seed, options.jobs), options.rows))


if __name__ == "__main__":
    main()
