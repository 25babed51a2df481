"""A problem ready to compute: the graph, its given arrays, and how its parameters are trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.functions import Optimizer
from solver.graph.node import Graph
from solver.quantities import Quantity


@dataclass(frozen=True)
class Given:
    """A leaf's numbers, exactly as typed and as float64.

    Attributes:
        exact: Object array of int, Decimal or Fraction; shape (variants, samples, …) or (variants, …).
        values: The same in float64.
    """

    exact: NDArray[Any]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Training:
    """How parameters are updated.

    Attributes:
        optimizer: A record of the table, its options bound.
        rate: The learning rate.
        steps: Number of updates on the same samples.
    """

    optimizer: Optimizer
    rate: Fraction
    steps: int = 1


@dataclass(frozen=True)
class Model:
    """A problem as a graph.

    Attributes:
        graph: What is computed.
        given: The numbers of every leaf; empty for a symbolic problem.
        training: How parameters are updated, or None where the problem has no update.
        reference: The graph with the true derivative, where the author asked for a shortened one (diagonal softmax).
        facts: What the words need and the graph does not say, by name.
    """

    graph: Graph
    given: Mapping[Quantity, Given]
    training: Training | None
    reference: Graph | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def symbolic(self) -> bool:
        """Whether there are no numbers."""
        return not self.given
