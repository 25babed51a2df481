"""Operations of dense networks: the affine map, elementwise functions, softmax (and the loss, in `loss`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from solver.arithmetic import Arithmetic
from solver.formula import Formula, Number, Product, Ref, Sum, substitute
from solver.functions import Activation, Softmax, forward, pull, slope
from solver.graph.loss import Penalty, TotalLoss, scaled
from solver.graph.node import Array, Index, Node, settled
from solver.quantities import Quantity

__all__ = ["Affine", "Elementwise", "Penalty", "SoftmaxLayer", "TotalLoss", "scaled", "settled"]


@dataclass(frozen=True)
class Affine:
    """a = W x + b, or a = x W + b when the weights are indexed from-to; in a recurrent cell a = U x + W h + b.

    Parents: for each term x (in) and W (out, in) or (in, out); then, with a bias, b (out), or () when one bias serves the
    whole layer. An input of several axes (pooled maps) is read as if flattened, in reading order: its elements keep their
    own indices, and no flattened copy is a node of the graph.

    Attributes:
        from_to: Whether weights are written W[from][to].
        terms: How many products are added: 1 in a dense layer, 2 in a recurrent cell.
    """

    from_to: bool = False
    terms: int = 1
    mixes_samples: bool = False

    def _matrix(self, weights: Array) -> Array:
        """Return the weights as (variants, out, in)."""
        return np.swapaxes(weights, -1, -2) if self.from_to else weights

    def _pairs(self, inputs: Sequence[Array]) -> Iterator[tuple[Array, Array]]:
        """Yield (x, weights) of each term, x as (variants, samples, in)."""
        for place in range(0, 2 * self.terms, 2):
            x = inputs[place]
            yield x.reshape(*x.shape[:2], -1), inputs[place + 1]

    def forward(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Array:
        """x: (variants, samples, in) -> (variants, samples, out)."""
        products = [x @ np.swapaxes(self._matrix(weights), -1, -2) for x, weights in self._pairs(inputs)]
        a = sum(products[1:], products[0])
        for bias in inputs[2 * self.terms :]:
            a = a + (bias[:, None, None] if bias.ndim == 1 else bias[:, None, :])
        return settled(numbers, a)

    def backward(
        self, numbers: Arithmetic, gradient: Array, inputs: Sequence[Array], output: Array
    ) -> tuple[Array | None, ...]:
        """∂L/∂x = Wᵀδ, ∂L/∂W = δ xᵀ summed over samples, ∂L/∂b = δ summed over samples (and units when shared)."""
        shares: list[Array | None] = []
        for place, (x, weights) in enumerate(self._pairs(inputs)):
            d_x = numbers.settle(gradient @ self._matrix(weights))
            outer = np.swapaxes(gradient, -1, -2) @ x
            d_weights = numbers.settle(np.swapaxes(outer, -1, -2) if self.from_to else outer)
            shares += [d_x.reshape(inputs[2 * place].shape), d_weights]
        for bias in inputs[2 * self.terms :]:
            summed = gradient.sum(axis=1)
            shares.append(numbers.settle(summed.sum(axis=-1) if bias.ndim == 1 else summed))
        return tuple(shares)

    def weight(self, node: Node, to: int, from_: int, term: int = 0) -> Quantity:
        """Return the weight that leads from input `from_` to unit `to`, as the author indexes it."""
        return node.parents[2 * term + 1].at(*((from_, to) if self.from_to else (to, from_)))

    def ends(self, index: Index) -> tuple[int, int]:
        """Return (to, from) of a weight's index."""
        first, second = index
        return (second, first) if self.from_to else (first, second)

    def bias(self, node: Node, to: int) -> Quantity | None:
        """Return the bias of unit `to`, if the layer has one."""
        place = 2 * self.terms
        if len(node.parents) <= place:
            return None
        return node.parents[place].at(to) if node.parent_shapes[place] else node.parents[place]

    def entering(self, node: Node, sample: int | None, from_: int, term: int = 0) -> Quantity:
        """Return input number `from_` of a term; in reading order where the input has several axes."""
        place = np.unravel_index(from_ - 1, node.parent_shapes[2 * term])
        return node.parent(2 * term, sample, *(int(axis) + 1 for axis in place))

    def element(self, node: Node, out: Quantity) -> Formula:
        """a_i = Σ_j w_ij x_j + b_i."""
        (to,) = out.index
        terms: list[Formula] = []
        for term in range(self.terms):
            for from_ in range(1, int(np.prod(node.parent_shapes[2 * term])) + 1):
                weight = Ref(self.weight(node, to, from_, term))
                entering = Ref(self.entering(node, out.sample, from_, term))
                terms.append(Product((entering, weight) if self.from_to else (weight, entering)))
        bias = self.bias(node, to)
        if bias is not None:
            terms.append(Ref(bias))
        return terms[0] if len(terms) == 1 else Sum(tuple(terms))

    def readers(self, node: Node, position: int, index: Index) -> Iterator[Index]:
        """An input is read by every unit, a weight by the unit it leads to, a bias by its unit (shared: by all)."""
        units = node.shape[0]
        if position == 2 * self.terms and index:
            yield index
        elif position < 2 * self.terms and position % 2:
            yield (self.ends(index)[0],)
        else:
            yield from ((unit,) for unit in range(1, units + 1))

    def partial(self, node: Node, out: Quantity, position: int, by: Quantity) -> Formula:
        """∂a_i/∂x_j = w_ij, ∂a_i/∂w_ij = x_j, ∂a_i/∂b_i = 1."""
        (to,) = out.index
        if position == 2 * self.terms:
            return Number(Fraction(1))
        term = position // 2
        if position % 2:
            return Ref(self.entering(node, out.sample, self.ends(by.index)[1], term))
        flat = np.ravel_multi_index(tuple(axis - 1 for axis in by.index), node.parent_shapes[position])
        return Ref(self.weight(node, to, int(flat) + 1, term))


