"""float64 forms of the activations that neither overflow nor lose digits, from −∞ to ∞.

The textbook slope y(1 − y) of the sigmoid is what a document prints, but its float64 value has no right digit left
once y rounds to 1. Everything here is written in e = exp(−|z|), which cannot overflow, or keeps the rounding error of
an argument and adds its first-order effect, so that relative errors stay at a few units in the last place.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from solver.arithmetic.float64 import erfc

Floats = NDArray[np.float64]

_SPLIT = 134217729.0  # 2**27 + 1, Veltkamp's constant
_ROOT_HALF = math.sqrt(0.5)
_ROOT_HALF_REST = -4.833646656726457e-17  # √½ − float64(√½)
_TAIL = 50.0  # beyond it every normal tail is zero in float64


def sigmoid(z: Floats) -> Floats:
    """Return 1/(1 + e^(−z)) elementwise."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def sigmoid_slope(z: Floats) -> Floats:
    """Return σ(z)(1 − σ(z)) elementwise, without forming 1 − σ(z)."""
    e = np.exp(-np.abs(z))
    return np.asarray(e / (1.0 + e) ** 2)


def tanh_slope(z: Floats) -> Floats:
    """Return 1 − tanh²(z) elementwise, without forming the difference."""
    e = np.exp(-2.0 * np.abs(z))
    return np.asarray(4.0 * e / (1.0 + e) ** 2)


def softplus(z: Floats) -> Floats:
    """Return log(1 + e^z) = max(z, 0) + log(1 + e^(−|z|)) elementwise."""
    return np.asarray(np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z))))


def swish_slope(z: Floats) -> Floats:
    """Return σ(z) + z σ(z)(1 − σ(z)) elementwise."""
    return np.asarray(sigmoid(z) + z * sigmoid_slope(z))


def elu(z: Floats, alpha: float) -> Floats:
    """Return z for z > 0 and α(e^z − 1) otherwise, elementwise."""
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0.0)))


def elu_slope(z: Floats, alpha: float) -> Floats:
    """Return 1 for z > 0 and α e^z otherwise, elementwise."""
    return np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0.0)))


def normal_density(z: Floats) -> Floats:
    """Return e^(−z²/2)/√(2π) elementwise; the square's rounding error would cost all digits in the tail."""
    z = np.clip(z, -_TAIL, _TAIL)
    coarse = np.round(z * 1024.0) / 1024.0  # its square is exact in float64
    fine = (z - coarse) * (z + coarse)
    return np.asarray(np.exp(-0.5 * coarse * coarse) * np.exp(-0.5 * fine) / math.sqrt(2.0 * math.pi))


def normal_distribution(z: Floats) -> Floats:
    """Return Φ(z) = ½ erfc(−z/√2) elementwise, right in the far left tail too."""
    z = np.clip(z, -_TAIL, _TAIL)
    x = -z * _ROOT_HALF
    # x carries a rounding error; erfc turns it into a relative error of 2x² times its size. Dekker's product finds
    # it, and erfc′(x) = −(2/√π) e^(−x²) takes it out: (2/√π) e^(−x²) = 2√2 times the normal density.
    error = _product_error(-z, _ROOT_HALF, x) - z * _ROOT_HALF_REST
    return np.asarray(0.5 * (erfc(x) - error * (2.0 * math.sqrt(2.0)) * normal_density(z)))


def gelu(z: Floats) -> Floats:
    """Return z Φ(z) elementwise."""
    return np.asarray(z * normal_distribution(z))


def gelu_slope(z: Floats) -> Floats:
    """Return Φ(z) + z φ(z) elementwise."""
    return np.asarray(normal_distribution(z) + z * normal_density(z))


def softmax(z: Floats) -> Floats:
    """Return e^(z_k) / Σ_j e^(z_j) along the last axis."""
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return np.asarray(e / np.sum(e, axis=-1, keepdims=True))


def softmax_complement(z: Floats) -> Floats:
    """Return 1 − y_k along the last axis, as the sum of the other outputs, so that nothing cancels."""
    z = np.asarray(z)
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    largest = np.arange(z.shape[-1]) == np.argmax(z, axis=-1, keepdims=True)
    total = np.sum(e, axis=-1, keepdims=True)
    without_largest = np.sum(np.where(largest, 0.0, e), axis=-1, keepdims=True)
    return np.asarray(np.where(largest, without_largest, total - e) / total)


def softmax_slope(z: Floats) -> Floats:
    """Return y_k (1 − y_k) along the last axis."""
    return np.asarray(softmax(z) * softmax_complement(z))


def softmax_pull(y: Floats, gradient: Floats) -> Floats:
    """Return y_k (g_k − Σ_j g_j y_j) along the last axis.

    The bracket is the same for g shifted by any constant; shifting by the gradient of the largest output leaves
    no cancellation when that output is nearly one.
    """
    winner = np.argmax(y, axis=-1, keepdims=True)
    shifted = gradient - np.take_along_axis(gradient, winner, axis=-1)
    return np.asarray(y * (shifted - np.sum(shifted * y, axis=-1, keepdims=True)))


def _product_error(a: Floats, b: float, product: Floats) -> Floats:
    """Return a·b − product exactly (Dekker 1971)."""
    a_high = _SPLIT * a - (_SPLIT * a - a)
    b_high = _SPLIT * b - (_SPLIT * b - b)
    a_low, b_low = a - a_high, b - b_high
    return np.asarray(((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low)
