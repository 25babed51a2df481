"""The derivative of a formula at once, without its lines: the local derivatives of a graph.

No computer algebra: the rules of `calculus.rules` to the end, then the tidiness of `calculus.tidy`. What comes out has
the shape of a textbook (1/x, −x/y², σ(u)(1 − σ(u)) x), and its numbers are those that the tables of `functions` state,
kinks and ties included.
"""

from __future__ import annotations

from solver.calculus.rules import differentiate_once
from solver.calculus.tidy import clean, light
from solver.formula import Derivative, Formula, transform


class NotDifferentiable(ValueError):
    """No rule gives the derivative of this formula.

    Args:
        of: The formula.
        by: What it should have been differentiated by.
    """

    def __init__(self, of: Formula, by: Formula) -> None:
        super().__init__(of, by)
        self.of = of
        self.by = by


def derivative(of: Formula, by: Formula) -> Formula:
    """Return ∂of/∂by in textbook shape.

    Args:
        of: Any formula of the grammar or of the tables; unnamed functions gain a prime.
        by: A `Variable`, a `Ref` or an indexed name z_k; all other leaves are constants.

    Raises:
        NotDifferentiable: It holds a function that no table knows.
    """
    return clean(worked_out(Derivative(of, by)))


def worked_out(node: Formula) -> Formula:
    """Return a formula with every `Derivative` in it worked out to the end, lightly tidied."""

    def step(inner: Formula) -> Formula | None:
        if not isinstance(inner, Derivative):
            return None
        found = differentiate_once(inner.of, inner.by)
        if found is None:
            raise NotDifferentiable(inner.of, inner.by)
        return worked_out(found[0])

    return light(transform(node, step))
