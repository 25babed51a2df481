"""Numbers put into the final formulas of a symbolic problem: `[work] example = { h1 = 0.7, t = 1 }`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from solver import formula as f
from solver.arithmetic import Arithmetic, Rounded, Values, as_written, certify_in, round_number
from solver.document.given import layers
from solver.document.layer import layer_of
from solver.document.nodes import EquationLine, Section, Step
from solver.document.telling import Telling
from solver.document.words import equation, listed, paragraph, phrase
from solver.functions import evaluate
from solver.notation import math as m
from solver.notation.formulas import Typesetter
from solver.notation.names import function_name
from solver.quantities import Key, Partial, Quantity
from solver.spec.digits import digits_of
from solver.trace.chain import combined_delta, partial_formula


def example(telling: Telling) -> Section:
    """Return the section with every derivative that the given numbers determine."""
    known = known_numbers(telling)
    given = [
        m.row(telling.letters(key), m.Operator("="), m.Digits(number.text, number.exponent))
        for key, number in known.items()
    ]
    lines = [line(telling, key, formula, known) for key, formula in determined(telling, known)]
    return Section(phrase("In numbers"), (paragraph("For ", *listed(given), ":"), equation(*lines)))


def known_numbers(telling: Telling) -> dict[Quantity, Rounded]:
    """Return the numbers of the example by element; an array with one element needs no index."""
    from solver.trace.asked import find

    known: dict[Quantity, Rounded] = {}
    for name, number in telling.work.example.items():
        quantity = find(telling.graph, name)
        node = telling.graph.node(quantity)
        if not quantity.index and node.shape:
            quantity = quantity.at(*(1 for _ in node.shape))
        known[quantity.of_sample(1) if node.per_sample else quantity] = as_written(number)
    return known


def determined(telling: Telling, known: Mapping[Quantity, Rounded]) -> Iterator[tuple[Key, f.Formula]]:
    """Yield the derivatives at the output whose formula reads only numbers of the example."""
    graph = telling.graph
    last = layers(telling)[-1]
    output = layer_of(graph, last).activation.quantity
    for unit in range(1, last.shape[0] + 1):
        before, after = last.quantity.at(unit).of_sample(1), output.at(unit).of_sample(1)
        candidates: list[tuple[Key, f.Formula]] = [
            (Partial(graph.root.quantity, after), partial_formula(graph, graph.root.quantity, after)),
            (Partial(after, before), partial_formula(graph, after, before)),
        ]
        combined = combined_delta(graph, before)
        if combined is not None:
            candidates.append((before.gradient(), combined))
        for key, formula in candidates:
            if all(isinstance(q, Quantity) and q in known for q in f.references(formula)):
                yield key, formula


def line(telling: Telling, key: Key, formula: f.Formula, known: Mapping[Quantity, Rounded]) -> EquationLine:
    """Return symbol = letters = numbers = value."""
    digits = digits_of(telling.problem)

    def compute(arithmetic: Arithmetic) -> Values:
        return evaluate(formula, lambda q: arithmetic.number(of(q).fraction), arithmetic=arithmetic)

    def of(quantity: Key) -> Rounded:
        assert isinstance(quantity, Quantity)
        return known[quantity]

    value = certify_in(compute, lambda number: round_number(number, digits))

    def show(quantity: Key) -> m.Math:
        return m.Digits(of(quantity).text, of(quantity).exponent)

    numbers = Typesetter(show, function_name, telling.letters.notation.product)(formula)
    steps = (
        Step("=", telling.symbols(formula)),
        Step("=", numbers),
        Step("=", m.Digits(value.text, value.exponent)),
    )
    return EquationLine(telling.letters(key), steps)
