"""Mistakes of the backward pass: slopes forgotten, paths left out, matrices transposed, products made quotients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from solver.exercises.mistakes.building import (
    adding,
    data_of,
    handed_anew,
    inverted,
    is_square,
    plants_at,
    replaced_share,
    stepped,
    times,
    turned,
    weights_of,
)
from solver.exercises.mistakes.edits import Edit, Sight
from solver.exercises.mistakes.forward import activations, mean_slips, scale_factors
from solver.exercises.mistakes.record import Plant, Saying, Subject, Word
from solver.exercises.mistakes.run import Floats, textbook_shares
from solver.formula import Formula
from solver.functions import evaluate
from solver.graph.dense import Affine, Elementwise, SoftmaxLayer, TotalLoss
from solver.graph.model import Model
from solver.graph.node import Leaf, Node, Operation
from solver.quantities import Quantity

MOST_READERS = 32
"""Elements of a reader that are left out one by one."""


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
        yield from plants_at(
            subject, "term-left-out", template, key, change, weight=0.5, reader=reader.quantity
        )


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
    everywhere: tuple[slice | int, ...] = (slice(None), *place)

    def change(sight: Sight) -> Floats:
        gradient = np.array(sight.gradient(reader.quantity))
        gradient[everywhere] = 0.0
        output = sight.value(reader.quantity)
        shares = textbook_shares(operation, sight.run.numbers, gradient, sight.inputs(reader), output)
        return replaced_share(sight, reader, position, shares[position])

    return change


def _without_paths(subject: Subject, node: Node, element: Quantity) -> Iterator[Plant]:
    graph = subject.graph
    by = element.value if element.sample or not node.per_sample else element.value.of_sample(1)
    readers = list(graph.readers(by))
    if not 2 <= len(readers) <= MOST_READERS:
        return
    for reader, position, of in readers:
        operation = reader.operation
        assert not isinstance(operation, Leaf)
        formula = operation.partial(reader, of, position, by)

        def amount(sight: Sight, of: Quantity = of, formula: Formula = formula) -> Floats:
            gradient = 1.0 if of.whole == graph.root.quantity else sight.number(graph.gradient(of))
            with sight.run.numbers.working():
                local = evaluate(formula, sight.number, arithmetic=sight.run.numbers)
            return np.asarray(-gradient * local)

        saying = Saying("the path through {through} was left out of {place}",
                        {"place": element, "through": subject.named(of)})  # fmt: skip
        # A softmax of two without its other path is a softmax as if elementwise, and is called so.
        weight = (0.9 if isinstance(operation, SoftmaxLayer) else 1.0) / len(readers)
        yield Plant("term-left-out", element, saying, (adding(graph, element, amount),), weight)


def backward_transposed(subject: Subject) -> Iterator[Plant]:
    """∂L/∂x = W δ for Wᵀ δ, where nothing but the numbers tells."""
    for node, to, position, weights in _ways_down(subject):
        if is_square(subject.graph, weights):
            change = handed_anew(node, to, position, turned)
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
        change = handed_anew(node, to, position, _stepped(model, weights))
        key = graph.gradient(node.parents[to])
        template = "the already updated weights {weights} were used in {place}"
        yield from plants_at(subject, "updated-weights", template, key, change, weights=weights)


def _stepped(model: Model, weights: Quantity) -> Callable[[Sight, Floats], Floats]:
    return lambda sight, _: stepped(model, sight, weights)


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
                template = "{place} was divided by {by} instead of multiplied"
                change = handed_anew(node, position, to, inverted)
                yield from plants_at(
                    subject, "divided", template, graph.gradient(weights), change, by=data.quantity
                )
                if data.quantity in computed:
                    change = handed_anew(node, to, position, inverted)
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
                change = handed_anew(node, position, to, _instead(earlier))
                template = "the pre-activation {before} was used for the activation {after} in {place}"
                yield from plants_at(
                    subject, "preactivation-used", template, subject.graph.gradient(weights), change,
                    before=earlier, after=data.quantity,
                )  # fmt: skip


def _instead(quantity: Quantity) -> Callable[[Sight, Floats], Floats]:
    return lambda sight, _: sight.value(quantity)


def backward_signs(subject: Subject) -> Iterator[Plant]:
    """A gradient with the wrong sign."""
    yield from _losses(subject, "sign-flipped", "the sign of {place} was flipped", -1.0, 1.0)
    for node in subject.differentiated:
        key = subject.graph.gradient(node.quantity)
        yield from plants_at(subject, "sign-flipped", "the sign of {place} was flipped", key, times(-1.0))


def backward_factors(subject: Subject) -> Iterator[Plant]:
    """½ or 1/n forgotten or taken twice in the gradients: all of them, of one array, or of one element."""
    for node, operation in subject.computed:
        if isinstance(operation, TotalLoss):
            for factor, what, weight in scale_factors(subject, node, operation):
                yield from _losses(subject, "factor", what + " in {place}", factor, weight)
    for node in subject.differentiated:
        key = subject.graph.gradient(node.quantity)
        ways = [(2.0, "a factor 2 too many was taken", 0.1), (0.5, "a factor ½ too many was taken", 0.1)]
        samples, loss = subject.graph.samples, subject.graph.root.operation
        if samples > 1 and not node.per_sample and isinstance(loss, TotalLoss):
            forgotten, repeated = mean_slips(loss, samples, f"the mean over the {samples} samples")
            ways += [(float(samples), forgotten, 0.4), (1 / samples, repeated, 0.4)]
        for factor, what, weight in ways:
            yield from plants_at(subject, "factor", what + " in {place}", key, times(factor), weight=weight)


def _losses(subject: Subject, mistake: str, template: str, factor: float, weight: float) -> Iterator[Plant]:
    """Yield a factor on all that the loss hands down but its penalty: in the gradients, or in L as well."""
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
