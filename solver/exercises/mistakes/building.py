"""Small pieces of which the table's plants are built: edits that change whole arrays or one element, in few words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from solver.exercises.mistakes.edits import Edit, Sight, place_in_rows
from solver.exercises.mistakes.record import Plant, Saying, Subject, Word
from solver.exercises.mistakes.run import Floats, textbook_shares, textbook_value
from solver.functions import update
from solver.graph.model import Model
from solver.graph.node import Graph, Leaf, Node
from solver.quantities import Quantity, Role

Change = Callable[[Sight], Floats]

AT_ONE_ELEMENT = 0.5
"""Weight of making a mistake at a single element, where it could be made in the whole array as well."""


def plants_at(
    subject: Subject,
    mistake: str,
    template: str,
    array: Quantity,
    change: Change,
    *,
    weight: float = 1.0,
    whole: bool = True,
    at_one: float = AT_ONE_ELEMENT,
    **words: Word,
) -> Iterator[Plant]:
    """Yield a change of a whole array, and the same change of each of its elements in focus.

    Args:
        subject: The problem.
        mistake: Name of the record.
        template: The sentence; its gap `place` is the array or the element.
        array: The array.
        change: What is got instead.
        weight: Of the change of the whole array.
        whole: Whether the whole array is changed too, or single elements alone.
        at_one: Weight of the change of one element, relative to that of the whole array.
        words: Further gaps of the sentence.
    """
    shape = subject.graph.node(array.value).shape
    if whole:
        saying = Saying(template, {"place": array, **words})
        yield Plant(mistake, array, saying, (Edit(array, change),), weight)
    if shape or subject.graph.node(array.value).per_sample:
        for element in subject.elements(array):
            saying = Saying(template, {"place": element, **words})
            edit = Edit(array, at_element(subject.graph, element, change))
            yield Plant(mistake, element, saying, (edit,), at_one * weight)


def at_element(graph: Graph, element: Quantity, change: Change) -> Change:
    """Return a change that concerns one element of the array alone."""
    place = place_in_rows(graph.node(element.value), element)

    def changed(sight: Sight) -> Floats:
        array = sight.array.copy()
        array[place] = np.broadcast_to(change(sight), array.shape)[place]
        return array

    return changed


def adding(graph: Graph, element: Quantity, amount: Callable[[Sight], Floats | float]) -> Edit:
    """Return an edit that adds a number to one element."""
    place = place_in_rows(graph.node(element.value), element)

    def change(sight: Sight) -> Floats:
        array = sight.array.copy()
        array[place] += amount(sight)
        return array

    return Edit(element.whole, change)


def times(factor: float) -> Change:
    """Return a change by a factor."""
    return lambda sight: sight.array * factor


def value_of(quantity: Quantity) -> Change:
    """Return the change that takes another array of the forward pass instead."""
    return lambda sight: sight.value(quantity)


def recomputed(node: Node, position: int, instead: Callable[[Sight, Floats], Floats]) -> Change:
    """Return a change that computes a node anew from other inputs: `instead` gives the one at `position`."""
    assert not isinstance(node.operation, Leaf)
    operation = node.operation

    def change(sight: Sight) -> Floats:
        inputs = sight.inputs(node)
        inputs[position] = instead(sight, inputs[position])
        return textbook_value(operation, sight.run.numbers, inputs)

    return change


def handed_anew(reader: Node, to: int, position: int, instead: Callable[[Sight, Floats], Floats]) -> Change:
    """Return a change of a gradient: what `reader` hands to its parent `to` is taken with another input at `position`."""
    assert not isinstance(reader.operation, Leaf)
    operation = reader.operation

    def change(sight: Sight) -> Floats:
        inputs = sight.inputs(reader)
        inputs[position] = instead(sight, inputs[position])
        gradient, output = sight.gradient(reader.quantity), sight.value(reader.quantity)
        shares = textbook_shares(operation, sight.run.numbers, gradient, inputs, output)
        return replaced_share(sight, reader, to, shares[to])

    return change


def replaced_share(sight: Sight, reader: Node, position: int, share: Floats | None) -> Floats:
    """Return the gradient with the share of one reader replaced."""
    for node, place, old in sight.shares(reader.parents[position]):
        if node is reader and place == position and share is not None:
            return np.asarray(sight.array - old + share)
    return sight.array


def stepped(model: Model, sight: Sight, parameter: Quantity) -> Floats:
    """Return a parameter after its update, as far as its gradient is known at this moment."""
    run, training = sight.run, model.training
    assert training is not None
    numbers = run.numbers
    state = {
        name: sight.state(parameter.state(Role(name))) for name in training.optimizer.state if run.step > 1
    }
    gradient = (
        sight.gradient(parameter)
        if parameter in run.gradients
        else np.asarray(sum(share for _, _, share in sight.shares(parameter)))
    )
    rate = numbers.number(training.rate)
    found = update(training.optimizer, sight.value(parameter), gradient, state, run.step, rate, numbers)
    return np.asarray(found["w"])


def weights_of(graph: Graph, node: Node) -> Iterator[tuple[int, Quantity]]:
    """Yield (position, parameter) of the parameters with two axes or more that a node reads."""
    for position, parent in enumerate(node.parents):
        if parent in graph.parameters and len(graph.node(parent).shape) > 1:
            yield position, parent


def biases_of(graph: Graph, node: Node) -> Iterator[tuple[int, Quantity]]:
    """Yield (position, parameter) of the biases that a node adds."""
    for position, parent in enumerate(node.parents):
        if parent in graph.parameters and parent.base in ("b", "c") and graph.words != "expression":
            yield position, parent


def is_square(graph: Graph, weights: Quantity) -> bool:
    """Return whether a matrix can be taken for its transpose without anybody noticing."""
    shape = graph.node(weights).shape
    return len(shape) == 2 and shape[0] == shape[1] > 1


def data_of(graph: Graph, node: Node) -> Iterator[tuple[int, Node]]:
    """Yield (position, node) of what a node reads that is not a parameter."""
    for position, parent in enumerate(node.parents):
        if parent not in graph.parameters:
            yield position, graph.node(parent)


def turned(sight: Sight, array: Floats) -> Floats:
    """Return a matrix taken for its transpose."""
    return np.swapaxes(array, -1, -2)


def inverted(sight: Sight, array: Floats) -> Floats:
    """Return 1 / x: a product with it is a quotient."""
    return np.asarray(1 / array)


def product_words(parts: Sequence[Word], names: str = "term") -> tuple[str, dict[str, Word]]:
    """Return a template and its words for a product of quantities: "{term1} {term2}"."""
    words = {f"{names}{number}": part for number, part in enumerate(parts, start=1)}
    return " · ".join(f"{{{name}}}" for name in words), words


def in_role(element: Quantity, role: Role) -> Quantity:
    """Return the same element in another role."""
    return replace(element, role=role)
