"""All numbers of a problem: forward, backward, update, as many steps as asked, for all variants at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from solver.arithmetic import Arithmetic, Float64
from solver.functions import update
from solver.graph.model import Model
from solver.graph.node import Array, Graph
from solver.quantities import Quantity, Role
from solver.trace.passes import Pass, blaming, forward, run_pass


@dataclass(frozen=True)
class StepValues:
    """One step of training.

    Attributes:
        values: Every node before the update.
        gradients: ∂L/∂ every node.
        updated: Every parameter after the update; empty where the problem has none.
        states: Optimizer states after this step, as quantities with their role.
        loss_after: L on the same samples with the new parameters; None without an update.
    """

    values: Mapping[Quantity, Array]
    gradients: Mapping[Quantity, Array]
    updated: Mapping[Quantity, Array]
    states: Mapping[Quantity, Array]
    loss_after: Array | None


def given_arrays(model: Model, numbers: Arithmetic) -> dict[Quantity, Array]:
    """Return the leaves of a model in an arithmetic, with their axis of variants."""
    if isinstance(numbers, Float64):
        return {quantity: given.values for quantity, given in model.given.items()}
    return {quantity: numbers.array(given.exact) for quantity, given in model.given.items()}


def solve_steps(model: Model, numbers: Arithmetic, graph: Graph | None = None) -> tuple[StepValues, ...]:
    """Return every step of a problem in an arithmetic.

    Args:
        model: The problem; not symbolic.
        numbers: float64 for all variants, or another arithmetic.
        graph: Another graph over the same leaves (the reference of a shortened derivative).

    Returns:
        As many steps as the problem asks for; one where it has no update.
    """
    graph = graph or model.graph
    with numbers.working():
        leaves = given_arrays(model, numbers)
        if model.training is None:
            only = run_pass(graph, leaves, numbers)
            return (StepValues(only.values, only.gradients, {}, {}, None),)
        return _train(model, graph, leaves, numbers)


def _train(
    model: Model, graph: Graph, leaves: dict[Quantity, Array], numbers: Arithmetic
) -> tuple[StepValues, ...]:
    training = model.training
    assert training is not None
    states: dict[Quantity, Array] = {}
    done: list[StepValues] = []
    for step in range(1, training.steps + 1):
        before = run_pass(graph, leaves, numbers)
        updated, states = _updated(model, before, states, step, numbers)
        leaves = leaves | {quantity.value: array for quantity, array in updated.items()}
        after = forward(graph, leaves, numbers)[graph.root.quantity]
        done.append(StepValues(before.values, before.gradients, updated, states, after))
    return tuple(done)


def _updated(
    model: Model, before: Pass, states: Mapping[Quantity, Array], step: int, numbers: Arithmetic
) -> tuple[dict[Quantity, Array], dict[Quantity, Array]]:
    """Return (parameters after the update, optimizer states), fixed parameters unchanged."""
    training = model.training
    assert training is not None
    updated: dict[Quantity, Array] = {}
    kept: dict[Quantity, Array] = {}
    for parameter in model.graph.parameters:
        value = before.values[parameter]
        if parameter not in model.graph.trainable:
            updated[parameter.updated()] = value
            continue
        gradient = before.gradients[parameter]
        past = {name: states[parameter.state(Role(name))] for name in training.optimizer.state if step > 1}
        rate = numbers.number(training.rate)
        with blaming(model.graph.node(parameter), "update", (), numbers):
            found = update(training.optimizer, value, gradient, past, step, rate, numbers)
        updated[parameter.updated()] = found.pop("w")
        kept |= {parameter.state(Role(name)): array for name, array in found.items() if name != "g"}
    return updated, kept
