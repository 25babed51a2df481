"""Judging candidates in bulk: what `[variants.require]` demands, what they would print, and how much work they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solver.arithmetic import Float64
from solver.formula import Call
from solver.graph.dense import Elementwise, SoftmaxLayer
from solver.graph.model import Model
from solver.graph.node import Leaf, Node
from solver.graph.pointwise import Pointwise
from solver.quantities import Quantity
from solver.spec.digits import digits_of
from solver.spec.draw import Places, Source
from solver.trace.asked import asked
from solver.variants.batch import Floats, Mask, leaf_values, solved
from solver.variants.printed import Keys, printed_keys

if TYPE_CHECKING:
    from solver.spec import Problem
    from solver.spec.variants import Require
    from solver.trace.passes import Pass

CONSTRAINTS = ("solvable", "min_gradient", "max_activation", "alive")
"""What a candidate is refused for, in the order in which a message names them; "distinct" comes on top."""


@dataclass(frozen=True)
class Judged:
    """Candidates and what is known of them; every array has one row per candidate.

    Attributes:
        places: What was drawn, by quantity.
        refused: Which candidates each constraint refuses.
        printed: Keys of the answers as printed, (candidates, answers).
        effort: (candidates, 2): numbers that have to be calculated with, typed digits.
        blemishes: How many answers are 0, equal each other or a given number, and how many units sit at a kink.
    """

    places: Mapping[str, Places]
    refused: Mapping[str, Mask]
    printed: Keys
    effort: NDArray[np.int64]
    blemishes: NDArray[np.int64]

    @cached_property
    def good(self) -> Mask:
        """Which candidates no constraint refuses."""
        return np.asarray(~np.logical_or.reduce([self.refused[name] for name in CONSTRAINTS]))

    @cached_property
    def signatures(self) -> list[bytes]:
        """What tells one drawn problem from another."""
        joined = np.ascontiguousarray(np.concatenate([*self.places.values()], axis=1))
        return [row.tobytes() for row in joined]

    def chosen(self, row: int) -> dict[str, tuple[int, ...]]:
        """Return what one candidate drew."""
        return {name: tuple(map(int, places[row])) for name, places in self.places.items()}


@dataclass
class Judge:
    """Judges candidates of one problem.

    Attributes:
        problem: The problem as it is written.
        model: Its graph.
        source: Where its draws come from.
    """

    problem: Problem
    model: Model
    source: Source
    _elements: tuple[Quantity, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._elements = answer_elements(self.problem, self.model)

    def judge(self, keys: Sequence[tuple[int, int]]) -> Judged:
        """Return the candidates of these (variant, attempt) pairs."""
        return self.judge_places(self.source.draw(keys), len(keys))

    def judge_places(self, places: Mapping[str, Places], count: int) -> Judged:
        """Return candidates that draw these places, judged."""
        refused = {name: np.ones(count, dtype=bool) for name in CONSTRAINTS}
        answers = np.zeros((count, len(self._elements)))
        kinks = np.zeros(count, dtype=np.int64)
        leaves = leaf_values(self.model, self.source, places, count)
        for rows, found in solved(self.model, leaves):
            refused["solvable"][rows] = False
            answers[rows] = self._answers(found, len(rows))
            refused["min_gradient"][rows] = self._too_small(answers[rows])
            refused["max_activation"][rows] = self._saturated(found, len(rows))
            refused["alive"][rows] = self._dead(found, len(rows))
            kinks[rows] = self._at_kinks(found, len(rows))
        printed = printed_keys(answers, digits_of(self.problem))
        echoes = self._echoes(leaves, printed_keys(np.abs(answers), digits_of(self.problem)))
        blemishes = kinks + (printed == 0).sum(axis=1) + _twins(printed) + echoes
        return Judged(places, refused, printed, self._effort(places, count), blemishes)

    # --- constraints -------------------------------------------------------------------------------------

    def _answers(self, found: Pass, count: int) -> Floats:
        columns = [_column(found.gradients, self.model, element, count) for element in self._elements]
        return np.stack(columns, axis=1) if columns else np.zeros((count, 0))

    def _too_small(self, answers: Floats) -> Mask:
        least = self._require.min_gradient
        if not least:
            return np.zeros(len(answers), dtype=bool)
        return np.asarray((np.abs(answers) < float(least)).any(axis=1))

    def _saturated(self, found: Pass, count: int) -> Mask:
        most = self._require.max_activation
        refused = np.zeros(count, dtype=bool)
        if most is None:
            return refused
        for node in self._activations:
            values = found.values[node.quantity].reshape(count, -1)
            refused |= (np.abs(values) > float(most)).any(axis=1)
            if _is_sigmoid(node):  # it saturates at both ends
                refused |= (values < 1 - float(most)).any(axis=1)
        return refused

    def _dead(self, found: Pass, count: int) -> Mask:
        refused = np.zeros(count, dtype=bool)
        if not self._require.alive:
            return refused
        for node in self._activations:
            if isinstance(node.operation, Elementwise) and node.operation.activation.name == "relu":
                before = found.values[node.parents[0]]
                samples = before.reshape(count, before.shape[1], -1)
                refused |= np.any(np.all(samples <= 0, axis=1), axis=1)
        return refused

    def _at_kinks(self, found: Pass, count: int) -> NDArray[np.int64]:
        total = np.zeros(count, dtype=np.int64)
        for node in self.model.graph.nodes:
            for distance in self._distances(node, found):
                near = np.broadcast_to(np.abs(distance) < 1e-12, (count, *distance.shape[1:]))
                total += near.reshape(count, -1).sum(axis=1)
        return total

    def _distances(self, node: Node, found: Pass) -> Iterator[Floats]:
        """Yield how far the inputs of a node are from each kink of its function; the first axis is that of candidates."""
        match node.operation:
            case Elementwise(activation):
                before = found.values[node.parents[0]]
                yield from (before - float(kink.at) for kink in activation.kinks)
            case Pointwise() as operation:
                yield from operation.kinks(Float64(), [found.values[parent] for parent in node.parents])
            case _:
                pass

    # --- what a page would show --------------------------------------------------------------------------

    def _echoes(self, leaves: Mapping[Quantity, Floats], printed: Keys) -> NDArray[np.int64]:
        """Return how many answers print like a given number but for the sign, which would give them away."""
        digits = digits_of(self.problem)
        total = np.zeros(len(printed), dtype=np.int64)
        for values in leaves.values():
            size = values[0].size
            if size > 4096:
                continue
            given = printed_keys(np.abs(values.reshape(len(printed), size)), digits)
            for column in range(printed.shape[1]):
                total += (given == printed[:, column : column + 1]).any(axis=1) & (printed[:, column] != 0)
        return total

    def _effort(self, places: Mapping[str, Places], count: int) -> NDArray[np.int64]:
        """Return (numbers other than 0 and ±1, typed digits) of what was drawn."""
        total = np.zeros((count, 2), dtype=np.int64)
        for drawn in self.source.quantities:
            if drawn.one_hot:
                continue
            work = np.array([[number not in (0, 1, -1), typed_digits(number)] for number in drawn.numbers])
            total += work[places[drawn.name]].sum(axis=1)
        return total

    @property
    def _require(self) -> Require:
        assert self.problem.variants is not None
        return self.problem.variants.require

    @cached_property
    def _activations(self) -> tuple[Node, ...]:
        return tuple(node for node in self.model.graph.nodes if is_activation(node))


def _twins(printed: Keys) -> NDArray[np.int64]:
    """Return how many answers of a candidate print like another one of its own."""
    ordered = np.sort(printed, axis=1)
    return np.asarray((ordered[:, 1:] == ordered[:, :-1]).sum(axis=1))


def is_activation(node: Node) -> bool:
    """Return whether an array holds activations: every h, and in an expression what sigmoid or tanh returns."""
    match node.operation:
        case Elementwise() | SoftmaxLayer():
            return True
        case Pointwise(Call(name, _)):
            return name in ("sigmoid", "tanh")
        case _:
            return node.quantity.base == "h" and not isinstance(node.operation, Leaf)


def _is_sigmoid(node: Node) -> bool:
    match node.operation:
        case Elementwise(activation):
            return activation.name == "sigmoid"
        case Pointwise(Call(name, _)):
            return name == "sigmoid"
        case _:
            return False


def typed_digits(number: int | Decimal) -> int:
    """Return how many digits a person types for a number, the sign and the point left out."""
    return len(f"{Decimal(str(abs(number))):f}".replace(".", "").lstrip("0")) or 1


def answer_elements(problem: Problem, model: Model) -> tuple[Quantity, ...]:
    """Return the elements whose gradients are asked for; where they are too many to list, all of the arrays asked for."""
    what = asked(problem, model)
    if what.elements:
        return what.elements
    arrays = what.parameters or model.graph.inputs
    return tuple(element for array in arrays for element in _all_elements(model, array))


def _all_elements(model: Model, array: Quantity) -> list[Quantity]:
    node = model.graph.node(array)
    samples = range(1, model.graph.samples + 1) if node.per_sample else (None,)
    return [element for sample in samples for element in model.graph.elements(array, sample)]


def _column(arrays: Mapping[Quantity, Floats], model: Model, element: Quantity, count: int) -> Floats:
    """Return one element for all candidates."""
    node = model.graph.node(element)
    array = arrays[element.whole]
    sample = ((element.sample or 1) - 1,) if node.per_sample else ()
    place = (slice(None), *sample, *(axis - 1 for axis in element.index))
    return np.broadcast_to(array[place], (count,))
