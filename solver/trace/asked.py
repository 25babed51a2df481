"""Which gradients a document tells, and in which form: what the author asked for, bounded by what a reader can follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solver.formula import Formula
from solver.graph.model import Model
from solver.graph.node import Graph, Node
from solver.quantities import Key, Quantity
from solver.trace.chain import chain_rule, count_told
from solver.trace.paths import LIMIT
from solver.trace.sweep import backward_sweep
from solver.trace.through_time import time_formulas
from solver.trace.updates import update_formulas

if TYPE_CHECKING:
    from solver.spec import Problem

MOST_TOKENS = 4
"""Tokens of an attention head that is told path by path at most."""

THROUGH_TIME = 8
"""Paths per asked gradient that the document of a recurrent network lists at most."""


@dataclass(frozen=True)
class Asked:
    """What is told.

    Attributes:
        parameters: Arrays whose gradients are told, in order.
        elements: The asked elements of each, in order; all of them where a whole array is asked for.
        form: "paths", "matrix" or, for an expression, "sweep": node by node from the output.
        paths: Number of paths from all asked elements; LIMIT + 1 stands for more.
        refused: Whether paths were asked for and are too many.
    """

    parameters: tuple[Quantity, ...]
    elements: tuple[Quantity, ...]
    form: str
    paths: int
    refused: bool


def asked(problem: Problem, model: Model) -> Asked:
    """Return what the `[work]` table asks for: by default all parameters; in a circuit without any, all inputs."""
    graph = model.graph
    names = problem.work.gradients
    wanted = (
        list(graph.parameters or graph.inputs)
        if names is None
        else [quantity for name in names for quantity in named(graph, name)]
    )
    parameters = tuple(dict.fromkeys(quantity.whole for quantity in wanted))
    total = sum(int(np.prod(graph.node(q).shape)) if not q.index else 1 for q in wanted)
    form, paths = problem.work.form, 0
    elements: tuple[Quantity, ...] = ()
    if total <= LIMIT:
        elements = tuple(dict.fromkeys(e for q in wanted for e in ([q] if q.index else graph.elements(q))))
    if form == "paths":
        paths = count_told(graph, elements) if elements else LIMIT + 1
    refused = form == "paths" and paths > _most_paths(graph, len(elements))
    if graph.words == "expression":
        return Asked(parameters, elements, "sweep", paths, refused)
    return Asked(parameters, elements, "matrix" if refused else form, paths, refused)


def _most_paths(graph: Graph, elements: int) -> int:
    """Return how many paths are listed at most: through time each is long, and no reader follows a hundred of them."""
    if graph.words == "attention" and graph.node(graph.stations[0]).shape[0] > MOST_TOKENS:
        return 0
    return min(LIMIT, THROUGH_TIME * elements) if graph.words == "recurrent" else LIMIT


def line_formulas(problem: Problem, model: Model, asked: Asked) -> dict[Key, Formula]:
    """Return the formula of every line that is told element by element: factors, products, sums, updates.

    In by-hand arithmetic these lines, not the arrays, are what is rounded.
    """
    graph = model.graph
    match asked.form:
        case "paths":
            chains = chain_rule(graph, asked.elements, stations=graph.stations)
            definitions, updated = dict(chains.definitions), asked.elements
        case "sweep":
            definitions, updated = dict(backward_sweep(graph).definitions), graph.trainable
        case "matrix" if graph.words == "recurrent":
            definitions, updated = (
                time_formulas(graph),
                tuple(e for q in graph.trainable for e in graph.elements(q)),
            )
        case _:
            return {}
    if model.training is not None:
        for element in updated:
            if element.whole in graph.trainable:
                definitions |= update_formulas(model.training, element, of=graph.root.quantity.base)
    return definitions


def find(graph: Graph, name: str) -> Quantity:
    """Return the quantity that a name of the file means: "W1[3,1]", also as "dL/dW1[3,1]"; the first of `named`."""
    return named(graph, name)[0]


def named(graph: Graph, name: str) -> list[Quantity]:
    """Return what a name of the file means: one element, one array, or the arrays of all time steps ("h").

    The index is that of the JSON form: time step or sample first.

    Raises:
        LookupError: The graph has nothing of this name.
    """
    plain = name.split("/d", 1)[1] if "/d" in name else name
    array, _, rest = plain.partition("[")
    index = tuple(int(part) for part in rest.rstrip("]").split(",")) if rest else ()
    nodes = [node for node in graph.nodes if node.quantity.array_name == array.strip()]
    if index:
        found = [element for node in nodes for element in _elements(graph, node, index)]
    else:
        found = [node.quantity for node in nodes]
    if not found:
        raise LookupError(name)
    return found


def _elements(graph: Graph, node: Node, index: tuple[int, ...]) -> Iterator[Quantity]:
    """Yield the element of a node at an index of the JSON form, unless the index is of another time step."""
    step = node.quantity.position
    if index[: len(step)] != step:
        return
    rest = index[len(step) :]
    if node.per_sample and graph.sample_axis:
        yield node.quantity.at(*rest[1:]).of_sample(rest[0])
    else:
        yield node.quantity.at(*rest)


def first_of_each(elements: Sequence[Quantity]) -> list[Quantity]:
    """Return the first asked element of every array."""
    found: dict[Quantity, Quantity] = {}
    for element in elements:
        found.setdefault(element.whole, element)
    return list(found.values())
