"""Mistakes of single lines of the path form: a value, a factor, a product or a sum that is written down wrong.

The records are those of the table. A value of the forward pass goes wrong as the table has it; the lines of the chain
rule are no arrays of the graph, so how each record looks in one of them is said here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from solver.arithmetic import DomainError, Float64
from solver.exercises.mistakes import Saying, Subject, outcomes, planted
from solver.exercises.mistakes.building import is_square
from solver.exercises.mistakes.record import Word
from solver.exercises.pencil import element_of
from solver.exercises.slips import NOT_TAUGHT, cell_of
from solver.formula import Formula, Product, Ref, Sum
from solver.functions import evaluate
from solver.graph.dense import Affine, Elementwise, SoftmaxLayer, TotalLoss
from solver.graph.model import Model
from solver.graph.node import Graph, Leaf, Node
from solver.quantities import Along, Key, Partial, Quantity, Role, Share
from solver.trace.solve import StepValues

LEAST_WEIGHT = 0.1
"""Ways of making a mistake that are less plausible than this are not planted: a factor ½ in the middle of a sum."""


@dataclass(frozen=True)
class LineSlip:
    """One line that is written down wrong.

    Attributes:
        mistake: Name of the record in the table.
        key: What the line determines.
        value: What it says instead.
        saying: What a reader is told.
    """

    mistake: str
    key: Key
    value: float
    saying: Saying


def line_slips(
    model: Model,
    step: StepValues,
    definitions: Mapping[Key, Formula],
    keys: Sequence[Key],
    value: Mapping[Key, float],
) -> Iterator[LineSlip]:
    """Yield the ways to get one of these lines wrong.

    Args:
        model: The problem.
        step: Its true values.
        definitions: Formula of every line of the chain rule.
        keys: What the lines determine, in order.
        value: The true value of each of them.
    """
    graph = model.graph
    forward = [
        key
        for key in keys
        if isinstance(key, Quantity) and (is_computed_value(graph, key) or key == graph.root.quantity)
    ]
    yield from _of_values(model, forward)
    for key in keys:
        if isinstance(key, Partial):
            yield from _of_factor(model, step, key, value[key])
        elif key in definitions and key not in forward:
            yield from _of_product(graph, definitions[key], key, value)


def is_computed_value(graph: Graph, key: Key) -> bool:
    """Return whether a key is an element of the forward pass, the loss left out."""
    if not isinstance(key, Quantity) or key.role is not Role.VALUE or key.whole == graph.root.quantity:
        return False
    node = graph.by_quantity.get(key.whole)
    return node is not None and not isinstance(node.operation, Leaf)


def _of_values(model: Model, keys: Sequence[Quantity]) -> Iterator[LineSlip]:
    """Yield the table's mistakes at single values of the forward pass."""
    own = {_named(model.graph, key): key for key in keys}
    plants = [
        plant
        for plant in planted(Subject(model, frozenset(own)))
        if plant.place in own
        and len(plant.edits) == 1
        and plant.mistake not in NOT_TAUGHT
        and plant.weight >= LEAST_WEIGHT
    ]
    cells = [cell_of(model, own_key) for own_key in own.values()]
    columns = {name: column for column, name in enumerate(own)}
    found, alive = outcomes(model, [plant.edits for plant in plants], cells)
    for plant, row, lives in zip(plants, found.tolist(), alive, strict=True):
        if lives:
            yield LineSlip(plant.mistake, own[plant.place], row[columns[plant.place]], plant.saying)


def _named(graph: Graph, element: Quantity) -> Quantity:
    return element if graph.sample_axis else element.of_sample(None)


