"""The second judge: the same network at 50 digits, from the decimals as typed, with derivatives of its own.

It is slow and plain: scalars on a tape, no arrays, no care for rounding. Where the first judge and the solver differ
in the last bits of float64, this one knows who is right; it also says which digits a document may print.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from mpmath import mp

from tests.oracle.high_precision_functions import ELEMENTWISE, LOSS, exact, softmax
from tests.oracle.reading import DenseNetwork, read_network
from tests.oracle.tape import Node, Tape

# Ten digits more than promised absorb what the additions and the exponentials lose.
WORKING_DIGITS = 60

Real = Any  # mpmath.mpf; the package has no types
HighPrecision = dict[str, Any]  # a name to an mpf, or to an object array of them
Nested = Any  # a Node, or a sequence of these: the shape of a parameter as written


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One forward pass on the tape.

    Attributes:
        x: Inputs, samples x features.
        a: Pre-activations by layer, samples x units.
        h: Activations, likewise.
        slopes: ∂h_k/∂a_j by layer and sample: a mapping from (k, j), counted from 0, to the number; what is zero for
            every input is left out.
        loss: L.
    """

    x: list[list[Node]]
    a: list[list[list[Node]]]
    h: list[list[list[Node]]]
    slopes: list[list[dict[tuple[int, int], Real]]]
    loss: Node


def high_precision_network(problem: Mapping[str, Any]) -> HighPrecision:
    """Return every quantity of the first update step, right to 50 digits.

    Args:
        problem: A parsed TOML file of kind "network"; parsed with `parse_float=Decimal` or not, its numbers are taken
            as the decimals that were typed.

    Returns:
        The names and shapes of `reference_network`; a scalar is an mpf, an array a numpy array of mpf.
    """
    return high_precision_steps(problem)[0]


def high_precision_steps(problem: Mapping[str, Any]) -> list[HighPrecision]:
    """Return `high_precision_network` for each update step."""
    network = read_network(problem)
    with mp.workdps(WORKING_DIGITS):
        parameters = typed_parameters(network)
        steps = []
        for _ in range(network.steps):
            quantities, parameters = _step(network, parameters)
            steps.append(quantities)
        return steps


def typed_parameters(network: DenseNetwork) -> dict[str, Nested]:
    """Return `W1`, `b1`, … as exact numbers in the nesting of the file."""
    parameters: dict[str, Nested] = {}
    for number, layer in enumerate(network.layers, start=1):
        parameters[f"W{number}"] = _map(exact, layer.weights)
        if layer.biases is not None:
            parameters[f"b{number}"] = _map(exact, layer.biases)
    return parameters


def evaluate(network: DenseNetwork, tape: Tape, parameters: Mapping[str, Nested]) -> Evaluation:
    """Run the network forward on the tape; `parameters` holds nodes in the nesting of the file."""
    x = [[tape.node(exact(value)) for value in row] for row in network.inputs]
    a: list[list[list[Node]]] = []
    h: list[list[list[Node]]] = [x]
    slopes: list[list[dict[tuple[int, int], Real]]] = []
    for number, layer in enumerate(network.layers, start=1):
        rows = parameters[f"W{number}"]
        incoming = list(zip(*rows, strict=True)) if network.from_to else rows
        biases = parameters.get(f"b{number}")
        if biases is None or isinstance(biases, Node):
            biases = [biases] * len(incoming)
        a.append([
            [tape.dot(weights, entering, bias) for weights, bias in zip(incoming, biases, strict=True)]
            for entering in h[-1]
        ])  # fmt: skip
        activated = [_activate(tape, layer.activation, sample, network.diagonal_softmax) for sample in a[-1]]
        h.append([outputs for outputs, _ in activated])
        slopes.append([jacobian for _, jacobian in activated])
    loss = _total_loss(network, tape, h[-1], [parameters[f"W{n + 1}"] for n in range(len(network.layers))])
    return Evaluation(x, a, h[1:], slopes, loss)


def _activate(
    tape: Tape, activation: str, a: Sequence[Node], diagonal_softmax: bool
) -> tuple[list[Node], dict[tuple[int, int], Real]]:
    units = range(len(a))
    if activation == "softmax":
        values, jacobian = softmax([unit.value for unit in a])
        by = {(k, j): jacobian[k][j] for k in units for j in units if k == j or not diagonal_softmax}
    else:
        pairs = [ELEMENTWISE[activation](unit.value) for unit in a]
        values = [value for value, _ in pairs]
        by = {(k, k): slope for k, (_, slope) in enumerate(pairs)}
    return [tape.node(values[k], [(a[j], by[k, j]) for j in units if (k, j) in by]) for k in units], by


def _total_loss(
    network: DenseNetwork, tape: Tape, y: Sequence[Sequence[Node]], weights: Sequence[Nested]
) -> Node:
    spec = network.loss
    share = exact(spec.factor)
    if spec.mean_over_outputs:
        share /= len(y[0])
    if spec.mean_over_samples:
        share /= len(y)
    terms = []
    for outputs, targets in zip(y, network.targets, strict=True):
        for output, target in zip(outputs, targets, strict=True):
            value, slope = LOSS[spec.name](output.value, exact(target))
            terms.append((share, tape.node(value, [(output, slope)])))
    if spec.l2:
        squares = [tape.square(w) for matrix in weights for row in matrix for w in row]
        terms += [(exact(spec.l2) / 2, square) for square in squares]
    return tape.weighted_sum(terms)


def _step(network: DenseNetwork, parameters: dict[str, Nested]) -> tuple[HighPrecision, dict[str, Nested]]:
    tape = Tape()
    nodes = {name: _map(tape.node, value) for name, value in parameters.items()}
    run = evaluate(network, tape, nodes)
    tape.differentiate(run.loss)

    held: dict[str, Nested] = {"x": run.x, **nodes}
    for number, (a, h) in enumerate(zip(run.a, run.h, strict=True), start=1):
        held |= {f"a{number}": a, f"h{number}": h}
    quantities = {name: _map(_value, value) for name, value in held.items()}
    quantities |= {f"dL/d{name}": _map(_adjoint, value) for name, value in held.items()}
    quantities |= {"t": _map(exact, network.targets), "L": run.loss.value}

    updated = parameters
    if network.learning_rate is not None:
        rate = exact(network.learning_rate)
        updated = {
            name: parameters[name]
            if name in network.fixed
            else _map(lambda node: node.value - rate * node.adjoint, value)
            for name, value in nodes.items()
        }
        again = Tape()
        moved = {name: _map(again.node, value) for name, value in updated.items()}
        quantities |= {f"{name}'": value for name, value in updated.items()}
        quantities["L'"] = evaluate(network, again, moved).loss.value
    return {name: _as_written(network, name, value) for name, value in quantities.items()}, updated


def _value(node: Node) -> Real:
    return node.value


def _adjoint(node: Node) -> Real:
    return node.adjoint


def _map(function: Any, nested: Nested) -> Nested:
    if isinstance(nested, list | tuple):
        return [_map(function, part) for part in nested]
    return function(nested)


def _as_written(network: DenseNetwork, name: str, value: Nested) -> Any:
    sampled = name.removeprefix("dL/d")[0] in "xtah"
    shaped = value[0] if sampled and not network.batched else value
    return np.array(shaped, dtype=object) if isinstance(shaped, list) else shaped
