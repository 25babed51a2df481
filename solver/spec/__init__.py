"""What a teacher wrote: files read into frozen models, every fault with its line, all of them at once.

    problem = load_problem("problems/padhai.toml")
    problem.network.layers[0].weights.values     # float64; `.exact` keeps the digits as typed

Rules between fields are checked while loading. A model built by hand, from Python, is checked field by field alone.
Only what a file needs is imported: a network does not load the models of an exam.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# pydantic looks for plugins in every installed package when it is first used. There is none for these models.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from solver.spec.load import load_course, load_exam, load_problem, load_roster, loads_problem

if TYPE_CHECKING:
    from solver.spec.array import Array
    from solver.spec.course import Course
    from solver.spec.exam import Exam
    from solver.spec.inventory import known_quantities
    from solver.spec.new import new_problem_text
    from solver.spec.problem import (
        AttentionProblem,
        ConvolutionProblem,
        ExpressionProblem,
        NetworkProblem,
        Problem,
        RecurrentProblem,
    )
    from solver.spec.roster import Roster, Student
    from solver.spec.schema import json_schema

_HOMES = {
    "Array": "array",
    "AttentionProblem": "attention",
    "ConvolutionProblem": "convolution",
    "Course": "course",
    "Exam": "exam",
    "ExpressionProblem": "expression",
    "NetworkProblem": "network",
    "Problem": "problem",
    "RecurrentProblem": "recurrent",
    "Roster": "roster",
    "Student": "roster",
    "json_schema": "schema",
    "known_quantities": "inventory",
    "new_problem_text": "new",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "Array", "AttentionProblem", "ConvolutionProblem", "Course", "Exam", "ExpressionProblem", "NetworkProblem", "Problem",
    "RecurrentProblem", "Roster", "Student", "json_schema", "known_quantities", "load_course", "load_exam",
    "load_problem", "load_roster", "loads_problem", "new_problem_text",
]  # fmt: skip
