"""Where a network's numbers are well conditioned: off the kinks, out of saturation, away from log 0.

At a kink two right answers differ in the last bit of a pre-activation; in saturation float64 has no digits left to
agree on. Random problems stay clear of both, so that a disagreement always means a mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.oracle.reading import HUBER_DELTA, DenseNetwork, read_network
from tests.oracle.reference import forward

Array = NDArray[np.float64]

KINK = 0.001  # nearest a pre-activation or a residual may come to a kink or to a residual of nothing
SPREAD = 6.0  # furthest two pre-activations of a softmax may lie apart: no output below about e⁻⁶/6
_BOUND = {"sigmoid": 6.0, "tanh": 4.0, "gelu": 3.0, "elu": 6.0, "softplus": 6.0, "swish": 6.0}
_KINKED = frozenset({"relu", "leaky_relu", "step", "elu"})


def suits(activation: str, a: Array) -> bool:
    """Tell whether the activation is smooth and unsaturated at these pre-activations, samples x units."""
    if not np.all(np.isfinite(a)) or np.max(np.abs(a)) > 100:
        return False
    if activation == "softmax":
        return a.shape[1] > 1 and float(np.max(np.ptp(a, axis=1))) <= SPREAD
    if activation in _KINKED and np.min(np.abs(a)) < KINK:
        return False
    return bool(np.max(np.abs(a)) <= _BOUND.get(activation, np.inf))


def suits_loss(loss: str, y: Array, t: Array) -> bool:
    """Tell whether the loss is smooth and well conditioned at these outputs and targets."""
    if loss == "hinge":
        return bool(np.min(np.abs(1 - t * y)) >= KINK)
    if loss == "binary_cross_entropy":
        # Both logarithms are taken, whatever the target.
        return bool(np.min(y) >= 1e-4 and np.max(y) <= 1 - 1e-4)
    if loss == "cross_entropy":
        return bool(np.min(y) >= 1e-4)
    residual = np.abs(y - t)
    if loss == "huber" and np.min(np.abs(residual - HUBER_DELTA)) < KINK:
        return False
    return bool(np.min(residual) >= KINK)


def is_clear(problem: Mapping[str, Any], step: Mapping[str, Any]) -> bool:
    """Tell whether the network is clear before and after an update.

    Args:
        problem: The parsed file.
        step: The quantities of that step, as a judge returned them.
    """
    network = read_network(problem)
    return all(_clear_at(network, step, mark) for mark in ("", "'"))


def _clear_at(network: DenseNetwork, step: Mapping[str, Any], mark: str) -> bool:
    numbers = range(1, len(network.layers) + 1)
    names = [name for n in numbers for name in (f"W{n}", f"b{n}") if name in step]
    values = {name: np.asarray(step[name + mark]) for name in names}
    run = forward(network, {"x": np.array(network.inputs, dtype=float), **values})
    smooth = all(
        suits(layer.activation, run[f"a{n}"]) for n, layer in zip(numbers, network.layers, strict=True)
    )
    y = run[f"h{len(network.layers)}"]
    return smooth and suits_loss(network.loss.name, y, np.array(network.targets, dtype=float))
