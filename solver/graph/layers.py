"""What a dense layer may do beside its affine map and its activation: normalise, and drop units out.

The order within layer k is a → (normalised) → activation → (dropout), each stage an array of its own:

    a1      W x + b, as always
    mean1   the mean of a1: over the units of a sample (layer normalisation), or of a unit over the samples (batch)
    var1    the mean squared distance from it; divided by n, as while training
    n1      (a1 − mean1) / √(var1 + ε)
    s1      γ n1 + β, which the activation reads; `gamma1` and `beta1` are trained, 1 and 0 where the file gives none
    u1      the activation, where dropout follows
    h1      what the layer gives: the activation, or after dropout m u1 / keep (inverted dropout, so that nothing is
            scaled when the network is used)

So the backward pass is that of the papers, stage by stage: the three ways by which a1 reaches n1 are three paths. Mask,
keep and ε are constants: given numbers that nothing is differentiated by.

Source: Ba, Kiros, Hinton (2016), Layer normalization; Ioffe, Szegedy (2015), Batch normalization; Srivastava et al.
(2014), Dropout.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from solver.arithmetic import Arithmetic
from solver.formula import Formula, Negative, Number, Product, Quotient, Ref, Sum
from solver.formula.parser import parse
from solver.graph.assembly import Assembly, filled, scalar
from solver.graph.node import Array, Index, Node, settled
from solver.graph.pointwise import Pointwise
from solver.quantities import Quantity
from solver.spec.dense import Layer

Over = Literal["layer", "batch"]
"""Over what the mean is taken: the units of each sample, or the samples of each unit."""

_SAMPLES, _UNITS = 1, 2  # axes of (variants, samples, units)


@dataclass(frozen=True)
class _Moment:
    """A mean over the units of each sample, or over the samples of each unit.

    Attributes:
        over: Which.
        count: n, how many numbers the mean is of.
    """

    over: Over
    count: int

    @property
    def mixes_samples(self) -> bool:
        """Whether it reads all samples."""
        return self.over == "batch"

    @property
    def axis(self) -> int:
        """The axis over which the mean is taken."""
        return _SAMPLES if self.over == "batch" else _UNITS

    def _mean(self, numbers: Arithmetic, values: Array) -> Array:
        return settled(numbers, np.asanyarray(values.sum(axis=self.axis)) / numbers.number(self.count))

    def _members(self, node: Node, out: Quantity) -> list[Quantity]:
        """Return what one mean is of."""
        if self.over == "batch":
            return [node.parent(0, sample, *out.index) for sample in range(1, self.count + 1)]
        return [node.parent(0, out.sample, unit) for unit in range(1, self.count + 1)]

    def _divided(self, terms: Sequence[Formula]) -> Formula:
        total = terms[0] if len(terms) == 1 else Sum(tuple(terms))
        return Quotient(total, Number(Fraction(self.count)))

    def readers(self, node: Node, position: int, index: Index) -> Iterator[Index]:
        """A unit is read by its own mean (batch), or by that of its sample (layer)."""
        yield index if self.over == "batch" else ()


@dataclass(frozen=True)
class Mean(_Moment):
    """m = (1/n) Σ a. Parent: a."""

    def forward(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Array:
        """(variants, samples, units) -> (variants, samples) or (variants, units)."""
        return self._mean(numbers, inputs[0])

    def backward(
        self, numbers: Arithmetic, gradient: Array, inputs: Sequence[Array], output: Array
    ) -> tuple[Array | None, ...]:
        """∂L/∂a = (1/n) ∂L/∂m."""
        share = np.expand_dims(gradient, self.axis) / numbers.number(self.count)
        return (settled(numbers, share + numbers.zeros(inputs[0].shape)),)

    def element(self, node: Node, out: Quantity) -> Formula:
        """(1/n) Σ a_j."""
        return self._divided([Ref(member) for member in self._members(node, out)])

    def partial(self, node: Node, out: Quantity, position: int, by: Quantity) -> Formula:
        """1/n."""
        return Number(Fraction(1, self.count))


@dataclass(frozen=True)
class Variance(_Moment):
    """v = (1/n) Σ (a − m)². Parents: a, m.

    Nothing is handed to m: ∂v/∂m = −(2/n) Σ (a − m) is 0, whatever a is.
    """

    def forward(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Array:
        """(variants, samples, units) -> (variants, samples) or (variants, units)."""
        return self._mean(numbers, self._distance(inputs) ** 2)

    def _distance(self, inputs: Sequence[Array]) -> Array:
        distance: Array = inputs[0] - np.expand_dims(inputs[1], self.axis)
        return distance

    def backward(
        self, numbers: Arithmetic, gradient: Array, inputs: Sequence[Array], output: Array
    ) -> tuple[Array | None, ...]:
        """∂L/∂a = (2/n) (a − m) ∂L/∂v."""
        share = np.expand_dims(gradient, self.axis) * numbers.number(Fraction(2, self.count))
        return settled(numbers, share * self._distance(inputs)), None

    def element(self, node: Node, out: Quantity) -> Formula:
        """(1/n) Σ (a_j − m)²."""
        mean = Ref(node.parent(1, out.sample, *out.index))
        return self._divided([(Ref(member) - mean) ** 2 for member in self._members(node, out)])

    def readers(self, node: Node, position: int, index: Index) -> Iterator[Index]:
        """As of a mean; what reads m has slope 0 in it and counts as no reader."""
        if position == 0:
            yield from super().readers(node, position, index)

    def partial(self, node: Node, out: Quantity, position: int, by: Quantity) -> Formula:
        """(2/n) (a_j − m)."""
        mean = Ref(node.parent(1, out.sample, *out.index))
        distance = Sum((Ref(by), Negative(mean)))
        return Quotient(Product((Number(Fraction(2)), distance)), Number(Fraction(self.count)))


_EACH: dict[Over, tuple[int, ...]] = {"layer": (_UNITS,), "batch": (_SAMPLES,)}
NORMALISED = {
    over: Pointwise(
        parse("(a - m)/sqrt(v + e)"), ("a", "m", "v", "e"), ((), lacking, lacking, (_SAMPLES, _UNITS))
    )
    for over, lacking in _EACH.items()
}
"""n = (a − m) / √(v + ε)."""

SCALED = Pointwise(parse("g*n + b"), ("g", "n", "b"), ((_SAMPLES,), (), (_SAMPLES,)))
"""s = γ n + β."""

_DROPPED = parse("m*u/k")


def normalised(parts: Assembly, layer: Layer, number: int, before: Quantity, samples: int) -> Quantity:
    """Add the normalisation of a layer's pre-activations; return what the activation reads."""
    if layer.normalize is None:
        return before
    (units,) = parts.shape(before)
    over: Over = layer.normalize
    count, shape = (samples, (units,)) if over == "batch" else (units, ())
    per_sample = over == "layer"
    mean = parts.node(Quantity("mean", number), Mean(over, count), [before], shape, per_sample=per_sample)
    variance = parts.node(
        Quantity("var", number), Variance(over, count), [before, mean], shape, per_sample=per_sample
    )
    epsilon = parts.leaf(Quantity("epsilon", number), "constant", (), scalar(layer.epsilon))
    scale = parts.leaf(Quantity("gamma", number), "parameter", (units,), layer.gamma or filled(1, units))
    shift = parts.leaf(Quantity("beta", number), "parameter", (units,), layer.beta or filled(0, units))
    inner = parts.node(Quantity("n", number), NORMALISED[over], [before, mean, variance, epsilon], (units,))
    parts.stations += [before, mean, variance, inner]
    return parts.node(Quantity("s", number), SCALED, [scale, inner, shift], (units,))


def dropped(parts: Assembly, layer: Layer, number: int, active: Quantity) -> Quantity:
    """Add the dropout of a layer's activations as h: m u / keep."""
    assert layer.dropout is not None
    (units,) = parts.shape(active)
    rows = layer.dropout.ndim == 2
    mask = parts.leaf(Quantity("mask", number), "constant", (units,), layer.dropout, per_sample=rows)
    keep = parts.leaf(
        Quantity("keep", number), "constant", (), scalar(1 if layer.keep is None else layer.keep)
    )
    spread = (() if rows else (_SAMPLES,), (), (_SAMPLES, _UNITS))
    return parts.node(
        Quantity("h", number), Pointwise(_DROPPED, ("m", "u", "k"), spread), [mask, active, keep], (units,)
    )
