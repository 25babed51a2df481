"""What a file says beside the mathematics: its letters, its digits, and what is worked out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from solver.spec.fields import AnyNumber, Flag, count_reader
from solver.spec.model import Model
from solver.spec.text import Letter, Name, choice_reader
from solver.spec.vocabulary import PRESETS, Topic

Preset = Annotated[
    str, PlainValidator(choice_reader("a preset", lambda: PRESETS)), WithJsonSchema({"enum": list(PRESETS)})
]
Digits = Annotated[
    int,
    PlainValidator(count_reader("a whole number from 1 to 15", 1, 15)),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 15}),
]
Decimals = Annotated[
    int,
    PlainValidator(count_reader("a whole number from 0 to 15", 0, 15)),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 15}),
]


class Notation(Model):
    """Letters and styles; nothing here changes a number."""

    preset: Preset = Field("default", description="A convention to start from.")
    input: Letter | None = Field(None, description="Letter of the inputs.", examples=["x"])
    target: Letter | None = Field(None, description="Letter of the targets.", examples=["y"])
    weight: Letter | None = Field(None, description="Letter of the weights.", examples=["w"])
    bias: Letter | None = Field(None, description="Letter of the biases.", examples=["b"])
    preactivation: Letter | None = Field(
        None, description="Letter of the pre-activations.", examples=["z", "net"]
    )
    activation: Letter | None = Field(None, description="Letter of the activations.", examples=["a", "out"])
    output: Letter | None = Field(None, description="Letter of the network's outputs.", examples=["hat y"])
    loss: Letter | None = Field(None, description="Letter of the loss.", examples=["J"])
    rate: Letter | None = Field(None, description="Letter of the learning rate.", examples=["eta"])
    delta: Letter | None = Field(None, description="Letter of ∂L/∂a in matrix form.", examples=["delta"])
    layer_position: Literal["subscript", "superscript", "superscript-parentheses", "prefix"] | None = Field(
        None, description="Where the layer's number stands."
    )
    index_order: Literal["to-from", "from-to"] | None = Field(
        None, description="How a weight's indices are shown, whatever the order in the file."
    )
    product: Literal["cdot", "times"] | None = Field(None, description="Sign between two factors.")
    hadamard: Literal["circ", "odot"] | None = Field(None, description="Sign of the elementwise product.")

    @property
    def overrides(self) -> Mapping[str, str]:
        """What the file sets itself, by key."""
        pairs = ((name, getattr(self, name)) for name in type(self).model_fields if name != "preset")
        return {name: value for name, value in pairs if value is not None}


class Numbers(Model):
    """How many digits are shown, and whether the shown ones are calculated with."""

    significant: Digits | None = Field(
        None, description="Significant digits; 4 where neither this nor decimals is given."
    )
    decimals: Decimals | None = Field(None, description="Instead: digits after the point.")
    rounding: Literal["carry", "by-hand"] = Field(
        "carry", description='"by-hand": every shown value is rounded and goes on rounded.'
    )

    @property
    def digits(self) -> int:
        """Significant digits shown; meant only where `decimals` is None."""
        return 4 if self.significant is None else self.significant


class Work(Model):
    """What is worked out, and how."""

    gradients: tuple[Name, ...] | None = Field(
        None,
        description="Gradients asked for, by quantity; left out: of all parameters.",
        examples=[["W1[3,1]", "W2"]],
    )
    form: Literal["paths", "matrix"] = Field(
        "paths", description='"paths": every product along every path; "matrix": deltas and outer products.'
    )
    detail: Literal["full", "first"] = Field(
        "full", description='"first": one weight of a layer in full, the rest in a table.'
    )
    update: Flag = Field(True, description="Whether the update step is shown.")
    derive: Flag = Field(False, description="Whether each derivative used is derived, rule by rule.")
    through: Literal["loss", "output"] = Field(
        "loss", description='What is differentiated: the loss, or the output itself, "output".'
    )
    example: dict[Name, AnyNumber] = Field(
        {},
        description="In a symbolic problem: numbers put into the final formulas.",
        examples=[{"h1": 0.7, "t": 1}],
    )
    topics: tuple[Topic, ...] = Field((), description="Sections added to the document.")
