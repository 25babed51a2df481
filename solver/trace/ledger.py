"""The ledger: every number that a document prints, proven to the last digit, under either rounding regime.

Full precision ("carry"): a key's value is computed in exact rationals and balls from the decimals of the file, at a precision
that is raised until the shown digits are certain; where even the cap leaves a ball on a rounding boundary, the zero
test decides (a sum of paths that cancels exactly prints 0). By hand: the same code runs in an arithmetic that
rounds at every place where a reader sees a number, and goes on with the rounded one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from solver.arithmetic import (
    Arithmetic,
    ByHand,
    Certified,
    Digits,
    DomainError,
    Residues,
    Rounded,
    Undecided,
    as_written,
    round_number,
)
from solver.formula import Formula, Ref
from solver.functions.evaluate import evaluate
from solver.graph.model import Model
from solver.graph.node import Array, Graph, Leaf
from solver.quantities import Key, Quantity, Role
from solver.trace.solve import StepValues, solve_steps

PRECISIONS = (128, 256, 512, 1024, 2048, 4096)
"""Bits tried before the zero test is asked."""


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
    """

    model: Model
    digits: Digits
    by_hand: bool = False
    definitions: Mapping[Key, Formula] = field(default_factory=dict)
    graph: Graph | None = None
    step: int = 1
    _solved: dict[str, tuple[StepValues, ...]] = field(default_factory=dict, repr=False)
    _numbers: dict[Key, Rounded] = field(default_factory=dict, repr=False)
    _exact: dict[tuple[str, Key], Any] = field(default_factory=dict, repr=False)

    def number(self, key: Key) -> Rounded:
        """Return a key's value as it is shown; a given value keeps the digits of its author.

        Raises:
            DomainError: The value does not exist.
            ArithmeticError: Its digits cannot be proven.
        """
        if key not in self._numbers:
            written = self._given(key)
            self._numbers[key] = written if written is not None else self._decide(lambda a: self.value(key, a))
        return self._numbers[key]

    def evaluate(self, formula: Formula) -> Rounded:
        """Return the value of a formula as it is shown."""
        return self._decide(lambda arithmetic: self._formula(formula, arithmetic))

    def follows(self, formula: Formula, shown: Rounded) -> bool:
        """Return whether the shown numbers, put into the formula, give the shown result at the same digits."""
        try:
            again = self._decide(
                lambda arithmetic: evaluate(
                    formula, lambda key: arithmetic.number(self.number(key).fraction), arithmetic=arithmetic
                )
            )
        except DomainError:
            return False
        return again.text == shown.text and again.exponent == shown.exponent

    def is_given(self, key: Key) -> bool:
        """Return whether a key is a number of the file."""
        return self._given(key) is not None

    def value(self, key: Key, arithmetic: Arithmetic) -> Any:
        """Return a key's value in an arithmetic."""
        memo = (self._name(arithmetic), key)
        if memo not in self._exact:
            if key in self.definitions:
                found = self._formula(self.definitions[key], arithmetic)
                self._exact[memo] = arithmetic.settle(found)
            else:
                assert isinstance(key, Quantity)
                self._exact[memo] = self._element(key, arithmetic)
        return self._exact[memo]

    def _formula(self, formula: Formula, arithmetic: Arithmetic) -> Any:
        return evaluate(formula, lambda key: self.value(key, arithmetic), arithmetic=arithmetic)

    def _given(self, key: Key) -> Rounded | None:
        if not isinstance(key, Quantity) or key.role is not Role.VALUE or not key.position and key.index:
            return None
        node = (self.graph or self.model.graph).by_quantity.get(key.whole)
        if node is None or not isinstance(node.operation, Leaf) or self.step > 1 and node.operation.kind == "parameter":
            return None
        exact = self.model.given[key.whole].exact[0]
        return as_written(exact[self._place(key, node.per_sample)])

    def _element(self, key: Quantity, arithmetic: Arithmetic) -> Any:
        steps = self._steps(arithmetic)
        array = self._array(steps[self.step - 1], key)
        per_sample = key.role in (Role.VALUE, Role.GRADIENT) and (self.graph or self.model.graph).node(key.value).per_sample
        return array[0][self._place(key, per_sample)]

    def _array(self, step: StepValues, key: Quantity) -> Array:
        whole = key.whole
        match key.role:
            case Role.VALUE:
                return step.values[whole]
            case Role.GRADIENT:
                return step.gradients[whole.value]
            case Role.UPDATED if key.base == "L" or whole not in step.updated:
                assert step.loss_after is not None
                return step.loss_after
            case Role.UPDATED:
                return step.updated[whole]
            case _:
                return step.states[whole]

    def _place(self, key: Quantity, per_sample: bool) -> tuple[int, ...]:
        sample = ((key.sample or 1) - 1,) if per_sample else ()
        return sample + tuple(axis - 1 for axis in key.index)

    def _steps(self, arithmetic: Arithmetic) -> tuple[StepValues, ...]:
        name = self._name(arithmetic)
        if name not in self._solved:
            self._solved[name] = solve_steps(self.model, arithmetic, self.graph)
        return self._solved[name]

    def _name(self, arithmetic: Arithmetic) -> str:
        return repr(arithmetic)

    def _decide(self, compute: Callable[[Arithmetic], Any]) -> Rounded:
        """Round what `compute` returns, at the first precision that proves the digits."""
        for precision in PRECISIONS:
            arithmetic: Arithmetic = ByHand(precision, self.digits) if self.by_hand else Certified(precision)
            try:
                with arithmetic.working():
                    return round_number(compute(arithmetic), self.digits)
            except Undecided:
                continue
        residues = Residues()
        with residues.working():
            return round_number(compute(residues), self.digits)


def exact_given(ledger: Ledger, key: Quantity) -> Fraction:
    """Return a given value as an exact fraction."""
    return ledger.number(key).fraction


__all__ = ["Ledger", "Ref"]
