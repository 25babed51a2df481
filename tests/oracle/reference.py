"""The first judge: a dense network in float64, differentiated automatically by autograd.

Nothing here is a derivative but those of two functions that autograd lacks without scipy (erfc) or cannot know (the
softmax taken as if elementwise). To see ∂L/∂a and ∂L/∂h, zeros are added to every a and h and differentiated by.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd import value_and_grad
from autograd.extend import defvjp, primitive
from numpy.typing import NDArray

from tests.oracle.reading import ELU_ALPHA, HUBER_DELTA, LEAKY_SLOPE, DenseNetwork, read_network

Array = NDArray[np.float64]
Traced = Any  # an array, or autograd's box around one; the package has no types
Values = dict[str, Traced]  # autograd walks dictionaries of arrays

_erfc = primitive(np.vectorize(math.erfc, otypes=[float]))
defvjp(_erfc, lambda _ans, x: lambda g: g * (-2 / math.sqrt(math.pi)) * np.exp(-(x**2)))


def _sigmoid(a: Traced) -> Traced:
    # e^{−ln(1 + e^{−a})}: no overflow, and full relative precision in both tails.
    return anp.exp(-anp.logaddexp(0.0, -a))


def _softmax(a: Traced) -> Traced:
    shifted = a - anp.max(a, axis=1, keepdims=True)
    return anp.exp(shifted) / anp.sum(anp.exp(shifted), axis=1, keepdims=True)


diagonal_softmax = primitive(_softmax)
defvjp(diagonal_softmax, lambda ans, _a: lambda g: g * ans * (1 - ans))

ACTIVATION: Mapping[str, Callable[[Traced], Traced]] = {
    "linear": lambda a: a,
    "sigmoid": _sigmoid,
    "tanh": anp.tanh,
    "relu": lambda a: anp.where(a > 0, a, 0.0),
    "leaky_relu": lambda a: anp.where(a > 0, a, float(LEAKY_SLOPE) * a),
    "elu": lambda a: anp.where(a > 0, a, ELU_ALPHA * anp.expm1(anp.where(a > 0, 0.0, a))),
    "softplus": lambda a: anp.logaddexp(0.0, a),
    "gelu": lambda a: a * 0.5 * _erfc(-a / math.sqrt(2)),
    "swish": lambda a: a * _sigmoid(a),
    "step": lambda a: anp.where(a >= 0, 1.0, 0.0),
    "softmax": _softmax,
}


def _huber(y: Traced, t: Array) -> Traced:
    r = anp.abs(y - t)
    return anp.where(r <= HUBER_DELTA, r**2 / 2, HUBER_DELTA * (r - HUBER_DELTA / 2))


LOSS: Mapping[str, Callable[[Traced, Array], Traced]] = {
    "squared_error": lambda y, t: (y - t) ** 2,
    "absolute_error": lambda y, t: anp.abs(y - t),
    "huber": _huber,
    "hinge": lambda y, t: anp.where(t * y < 1, 1 - t * y, 0.0),
    "binary_cross_entropy": lambda y, t: -(t * anp.log(y) + (1 - t) * anp.log1p(-y)),
    "cross_entropy": lambda y, t: -t * anp.log(y),
}


def reference_network(problem: Mapping[str, Any]) -> dict[str, Array | float]:
    """Return every quantity of the first update step, under the contract's names.

    Args:
        problem: A parsed TOML file of kind "network".

    Returns:
        `x`, `t`, `W1`, `b1`, `a1`, `h1`, …, `L`, `dL/dx`, `dL/dW1`, …, `W1'`, `b1'`, …, `L'`, in the contract's
        shapes; a bias shared by its layer is one number, as in the file. Without a learning rate nothing is primed.
    """
    return reference_steps(problem)[0]


def reference_steps(problem: Mapping[str, Any]) -> list[dict[str, Array | float]]:
    """Return `reference_network` for each update step; the parameters of a step are those it starts from."""
    network = read_network(problem)
    parameters = initial_parameters(network)
    steps = []
    for _ in range(network.steps):
        quantities, parameters = _step(network, parameters)
        steps.append(quantities)
    return steps


def initial_parameters(network: DenseNetwork) -> dict[str, Array]:
    """Return `W1`, `b1`, … as float64 arrays of the shapes written in the file."""
    parameters = {}
    for number, layer in enumerate(network.layers, start=1):
        parameters[f"W{number}"] = np.array(layer.weights, dtype=float)
        if layer.biases is not None:
            parameters[f"b{number}"] = np.array(layer.biases, dtype=float)
    return parameters


def forward(network: DenseNetwork, values: Mapping[str, Traced]) -> Values:
    """Return `a1`, `h1`, …, `L` for the `x`, parameters and additions to `a` and `h` in `values`.

    Returns:
        Arrays of shape (samples, units), and the scalar `L`.
    """
    out: Values = {}
    h = values["x"]
    for number, layer in enumerate(network.layers, start=1):
        w = values[f"W{number}"]
        a = h @ (w if network.from_to else w.T)
        a = a + values.get(f"b{number}", 0.0) + values.get(f"a{number}", 0.0)
        elementwise = network.diagonal_softmax and layer.activation == "softmax"
        f = diagonal_softmax if elementwise else ACTIVATION[layer.activation]
        h = f(a) + values.get(f"h{number}", 0.0)
        out |= {f"a{number}": a, f"h{number}": h}
    out["L"] = _total_loss(network, h, values)
    return out


def _total_loss(network: DenseNetwork, y: Traced, values: Mapping[str, Traced]) -> Traced:
    t = np.array(network.targets, dtype=float)
    total = float(network.loss.factor) * anp.sum(LOSS[network.loss.name](y, t))
    if network.loss.mean_over_outputs:
        total = total / t.shape[1]
    if network.loss.mean_over_samples:
        total = total / t.shape[0]
    for number in range(1, len(network.layers) + 1):
        total = total + float(network.loss.l2) / 2 * anp.sum(values[f"W{number}"] ** 2)
    return total


def _step(
    network: DenseNetwork, parameters: dict[str, Array]
) -> tuple[dict[str, Array | float], dict[str, Array]]:
    x = np.array(network.inputs, dtype=float)
    values = forward(network, {"x": x, **parameters})
    additions = {name: np.zeros_like(value) for name, value in values.items() if name != "L"}
    _, gradients = value_and_grad(lambda v: forward(network, v)["L"])({"x": x, **parameters, **additions})
    quantities = {"x": x, "t": np.array(network.targets, dtype=float), **parameters, **values}
    quantities |= {f"dL/d{name}": value for name, value in gradients.items()}
    updated = parameters
    if network.learning_rate is not None:
        rate = float(network.learning_rate)
        updated = {
            name: value if name in network.fixed else value - rate * gradients[name]
            for name, value in parameters.items()
        }
        quantities |= {f"{name}'": value for name, value in updated.items()}
        quantities["L'"] = forward(network, {"x": x, **updated})["L"]
    return {name: _as_written(network, name, value) for name, value in quantities.items()}, updated


def _as_written(network: DenseNetwork, name: str, value: Array) -> Array | float:
    sampled = name.removeprefix("dL/d")[0] in "xtah"
    shaped = value[0] if sampled and not network.batched else value
    return shaped if np.ndim(shaped) else float(shaped)
