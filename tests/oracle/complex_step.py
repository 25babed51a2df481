"""The third judge: ∂L/∂w = Im L(w + iε) / ε, a derivative without a difference, and so without cancellation.

It shares the file's reader with the other judges and no formula: every function is written here once more, for complex
numbers, with the branch of a kinked one taken where the real part stands. The softmax taken as if elementwise is the
derivative of no function, so it has no complex step.

Source: Squire and Trapp, Using complex variables to estimate derivatives of real functions, SIAM Review 40 (1998).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

from tests.oracle.reading import ELU_ALPHA, HUBER_DELTA, LEAKY_SLOPE, DenseNetwork, read_network

Complex = NDArray[Any]

STEP = 1e-30


def _erfc(z: complex) -> complex:
    with mpmath.workdps(60):  # the imaginary part is thirty orders below the real one
        return complex(mpmath.erfc(z))


def _sigmoid(a: Complex) -> Complex:
    return 1 / (1 + np.exp(-a))


def _softmax(a: Complex) -> Complex:
    raised = np.exp(a - a.real.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


_ACTIVATION: Mapping[str, Callable[[Complex], Complex]] = {
    "linear": lambda a: a,
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "relu": lambda a: np.where(a.real > 0, a, 0),
    "leaky_relu": lambda a: np.where(a.real > 0, a, float(LEAKY_SLOPE) * a),
    "elu": lambda a: np.where(a.real > 0, a, ELU_ALPHA * (np.exp(np.where(a.real > 0, 0, a)) - 1)),
    "softplus": lambda a: np.log(1 + np.exp(a)),
    "gelu": lambda a: a / 2 * np.vectorize(_erfc, otypes=[complex])(-a / math.sqrt(2)),
    "swish": lambda a: a * _sigmoid(a),
    "step": lambda a: np.where(a.real >= 0, 1, 0).astype(complex),
    "softmax": _softmax,
}


def _magnitude(r: Complex) -> Complex:
    return np.where(r.real < 0, -r, r)


def _huber(y: Complex, t: NDArray[np.float64]) -> Complex:
    r = _magnitude(y - t)
    return np.where(r.real <= HUBER_DELTA, r**2 / 2, HUBER_DELTA * (r - HUBER_DELTA / 2))


_LOSS: Mapping[str, Callable[[Complex, NDArray[np.float64]], Complex]] = {
    "squared_error": lambda y, t: (y - t) ** 2,
    "absolute_error": lambda y, t: _magnitude(y - t),
    "huber": _huber,
    "hinge": lambda y, t: np.where((t * y).real < 1, 1 - t * y, 0),
    "binary_cross_entropy": lambda y, t: -(t * np.log(y) + (1 - t) * np.log(1 - y)),
    "cross_entropy": lambda y, t: -t * np.log(y),
}


def has_complex_step(problem: Mapping[str, Any]) -> bool:
    """Return whether the gradients of a problem are derivatives of its loss."""
    network = read_network(problem)
    return not (network.diagonal_softmax and any(layer.activation == "softmax" for layer in network.layers))


def complex_step(problem: Mapping[str, Any], name: str, index: Sequence[int]) -> float:
    """Return ∂L/∂w of one element of a parameter.

    Args:
        problem: A parsed TOML file of kind "network".
        name: "W1", "b2", …
        index: From 1, as in the file; empty for a bias that a layer shares.
    """
    network = read_network(problem)
    parameters: dict[str, Complex] = {}
    for number, layer in enumerate(network.layers, start=1):
        parameters[f"W{number}"] = np.array(layer.weights, dtype=complex)
        if layer.biases is not None:
            parameters[f"b{number}"] = np.array(layer.biases, dtype=complex)
    parameters[name][tuple(place - 1 for place in index)] += STEP * 1j
    return float(_loss(network, parameters).imag / STEP)


def _loss(network: DenseNetwork, parameters: Mapping[str, Complex]) -> np.complex128:
    h: Complex = np.array(network.inputs, dtype=complex)
    for number, layer in enumerate(network.layers, start=1):
        w = parameters[f"W{number}"]
        a = h @ (w if network.from_to else w.T) + parameters.get(f"b{number}", 0)
        h = _ACTIVATION[layer.activation](a)
    t = np.array(network.targets, dtype=float)
    total = float(network.loss.factor) * _LOSS[network.loss.name](h, t).sum()
    total /= t.shape[1] if network.loss.mean_over_outputs else 1
    total /= t.shape[0] if network.loss.mean_over_samples else 1
    squares = sum((w**2).sum() for name, w in parameters.items() if name.startswith("W"))
    return np.complex128(total + float(network.loss.l2) / 2 * squares)
