"""The true value of every figure, and whether a printed one is it: rounded, or cut off.

float64 decides all but the close calls. Where a figure hangs at the edge between two roundings, or where float64 has only
noise left of a number that is exactly zero, the certified arithmetic of `trace` decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, fmpq

from solver.arithmetic import (
    Certified,
    Digits,
    DomainError,
    Float64,
    Rounded,
    Undecided,
    certify_in,
    rational,
    round_number,
)
from solver.arithmetic.residues import Residue
from solver.exercises.mistakes import Address, Cell, Spot, outcomes
from solver.exercises.mistakes.run import Floats
from solver.graph.model import Model
from solver.graph.node import Leaf
from solver.quantities import Quantity, Role
from solver.review.figures import Figure
from solver.trace.ledger import Ledger, constants
from solver.trace.passes import forward
from solver.trace.solve import StepValues, solve_steps

NOISE = 1e-12
"""A number this small beside the largest of its array may be nothing but rounding of float64."""

LARGEST = 20_000
"""Elements up to which certified arithmetic is asked."""

_PRECISION = 256


class Agreement(Enum):
    """How a printed figure relates to the true number."""

    ROUNDED = "rounded"
    CUT_OFF = "cut off"
    NONE = "not"


@dataclass
class Truth:
    """The values of a problem.

    Attributes:
        model: The problem; not symbolic.
        steps: Its trace.
    """

    model: Model
    steps: tuple[StepValues, ...] = field(init=False)
    _after: dict[int, Mapping[Quantity, Floats]] = field(default_factory=dict, repr=False)
    _ledgers: dict[int, Ledger] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.steps = solve_steps(self.model, Float64())

    def array(self, step: int, key: Quantity) -> Floats:
        """Return an array of a step, one row of it: shape (samples, …) or (…)."""
        step_values = self.steps[step - 1]
        found: Floats
        match key.role:
            case Role.VALUE:
                found = step_values.values[key]
            case Role.GRADIENT:
                found = step_values.gradients[key.value]
            case Role.UPDATED if key in step_values.updated:
                found = step_values.updated[key]
            case Role.UPDATED:
                found = self._forward_after(step)[key.value]
            case _:
                found = step_values.states[key]
        one: Floats = found[0]
        return one

    def arrays(self, step: int) -> list[tuple[Spot, Floats]]:
        """Return every array of a step: values, gradients, optimizer state, what is updated, and the values after it."""
        found, graph = self.steps[step - 1], self.model.graph
        keys = [node.quantity for node in graph.nodes]
        keys += [graph.gradient(quantity) for quantity in found.gradients if quantity != graph.root.quantity]
        keys += [*found.states, *found.updated]
        if found.updated:
            keys += [node.quantity.updated() for node in graph.nodes if not isinstance(node.operation, Leaf)]
        return [(Spot(step, key), self.array(step, key)) for key in keys]

    def _forward_after(self, step: int) -> Mapping[Quantity, Floats]:
        if step not in self._after:
            found = self.steps[step - 1]
            leaves = {q: found.values[q] for q in self.model.given}
            leaves |= {quantity.value: array for quantity, array in found.updated.items()}
            numbers = Float64()
            with numbers.working():
                self._after[step] = forward(self.model.graph, leaves, numbers)
        return self._after[step]

    def values(self, addresses: Sequence[Address]) -> Floats:
        """Return the true value at each address."""
        found = np.empty(len(addresses))
        others = [place for place, address in enumerate(addresses) if not isinstance(address, Cell)]
        if others:
            found[others] = outcomes(self.model, [()], [addresses[place] for place in others])[0][0]
        for place, address in enumerate(addresses):
            if isinstance(address, Cell):
                array = self.array(address.spot.step, address.spot.key)
                value = float(array.ravel()[address.place])
                found[place] = self._settled(address, value, array)
        return found

    def _settled(self, address: Cell, value: float, array: Floats) -> float:
        """Return 0 where a number is only what float64 leaves of an exact zero."""
        scale = max(1.0, float(np.abs(array).max()))
        if value == 0 or abs(value) > NOISE * scale or not self._certifiable(address.spot.key):
            return value
        element = self.element(address)
        try:
            return 0.0 if self._ledger(address.spot.step).number(element).sign == 0 else value
        except ArithmeticError:
            return value

    def _certifiable(self, key: Quantity) -> bool:
        graph = self.model.graph
        small = sum(int(np.prod(node.shape, dtype=int)) for node in graph.nodes) * graph.samples <= LARGEST
        if key.role is Role.UPDATED:
            return small and (key.value in graph.parameters or key.value == graph.root.quantity)
        return small

    def element(self, address: Cell) -> Quantity:
        """Return the element that stands at an address."""
        key = address.spot.key
        node = self.model.graph.node(key.value)
        shape = ((self.model.graph.samples,) if node.per_sample else ()) + node.shape
        place = tuple(int(axis) + 1 for axis in np.unravel_index(address.place, shape)) if shape else ()
        if node.per_sample:
            return replace(key, sample=place[0], index=place[1:])
        return replace(key, index=place)

    def _ledger(self, step: int) -> Ledger:
        if step not in self._ledgers:
            self._ledgers[step] = Ledger(self.model, Digits(), step=step, constants=constants(self.model))
        return self._ledgers[step]

    def is_given(self, figure: Figure) -> bool:
        """Return whether a figure is of a number that stands in the file."""
        if not isinstance(figure.address, Cell) or figure.address.spot.key.role is not Role.VALUE:
            return False
        return isinstance(self.model.graph.node(figure.address.spot.key).operation, Leaf)

    def agreement(self, figure: Figure, value: float) -> Agreement:
        """Return whether a figure is a true value, rounded or cut off at its last digit."""
        printed, unit = float(figure.value), figure.unit
        distance = abs(printed - value)
        slack = 1e-9 * unit + 1e-12 * abs(value)
        if distance <= unit / 2 + slack and distance <= unit / 2 - slack:
            return Agreement.ROUNDED
        near = 1e-6 * unit + 1e-9 * abs(value)
        if abs(distance - unit / 2) <= near or abs(distance - unit) <= near:
            exact = self._exactly(figure)
            if exact is not None:
                return exact
        return agreement_of(figure.value, value, figure.unit)

    def rounded(self, figure: Figure) -> Rounded | None:
        """Return the true value to a figure's last digit, every digit proven; None where nobody can be asked.

        A number that is smaller than the figure keeps as many significant digits as the figure has, and two at least.
        """
        address = figure.address
        if not isinstance(address, Cell) or not self._certifiable(address.spot.key):
            return None
        element, ledger = self.element(address), self._ledger(address.spot.step)
        size = abs(float(self.array(address.spot.step, address.spot.key).ravel()[address.place]))
        digits = Digits(decimals=max(figure.decimals, 0))
        if size < abs(float(figure.value)) / 2 or size < 10.0 ** -max(figure.decimals, 0):
            digits = Digits(significant=max(2, figure.significant))
        try:
            return certify_in(
                lambda arithmetic: ledger.value(element, arithmetic), lambda v: round_number(v, digits)
            )
        except ArithmeticError:
            return None

    def _exactly(self, figure: Figure) -> Agreement | None:
        """Return what certified arithmetic says; None where it cannot be asked."""
        address = figure.address
        if not isinstance(address, Cell) or not self._certifiable(address.spot.key):
            return None
        numbers = Certified(_PRECISION)
        try:
            with numbers.working():
                value = self._ledger(address.spot.step).value(self.element(address), numbers)
                return _certified_agreement(figure, value)
        except (Undecided, DomainError):
            return None


def _certified_agreement(figure: Figure, value: object) -> Agreement | None:
    exact = value.ball if isinstance(value, Residue) else value
    if not isinstance(exact, arb | fmpq):
        return None
    unit = rational(Fraction(10) ** -figure.decimals if figure.value else Fraction(figure.unit))
    distance: Any = abs(exact - rational(figure.value))
    # A tie may go either way: schools round it up, machines to the even digit.
    if distance <= unit / 2:
        return Agreement.ROUNDED
    if isinstance(distance, arb) and distance.overlaps(arb(unit / 2)):
        return Agreement.ROUNDED
    return _cut_off(figure.value, exact, unit)


def _cut_off(printed: Decimal, value: Any, unit: fmpq) -> Agreement:
    shown = rational(printed)
    same_side = shown == 0 or bool(value * shown > 0)
    beyond: Any = abs(value) - rational(abs(printed))
    inside = bool(beyond >= 0) and bool(beyond < unit)
    return Agreement.CUT_OFF if same_side and inside else Agreement.NONE


def agreement_of(printed: Decimal, value: float, unit: float | None = None) -> Agreement:
    """Return whether a figure is a number, rounded or cut off at its last digit, as far as float64 tells.

    Args:
        printed: The figure, with its digits.
        value: The number.
        unit: What one step of the last digit is worth, where the digits do not say it: a bare 0.
    """
    shown = float(printed)
    if unit is None:
        exponent = printed.as_tuple().exponent
        assert isinstance(exponent, int)
        unit = float(Decimal(1).scaleb(exponent))
    slack = 1e-9 * unit + 1e-12 * abs(value)
    if abs(shown - value) <= unit / 2 + slack:
        return Agreement.ROUNDED
    beyond = abs(value) - abs(shown)
    if (shown == 0 or shown * value > 0) and -slack <= beyond < unit:
        return Agreement.CUT_OFF
    return Agreement.NONE
