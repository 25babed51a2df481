"""From named formulas to a graph: one scalar node per name, in an order in which each follows what it reads."""

from __future__ import annotations

from dataclasses import replace

from solver.formula import Formula
from solver.formula.ordering import names, order_nodes
from solver.formula.parser import parse
from solver.graph.assembly import Assembly, scalar, training_of
from solver.graph.model import Model
from solver.graph.pointwise import Pointwise
from solver.quantities import Quantity
from solver.spec.expression import ExpressionProblem


def expression_model(problem: ExpressionProblem) -> Model:
    """Return the graph of an expression and its numbers.

    A name is a name: "W1" is a quantity with the base "W1", and no layer. The parameters are those inputs that are
    trained; nodes that the output does not read are computed all the same, and their gradient is 0.

    Raises:
        InputError: A formula does not follow the grammar, or the nodes cannot be ordered (both found while loading,
            where the problem comes from a file).
    """
    expression = problem.expression
    formulas = {name: parse(text) for name, text in expression.nodes.items()}
    parts = Assembly()
    for name, value in expression.inputs.items():
        kind = "parameter" if name in expression.parameters else "input"
        parts.leaf(Quantity(name), kind, (), scalar(value))
    for name in order_nodes(formulas, expression.inputs, key="expression.nodes"):
        _node(parts, name, formulas[name])
    graph = parts.graph(samples=1, sample_axis=False, fixed=(), words="expression")
    return Model(replace(graph, output=Quantity(expression.output)), parts.given, training_of(expression))


def _node(parts: Assembly, name: str, formula: Formula) -> None:
    read = names(formula)
    parts.node(
        Quantity(name), Pointwise(formula, read), [Quantity(other) for other in read], (), per_sample=False
    )
