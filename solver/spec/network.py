"""`kind = "network"`: dense layers, with numbers or, where `inputs` is a count, with letters alone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PlainValidator, ValidationInfo, WithJsonSchema

from solver.spec.array import Array
from solver.spec.array_fields import array_reader, nested_schema
from solver.spec.base import ProblemFile
from solver.spec.dense import Layer
from solver.spec.fields import MOST_UNITS, count_reader
from solver.spec.training import Training

_read_rows = array_reader(1, 2)
_read_units = count_reader(
    f"a list of numbers, rows of numbers, or a count from 1 to {MOST_UNITS:,}", 1, MOST_UNITS
)


def read_rows_or_count(value: object, info: ValidationInfo) -> Array | int:
    """Return one sample as a list, several as rows, or a count of units for a symbolic problem."""
    return _read_rows(value, info) if isinstance(value, (list, Array)) else _read_units(value)


RowsOrCount = Annotated[
    Array | int,
    PlainValidator(read_rows_or_count),
    WithJsonSchema({"anyOf": [*nested_schema(1, 2)["anyOf"], {"type": "integer", "minimum": 1}]}),
]


class Network(Training):
    """A chain of dense layers."""

    inputs: RowsOrCount = Field(
        description="One sample, or rows of samples; a count of units makes the problem symbolic.",
        examples=[[2, 5, 3, 3], [[0, 1], [1, 1]], 4],
    )
    targets: RowsOrCount | None = Field(
        None, description="What the outputs should be, in rows like the inputs.", examples=[[1, 0]]
    )
    layers: tuple[Layer, ...] = Field(
        (), alias="layer", description="The layers, from the inputs to the outputs."
    )

    @property
    def symbolic(self) -> bool:
        """Whether the problem has letters instead of numbers."""
        return isinstance(self.inputs, int)

    @property
    def sample_axis(self) -> bool:
        """Whether the inputs are rows, so that every per-sample array has the sample as its first axis."""
        return isinstance(self.inputs, Array) and self.inputs.ndim == 2

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return self.inputs.shape[0] if isinstance(self.inputs, Array) and self.inputs.ndim == 2 else 1

    @property
    def input_units(self) -> int:
        """How many inputs the first layer has."""
        return self.inputs if isinstance(self.inputs, int) else self.inputs.shape[-1]


class NetworkProblem(ProblemFile):
    """A problem about a dense network."""

    kind: Literal["network"] = "network"
    network: Network = Field(description="The network and its training.")

    @property
    def body(self) -> Network:
        """The kind's own table."""
        return self.network

    @property
    def symbolic(self) -> bool:
        """Whether the problem has letters instead of numbers."""
        return self.network.symbolic
