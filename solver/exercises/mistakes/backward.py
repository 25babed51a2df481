"""Mistakes of the backward pass: slopes forgotten, paths left out, matrices transposed, products that became quotients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from solver.exercises.mistakes.building import (
    adding,
    data_of,
    handed_anew,
    is_square,
    plants_at,
    replaced_share,
    stepped,
    weights_of,
)
from solver.exercises.mistakes.edits import Edit, Sight
from solver.exercises.mistakes.forward import activations, scale_factors
from solver.exercises.mistakes.record import Plant, Saying, Subject, Word
from solver.exercises.mistakes.run import Floats, textbook_shares, textbook_slope
from solver.formula import Variable
from solver.functions import evaluate
from solver.functions.slopes import slopes
from solver.graph.dense import Affine, Elementwise, SoftmaxLayer, TotalLoss
from solver.graph.node import Leaf, Node, Operation
from solver.graph.pointwise import Pointwise
from solver.quantities import Quantity

MOST_READERS = 32
"""Elements of a reader that are left out one by one."""


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
        change = _below(subject, node, before, lambda sight, gradient, node=node: gradient / _slope(sight, node))
        yield from plants_at(subject, "divided", template, subject.graph.gradient(before), change)


def slopes_at_the_wrong_point(subject: Subject) -> Iterator[Plant]:
    """a(1 − a) for h(1 − h), or φ′ taken at h instead of at a."""
    for node, operation, before in activations(subject):
        if not isinstance(operation, Elementwise):
            continue
        key = subject.graph.gradient(before)
        words: dict[str, Word] = {"before": before, "after": node.quantity}
        mixed = _below(subject, node, before, _times(node, lambda z, y: (z, z)))
        template = "the pre-activation {before} was used for {after} in the derivative in {place}"
        yield from plants_at(subject, "preactivation-used", template, key, mixed, **words)
        late = _below(
            subject, node, before, _times(node, lambda z, y, operation=operation: (y, _activated(operation, y)))
        )
        template = "the derivative was taken at {after} instead of at {before} in {place}"
        yield from plants_at(subject, "preactivation-used", template, key, late, weight=0.6, **words)


def _times(
    node: Node, points: Callable[[Floats, Floats], tuple[Floats, Floats]]
) -> Callable[[Sight, Floats], Floats]:
    operation = node.operation
    assert isinstance(operation, Elementwise)

    def times(sight: Sight, gradient: Floats) -> Floats:
        z, y = points(sight.value(node.parents[0]), sight.value(node.quantity))
        return np.asarray(gradient * textbook_slope(operation, sight.run.numbers, z, y))

    return times


def _activated(operation: Elementwise, z: Floats) -> Floats:
    return np.asarray(operation.activation.value(z))


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
    """Return a change of ∂L/∂a: what the activation (or the loss in its place) hands down is taken from ∂L/∂h otherwise."""

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


def paths_left_out(subject: Subject) -> Iterator[Plant]:
    """A gradient without what comes through one of its readers."""
    for node in subject.differentiated:
        yield from _without_elements(subject, node)
        yield from _without_readers(subject, node)


def _without_readers(subject: Subject, node: Node) -> Iterator[Plant]:
    """Leave out what a whole array hands back: a time step, the penalty, one of two uses of a value."""
    readers = subject.graph.consumers[node.quantity]
    if len(readers) < 2:
        return
    key = subject.graph.gradient(node.quantity)
    for reader, position in readers:

        def change(sight: Sight, reader: Node = reader, position: int = position) -> Floats:
            return replaced_share(sight, reader, position, np.zeros_like(sight.array))

        template = "the paths through {reader} were left out of {place}"
        yield from plants_at(subject, "term-left-out", template, key, change, weight=0.5, reader=reader.quantity)


def _without_elements(subject: Subject, node: Node) -> Iterator[Plant]:
    """Leave out one element of a reader: for a whole array at once, and for single elements."""
    graph, key = subject.graph, subject.graph.gradient(node.quantity)
    for reader, position in graph.consumers[node.quantity]:
        shape = ((graph.samples,) if reader.per_sample else ()) + reader.shape
        size = int(np.prod(shape, dtype=int))
        if not 1 < size <= MOST_READERS or not _mixes(reader, position):
            continue
        for place in np.ndindex(*shape):
            without = _without_place(reader, position, place)
            template = "the path through {through} was left out of {place}"
            words: dict[str, Word] = {"through": _element(subject, reader, place)}
            edit = Edit(key, without)
            yield Plant("term-left-out", key, Saying(template, {"place": key, **words}), (edit,), 0.5 / size)
    for element in subject.elements(key):
        yield from _without_paths(subject, node, element)


def _mixes(reader: Node, position: int) -> bool:
    """Return whether an element is read by several elements of the reader, so that one of them can be forgotten."""
    operation = reader.operation
    if isinstance(operation, Elementwise | TotalLoss):
        return False
    return not (isinstance(operation, Affine) and position % 2 and not reader.per_sample)


def _element(subject: Subject, node: Node, place: tuple[int, ...]) -> Quantity:
    sample, index = (place[0] + 1, place[1:]) if node.per_sample else (None, place)
    element = replace(node.quantity, index=tuple(axis + 1 for axis in index), sample=sample)
    return subject.named(element)


def _without_place(reader: Node, position: int, place: tuple[int, ...]) -> Callable[[Sight], Floats]:
    assert not isinstance(reader.operation, Leaf)
    operation: Operation = reader.operation

    def change(sight: Sight) -> Floats:
        gradient = np.array(sight.gradient(reader.quantity))
        gradient[(0, *place)] = 0.0
        output = sight.value(reader.quantity)
        shares = textbook_shares(operation, sight.run.numbers, gradient, sight.inputs(reader), output)
        return replaced_share(sight, reader, position, shares[position])

    return change


def _without_paths(subject: Subject, node: Node, element: Quantity) -> Iterator[Plant]:
    graph = subject.graph
    by = element.value
    readers = list(graph.readers(by if by.sample or not node.per_sample else by.of_sample(1)))
    if not 2 <= len(readers) <= MOST_READERS:
        return
    for reader, position, of in readers:
        operation = reader.operation
        assert not isinstance(operation, Leaf)
        formula = operation.partial(reader, of, position, by)

        def amount(sight: Sight, of: Quantity = of, formula=formula) -> float:  # type: ignore[no-untyped-def]
            if of.whole == graph.root.quantity:
                gradient = 1.0
            else:
                gradient = sight.number(graph.gradient(of))
            with sight.run.numbers.working():
                local = evaluate(formula, sight.number, arithmetic=sight.run.numbers)
            return -gradient * float(local)

        saying = Saying("the path through {through} was left out of {place}",
                        {"place": element, "through": subject.named(of)})  # fmt: skip
        yield Plant("term-left-out", element, saying, (adding(graph, element, amount),), 1 / len(readers))


def backward_transposed(subject: Subject) -> Iterator[Plant]:
    """∂L/∂x = W δ for Wᵀ δ, where nothing but the numbers tells."""
    for node, to, position, weights in _ways_down(subject):
        if is_square(subject.graph, weights):
            change = handed_anew(node, to, position, lambda sight, array: np.swapaxes(array, -1, -2))
            key = subject.graph.gradient(node.parents[to])
            template = "the weights {weights} were transposed in {place}"
            yield from plants_at(subject, "weights-transposed", template, key, change, weights=weights)


def updated_weights(subject: Subject) -> Iterator[Plant]:
    """∂L/∂x = W′ᵀ δ: the weights had been updated already."""
    graph, model = subject.graph, subject.model
    if model.training is None:
        return
    order = {node.quantity: place for place, node in enumerate(graph.nodes)}
    for node, to, position, weights in _ways_down(subject):
        # The gradient of weights that other nodes read too is not complete yet when it would be needed.
        if weights not in graph.trainable or order[weights] < order[node.parents[to]]:
            continue
        change = handed_anew(node, to, position, lambda sight, _, weights=weights: stepped(model, sight, weights))
        key = graph.gradient(node.parents[to])
        template = "the already updated weights {weights} were used in {place}"
        yield from plants_at(subject, "updated-weights", template, key, change, weights=weights)


def _ways_down(subject: Subject) -> Iterator[tuple[Node, int, int, Quantity]]:
    """Yield (node, position of the data, position of the weights, weights) where a gradient passes through weights."""
    computed = {node.quantity for node, _ in subject.computed}
    for node, operation in subject.computed:
        if isinstance(operation, TotalLoss):
            continue
        for position, weights in weights_of(subject.graph, node):
            for to, data in data_of(subject.graph, node):
                if data.quantity in computed and (not isinstance(operation, Affine) or to == position - 1):
                    yield node, to, position, weights


def backward_divided(subject: Subject) -> Iterator[Plant]:
    """∂L/∂W = δ / x, ∂L/∂x = δ / W."""
    graph = subject.graph
    computed = {node.quantity for node, _ in subject.computed}
    for node, operation in subject.computed:
        if isinstance(operation, TotalLoss):
            continue
        for position, weights in weights_of(graph, node):
            for to, data in data_of(graph, node):
                if isinstance(operation, Affine) and to != position - 1:
                    continue
                template = "{by} was divided by instead of multiplied by in {place}"
                change = handed_anew(node, position, to, lambda sight, array: 1 / array)
                yield from plants_at(subject, "divided", template, graph.gradient(weights), change, by=data.quantity)
                if data.quantity in computed:
                    change = handed_anew(node, to, position, lambda sight, array: 1 / array)
                    key = graph.gradient(data.quantity)
                    yield from plants_at(subject, "divided", template, key, change, weight=0.5, by=weights)


def preactivation_in_weight_gradients(subject: Subject) -> Iterator[Plant]:
    """∂L/∂W = δ aᵀ for δ hᵀ."""
    before = {node.quantity: parent for node, _, parent in activations(subject)}
    for node, operation in subject.computed:
        if isinstance(operation, TotalLoss):
            continue
        for position, weights in weights_of(subject.graph, node):
            for to, data in data_of(subject.graph, node):
                if data.quantity not in before or (isinstance(operation, Affine) and to != position - 1):
                    continue
                earlier = before[data.quantity]
                change = handed_anew(node, position, to, lambda sight, _, earlier=earlier: sight.value(earlier))
                template = "the pre-activation {before} was used for the activation {after} in {place}"
                yield from plants_at(
                    subject, "preactivation-used", template, subject.graph.gradient(weights), change,
                    before=earlier, after=data.quantity,
                )  # fmt: skip


def backward_signs(subject: Subject) -> Iterator[Plant]:
    """A gradient with the wrong sign."""
    yield from _losses(subject, "sign-flipped", "the sign of {place} was flipped", -1.0, 1.0)
    for node in subject.differentiated:
        key = subject.graph.gradient(node.quantity)
        yield from plants_at(
            subject, "sign-flipped", "the sign of {place} was flipped", key, lambda sight: -sight.array
        )


def backward_factors(subject: Subject) -> Iterator[Plant]:
    """½ or 1/n forgotten or taken twice in the gradients: all of them, of one array, or of one element."""
    for node, operation in subject.computed:
        if isinstance(operation, TotalLoss):
            for factor, what, weight in scale_factors(subject, node):
                yield from _losses(subject, "factor", what + " in {place}", factor, weight)
    for node in subject.differentiated:
        key = subject.graph.gradient(node.quantity)
        ways = [(2.0, "a factor 2 too many was taken", 0.1), (0.5, "a factor ½ too many was taken", 0.1)]
        samples = subject.graph.samples
        if samples > 1 and not node.per_sample:
            ways.append((float(samples), f"the factor 1/{samples} of the mean over the samples was forgotten", 0.4))
            ways.append((1 / samples, f"the mean over the {samples} samples was taken once too often", 0.4))
        for factor, what, weight in ways:
            yield from plants_at(
                subject, "factor", what + " in {place}", key,
                lambda sight, factor=factor: sight.array * factor, weight=weight,
            )  # fmt: skip


def _losses(subject: Subject, mistake: str, template: str, factor: float, weight: float) -> Iterator[Plant]:
    """Yield a factor on everything that the loss hands down, its penalty left alone: in the gradients, or in L as well."""
    graph = subject.graph
    for node, operation in subject.computed:
        if not isinstance(operation, TotalLoss):
            continue
        edits: list[Edit] = []
        for position, parent in enumerate(node.parents[: operation.first_weight]):
            if parent in graph.targets:
                continue

            def change(sight: Sight, node: Node = node, position: int = position) -> Floats:
                for reader, place, share in sight.shares(node.parents[position]):
                    if reader is node and place == position:
                        return np.asarray(sight.array + (factor - 1) * share)
                return sight.array

            edits.append(Edit(graph.gradient(parent), change))
        first = graph.gradient(node.parents[0])
        yield Plant(mistake, first, Saying(template, {"place": first}), tuple(edits), weight)
        whole = Edit(node.quantity, lambda sight: sight.array * factor)
        words: dict[str, Word] = {"place": node.quantity}
        also = template.replace("{place}", "{place} and in its gradients")
        yield Plant(mistake, node.quantity, Saying(also, words), (whole, *edits), 0.5 * weight)


__all__ = [
    "Variable", "backward_divided", "backward_factors", "backward_signs", "backward_transposed", "paths_left_out",
    "preactivation_in_weight_gradients", "slopes_at_the_wrong_point", "slopes_divided_by", "slopes_forgotten",
    "softmax_elementwise", "updated_weights",
]  # fmt: skip
