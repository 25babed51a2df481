"""One builder per kind of problem; adding a kind is one row in `BUILDERS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from solver.graph.model import Model

if TYPE_CHECKING:
    from solver.spec import Problem

BUILDERS: Mapping[str, tuple[str, str]] = {
    "network": ("solver.graph.network", "network_model"),
    "expression": ("solver.graph.expression", "expression_model"),
    "recurrent": ("solver.graph.recurrent", "recurrent_model"),
    "convolution": ("solver.graph.convolution", "convolution_model"),
    "attention": ("solver.graph.attention", "attention_model"),
}
"""Kind -> (module, function): imported when first needed, so that a start stays quick."""


def build(problem: Problem) -> Model:
    """Return a problem as a graph with its numbers."""
    module, function = BUILDERS[problem.kind]
    builder: Callable[[Any], Model] = getattr(import_module(module), function)
    return builder(problem)


__all__ = ["BUILDERS", "Model", "build"]
