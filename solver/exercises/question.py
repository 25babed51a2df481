"""A question: what stands in the sheet, what stands in the key, and the answers that marking goes by.

Sheet and key are views of one worked solution. The four forms differ in what the sheet shows of it: nothing ("open",
"choice"), all but some numbers ("blanks"), or all of it with one mistake ("find-the-error").
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from solver.document.explain import explain, telling_of
from solver.document.nodes import Block
from solver.document.rewriting import Rewriter
from solver.document.views import without_values
from solver.errors import Fault, InputError
from solver.exercises.finding import has_name
from solver.exercises.forms import FORMS, Material, of_an_update
from solver.exercises.posed import Marked, Posed, UnaskableError
from solver.exercises.worked import definitions_of
from solver.graph import build

if TYPE_CHECKING:
    from solver.spec import Problem
    from solver.spec.exam import Question

__all__ = ["Marked", "Posed", "UnaskableError", "asked_anew", "pose"]


def pose(
    problem: Problem, question: Question, *, salt: Sequence[object] = (), fading: Fraction = Fraction(1, 2)
) -> Posed:
    """Return a question about a problem (or a drawn variant of it).

    Args:
        problem: The problem.
        question: How it is asked.
        salt: What distractors and planted mistakes depend on: seed, variant, number of the question.
        fading: For a solution with gaps: share of its results that are missing.

    Raises:
        InputError: The form needs numbers and the problem has none.
        UnaskableError: No mistake can be planted in these numbers.
    """
    problem = asked_anew(problem, question)
    model = build(problem)
    if model.symbolic and question.form != "open":
        raise _without_numbers(problem, question)
    telling = telling_of(problem, model)
    if not model.symbolic:
        telling = telling.defining(definitions_of(telling))
    material = Material(
        telling, explain(problem, model, checked=False, drawn_values=False), question, tuple(salt), fading
    )
    sheet, key, answers = FORMS[question.form](material)
    points = Decimal(question.points)
    return Posed(question.title or problem.title, points, _plain(sheet), _plain(key), tuple(answers))


def asked_anew(problem: Problem, question: Question) -> Problem:
    """Return a problem whose work is what a question asks for: its gradients, and no update unless that is asked for."""
    changes: dict[str, object] = {}
    if question.gradients is not None:
        changes["gradients"] = question.gradients
    if not any(map(of_an_update, question.ask)) and not problem.symbolic:
        changes["update"] = False
    work = problem.work.model_copy(update=changes)
    return problem.model_copy(update={"work": work})


def _without_numbers(problem: Problem, question: Question) -> InputError:
    return InputError(
        Fault(
            "a symbolic problem has no numbers to ask for", problem.file, key=f"{problem.kind}.inputs",
            found=f'form = "{question.form}" in the exam', expected='form = "open", or a problem with numbers',
        )
    )  # fmt: skip


def _plain(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return blocks whose drawings show names alone: the same drawing for every variant, and typeset once for all."""
    return Rewriter(lambda math: math, lambda scene: without_values(scene, has_name)).blocks(blocks)
