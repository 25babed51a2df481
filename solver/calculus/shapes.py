"""The shape of every term of a dense network, in letters: (k × d)(d × n) = k × n.

Both conventions are right, and students mix them up: samples as columns (Z = W X + b) or as rows (Z = X W + b). Each
equation is data: its terms as products of shaped factors, so that a document can print letters and shapes under each
other. Inner dimensions are compared, not assumed: an equation whose shapes do not fit cannot be made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from solver.formula import Call, Formula, Ref
from solver.quantities import Quantity

Dimension = str | int
"""A number of units or samples, or its letter."""


class Layout(Enum):
    """Whether a sample is a column of the data matrix (W x) or a row of it (x W)."""

    COLUMNS = "W x"
    ROWS = "x W"


@dataclass(frozen=True, slots=True)
class Shape:
    """rows × columns."""

    rows: Dimension
    columns: Dimension

    @property
    def transposed(self) -> Shape:
        """The shape of the transpose."""
        return Shape(self.columns, self.rows)

    def __str__(self) -> str:
        return f"{self.rows} × {self.columns}"


@dataclass(frozen=True, slots=True)
class Shaped:
    """A matrix and its shape. The transpose is Call("transpose", (matrix,))."""

    matrix: Formula
    shape: Shape

    @property
    def transposed(self) -> Shaped:
        """The transpose with its shape."""
        return Shaped(Call("transpose", (self.matrix,)), self.shape.transposed)


class ShapeMismatch(ValueError):
    """The shapes of a product, a sum or a result do not fit.

    Args:
        left: Left factor or term.
        right: Right factor or term.
    """

    def __init__(self, left: Shape, right: Shape) -> None:
        super().__init__(f"{left} does not fit {right}")
        self.left = left
        self.right = right


@dataclass(frozen=True, slots=True)
class ShapeSum:
    """result = Σ terms, each term a matrix product of shaped factors, or their elementwise product.

    Attributes:
        result: The left-hand side.
        terms: The factors of each term, from left to right.
        elementwise: The factors meet entry by entry (∘): all shapes are equal.
        repeated: Places of terms that are one column (or row), repeated for every sample.
        summed: The result is one column (or row): the sum of the term over the samples.
    """

    result: Shaped
    terms: tuple[tuple[Shaped, ...], ...]
    elementwise: bool = False
    repeated: tuple[int, ...] = ()
    summed: bool = False

    def __post_init__(self) -> None:
        for place, term in enumerate(self.terms):
            shape = self.shape_of(term)
            if not (place in self.repeated or self.summed or shape == self.result.shape):
                raise ShapeMismatch(shape, self.result.shape)

    def shape_of(self, term: tuple[Shaped, ...]) -> Shape:
        """Return the shape of a term: outer dimensions, where the inner ones agree.

        Raises:
            ShapeMismatch: They do not.
        """
        shape = term[0].shape
        for factor in term[1:]:
            fits = shape == factor.shape if self.elementwise else shape.columns == factor.shape.rows
            if not fits:
                raise ShapeMismatch(shape, factor.shape)
            if not self.elementwise:
                shape = Shape(shape.rows, factor.shape.columns)
        return shape


def dense_shapes(
    widths: Sequence[Dimension] = ("d", "k"),
    samples: Dimension = "n",
    layout: Layout = Layout.COLUMNS,
    *,
    biases: bool = True,
) -> tuple[ShapeSum, ...]:
    """Return the equations of a chain of dense layers with the shape of every term, forward and then backward.

    Forward, for each layer: a = W h + b and h = f(a). Backward, from the last layer down: ∂L/∂W = δ hᵀ, ∂L/∂b = Σ δ,
    and where there is a layer below, ∂L/∂h = Wᵀ δ and δ = ∂L/∂h ∘ f′(a), with δ = ∂L/∂a. In rows every product is
    turned round: X W, hᵀ δ, δ Wᵀ.

    Args:
        widths: Number of inputs, then of the units of every layer; letters or numbers.
        samples: Number of samples.
        layout: Samples as columns or as rows.
        biases: Whether the layers have biases.
    """
    if len(widths) < 2:
        raise ValueError("a chain of layers needs an input and at least one layer")
    forward = [
        equation
        for layer in range(1, len(widths))
        for equation in _forward(layer, widths, samples, layout, biases)
    ]
    backward = [
        equation
        for layer in range(len(widths) - 1, 0, -1)
        for equation in _backward(layer, widths, samples, layout, biases)
    ]
    return (*forward, *backward)


def _data(base: str, layer: int, units: Dimension, samples: Dimension, layout: Layout) -> Shaped:
    quantity = Quantity(base, layer=layer) if layer else Quantity("x")
    shape = Shape(units, samples)
    return Shaped(Ref(quantity), shape if layout is Layout.COLUMNS else shape.transposed)


def _weights(layer: int, widths: Sequence[Dimension], layout: Layout) -> Shaped:
    shape = Shape(widths[layer], widths[layer - 1])
    return Shaped(Ref(Quantity("W", layer=layer)), shape if layout is Layout.COLUMNS else shape.transposed)


def _bias(layer: int, widths: Sequence[Dimension], layout: Layout) -> Shaped:
    shape = Shape(widths[layer], 1)
    return Shaped(Ref(Quantity("b", layer=layer)), shape if layout is Layout.COLUMNS else shape.transposed)


def _gradient(of: Shaped) -> Shaped:
    assert isinstance(of.matrix, Ref)
    assert isinstance(of.matrix.quantity, Quantity)
    return Shaped(Ref(of.matrix.quantity.gradient()), of.shape)


def _ordered(left: Shaped, right: Shaped, layout: Layout) -> tuple[Shaped, ...]:
    return (left, right) if layout is Layout.COLUMNS else (right, left)


def _forward(
    layer: int, widths: Sequence[Dimension], samples: Dimension, layout: Layout, biases: bool
) -> list[ShapeSum]:
    below = _data("h", layer - 1, widths[layer - 1], samples, layout)
    a = _data("a", layer, widths[layer], samples, layout)
    h = _data("h", layer, widths[layer], samples, layout)
    product = _ordered(_weights(layer, widths, layout), below, layout)
    activated = Shaped(Call("f", (a.matrix,)), a.shape)
    if not biases:
        return [ShapeSum(a, (product,)), ShapeSum(h, ((activated,),))]
    affine = ShapeSum(a, (product, (_bias(layer, widths, layout),)), repeated=(1,))
    return [affine, ShapeSum(h, ((activated,),))]


def _backward(
    layer: int, widths: Sequence[Dimension], samples: Dimension, layout: Layout, biases: bool
) -> list[ShapeSum]:
    below = _data("h", layer - 1, widths[layer - 1], samples, layout)
    delta = _gradient(_data("a", layer, widths[layer], samples, layout))
    weights = _weights(layer, widths, layout)
    equations = [ShapeSum(_gradient(weights), (_ordered(delta, below.transposed, layout),))]
    if biases:
        equations.append(ShapeSum(_gradient(_bias(layer, widths, layout)), ((delta,),), summed=True))
    if layer > 1:
        passed = _gradient(below)
        a = _data("a", layer - 1, widths[layer - 1], samples, layout)
        slope = Shaped(Call("f", (a.matrix,), 1), a.shape)
        equations.append(ShapeSum(passed, (_ordered(weights.transposed, delta, layout),)))
        equations.append(ShapeSum(_gradient(a), ((passed, slope),), elementwise=True))
    return equations
