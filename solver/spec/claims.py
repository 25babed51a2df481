"""Figures that a published solution prints, with the digits that it prints."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PlainValidator, ValidationInfo, WithJsonSchema

from solver.spec.array import Array, read_array
from solver.spec.fields import Size, is_lenient
from solver.spec.findings import MOST_DIGITS, described
from solver.spec.model import Model
from solver.spec.text import Line, Name

_NUMBER = re.compile(
    r"\s*([+\-\u2212\u2013]?)((?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+\-\u2212]?[0-9]{1,4})?)\s*\Z"
)
_EXPECTED = 'a number as printed, as in "0.50", or nested lists of them'


@dataclass(frozen=True, eq=False)
class Printed(Array):
    """Numbers as a source prints them.

    Attributes:
        texts: Object array of the figures as written in the file, in the same shape; `exact` keeps their digits too
            (Decimal("0.50") has two decimals).
    """

    texts: NDArray[np.object_] = field(default_factory=lambda: np.array("", dtype=object))

    def __reduce__(self) -> tuple[type[Printed], tuple[NDArray[np.object_], NDArray[np.object_]]]:  # type: ignore[override]
        return Printed, (self.exact, self.texts)


def read_printed(value: object, info: ValidationInfo) -> Printed:
    """Return a printed number, or nested lists of them; text keeps its digits ("0.50", "−0,204", "1e-3").

    Raises:
        RefusedError: Text that is no number, or lists that are ragged, empty or too deep.
    """
    if isinstance(value, Printed):
        return value
    numbers = read_array(_numbers(value), range(5), _EXPECTED, is_lenient(info))
    texts = np.empty(numbers.size, dtype=object)
    texts[:] = _texts(value)
    return Printed(numbers.exact, texts.reshape(numbers.shape))


def printed_number(text: str) -> Decimal | None:
    """Return the number that a text prints, its digits kept, or None; a typographic minus is a minus, a comma a point."""
    match = _NUMBER.match(text) if len(text) <= MOST_DIGITS else None
    if match is None:
        return None
    sign = "" if match[1] in ("", "+") else "-"
    return Decimal(sign + match[2].replace("\u2212", "-").replace(",", "."))


def _numbers(value: object) -> object:
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    number = printed_number(value) if isinstance(value, str) else None
    return value if number is None else number


def _texts(value: object) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value.strip() if isinstance(value, str) else described(value)]


_FIGURE: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string"}]}
_FIGURES: dict[str, Any] = {"anyOf": [*_FIGURE["anyOf"], {"type": "array", "minItems": 1}]}


class Claim(Model):
    """A figure that a published solution prints, for `check`."""

    quantity: Name = Field(description="The quantity.", examples=["dL/dW1[3,1]"])
    value: Annotated[Printed, PlainValidator(read_printed), WithJsonSchema(_FIGURES)] = Field(
        description="The figure as printed: a string keeps its digits; nested lists for an array.",
        examples=["0.001595", [["0.306", "0.12"]]],
    )
    where: Line = Field("", description="Its place in the source.", examples=["step 6"])
    step: Size = Field(1, description="The update step that it belongs to.")
