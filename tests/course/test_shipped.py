"""The course that ships: it holds every problem that ships, and can be planned."""

from __future__ import annotations

from pathlib import Path

from solver.course.build import Options, build_course
from solver.spec import load_course

PROBLEMS = Path(__file__).parents[2] / "problems"
COURSE = PROBLEMS / "courses" / "deep-learning.toml"


def test_the_course_has_every_problem_that_ships() -> None:
    course = load_course(COURSE)
    solutions = [handout.problem for handout in course.handouts if handout.view == "solution"]
    assert sorted(solutions) == sorted(f"../{path.name}" for path in PROBLEMS.glob("*.toml"))
    assert {handout.view for handout in course.handouts} == {"solution", "sheet", "key", "errata"}


def test_the_course_can_be_planned(tmp_path: Path) -> None:
    outcome = build_course(COURSE, Options(str(tmp_path), dry_run=True))
    assert not outcome.failures
    assert outcome.planned is not None
    handouts = load_course(COURSE).handouts
    # Of the exam: the sheets with their keys, the two books, the manifest.
    assert len(outcome.planned) == sum(len(handout.to) for handout in handouts) + 4
    assert {why for _, why in outcome.planned} == {"new"}
