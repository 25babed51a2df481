"""A problem with other numbers in the place of its own: by the contract's names, back into the tables of its kind.

The inverse of `inventory`: that names the numbers of a file, this puts numbers where those names came from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from solver.spec.array import Array
from solver.spec.fields import Number

if TYPE_CHECKING:
    from solver.spec.attention import Attention
    from solver.spec.convolution import Convolution
    from solver.spec.dense import Layer
    from solver.spec.expression import Expression
    from solver.spec.network import Network
    from solver.spec.problem import Problem
    from solver.spec.recurrent import Gate, ReadOut, Recurrent

Numbers = Mapping[str, Array | Number]

_LAYERED = re.compile(r"(W|b|gamma|beta)(\d+)\Z")


def with_numbers(problem: Problem, numbers: Numbers) -> Problem:
    """Return a problem with some of its numbers replaced.

    Args:
        problem: A problem of any kind.
        numbers: By name in the contract ("W1", "x"), whole arrays; "learning_rate" for the rate of the update.
    """
    match problem.kind:
        case "network":
            return _with_body(problem, "network", _network(problem.network, numbers), numbers)
        case "expression":
            return _with_body(problem, "expression", _expression(problem.expression, numbers), numbers)
        case "recurrent":
            return _with_body(problem, "recurrent", _recurrent(problem.recurrent, numbers), numbers)
        case "convolution":
            return _with_body(problem, "convolution", _convolution(problem.convolution, numbers), numbers)
        case "attention":
            return _with_body(problem, "attention", _attention(problem.attention, numbers), numbers)


def _with_body(problem: Problem, field: str, changes: dict[str, Any], numbers: Numbers) -> Problem:
    body = getattr(problem, field)
    if "learning_rate" in numbers:
        if body.optimizer is not None:
            changes["optimizer"] = replace(body.optimizer, learning_rate=numbers["learning_rate"])
        else:
            changes["learning_rate"] = numbers["learning_rate"]
    changed: Problem = problem.model_copy(update={field: body.model_copy(update=changes)})
    return changed


def _renamed(numbers: Numbers, **fields: str) -> dict[str, Any]:
    """Return the numbers that a table holds, by the table's own keys."""
    return {field: numbers[name] for field, name in fields.items() if name in numbers}


def _network(network: Network, numbers: Numbers) -> dict[str, Any]:
    return _renamed(numbers, inputs="x", targets="t") | _layers(network.layers, numbers)


def _layers(layers: tuple[Layer, ...], numbers: Numbers) -> dict[str, Any]:
    changes: dict[int, dict[str, Any]] = {}
    for name, value in numbers.items():
        match = _LAYERED.match(name)
        if match is None:
            continue
        letter, place = match[1], int(match[2]) - 1
        fields = {"W": "weights", "gamma": "gamma", "beta": "beta"}
        field = fields.get(letter) or ("bias" if layers[place].biases is None else "biases")
        changes.setdefault(place, {})[field] = value
    if not changes:
        return {}
    return {
        "layers": tuple(
            layer.model_copy(update=changes[place]) if place in changes else layer
            for place, layer in enumerate(layers)
        )
    }


def _expression(expression: Expression, numbers: Numbers) -> dict[str, Any]:
    return {"inputs": {name: numbers.get(name, value) for name, value in expression.inputs.items()}}


def _recurrent(recurrent: Recurrent, numbers: Numbers) -> dict[str, Any]:
    changes = _renamed(
        numbers,
        inputs="x",
        targets="t",
        initial="h0",
        initial_cell="s0",
        input_weights="U",
        hidden_weights="W",
    )
    changes |= _biases(recurrent, numbers, "b")
    gates = {name: _gate(gate, name, numbers) for name, gate in recurrent.gates.items()}
    if any(gates[name] is not gate for name, gate in recurrent.gates.items()):
        changes["gates"] = gates
    if recurrent.output is not None:
        read_out = _renamed(numbers, weights="V") | _biases(recurrent.output, numbers, "c")
        if read_out:
            changes["output"] = recurrent.output.model_copy(update=read_out)
    return changes


def _gate(gate: Gate, name: str, numbers: Numbers) -> Gate:
    changes = _renamed(numbers, input_weights=f"U_{name}", hidden_weights=f"W_{name}")
    changes |= _biases(gate, numbers, f"b_{name}")
    return gate.model_copy(update=changes) if changes else gate


def _biases(table: Recurrent | Gate | ReadOut | Convolution, numbers: Numbers, name: str) -> dict[str, Any]:
    if name not in numbers:
        return {}
    return {"bias" if table.biases is None else "biases": numbers[name]}


def _convolution(convolution: Convolution, numbers: Numbers) -> dict[str, Any]:
    changes = _renamed(numbers, inputs="x", targets="t", kernels="K")
    return changes | _biases(convolution, numbers, "b") | _layers(convolution.layers, numbers)


def _attention(attention: Attention, numbers: Numbers) -> dict[str, Any]:
    return _renamed(
        numbers, inputs="x", targets="t", query_weights="Wq", key_weights="Wk", value_weights="Wv"
    )
