"""From a problem to its document: the whole worked solution, section by section.

`EXPLAINERS` has one row per kind of problem. What kinds share (data, gradients, updates, the check) are functions
over the graph; a kind adds only its own words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from solver.document.nodes import Document
from solver.document.telling import Telling
from solver.graph import Model, build
from solver.graph.node import Graph
from solver.notation.arrays import Axes
from solver.notation.convention import Shape
from solver.notation.presets import preset
from solver.spec.digits import digits_of
from solver.trace.cohort import Member
from solver.trace.ledger import Ledger, constants

if TYPE_CHECKING:
    from solver.spec import Problem

EXPLAINERS: Mapping[str, tuple[str, str]] = {
    "network": ("solver.document.network", "explain_network"),
    "expression": ("solver.document.expression", "explain_expression"),
    "recurrent": ("solver.document.recurrent", "explain_recurrent"),
    "convolution": ("solver.document.convolution", "explain_convolution"),
    "attention": ("solver.document.attention", "explain_attention"),
}
"""Kind -> (module, function), imported when first needed."""

LETTERS: Mapping[str, tuple[str, str]] = {
    "expression": ("solver.document.expression", "expression_letters"),
    "recurrent": ("solver.document.recurrent", "recurrent_letters"),
}
"""Kinds whose quantities are not those of layers -> (module, function from the bound letters and the graph to others)."""


def _map_axes(graph: Graph) -> dict[str, Axes]:
    """Return how the kernels and maps of a convolution are indexed."""
    channels = {"K": 2, "b": 1, "x": 1, "Z": 1, "A": 1, "P": 1, "t": 1}
    found = {}
    for node in graph.nodes:
        name = node.quantity.array_name
        if name in channels and (name != "t" or len(node.shape) > 1):
            lead = min(channels[name], len(node.shape))
            found[name] = Axes(node.shape[:lead], len(node.shape) - lead)
    return found


def _token_axes(graph: Graph) -> dict[str, Axes]:
    """Return how the matrices of an attention head are indexed."""
    return {node.quantity.array_name: Axes() for node in graph.nodes if len(node.shape) == 2}


AXES: Mapping[str, Callable[[Graph], dict[str, Axes]]] = {"convolution": _map_axes, "attention": _token_axes}
"""Kinds whose arrays have more axes than the vectors and weights of a layer."""


def explain(
    problem: Problem,
    model: Model | None = None,
    *,
    checked: bool = True,
    drawn_values: bool = True,
    member: Member | None = None,
) -> Document:
    """Return the worked solution of a problem.

    Args:
        problem: What the teacher wrote.
        model: Its graph, where it has been built already (a drawn variant).
        checked: Whether the independent check of the gradients is made and told.
        drawn_values: Whether drawings show values beside names.
        member: The variant among those that are computed together with it.

    Raises:
        InputError: The numbers cannot be computed (log of zero, division by zero).
    """
    telling = replace(
        telling_of(problem, model or build(problem), member), checked=checked, drawn_values=drawn_values
    )
    return explained(telling)


def explained(telling: Telling) -> Document:
    """Return the worked solution in a context."""
    module, function = EXPLAINERS[telling.problem.kind]
    explainer: Callable[[Telling], Document] = getattr(import_module(module), function)
    return explainer(telling)


def telling_of(problem: Problem, model: Model, member: Member | None = None) -> Telling:
    """Return the context of a document: letters bound to the problem, and a ledger where there are numbers."""
    notation = preset(problem.notation.preset, dict(problem.notation.overrides))
    layers = max((node.quantity.layer or 0 for node in model.graph.nodes), default=0)
    from_to = bool(getattr(problem.body, "from_to", False))
    widths = tuple(
        n.shape[0] for n in model.graph.nodes if n.quantity.base == "h" and n.quantity.layer is not None
    )
    graph = model.graph
    inputs = next((n.shape[0] for n in graph.nodes if n.quantity.base == "x" and n.shape), 0)
    scalars = frozenset(node.quantity.array_name for node in graph.nodes if node.shape == ())
    axes = AXES[graph.words](graph) if graph.words in AXES else {}
    letters = notation.bind(Shape(layers, from_to, graph.sample_axis, widths, inputs, axes, scalars))
    if graph.words in LETTERS:
        module, function = LETTERS[graph.words]
        letters = getattr(import_module(module), function)(letters, graph)
    ledger = None
    if not model.symbolic:
        by_hand = problem.numbers.rounding == "by-hand"
        ledger = Ledger(model, digits_of(problem), by_hand, constants=constants(model), member=member)
    return Telling(problem, model, letters, ledger)
