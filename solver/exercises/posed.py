"""What a question has become: what stands in the sheet, what stands in the key, and the answers that marking goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from solver.document.nodes import Block
from solver.errors import InputError
from solver.notation import math as m

if TYPE_CHECKING:
    from solver.exercises.choices import Option


class UnaskableError(InputError):
    """These very numbers cannot be asked about in this form; other numbers of the same problem may."""


@dataclass(frozen=True)
class Marked:
    """One answer as marking knows it.

    Attributes:
        quantity: Its name in the contract; "line" and "value" for the number of a wrong line and what is right there.
        value: The right answer.
        low: The smallest number that is accepted.
        high: The largest one.
        points: What it is worth.
        shown: As the key prints it.
        label: How a table of many variants calls it.
        options: What could be chosen, where there was a choice.
        extra: What else marking wants to know: the mistake that was planted, the quantity that a value is "of".
    """

    quantity: str
    value: float
    low: float
    high: float
    points: Decimal
    shown: m.Math
    label: m.Math
    options: tuple[Option, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Posed:
    """A question for one sheet.

    Attributes:
        title: Heading.
        points: Of the whole question.
        sheet: What a student reads.
        key: What a marker reads.
        answers: What is asked for; none in a symbolic problem.
    """

    title: str
    points: Decimal
    sheet: tuple[Block, ...]
    key: tuple[Block, ...]
    answers: tuple[Marked, ...]
