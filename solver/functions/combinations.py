"""Output layers whose slope and loss belong together: the delta ∂L/∂z in closed form.

Multiplying the two local slopes cancels badly where an output is nearly 0 or 1 (and overflows at exactly 0); the
closed forms below do not, and are also what a textbook ends with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from solver.formula import Formula, Product, Variable
from solver.functions import numeric
from solver.functions.numeric import Floats


@dataclass(frozen=True)
class Combination:
    """One activation followed by one loss, both summed over the outputs of a sample without further factors.

    Args:
        activation: Name of the activation.
        loss: Name of the loss.
        delta: ∂L/∂z in Variables "y" and "t", for targets as usual.
        general_delta: The same for any targets; Variable("s") is Σ_k t_k. Equal to `delta` where none is needed.
        condition: When `delta` holds; empty for always.
        value: L per output element from z and t, float64; finite where the output itself rounds to 0 or 1.
        derivative: ∂L/∂z from z and t, float64.
        output_slope: ∂L/∂y from z and t, float64; right where the output rounds to 1.
        source: Where it is derived.
    """

    activation: str
    loss: str
    delta: Formula
    general_delta: Formula
    condition: str
    value: Callable[[Floats, Floats], Floats] = field(compare=False)
    derivative: Callable[[Floats, Floats], Floats] = field(compare=False)
    output_slope: Callable[[Floats, Floats], Floats] = field(compare=False)
    source: str = ""


def _logistic_value(z: Floats, t: Floats) -> Floats:
    # −t log σ(z) − (1 − t) log σ(−z), each logarithm as a softplus.
    return np.asarray(t * numeric.softplus(-np.asarray(z)) + (1.0 - np.asarray(t)) * numeric.softplus(z))


def _logistic_delta(z: Floats, t: Floats) -> Floats:
    # σ(z) − t; for t = 1 as −σ(−z), which keeps its digits.
    return np.where(np.asarray(t) == 1, -numeric.sigmoid(-np.asarray(z)), numeric.sigmoid(z) - t)


def _logistic_output_slope(z: Floats, t: Floats) -> Floats:
    # −t/σ(z) + (1 − t)/σ(−z): where σ(z) rounds to 1, σ(−z) still has all its digits. What t rules out is 0, not 0 · ∞.
    z, t = np.asarray(z), np.asarray(t)
    absent = np.where(t == 1, 0.0, (1.0 - t) / numeric.sigmoid(np.where(t == 1, 0.0, -z)))
    return absent - np.where(t == 0, 0.0, t / numeric.sigmoid(np.where(t == 0, 0.0, z)))


def _softmax_value(z: Floats, t: Floats) -> Floats:
    top = np.max(z, axis=-1, keepdims=True)
    shifted = z - top
    winner = np.argmax(z, axis=-1, keepdims=True)
    e = np.exp(shifted)
    np.put_along_axis(e, winner, 0.0, axis=-1)
    # log Σ e^(z_j − top) = log(1 + the others): right to the last digit when one output is nearly one.
    return np.asarray(t * (np.log1p(np.sum(e, axis=-1, keepdims=True)) - shifted))


def _softmax_delta(z: Floats, t: Floats) -> Floats:
    # y_k S − t_k with S = Σ t. For one-hot targets y_k − 1 is −Σ_{j≠k} y_j, found without forming 1 − y_k.
    total = np.sum(t, axis=-1, keepdims=True)
    y = numeric.softmax(z)
    return np.asarray(np.where(t == total, -total * numeric.softmax_complement(z), y * total - t))


def _softmax_output_slope(z: Floats, t: Floats) -> Floats:
    # −t/y: no difference is formed.
    return np.asarray(-np.divide(t, numeric.softmax(z), out=np.zeros(np.shape(z)), where=np.asarray(t) != 0))


_Y, _T, _S = Variable("y"), Variable("t"), Variable("s")

_RECORDS: tuple[Combination, ...] = (
    Combination(
        "softmax",
        "cross_entropy",
        delta=_Y - _T,
        general_delta=Product((_Y, _S)) - _T,
        condition="the targets sum to 1",
        value=_softmax_value,
        derivative=_softmax_delta,
        output_slope=_softmax_output_slope,
        source="Bishop (2006), Pattern recognition and machine learning, section 5.2",
    ),
    Combination(
        "sigmoid",
        "binary_cross_entropy",
        delta=_Y - _T,
        general_delta=_Y - _T,
        condition="",
        value=_logistic_value,
        derivative=_logistic_delta,
        output_slope=_logistic_output_slope,
        source="Bishop (2006), Pattern recognition and machine learning, section 5.2",
    ),
)

COMBINATIONS: Mapping[tuple[str, str], Combination] = MappingProxyType(
    {(record.activation, record.loss): record for record in _RECORDS}
)
"""By (activation, loss)."""
