"""What is drawn anew for every variant of a problem, and what every variant must satisfy.

These are the models alone; the drawing is done elsewhere, from the seed, the problem and the variant's number.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from solver.spec.fields import AnyNumber, Flag, NotNegative, Number, Positive, Seed, Variants
from solver.spec.findings import described, refused
from solver.spec.model import Model
from solver.spec.text import Name


def read_true(value: object) -> Literal[True]:
    """Return true; there is nothing else that a one-hot draw could be."""
    if value is not True:
        raise refused(found=described(value), expected="true")
    return True


class RangeDraw(Model):
    """One of low, low + step, low + 2 step, … up to high, for each number of the array."""

    low: AnyNumber = Field(description="The smallest number that can be drawn.", examples=[-0.5])
    high: AnyNumber = Field(description="No number above this one is drawn.", examples=[0.5])
    step: Positive | None = Field(
        None,
        description="Distance between two numbers; left out: one unit in the last digit typed of low and high.",
    )
    exclude: tuple[AnyNumber, ...] = Field((), description="Numbers that are never drawn.", examples=[[0]])

    @property
    def grid(self) -> Number:
        """The distance between two numbers that can be drawn."""
        if self.step is not None:
            return self.step
        exponents = (Decimal(number).as_tuple().exponent for number in (self.low, self.high))
        lowest = min(exponent for exponent in exponents if isinstance(exponent, int))
        return Decimal(1).scaleb(lowest) if lowest < 0 else 1


class ChoiceDraw(Model):
    """One of the choices, for each number of the array."""

    choices: tuple[AnyNumber, ...] = Field(
        min_length=1, description="Numbers to choose from, each as likely.", examples=[[0.1, 0.2, 0.5]]
    )


class OneHotDraw(Model):
    """A single 1 among zeros, in each row."""

    one_hot: Annotated[Literal[True], PlainValidator(read_true), WithJsonSchema({"const": True})] = Field(
        description="Always true.", examples=[True]
    )


def _form(value: object) -> str:
    keys = value if isinstance(value, dict) else {}
    if isinstance(value, ChoiceDraw) or "choices" in keys:
        return "<choices>"
    return "<one-hot>" if isinstance(value, OneHotDraw) or "one_hot" in keys else "<range>"


Draw = RangeDraw | ChoiceDraw | OneHotDraw
DrawField = Annotated[
    Annotated[RangeDraw, Tag("<range>")]
    | Annotated[ChoiceDraw, Tag("<choices>")]
    | Annotated[OneHotDraw, Tag("<one-hot>")],
    Discriminator(_form),
]


class Require(Model):
    """What every variant must satisfy; variants that do not are drawn again."""

    distinct: Flag = Field(True, description="No two variants print the same problem or the same answers.")
    min_gradient: NotNegative | None = Field(None, description="Every asked gradient is at least this large.")
    max_activation: Positive | None = Field(None, description="No activation is larger: no saturated unit.")
    alive: Flag = Field(False, description="No ReLU is dead on every sample.")


class VariantSettings(Model):
    """Random variants of the problem."""

    seed: Seed = Field(0, description="The same seed and number give the same variant on every machine.")
    count: Variants = Field(1, description="How many variants there are.")
    draw: dict[Name, DrawField] = Field(
        min_length=1,
        description="By quantity, what is drawn; the shape is that of the file's own array.",
        examples=[{"W1": {"low": -0.5, "high": 0.5, "step": 0.1}}],
    )
    require: Require = Field(Require(), description="What every variant must satisfy.")
