"""The computation graph and its builders, one per kind of problem."""

from solver.graph.build import Model, build
from solver.graph.node import Graph, Leaf, Node, Operation

__all__ = ["Graph", "Leaf", "Model", "Node", "Operation", "build"]
