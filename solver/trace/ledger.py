"""The ledger: every number that a document prints, proven to the last digit, under either rounding regime.

Full precision ("carry"): a key's value is computed in exact rationals and balls from the decimals of the file, at a
precision that is raised until the shown digits are certain; where even the cap leaves a ball on a rounding boundary, the
zero test decides (a sum of paths that cancels exactly prints 0). By hand: the same code runs in an arithmetic that
rounds at every place where a reader sees a number, and goes on with the rounded one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from solver.arithmetic import Arithmetic, Digits, DomainError, Rounded, as_written, certify_in, round_number
from solver.arithmetic.by_hand import padded
from solver.formula import Formula
from solver.functions.evaluate import evaluate
from solver.graph.model import Model
from solver.graph.node import Array, Graph, Leaf
from solver.quantities import Key, Quantity, Role
from solver.trace.cohort import Member
from solver.trace.solve import StepValues, solve_steps


@dataclass
class Ledger:
    """Numbers of one variant, by key, rounded as they are shown.

    Attributes:
        model: The problem.
        digits: How many digits are shown.
        by_hand: Whether shown values are rounded and go on rounded.
        definitions: Formulas of the keys that are not quantities of the graph, and of gradients made path by path.
        graph: Another graph over the same leaves, where its numbers are wanted.
        step: Which update step is told, from 1.
        constants: Exact values of free variables of the formulas: the learning rate, an optimizer's options.
        member: The variant among those that are computed together with it; None where it is alone.
    """

    model: Model
    digits: Digits
    by_hand: bool = False
    definitions: Mapping[Key, Formula] = field(default_factory=dict)
    graph: Graph | None = None
    step: int = 1
    constants: Mapping[str, Fraction] = field(default_factory=dict)
    member: Member | None = field(default=None, repr=False)
    _solved: dict[Arithmetic, tuple[StepValues, ...]] = field(default_factory=dict, repr=False)
    _numbers: dict[Key, Rounded] = field(default_factory=dict, repr=False)
    _exact: dict[tuple[Arithmetic, Key], Any] = field(default_factory=dict, repr=False)

    def looking_up(
        self, definitions: Mapping[Key, Formula], graph: Graph | None = None, step: int = 1
    ) -> Ledger:
        """Return the same variant's numbers, looked up with other formulas and in another graph."""
        solved = self._solved if graph is self.graph else {}
        return replace(
            self, definitions=definitions, graph=graph, step=step, _solved=solved, _numbers={}, _exact={}
        )

    def number(self, key: Key) -> Rounded:
        """Return a key's value as it is shown; a given value keeps the digits of its author.

        Raises:
            DomainError: The value does not exist.
            ArithmeticError: Its digits cannot be proven.
        """
        if key not in self._numbers:
            self._numbers[key] = self._given(key) or self._unmoved(key) or self._computed(key)
        return self._numbers[key]

    def _computed(self, key: Key) -> Rounded:
        """Return a computed value; by hand from the line that makes it, so that an exact result prints short."""
        if not self.by_hand:
            return self._decide(lambda arithmetic: self.value(key, arithmetic))
        formula = self.definitions.get(key)
        if formula is None and isinstance(key, Quantity) and key.role is Role.VALUE and self.step == 1:
            formula = (self.graph or self.model.graph).made_by(key)
        if formula is not None:
            return self.evaluate(formula)
        return padded(self._decide(lambda arithmetic: self.value(key, arithmetic)), self.digits)

    def evaluate(self, formula: Formula) -> Rounded:
        """Return the value of a formula as it is shown."""
        return self._decide(lambda arithmetic: self._formula(formula, arithmetic))

    def follows(self, formula: Formula, shown: Rounded) -> bool:
        """Return whether the shown numbers, put into the formula, round to the shown result.

        A reader rounds at the last place that is shown: 3 · 0.3333 makes 1.000. An exact result that prints short is
        held to all the digits that the document shows.
        """
        unit = _last_place(shown, self.digits)

        def recomputed(arithmetic: Arithmetic) -> bool:
            value = evaluate(
                formula,
                lambda key: arithmetic.number(self.number(key).fraction),
                arithmetic=arithmetic,
                variables=self._variables(arithmetic),
            )
            size = value * arithmetic.number(shown.sign or 1)
            low, high = (arithmetic.number(abs(shown.fraction) + half) for half in (-unit / 2, unit / 2))
            if not shown.sign:
                return bool(arithmetic.compare(value, "=", arithmetic.number(0)))
            return bool(arithmetic.compare(size, ">=", low)) and bool(arithmetic.compare(size, "<", high))

        try:
            return certify_in(recomputed, lambda follows: follows)
        except DomainError:
            return False

    def is_given(self, key: Key) -> bool:
        """Return whether a key is a number of the file."""
        return self._given(key) is not None

    def value(self, key: Key, arithmetic: Arithmetic) -> Any:
        """Return a key's value in an arithmetic."""
        memo = (arithmetic, key)
        if memo not in self._exact:
            if key in self.definitions:
                found = self._formula(self.definitions[key], arithmetic)
                self._exact[memo] = arithmetic.settle(found)
            else:
                assert isinstance(key, Quantity)
                self._exact[memo] = self._element(key, arithmetic)
        return self._exact[memo]

    def _formula(self, formula: Formula, arithmetic: Arithmetic) -> Any:
        return evaluate(
            formula,
            lambda key: self.value(key, arithmetic),
            arithmetic=arithmetic,
            variables=self._variables(arithmetic),
        )

    def _variables(self, arithmetic: Arithmetic) -> dict[str, Any]:
        return {name: arithmetic.number(value) for name, value in self.constants.items()}

    def _unmoved(self, key: Key) -> Rounded | None:
        """Return the old value of a parameter that its update does not move, exactly, because its gradient is zero."""
        training = self.model.training
        if not isinstance(key, Quantity) or key.role is not Role.UPDATED or training is None or self.step > 1:
            return None
        if key.value.whole not in (self.graph or self.model.graph).parameters:
            return None
        gradient = (self.graph or self.model.graph).gradient(key.value)
        if training.optimizer.weight_decay or self.number(gradient).sign:
            return None
        return self._given(key.value)

    def _given(self, key: Key) -> Rounded | None:
        if not isinstance(key, Quantity) or key.role is not Role.VALUE or (not key.position and key.index):
            return None
        node = (self.graph or self.model.graph).by_quantity.get(key.whole)
        if (
            node is None
            or not isinstance(node.operation, Leaf)
            or (self.step > 1 and node.operation.kind == "parameter")
        ):
            return None
        exact = self.model.given[key.whole].exact
        return as_written(exact[(0, *self._place(key, node.per_sample))])

    def _element(self, key: Quantity, arithmetic: Arithmetic) -> Any:
        steps = self._steps(arithmetic)
        array = self._array(steps[self.step - 1], key)
        per_sample = (
            key.role in (Role.VALUE, Role.GRADIENT)
            and (self.graph or self.model.graph).node(key.value).per_sample
        )
        return array[(0, *self._place(key, per_sample))]

    def _array(self, step: StepValues, key: Quantity) -> Array:
        whole = key.whole
        match key.role:
            case Role.VALUE:
                return step.values[whole]
            case Role.GRADIENT:
                return step.gradients[whole.value]
            case Role.UPDATED if whole in step.updated:
                return step.updated[whole]
            case Role.UPDATED:
                assert step.loss_after is not None
                return step.loss_after
            case _:
                return step.states[whole]

    def _place(self, key: Quantity, per_sample: bool) -> tuple[int, ...]:
        sample = ((key.sample or 1) - 1,) if per_sample else ()
        return sample + tuple(axis - 1 for axis in key.index)

    def _steps(self, arithmetic: Arithmetic) -> tuple[StepValues, ...]:
        if arithmetic not in self._solved:
            self._solved[arithmetic] = solve_steps(self.model, arithmetic, self.graph)
        return self._solved[arithmetic]

    def _decide(self, compute: Callable[[Arithmetic], Any]) -> Rounded:
        """Round what `compute` returns, in the first arithmetic that proves the digits."""
        return certify_in(compute, lambda value: round_number(value, self.digits), by_hand=self._by_hand)

    @property
    def _by_hand(self) -> Digits | None:
        return self.digits if self.by_hand else None


def _last_place(shown: Rounded, digits: Digits) -> Fraction:
    """Return the place value of the last digit that a number shows, or would show if its zeros were printed."""
    exponent = int(shown.coefficient.as_tuple().exponent)
    if shown.exact and digits.decimals is None:
        exponent = min(exponent, shown.coefficient.adjusted() + 1 - digits.significant)
    elif shown.exact and shown.exponent is None:
        exponent = min(exponent, -(digits.decimals or 0))
    return Fraction(10) ** (exponent + (shown.exponent or 0))


def constants(model: Model) -> dict[str, Fraction]:
    """Return the learning rate and the optimizer's options under the names that its formulas use."""
    training = model.training
    if training is None:
        return {}
    optimizer = training.optimizer
    return {"rate": training.rate, "decay": optimizer.weight_decay, **dict(optimizer.options)}
