"""Activations and losses at any precision, each a value and a slope written by hand, straight from the definition.

No row needs numerical care: fifty digits and more leave room for plain formulas, which is what makes them a judge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mpmath import mp

from tests.oracle.reading import ELU_ALPHA, HUBER_DELTA, LEAKY_SLOPE, Typed

Real = Any  # mpmath.mpf; the package has no types
ValueAndSlope = tuple[Real, Real]


def exact(number: Typed) -> Real:
    """Return the decimal as typed: a float is taken by its shortest decimal, 0.1 as 1/10."""
    return mp.mpf(str(number))


def _sigmoid(a: Real) -> ValueAndSlope:
    s = 1 / (1 + mp.exp(-a))
    return s, s * (1 - s)


def _tanh(a: Real) -> ValueAndSlope:
    return mp.tanh(a), mp.sech(a) ** 2


def _gelu(a: Real) -> ValueAndSlope:
    # a Φ(a), and Φ(a) + a φ(a).
    return a * mp.ncdf(a), mp.ncdf(a) + a * mp.npdf(a)


def _swish(a: Real) -> ValueAndSlope:
    s, slope = _sigmoid(a)
    return a * s, s + a * slope


def _elu(a: Real) -> ValueAndSlope:
    return (a, mp.one) if a > 0 else (ELU_ALPHA * (mp.exp(a) - 1), ELU_ALPHA * mp.exp(a))


def _one_sided(a: Real, below: Real) -> ValueAndSlope:
    return (a, mp.one) if a > 0 else (below * a, below)


ELEMENTWISE: Mapping[str, Callable[[Real], ValueAndSlope]] = {
    "linear": lambda a: (a, mp.one),
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "relu": lambda a: _one_sided(a, mp.zero),
    "leaky_relu": lambda a: _one_sided(a, exact(LEAKY_SLOPE)),
    "elu": _elu,
    "softplus": lambda a: (mp.log(1 + mp.exp(a)), 1 / (1 + mp.exp(-a))),
    "gelu": _gelu,
    "swish": _swish,
    "step": lambda a: (mp.one if a >= 0 else mp.zero, mp.zero),
}


def softmax(a: Sequence[Real]) -> tuple[list[Real], list[list[Real]]]:
    """Return y_k = e^{a_k} / Σ e^{a_j}, and the Jacobian ∂y_k/∂a_j = y_k (δ_kj − y_j)."""
    powers = [mp.exp(value) for value in a]
    total = mp.fsum(powers)
    y = [power / total for power in powers]
    return y, [[y[k] * ((k == j) - y[j]) for j in range(len(y))] for k in range(len(y))]


def _huber(y: Real, t: Real) -> ValueAndSlope:
    r = y - t
    if abs(r) <= HUBER_DELTA:
        return r**2 / 2, r
    return HUBER_DELTA * (abs(r) - mp.mpf(HUBER_DELTA) / 2), HUBER_DELTA * mp.sign(r)


LOSS: Mapping[str, Callable[[Real, Real], ValueAndSlope]] = {
    "squared_error": lambda y, t: ((y - t) ** 2, 2 * (y - t)),
    "absolute_error": lambda y, t: (abs(y - t), mp.sign(y - t)),
    "huber": _huber,
    "hinge": lambda y, t: (1 - t * y, -t) if t * y < 1 else (mp.zero, mp.zero),
    "binary_cross_entropy": lambda y, t: (
        -(t * mp.log(y) + (1 - t) * mp.log(1 - y)),
        (1 - t) / (1 - y) - t / y,
    ),
    "cross_entropy": lambda y, t: (-t * mp.log(y), -t / y),
}
