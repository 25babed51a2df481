"""The kinds of array that a field of a file can hold; a file without arrays is read without numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from solver.spec.array import Array, read_array
from solver.spec.fields import is_lenient


def array_reader(*ranks: int, expected: str = "") -> Callable[[object, ValidationInfo], Array]:
    """Return a reader of arrays with one of these numbers of axes."""

    def read(value: object, info: ValidationInfo) -> Array:
        if isinstance(value, Array) and value.ndim in ranks:
            return value
        return read_array(value, ranks, expected, is_lenient(info))

    return read


def nested_schema(*ranks: int) -> dict[str, Any]:
    """Return the JSON Schema of lists of numbers nested so deep."""

    def nested(rank: int) -> dict[str, Any]:
        return {"type": "array", "minItems": 1, "items": nested(rank - 1)} if rank else {"type": "number"}

    return nested(ranks[0]) if len(ranks) == 1 else {"anyOf": [nested(rank) for rank in ranks]}


Vector = Annotated[Array, PlainValidator(array_reader(1)), WithJsonSchema(nested_schema(1))]
Matrix = Annotated[Array, PlainValidator(array_reader(2)), WithJsonSchema(nested_schema(2))]
VectorOrRows = Annotated[Array, PlainValidator(array_reader(1, 2)), WithJsonSchema(nested_schema(1, 2))]
