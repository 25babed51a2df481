"""What an operation says about one element is what it computes for the whole array: formulas, paths, by-hand lines.

Documents print elements, numbers are computed as arrays. Here the two are one, for random problems of every kind: the
formula of an element gives the array's number; the paths of an element sum to the gradient that the array's backward pass
found; and with rounded numbers every shown line follows from the shown numbers before it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solver.arithmetic import Certified, Digits, Float64, Undecided, certify_in
from solver.arithmetic.by_hand import ByHand
from solver.errors import InputError
from solver.functions import evaluate
from solver.graph import build
from solver.graph.model import Model
from solver.graph.node import Graph, Leaf
from solver.quantities import Key, Quantity
from solver.spec import loads_problem
from solver.trace.chain import chain_rule, head_nodes
from solver.trace.faults import faults_of
from solver.trace.ledger import Ledger
from solver.trace.paths import count_paths, paths
from solver.trace.solve import StepValues, solve_steps
from tests.oracle import networks, to_toml
from tests.oracle.expression import expression_steps, is_steady
from tests.oracle.kind_strategies import attentions, convolutions, expressions, layered, recurrents

KINDS: dict[str, st.SearchStrategy[Any]] = {
    "network": networks(depths=(1, 3), widths=(1, 3), samples=(1, 2)),
    "layers": layered(),
    "recurrent": recurrents(most=(3, 2, 2)),
    "convolution": convolutions(),
    "attention": attentions(tokens=3),
    "expression": expressions(),
}
EXAMPLES = int(os.environ.get("CHAINSHEET_EXAMPLES", "6"))
"""Random problems per kind; the quick default leaves the sweep to whoever sets it higher."""
DIGITS = Digits(significant=3)
BITS = 192


def model_of(problem: Mapping[str, Any], *, trained: bool = False) -> Model:
    """Return the graph of a problem that has numbers at its point; without its training unless that is looked at."""
    parsed = loads_problem(to_toml(problem))
    model = build(parsed)
    try:
        with faults_of(parsed):
            values = solve_steps(model, Float64())[0].values
    except InputError:
        assume(False)
    assume(all(float(np.max(np.abs(array), initial=0.0)) < 1e6 for array in values.values()))
    return model if trained else replace(model, training=None)


def elements(graph: Graph, quantity: Quantity) -> Iterator[Quantity]:
    """Yield the elements of an array, of every sample where it has samples."""
    samples = range(1, graph.samples + 1) if graph.node(quantity).per_sample else [None]
    for sample in samples:
        yield from graph.elements(quantity, sample)


def number_of(arrays: Mapping[Quantity, Any], graph: Graph, element: Quantity) -> Any:
    """Return the element of a node's array."""
    node = graph.node(element)
    sample = ((element.sample or 1) - 1,) if node.per_sample else ()
    return arrays[element.whole][(0, *sample, *(axis - 1 for axis in element.index))]


@contextmanager
def decidable() -> Iterator[None]:
    """Throw away what balls alone cannot decide: a tie, or the root of a gradient that is 0 after all."""
    try:
        yield
    except Undecided:
        assume(False)


def each_kind(check: Callable[[Mapping[str, Any], st.DataObject], None], kind: str) -> None:
    settings(max_examples=EXAMPLES)(given(KINDS[kind], st.data())(check))()


