"""`kind = "attention"`: scaled dot-product attention of one head.

The contract names no index order for this kind. `weight_order` is read as everywhere, "to-from" by default: q = Wq x.
Where it is left out and the matrices fit only as "from-to" (Q = X Wq, features x width), they are taken so.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from solver.spec.array import Array
from solver.spec.array_fields import Matrix
from solver.spec.base import ProblemFile
from solver.spec.fields import Flag
from solver.spec.training import Training


class Attention(Training):
    """S = Q Kᵀ / √width, P = softmax of each row, O = P V."""

    inputs: Matrix = Field(description="Tokens x features.", examples=[[[1, 0], [0, 1]]])
    targets: Matrix = Field(description="Tokens x width of the values.", examples=[[[1, 0], [0, 1]]])
    query_weights: Matrix = Field(description="Wq.", examples=[[[0.1, 0.2], [0.3, 0.4]]])
    key_weights: Matrix = Field(description="Wk.", examples=[[[0.1, 0.2], [0.3, 0.4]]])
    value_weights: Matrix = Field(description="Wv.", examples=[[[0.1, 0.2], [0.3, 0.4]]])
    causal: Flag = Field(False, description="Whether a token sees none after it.")

    @property
    def from_to(self) -> bool:
        """Whether weights are written W[from][to], features first."""
        if self.given("weight_order"):
            return self.weight_order == "from-to"
        features = self.inputs.shape[1]
        matrices = (self.query_weights, self.key_weights, self.value_weights)
        fits_to_from = all(matrix.shape[1] == features for matrix in matrices)
        return not fits_to_from and all(matrix.shape[0] == features for matrix in matrices)

    def width(self, weights: Array) -> int:
        """Return how many numbers a token's query, key or value has."""
        return weights.shape[1 if self.from_to else 0]


class AttentionProblem(ProblemFile):
    """A problem about one attention head."""

    kind: Literal["attention"]
    attention: Attention = Field(description="The head, its data and its training.")

    @property
    def body(self) -> Attention:
        """The kind's own table."""
        return self.attention

    @property
    def symbolic(self) -> bool:
        """Whether the problem has letters instead of numbers: never, for this kind."""
        return False
