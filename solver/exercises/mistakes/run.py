"""A problem computed many times at once, with somebody looking over the shoulder and changing numbers on the way.

The axis of variants carries hypotheses: row 0 is the problem as it is, every other row one way of getting it wrong, and
one pass of numpy computes them all. After every array that a solution shows, a `Conduct` may replace it, row by row; what
depends on it follows by itself. That is how a mistake and its consequences are one thing and not two.

Slopes and losses are taken in their textbook form over the shown values (h(1 − h), y − t), as a person with a pencil
takes them, not in the forms that keep the most digits: a changed output must reach them. The true values of a problem
come from `trace`, never from here.

The model may itself hold many variants of a problem. Then every hypothesis has a row for each of them, one after the
other: rows 0, 1, … are the variants as they are, and hypothesis k has the rows from k · variants on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from solver.arithmetic import Arithmetic, DomainError, Float64
from solver.functions import evaluate, update
from solver.graph.dense import Elementwise, SoftmaxLayer, TotalLoss
from solver.graph.model import Model
from solver.graph.node import Array, Graph, Leaf, Node, Operation
from solver.quantities import Key, Quantity, Role

T = TypeVar("T")
Floats = NDArray[np.float64]

Share = tuple[Node, int, Floats]
"""What a reader hands to a node in the backward pass: the reader, which of its parents, Σ gradient · ∂reader/∂node."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One array of one update step. A computed array after the update is its quantity with the role `UPDATED`."""

    step: int
    key: Quantity


class Doing(Enum):
    """What a person is at."""

    VALUE = "computing an array"
    HANDING = "handing the gradient of an array on to what it was computed from"
    SUM = "adding up what the readers of an array have handed to it"
    UPDATE = "updating a parameter"


@dataclass(frozen=True, slots=True)
class Site:
    """A place of the work at which results are written down.

    Attributes:
        step: The update step.
        doing: What is being done.
        of: The array that it is done with.
        after: Whether this is the forward pass after the update.
    """

    step: int
    doing: Doing
    of: Quantity
    after: bool = False


class Conduct(Protocol):
    """Who looks over the shoulder."""

    def __call__(self, spot: Spot, array: Floats, run: Run) -> Floats:
        """Return an array as it goes on, from the array as it was just computed; both have one row per hypothesis."""

    def begins(self, site: Site) -> None:
        """Take note of what is computed next; again, where a row has to be given up on the way."""

    def forward_done(self, run: Run) -> None:
        """Take note that all values of a step are known, and none of its gradients."""