@pytest.mark.parametrize("kind", KINDS)
def test_the_formula_of_an_element_is_its_number(kind: str) -> None:
    def check(problem: Mapping[str, Any], data: st.DataObject) -> None:
        model = model_of(problem)
        graph, numbers = model.graph, Certified(BITS)
        with numbers.working(), decidable():
            values = solve_steps(model, numbers)[0].values
            computed = [node.quantity for node in graph.nodes if not isinstance(node.operation, Leaf)]
            for quantity in computed:
                element = data.draw(st.sampled_from(list(elements(graph, quantity))))

                def lookup(key: Key) -> Any:
                    assert isinstance(key, Quantity)
                    return number_of(values, graph, key)

                told = evaluate(graph.made_by(element), lookup, arithmetic=numbers)
                found = number_of(values, graph, element)
                assert abs(float(numbers.to_float(told - found))) <= 1e-30 * max(
                    1.0, abs(float(numbers.to_float(found)))
                )

    each_kind(check, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_the_paths_of_an_element_sum_to_its_gradient(kind: str) -> None:
    def check(problem: Mapping[str, Any], data: st.DataObject) -> None:
        model = model_of(problem)
        graph, numbers = model.graph, Certified(BITS)
        wanted = [
            node.quantity
            for node in graph.nodes
            if not (isinstance(node.operation, Leaf) and node.operation.fixed) and node is not graph.root
        ]
        element = data.draw(st.sampled_from(list(elements(graph, data.draw(st.sampled_from(wanted))))))
        heads = head_nodes(graph)
        count = count_paths(graph, [element], heads, limit=100)
        assume(count <= 100)
        assert count == len(list(paths(graph, element, heads)))
        chains = chain_rule(graph, [element])
        target = graph.gradient(element)
        with numbers.working(), decidable():
            told = Ledger(model, DIGITS, definitions=chains.definitions).value(target, numbers)
            found = Ledger(model, DIGITS).value(target, numbers)
            assert abs(float(numbers.to_float(told - found))) <= 1e-30 * max(
                1.0, abs(float(numbers.to_float(found)))
            )

    each_kind(check, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_float64_keeps_the_digits_that_are_proven(kind: str) -> None:
    def check(problem: Mapping[str, Any], data: st.DataObject) -> None:
        if kind == "expression":
            assume(is_steady(problem, expression_steps(problem)))
        model = model_of(problem, trained=True)
        floats, numbers = solve_steps(model, Float64()), Certified(BITS)
        with numbers.working(), decidable():
            exact = solve_steps(model, numbers)
            for plain, proven in zip(floats, exact, strict=True):
                for mine, theirs in zip(groups(plain), groups(proven), strict=True):
                    close(mine, theirs, numbers)

    each_kind(check, kind)


def groups(step: StepValues) -> tuple[Mapping[Quantity, Any], ...]:
    return step.values, step.gradients


def close(mine: Mapping[Quantity, Any], theirs: Mapping[Quantity, Any], numbers: Certified) -> None:
    """Hold float64 against the balls' midpoints, within the rounding of numbers of that size."""
    exact = {quantity: numbers.to_float(array) for quantity, array in theirs.items()}
    largest = max((float(np.max(np.abs(array), initial=0.0)) for array in exact.values()), default=0.0)
    for quantity, array in mine.items():
        size = float(np.max(np.abs(exact[quantity]), initial=0.0))
        assert np.max(np.abs(array - exact[quantity]), initial=0.0) <= 1e-12 * size + 1e-11 * largest, (
            quantity
        )


@pytest.mark.parametrize("kind", KINDS)
def test_by_hand_every_value_follows_from_the_values_before_it(kind: str) -> None:
    def check(problem: Mapping[str, Any], data: st.DataObject) -> None:
        model = model_of(problem)
        graph = model.graph
        try:
            step = certify_in(
                lambda numbers: solve_steps(model, numbers)[0], lambda found: found, by_hand=DIGITS
            )
        except ArithmeticError:  # rounded numbers may divide by zero where the true ones do not
            assume(False)
        computed = [node for node in graph.nodes if not isinstance(node.operation, Leaf)]
        node = data.draw(st.sampled_from(computed))
        element = data.draw(st.sampled_from(list(elements(graph, node.quantity))))
        numbers = ByHand(DIGITS, Certified(256))

        def lookup(key: Key) -> Any:
            assert isinstance(key, Quantity)
            return number_of(step.values, graph, key)

        with numbers.working(), decidable():
            told = numbers.settle(evaluate(graph.made_by(element), lookup, arithmetic=numbers))
            assert told == number_of(step.values, graph, element)
            for _, position, reader in graph.readers(element):
                assert_slope_is_told(model, step, numbers, element, reader, position)

    def assert_slope_is_told(
        model: Model, step: StepValues, numbers: ByHand, element: Quantity, reader: Quantity, position: int
    ) -> None:
        """Where an element has a single reader, its gradient is one line: ∂L/∂y · ∂y/∂x, both as they are shown."""
        graph = model.graph
        node = graph.node(reader)
        alone = len(list(graph.readers(element))) == 1
        if not alone or graph.root in (node, graph.node(element)) or element.whole in head_nodes(graph):
            return
        assert not isinstance(node.operation, Leaf)
        if getattr(node.operation, "fused", False):
            return

        def lookup(key: Key) -> Any:
            assert isinstance(key, Quantity)
            return number_of(step.values, graph, key)

        formula = node.operation.partial(node, reader, position, element)
        slope = numbers.settle(evaluate(formula, lookup, arithmetic=numbers))
        line = numbers.settle(number_of(step.gradients, graph, reader) * slope)
        assert line == number_of(step.gradients, graph, element), (element, reader)

    each_kind(check, kind)
