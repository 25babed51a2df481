"""The loss: everything that is held against a target, over all outputs, samples and time steps, as one scalar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from solver.arithmetic import Arithmetic, DomainError
from solver.formula import Formula, Negative, Number, Product, Ref, Sum, substitute
from solver.functions import (
    Combination,
    Loss,
    combined_delta,
    combined_slope,
    combined_value,
    loss_slope,
    loss_value,
)
from solver.graph.node import Array, Index, Node, settled
from solver.quantities import Quantity


def scaled(factor: Fraction, body: Formula) -> Formula:
    """Return factor · body with numeric coefficients merged: ½ · 2(y − t) is y − t, ½ · (−q) is −½ q."""
    if isinstance(body, Negative):
        inner = scaled(factor, body.operand)
        return inner.operand if isinstance(inner, Negative) else Negative(inner)
    rest: tuple[Formula, ...] = (body,)
    if isinstance(body, Product) and isinstance(body.factors[0], Number):
        factor, rest = factor * body.factors[0].value, body.factors[1:]
    elif isinstance(body, Product):
        rest = body.factors
    if factor < 0:
        return Negative(scaled(-factor, rest[0] if len(rest) == 1 else Product(rest)))
    if factor != 1:
        rest = (Number(factor), *rest)
    return rest[0] if len(rest) == 1 else Product(rest)


@dataclass(frozen=True)
class Penalty:
    """(l2 / 2) Σ w² over the weights of a network, as a term of the loss."""

    strength: Fraction


@dataclass(frozen=True)
class TotalLoss:
    """L = scale · Σ_blocks Σ_samples Σ_outputs ℓ(y, t)  [ + (l2/2) Σ w² ], a scalar.

    Parents: for each block (each time step that is read out; elsewhere there is one) y, t and, with a `pair`, the
    pre-activations below y; then the penalised weights.

    Attributes:
        loss: ℓ, a record of the table.
        scale: The factor, and the 1/outputs and 1/samples of means.
        samples: Number of samples.
        unit_targets: Whether the targets of every sample sum to 1, exactly.
        pair: The closed form of ∂L/∂a for ℓ and the last activation, which then are `fused`.
        penalty: The term of the weights.
        blocks: How many outputs are held against targets.
    """

    loss: Loss
    scale: Fraction
    samples: int
    unit_targets: bool = False
    pair: Combination | None = None
    penalty: Penalty | None = None
    blocks: int = 1
    mixes_samples: bool = True

    @property
    def width(self) -> int:
        """How many parents a block has: y and t, and the pre-activations where they are used."""
        return 2 if self.pair is None else 3

    @property
    def first_weight(self) -> int:
        """Position of the first penalised weight among the parents."""
        return self.width * self.blocks

    def forward(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Array:
        """y, t: (variants, samples, outputs) -> (variants,)."""
        total = sum(self._terms_of(numbers, block, inputs) for block in range(self.blocks))
        total = total * numbers.number(self.scale)
        if self.penalty is not None:
            half = numbers.number(self.penalty.strength / 2)
            for array in inputs[self.first_weight :]:
                total = total + (array * array).reshape(len(array), -1).sum(axis=-1) * half
        return settled(numbers, np.asanyarray(total))

    def _terms_of(self, numbers: Arithmetic, block: int, inputs: Sequence[Array]) -> Array:
        """Return Σ ℓ(y, t) of one block.

        Raises:
            DomainError: A term has no value; its subject is the number of the block, from 0.
        """
        y, t, *logits = inputs[block * self.width : (block + 1) * self.width]
        try:
            if self.pair is None:
                each = loss_value(self.loss, y, t, numbers)
            else:
                each = combined_value(self.pair, self.loss, logits[0], y, t, numbers)
        except DomainError as error:
            raise DomainError(error.what, error.position, block, error.rows) from None
        added: Array = each.reshape(len(y), -1).sum(axis=-1)
        return added

    def backward(
        self, numbers: Arithmetic, gradient: Array, inputs: Sequence[Array], output: Array
    ) -> tuple[Array | None, ...]:
        """∂L/∂y = scale · ℓ′(y, t), and l2 · w for the penalised weights."""
        shares: list[Array | None] = []
        for block in range(self.blocks):
            y, t, *logits = inputs[block * self.width : (block + 1) * self.width]
            scale = numbers.number(self.scale) * gradient.reshape((-1,) + (1,) * (y.ndim - 1))
            try:
                if self.pair is None:
                    shares += [numbers.settle(loss_slope(self.loss, y, t, numbers) * scale), None]
                else:
                    each = combined_slope(self.pair, self.loss, logits[0], y, t, numbers)
                    shares += [numbers.settle(each * scale), None]
                    delta = combined_delta(self.pair, logits[0], y, t, numbers)
                    shares.append(numbers.settle(delta * scale))
            except DomainError as error:
                raise DomainError(error.what, error.position, block, error.rows) from None
        if self.penalty is not None:
            strength = numbers.number(self.penalty.strength)
            shares += [numbers.settle(array * strength) for array in inputs[self.first_weight :]]
        return tuple(shares)

    def output_above(self, node: Node, logits: Quantity) -> tuple[Quantity, Quantity] | None:
        """Return (y, t) as arrays where the loss has the closed form of ∂L/∂a for these pre-activations, else None."""
        if self.pair is not None:
            for block in range(self.blocks):
                if node.parents[block * self.width + 2] == logits.whole:
                    return node.parents[block * self.width], node.parents[block * self.width + 1]
        return None

    def terms(self, node: Node) -> list[Formula]:
        """Return ℓ(y_k, t_k) for every output of every sample, in order."""
        found = []
        for sample in range(1, self.samples + 1):
            for block in range(0, self.first_weight, self.width):
                for place in np.ndindex(*node.parent_shapes[block]):
                    index = tuple(axis + 1 for axis in place)
                    y, t = (Ref(node.parent(block + offset, sample, *index)) for offset in (0, 1))
                    found.append(substitute(self.loss.formula, y=y, t=t))
        return found

    def element(self, node: Node, out: Quantity) -> Formula:
        """The whole sum, term by term."""
        terms = self.terms(node)
        negative = isinstance(self.loss.formula, Negative)
        inner = tuple(t.operand if negative and isinstance(t, Negative) else t for t in terms)
        flat = tuple(part for term in inner for part in (term.terms if isinstance(term, Sum) else (term,)))
        data = scaled(self.scale, flat[0] if len(flat) == 1 else Sum(flat))
        if negative:  # −½(… + …) rather than ½(−… − …)
            data = Negative(data)
        if self.penalty is None:
            return data
        squares: list[Formula] = []
        weights = zip(node.parents, node.parent_shapes, strict=True)
        for quantity, shape in list(weights)[self.first_weight :]:
            for place in np.ndindex(*shape):
                squares.append(Ref(quantity.at(*(axis + 1 for axis in place))) ** 2)
        return Sum((data, Product((Number(self.penalty.strength / 2), Sum(tuple(squares))))))

    def readers(self, node: Node, position: int, index: Index) -> Iterator[Index]:
        """The loss reads all outputs and penalised weights; the pre-activations only as a shorter way to write it."""
        if position >= self.first_weight or position % self.width != 2:
            yield ()

    def partial(self, node: Node, out: Quantity, position: int, by: Quantity) -> Formula:
        """scale · ℓ′(y, t) for an output, l2 · w for a penalised weight."""
        if position >= self.first_weight:
            assert self.penalty is not None
            return scaled(self.penalty.strength, Ref(by))
        target = node.parent(position + 1, by.sample, *by.index)
        return scaled(self.scale, substitute(self.loss.slope, y=Ref(by), t=Ref(target)))
