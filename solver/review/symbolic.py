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
from solver.graph.node import Graph
from solver.quantities import Key, Partial, Quantity
from solver.review.figures import Figure
from solver.review.slips import undone
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
    graph = model.graph
    values: dict[Key, float] = {_plain(key, graph): float(number.fraction) for key, number in known.items()}
    for key, formula in determined(telling, known):
        values[_plain(key, graph)] = float(
            evaluate(formula, lambda read: numbers.number(known[read].fraction), arithmetic=numbers)  # type: ignore[index]
        )
    judgements, faults = [], []
    for figure in figures:
        value = values.get(_plain(figure.key, graph))
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
    # Every misprint undoes itself: what the printed figure may be a misprint of, is its misprints.
    fitting = [
        (record.prior * misprint.weight, record.name, undone(misprint.at(figure.key)))
        for record in MISTAKES.values()
        for misprint in record.misprinted(figure.value)
        if agreement_of(misprint.value, value) is Agreement.ROUNDED
    ]
    if not fitting:
        return Judgement(figure, Verdict.WRONG, value, Saying("no mistake of the table explains it"))
    _, name, saying = max(fitting, key=lambda found: found[0])
    return Judgement(figure, Verdict.WRONG, value, saying, (name,))


def _plain(key: Key, graph: Graph) -> Key:
    """Return a key without its sample, since a symbolic problem has one; a derivative of the loss as a gradient."""
    match key:
        case Quantity():
            return key.of_sample(None)
        case Partial(of, by) if of.whole == graph.root.quantity:
            return graph.gradient(by.of_sample(None))
        case Partial(of, by):
            return Partial(of.of_sample(None), by.of_sample(None))
        case _:
            return key
