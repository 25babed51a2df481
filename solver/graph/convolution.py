"""From a convolutional network's file to its graph: x → Z → A → P → dense layers → L.

What deep learning calls convolution is a cross-correlation: the kernel is not turned over. Padded places are zeros that
no one reads; a window is counted only where it lies inside the padded input. Names: `Z` (before f), `A`, `P` (pooled),
then `a1`, `h1`, … of the dense layers, which read the maps in reading order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from solver.arithmetic import Arithmetic
from solver.formula import Formula, Number, Product, Ref, Sum
from solver.graph.assembly import Assembly, activation_operation, finished, total_loss
from solver.graph.model import Model
from solver.graph.network import dense_layer
from solver.graph.node import Array, Index, Node, settled
from solver.graph.pooling import AveragePool, MaxPool
from solver.graph.windows import Windows
from solver.quantities import Quantity
from solver.spec.convolution import Convolution, ConvolutionProblem


@dataclass(frozen=True)
class Convolve:
    """Z[o, p] = Σ_c Σ_u K[o, c, u] x[c, p·stride + u − padding] + b[o], in one dimension or two.

    Parents: x (in channels, …), K (out channels, in channels, …), and with a bias b (out channels), or () when one bias
    serves all channels.

    Attributes:
        windows: Where the kernel lies.
    """

    windows: Windows
    mixes_samples: bool = False

    def _patches(self, numbers: Arithmetic, x: Array) -> Array:
        """Return what each window covers: (variants, samples, windows, in channels · kernel)."""
        covered = self.windows.gather(numbers, x)
        axes = len(self.windows.size)
        moved = np.moveaxis(covered, 2, 2 + axes)
        return moved.reshape(*x.shape[:2], self.windows.count, -1)

    def _rows(self, gradient: Array) -> Array:
        """Return a gradient as (variants, samples, windows, out channels)."""
        return np.swapaxes(gradient.reshape(*gradient.shape[:3], -1), -1, -2)

    def forward(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Array:
        """x: (variants, samples, in channels, …) -> (variants, samples, out channels, …)."""
        x, kernels, *bias = inputs
        matrix = kernels.reshape(*kernels.shape[:2], -1)[:, None]
        z = self._patches(numbers, x) @ np.swapaxes(matrix, -1, -2)
        if bias:
            z = z + bias[0].reshape(len(kernels), 1, 1, -1)
        maps = np.swapaxes(z, -1, -2).reshape(*x.shape[:2], kernels.shape[1], *self.windows.places)
        return settled(numbers, maps)

    def backward(
        self, numbers: Arithmetic, gradient: Array, inputs: Sequence[Array], output: Array
    ) -> tuple[Array | None, ...]:
        """∂L/∂K = Σ over windows of δ · patch, ∂L/∂x = Σ over the windows that cover it, ∂L/∂b = Σ δ."""
        x, kernels, *bias = inputs
        delta = self._rows(gradient)
        matrix = kernels.reshape(*kernels.shape[:2], -1)[:, None]
        by_kernel = (np.swapaxes(delta, -1, -2) @ self._patches(numbers, x)).sum(axis=1)
        covered = (delta @ matrix).reshape(*x.shape[:2], *self.windows.places, x.shape[2], *self.windows.size)
        by_input = self.windows.scatter(numbers, np.moveaxis(covered, 2 + len(self.windows.size), 2), x.shape)
        shares = [settled(numbers, by_input), settled(numbers, by_kernel.reshape(kernels.shape))]
        if bias:
            summed = delta.sum(axis=(1, 2))
            shares.append(settled(numbers, summed.sum(axis=-1) if bias[0].ndim == 1 else summed))
        return tuple(shares)

    def element(self, node: Node, out: Quantity) -> Formula:
        """Σ K x over the places of the window that lie on the input, then the bias."""
        channel, *place = out.index
        terms: list[Formula] = []
        for offset in np.ndindex(*node.parent_shapes[1][1:]):
            entering, *shift = (axis + 1 for axis in offset)
            covered = self.windows.covered(tuple(place), tuple(shift))
            if covered is not None:
                weight = Ref(node.parents[1].at(channel, entering, *shift))
                terms.append(Product((weight, Ref(node.parent(0, out.sample, entering, *covered)))))
        if len(node.parents) > 2:
            terms.append(Ref(node.parents[2].at(channel) if node.parent_shapes[2] else node.parents[2]))
        if not terms:  # the whole window lies on padding
            return Number(Fraction(0))
        return terms[0] if len(terms) == 1 else Sum(tuple(terms))

    def readers(self, node: Node, position: int, index: Index) -> Iterator[Index]:
        """An input is read by the windows that cover it, a weight by every window, a bias by its channel (or all)."""
        channels = range(1, node.shape[0] + 1)
        if position == 0:
            for channel in channels:
                for place, _ in self.windows.covering(index[1:]):
                    yield (channel, *place)
        elif position == 1:
            for place in self.windows.all_places():
                if self.windows.covered(place, index[2:]) is not None:
                    yield (index[0], *place)
        else:
            for channel in index or channels:
                for place in self.windows.all_places():
                    yield (channel, *place)

    def partial(self, node: Node, out: Quantity, position: int, by: Quantity) -> Formula:
        """∂Z/∂x is the weight that lies on x, ∂Z/∂K the input that lies under K, ∂Z/∂b = 1."""
        channel, *place = out.index
        if position == 0:
            shift = self.windows.shift(tuple(place), by.index[1:])
            return Ref(node.parents[1].at(channel, by.index[0], *shift))
        if position == 1:
            covered = self.windows.covered(tuple(place), by.index[2:])
            assert covered is not None
            return Ref(node.parent(0, out.sample, by.index[1], *covered))
        return Number(Fraction(1))


def convolution_model(problem: ConvolutionProblem) -> Model:
    """Return the graph of a convolutional network and its numbers."""
    table = problem.convolution
    parts = Assembly()
    x = parts.leaf(Quantity("x"), "input", table.inputs.shape, table.inputs, per_sample=True)
    entering = _maps(parts, table, x)
    if table.layers:
        parts.stations.append(entering)
    for number, layer in enumerate(table.layers, start=1):
        entering = dense_layer(parts, layer, number, entering, from_to=table.from_to)
        parts.stations.append(Quantity("a", number))
    target = parts.leaf(Quantity("t"), "target", parts.shape(entering), table.targets, per_sample=True)
    total_loss(parts, table.loss, [(entering, target)], samples=1, l2=table.l2)
    return finished(parts, table, words="convolution")


def _maps(parts: Assembly, table: Convolution, x: Quantity) -> Quantity:
    """Add Z, A and, where there is pooling, P; return the last of them."""
    channels, *sides = table.convolved_shape()
    windows = Windows(table.inputs.shape[1:], table.kernels.shape[2:], table.stride, table.padding)
    parents = [x, parts.leaf(Quantity("K"), "parameter", table.kernels.shape, table.kernels)]
    parents += parts.biases(Quantity("b"), channels, table.biases, table.bias)
    shape = (channels, *sides)
    z = parts.node(Quantity("Z"), Convolve(windows), parents, shape)
    maps = parts.node(Quantity("A"), activation_operation(table.activation), [z], shape)
    if table.layers or table.pool is not None:
        parts.stations.append(z)
    if table.pool is None:
        return maps
    pooled = Windows(tuple(sides), (table.pool.size,) * len(sides), table.pool.step)
    operation = MaxPool(pooled) if table.pool.kind == "max" else AveragePool(pooled)
    return parts.node(Quantity("P"), operation, [maps], table.pooled_shape())
