"""The state of an optimizer in matrix form: what the first update makes of it, array by array."""

from __future__ import annotations

from solver.document.nodes import Block, Equation, EquationLine, Step
from solver.document.telling import Telling
from solver.document.words import paragraph
from solver.notation import math as m
from solver.quantities import Part, Quantity
from solver.trace.updates import DECAYED, update_formulas

MOST_ARRAYS = 6
"""Arrays of parameters whose state is told; of more the first one's is."""


def states(telling: Telling) -> list[Block]:
    """Return what the first update makes before the parameters move, nothing where it is one step."""
    training = telling.model.training
    assert training is not None
    made = [step for step in training.optimizer.steps if step.name != "w"]
    if not made:
        return []
    arrays = [part for whole in telling.graph.trainable for part in telling.parts(whole)]
    told = arrays if len(arrays) <= MOST_ARRAYS else arrays[:1]
    start = "The states start at 0. " if training.optimizer.state else ""
    which = "For every parameter" if told == arrays else "For the first array, and for the others alike,"
    # Each array stands by itself, so that a wide one does not push the others below each other.
    equations = [Equation(tuple(_rows(telling, array))) for array in told]
    return [paragraph(f"{start}{which} the first update makes"), *equations]


def _rows(telling: Telling, array: Quantity) -> list[tuple[EquationLine, ...]]:
    """Return the arrays that the steps of one parameter's update make, two on a line."""
    training = telling.model.training
    assert training is not None
    gradient = telling.graph.gradient(array)
    lines = []
    for step in training.optimizer.steps:
        if step.name == "g":
            shown = telling.array(gradient, lambda slope: _decayed(telling, slope))
            lines.append(EquationLine(telling.letters(Part(DECAYED, gradient)), (Step("=", shown),)))
        elif step.name != "w":
            state = array.state(step.role)
            lines.append(EquationLine(telling.letters(state), (Step("=", telling.column(state)),)))
    return [tuple(lines[place : place + 2]) for place in range(0, len(lines), 2)]


def _decayed(telling: Telling, gradient: Quantity) -> m.Math:
    """Return the shown number of a gradient with the weight decay added."""
    training, ledger = telling.model.training, telling.ledger
    assert training is not None
    assert ledger is not None
    key = Part(DECAYED, gradient)
    made = update_formulas(training, gradient.value, of=telling.graph.root.quantity.base)[key]
    number = ledger.evaluate(made)
    return m.Digits(number.text, number.exponent, str(key))
