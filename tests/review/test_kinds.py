"""Claims about problems of every kind: all of what they compute can be claimed, and a slip in it is found."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from solver.exercises.mistakes import MISTAKES
from solver.graph import build
from solver.graph.build import BUILDERS
from solver.quantities import Quantity
from solver.review.judge import Judge
from solver.review.truth import NOISE
from solver.review.verdicts import Verdict
from solver.solution import solve_problem
from solver.spec import load_problem, loads_problem, new_problem_text
from tests.review.given import PROBLEMS, claimed
from tests.review.problems import Printer, right_solution, with_mistake


def digits(value: object) -> str:
    """Return a number, or nested lists of them, printed to five significant digits."""
    if isinstance(value, list):
        return "[" + ", ".join(map(digits, value)) + "]"
    return json.dumps(f"{value:#.5g}" if value else "0")


@pytest.mark.parametrize("kind", BUILDERS)
def test_everything_that_a_problem_computes_can_be_claimed(kind: str) -> None:
    text = new_problem_text(kind)
    problem = loads_problem(text)
    quantities = solve_problem(problem)["quantities"]
    found = claimed(*((name, digits(value)) for name, value in quantities.items()), problem=text)
    own = sum(claim.value.texts.size for claim in problem.claims)
    assert len(found.figures) == own + sum(np.size(value) for value in quantities.values())
    for judgement in found.figures:
        noise = judgement.true == 0 and "exactly 0" in str(judgement.cause)
        assert judgement.verdict is Verdict.AGREES or noise, (judgement.figure.key, judgement.cause)


@pytest.mark.parametrize("kind", BUILDERS)
def test_a_flipped_sign_is_found_in_every_kind(kind: str) -> None:
    text = new_problem_text(kind)
    quantities = solve_problem(loads_problem(text))["quantities"]
    name = next(
        name for name, value in reversed(quantities.items())
        if "/" in name and np.size(value) and abs(np.ravel(value)[-1]) > 1e-3
    )  # fmt: skip
    last = np.array(quantities[name], dtype=float)
    last.reshape(-1)[-1] *= -1
    found = claimed(*((other, digits(value)) for other, value in (quantities | {name: last.tolist()}).items()),
                    problem=text)  # fmt: skip
    assert len(found.slips) == 1
    slip = found.slips[0].figure.key
    assert isinstance(slip, Quantity)
    # An array of one number is named as the array.
    assert str(found.slips[0].cause) in {f"the sign of {name} was flipped" for name in (slip, slip.whole)}
    assert [f.claim.quantity for f in found.findings if f.verdict is Verdict.WRONG] == [name]


def test_a_velocity_has_two_names() -> None:
    text = (PROBLEMS / "bowl-velocity.toml").read_text().split("[[claims]]")[0]
    quantities = solve_problem(loads_problem(text))["quantities"]
    assert quantities["v_x1"] == quantities["m_x1"]
    for name in ("v_x1", "m_x1"):
        found = claimed((name, digits(quantities[name])), problem=text)
        assert found.findings[0].verdict is Verdict.AGREES
        assert found.findings[0].claim.quantity == name


FILES = sorted(path for path in PROBLEMS.glob("*.toml") if not build(load_problem(path)).symbolic)


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_planted_mistakes_in_the_problems_that_ship(file: Path) -> None:
    model = build(load_problem(file))
    assert all(
        j.verdict is not Verdict.WRONG
        for j in Judge(model, right_solution(model, Printer(4)).figures).judgements()
    )
    rng = np.random.default_rng(2)
    tried = found = 0
    while tried < 3:
        name = list(MISTAKES)[int(rng.integers(len(MISTAKES)))]
        solution = with_mistake(model, Printer(5), name, rng)
        if solution is None:
            continue
        place = solution.first_difference(right_solution(model, Printer(5)).figures)
        assert place is not None
        if abs(solution.true[place]) < NOISE:
            continue  # what float64 leaves of a number that is exactly 0 can be wrong in no way
        judged = Judge(model, solution.figures).judgements()
        first = next((number for number, j in enumerate(judged) if j.verdict is Verdict.WRONG), None)
        tried += 1
        found += first == place or (name == "rounded" and judged[place].verdict is Verdict.ROUNDING)
    assert found == tried
