"""The printed answers of one candidate where every shown value is rounded by hand: exact, and one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solver.graph import build
from solver.spec.digits import digits_of
from solver.trace.asked import asked, line_formulas
from solver.trace.json_form import by_hand_values
from solver.trace.passes import UncomputableError
from solver.variants.batch import Floats
from solver.variants.judging import answer_elements

if TYPE_CHECKING:
    from solver.spec import Problem


def by_hand_answers(problem: Problem) -> Floats | None:
    """Return the asked gradients as a pencil finds them; None where rounding leaves one without a value."""
    model = build(problem)
    try:
        step = by_hand_values(model, digits_of(problem), line_formulas(problem, model, asked(problem, model)))
    except UncomputableError:
        return None
    found = []
    for element in answer_elements(problem, model):
        node = model.graph.node(element)
        sample = ((element.sample or 1) - 1,) if node.per_sample else ()
        value = step.gradients[element.whole][(0, *sample, *(axis - 1 for axis in element.index))]
        found.append(float(value))
    return np.array(found)
