"""Read the part of a problem file that the judges judge: a dense network with numbers, trained by plain descent.

Numbers stay as they were typed (int, float or Decimal): float64 is one judge's business, 50 digits the other's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Typed = int | float | Decimal

ACTIVATIONS = (
    "linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "gelu", "swish", "step", "softmax",
)  # fmt: skip
LOSSES = ("squared_error", "absolute_error", "huber", "hinge", "binary_cross_entropy", "cross_entropy")

# What the contract's names leave open, settled as the literature has it.
LEAKY_SLOPE = Decimal("0.01")  # Maas, Hannun, Ng (2013)
ELU_ALPHA = 1  # Clevert, Unterthiner, Hochreiter (2016)
HUBER_DELTA = 1  # Huber (1964), with r²/2 inside and δ(|r| − δ/2) outside
# gelu is z Φ(z) with the exact normal distribution, no tanh; swish is z σ(z); step(0) is 1.

_NETWORK_KEYS = {
    "inputs", "targets", "loss", "weight_order", "learning_rate", "optimizer", "steps", "fixed", "softmax_jacobian",
    "l2", "layer",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layer:
    """One dense layer: a = W h + b, h = f(a).

    Attributes:
        weights: Rows as written in the file.
        biases: One number a unit; one number for the whole layer; or None, and there is no bias to speak of.
        activation: One of `ACTIVATIONS`.
    """

    weights: tuple[tuple[Typed, ...], ...]
    biases: tuple[Typed, ...] | Typed | None
    activation: str


@dataclass(frozen=True, slots=True)
class Loss:
    """factor · Σ over outputs (or mean) · mean over samples (or Σ) of one of `LOSSES`, plus l2/2 · Σw²."""

    name: str
    factor: Typed
    mean_over_outputs: bool
    mean_over_samples: bool
    l2: Typed


@dataclass(frozen=True, slots=True)
class DenseNetwork:
    """A numeric problem of kind "network".

    Attributes:
        inputs: Samples x features.
        targets: Samples x outputs.
        batched: Whether the file writes rows of samples, and results have a leading sample axis.
        from_to: Whether weights are written W[from][to].
        fixed: Names of the parameters that the update leaves alone.
        learning_rate: None where the file has neither a rate nor an optimizer: nothing is updated.
        diagonal_softmax: Whether only ∂y_k/∂a_k of a softmax counts.
    """

    inputs: tuple[tuple[Typed, ...], ...]
    targets: tuple[tuple[Typed, ...], ...]
    batched: bool
    layers: tuple[Layer, ...]
    loss: Loss
    from_to: bool
    learning_rate: Typed | None
    steps: int
    fixed: frozenset[str]
    diagonal_softmax: bool


def read_network(problem: Mapping[str, Any]) -> DenseNetwork:
    """Read a parsed TOML file; letters, titles and the like are not looked at.

    Raises:
        ValueError: The file asks for something that the judges do not judge.
    """
    if problem.get("kind", "network") != "network":
        raise ValueError(f"judged are networks, not {problem['kind']!r}")
    table = problem["network"]
    _refuse_unknown(table, _NETWORK_KEYS, "network")
    batched = isinstance(table["inputs"][0], Sequence)
    rows = table["inputs"] if batched else [table["inputs"]]
    targets = table["targets"] if batched else [table["targets"]]
    return DenseNetwork(
        inputs=tuple(map(tuple, rows)),
        targets=tuple(map(tuple, targets)),
        batched=batched,
        layers=tuple(_layer(entry) for entry in table["layer"]),
        loss=_loss(table["loss"], table.get("l2", 0)),
        from_to=_choice(table, "weight_order", "to-from", "from-to"),
        learning_rate=_learning_rate(table),
        steps=table.get("steps", 1),
        fixed=frozenset(table.get("fixed", ())),
        diagonal_softmax=_choice(table, "softmax_jacobian", "full", "diagonal"),
    )


def _refuse_unknown(table: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := table.keys() - known:
        raise ValueError(f"[{where}] has keys that the judges do not judge: {', '.join(sorted(unknown))}")


def _choice(table: Mapping[str, Any], key: str, default: str, other: str) -> bool:
    value = table.get(key, default)
    if value not in (default, other):
        raise ValueError(f"{key} = {value!r} is neither {default!r} nor {other!r}")
    return bool(value == other)


def _layer(entry: Mapping[str, Any]) -> Layer:
    _refuse_unknown(entry, {"weights", "biases", "bias", "activation"}, "network.layer")
    if entry["activation"] not in ACTIVATIONS:
        raise ValueError(f"activation {entry['activation']!r} is not judged")
    biases = tuple(entry["biases"]) if "biases" in entry else entry.get("bias")
    return Layer(tuple(map(tuple, entry["weights"])), biases, entry["activation"])


def _loss(entry: str | Mapping[str, Any], l2: Typed) -> Loss:
    table: Mapping[str, Any] = {"name": entry} if isinstance(entry, str) else entry
    _refuse_unknown(table, {"name", "factor", "outputs", "samples"}, "network.loss")
    if table["name"] not in LOSSES:
        raise ValueError(f"loss {table['name']!r} is not judged")
    return Loss(
        name=table["name"],
        factor=table.get("factor", 1),
        mean_over_outputs=_choice(table, "outputs", "sum", "mean"),
        mean_over_samples=not _choice(table, "samples", "mean", "sum"),
        l2=l2,
    )


def _learning_rate(table: Mapping[str, Any]) -> Typed | None:
    optimizer: Mapping[str, Typed] = table.get("optimizer", {"name": "sgd"})
    _refuse_unknown(optimizer, {"name", "learning_rate"}, "network.optimizer")
    if optimizer["name"] != "sgd":
        raise ValueError(f"optimizer {optimizer['name']!r} is not judged: plain gradient descent is")
    return optimizer["learning_rate"] if "optimizer" in table else table.get("learning_rate")
