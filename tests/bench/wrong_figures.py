"""A hundred figures, all of them wrong, each by a mistake of its own: what the search for causes costs at its worst."""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from solver.graph import build
from solver.spec import loads_problem
from tests.bench.timing import Job, Known, Measure
from tests.review.problems import LARGER, Printer, with_every_figure_wrong

FIGURES = 100
SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Beyond:
    """What one job takes longer than another.

    Attributes:
        job: The longer one.
        other: What it begins with as well.
    """

    job: Job
    other: Job

    def seconds(self) -> float:
        """Run both, and return the difference of their processor times."""
        return self.job.seconds() - self.other.seconds()


def wrong_figures_against_a_second(folder: Path) -> tuple[Measure, Measure]:
    """Return `check` of a hundred wrong figures, less that of a single one, and a second."""
    folder.mkdir(parents=True, exist_ok=True)
    problem = folder / "network.toml"
    problem.write_text(LARGER, encoding="utf-8")
    solution = with_every_figure_wrong(build(loads_problem(LARGER)), Printer(4), np.random.default_rng(5))
    rows = [(str(figure.key), figure.text) for figure in solution.figures[:FIGURES]]
    assert len(rows) == FIGURES

    def check(name: str, claims: list[tuple[str, str]]) -> Job:
        file = folder / name
        with file.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([("quantity", "value"), *claims])
        command = [sys.executable, "-m", "solver", "check", str(problem), "--claims", str(file), "--json"]
        return Job([command], folder, ends=(1,))  # there are wrong figures

    return Beyond(check("all.csv", rows), check("one.csv", rows[:1])), Known(SECONDS)
