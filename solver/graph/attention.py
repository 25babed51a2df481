"""From an attention head's file to its graph: x → Q, K, V → S → P → O → L.

S are the scaled scores Q Kᵀ/√d, P the softmax of each row, O = P V. In a causal head a token attends to itself and to
those before it: the softmax of row i runs over its first i scores, the other entries of P are 0, and the scores that no
one reads have gradient 0.

Source: Vaswani et al. (2017), Attention is all you need, section 3.2.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

import numpy as np

from solver.arithmetic import Arithmetic, Values
from solver.formula import Call, Formula, Number, Product, Quotient, Ref, Sum
from solver.functions import SOFTMAX
from solver.graph.assembly import Assembly, finished, total_loss
from solver.graph.dense import SoftmaxLayer
from solver.graph.model import Model
from solver.graph.node import Array, Index, Node, settled
from solver.quantities import Quantity
from solver.spec.attention import AttentionProblem


@dataclass(frozen=True)
class Projection:
    """q_i = W x_i for each token i, or x_i W when the weights are indexed from-to. Parents: x (tokens, in), W."""

    from_to: bool = False
    mixes_samples: bool = False

    def _matrix(self, weights: Array) -> Array:
        """Return the weights as (variants, 1, out, in)."""
        return (np.swapaxes(weights, -1, -2) if self.from_to else weights)[:, None]

    def forward(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Array:
        """x: (variants, samples, tokens, in) -> (variants, samples, tokens, out)."""
        x, weights = inputs
        return settled(numbers, x @ np.swapaxes(self._matrix(weights), -1, -2))

    def backward(
        self, numbers: Arithmetic, gradient: Array, inputs: Sequence[Array], output: Array
    ) -> tuple[Array | None, ...]:
        """∂L/∂x = δ W, ∂L/∂W = Σ over tokens of δ xᵀ."""
        x, weights = inputs
        by_weights = (np.swapaxes(gradient, -1, -2) @ x).sum(axis=1)
        if self.from_to:
            by_weights = np.swapaxes(by_weights, -1, -2)
        return settled(numbers, gradient @ self._matrix(weights)), settled(numbers, by_weights)

    def _weight(self, node: Node, to: int, from_: int) -> Quantity:
        return node.parents[1].at(*((from_, to) if self.from_to else (to, from_)))

    def _ends(self, index: Index) -> tuple[int, int]:
        first, second = index
        return (second, first) if self.from_to else (first, second)

    def element(self, node: Node, out: Quantity) -> Formula:
        """q_ik = Σ_j w_kj x_ij."""
        token, to = out.index
        terms: list[Formula] = []
        for from_ in range(1, node.parent_shapes[0][-1] + 1):
            weight, entering = (
                Ref(self._weight(node, to, from_)),
                Ref(node.parent(0, out.sample, token, from_)),
            )
            terms.append(Product((entering, weight) if self.from_to else (weight, entering)))
        return _sum(terms)

    def readers(self, node: Node, position: int, index: Index) -> Iterator[Index]:
        """A token is read by its own row, a weight by the column that it leads to, in every row."""
        tokens, width = node.shape
        if position == 0:
            yield from ((index[0], to) for to in range(1, width + 1))
        else:
            yield from ((token, self._ends(index)[0]) for token in range(1, tokens + 1))

    def partial(self, node: Node, out: Quantity, position: int, by: Quantity) -> Formula:
        """∂q_ik/∂x_ij = w_kj, ∂q_ik/∂w_kj = x_ij."""
        token, to = out.index
        if position == 0:
            return Ref(self._weight(node, to, by.index[1]))
        return Ref(node.parent(0, out.sample, token, self._ends(by.index)[1]))


@dataclass(frozen=True)
class Scores:
    """S_ij = (Σ_k Q_ik K_jk) / √d. Parents: Q, K.

    Attributes:
        width: d, how many numbers a query has.
    """

    width: int
    mixes_samples: bool = False

    @property
    def root(self) -> Formula:
        """√d, as a number where it is whole."""
        whole = isqrt(self.width)
        return (
            Number(Fraction(whole))
            if whole**2 == self.width
            else Call("sqrt", (Number(Fraction(self.width)),))
        )

    def _scaled(self, numbers: Arithmetic, values: Values) -> Array:
        root = numbers.call("sqrt", numbers.number(self.width))
        return settled(numbers, numbers.call("divide", values, root))

    def forward(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Array:
        """(variants, samples, tokens, d) twice -> (variants, samples, tokens, tokens)."""
        return self._scaled(numbers, inputs[0] @ np.swapaxes(inputs[1], -1, -2))

    def backward(
        self, numbers: Arithmetic, gradient: Array, inputs: Sequence[Array], output: Array
    ) -> tuple[Array | None, ...]:
        """∂L/∂Q = δ K / √d, ∂L/∂K = δᵀ Q / √d."""
        queries, keys = inputs
        by_keys = np.swapaxes(gradient, -1, -2) @ queries
        return self._scaled(numbers, gradient @ keys), self._scaled(numbers, by_keys)

    def element(self, node: Node, out: Quantity) -> Formula:
        """(Σ_k Q_ik K_jk) / √d."""
        i, j = out.index
        terms: list[Formula] = [
            Product((Ref(node.parent(0, out.sample, i, k)), Ref(node.parent(1, out.sample, j, k))))
            for k in range(1, self.width + 1)
        ]
        return _sum(terms) if self.width == 1 else Quotient(_sum(terms), self.root)

    def readers(self, node: Node, position: int, index: Index) -> Iterator[Index]:
        """A query is read by its row of scores, a key by its column."""
        for other in range(1, node.shape[0] + 1):
            yield (index[0], other) if position == 0 else (other, index[0])

    def partial(self, node: Node, out: Quantity, position: int, by: Quantity) -> Formula:
        """∂S_ij/∂Q_ik = K_jk / √d, ∂S_ij/∂K_jk = Q_ik / √d."""
        i, j = out.index
        other = Ref(node.parent(1 - position, out.sample, j if position == 0 else i, by.index[1]))
        return other if self.width == 1 else Quotient(other, self.root)


@dataclass(frozen=True)
class Mixture:
    """O_ik = Σ_j P_ij V_jk: each token's mixture of values. Parents: P, V.

    Attributes:
        causal: Whether token i looks only at the values up to its own. The other weights are 0: they are left out where
            the sum is written, and ∂L/∂P is what it would be if they were not.
    """

    causal: bool = False
    mixes_samples: bool = False

    def forward(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Array:
        """(…, tokens, tokens), (…, tokens, width) -> (…, tokens, width)."""
        return settled(numbers, inputs[0] @ inputs[1])

    def backward(
        self, numbers: Arithmetic, gradient: Array, inputs: Sequence[Array], output: Array
    ) -> tuple[Array | None, ...]:
        """∂L/∂P = δ Vᵀ, ∂L/∂V = Pᵀ δ."""
        weights, values = inputs
        by_weights = settled(numbers, gradient @ np.swapaxes(values, -1, -2))
        return by_weights, settled(numbers, np.swapaxes(weights, -1, -2) @ gradient)

    def _seen(self, node: Node, row: int) -> range:
        return range(1, (row if self.causal else node.shape[0]) + 1)

    def element(self, node: Node, out: Quantity) -> Formula:
        """Σ_j P_ij V_jk."""
        i, k = out.index
        return _sum(
            [
                Product((Ref(node.parent(0, out.sample, i, j)), Ref(node.parent(1, out.sample, j, k))))
                for j in self._seen(node, i)
            ]
        )

    def readers(self, node: Node, position: int, index: Index) -> Iterator[Index]:
        """A weight is read by its row of outputs, a value by every row that looks at it."""
        tokens, width = node.shape
        if position == 0:
            yield from ((index[0], k) for k in range(1, width + 1))
        else:
            j, k = index
            yield from ((i, k) for i in range(1, tokens + 1) if j in self._seen(node, i))

    def partial(self, node: Node, out: Quantity, position: int, by: Quantity) -> Formula:
        """∂O_ik/∂P_ij = V_jk, ∂O_ik/∂V_jk = P_ij."""
        i, k = out.index
        if position == 0:
            return Ref(node.parent(1, out.sample, by.index[1], k))
        return Ref(node.parent(0, out.sample, i, by.index[0]))


def _sum(terms: list[Formula]) -> Formula:
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def attention_model(problem: AttentionProblem) -> Model:
    """Return the graph of an attention head and its numbers."""
    table = problem.attention
    parts = Assembly()
    tokens = table.inputs.shape[0]
    x = parts.leaf(Quantity("x"), "input", table.inputs.shape, table.inputs, per_sample=True)
    weights = {"q": table.query_weights, "k": table.key_weights, "v": table.value_weights}
    leaves = {
        letter: parts.leaf(Quantity(f"W{letter}"), "parameter", numbers.shape, numbers)
        for letter, numbers in weights.items()
    }
    queries, keys, values = (
        parts.node(
            Quantity(letter.upper()),
            Projection(table.from_to),
            [x, leaf],
            (tokens, table.width(weights[letter])),
        )
        for letter, leaf in leaves.items()
    )
    square = (tokens, tokens)
    scores = parts.node(Quantity("S"), Scores(table.width(table.query_weights)), [queries, keys], square)
    shares = parts.node(Quantity("P"), SoftmaxLayer(SOFTMAX, causal=table.causal), [scores], square)
    parts.stations += [queries, keys, values, scores, shares]
    outputs = parts.node(Quantity("O"), Mixture(table.causal), [shares, values], parts.shape(values))
    target = parts.leaf(Quantity("t"), "target", parts.shape(outputs), table.targets, per_sample=True)
    total_loss(parts, table.loss, [(outputs, target)], samples=1, l2=table.l2)
    return finished(parts, table, words="attention")
