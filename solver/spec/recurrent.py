"""`kind = "recurrent"`: an Elman network, an LSTM or a GRU through time, with a read-out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from solver.spec.array import Array
from solver.spec.array_fields import Matrix, Vector
from solver.spec.base import ProblemFile
from solver.spec.choices import ActivationChoice, ActivationField
from solver.spec.fields import AnyNumber
from solver.spec.model import Model
from solver.spec.text import Name
from solver.spec.training import Training

GATES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"elman": (), "lstm": ("f", "i", "o", "g"), "gru": ("z", "r", "n")}
)
"""Gates of each cell by their names, in the order of their computation."""


class Gate(Model):
    """One gate: σ(U x_t + W h_{t−1} + b); tanh for g and n."""

    input_weights: Matrix = Field(
        description="U: one row per unit, one column per feature.", examples=[[[0.1], [0.2]]]
    )
    hidden_weights: Matrix = Field(description="W: units x units.", examples=[[[0.3, 0.1], [0.0, 0.4]]])
    biases: Vector | None = Field(None, description="b, one per unit; left out: none.", examples=[[0, 0]])
    bias: AnyNumber | None = Field(None, description="One bias shared by all units.")


class ReadOut(Model):
    """o_t = g(V h_t + c)."""

    weights: Matrix = Field(
        description="V: one row per output, one column per unit.", examples=[[[0.5, -0.5]]]
    )
    biases: Vector | None = Field(None, description="c, one per output; left out: none.", examples=[[0]])
    bias: AnyNumber | None = Field(None, description="One bias shared by all outputs.")
    activation: ActivationField = Field(ActivationChoice("linear"), description="g.")


class Recurrent(Training):
    """A recurrent cell, run over the rows of its inputs; the loss sums over time."""

    cell: Literal["elman", "lstm", "gru"] = Field(
        "elman", description="Elman: h_t = f(U x_t + W h_{t−1} + b)."
    )
    inputs: Matrix = Field(description="Time steps x features.", examples=[[[1.0], [0.5], [-0.5]]])
    targets: Matrix = Field(
        description="One row: read out at the last step only; else one row a step.", examples=[[[0.7]]]
    )
    initial: Vector | None = Field(None, description="h_0, one per unit; left out: 0.", examples=[[0, 0]])
    initial_cell: Vector | None = Field(
        None, description="For lstm: the cell's state before the first step; left out: 0."
    )
    input_weights: Matrix | None = Field(None, description="For elman: U.", examples=[[[0.1], [0.2]]])
    hidden_weights: Matrix | None = Field(
        None, description="For elman: W.", examples=[[[0.3, 0.1], [0.0, 0.4]]]
    )
    biases: Vector | None = Field(None, description="For elman: b; left out: none.", examples=[[0, 0]])
    bias: AnyNumber | None = Field(None, description="For elman: one bias shared by all units.")
    activation: ActivationField = Field(ActivationChoice("tanh"), description="For elman: f.")
    gates: dict[Name, Gate] = Field({}, description="For lstm: f, i, o, g; for gru: z, r, n.")
    convention: Literal["z-keeps", "z-replaces"] = Field(
        "z-keeps", description='For gru: "z-keeps" h = (1−z)n + zh, "z-replaces" h = (1−z)h + zn.'
    )
    output: ReadOut | None = Field(
        None, description="The read-out; left out: the targets are held against h."
    )

    @property
    def steps_in_time(self) -> int:
        """How many time steps there are."""
        return self.inputs.shape[0]

    @property
    def features(self) -> int:
        """How many numbers a time step has."""
        return self.inputs.shape[1]

    @property
    def every_step(self) -> bool:
        """Whether there is a target at every step; else at the last alone."""
        return self.targets.shape[0] > 1 or self.steps_in_time == 1

    @property
    def units(self) -> int | None:
        """How many hidden units there are; None where no weights tell it."""
        first = next(iter(self.gates.values()), None)
        weights = self.hidden_weights if first is None else first.hidden_weights
        return None if weights is None else weights.shape[0]

    @property
    def outputs(self) -> int | None:
        """How many numbers are read out at a step."""
        return self.units if self.output is None else self._rows(self.output.weights)

    def _rows(self, weights: Array) -> int:
        return weights.shape[1 if self.from_to else 0]


class RecurrentProblem(ProblemFile):
    """A problem about a recurrent network."""

    kind: Literal["recurrent"]
    recurrent: Recurrent = Field(description="The cell, its data and its training.")

    @property
    def body(self) -> Recurrent:
        """The kind's own table."""
        return self.recurrent

    @property
    def symbolic(self) -> bool:
        """Whether the problem has letters instead of numbers: never, for this kind."""
        return False
