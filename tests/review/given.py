"""Small problems with claims, as a teacher writes them."""

from __future__ import annotations

from pathlib import Path

from solver.review.review import Review, review
from solver.spec import loads_problem

PROBLEMS = Path(__file__).parents[2] / "problems"

NETWORK = """
[network]
inputs = [1, 0.5, -1, 2]
targets = [1, 0]
loss = { name = "squared_error", factor = 0.5 }
learning_rate = 0.1
[[network.layer]]
weights = [[0.2, -0.1, 0.4, 0.1], [-0.3, 0.2, 0.1, -0.2], [0.1, 0.3, -0.2, 0.2]]
biases = [0, 0.1, -0.1]
activation = "sigmoid"
[[network.layer]]
weights = [[0.3, -0.2, 0.1], [-0.4, 0.1, 0.2]]
biases = [0.05, -0.05]
activation = "sigmoid"
"""
"""dL/da2 is −0.111908, 0.120230 and dL/da1 −0.020403, 0.007871, 0.002801."""


def claimed(*claims: tuple[str, str], problem: str = NETWORK) -> Review:
    """Return what is found of claims, each a quantity and its value as TOML."""
    text = problem + "".join(
        f'\n[[claims]]\nquantity = "{name}"\nvalue = {value}\n' for name, value in claims
    )
    return review(loads_problem(text))
