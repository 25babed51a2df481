"""What a student gets who rounds each step at the stated digits: the other right answer beside full precision.

Two roads, because two students may take them: layer by layer, every array rounded as a solution in matrices shows it; and
line by line, every factor, product and sum of the path form rounded as it is written down. Float64 is enough here: these
numbers are printed nowhere, they only widen what a marker accepts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from solver.arithmetic import Digits, DomainError, Float64, Values
from solver.arithmetic.by_hand import ByHand
from solver.formula import Formula
from solver.functions import evaluate
from solver.graph.model import Model
from solver.quantities import Key, Quantity, Role
from solver.trace.ledger import constants
from solver.trace.passes import UncomputableError
from solver.trace.solve import StepValues, solve_steps

FULL = Digits(significant=17)
"""Digits that leave a float64 as it is."""

_NUDGE = 1e-9
"""A decimal tie is rarely one in binary: 0.285 is stored below it."""


@dataclass(frozen=True)
class Pencil(ByHand):
    """By-hand arithmetic on float64: the same lines in the same forms, rounded as they are shown, ties away from zero."""

    inner: Float64 = field(default_factory=Float64)  # type: ignore[assignment]
    name: str = "pencil"

    def settle(self, values: Values) -> Values:
        """Return the values rounded."""
        return rounded(np.asarray(values), self.digits)


def rounded(values: Values, digits: Digits) -> Values:
    """Return values at the digits asked for; what would vanish among fixed decimals keeps its leading digits."""
    if digits == FULL:
        return values
    size = np.abs(values)
    with np.errstate(divide="ignore"):
        power = np.floor(np.log10(np.where(size > 0, size, 1.0)))
    if digits.decimals is None:
        unit = 10.0 ** (power + 1 - digits.significant)
    else:
        shown = size * 10.0**digits.decimals >= 0.5
        unit = np.where(shown, 10.0**-digits.decimals, 10.0 ** (power + 1 - max(2, digits.decimals)))
    return np.sign(values) * np.floor(size / unit + 0.5 + _NUDGE) * unit


def element_of(model: Model, step: StepValues, element: Quantity) -> float:
    """Return one element of a step: a value, a gradient, an updated parameter, optimizer state, the loss afterwards."""
    whole = element.whole
    node = model.graph.node(element.value)
    match element.role:
        case Role.VALUE:
            array = step.values[whole]
        case Role.GRADIENT:
            array = step.gradients[whole.value]
        case Role.UPDATED if whole in step.updated:
            array = step.updated[whole]
        case Role.UPDATED:
            assert step.loss_after is not None
            array = step.loss_after
        case _:
            array = step.states[whole]
    per_sample = node.per_sample and element.role in (Role.VALUE, Role.GRADIENT)
    sample = ((element.sample or 1) - 1,) if per_sample else ()
    return float(array[(0, *sample, *(axis - 1 for axis in element.index))])


def by_arrays(model: Model, digits: Digits) -> StepValues | None:
    """Return the first step with every array rounded; None where rounding leaves something without a value."""
    try:
        return solve_steps(model, Pencil(digits))[0]
    except UncomputableError:
        return None


@dataclass
class ByLines:
    """Every line of the path form rounded, from the values of the forward pass on.

    Attributes:
        model: The problem.
        step: The same problem with every array rounded: its forward pass is written down in both forms.
        definitions: The formula of every line.
        digits: How many digits a line keeps.
    """

    model: Model
    step: StepValues
    definitions: Mapping[Key, Formula]
    digits: Digits
    _known: dict[Key, float] = field(default_factory=dict)

    def value(self, key: Key) -> float:
        """Return what is written down for a key.

        Raises:
            DomainError: There is no such value.
        """
        if key not in self._known:
            if key in self.definitions:
                found = self._evaluated(self.definitions[key])
            else:
                assert isinstance(key, Quantity)
                found = element_of(self.model, self.step, key)
            self._known[key] = found
        return self._known[key]

    def _evaluated(self, formula: Formula) -> float:
        numbers = Float64()
        variables = {name: numbers.number(value) for name, value in constants(self.model).items()}
        with numbers.working():
            found = evaluate(formula, self.value, arithmetic=numbers, variables=variables)
        return float(rounded(np.asarray(found, dtype=np.float64), self.digits))


def by_lines(model: Model, definitions: Mapping[Key, Formula], digits: Digits) -> ByLines | None:
    """Return the lines of the path form, rounded; None where rounding leaves something without a value."""
    step = by_arrays(model, digits)
    return None if step is None else ByLines(model, step, definitions, digits)


def line_value(lines: ByLines | None, key: Key) -> float | None:
    """Return what is written down for a key, None where there is no such value."""
    if lines is None:
        return None
    try:
        return lines.value(key)
    except DomainError:
        return None
