"""The chain rule path by path, at 50 digits: the products that a lecturer writes on the board."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mpmath import mp

from tests.oracle.high_precision import WORKING_DIGITS, Evaluation, evaluate, typed_parameters
from tests.oracle.reading import DenseNetwork, read_network
from tests.oracle.tape import Node, Tape

Real = Any  # mpmath.mpf; the package has no types


@dataclass(frozen=True, slots=True)
class Path:
    """One way from the loss back to a weight.

    Attributes:
        factors: The local derivatives from the loss inwards, as pairs of a name ("dL/dh2[1]", "dh2[1]/da2[1]",
            "da2[1]/dh1[3]", …, "da1[3]/dW1[3,1]") and the number. Units count from 1; a weight is named W[to,from].
        product: Their product.
    """

    factors: tuple[tuple[str, Real], ...]
    product: Real


def weight_paths(problem: Mapping[str, Any], layer: int, to: int, from_: int, sample: int = 1) -> list[Path]:
    """Return every path from L to the weight that joins unit `from_` to unit `to` of `layer`, for one sample.

    The sum of the products over paths and samples is ∂L/∂W, less the term of an L2 penalty. Where the outputs meet in
    a softmax (and its Jacobian is full), a path also chooses the output that it passes.

    Args:
        problem: A parsed TOML file of kind "network".
        layer: Layer of the weight, from 1.
        to: Receiving unit, from 1, whatever order the file writes the weights in.
        from_: Sending unit, from 1.
        sample: Sample, from 1.
    """
    network = read_network(problem)
    with mp.workdps(WORKING_DIGITS):
        tape = Tape()
        typed = typed_parameters(network)
        parameters = {name: _nodes(tape, value) for name, value in typed.items()}
        run = evaluate(network, tape, parameters)
        tape.differentiate(run.loss)
        entering = run.x if layer == 1 else run.h[layer - 2]
        last = (f"da{layer}[{to}]/dW{layer}[{to},{from_}]", entering[sample - 1][from_ - 1].value)
        return [
            Path((*factors, last), mp.fprod(value for _, value in (*factors, last)))
            for factors in _from_loss(network, run, typed, layer, to - 1, sample - 1)
        ]


def _from_loss(
    network: DenseNetwork, run: Evaluation, typed: Mapping[str, Any], layer: int, unit: int, sample: int
) -> Iterator[tuple[tuple[str, Real], ...]]:
    """Yield the factors of ∂L/∂a of one unit (from 0) along every path, the loss first."""
    for (k, j), slope in run.slopes[layer - 1][sample].items():
        if j != unit:
            continue
        through = (f"dh{layer}[{k + 1}]/da{layer}[{j + 1}]", slope)
        if layer == len(network.layers):
            yield (f"dL/dh{layer}[{k + 1}]", run.h[-1][sample][k].adjoint), through
            continue
        rows = typed[f"W{layer + 1}"]
        for i in range(len(run.a[layer][sample])):
            weight = rows[k][i] if network.from_to else rows[i][k]
            joint = (f"da{layer + 1}[{i + 1}]/dh{layer}[{k + 1}]", weight)
            for outer in _from_loss(network, run, typed, layer + 1, i, sample):
                yield *outer, joint, through


def _nodes(tape: Tape, value: Any) -> Any:
    if isinstance(value, list):
        return [_nodes(tape, part) for part in value]
    node: Node = tape.node(value)
    return node