@dataclass
class Run:
    """One problem, computed for all hypotheses.

    Attributes:
        model: The problem, or many variants of it; not symbolic.
        conduct: Called after every array.
        rows: Number of hypotheses, row 0 among them; times the number of variants.
        numbers: In what they are computed; an arithmetic that rounds makes every row somebody with a pencil.
        step: The update step that is being computed, from 1.
        values: Every array of the forward pass, (rows, samples, …) or (rows, …).
        gradients: ∂L/∂ every array that L depends on.
        shares: Of each array, what its readers have handed to it so far.
        updated: Parameters after the update.
        states: Optimizer state after the update.
        places: Where elements stand that were asked for one by one: their array, and the place in its rows.
        alive: False for rows whose numbers do not exist (a log of zero, an overflow); their arrays are those of row 0,
            or of their variant's row as it is.
    """

    model: Model
    conduct: Conduct
    rows: int
    numbers: Arithmetic = field(default_factory=Float64)
    step: int = 1
    values: dict[Quantity, Floats] = field(default_factory=dict)
    gradients: dict[Quantity, Floats] = field(default_factory=dict)
    shares: dict[Quantity, list[Share]] = field(default_factory=dict)
    updated: dict[Quantity, Floats] = field(default_factory=dict)
    states: dict[Quantity, Floats] = field(default_factory=dict)
    places: dict[Key, tuple[Quantity, tuple[int, ...]]] = field(default_factory=dict, repr=False)
    alive: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.alive = np.ones(self.rows, dtype=bool)

    @property
    def graph(self) -> Graph:
        """What is computed."""
        return self.model.graph

    @cached_property
    def variants(self) -> int:
        """How many variants of the problem the model holds."""
        return variants_of(self.model)

    def block(self, hypothesis: int) -> slice:
        """Return the rows of a hypothesis, one for each variant."""
        return slice(hypothesis * self.variants, (hypothesis + 1) * self.variants)

    def all_steps(self) -> None:
        """Compute every step.

        Raises:
            DomainError: Row 0 has no value, or a variant as it is.
        """
        hypotheses = self.rows // self.variants
        leaves = {
            quantity: np.broadcast_to(given.values, (hypotheses, *given.values.shape)).reshape(
                self.rows, *given.values.shape[1:]
            )
            for quantity, given in self.model.given.items()
        }
        training = self.model.training
        with self.numbers.working():
            for self.step in range(1, (training.steps if training else 1) + 1):
                self.values = self._forward(leaves, after=False)
                self.conduct.forward_done(self)
                self._backward()
                if training is not None:
                    self._update()
                    leaves = leaves | {quantity.value: array for quantity, array in self.updated.items()}
                    self._forward(leaves, after=True)

    def _forward(self, leaves: dict[Quantity, Floats], *, after: bool) -> dict[Quantity, Floats]:
        values: dict[Quantity, Floats] = {}
        for node in self.graph.nodes:
            if isinstance(node.operation, Leaf):
                array, seen = leaves[node.quantity], not after
            else:
                site = Site(self.step, Doing.VALUE, node.quantity, after)
                array, seen = self._value(node, node.operation, values, site), True
            if seen:
                spot = Spot(self.step, node.quantity.updated() if after else node.quantity)
                array = self.conduct(spot, array, self)
            values[node.quantity] = array
            if not after:
                self.values = values
        return values

    def _value(self, node: Node, operation: Operation, values: dict[Quantity, Floats], site: Site) -> Floats:
        def compute() -> Floats:
            inputs = [values[parent] for parent in node.parents]
            return textbook_value(operation, self.numbers, inputs)

        return self._surviving(site, compute, [(values, parent) for parent in node.parents])

    def _backward(self) -> None:
        root = self.graph.root.quantity
        self.gradients, self.shares = {}, {}
        for node in reversed(self.graph.nodes):
            handed = self.shares.get(node.quantity, [])
            if node.quantity == root:
                total = np.ones((self.rows,) + (1,) * (self.values[root].ndim - 1))
            elif handed:
                total = handed[0][2] if len(handed) == 1 else self._sum(node, handed)
            elif node.quantity in self.graph.targets:
                continue
            else:
                total = np.zeros(self.values[node.quantity].shape)
            if node.quantity != root:
                total = self.conduct(Spot(self.step, self.graph.gradient(node.quantity)), total, self)
            self.gradients[node.quantity] = total
            if (handed or node.quantity == root) and not isinstance(node.operation, Leaf):
                self._hand_on(node, node.operation, total)

    def _sum(self, node: Node, handed: Sequence[Share]) -> Floats:
        self.conduct.begins(Site(self.step, Doing.SUM, node.quantity))
        return np.asarray(self.numbers.settle(sum(share for _, _, share in handed)))

    def _hand_on(self, node: Node, operation: Operation, total: Floats) -> None:
        self.gradients[node.quantity] = total

        def compute() -> tuple[Array | None, ...]:
            inputs = [self.values[parent] for parent in node.parents]
            gradient = self.gradients[node.quantity]
            return textbook_shares(operation, self.numbers, gradient, inputs, self.values[node.quantity])

        held = [(self.values, quantity) for quantity in (*node.parents, node.quantity)]
        site = Site(self.step, Doing.HANDING, node.quantity)
        shares = self._surviving(site, compute, [*held, (self.gradients, node.quantity)])
        for position, (parent, share) in enumerate(zip(node.parents, shares, strict=True)):
            if share is not None:
                self.shares.setdefault(parent, []).append((node, position, share))

    def _update(self) -> None:
        training = self.model.training
        assert training is not None
        past = self.states if self.step > 1 else {}
        self.updated, self.states = {}, {}
        for parameter in self.graph.parameters:
            if parameter in self.graph.trainable:
                self._updated(parameter, past)
            else:
                self._noted(parameter, "w", self.values[parameter])

    def _noted(self, parameter: Quantity, name: str, array: Floats) -> Floats:
        """Return what one line of an update writes down, as it is gone on with."""
        if name == "g":
            return array
        key = parameter.updated() if name == "w" else parameter.state(Role(name))
        array = self.conduct(Spot(self.step, key), array, self)
        if not self.alive.all():  # what was written there may be why: the root of a v below 0
            rows = np.flatnonzero(~self.alive)
            array = np.array(array)
            array[rows] = array[rows % self.variants]
        (self.updated if name == "w" else self.states)[key] = array
        return array

    def _updated(self, parameter: Quantity, past: dict[Quantity, Floats]) -> None:
        training = self.model.training
        assert training is not None
        kept = {name: parameter.state(Role(name)) for name in training.optimizer.state if past}

        def compute() -> dict[str, Floats]:
            state = {name: past[quantity] for name, quantity in kept.items()}
            rate = self.numbers.number(training.rate)
            value, gradient = self.values[parameter], self.gradients[parameter]
            return update(
                training.optimizer, value, gradient, state, self.step, rate, self.numbers,
                lambda name, array: self._noted(parameter, name, array),
            )  # fmt: skip

        held = [(past, quantity) for quantity in kept.values()]
        site = Site(self.step, Doing.UPDATE, parameter)
        self._surviving(site, compute, [(self.values, parameter), (self.gradients, parameter), *held])

    def _surviving(
        self, site: Site, compute: Callable[[], T], reads: Sequence[tuple[dict[Quantity, Floats], Quantity]]
    ) -> T:
        """Return what `compute` returns; rows for which it has no value die, and take the numbers of row 0."""
        lost: set[int] = set()
        while True:
            self.conduct.begins(site)
            try:
                return compute()
            except DomainError as error:
                if not error.rows or min(error.rows) < self.variants or not lost.isdisjoint(error.rows):
                    raise
                lost.update(error.rows)
                rows = np.array(error.rows)
                self.alive[rows] = False
                for arrays, quantity in reads:
                    arrays[quantity] = np.array(arrays[quantity])
                    arrays[quantity][rows] = arrays[quantity][rows % self.variants]


