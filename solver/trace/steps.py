"""The numbers of a whole training, update by update, as a document shows them.

Carrying full precision, every update is a row of one computation. By hand, each update starts from the numbers that the
one before has written down: parameters and optimizer state are read off the page, rounded, and go on rounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from solver.arithmetic import Rounded
from solver.formula import Formula, Number
from solver.graph.model import Given, Model
from solver.quantities import Key, Part, Quantity, Role
from solver.trace.ledger import Ledger
from solver.trace.updates import update_formulas


@dataclass(frozen=True)
class UpdateNumbers:
    """What one update starts from and what it leaves.

    Attributes:
        number: Which update, from 1; one more than there are for what the last one leaves.
        ledger: The numbers while this update is made.
        before: The numbers of the update before; None for the first.
        done: Whether this is what the last update leaves: values and the output alone.
    """

    number: int
    ledger: Ledger
    before: UpdateNumbers | None = None
    done: bool = False

    def parameter(self, element: Quantity) -> Rounded:
        """Return a parameter as this update finds it."""
        if self.before is None:
            return self.ledger.number(element)
        return self.before.ledger.number(element.updated())

    def output(self, root: Quantity) -> Rounded:
        """Return the loss, or the output of an expression, before this update."""
        if self.done and not self.ledger.by_hand:
            return self.ledger.number(root.updated())
        return self.ledger.number(root)


def updates(ledger: Ledger) -> Iterator[UpdateNumbers]:
    """Yield every update of a training, and what the last one leaves.

    Args:
        ledger: The numbers of the first update.
    """
    training = ledger.model.training
    assert training is not None
    current = UpdateNumbers(1, ledger)
    yield current
    for number in range(2, training.steps + 2):
        done = number > training.steps
        following = (
            _by_hand(current, number) if ledger.by_hand else _carried(ledger, min(number, training.steps))
        )
        current = UpdateNumbers(number, following, current, done)
        yield current


def _carried(ledger: Ledger, step: int) -> Ledger:
    """Return the ledger of a later update of the same computation; its lines are not told, so it has no formulas."""
    return replace(ledger, step=step, definitions={}, _numbers={}, _exact={})


def _by_hand(past: UpdateNumbers, number: int) -> Ledger:
    """Return the ledger of the next update, which starts from the rounded numbers of the one before."""
    ledger = past.ledger
    model = ledger.model
    assert model.training is not None
    of = model.graph.root.quantity.base
    given = dict(model.given)
    definitions: dict[Key, Formula] = {
        key: formula for key, formula in ledger.definitions.items() if not _of_update(key)
    }
    for parameter in model.graph.trainable:
        numbers = np.empty(model.graph.node(parameter).shape, dtype=object)
        for element in model.graph.elements(parameter):
            numbers[tuple(axis - 1 for axis in element.index)] = ledger.number(element.updated()).fraction
            state = {
                name: Number(ledger.number(element.state(Role(name))).fraction)
                for name in model.training.optimizer.state
            }
            definitions |= update_formulas(model.training, element, number, of, state)
        given[parameter] = _given(numbers)
    return Ledger(
        _starting_from(model, given),
        ledger.digits,
        by_hand=True,
        definitions=definitions,
        constants=ledger.constants,
    )


def _of_update(key: Key) -> bool:
    """Return whether a key belongs to an update: a state, a new parameter, a decayed gradient."""
    if isinstance(key, Part):
        return key.target.role is Role.GRADIENT
    return isinstance(key, Quantity) and key.role not in (Role.VALUE, Role.GRADIENT)


def _given(numbers: Any) -> Given:
    exact = numbers[None]
    return Given(exact, exact.astype(np.float64))


def _starting_from(model: Model, given: dict[Quantity, Given]) -> Model:
    return replace(model, given=given)
