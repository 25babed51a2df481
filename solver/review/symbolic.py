"""Claims about a symbolic problem: what the numbers of its example determine, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from solver.arithmetic import Float64
from solver.document.example import determined, known_numbers
from solver.document.explain import telling_of
from solver.exercises.mistakes import MISTAKES, Saying
from solver.functions import evaluate
from solver.graph.model import Model
from solver.quantities import Key, Partial, Quantity
from solver.review.figures import Figure
from solver.review.truth import Agreement, agreement_of
from solver.review.verdicts import Judgement, Verdict, shown
from solver.spec.findings import Finding

if TYPE_CHECKING:
    from solver.spec import Problem


def judged_symbols(
    problem: Problem, model: Model, figures: Sequence[Figure]
) -> tuple[list[Judgement], list[Finding]]:
    """Return what is found of each figure, and which figures the example does not determine."""
    telling = telling_of(problem, model)
    known = known_numbers(telling)
    numbers = Float64()
    values: dict[Key, float] = {_plain(key): float(number.fraction) for key, number in known.items()}
    for key, formula in determined(telling, known):
        values[_plain(key)] = float(
            evaluate(formula, lambda read: numbers.number(known[read].fraction), arithmetic=numbers)  # type: ignore[index]
        )
    judgements, faults = [], []
    for figure in figures:
        value = values.get(_plain(figure.key))
        if value is None:
            message = f"the numbers of the example do not determine {figure.key}"
            expected = "one of " + ", ".join(map(str, values))
            faults.append(Finding((figure.claim, "quantity"), message, expected=expected))
        else:
            judgements.append(_judged(figure, value))
    return judgements, faults


def _judged(figure: Figure, value: float) -> Judgement:
    match agreement_of(figure.value, value, figure.unit):
        case Agreement.ROUNDED:
            return Judgement(figure, Verdict.AGREES, value)
        case Agreement.CUT_OFF:
            cause = Saying(
                "cut off after the last printed digit; rounded it is {right}", {"right": shown(value, figure)}
            )
            return Judgement(figure, Verdict.AGREES, value, cause)
        case _:
            pass
    for record in MISTAKES.values():
        for misprint in record.misprinted(figure.value):
            if agreement_of(misprint.value, value) is Agreement.ROUNDED:
                return Judgement(figure, Verdict.WRONG, value, misprint.at(figure.key), (record.name,))
    return Judgement(figure, Verdict.WRONG, value, Saying("no mistake of the table explains it"))


def _plain(key: Key) -> Key:
    """Return a key without its sample: a symbolic problem has one."""
    match key:
        case Quantity():
            return key.of_sample(None)
        case Partial(of, by):
            return Partial(of.of_sample(None), by.of_sample(None))
        case _:
            return key
