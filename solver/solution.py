"""From a problem file to the JSON form of its solution."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from solver.errors import Fault, InputError
from solver.graph import build
from solver.spec import load_problem
from solver.spec.digits import digits_of
from solver.trace.asked import asked, line_formulas
from solver.trace.faults import faults_of
from solver.trace.json_form import to_json

if TYPE_CHECKING:
    from solver.spec import Problem


def solve_file(file: Path, *, seed: int | None = None, variant: int | None = None) -> dict[str, Any]:
    """Return every quantity of a problem; see `solver.solve`."""
    problem = load_problem(file)
    if variant is not None:
        from solver.variants import draw_variant

        problem = draw_variant(problem, variant, seed=seed)
    return solve_problem(problem)


def solve_problem(problem: Problem) -> dict[str, Any]:
    """Return every quantity of a loaded problem; see `solver.solve`."""
    with faults_of(problem):
        model = build(problem)
        if model.symbolic:
            raise InputError(
                Fault(
                    "a symbolic problem has no numbers to solve", file=problem.file, key=f"{problem.kind}.inputs",
                    found="a count of inputs", expected="their values, as in inputs = [1, 2]",
                )
            )  # fmt: skip
        by_hand, lines = None, {}
        if problem.numbers.rounding == "by-hand":
            by_hand, lines = digits_of(problem), line_formulas(problem, model, asked(problem, model))
        return to_json(model, title=problem.title, kind=problem.kind, by_hand=by_hand, lines=lines)
