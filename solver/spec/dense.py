"""One dense layer, as it stands in a network and after a convolution."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PlainValidator, ValidationInfo, WithJsonSchema

from solver.spec.array import Array
from solver.spec.array_fields import Matrix, Vector, VectorOrRows, array_reader, nested_schema
from solver.spec.choices import ActivationChoice, ActivationField
from solver.spec.fields import AnyNumber, NotNegative, Share, Units
from solver.spec.model import Model

_read_vector = array_reader(1)


def read_biases(value: object, info: ValidationInfo) -> Array | Literal[True]:
    """Return a list of biases; `true` is the biases of a symbolic layer, which have no numbers."""
    return True if value is True else _read_vector(value, info)


Biases = Annotated[
    Array | Literal[True],
    PlainValidator(read_biases),
    WithJsonSchema({"anyOf": [nested_schema(1), {"const": True}]}),
]


class Layer(Model):
    """A dense layer: a = W x + b, then normalisation, activation and dropout where they are given."""

    weights: Matrix | None = Field(
        None,
        description='One row per unit (weight_order "to-from") or per input ("from-to").',
        examples=[[[0.1, -0.2], [0.3, 0.4]]],
    )
    units: Units | None = Field(
        None, description="In a symbolic problem, instead of weights: how many units."
    )
    biases: Biases | None = Field(
        None, description="One bias per unit; left out: none. In a symbolic problem: true.", examples=[[0, 0]]
    )
    bias: AnyNumber | None = Field(None, description="One bias shared by the whole layer.", examples=[0.35])
    activation: ActivationField = Field(
        ActivationChoice("linear"), description="The activation by name, or a table with its parameters."
    )
    normalize: Literal["layer", "batch"] | None = Field(
        None, description="Normalises the pre-activations over the layer's units, or over the samples."
    )
    gamma: Vector | None = Field(None, description="Scale after normalising, one per unit; left out: 1.")
    beta: Vector | None = Field(None, description="Shift after normalising, one per unit; left out: 0.")
    epsilon: NotNegative = Field(Decimal("1e-5"), description="Added to the variance.")
    dropout: VectorOrRows | None = Field(
        None, description="A mask of 0 and 1, one per unit, or a row per sample.", examples=[[1, 0, 1]]
    )
    keep: Share | None = Field(
        None,
        description="Probability with which the mask keeps a unit: what is kept is divided by it; left out: 1.",
    )

    def unit_count(self, from_to: bool) -> int | None:
        """Return the number of units; None where the file tells neither weights nor units."""
        if self.weights is not None:
            return self.weights.shape[1 if from_to else 0]
        return self.units

    def input_count(self, from_to: bool) -> int | None:
        """Return the number of inputs that the weights take; None for a symbolic layer."""
        return None if self.weights is None else self.weights.shape[0 if from_to else 1]
