"""Softmax: the one activation that is not elementwise, so its record has a Jacobian from the start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solver.formula import Call, Formula, Negative, Quotient, Sum, Variable, formula
from solver.functions import numeric
from solver.functions.record import Activation


@dataclass(frozen=True)
class Softmax(Activation):
    """y_k = e^(z_k) / Σ_j e^(z_j) along the last axis.

    As an `Activation` its `formula` is e^z/s with Variable("s") = Σ_j e^(z_j), and `slope` and `derivative` are the
    diagonal y(1 − y): all that some lecture notes take. The whole derivative is `jacobian`, or `numeric.softmax_pull`
    for δ = Jᵀ g.
    """

    def output(self, arguments: Sequence[Formula], k: int) -> Formula:
        """Return y_k written out, for pre-activations as formulas; k counts from 1."""
        exponentials = tuple(Call("exp", (argument,)) for argument in arguments)
        return Quotient(exponentials[k - 1], Sum(exponentials))

    def jacobian(self, k: int, j: int, outputs: Sequence[Formula] | None = None) -> Formula:
        """Return ∂y_k/∂z_j: y_k (1 − y_k) for k = j, −y_k y_j otherwise.

        Args:
            k: Output, from 1.
            j: Pre-activation, from 1.
            outputs: y_1, y_2, … as formulas; without them Variable("y_k") and Variable("y_j") by number: "y1", "y2".
        """
        y_k = outputs[k - 1] if outputs is not None else Variable(f"y{k}")
        y_j = outputs[j - 1] if outputs is not None else Variable(f"y{j}")
        return y_k * (formula(1) - y_k) if k == j else Negative(y_k * y_j)


_Y = Variable("y")

SOFTMAX = Softmax(
    name="softmax",
    symbol="softmax",
    formula=Quotient(Call("exp", (Variable("z"),)), Variable("s")),
    slope=_Y * (formula(1) - _Y),
    value=numeric.softmax,
    derivative=lambda z, y: numeric.softmax_slope(z),
    source="Bridle (1990), Probabilistic interpretation of feedforward classification network outputs",
    elementwise=False,
)
