"""Many variants of every problem that ships: distinct, within their constraints, alike in difficulty.

    python -m tests.variants.study --count 1000

Nothing is taken from the batch that chose the variants: each one is built and solved alone, as `render` would.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np

from solver.arithmetic import Float64, round_number
from solver.exercises.pencil import element_of
from solver.graph import build
from solver.graph.model import Model
from solver.spec import Problem, load_problem
from solver.spec.digits import digits_of
from solver.spec.inventory import inventory_of
from solver.trace.solve import StepValues, solve_steps
from solver.variants import Chooser
from solver.variants.judging import answer_elements, is_activation

SHIPPED = sorted(
    path
    for path in (Path(__file__).parents[2] / "problems").glob("*.toml")
    if "[variants" in path.read_text("utf-8")
)

ALIKE = 0.99
"""Share of the variants that must have the usual difficulty."""


HEAD = (
    f"{'problem':24} {'given':>6} {'answers':>7} {'repeated':>8} {'told':>5}   "
    f"{'numbers':>7} {'digits':>8} {'alike':>7}"
)


@dataclass(frozen=True)
class Found:
    """What is found of some variants of a problem.

    Attributes:
        name: The problem's.
        count: How many variants.
        problems: How many different problems they print.
        answers: How many different sets of answers.
        repeated: How many single answers print like another variant's, where they could have been others.
        told: In how many an answer stands among the given numbers, where it need not: a gate hands inputs on in all.
        refused: Faults: a constraint that a variant does not fulfil.
        work: Fewest and most drawn numbers to calculate with.
        digits: Fewest and most typed digits.
        alike: Share of the variants that have the usual difficulty.
    """

    name: str
    count: int
    problems: int
    answers: int
    repeated: int
    told: int
    refused: tuple[str, ...]
    work: tuple[int, int]
    digits: tuple[int, int]
    alike: float

    @property
    def good(self) -> bool:
        """Whether all are distinct, fulfil their constraints and keep their answers to themselves."""
        distinct = self.problems == self.answers == self.count
        return distinct and not self.refused and not self.told and self.alike >= ALIKE

    def __str__(self) -> str:
        work, digits = (str(a) if a == b else f"{a}–{b}" for a, b in (self.work, self.digits))
        told = "" if self.good else f"  {'; '.join(self.refused[:3]) or 'NOT DISTINCT, NOT ALIKE, OR TOLD'}"
        return (
            f"{self.name:24} {self.problems:6} {self.answers:7} {self.repeated:8} {self.told:5}   {work:>7} {digits:>8} "
            f"{self.alike:7.1%}{told}"
        )


def given(problem: Problem) -> tuple[str, ...]:
    """Return what a problem prints as given."""
    return tuple(
        str(getattr(value, "tolist", lambda v=value: v)()) for value in inventory_of(problem).given.values()
    )


def study(path: Path, count: int) -> Found:
    """Return what is found of the first variants of a problem."""
    problem = load_problem(path)
    chooser = Chooser.of(problem)
    chosen = chooser.upto(count)
    elements = answer_elements(problem, chooser.judge.model)
    asked, printed, refused, echoes = set(), [], [], []
    for choice in chosen:
        variant = chooser.drawn(choice)
        asked.add(given(variant))
        model = build(variant)
        step = solve_steps(model, Float64())[0]
        values = [
            element_of(model, step, element.gradient(model.graph.root.quantity.base)) for element in elements
        ]
        printed.append([str(round_number(Decimal(f"{value:.15g}"), digits_of(problem))) for value in values])
        refused += [f"variant {choice.number}: {fault}" for fault in faults(problem, model, step, values)]
        echoes.append(echoed(variant, model, values))
    columns = list(zip(*printed, strict=True))
    constant = [len(set(column)) == 1 for column in columns]
    repeated = sum(
        count - len(set(column)) for column, same in zip(columns, constant, strict=True) if not same
    )
    work, digits = ([choice.effort[k] for choice in chosen] for k in (0, 1))
    alike = sum(choice.effort in chooser.usual.efforts for choice in chosen) / count
    return Found(
        path.stem, count, len(asked), len({tuple(row) for row in printed}), repeated,
        sum(number > min(echoes) for number in echoes), tuple(refused),
        (min(work), max(work)), (min(digits), max(digits)), alike,
    )  # fmt: skip


def echoed(problem: Problem, model: Model, values: Sequence[float]) -> int:
    """Return how many answers other than 0 print like a given number, signs aside."""

    def looks(numbers: Iterable[float]) -> list[Fraction]:
        digits = digits_of(problem)
        return [abs(round_number(Decimal(f"{number:.15g}"), digits).fraction) for number in numbers]

    given = {look for array in model.given.values() for look in looks(np.ravel(array.values).tolist())}
    return sum(look in given for look in looks(values) if look)


def faults(problem: Problem, model: Model, step: StepValues, values: Sequence[float]) -> list[str]:
    """Return which constraints a variant does not fulfil."""
    assert problem.variants is not None
    require = problem.variants.require
    found = []
    if min(map(abs, values), default=1.0) < float(require.min_gradient or 0):
        found.append("a gradient is too small")
    for node in model.graph.nodes:
        if not is_activation(node):
            continue
        array = step.values[node.quantity]
        if require.max_activation is not None and np.abs(array).max() > float(require.max_activation):
            found.append(f"{node.quantity} is saturated")
        if require.alive and getattr(getattr(node.operation, "activation", None), "name", "") == "relu":
            samples = array.reshape(model.graph.samples, -1)
            found += [f"{node.quantity} is dead"] * bool((samples <= 0).all(axis=0).any())
    return found


def main() -> int:
    """Print the study; exit 1 if a variant is not as it should be."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.variants.study", description="Variants of every problem."
    )
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("problems", nargs="*", help="names of problems; all that draw, if none is given")
    options = parser.parse_args()
    print(HEAD)  # noqa: T201
    good = True
    for path in SHIPPED:
        if not options.problems or path.stem in options.problems:
            found = study(path, options.count)
            good = good and found.good
            print(found, flush=True)  # noqa: T201
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
