"""Claims taken apart into single figures: what is printed, to which digit, of which quantity, in which order of work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

import numpy as np

from solver.exercises.mistakes import Address, Cell, Factor, Route, Spot
from solver.exercises.mistakes.edits import place_of
from solver.graph.node import Graph
from solver.quantities import Along, Key, Partial, Quantity, Role
from solver.review.names import Names, UnknownName
from solver.spec.claims import Claim
from solver.spec.findings import Finding

USUAL_DECIMALS = 4
"""Decimals of a source that prints nothing but whole numbers."""

Order = tuple[int, int, float, tuple[int, ...]]


@dataclass(frozen=True)
class Figure:
    """One printed number.

    Attributes:
        claim: Number of its claim, from 0.
        index: Its place within the claim, from 1; () for a claim of one number.
        key: What it is a figure of.
        step: The update step.
        address: Where it stands in a run.
        text: As printed.
        value: The same as a number, with its digits.
        order: Earlier work comes first.
        finest: What one step of the last digit is worth in the figures around it.
    """

    claim: int
    index: tuple[int, ...]
    key: Key
    step: int
    address: Address
    text: str
    value: Decimal
    order: Order
    finest: float = 1.0

    @cached_property
    def unit(self) -> float:
        """What one step of the last printed digit is worth; a bare 0 is as fine as the figures around it."""
        unit = float(Decimal(1).scaleb(self._exponent))
        return min(unit, self.finest) if not self.value else unit

    @cached_property
    def is_whole(self) -> bool:
        """Whether it is a whole number, which may well be exact."""
        return self._exponent >= 0

    @cached_property
    def significant(self) -> int:
        """How many significant digits are printed, one for a zero."""
        return max(1, len(self.value.as_tuple().digits)) if self.value else 1

    @cached_property
    def decimals(self) -> int:
        """How many digits stand after the point; negative where the last ones before it are not known."""
        return -self._exponent

    @cached_property
    def _exponent(self) -> int:
        exponent = self.value.as_tuple().exponent
        assert isinstance(exponent, int)
        return exponent

    def __str__(self) -> str:
        return str(self.key)


def figures_of(names: Names, claims: Sequence[Claim]) -> tuple[list[Figure], list[Finding]]:
    """Return the figures of all claims, in the order of work, and what is wrong with the claims.

    Args:
        names: Of the problem.
        claims: As written.

    Returns:
        Figures, and findings whose paths start with the number of the claim, from 0.
    """
    figures: list[Figure] = []
    findings: list[Finding] = []
    for number, claim in enumerate(claims):
        try:
            named = names.elements(claim.quantity)
        except UnknownName as unknown:
            findings.append(unknown.finding.under((number, "quantity")))
            continue
        texts, exact = claim.value.texts.ravel(), claim.value.exact.ravel()
        if len(texts) != len(named):
            findings.append(
                Finding(
                    (number, "value"),
                    f"{claim.quantity} has {len(named)} numbers",
                    str(len(texts)),
                    str(len(named)),
                )
            )
            continue
        for (index, key), text, value in zip(named, texts, exact, strict=True):
            within = index if claim.value.shape else ()
            figures.append(
                Figure(
                    number, within, key, claim.step, _address(names, key, claim.step), str(text), Decimal(value),
                    order_of(names.graph, key, claim.step),
                )
            )  # fmt: skip
    figures.sort(key=lambda figure: figure.order)
    return with_finest(figures), findings


def with_finest(figures: Sequence[Figure]) -> list[Figure]:
    """Return the figures, each knowing how fine those of its own array are, or all of them where it stands alone."""
    groups: dict[tuple[int, Quantity | None], list[int]] = {}
    for figure in figures:
        if not figure.is_whole:
            whole = figure.key.whole if isinstance(figure.key, Quantity) else None
            groups.setdefault((figure.step, whole), []).append(figure.decimals)
    every = [decimals for group in groups.values() for decimals in group] or [USUAL_DECIMALS]
    usual = sorted(every)[len(every) // 2]
    found = []
    for figure in figures:
        whole = figure.key.whole if isinstance(figure.key, Quantity) else None
        decimals = max(groups.get((figure.step, whole), [usual]))
        found.append(replace(figure, finest=10.0**-decimals))
    return found


def _address(names: Names, key: Key, step: int) -> Address:
    match key:
        case Quantity():
            return cell_of(names.graph, key, step)
        case Partial():
            return Factor(step, key)
        case Along(target, path):
            return Route(step, key, names.route(str(target), path)[1])
        case _:
            raise TypeError(f"no figure of {key}")


def cell_of(graph: Graph, element: Quantity, step: int) -> Cell:
    """Return where an element stands in a run."""
    node = graph.node(element.value)
    shape = ((graph.samples,) if node.per_sample else ()) + node.shape
    place = place_of(node, element)
    flat = int(np.ravel_multi_index(place, shape)) if shape else 0
    return Cell(Spot(step, element.whole), flat)


_PHASES = {Role.VALUE: 0, Role.GRADIENT: 1, Role.UPDATED: 3}


_KNOWN: list[tuple[Graph, dict[Quantity, int]]] = []


def _places(graph: Graph) -> dict[Quantity, int]:
    """Return the place of each node; that of the graph at hand is kept."""
    if not _KNOWN or _KNOWN[0][0] is not graph:
        _KNOWN[:] = [(graph, {node.quantity: place for place, node in enumerate(graph.nodes)})]
    return _KNOWN[0][1]


def order_of(graph: Graph, key: Key, step: int) -> Order:
    """Return the place of a figure in the order in which a solution is worked out.

    Forward in the order of the graph; backward from the loss to the inputs, a factor before the gradient that needs it;
    then optimizer state, parameters, and the forward pass after the update.
    """
    places = _places(graph)
    count = len(places)
    match key:
        case Quantity():
            place = places[key.whole.value]
            phase = _PHASES.get(key.role, 2)
            if phase == 3 and key.value.whole not in graph.parameters:
                phase = 4
            lead = (key.sample or 0,)
            return step, phase, float(count - place if phase == 1 else place), lead + key.index
        case Partial(of, by):
            return step, 1, count - places[by.whole] - 0.5, of.index + by.index
        case Along(target, path):
            return step, 1, count - places[target.whole.value] - 0.25, (*target.index, path)
        case _:
            raise TypeError(f"no figure of {key}")
