"""What makes a layer: the affine map, what stands between it and its activation, the activation, and dropout after it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from solver.graph.dense import Elementwise, SoftmaxLayer
from solver.graph.node import Graph, Node
from solver.quantities import Quantity


@dataclass(frozen=True)
class Layer:
    """The nodes of one layer, in the order of the forward pass.

    Attributes:
        affine: a = W x + b.
        activation: h = φ(a), or φ of the scaled a where the layer normalises.
        mean: μ of the pre-activations; None, like the next three, where the layer does not normalise.
        variance: σ².
        normal: â = (a − μ)/√(σ² + ε).
        scaled: ã = γ â + β, which the activation reads.
        dropped: r u / p, where units are dropped after the activation.
    """

    affine: Node
    activation: Node
    mean: Node | None = None
    variance: Node | None = None
    normal: Node | None = None
    scaled: Node | None = None
    dropped: Node | None = None

    @property
    def before(self) -> Node:
        """What the activation reads."""
        return self.scaled or self.affine

    @property
    def output(self) -> Node:
        """What the layer gives to the next one, or to the loss."""
        return self.dropped or self.activation

    @property
    def parameters(self) -> tuple[Quantity, ...]:
        """Weights and biases, then scale and shift."""
        own = self.affine.parents[1:]
        return own if self.scaled is None else (*own, self.scaled.parents[0], self.scaled.parents[2])

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Its parameters, and all that it computes."""
        stages = (
            self.affine, self.mean, self.variance, self.normal, self.scaled, self.activation, self.dropped,
        )  # fmt: skip
        return (*self.parameters, *(stage.quantity for stage in stages if stage is not None))


def layer_of(graph: Graph, affine: Node) -> Layer:
    """Return the layer of an affine map."""

    def stage(base: str) -> Node | None:
        return graph.by_quantity.get(replace(affine.quantity, base=base))

    scaled = stage("s")
    before = scaled or affine
    activation = next(
        reader
        for reader, _ in graph.consumers[before.quantity]
        if isinstance(reader.operation, Elementwise | SoftmaxLayer)
    )
    dropped = stage("h") if activation.quantity.base == "u" else None
    if scaled is None:
        return Layer(affine, activation, dropped=dropped)
    return Layer(affine, activation, stage("mean"), stage("var"), stage("n"), scaled, dropped)
