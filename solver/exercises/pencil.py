"""What a student gets who rounds each step at the stated digits: the other right answer beside full precision.

Two roads, because two students may take them: layer by layer, every array rounded as a solution in matrices shows it; and
line by line, every factor, product and sum of the path form rounded as it is written down. Float64 is enough here: these
numbers are printed nowhere, they only widen what a marker accepts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solver.arithmetic import Digits, DomainError, Float64, Values
from solver.arithmetic.by_hand import ByHand
from solver.formula import Formula
from solver.functions import evaluate
from solver.graph.model import Model
from solver.quantities import Key, Quantity, Role
from solver.trace.ledger import constants
from solver.trace.solve import StepValues, solve_steps

Floats = NDArray[np.float64]

FULL = Digits(significant=17)
"""Digits that leave a float64 as it is."""

_NUDGE = 1e-9
"""A decimal tie is rarely one in binary: 0.285 is stored below it."""


def vectorised(powers: Values) -> Values:
    """Return powers of ten as numpy computes those of an array: on some processors 10^-5 is one bit off."""
    return 10.0**powers


def one_by_one(powers: Values) -> Values:
    """Return powers of ten as they are computed for a number alone, also for many numbers."""
    exact: Values = _POWERS[np.clip(powers, -_FARTHEST, 308).astype(np.int64) + _FARTHEST]
    return exact


_FARTHEST = 323
_POWERS = np.array([10.0**power for power in range(-_FARTHEST, 309)])


@dataclass(frozen=True)
class Pencil(ByHand):
    """By-hand arithmetic on float64: the same lines in the same forms, rounded as they are shown, ties away from zero."""

    inner: Float64 = field(default_factory=Float64)  # type: ignore[assignment]
    name: str = "pencil"

    def settle(self, values: Values) -> Values:
        """Return the values rounded."""
        return rounded(np.asarray(values), self.digits)


def rounded(values: Values, digits: Digits, tens: Callable[[Values], Values] = vectorised) -> Values:
    """Return values at the digits asked for; what would vanish among fixed decimals keeps its leading digits."""
    if digits == FULL:
        return values
    size = np.abs(values)
    with np.errstate(divide="ignore"):
        power = np.floor(np.log10(np.where(size > 0, size, 1.0)))
    if digits.decimals is None:
        unit = tens(power + 1 - digits.significant)
    else:
        shown = size * 10.0**digits.decimals >= 0.5
        unit = np.where(shown, 10.0**-digits.decimals, tens(power + 1 - max(2, digits.decimals)))
    return np.sign(values) * np.floor(size / unit + 0.5 + _NUDGE) * unit


def element_of(model: Model, step: StepValues, element: Quantity) -> float:
    """Return one element of a step: a value, a gradient, an updated parameter, optimizer state, the loss afterwards."""
    return float(elements_of(model, step, element)[0])


def elements_of(model: Model, step: StepValues, element: Quantity) -> Floats:
    """Return the same element of every variant of the problem."""
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
    found: Floats = array[(slice(None), *sample, *(axis - 1 for axis in element.index))]
    return found


@dataclass
class ByLines:
    """Every line of the path form rounded, from the values of the forward pass on, for all variants that a model holds.

    Attributes:
        model: The problem, or many variants of it.
        step: The same problem with every array rounded: its forward pass is written down in both forms.
        definitions: The formula of every line.
        digits: How many digits a line keeps.
        only: One of the variants; None for all of them.
    """

    model: Model
    step: StepValues
    definitions: Mapping[Key, Formula]
    digits: Digits
    only: int | None = None
    _known: dict[Key, Floats | DomainError] = field(default_factory=dict)

    def value(self, key: Key, variant: int = 0) -> float:
        """Return what is written down for a key in one variant.

        Raises:
            DomainError: There is no such value.
        """
        try:
            found = self.values(key)
        except DomainError:
            if self._count == 1:
                raise
            return self._single(variant).value(key)
        return float(found[variant])

    def values(self, key: Key) -> Floats:
        """Return what is written down for a key in every variant.

        Raises:
            DomainError: There is no such value in one of them.
        """
        if key not in self._known:
            self._known[key] = self._found(key)
        known = self._known[key]
        if isinstance(known, DomainError):
            raise known
        return known

    def _found(self, key: Key) -> Floats | DomainError:
        if key not in self.definitions:
            assert isinstance(key, Quantity)
            return elements_of(self.model, self.step, key)[self._rows]
        numbers = Float64()
        try:
            with numbers.working():
                found = evaluate(
                    self.definitions[key], self.values, arithmetic=numbers, variables=self._variables
                )
        except DomainError as error:
            return error
        lines: Floats = rounded(np.asarray(found, dtype=np.float64), self.digits, one_by_one)
        return np.broadcast_to(lines, (self._count,))

    @cached_property
    def _variables(self) -> dict[str, np.float64]:
        return {name: Float64().number(value) for name, value in constants(self.model).items()}

    @cached_property
    def _count(self) -> int:
        return len(self.step.values[self.model.graph.root.quantity][self._rows])

    @cached_property
    def _rows(self) -> slice:
        return slice(None) if self.only is None else slice(self.only, self.only + 1)

    @cached_property
    def _singles(self) -> dict[int, ByLines]:
        return {}

    def _single(self, variant: int) -> ByLines:
        """Return the lines of one variant alone: where another has no value, they cannot be computed together."""
        if variant not in self._singles:
            self._singles[variant] = replace(self, only=variant, _known={})
        return self._singles[variant]


def by_lines(model: Model, definitions: Mapping[Key, Formula], digits: Digits) -> ByLines:
    """Return the lines of the path form, rounded.

    Raises:
        UncomputableError: Rounding leaves something without a value.
    """
    return ByLines(model, solve_steps(model, Pencil(digits))[0], definitions, digits)
