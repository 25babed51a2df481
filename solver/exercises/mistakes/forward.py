"""Mistakes of the forward pass: terms and biases left out, weights transposed, an activation skipped, a wrong factor."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from solver.exercises.mistakes.building import (
    adding,
    biases_of,
    data_of,
    inverted,
    is_square,
    plants_at,
    product_words,
    recomputed,
    times,
    turned,
    value_of,
    weights_of,
)
from solver.exercises.mistakes.edits import Sight, place_in_rows
from solver.exercises.mistakes.record import Plant, Saying, Subject
from solver.exercises.mistakes.run import Floats
from solver.formula import (
    Call,
    Formula,
    Negative,
    Product,
    Quotient,
    Ref,
    Sum,
    Variable,
    references,
    walk,
)
from solver.functions import evaluate
from solver.graph.dense import Elementwise, SoftmaxLayer, TotalLoss
from solver.graph.node import Node, Operation
from solver.graph.pointwise import Pointwise
from solver.quantities import Quantity

MOST_TERMS = 64
"""Terms of a sum that are left out one by one."""


def forward_terms_left_out(subject: Subject) -> Iterator[Plant]:
    """Leave each term of each sum out."""
    for node, operation in subject.computed:
        if not _has_terms(node, operation):
            continue
        for element in subject.elements(node.quantity):
            yield from _without_terms(subject, operation, node, element)


def _has_terms(node: Node, operation: Operation) -> bool:
    """Return whether writing the formula of one element out is affordable, and gives a sum."""
    if isinstance(operation, Elementwise | SoftmaxLayer):
        return False
    return sum(int(np.prod(shape, dtype=int)) for shape in node.parent_shapes) <= MOST_TERMS**2


def _without_terms(subject: Subject, operation: Operation, node: Node, element: Quantity) -> Iterator[Plant]:
    whole = operation.element(node, element)
    shortened = list(without_each_term(whole))
    biases = {parent for _, parent in biases_of(subject.graph, node)}
    if len(shortened) > MOST_TERMS:
        return
    place = place_in_rows(node, element)
    for formula, term in shortened:
        read = [subject.named(key) for key in references(term) if isinstance(key, Quantity)]
        if not read or (len(read) == 1 and read[0].whole in biases):
            continue
        listed, words = (
            product_words(read) if isinstance(term, Product | Ref | Negative) else product_words(["a term"])
        )
        template = f"{listed} was left out of {{place}}"

        def missing(sight: Sight, term: Formula = term) -> Floats:
            if isinstance(term, Product) and all(isinstance(factor, Ref) for factor in term.factors):
                factors = [factor.quantity for factor in term.factors if isinstance(factor, Ref)]
                return np.asarray(-math.prod(map(sight.number, factors)))
            return -np.asarray(evaluate(term, sight.number, arithmetic=sight.run.numbers))

        def change(sight: Sight, formula: Formula = formula) -> Floats:
            found = evaluate(formula, sight.number, arithmetic=sight.run.numbers)
            return np.asarray(found - sight.array[place])

        edit = adding(subject.graph, element, missing if isinstance(whole, Sum) else change)
        saying = Saying(template, {"place": element, **words})
        yield Plant("term-left-out", element, saying, (edit,), 1 / len(shortened))


def without_each_term(formula: Formula) -> Iterator[tuple[Formula, Formula]]:
    """Yield (the formula without a term, that term) for each term of its outermost sum."""
    match formula:
        case Sum(terms) if len(terms) > 1:
            for place, term in enumerate(terms):
                left = (*terms[:place], *terms[place + 1 :])
                yield (left[0] if len(left) == 1 else Sum(left)), term
        case Negative(operand):
            for rest, term in without_each_term(operand):
                yield Negative(rest), term
        case Product(factors):
            sums = [place for place, factor in enumerate(factors) if isinstance(factor, Sum)]
            if len(sums) == 1:
                for rest, term in without_each_term(factors[sums[0]]):
                    yield Product((*factors[: sums[0]], rest, *factors[sums[0] + 1 :])), term
        case Quotient(Sum() as numerator, denominator):
            for rest, term in without_each_term(numerator):
                yield Quotient(rest, denominator), term
        case _:
            return


def biases_left_out(subject: Subject) -> Iterator[Plant]:
    """a = W x instead of a = W x + b."""
    for node, _ in subject.computed:
        for position, bias in biases_of(subject.graph, node):
            change = recomputed(node, position, lambda sight, array: np.zeros_like(array))
            template = "the bias {bias} was left out of {place}"
            yield from plants_at(subject, "bias-left-out", template, node.quantity, change, bias=bias)


def forward_transposed(subject: Subject) -> Iterator[Plant]:
    """a = Wᵀ x, where nothing but the numbers tells."""
    for node, _ in subject.computed:
        for position, weights in weights_of(subject.graph, node):
            if is_square(subject.graph, weights):
                change = recomputed(node, position, turned)
                template = "the weights {weights} were transposed in {place}"
                yield from plants_at(
                    subject, "weights-transposed", template, node.quantity, change, weights=weights
                )


def activations(subject: Subject) -> Iterator[tuple[Node, Operation, Quantity]]:
    """Yield (node, operation, pre-activation) for every activation that is not the identity."""
    for node, operation in subject.computed:
        if is_activation(operation):
            yield node, operation, node.parents[0]


def is_activation(operation: Operation) -> bool:
    """Return whether an operation is one function of one array, elementwise or softmax, and not the identity."""
    match operation:
        case Elementwise(activation):
            return activation.name != "linear"
        case SoftmaxLayer():
            return True
        case Pointwise(Call(_, (Variable(),)), names):
            return len(names) == 1
        case _:
            return False


def activations_skipped(subject: Subject) -> Iterator[Plant]:
    """h = a: the pre-activation goes on."""
    for node, _, before in activations(subject):
        template = "the pre-activation {before} was used for the activation {place}"
        yield from plants_at(
            subject, "preactivation-used", template, node.quantity, value_of(before), before=before
        )


def forward_signs(subject: Subject) -> Iterator[Plant]:
    """A value with the wrong sign."""
    for node, _ in subject.computed:
        template = "the sign of {place} was flipped"
        yield from plants_at(subject, "sign-flipped", template, node.quantity, times(-1.0))


def scale_factors(subject: Subject, node: Node, loss: TotalLoss) -> Iterator[tuple[float, str, float]]:
    """Yield (factor, what happened, weight) of the ways to get the factor before a loss wrong, in words that fit it."""
    halved = loss.scale.denominator % 2 == 0
    yield 2.0, "a factor ½ was forgotten" if halved else "a factor 2 too many was taken", 1.0
    yield 0.5, "a factor ½ was taken twice" if halved else "a factor ½ too many was taken", 0.7
    for count, what in ((subject.graph.samples, "samples"), (_outputs(subject, node), "outputs")):
        if count > 1:
            forgotten, repeated = mean_slips(loss, count, f"a mean over the {count} {what}")
            yield float(count), forgotten, 0.8
            yield 1 / count, repeated, 0.6


def mean_slips(loss: TotalLoss, count: int, mean: str) -> tuple[str, str]:
    """Return what happened where a result is `count` times as large as it should be, and where it is that much smaller.

    Args:
        loss: Where it is a sum, there is no mean to be forgotten.
        count: Of what the mean is, or would be, taken.
        mean: "a mean over the 3 samples".
    """
    if loss.scale.denominator % count:
        return f"a factor {count} too many was taken", f"{mean} was taken instead of the sum"
    share = "½" if count == 2 else f"1/{count}"
    return f"the factor {share} of {mean} was forgotten", f"{mean} was taken once too often"


def _outputs(subject: Subject, node: Node) -> int:
    return int(np.prod(subject.graph.node(node.parents[0]).shape, dtype=int))


def forward_factors(subject: Subject) -> Iterator[Plant]:
    """½ or 1/n forgotten or taken twice in a value: the loss, or any other."""
    for node, operation in subject.computed:
        known = isinstance(operation, TotalLoss)
        ways = list(scale_factors(subject, node, operation)) if isinstance(operation, TotalLoss) else [
            (2.0, "a factor 2 too many was taken", 0.1), (0.5, "a factor ½ too many was taken", 0.1)
        ]  # fmt: skip
        for factor, what, weight in ways:
            yield from plants_at(
                subject,
                "factor",
                what + " in {place}",
                node.quantity,
                times(factor),
                weight=weight,
                whole=known,
            )


def decadic_logarithms(subject: Subject) -> Iterator[Plant]:
    """The logarithm to base 10 in a loss that takes the natural one."""
    for node, operation in subject.computed:
        if isinstance(operation, TotalLoss) and _reads_logarithms(operation):
            template = "the logarithm to base 10 was taken in {place}"
            yield from plants_at(
                subject, "decadic-logarithm", template, node.quantity, times(1 / math.log(10))
            )


def _reads_logarithms(operation: TotalLoss) -> bool:
    return any(isinstance(part, Call) and part.function == "log" for part in walk(operation.loss.formula))


def values_divided(subject: Subject) -> Iterator[Plant]:
    """A product in which one factor was divided by instead: x / w for w x."""
    for node, operation in subject.computed:
        if not isinstance(operation, Pointwise):
            continue
        formula = operation.formula
        if isinstance(formula, Product) and len(formula.factors) == 2:
            for position, _ in data_of(subject.graph, node):
                change, by = recomputed(node, position, inverted), node.parents[position]
                template = "{place} was divided by {by} instead of multiplied"
                yield from plants_at(subject, "divided", template, node.quantity, change, weight=0.5, by=by)
