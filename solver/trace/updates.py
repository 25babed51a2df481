"""The update of one parameter as formulas: the optimizer's steps in order, over keys that can be shown."""

from __future__ import annotations

from collections.abc import Mapping

from solver import formula as f
from solver.graph.model import Training
from solver.quantities import Key, Part, Quantity

DECAYED = "decayed"
"""The gradient with the weight decay added, as a part of the gradient."""


def update_formulas(
    training: Training,
    element: Quantity,
    step: int = 1,
    of: str = "L",
    state: Mapping[str, f.Formula] | None = None,
) -> dict[Key, f.Formula]:
    """Return the steps of one parameter's update, w ← w − η g or those of an optimizer with state.

    Args:
        training: The optimizer; its options stay free variables ("rate", "beta1", …).
        element: The parameter.
        step: Number of the update, from 1.
        of: The scalar that is made smaller: "L", or the output of an expression.
        state: "m" and "v" after the update before; what is missing is zero, as all of it is before the first update.
    """
    known: dict[str, f.Formula] = {
        "w": f.Ref(element),
        "g": f.Ref(element.gradient(of)),
        "step": f.formula(step),
    }
    known |= {name: (state or {}).get(name, f.formula(0)) for name in training.optimizer.state}
    found: dict[Key, f.Formula] = {}
    for rule in training.optimizer.steps:
        formula = f.substitute(rule.formula, **known)
        key: Key = element.updated() if rule.name == "w" else element.state(rule.role)
        if rule.name == "g":
            key = Part(DECAYED, element.gradient(of))
        found[key] = formula
        known[rule.name] = f.Ref(key)
    return found
