"""Mistakes about the derivative of an activation: forgotten, at the wrong point, divided by, of softmax the diagonal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from solver.exercises.mistakes.building import plants_at
from solver.exercises.mistakes.edits import Sight
from solver.exercises.mistakes.forward import activations
from solver.exercises.mistakes.record import Plant, Subject
from solver.exercises.mistakes.run import Floats, textbook_slope
from solver.functions.slopes import slopes
from solver.graph.dense import Elementwise, SoftmaxLayer, TotalLoss
from solver.graph.node import Node
from solver.graph.pointwise import Pointwise
from solver.quantities import Quantity


def slopes_forgotten(subject: Subject) -> Iterator[Plant]:
    """∂L/∂a = ∂L/∂h: the derivative of the activation is missing."""
    template = "the derivative of the activation was forgotten in {place}"
    for node, _, before in activations(subject):
        change = _below(subject, node, before, lambda sight, gradient: gradient)
        yield from plants_at(
            subject, "derivative-forgotten", template, subject.graph.gradient(before), change
        )


def softmax_elementwise(subject: Subject) -> Iterator[Plant]:
    """∂L/∂a_k = ∂L/∂h_k · h_k(1 − h_k): the cross terms are missing."""
    template = "the softmax was differentiated as if elementwise in {place}"
    for node, operation, before in activations(subject):
        if isinstance(operation, SoftmaxLayer) and not operation.diagonal:

            def own_slope(sight: Sight, gradient: Floats, node: Node = node) -> Floats:
                y = sight.value(node.quantity)
                return np.asarray(gradient * y * (1 - y))

            change = _below(subject, node, before, own_slope)
            yield from plants_at(
                subject, "softmax-elementwise", template, subject.graph.gradient(before), change
            )


def slopes_divided_by(subject: Subject) -> Iterator[Plant]:
    """∂L/∂a = ∂L/∂h / φ′(a)."""
    template = "{place} was divided by the derivative of the activation instead of multiplied"
    for node, operation, before in activations(subject):
        if isinstance(operation, SoftmaxLayer) and not operation.diagonal:
            continue
        change = _below(subject, node, before, _by_slope(node))
        yield from plants_at(subject, "divided", template, subject.graph.gradient(before), change)


def _by_slope(node: Node) -> Callable[[Sight, Floats], Floats]:
    return lambda sight, gradient: gradient / _slope(sight, node)


def slopes_at_the_wrong_point(subject: Subject) -> Iterator[Plant]:
    """a(1 − a) for h(1 − h), or φ′ taken at h instead of at a."""
    for node, operation, before in activations(subject):
        if not isinstance(operation, Elementwise):
            continue
        key = subject.graph.gradient(before)
        after = node.quantity
        mixed = _below(subject, node, before, _times(node, lambda z, y: (z, z)))
        template = "the pre-activation {before} was used for {after} in the derivative in {place}"
        yield from plants_at(subject, "preactivation-used", template, key, mixed, before=before, after=after)
        late = _below(subject, node, before, _times(node, _one_step_late(operation)))
        template = "the derivative was taken at {after} instead of at {before} in {place}"
        yield from plants_at(
            subject, "preactivation-used", template, key, late, weight=0.6, before=before, after=after
        )


def _times(
    node: Node, points: Callable[[Floats, Floats], tuple[Floats, Floats]]
) -> Callable[[Sight, Floats], Floats]:
    operation = node.operation
    assert isinstance(operation, Elementwise)

    def times(sight: Sight, gradient: Floats) -> Floats:
        z, y = points(sight.value(node.parents[0]), sight.value(node.quantity))
        return np.asarray(gradient * textbook_slope(operation, sight.run.numbers, z, y))

    return times


def _one_step_late(operation: Elementwise) -> Callable[[Floats, Floats], tuple[Floats, Floats]]:
    return lambda z, y: (y, np.asarray(operation.activation.value(y)))


def _slope(sight: Sight, node: Node) -> Floats:
    """Return φ′(a) of an activation, elementwise."""
    z, y = sight.value(node.parents[0]), sight.value(node.quantity)
    match node.operation:
        case Elementwise() | SoftmaxLayer():
            return textbook_slope(node.operation, sight.run.numbers, z, y)
        case Pointwise(formula, names):
            return np.asarray(slopes(formula, {names[0]: z}, sight.run.numbers)[names[0]])
        case _:
            raise TypeError(f"no activation: {node.quantity}")


def _below(
    subject: Subject, node: Node, before: Quantity, instead: Callable[[Sight, Floats], Floats]
) -> Callable[[Sight], Floats]:
    """Return a change of ∂L/∂a: what the activation, or the loss in its place, hands down comes otherwise from ∂L/∂h."""

    def change(sight: Sight) -> Floats:
        new = instead(sight, sight.gradient(node.quantity))
        for reader, position, old in sight.shares(before):
            closed_form = (
                isinstance(reader.operation, TotalLoss)
                and position < reader.operation.first_weight
                and position % reader.operation.width == 2
            )
            if reader is node or closed_form:
                return np.asarray(sight.array - old + new)
        return sight.array

    return change
