"""`kind = "convolution"`: one convolution in one or two dimensions, pooling, then dense layers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from solver.spec.array import Array
from solver.spec.array_fields import Vector, array_reader, nested_schema
from solver.spec.base import ProblemFile
from solver.spec.choices import ActivationChoice, ActivationField
from solver.spec.dense import Layer
from solver.spec.fields import AnyNumber, Padding, Size
from solver.spec.model import Model
from solver.spec.training import Training

_INPUTS = "channels x height x width (or channels x length): [[[…], […]]]"
_KERNELS = "out x in x height x width (or out x in x length): [[[[…], […]]]]"
ImageField = Annotated[
    Array, PlainValidator(array_reader(2, 3, expected=_INPUTS)), WithJsonSchema(nested_schema(2, 3))
]
KernelField = Annotated[
    Array, PlainValidator(array_reader(3, 4, expected=_KERNELS)), WithJsonSchema(nested_schema(3, 4))
]
TargetField = Annotated[Array, PlainValidator(array_reader(1, 2, 3)), WithJsonSchema(nested_schema(1, 2, 3))]


class Pool(Model):
    """Pooling over windows of the activations."""

    kind: Literal["max", "average"] = Field(description="What is taken of each window.", examples=["max"])
    size: Size = Field(description="Side of the window.", examples=[2])
    stride: Size | None = Field(
        None, description="Distance between windows; left out: the size.", examples=[2]
    )

    @property
    def step(self) -> int:
        """Distance between windows."""
        return self.size if self.stride is None else self.stride


class Convolution(Training):
    """Z = K ∗ x + b (cross-correlation, as everywhere in deep learning), A = f(Z), P = pooled A."""

    inputs: ImageField = Field(
        description="Channels x height x width; in one dimension: channels x length.",
        examples=[[[[1, 2, 0], [0, 1, 3], [2, 1, 1]]]],
    )
    targets: TargetField = Field(description="One number per output.", examples=[[1]])
    kernels: KernelField = Field(
        description="Out x in x height x width; in one dimension: out x in x length.",
        examples=[[[[[0.5, -0.5], [0.2, 0.1]]]]],
    )
    biases: Vector | None = Field(
        None, description="One per output channel; left out: none.", examples=[[0.1]]
    )
    bias: AnyNumber | None = Field(None, description="One bias shared by all channels.")
    stride: Size = Field(1, description="Distance between windows.")
    padding: Padding = Field(0, description="Rows and columns of zeros around the inputs.")
    activation: ActivationField = Field(ActivationChoice("linear"), description="The activation by name.")
    pool: Pool | None = Field(None, description="Pooling after the activation.")
    layers: tuple[Layer, ...] = Field((), alias="layer", description="Dense layers after flattening.")

    @property
    def spatial(self) -> int:
        """How many spatial dimensions there are, 1 or 2."""
        return self.inputs.ndim - 1

    def convolved_shape(self) -> tuple[int, ...]:
        """Return the shape of Z: channels, then ⌊(n + 2 padding − k) / stride⌋ + 1 along each side; 0: does not fit."""
        sides = zip(self.inputs.shape[1:], self.kernels.shape[2:], strict=False)
        return (self.kernels.shape[0], *(windows(n + 2 * self.padding, k, self.stride) for n, k in sides))

    def pooled_shape(self) -> tuple[int, ...]:
        """Return the shape of P, or of A where nothing is pooled."""
        channels, *sides = self.convolved_shape()
        if self.pool is None:
            return (channels, *sides)
        return (channels, *(windows(n, self.pool.size, self.pool.step) for n in sides))


def windows(length: int, size: int, stride: int) -> int:
    """Return ⌊(length − size) / stride⌋ + 1, how many windows fit; 0 where none does."""
    return (length - size) // stride + 1 if size <= length else 0


class ConvolutionProblem(ProblemFile):
    """A problem about a convolutional network."""

    kind: Literal["convolution"]
    convolution: Convolution = Field(description="The convolution, the layers after it and their training.")

    @property
    def body(self) -> Convolution:
        """The kind's own table."""
        return self.convolution

    @property
    def symbolic(self) -> bool:
        """Whether the problem has letters instead of numbers: never, for this kind."""
        return False
