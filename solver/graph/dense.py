"""Operations of dense networks: the affine map, elementwise functions, softmax, and the loss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from solver.arithmetic import Arithmetic
from solver.formula import Formula, Negative, Number, Product, Ref, Sum, substitute
from solver.functions import (
    Activation,
    Combination,
    Loss,
    Softmax,
    combined_delta,
    combined_value,
    forward,
    loss_slope,
    loss_value,
    pull,
    slope,
)
from solver.graph.node import Array, Index, Node
from solver.quantities import Quantity


def settled(numbers: Arithmetic, values: Array) -> Array:
    """Return an array as the arithmetic hands it on: rounded by hand, long fractions as balls."""
    result: Array = numbers.settle(values)
    return result


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
class Affine:
    """a = W x + b, or a = x W + b when the weights are indexed from-to.

    Parents: x (in), W (out, in) or (in, out), and with a bias b (out), or () when one bias serves the whole layer.
    """

    from_to: bool = False
    mixes_samples: bool = False

    def _matrix(self, weights: Array) -> Array:
        """Return the weights as (variants, out, in)."""
        return np.swapaxes(weights, -1, -2) if self.from_to else weights

    def forward(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Array:
        """x: (variants, samples, in) -> (variants, samples, out)."""
        x, weights, *bias = inputs
        a = x @ np.swapaxes(self._matrix(weights), -1, -2)
        if bias:
            shared = bias[0].ndim == 1
            a = a + (bias[0][:, None, None] if shared else bias[0][:, None, :])
        return settled(numbers, a)

    def backward(
        self, numbers: Arithmetic, gradient: Array, inputs: Sequence[Array], output: Array
    ) -> tuple[Array | None, ...]:
        """∂L/∂x = Wᵀδ, ∂L/∂W = δ xᵀ summed over samples, ∂L/∂b = δ summed over samples (and units when shared)."""
        x, weights, *bias = inputs
        d_x = numbers.settle(gradient @ self._matrix(weights))
        outer = np.swapaxes(gradient, -1, -2) @ x
        d_weights = numbers.settle(np.swapaxes(outer, -1, -2) if self.from_to else outer)
        if not bias:
            return d_x, d_weights
        summed = gradient.sum(axis=1)
        return d_x, d_weights, numbers.settle(summed.sum(axis=-1) if bias[0].ndim == 1 else summed)

    def weight(self, node: Node, to: int, from_: int) -> Quantity:
        """Return the weight that leads from input `from_` to unit `to`, as the author indexes it."""
        return node.parents[1].at(*((from_, to) if self.from_to else (to, from_)))

    def ends(self, index: Index) -> tuple[int, int]:
        """Return (to, from) of a weight's index."""
        first, second = index
        return (second, first) if self.from_to else (first, second)

    def bias(self, node: Node, to: int) -> Quantity | None:
        """Return the bias of unit `to`, if the layer has one."""
        if len(node.parents) < 3:
            return None
        return node.parents[2].at(to) if node.parent_shapes[2] else node.parents[2]

    def element(self, node: Node, out: Quantity) -> Formula:
        """a_i = Σ_j w_ij x_j + b_i."""
        (to,) = out.index
        terms: list[Formula] = []
        for from_ in range(1, node.parent_shapes[0][0] + 1):
            weight, entering = Ref(self.weight(node, to, from_)), Ref(node.parent(0, out.sample, from_))
            terms.append(Product((entering, weight) if self.from_to else (weight, entering)))
        bias = self.bias(node, to)
        if bias is not None:
            terms.append(Ref(bias))
        return terms[0] if len(terms) == 1 else Sum(tuple(terms))

    def readers(self, node: Node, position: int, index: Index) -> Iterator[Index]:
        """An input is read by every unit, a weight by the unit it leads to, a bias by its unit (shared: by all)."""
        units = node.shape[0]
        if position == 1:
            yield (self.ends(index)[0],)
        elif position == 2 and index:
            yield index
        else:
            yield from ((unit,) for unit in range(1, units + 1))

    def partial(self, node: Node, out: Quantity, position: int, by: Quantity) -> Formula:
        """∂a_i/∂x_j = w_ij, ∂a_i/∂w_ij = x_j, ∂a_i/∂b_i = 1."""
        (to,) = out.index
        if position == 0:
            return Ref(self.weight(node, to, by.index[0]))
        if position == 1:
            return Ref(node.parent(0, out.sample, self.ends(by.index)[1]))
        return Number(Fraction(1))


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
        return (numbers.settle(gradient * numbers.settle(slope(self.activation, inputs[0], output, numbers))),)

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
    """h = softmax(a) over the units of a layer.

    Attributes:
        softmax: The record.
        diagonal: Keep only ∂h_k/∂a_k in the backward pass, as some lecture notes do.
        fused: Whether the loss hands ∂L/∂a on itself, in the closed form of the two together.
    """

    softmax: Softmax
    diagonal: bool = False
    fused: bool = False
    mixes_samples: bool = False

    def forward(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Array:
        """(variants, samples, units), normalised over the last axis."""
        return settled(numbers, forward(self.softmax, inputs[0], numbers))

    def backward(
        self, numbers: Arithmetic, gradient: Array, inputs: Sequence[Array], output: Array
    ) -> tuple[Array | None, ...]:
        """∂L/∂a_j = h_j (g_j − Σ_k g_k h_k), or g_j h_j (1 − h_j) when only the diagonal is taken."""
        if self.fused:
            return (None,)
        if self.diagonal:
            return (numbers.settle(gradient * numbers.settle(slope(self.softmax, inputs[0], output, numbers))),)
        return (numbers.settle(pull(self.softmax, inputs[0], output, gradient, numbers)),)

    def element(self, node: Node, out: Quantity) -> Formula:
        """h_k = exp(a_k) / Σ_j exp(a_j)."""
        (unit,) = out.index
        entering = [Ref(node.parent(0, out.sample, j)) for j in range(1, node.shape[0] + 1)]
        return self.softmax.output(entering, unit)

    def readers(self, node: Node, position: int, index: Index) -> Iterator[Index]:
        """Every output reads every pre-activation; in the diagonal form only its own counts."""
        if self.diagonal:
            yield index
        else:
            yield from ((unit,) for unit in range(1, node.shape[0] + 1))

    def partial(self, node: Node, out: Quantity, position: int, by: Quantity) -> Formula:
        """h_k(1 − h_k) on the diagonal, −h_k h_j beside it."""
        outputs = [Ref(out.at(unit)) for unit in range(1, node.shape[0] + 1)]
        return self.softmax.jacobian(out.index[0], by.index[0], outputs)


@dataclass(frozen=True)
class Penalty:
    """(l2 / 2) Σ w² over the weights of a network, as a term of the loss."""

    strength: Fraction


@dataclass(frozen=True)
class TotalLoss:
    """L = scale · Σ_samples Σ_outputs ℓ(y, t)  [ + (l2/2) Σ w² ], a scalar.

    Parents: y, t, with a `pair` the pre-activations below y, then the penalised weights.

    Attributes:
        loss: ℓ, a record of the table.
        scale: The factor, and the 1/outputs and 1/samples of means.
        samples: Number of samples.
        unit_targets: Whether the targets of every sample sum to 1, exactly.
        pair: The closed form of ∂L/∂a for ℓ and the last activation, which then are `fused`.
        penalty: The term of the weights.
    """

    loss: Loss
    scale: Fraction
    samples: int
    unit_targets: bool = False
    pair: Combination | None = None
    penalty: Penalty | None = None
    mixes_samples: bool = True

    def forward(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Array:
        """y, t: (variants, samples, outputs) -> (variants,)."""
        y, t, logits, weights = self._parts(inputs)
        scale = numbers.number(self.scale)
        if self.pair is None or logits is None:
            each = loss_value(self.loss, y, t, numbers)
        else:
            each = combined_value(self.pair, self.loss, logits, y, t, numbers)
        total = each.reshape(len(y), -1).sum(axis=-1) * scale
        if self.penalty is not None:
            half = numbers.number(self.penalty.strength / 2)
            for array in weights:
                total = total + (array * array).reshape(len(array), -1).sum(axis=-1) * half
        return settled(numbers, np.asarray(total))

    def backward(
        self, numbers: Arithmetic, gradient: Array, inputs: Sequence[Array], output: Array
    ) -> tuple[Array | None, ...]:
        """∂L/∂y = scale · ℓ′(y, t), and l2 · w for the penalised weights."""
        y, t, logits, weights = self._parts(inputs)
        scale = numbers.number(self.scale) * gradient.reshape((-1,) + (1,) * (y.ndim - 1))
        shares: list[Array | None] = [numbers.settle(loss_slope(self.loss, y, t, numbers) * scale), None]
        if self.pair is not None and logits is not None:
            shares.append(numbers.settle(combined_delta(self.pair, logits, y, t, numbers) * scale))
        if self.penalty is not None:
            strength = numbers.number(self.penalty.strength)
            shares += [numbers.settle(array * strength) for array in weights]
        return tuple(shares)

    @property
    def first_weight(self) -> int:
        """Position of the first penalised weight among the parents."""
        return 2 if self.pair is None else 3

    def _parts(self, inputs: Sequence[Array]) -> tuple[Array, Array, Array | None, Sequence[Array]]:
        """Return (y, t, pre-activations where they are used, penalised weights)."""
        logits = None if self.pair is None else inputs[2]
        return inputs[0], inputs[1], logits, inputs[self.first_weight :]

    def terms(self, node: Node) -> list[Formula]:
        """Return ℓ(y_k, t_k) for every output of every sample, in order."""
        found = []
        for sample in range(1, self.samples + 1):
            for place in np.ndindex(*node.parent_shapes[0]):
                index = tuple(axis + 1 for axis in place)
                y, t = (Ref(node.parent(position, sample, *index)) for position in (0, 1))
                found.append(substitute(self.loss.formula, y=y, t=t))
        return found

    def element(self, node: Node, out: Quantity) -> Formula:
        """The whole sum, term by term."""
        terms = self.terms(node)
        negative = isinstance(self.loss.formula, Negative)
        inner = tuple(t.operand if negative and isinstance(t, Negative) else t for t in terms)
        data = scaled(self.scale, inner[0] if len(inner) == 1 else Sum(inner))
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
        if self.pair is None or position != 2:
            yield ()

    def partial(self, node: Node, out: Quantity, position: int, by: Quantity) -> Formula:
        """scale · ℓ′(y, t) for an output, l2 · w for a penalised weight."""
        if position >= self.first_weight:
            assert self.penalty is not None
            return scaled(self.penalty.strength, Ref(by))
        target = node.parent(1, by.sample, *by.index)
        return scaled(self.scale, substitute(self.loss.slope, y=Ref(by), t=Ref(target)))

