"""Questions are the same in every process: nothing of them depends on the order of a set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
CODE = """
import hashlib
from solver.exercises.question import pose
from solver.spec import load_problem
from solver.spec.exam import Question
from solver.variants import draw_variants

for name in ("padhai-multiple-paths", "four-three-two"):
    problem = load_problem(f"problems/{name}.toml")
    for variant in draw_variants(problem, (1, 2)):
        for form in ("open", "blanks", "choice", "find-the-error"):
            posed = pose(variant, Question(problem=name, form=form), salt=(1, form))
            print(name, form, hashlib.sha256(repr(posed).encode()).hexdigest())
"""


def test_questions_are_the_same_in_every_process() -> None:
    made = []
    for seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", CODE],
            cwd=CHECKOUT,
            env=environment,
            capture_output=True,
            check=True,
            timeout=300,
        )
        made.append(done.stdout.decode().splitlines())
    assert len(made[0]) == 16
    assert made[0] == made[1]