def _of_factor(model: Model, step: StepValues, key: Partial, value: float) -> Iterator[LineSlip]:
    """Yield mistakes of one local derivative."""
    graph = model.graph
    node = graph.node(key.of)
    operation = node.operation
    if value:
        saying = Saying("the sign of {place} was flipped", {"place": key})
        yield LineSlip("sign-flipped", key, -value, saying)
    match operation:
        case TotalLoss():
            yield LineSlip(
                "factor", key, value / 2, Saying("the factor 2 was forgotten in {place}", {"place": key})
            )
        case Elementwise(activation) if activation.name != "linear":
            yield from _of_slope(model, step, node, key)
        case SoftmaxLayer(softmax):
            z = element_of(model, step, key.by)
            wrong = _slope(softmax.slope, z, z)
            template = "the pre-activation {before} was used for {after} in the derivative {place}"
            words: dict[str, Word] = {"before": key.by, "after": key.of, "place": key}
            if wrong is not None and key.of.index == key.by.index:
                yield LineSlip("preactivation-used", key, wrong, Saying(template, words))
        case Affine() if key.by.whole not in graph.parameters:
            yield from _of_weight(model, step, node, operation, key)
        case _:
            pass


def _of_slope(model: Model, step: StepValues, node: Node, key: Partial) -> Iterator[LineSlip]:
    operation = node.operation
    assert isinstance(operation, Elementwise)
    z, y = element_of(model, step, key.by), element_of(model, step, key.of)
    forgotten = Saying("the derivative of the activation was forgotten in {place}", {"place": key})
    yield LineSlip("derivative-forgotten", key, y, forgotten)
    mixed = _slope(operation.activation.slope, z, z)
    words: dict[str, Word] = {"before": key.by, "after": key.of, "place": key}
    if mixed is not None:
        template = "the pre-activation {before} was used for {after} in the derivative {place}"
        yield LineSlip("preactivation-used", key, mixed, Saying(template, words))


def _slope(formula: Formula, z: float, y: float) -> float | None:
    numbers = Float64()
    try:
        with numbers.working():
            found = evaluate(
                formula, arithmetic=numbers, variables={"z": numbers.number(z), "y": numbers.number(y)}
            )
    except DomainError:
        return None
    return float(found)


def _of_weight(
    model: Model, step: StepValues, node: Node, operation: Affine, key: Partial
) -> Iterator[LineSlip]:
    """Yield the weight of the transposed matrix in the place of the right one."""
    position = node.parents.index(key.by.whole)
    weights = node.parents[position + 1]
    (to,) = key.of.index
    if is_square(model.graph, weights) and len(key.by.index) == 1 and to != key.by.index[0]:
        wrong = element_of(model, step, operation.weight(node, key.by.index[0], to, position // 2))
        words: dict[str, Word] = {"weights": weights, "place": key}
        yield LineSlip(
            "weights-transposed",
            key,
            wrong,
            Saying("the weights {weights} were transposed in {place}", words),
        )


def _of_product(graph: Graph, formula: Formula, key: Key, value: Mapping[Key, float]) -> Iterator[LineSlip]:
    """Yield mistakes of a product along a path, or of the sum over paths."""
    if isinstance(formula, Sum):
        for term in formula.terms:
            if isinstance(term, Ref) and isinstance(term.quantity, Along | Share) and term.quantity in value:
                what: Word = term.quantity
                if isinstance(term.quantity, Along):
                    what = f"path {term.quantity.path}"
                words: dict[str, Word] = {"place": key, "path": what}
                saying = Saying("{path} was left out of {place}", words)
                yield LineSlip("term-left-out", key, value[key] - value[term.quantity], saying)
    elif isinstance(formula, Product):
        factors = [factor.quantity for factor in formula.factors if isinstance(factor, Ref)]
        if any(value.get(factor, 1.0) < 0 for factor in factors):
            yield LineSlip(
                "sign-flipped", key, -value[key], Saying("the sign of {place} was flipped", {"place": key})
            )
        for factor in factors:
            if isinstance(factor, Partial) and _is_slope(graph, factor) and value.get(factor):
                words = {"factor": factor, "place": key}
                saying = Saying("the derivative of the activation, {factor}, was forgotten in {place}", words)
                yield LineSlip("derivative-forgotten", key, value[key] / value[factor], saying)


def _is_slope(graph: Graph, key: Partial) -> bool:
    operation = graph.node(key.of).operation
    return isinstance(operation, Elementwise) and operation.activation.name != "linear"


__all__ = ["LineSlip", "is_computed_value", "line_slips"]