def variants_of(model: Model) -> int:
    """Return how many variants of a problem a model holds."""
    return next((len(given.values) for given in model.given.values()), 1)


def textbook_value(operation: Operation, numbers: Arithmetic, inputs: Sequence[Floats]) -> Floats:
    """Return a node's array; a loss is taken from its outputs even where pre-activations would keep more digits."""
    if isinstance(operation, TotalLoss) and operation.pair is not None and not numbers.exact:
        return _loss_of_outputs(operation, numbers, inputs)
    return np.asarray(operation.forward(numbers, inputs))


def _loss_of_outputs(operation: TotalLoss, numbers: Arithmetic, inputs: Sequence[Floats]) -> Floats:
    """Return a loss from its outputs; rows in which one of them has rounded to 0 or 1 keep the closed form."""
    closed = np.array(operation.forward(numbers, inputs))

    def compute(rows: NDArray[np.int_]) -> None:
        closed[rows] = _without_pair(operation).forward(numbers, _outputs_alone(operation, inputs, rows))

    _where_outputs_suffice(len(closed), compute)
    return closed


def _slopes_of_outputs(
    operation: TotalLoss, numbers: Arithmetic, gradient: Floats, inputs: Sequence[Floats], output: Floats
) -> list[Floats | None]:
    """Return what a loss hands on, the slopes by its outputs from these alone, as far as they have any."""
    shares = list(operation.backward(numbers, gradient, inputs, output))
    slopes = [np.array(shares[block * operation.width]) for block in range(operation.blocks)]

    def compute(rows: NDArray[np.int_]) -> None:
        parts = _outputs_alone(operation, inputs, rows)
        plain = _without_pair(operation)
        for slope, share in zip(
            slopes, plain.backward(numbers, gradient[rows], parts, output[rows])[::2], strict=False
        ):
            slope[rows] = share

    _where_outputs_suffice(len(gradient), compute)
    for block, slope in enumerate(slopes):
        shares[block * operation.width] = slope
    return shares


def _without_pair(operation: TotalLoss) -> TotalLoss:
    return replace(operation, pair=None)


def _outputs_alone(operation: TotalLoss, inputs: Sequence[Floats], rows: NDArray[np.int_]) -> list[Floats]:
    """Return some rows of what a loss reads, without pre-activations."""
    parts = [array[rows] for pair in outputs_and_targets(operation, inputs) for array in pair]
    return parts + [array[rows] for array in inputs[operation.first_weight :]]


def _where_outputs_suffice(count: int, compute: Callable[[NDArray[np.int_]], None]) -> None:
    """Compute what rows have a value by their outputs alone, all at once."""
    rows = np.arange(count)
    while rows.size:
        try:
            compute(rows)
            break
        except DomainError as error:
            if not error.position:
                raise
            rows = np.delete(rows, error.rows)


def textbook_shares(
    operation: Operation, numbers: Arithmetic, gradient: Floats, inputs: Sequence[Floats], output: Floats
) -> tuple[Floats | None, ...]:
    """Return what a node hands to its parents, slopes in their textbook form over the shown values."""
    match operation:
        case Elementwise(fused=False) | SoftmaxLayer(fused=False, diagonal=True):
            slope = numbers.settle(textbook_slope(operation, numbers, inputs[0], output))
            return (numbers.settle(gradient * slope),)
        case SoftmaxLayer(fused=False):
            return (numbers.settle(output * (gradient - (gradient * output).sum(axis=-1, keepdims=True))),)
        case TotalLoss() if operation.pair is not None:
            shares = _slopes_of_outputs(operation, numbers, gradient, inputs, output)
            for block, (y, t) in enumerate(outputs_and_targets(operation, inputs)):
                total = t.sum(axis=-1, keepdims=True)
                delta = evaluate(
                    operation.pair.general_delta, arithmetic=numbers, variables={"y": y, "t": t, "s": total}
                )
                scale = float(operation.scale) * gradient.reshape((-1,) + (1,) * (y.ndim - 1))
                shares[block * operation.width + 2] = numbers.settle(delta * scale)
            return tuple(shares)
        case _:
            return operation.backward(numbers, gradient, inputs, output)


def textbook_slope(
    operation: Elementwise | SoftmaxLayer, numbers: Arithmetic, z: Floats, y: Floats
) -> Floats:
    """Return f′ as a textbook writes it; for softmax the diagonal y(1 − y)."""
    record = operation.activation if isinstance(operation, Elementwise) else operation.softmax
    return np.asarray(evaluate(record.slope, arithmetic=numbers, variables={"z": z, "y": y}))


def outputs_and_targets(operation: TotalLoss, inputs: Sequence[Floats]) -> Iterator[tuple[Floats, Floats]]:
    """Yield the arrays (y, t) of each block of a loss."""
    for place in range(0, operation.first_weight, operation.width):
        yield inputs[place], inputs[place + 1]
