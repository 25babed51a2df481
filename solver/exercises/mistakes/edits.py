"""Edits: one number or array written down wrong, in one row of a run; and reading what came of it.

An edit stands at a spot and turns the array that was just computed into the one that a person got. It sees everything
that is known at that moment. A shown edit is what the solution prints; a silent one is used further on while the solution
still prints the right number (an intermediate result that was rounded before it was used).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from solver.arithmetic import DomainError
from solver.exercises.mistakes.run import Floats, Run, Share, Site, Spot, variants_of
from solver.functions import evaluate
from solver.graph.model import Model
from solver.graph.node import Leaf, Node
from solver.quantities import Along, Key, Partial, Quantity, Role
from solver.trace.chain import ChainProduct, is_identity


@dataclass(frozen=True)
class Sight:
    """What an edit sees: one hypothesis of a run, at the moment when `array` was computed.

    Attributes:
        run: The run.
        rows: The rows of the hypothesis, one for each variant of the problem: mostly a single one.
        array: What was computed, shape (variants, samples, …) or (variants, …).
    """

    run: Run
    rows: slice
    array: Floats

    def value(self, quantity: Quantity) -> Floats:
        """Return an array of the forward pass."""
        return self.run.values[quantity][self.rows]

    def gradient(self, quantity: Quantity) -> Floats:
        """Return ∂L/∂ an array that stands nearer to the loss."""
        return self.run.gradients[quantity][self.rows]

    def state(self, quantity: Quantity) -> Floats:
        """Return an optimizer state."""
        return self.run.states[quantity][self.rows]

    def shares(self, quantity: Quantity) -> list[Share]:
        """Return what each reader has handed to an array."""
        handed = self.run.shares.get(quantity, [])
        return [(node, position, share[self.rows]) for node, position, share in handed]

    def inputs(self, node: Node) -> list[Floats]:
        """Return the arrays that a node reads."""
        return [self.value(parent) for parent in node.parents]

    def number(self, key: Key) -> Floats:
        """Return one element of the forward pass, or one local derivative: shape (variants,)."""
        return number_at(self.run, key, self.rows)


Change = Callable[[Sight], Floats]


@dataclass(frozen=True)
class RowChange:
    """A change that looks at nothing but the array, so that many rows are changed at once, and stays finite."""

    def __call__(self, sight: Sight) -> Floats:
        """Return what is got instead in one row."""
        return self.of_rows(sight.array)

    def of_rows(self, rows: Floats) -> Floats:
        """Return what is got instead in some rows; shape (rows, …), as the rows given."""
        raise NotImplementedError


@dataclass(frozen=True)
class Written(RowChange):
    """One number written down, whatever was computed.

    Attributes:
        place: Where, flattened.
        value: What.
    """

    place: int
    value: float

    def of_rows(self, rows: Floats) -> Floats:
        """Return the rows with the number in its place."""
        found = np.array(rows, order="C")
        found.reshape(len(rows), -1)[:, self.place] = self.value
        return found


@dataclass(frozen=True)
class Edit:
    """One array written down wrong.

    Attributes:
        key: The array: a value, a gradient, a state, a parameter or a value after the update.
        change: From what is seen to the array that is got instead, of the same shape.
        step: The update step; None for every step.
        shown: Whether the solution prints what was got (or only goes on with it).
    """

    key: Quantity
    change: Change = field(compare=False)
    step: int | None = None
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """One element of one array of a run: a figure that a solution can print.

    Attributes:
        spot: The array.
        place: Its position in one row of the array, flattened, from 0.
    """

    spot: Spot
    place: int


@dataclass(frozen=True, slots=True)
class Factor:
    """One local derivative at one step: a factor of the chain rule that a solution can print."""

    step: int
    partial: Partial


@dataclass(frozen=True, slots=True)
class Route:
    """The product along one path at one step.

    Attributes:
        step: The update step.
        along: The path, as a key.
        product: Its factors, from the loss back to the parameter.
    """

    step: int
    along: Along
    product: ChainProduct


Address = Cell | Factor | Route
"""Where a figure stands in a run."""


class Plan:
    """Where in a run which figures are read; made once, it serves many runs.

    Args:
        addresses: What to read, in the order of the readings.
    """

    def __init__(self, addresses: Sequence[Address]) -> None:
        self.size = len(addresses)
        self.cells: dict[Spot, tuple[list[int], list[int]]] = {}
        self.factors: dict[int, list[tuple[int, Factor]]] = {}
        self.routes: dict[Spot, list[tuple[int, Route]]] = {}
        for column, address in enumerate(addresses):
            match address:
                case Cell(spot, place):
                    columns, places = self.cells.setdefault(spot, ([], []))
                    columns.append(column)
                    places.append(place)
                case Factor(step):
                    self.factors.setdefault(step, []).append((column, address))
                case Route(step, along):
                    self.routes.setdefault(Spot(step, along.target.whole), []).append((column, address))


class Interventions:
    """The conduct of a run in which each row has its own edits, and some figures are read.

    Args:
        trials: The edits of each row; the first row should have none.
        addresses: What to read, or the plan of it.
        variants: How many rows a trial has: one for each variant of the problem.
    """

    def __init__(
        self, trials: Sequence[Sequence[Edit]], addresses: Sequence[Address] | Plan, variants: int = 1
    ) -> None:
        self.edits: dict[Quantity, list[tuple[int, Edit]]] = {}
        for row, edits in enumerate(trials):
            for edit in edits:
                self.edits.setdefault(edit.key, []).append((row, edit))
        self.plan = addresses if isinstance(addresses, Plan) else Plan(addresses)
        self.readings = np.full((len(trials) * variants, self.plan.size), np.nan)

    def __call__(self, spot: Spot, array: Floats, run: Run) -> Floats:
        """Edit what is shown, read it, then edit what is not shown."""
        edits = [(row, edit) for row, edit in self.edits.get(spot.key, ()) if edit.step in (None, spot.step)]
        array = edited(array, [(row, edit) for row, edit in edits if edit.shown], run)
        for column, route in self.plan.routes.get(spot, ()):
            self.readings[:, column] = self.product(run, route)
        if spot in self.plan.cells:
            columns, places = self.plan.cells[spot]
            self.readings[:, columns] = array.reshape(run.rows, -1)[:, places]
        return edited(array, [(row, edit) for row, edit in edits if not edit.shown], run)

    def product(self, run: Run, route: Route) -> Floats:
        """Return the product along a path for every row."""
        return product_of(run, route.product)

    def begins(self, site: Site) -> None:
        """Nothing to note: full precision is carried."""

    def forward_done(self, run: Run) -> None:
        """Read the local derivatives, which need values alone."""
        for column, factor in self.plan.factors.get(run.step, ()):
            self.readings[:, column] = rows_of(run, factor.partial)


def edited(array: Floats, edits: Sequence[tuple[int, Edit]], run: Run) -> Floats:
    """Return an array with some edits made, those of a hypothesis in their order; each comes with its hypothesis."""
    if not edits:
        return array
    array = np.array(array, order="C")
    for turn in _turns(edits):
        alike: dict[RowChange, list[int]] = {}
        for hypothesis, edit in turn:
            if isinstance(edit.change, RowChange):
                rows = run.block(hypothesis)
                alike.setdefault(edit.change, []).extend(range(rows.start, rows.stop))
            else:
                _edit(array, run.block(hypothesis), edit, run)
        for change, places in alike.items():
            array[places] = change.of_rows(array[places])
    return array


def _edit(array: Floats, rows: slice, edit: Edit, run: Run) -> None:
    """Replace some rows by what an edit makes of them, in place; those for which it has no numbers die."""
    old, alive = array[rows], run.alive[rows]
    if not alive.any():
        return
    try:
        found = np.broadcast_to(edit.change(Sight(run, rows, old)), old.shape)
    except DomainError:
        if len(old) == 1:
            alive[:] = False
            return
        for row in range(rows.start, rows.stop):
            _edit(array, slice(row, row + 1), edit, run)
        return
    finite = np.isfinite(found)
    if not finite.all():
        alive &= finite.reshape(len(old), -1).all(axis=1)
    old[alive] = found[alive]


def _turns(edits: Sequence[tuple[int, Edit]]) -> list[list[tuple[int, Edit]]]:
    """Return the first edits of all hypotheses, then the second ones, and so on."""
    turns: list[list[tuple[int, Edit]]] = []
    made: dict[int, int] = {}
    for hypothesis, edit in edits:
        turn = made.get(hypothesis, 0)
        made[hypothesis] = turn + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append((hypothesis, edit))
    return turns


def rows_of(run: Run, key: Key) -> Floats:
    """Return one element, or one local derivative, for every row: shape (rows,)."""
    if isinstance(key, Partial):
        return np.broadcast_to(np.asarray(local_derivative(run, key)), (run.rows,))
    assert isinstance(key, Quantity)
    arrays = run.gradients if key.role is Role.GRADIENT else run.values
    found: Floats = arrays[key.whole.value]
    return found[place_in_rows(run.graph.node(key.value), key)]


def number_at(run: Run, key: Key, rows: slice) -> Floats:
    """Return one element, or one local derivative, of some rows: shape (rows,)."""
    if isinstance(key, Partial):
        return rows_of(run, key)[rows]
    assert isinstance(key, Quantity)
    if key not in run.places:
        run.places[key] = key.whole.value, place_of(run.graph.node(key.value), key)
    array, place = run.places[key]
    arrays = run.gradients if key.role is Role.GRADIENT else run.values
    index: tuple[slice | int, ...] = (rows, *place)
    return arrays[array][index]


def place_of(node: Node, element: Quantity) -> tuple[int, ...]:
    """Return where an element stands in one row of its array, from 0."""
    sample = ((element.sample or 1) - 1,) if node.per_sample else ()
    return sample + tuple(axis - 1 for axis in element.index)


def place_in_rows(node: Node, element: Quantity) -> tuple[slice | int, ...]:
    """Return where an element stands in the array of all rows."""
    return (slice(None), *place_of(node, element))


def local_derivative(run: Run, partial: Partial) -> Floats:
    """Return ∂of/∂by in its textbook form, for every row."""
    of, node = partial.of, run.graph.node(partial.of)
    while partial.by.whole not in node.parents and is_identity(node):  # ∂y/∂h is written for ∂y/∂a · ∂a/∂h
        of = node.parent(0, of.sample, *of.index)
        node = run.graph.node(of)
    assert not isinstance(node.operation, Leaf)
    formula = node.operation.partial(node, of, node.parents.index(partial.by.whole), partial.by)
    with run.numbers.working():
        return np.asarray(evaluate(formula, lambda key: rows_of(run, key), arithmetic=run.numbers))


def product_of(run: Run, product: ChainProduct, known: Mapping[Key, Floats] | None = None) -> Floats:
    """Return the product along one path for every row; factors that are known already are not computed."""
    total = np.ones(run.rows)
    for factor in product.factors:
        found = known.get(factor) if known else None
        total = total * (rows_of(run, factor) if found is None else found)
    return total


def affordable_rows(model: Model, work: int = 60_000_000) -> int:
    """Return how many hypotheses can be tried within a second or a few: so many numbers of all arrays together."""
    graph = model.graph
    elements = sum(
        int(np.prod(node.shape, dtype=int)) * (graph.samples if node.per_sample else 1)
        for node in graph.nodes
    )
    steps = model.training.steps if model.training is not None else 1
    return max(50, work // max(1, 3 * elements * steps))


def outcomes(
    model: Model,
    trials: Sequence[Sequence[Edit]],
    addresses: Sequence[Address] | Plan,
    *,
    budget: int = 4_000_000,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return what each trial makes of each figure.

    Args:
        model: The problem.
        trials: Edits, one sequence per hypothesis.
        addresses: The figures, of length n.
        budget: Numbers of one array that are held at once; more trials are computed in parts.

    Returns:
        Figures of shape (trials, n), and which trials have numbers at all, shape (trials,). Rows of the others say
        nothing.
    """
    figures, alive = outcomes_of_variants(model, trials, addresses, budget=budget)
    return figures[:, 0], alive[:, 0]


