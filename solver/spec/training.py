"""What every trained kind has in common: the loss, the update rule, what it leaves alone, how weights are indexed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from solver.spec.choices import LossChoice, LossField, OptimizerChoice, OptimizerField
from solver.spec.fields import NotNegative, Steps
from solver.spec.model import Model
from solver.spec.text import Name

WeightOrder = Literal["to-from", "from-to"]


class Update(Model):
    """How, and how often, parameters are updated; without a rate or an optimizer they are not."""

    learning_rate: NotNegative | None = Field(
        None,
        description="Learning rate of plain gradient descent; left out, with no optimizer: no update.",
        examples=[0.1],
    )
    optimizer: OptimizerField | None = Field(
        None,
        description="Instead of learning_rate: an optimizer with its options.",
        examples=[{"name": "adam", "learning_rate": 0.01}],
    )
    steps: Steps = Field(1, description="Update steps; each one recomputes the forward and backward pass.")

    @property
    def update_rule(self) -> OptimizerChoice | None:
        """The optimizer that updates parameters, a bare learning rate being plain gradient descent; None: no update."""
        if self.optimizer is not None:
            return self.optimizer
        return None if self.learning_rate is None else OptimizerChoice("sgd", self.learning_rate)


class Training(Update):
    """The loss and what else a network of any kind is trained with."""

    loss: LossField = Field(
        LossChoice(),
        description="A loss by name, or a table: name, factor, outputs and samples (sum or mean), its own options.",
        examples=["squared_error", {"name": "squared_error", "factor": 0.5}],
    )
    weight_order: WeightOrder = Field(
        "to-from", description='"to-from": W[to][from], a = W x + b; "from-to": W[from][to], a = x W + b.'
    )
    fixed: tuple[Name, ...] = Field(
        (), description="Parameters that the update leaves alone.", examples=[["b1"]]
    )
    softmax_jacobian: Literal["full", "diagonal"] = Field(
        "full",
        description='"diagonal": only ∂y_k/∂a_k is taken, as some lecture notes do; a document warns of it.',
    )
    l2: NotNegative = Field(0, description="Adds l2/2 · Σw² over the weights to the loss.")

    @property
    def from_to(self) -> bool:
        """Whether weights are written W[from][to]."""
        return self.weight_order == "from-to"
