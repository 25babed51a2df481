"""A question: what stands in the sheet, what stands in the key, and the answers that marking goes by.

Sheet and key are views of one worked solution. The four forms differ in what the sheet shows of it: nothing ("open",
"choice"), all but some numbers ("blanks"), or all of it with one mistake ("find-the-error").
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from solver.errors import Fault, InputError
from solver.exercises.forms import FORMS, Material, of_an_update
from solver.exercises.posed import Marked, Posed, UnaskableError
from solver.exercises.told import tell
from solver.graph import build
from solver.trace.cohort import Families, Member

if TYPE_CHECKING:
    from solver.spec import Problem
    from solver.spec.exam import Question

__all__ = ["Marked", "Posed", "UnaskableError", "asked_anew", "pose", "together"]


def together(problems: Sequence[Problem], question: Question, families: Families) -> list[Member]:
    """Return drawn variants of one problem as they are computed for a question: all together; see `pose`.

    Args:
        problems: The variants.
        question: The question.
        families: Of this question, and of no other; the same for all of its variants.
    """
    return families.members([build(asked_anew(problem, question)) for problem in problems])


def pose(
    problem: Problem,
    question: Question,
    *,
    salt: Sequence[object] = (),
    fading: Fraction = Fraction(1, 2),
    member: Member | None = None,
) -> Posed:
    """Return a question about a problem (or a drawn variant of it).

    Args:
        problem: The problem.
        question: How it is asked.
        salt: What distractors and planted mistakes depend on: seed, variant, number of the question.
        fading: For a solution with gaps: share of its results that are missing.
        member: The variant among those that are asked the same; see `together`.

    Raises:
        InputError: The form needs numbers and the problem has none.
        UnaskableError: No mistake can be planted in these numbers.
    """
    problem = asked_anew(problem, question)
    if member is None:
        member = Families().members([build(problem)])[0]
    if member.model.symbolic and question.form != "open":
        raise _without_numbers(problem, question)
    material = Material(tell(problem, member, question.form), question, tuple(salt), fading)
    sheet, key, answers = FORMS[question.form](material)
    points = Decimal(question.points)
    return Posed(question.title or problem.title, points, tuple(sheet), tuple(key), tuple(answers))


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