def outcomes_of_variants(
    model: Model,
    trials: Sequence[Sequence[Edit]],
    addresses: Sequence[Address] | Plan,
    *,
    budget: int = 4_000_000,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return what each trial makes of each figure, in every variant that a model holds.

    Args:
        model: The problem, its variants along the first axis of its numbers.
        trials: As of `outcomes`.
        addresses: As of `outcomes`.
        budget: As of `outcomes`.

    Returns:
        Figures of shape (trials, variants, n), and which have numbers at all, shape (trials, variants).
    """
    variants = variants_of(model)
    most = max(2, budget // max(1, model.graph.largest * variants))
    plan = addresses if isinstance(addresses, Plan) else Plan(addresses)
    readings, alive = [np.zeros((0, variants, plan.size))], [np.zeros((0, variants), dtype=bool)]
    for start in range(0, len(trials), most - 1):
        part: list[Sequence[Edit]] = [(), *trials[start : start + most - 1]]
        conduct = Interventions(part, plan, variants)
        run = Run(model, conduct, len(part) * variants)
        run.all_steps()
        readings.append(conduct.readings.reshape(len(part), variants, plan.size)[1:])
        alive.append(run.alive.reshape(len(part), variants)[1:])
    return np.concatenate(readings), np.concatenate(alive)
