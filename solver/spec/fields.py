"""The kinds of number that a field of a file can hold: counts and numbers within bounds; `array_fields` has arrays.

Each is a type for pydantic whose validator is ours: a message names what was found and what is expected in a teacher's
words, and nothing is converted silently (`true` is no number, `"3"` is no count, 2.0 is no count).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, cast

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from solver.spec.findings import described, refused
from solver.spec.number import fault_of_number

Number = int | Decimal
"""A number as typed: its digits survive."""


@dataclass
class Reading:
    """What one pass of validation notes and how strict it is.

    Attributes:
        lenient: The second pass, made to find what else is wrong: an unusable number in an array counts as 0.
        models: By the id of a table's dict, the model that read it: what an unknown key could have been.
    """

    lenient: bool = False
    models: dict[int, type] = field(default_factory=dict)


def is_lenient(info: ValidationInfo) -> bool:
    """Return whether this pass only looks for further faults."""
    return isinstance(info.context, Reading) and info.context.lenient


def number_reader(
    expected: str = "a number", least: int | None = None, above: int | None = None, most: int | None = None
) -> Callable[[object], Number]:
    """Return a reader of one finite number within bounds."""

    def read(value: object) -> Number:
        fault = fault_of_number(value)
        if fault:
            raise refused(found=fault[0], expected=expected if fault[1] == "a number" else fault[1])
        number = cast("Number", value)
        if (
            (least is not None and number < least)
            or (above is not None and number <= above)
            or (most is not None and number > most)
        ):
            raise refused(found=described(number), expected=expected)
        return number

    return read


def count_reader(expected: str, least: int, most: int) -> Callable[[object], int]:
    """Return a reader of a whole number within bounds."""

    def read(value: object) -> int:
        if type(value) is not int or not least <= value <= most:
            raise refused(found=described(value), expected=expected)
        return value

    return read


AnyNumber = Annotated[Number, PlainValidator(number_reader()), WithJsonSchema({"type": "number"})]
NotNegative = Annotated[
    Number,
    PlainValidator(number_reader("a number, 0 or more", least=0)),
    WithJsonSchema({"type": "number", "minimum": 0}),
]
Positive = Annotated[
    Number,
    PlainValidator(number_reader("a number above 0", above=0)),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0}),
]
Decay = Annotated[
    Number,
    PlainValidator(number_reader("a number from 0 to 1", least=0, most=1)),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]
Share = Annotated[
    Number,
    PlainValidator(number_reader("a number above 0 and at most 1", above=0, most=1)),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 1}),
]


def read_flag(value: object) -> bool:
    """Return true or false as the file gives it; 0 and 1 are numbers."""
    if not isinstance(value, bool):
        raise refused(found=described(value), expected="true or false")
    return value


Flag = Annotated[bool, PlainValidator(read_flag), WithJsonSchema({"type": "boolean"})]

MOST_UNITS = 100_000
Units = Annotated[
    int,
    PlainValidator(count_reader(f"a count of units, 1 to {MOST_UNITS:,}", 1, MOST_UNITS)),
    WithJsonSchema({"type": "integer", "minimum": 1}),
]
MOST_STEPS = 10_000
Steps = Annotated[
    int,
    PlainValidator(count_reader(f"a count of update steps, 1 to {MOST_STEPS:,}", 1, MOST_STEPS)),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_STEPS}),
]
Size = Annotated[
    int,
    PlainValidator(count_reader("a whole number, 1 or more", 1, 10**6)),
    WithJsonSchema({"type": "integer", "minimum": 1}),
]
Padding = Annotated[
    int,
    PlainValidator(count_reader("a whole number, 0 or more", 0, 10**6)),
    WithJsonSchema({"type": "integer", "minimum": 0}),
]
MOST_VARIANTS = 1_000_000
Variants = Annotated[
    int,
    PlainValidator(count_reader(f"a count, 1 to {MOST_VARIANTS:,}", 1, MOST_VARIANTS)),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_VARIANTS}),
]
Seed = Annotated[
    int,
    PlainValidator(count_reader("a whole number, 0 or more, below 2^63", 0, 2**63 - 1)),
    WithJsonSchema({"type": "integer", "minimum": 0}),
]
