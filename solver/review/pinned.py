"""A run that goes on with printed figures instead of computed ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from solver.exercises.mistakes import Address, Cell, Edit, Factor, Route, Run, Spot
from solver.exercises.mistakes.edits import Interventions, Plan, place_in_rows, product_of, rows_of
from solver.exercises.mistakes.run import Floats
from solver.graph.dense import Elementwise, SoftmaxLayer, TotalLoss
from solver.graph.node import Graph
from solver.quantities import Key, Partial, Quantity, Role

Nudge = tuple[int, Address, float]
"""(row, where, by how much)."""


class Pinned(Interventions):
    """A run that goes on with printed figures: what is computed is read, then replaced by what is printed.

    Args:
        rows: How many rows.
        addresses: What to read.
        pins: The printed figures; with one number per row where rows differ, not a number (NaN) for what is computed.
        nudges: Changes of single rows, after the pins.
        edits: Edits of all rows.
    """

    def __init__(
        self,
        rows: int,
        addresses: Sequence[Address] | Plan,
        pins: Mapping[Address, float] | Mapping[Address, Floats],
        nudges: Iterable[Nudge] = (),
        edits: Sequence[Sequence[Edit]] = (),
    ) -> None:
        super().__init__([*edits, *([()] * (rows - len(edits)))], addresses)
        self.pins: dict[Spot, tuple[list[int], Floats]] = {}
        self.moved: dict[Spot, tuple[list[int], list[int], list[float]]] = {}
        self.used: dict[Address, Floats] = {}
        self.shifts: dict[Address, list[tuple[int, float]]] = {}
        self.known: dict[Partial, Floats] = {}
        cells: dict[Spot, tuple[list[int], list[float | Floats]]] = {}
        for address, value in pins.items():
            if isinstance(address, Cell):
                places, values = cells.setdefault(address.spot, ([], []))
                places.append(address.place)
                values.append(value)
            else:
                self.used[address] = np.broadcast_to(value, rows)
        for spot, (places, values) in cells.items():
            self.pins[spot] = places, np.stack([np.broadcast_to(value, rows) for value in values], axis=1)
        for row, address, amount in nudges:
            if isinstance(address, Cell):
                at, where, much = self.moved.setdefault(address.spot, ([], [], []))
                at.append(row)
                where.append(address.place)
                much.append(amount)
            else:
                self.shifts.setdefault(address, []).append((row, amount))

    def __call__(self, spot: Spot, array: Floats, run: Run) -> Floats:
        """Put printed factors and products in, read, then put the printed array in."""
        if spot.key.role is Role.GRADIENT:
            array = self._with_factors(spot, array, run)
        array = super().__call__(spot, array, run)
        if spot not in self.pins and spot not in self.moved:
            return array
        array = np.array(array, order="C")
        flat = array.reshape(run.rows, -1)
        if spot in self.pins:
            places, values = self.pins[spot]
            flat[:, places] = _put_in(values, flat[:, places])
        if spot in self.moved:
            at, where, much = self.moved[spot]
            np.add.at(flat, (at, where), much)
        return array

    def forward_done(self, run: Run) -> None:
        """Note the printed local derivatives of this step."""
        super().forward_done(run)
        self.known = {
            address.partial: self._as_used(address, run)
            for address in (*self.used, *self.shifts)
            if isinstance(address, Factor) and address.step == run.step
        }

    def _as_used(self, address: Factor, run: Run) -> Floats:
        found = np.array(rows_of(run, address.partial))
        if address in self.used:
            found = _put_in(self.used[address], found)
        for row, amount in self.shifts.get(address, ()):
            found[row] += amount
        return found

    def _with_factors(self, spot: Spot, array: Floats, run: Run) -> Floats:
        """Return a gradient with printed local derivatives and products along paths in the place of computed ones."""
        for partial, factor in self.known.items():
            if partial.by.whole == spot.key.value:
                gradient: Floats | float = 1.0
                if partial.of.whole != run.graph.root.quantity:
                    gradient = rows_of(run, run.graph.gradient(partial.of))
                array = self._added(
                    array, partial.by, gradient * factor - self._handed(run, partial, gradient), run
                )
        for address in dict.fromkeys((*self.used, *self.shifts)):
            if isinstance(address, Route) and Spot(address.step, address.along.target.whole) == spot:
                product = self.product(run, address)
                used = np.array(product)
                if address in self.used:
                    used = _put_in(self.used[address], used)
                for row, amount in self.shifts.get(address, ()):
                    used[row] += amount
                array = self._added(array, address.along.target.value, used - product, run)
        return array

    def _handed(self, run: Run, partial: Partial, gradient: Floats | float) -> Floats:
        """Return the product with a local derivative as the run has computed it, rounded where the run rounds."""
        slopes = (Elementwise, SoftmaxLayer)
        for node, _, share in run.shares.get(partial.by.whole, ()):
            diagonal = isinstance(node.operation, slopes) and partial.of.position == partial.by.position
            if diagonal and node.quantity == partial.of.whole and not _is_whole(node.operation):
                found: Floats = share[place_in_rows(run.graph.node(partial.by), partial.by)]
                return found
        return np.asarray(gradient * rows_of(run, partial))

    def _added(self, array: Floats, element: Quantity, amount: Floats, run: Run) -> Floats:
        changed = np.array(array)
        changed[place_in_rows(run.graph.node(element), element)] += amount
        return changed

    def product(self, run: Run, route: Route) -> Floats:
        """Return the product of the factors, printed ones as printed."""
        known: dict[Key, Floats] = {}
        for factor in route.product.factors:
            if not isinstance(factor, Partial):
                continue
            if factor.of.whole == run.graph.root.quantity:
                known[factor] = rows_of(run, run.graph.gradient(factor.by))
            elif (plain := as_claimed(factor, run.graph)) in self.known:
                known[factor] = self.known[plain]
        return product_of(run, route.product, known)


def as_claimed(factor: Partial, graph: Graph) -> Partial:
    """Return a local derivative as a claim names it: without its sample where there is one alone."""
    return factor if graph.sample_axis else Partial(factor.of.of_sample(None), factor.by.of_sample(None))


def _put_in(printed: Floats, computed: Floats) -> Floats:
    """Return what is printed, and where nothing is, what is computed."""
    return np.where(np.isnan(printed), computed, printed)


def _is_whole(operation: object) -> bool:
    """Return whether a softmax hands on a sum over all its outputs, and not one product."""
    return isinstance(operation, SoftmaxLayer) and not operation.diagonal


def unjoined(graph: Graph) -> Graph:
    """Return a graph in which an elementwise activation and its loss are differentiated one after the other."""
    nodes = []
    for node in graph.nodes:
        operation = node.operation
        if isinstance(operation, Elementwise) and operation.fused:
            node = replace(node, operation=replace(operation, fused=False))
        elif (
            isinstance(operation, TotalLoss)
            and operation.pair is not None
            and operation.pair.activation != "softmax"
        ):
            keep = [
                place for place in range(len(node.parents))
                if place >= operation.first_weight or place % operation.width != 2
            ]  # fmt: skip
            node = replace(
                node, operation=replace(operation, pair=None),
                parents=tuple(node.parents[place] for place in keep),
                parent_shapes=tuple(node.parent_shapes[place] for place in keep),
                parents_per_sample=tuple(node.parents_per_sample[place] for place in keep),
            )  # fmt: skip
        nodes.append(node)
    return replace(graph, nodes=tuple(nodes))
