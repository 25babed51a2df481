"""The JSON form of a solution: every quantity by its contract name, float64 at full precision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from solver.arithmetic import Digits, Float64, certify_in, rational
from solver.formula import Formula
from solver.graph.model import Model
from solver.graph.node import Array, Graph, Leaf
from solver.quantities import Key, Quantity, Role
from solver.trace.ledger import Ledger, constants
from solver.trace.solve import StepValues, solve_steps


def to_json(
    model: Model,
    *,
    title: str,
    kind: str,
    by_hand: Digits | None = None,
    lines: Mapping[Key, Formula] | None = None,
) -> dict[str, Any]:
    """Return {"title", "kind", "quantities", "steps"} and, with by-hand digits, "by_hand".

    Args:
        model: A problem with numbers; its first variant is written.
        title: As the teacher wrote it.
        kind: The contract's kind.
        by_hand: Digits of by-hand rounding, where the file asks for it.
        lines: Formulas of values that are told line by line, which by hand are rounded as the lines are.
    """
    steps = [step_json(model.graph, step) for step in solve_steps(model, Float64())]
    form = {"title": title, "kind": kind, "quantities": steps[0], "steps": steps}
    if by_hand is not None:
        form["by_hand"] = step_json(model.graph, by_hand_values(model, by_hand, lines or {}))
    return form


def by_hand_steps(model: Model, digits: Digits) -> tuple[StepValues, ...]:
    """Return the steps in by-hand arithmetic, every rounding proven."""
    return certify_in(lambda arithmetic: solve_steps(model, arithmetic), lambda steps: steps, by_hand=digits)


def by_hand_values(model: Model, digits: Digits, lines: Mapping[Key, Formula]) -> StepValues:
    """Return the first step by hand; what is told line by line takes the value of its line."""
    step = by_hand_steps(model, digits)[0]
    ledger = Ledger(model, digits, by_hand=True, definitions=lines, constants=constants(model))
    groups = {Role.GRADIENT: dict(step.gradients), Role.UPDATED: dict(step.updated)}
    for key in lines:
        if isinstance(key, Quantity) and key.role in groups:
            whole = key.whole.value if key.role is Role.GRADIENT else key.whole
            arrays = groups[key.role]
            sample = (key.sample - 1,) if key.sample else ()
            place = (0, *sample, *(axis - 1 for axis in key.index))
            arrays[whole] = arrays[whole].copy()
            arrays[whole][place] = rational(ledger.number(key).fraction)
    return replace(step, gradients=groups[Role.GRADIENT], updated=groups[Role.UPDATED])


def step_json(graph: Graph, step: StepValues) -> dict[str, Any]:
    """Return the quantities of one step in a reader's order: values, gradients, state, after the update."""
    numbers: dict[str, Any] = {}
    for node in graph.nodes:
        if node.operation != Leaf("constant"):
            _enter(numbers, node.quantity, _plain(graph, node.quantity, step.values))
    for node in graph.nodes:
        if node.quantity in step.gradients and node.quantity != graph.root.quantity:
            _enter(numbers, graph.gradient(node.quantity), _plain(graph, node.quantity, step.gradients))
    for group in (step.states, velocities(step.states), step.updated):
        numbers |= {quantity.array_name: _nested(array[0]) for quantity, array in group.items()}
    if step.loss_after is not None:
        numbers[graph.root.quantity.updated().array_name] = _nested(step.loss_after[0])
    return numbers


def velocities(states: Mapping[Quantity, Array]) -> dict[Quantity, Array]:
    """Return the state of momentum under its second usual name: v in v ← βv + g, beside m of (1 − β)g.

    The contract writes the velocity of classical momentum as v and lists both names; a reader may look for either.
    """
    squares = any(quantity.role is Role.SECOND_MOMENT for quantity in states)
    if squares:
        return {}
    return {
        quantity.value.state(Role.SECOND_MOMENT): array
        for quantity, array in states.items()
        if quantity.role is Role.FIRST_MOMENT
    }


def _enter(numbers: dict[str, Any], quantity: Quantity, value: Any) -> None:
    """Enter an array by its name; the arrays of the time steps become the rows of one array, in their order."""
    if quantity.time:
        numbers.setdefault(quantity.array_name, []).append(value)
    else:
        numbers[quantity.array_name] = value


def _plain(graph: Graph, quantity: Quantity, arrays: Mapping[Quantity, Array]) -> Any:
    array = arrays[quantity][0]
    if graph.node(quantity).per_sample and not graph.sample_axis:
        array = array[0]
    return _nested(array)


def _nested(array: Any) -> Any:
    plain = np.asarray(array)
    if plain.dtype == object:
        plain = Float64().array(plain)
    return (plain + 0.0).tolist()  # a negative zero is no number that anybody writes
