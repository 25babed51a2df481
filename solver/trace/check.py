"""The independent check: every gradient against differences of the loss, which know nothing of the backward pass.

(L(w + ε) − L(w − ε)) / 2ε in 256-bit ball arithmetic with ε = 2⁻⁶⁰: the error of the formula is about ε² times a third
derivative, far below the last bit of float64, so that what differs is the backward pass in float64 and nothing else.
Where the differences to the two sides tell different slopes, the loss has a corner or a jump, and neither is its
gradient. Large problems are checked at a stated number of parameters, spread evenly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from solver.arithmetic import Certified, Float64, Undecided
from solver.graph.model import Model
from solver.graph.node import Array, Graph
from solver.quantities import Quantity
from solver.trace.passes import forward
from solver.trace.solve import given_arrays, solve_steps

PRECISION = 256
STEP = Fraction(1, 2**60)
CORNER = 2.0**-20
"""Slopes to the two sides that differ by more, relative to the larger one, are no rounding: ε takes off 2⁻⁶⁰."""

MOST = 400
"""Multiplications times evaluations that a document spends on its check, in thousands."""


@dataclass(frozen=True)
class Check:
    """What the check found.

    Attributes:
        compared: Parameters compared.
        total: Parameters of the problem.
        largest: Largest difference |g − g′|, relative to the largest gradient of the same array (or absolute below 1).
        where: The parameter in which it was found.
        at_kinks: Parameters passed over because the loss has a corner there.
    """

    compared: int
    total: int
    largest: float
    where: Quantity
    at_kinks: int


def check_gradients(model: Model) -> Check:
    """Return the largest difference between the gradients and differences of the loss."""
    graph = model.reference or model.graph
    exact = solve_steps(model, Float64(), graph)[0].gradients
    # What a network learns; in an expression every given number, trained or not.
    moved = graph.parameters if graph.words != "expression" else graph.inputs + graph.parameters
    total, chosen = _spread(graph, moved, _affordable(graph))
    numbers = Certified(PRECISION)
    worst, where, compared, kinks = 0.0, chosen[0], 0, 0
    with numbers.working():
        leaves = given_arrays(model, numbers)
        leaves = {quantity: array[:1] for quantity, array in leaves.items()}
        here = _loss(graph, leaves, numbers)
        for element in chosen:
            slope = _difference(graph, leaves, element, numbers, here)
            if slope is None:
                kinks += 1
                continue
            array = exact[element.whole][0]
            found = float(array[tuple(axis - 1 for axis in element.index)])
            difference = abs(found - slope) / max(1.0, float(np.max(np.abs(array))))
            compared += 1
            if difference >= worst:
                worst, where = difference, element
    return Check(compared, total, worst, where, kinks)


def _loss(graph: Graph, leaves: Mapping[Quantity, Array], numbers: Certified) -> Any:
    """Return the loss, None at a corner where no ball tells on which side it lies."""
    try:
        return forward(graph, leaves, numbers)[graph.root.quantity]
    except Undecided:
        return None


def _difference(
    graph: Graph, leaves: Mapping[Quantity, Array], element: Quantity, numbers: Certified, here: Any
) -> float | None:
    """Return the central difference quotient of the loss in one parameter, None at a corner."""
    place = (0, *(axis - 1 for axis in element.index))

    def loss(steps: int) -> Any:
        moved = leaves[element.whole].copy()
        moved[place] = moved[place] + numbers.number(steps * STEP)
        return _loss(graph, {**leaves, element.whole: moved}, numbers)

    def slope(rise: Any, steps: int) -> float:
        return float(numbers.to_float(rise / numbers.number(steps * STEP)).reshape(-1)[0])

    above, below = loss(1), loss(-1)
    # Where nothing is known of the place itself, the slopes are those a step further out.
    inner = (here, here) if here is not None else (above, below)
    outer = (above, below) if here is not None else (loss(2), loss(-2))
    if any(end is None for end in (*inner, *outer)):
        return None
    right, left = slope(outer[0] - inner[0], 1), slope(inner[1] - outer[1], 1)
    if abs(right - left) > CORNER * max(1.0, abs(right), abs(left)):
        return None
    return slope(above - below, 2)


def _affordable(graph: Graph) -> int:
    """Return how many parameters are checked: the work of one evaluation counts each parameter at every use."""
    parameters = set(graph.parameters)
    uses = [quantity for node in graph.nodes for quantity in node.parents if quantity in parameters]
    work = sum(int(np.prod(node.shape)) for node in graph.nodes) * graph.samples
    work += sum(int(np.prod(graph.node(q).shape)) for q in uses) * graph.samples
    return max(4, min(1000, MOST * 1000 // max(1, 2 * work)))


def _spread(graph: Graph, arrays: Sequence[Quantity], most: int) -> tuple[int, list[Quantity]]:
    """Return how many elements the arrays have, and at most so many of them, spread evenly."""
    shapes = [graph.node(array).shape for array in arrays]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    total = int(ends[-1])
    places = range(total) if total <= most else np.linspace(0, total - 1, most).round().astype(int)
    chosen: list[Quantity] = []
    for place in places:
        number = int(np.searchsorted(ends, place, side="right"))
        within = int(place) - (int(ends[number - 1]) if number else 0)
        index = np.unravel_index(within, shapes[number]) if shapes[number] else ()
        chosen.append(arrays[number].at(*(int(axis) + 1 for axis in index)))
    return total, chosen
