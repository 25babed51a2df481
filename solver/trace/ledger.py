"""The ledger: every number that a document prints, proven to the last digit, under either rounding regime.

Full precision ("carry"): a key's value is computed in exact rationals and balls from the decimals of the file, at a
precision that is raised until the shown digits are certain; where even the cap leaves a ball on a rounding boundary, the
zero test decides (a sum of paths that cancels exactly prints 0). By hand: the same code runs in an arithmetic that
rounds at every place where a reader sees a number, and goes on with the rounded one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from flint import fmpq

from solver.arithmetic import (
    START_BITS,
    Arithmetic,
    Certified,
    Digits,
    DomainError,
    Rounded,
    Undecided,
    as_written,
    certify_in,
    last_place,
    round_number,
    shown_rational,
)
from solver.arithmetic.by_hand import ByHand, padded
from solver.arithmetic.rational import power_of_ten
from solver.arithmetic.rationals import Rationals
from solver.formula import Formula
from solver.functions.evaluate import evaluate
from solver.graph.model import Model
from solver.graph.node import Array, Graph, Leaf
from solver.quantities import Key, Quantity, Role
from solver.trace.cohort import Member
from solver.trace.enclosures import Column, Enclosures, enclosures_of, steps_of
from solver.trace.solve import StepValues, solve_steps

RATIONALS = Rationals()


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
    _solved: dict[Arithmetic, tuple[tuple[StepValues, ...], int]] = field(default_factory=dict, repr=False)
    _numbers: dict[Key, Rounded] = field(default_factory=dict, repr=False)
    _exact: dict[tuple[Arithmetic, Key], Any] = field(default_factory=dict, repr=False)
    _columns: dict[Key, Column | None] = field(default_factory=dict, init=False, repr=False)

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
        found = self._numbers.get(key)
        if found is None:
            found = self._given(key) or self._unmoved(key) or self._computed(key)
            self._numbers[key] = found
        return found

    def together(self, key: Key) -> Sequence[Rounded | None]:
        """Return a key's value as every variant of the cohort shows it; None where it is to be asked for alone."""
        if self.member is None:
            return ()
        cohort = self.member.cohort
        leaf = self._leaf_of(key)
        if leaf is not None:
            everywhere: tuple[Any, ...] = (slice(None), *leaf[1])
            given = cohort.joined.given[leaf[0]].exact[everywhere]
            return [as_written(number) for number in given.tolist()]
        # What an update does not move keeps its old value: each variant sees for itself.
        moved = isinstance(key, Quantity) and key.role is Role.UPDATED
        column = None if self.by_hand or moved else self._column(key)
        if column is None or self._shared is None:
            return [None] * len(cohort.models)
        rows, found = self._shared.rows, column.rounded(self.digits)
        return [found[rows[place]] if place in rows else None for place in range(len(cohort.models))]

    def defining(self, definitions: Mapping[Key, Formula]) -> Ledger:
        """Return the same numbers, with formulas for more keys."""
        joined = {**self.definitions, **definitions}
        changed = {key for key in definitions if self.definitions.get(key) != definitions[key]}
        met = self._numbers.keys() | self._columns.keys() | {key for _, key in self._exact}
        # What has been computed stays: none of it has read a key that is now defined otherwise.
        if not changed.isdisjoint(met):
            return replace(self, definitions=joined, _numbers={}, _exact={})
        return replace(self, definitions=joined, _numbers=dict(self._numbers), _exact=dict(self._exact))

    def _computed(self, key: Key) -> Rounded:
        """Return a computed value; by hand from the line that makes it, so that an exact result prints short."""
        if not self.by_hand:
            return self._read(self._column(key)) or self._decide(
                lambda arithmetic: self.value(key, arithmetic)
            )
        formula = self.definitions.get(key)
        if formula is None and isinstance(key, Quantity) and key.role is Role.VALUE and self.step == 1:
            formula = (self.graph or self.model.graph).made_by(key)
        if formula is not None:
            return self.evaluate(formula)
        return padded(self._decide(lambda arithmetic: self.value(key, arithmetic)), self.digits)

    def evaluate(self, formula: Formula) -> Rounded:
        """Return the value of a formula as it is shown."""
        return self._read(self._written(formula, formula)) or self._decide(
            lambda arithmetic: self._formula(formula, arithmetic)
        )

    def follows(self, formula: Formula, shown: Rounded) -> bool:
        """Return whether the shown numbers, put into the formula, round to the shown result.

        A reader rounds at the last place that is shown: 3 · 0.3333 makes 1.000. An exact result that prints short is
        held to all the digits that the document shows.
        """
        half = _half_a_unit(last_place(shown, self.digits))
        size = abs(shown_rational(shown))
        low, high = size - half, size + half

        def recomputed(arithmetic: Arithmetic) -> bool:
            value = evaluate(
                formula,
                lambda key: shown_rational(self.number(key)),
                arithmetic=arithmetic,
                variables=self._variables(arithmetic),
            )
            if not shown.sign:
                return bool(arithmetic.compare(value, "=", arithmetic.number(0)))
            found = value * shown.sign
            return bool(arithmetic.compare(found, ">=", low)) and bool(arithmetic.compare(found, "<", high))

        try:
            return recomputed(RATIONALS)
        except DomainError:
            return False
        except Undecided:
            pass
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
        found = self._leaf_of(key)
        return None if found is None else as_written(self.model.given[found[0]].exact[(0, *found[1])])

    def _leaf_of(self, key: Key) -> tuple[Quantity, tuple[int, ...]] | None:
        if key not in self._leaves:
            self._leaves[key] = self._leaf(key)
        return self._leaves[key]

    @cached_property
    def _leaves(self) -> dict[Key, tuple[Quantity, tuple[int, ...]] | None]:
        """Where given numbers stand, for the keys met so far; variants tell each other."""
        if self.member is None or self.graph is not None:
            return {}
        return self.member.cohort.once(("leaves", self.step > 1), dict)

    def _leaf(self, key: Key) -> tuple[Quantity, tuple[int, ...]] | None:
        """Return (array, place) of a number of the file, None for any other key."""
        if not isinstance(key, Quantity) or key.role is not Role.VALUE or (not key.position and key.index):
            return None
        node = (self.graph or self.model.graph).by_quantity.get(key.whole)
        if (
            node is None
            or not isinstance(node.operation, Leaf)
            or (self.step > 1 and node.operation.kind == "parameter")
        ):
            return None
        return key.whole, self._place(key, node.per_sample)

    def _element(self, key: Quantity, arithmetic: Arithmetic) -> Any:
        steps, row = self._steps(arithmetic)
        array = self._array(steps[self.step - 1], key)
        return array[(row, *self._place_of(key))]

    def _place_of(self, key: Quantity) -> tuple[int, ...]:
        """Return where a key stands in its array, after the axis of variants."""
        per_sample = (
            key.role in (Role.VALUE, Role.GRADIENT)
            and (self.graph or self.model.graph).node(key.value).per_sample
        )
        return self._place(key, per_sample)

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

    # --- what all variants of a cohort have in common ------------------------------------------------------

    @cached_property
    def _shared(self) -> Enclosures | None:
        """The cohort's enclosures, where this variant is among them."""
        if self.member is None or self.by_hand:
            return None
        found = enclosures_of(self.member.cohort, self.graph)
        return found if found is not None and self.member.place in found.rows else None

    def _read(self, column: Column | None) -> Rounded | None:
        """Return this variant's number of a column, None where it is not proven."""
        if column is None or self._shared is None or self.member is None:
            return None
        return column.rounded(self.digits)[self._shared.rows[self.member.place]]

    def _column(self, key: Key) -> Column | None:
        if key not in self._columns:
            self._columns[key] = self._found_by_all(key)
        return self._columns[key]

    def _found_by_all(self, key: Key) -> Column | None:
        """Return a key's column, found once for all variants that have these very formulas."""
        if self.member is None or self._shared is None:
            return None
        name = ("column", id(self.definitions), id(self.graph), self.step, key)
        # What is named by its place in memory is kept with it, so that nothing else takes the place.
        kept = self.member.cohort.once(name, lambda: (self._found(key), self.definitions, self.graph))
        return kept[0]

    def _found(self, key: Key) -> Column | None:
        if self._shared is None:
            return None
        if key in self.definitions:
            return self._written(key, self.definitions[key])
        assert isinstance(key, Quantity)
        return self._shared.element(self.step, key, self._array, self._place_of)

    def _written(self, name: Key | Formula, formula: Formula) -> Column | None:
        if self._shared is None:
            return None
        return self._shared.written(name, formula, self._column, self.constants)

    def _steps(self, arithmetic: Arithmetic) -> tuple[tuple[StepValues, ...], int]:
        """Return the arrays in an arithmetic, and this variant's row in them."""
        if arithmetic not in self._solved:
            shared = None
            # By hand, all variants read the first arithmetic that is tried; few ever need the second.
            if self.member is not None and arithmetic == ByHand(self.digits, Certified(START_BITS)):
                shared = steps_of(self.member.cohort, self.graph, arithmetic)
            if shared is not None and self.member is not None:
                self._solved[arithmetic] = shared, self.member.place
            else:
                self._solved[arithmetic] = solve_steps(self.model, arithmetic, self.graph), 0
        return self._solved[arithmetic]

    def _decide(self, compute: Callable[[Arithmetic], Any]) -> Rounded:
        """Round what `compute` returns, in the first arithmetic that proves the digits."""
        return certify_in(compute, lambda value: round_number(value, self.digits), by_hand=self._by_hand)

    @property
    def _by_hand(self) -> Digits | None:
        return self.digits if self.by_hand else None


@lru_cache(maxsize=1024)
def _half_a_unit(place: int) -> fmpq:
    """Return 10^place / 2."""
    return power_of_ten(place) / 2


def constants(model: Model) -> dict[str, Fraction]:
    """Return the learning rate and the optimizer's options under the names that its formulas use."""
    training = model.training
    if training is None:
        return {}
    optimizer = training.optimizer
    return {"rate": training.rate, "decay": optimizer.weight_decay, **dict(optimizer.options)}
