"""`kind = "expression"`: any computation graph of named scalars."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from solver.spec.base import ProblemFile
from solver.spec.fields import AnyNumber
from solver.spec.text import Expression as ExpressionText
from solver.spec.text import Name
from solver.spec.training import Update


class Expression(Update):
    """Inputs, nodes computed from them, and the node that is differentiated."""

    inputs: dict[Name, AnyNumber] = Field(
        min_length=1, description="Given numbers, by name.", examples=[{"x": -2, "y": 5, "z": -4}]
    )
    nodes: dict[Name, ExpressionText] = Field(
        min_length=1,
        description="What is computed, by name: + - * / ^ and exp log sqrt sin cos tanh sigmoid max min abs.",
        examples=[{"q": "x + y", "f": "q * z"}],
    )
    output: Name = Field(description="The node that is differentiated.", examples=["f"])
    parameters: tuple[Name, ...] = Field(
        (),
        description="Inputs that are trained on the output; needs a learning rate or an optimizer.",
        examples=[["x"]],
    )


class ExpressionProblem(ProblemFile):
    """A problem about a computation graph."""

    kind: Literal["expression"]
    expression: Expression = Field(description="The computation graph.")

    @property
    def body(self) -> Expression:
        """The kind's own table."""
        return self.expression

    @property
    def symbolic(self) -> bool:
        """Whether the problem has letters instead of numbers: never, for this kind."""
        return False
