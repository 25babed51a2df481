"""The update of one parameter as formulas: the optimizer's steps in order, over keys that can be shown."""

from __future__ import annotations

from solver import formula as f
from solver.graph.model import Training
from solver.quantities import Key, Quantity


def update_formulas(
    training: Training, element: Quantity, step: int = 1, of: str = "L"
) -> dict[Key, f.Formula]:
    """Return the steps of one parameter's update, w ← w − η g or those of an optimizer with state.

    Args:
        training: The optimizer; its options stay free variables ("rate", "beta1", …).
        element: The parameter.
        step: Number of the update, from 1; before the first one all state is zero.
        of: The scalar that is made smaller: "L", or the output of an expression.
    """
    known: dict[str, f.Formula] = {
        "w": f.Ref(element),
        "g": f.Ref(element.gradient(of)),
        "step": f.formula(step),
    }
    known |= {name: f.formula(0) for name in training.optimizer.state}
    found: dict[Key, f.Formula] = {}
    for rule in training.optimizer.steps:
        formula = f.substitute(rule.formula, **known)
        if rule.name == "g":  # weight decay: the gradient with the decay added is no line of its own
            known["g"] = formula
            continue
        key = element.updated() if rule.name == "w" else element.state(rule.role)
        found[key] = formula
        known[rule.name] = f.Ref(key)
    return found
