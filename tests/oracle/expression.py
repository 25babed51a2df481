"""The judge of expressions: a teacher's formulas read by Python's own grammar and differentiated by autograd.

The grammar of the contract is Python's but for `^`; `ast` gives the tree, and only arithmetic and the functions of the
contract are computed.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import autograd.numpy as anp
import numpy as np

from tests.oracle.reference import ACTIVATION
from tests.oracle.stepping import Quantities, Recorder, Traced, judged_steps

# At a tie both arguments share the slope, which is also what autograd's maximum and minimum do.
FUNCTIONS: Mapping[str, Callable[..., Traced]] = {
    "exp": anp.exp, "log": anp.log, "sqrt": anp.sqrt, "sin": anp.sin, "cos": anp.cos, "tanh": anp.tanh, "abs": anp.abs,
    "sigmoid": ACTIVATION["sigmoid"],
    "max": lambda *arguments: reduce(anp.maximum, arguments),
    "min": lambda *arguments: reduce(anp.minimum, arguments),
}  # fmt: skip
_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda u, v: u + v,
    ast.Sub: lambda u, v: u - v,
    ast.Mult: lambda u, v: u * v,
    ast.Div: lambda u, v: u / v,
    ast.Pow: lambda u, v: u**v,
}


def expression_steps(problem: Mapping[str, Any]) -> list[Quantities]:
    """Return every quantity of every step of a parsed file of kind "expression"; nodes stand in computable order."""
    table = problem["expression"]
    trees = {
        name: ast.parse(text.replace("^", "**"), mode="eval").body for name, text in table["nodes"].items()
    }
    trained = {name: table["inputs"][name] for name in table.get("parameters", ())}
    inputs = {name: value for name, value in table["inputs"].items() if name not in trained}

    def run(values: Recorder) -> None:
        known = {name: values[name] for name in table["inputs"]}
        for name, tree in trees.items():
            known[name] = values.name(name, computed(tree, known))

    # What has no value is for the caller to see; an output that reads nothing has gradients of 0.
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Output seems independent of input", UserWarning)
        return judged_steps(run, table, inputs, trained, {}, scalar=table["output"])


def computed(tree: ast.expr, known: Mapping[str, Traced]) -> Traced:
    """Return the value of a tree.

    Raises:
        ValueError: Something that the contract's grammar does not have.
    """
    match tree:
        case ast.Constant(value=int() | float() as value):
            return np.float64(value)  # 1/0 is then infinite, and no exception
        case ast.Name(id=name):
            return known[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -computed(operand, known)
        case ast.BinOp(left=left, op=operator, right=right):
            return _OPERATORS[type(operator)](computed(left, known), computed(right, known))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return FUNCTIONS[name](*(computed(argument, known) for argument in arguments))
        case _:
            raise ValueError(f"not judged: {ast.unparse(tree)}")


def is_steady(problem: Mapping[str, Any], expected: Sequence[Quantities]) -> bool:
    """Return whether a tiny change of the inputs changes every quantity a little: no kink, no cancellation near."""
    values = [value for step in expected for value in step.values()]
    if not all(np.all(np.isfinite(value)) and np.all(np.abs(value) < 1e6) for value in values):
        return False
    table = problem["expression"]
    moved = {name: value * (1 + 1e-9) for name, value in table["inputs"].items()}
    beside = expression_steps({**problem, "expression": {**table, "inputs": moved}})
    for one, other in zip(expected, beside, strict=True):
        largest = max(float(np.max(np.abs(value))) for value in one.values())
        if any(not np.all(np.abs(one[name] - other[name]) <= 1e-6 * largest) for name in one):
            return False
        if any(name.startswith("dL/d") and 0 < abs(value) < 1e-5 * largest for name, value in one.items()):
            return False
    return True