@dataclass(frozen=True)
class Elementwise:
    """h = φ(a), elementwise, for an activation of the table.

    Attributes:
        activation: φ.
        fused: Whether the loss hands ∂L/∂a on itself, in the closed form of the two together.
    """

    activation: Activation
    fused: bool = False
    mixes_samples: bool = False

    def forward(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Array:
        """Any shape."""
        return settled(numbers, forward(self.activation, inputs[0], numbers))

    def backward(
        self, numbers: Arithmetic, gradient: Array, inputs: Sequence[Array], output: Array
    ) -> tuple[Array | None, ...]:
        """∂L/∂a = ∂L/∂h ∘ φ′(a)."""
        if self.fused:
            return (None,)
        return (
            numbers.settle(gradient * numbers.settle(slope(self.activation, inputs[0], output, numbers))),
        )

    def element(self, node: Node, out: Quantity) -> Formula:
        """h_i = φ(a_i)."""
        return self.activation.call(Ref(node.parent(0, out.sample, *out.index)))

    def readers(self, node: Node, position: int, index: Index) -> Iterator[Index]:
        """Each element is read by its own place."""
        yield index

    def partial(self, node: Node, out: Quantity, position: int, by: Quantity) -> Formula:
        """The textbook slope, in the output where the table says so: h(1 − h)."""
        return substitute(self.activation.slope, z=Ref(by), y=Ref(out))


@dataclass(frozen=True)
class SoftmaxLayer:
    """h = softmax(a) over the last axis: the units of a layer, or the tokens that one token attends to.

    Attributes:
        softmax: The record.
        diagonal: Keep only ∂h_k/∂a_k in the backward pass, as some lecture notes do.
        fused: Whether the loss hands ∂L/∂a on itself, in the closed form of the two together.
        causal: Whether row i is over its first i entries alone; the others are 0.
    """

    softmax: Softmax
    diagonal: bool = False
    fused: bool = False
    causal: bool = False
    mixes_samples: bool = False

    def forward(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Array:
        """(variants, samples, …, units), normalised over the last axis."""
        if not self.causal:
            return settled(numbers, forward(self.softmax, inputs[0], numbers))
        rows = numbers.zeros(inputs[0].shape)
        for row in range(rows.shape[-2]):
            rows[..., row, : row + 1] = forward(self.softmax, inputs[0][..., row, : row + 1], numbers)
        return settled(numbers, rows)

    def backward(
        self, numbers: Arithmetic, gradient: Array, inputs: Sequence[Array], output: Array
    ) -> tuple[Array | None, ...]:
        """∂L/∂a_j = h_j (g_j − Σ_k g_k h_k), or g_j h_j (1 − h_j) when only the diagonal is taken."""
        if self.fused:
            return (None,)
        if not self.causal:
            return (self._pulled(numbers, gradient, inputs[0], output),)
        rows = numbers.zeros(output.shape)
        for row in range(rows.shape[-2]):
            seen = (..., row, slice(row + 1))
            rows[seen] = self._pulled(numbers, gradient[seen], inputs[0][seen], output[seen])
        return (rows,)

    def _pulled(self, numbers: Arithmetic, gradient: Array, a: Array, h: Array) -> Array:
        if self.diagonal:
            return settled(numbers, gradient * numbers.settle(slope(self.softmax, a, h, numbers)))
        return settled(numbers, pull(self.softmax, a, h, gradient, numbers))

    def seen(self, node: Node, row: Index) -> range:
        """Return the entries of a row over which the softmax runs, counted from 1."""
        return range(1, (row[-1] if self.causal else node.shape[-1]) + 1)

    def element(self, node: Node, out: Quantity) -> Formula:
        """h_k = exp(a_k) / Σ_j exp(a_j)."""
        *row, unit = out.index
        seen = self.seen(node, tuple(row))
        if unit not in seen:
            return Number(Fraction(0))
        return self.softmax.output([Ref(node.parent(0, out.sample, *row, j)) for j in seen], unit)

    def readers(self, node: Node, position: int, index: Index) -> Iterator[Index]:
        """Every output reads every pre-activation of its row; in the diagonal form only its own counts."""
        *row, unit = index
        seen = self.seen(node, tuple(row))
        if unit not in seen:
            return
        if self.diagonal:
            yield index
        else:
            yield from ((*row, other) for other in seen)

    def partial(self, node: Node, out: Quantity, position: int, by: Quantity) -> Formula:
        """h_k(1 − h_k) on the diagonal, −h_k h_j beside it."""
        *row, unit = out.index
        outputs = [Ref(out.at(*row, other)) for other in range(1, node.shape[-1] + 1)]
        return self.softmax.jacobian(unit, by.index[-1], outputs)
