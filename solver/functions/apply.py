"""Activations, losses and optimizers on whole arrays, in any arithmetic.

In float64 the stable forms of the records are used, elsewhere their formulas. The derivative of softmax is a
Jacobian, so a backward pass asks `pull` for δ = (∂y/∂z)ᵀ g and need not know which activation is elementwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from solver.arithmetic.base import Arithmetic, Array
from solver.functions import numeric
from solver.functions.combinations import Combination
from solver.functions.evaluate import check_finite, evaluate
from solver.functions.losses import Loss
from solver.functions.optimizers import Optimizer
from solver.functions.record import Activation


def forward(activation: Activation, z: Array, arithmetic: Arithmetic) -> Array:
    """Return y = f(z); softmax along the last axis.

    Args:
        activation: The record.
        z: Pre-activations, any leading axes, units last.
        arithmetic: The number system of z.

    Raises:
        Undecided: A ball cannot tell on which side of a kink it lies.
    """
    if not arithmetic.exact:
        return activation.value(np.asarray(z, dtype=np.float64))
    if activation.elementwise:
        return evaluate(activation.certified or activation.formula, arithmetic=arithmetic, variables={"z": z})
    with arithmetic.working():
        e = arithmetic.call("exp", z)
        return arithmetic.call("divide", e, e.sum(axis=-1, keepdims=True))


def slope(activation: Activation, z: Array, y: Array, arithmetic: Arithmetic) -> Array:
    """Return f′(z) elementwise, for y = f(z); for softmax the diagonal y(1 − y) alone."""
    if not arithmetic.exact:
        return activation.derivative(np.asarray(z, dtype=np.float64), np.asarray(y, dtype=np.float64))
    rule = activation.certified_slope or activation.slope
    values = evaluate(rule, arithmetic=arithmetic, variables={"z": z, "y": y})
    return np.broadcast_to(np.asarray(values, dtype=object), np.shape(z)).copy() if np.shape(z) else values


def pull(
    activation: Activation, z: Array, y: Array, gradient: Array, arithmetic: Arithmetic, diagonal: bool = False
) -> Array:
    """Return δ = (∂y/∂z)ᵀ ∂L/∂y.

    Args:
        activation: The record.
        z: Pre-activations.
        y: f(z).
        gradient: ∂L/∂y, of the same shape.
        arithmetic: Their number system.
        diagonal: Take only ∂y_k/∂z_k of softmax, as some lecture notes do.
    """
    if activation.elementwise or diagonal:
        return gradient * slope(activation, z, y, arithmetic)
    if not arithmetic.exact:
        return numeric.softmax_pull(np.asarray(y, dtype=np.float64), np.asarray(gradient, dtype=np.float64))
    with arithmetic.working():
        pulled: Array = y * (gradient - (gradient * y).sum(axis=-1, keepdims=True))
        return pulled


def loss_value(loss: Loss, y: Array, t: Array, arithmetic: Arithmetic) -> Array:
    """Return L(y, t) per output element.

    Raises:
        DomainError: A logarithm of zero that the target does not rule out; `position` is the output's.
    """
    if not arithmetic.exact:
        return _float(loss.value, y, t)
    return evaluate(loss.certified or loss.formula, arithmetic=arithmetic, variables={"y": y, "t": t})


def loss_slope(loss: Loss, y: Array, t: Array, arithmetic: Arithmetic) -> Array:
    """Return ∂L/∂y per output element.

    Raises:
        DomainError: A division by zero that the target does not rule out; `position` is the output's.
    """
    if not arithmetic.exact:
        return _float(loss.derivative, y, t)
    return evaluate(loss.certified_slope or loss.slope, arithmetic=arithmetic, variables={"y": y, "t": t})


def combined_value(pair: Combination, z: Array, y: Array, t: Array, arithmetic: Arithmetic, loss: Loss) -> Array:
    """Return the loss per output element, from pre-activations where float64 would lose digits."""
    if not arithmetic.exact:
        return _float(pair.value, z, t)
    return loss_value(loss, y, t, arithmetic)


def combined_delta(pair: Combination, z: Array, y: Array, t: Array, arithmetic: Arithmetic) -> Array:
    """Return ∂L/∂z = y − t, or y Σt − t where the targets of a softmax do not sum to 1."""
    if not arithmetic.exact:
        return _float(pair.derivative, z, t)
    with arithmetic.working():
        total = np.asarray(t).sum(axis=-1, keepdims=True)
        return evaluate(pair.general_delta, arithmetic=arithmetic, variables={"y": y, "t": t, "s": total})


def update(
    optimizer: Optimizer,
    w: Any,
    g: Any,
    state: Mapping[str, Any],
    step: int,
    rate: Any,
    arithmetic: Arithmetic,
) -> dict[str, Any]:
    """Return what each step of one update sets, in order; "w" is the new parameter.

    Args:
        optimizer: The record, options bound.
        w: The parameter, an element or an array.
        g: Its gradient.
        state: "m" and "v" of the update before; what is missing starts at zero.
        step: Number of this update, from 1.
        rate: Learning rate, an element.
        arithmetic: Their number system.

    Returns:
        Values by the names of the steps; hand `{name: result[name] for name in optimizer.state}` to the next update.
    """
    values = {name: arithmetic.number(value) for name, value in optimizer.options}
    values |= {"decay": arithmetic.number(optimizer.weight_decay), "step": step, "rate": rate, "w": w, "g": g}
    values |= {name: state[name] if name in state else arithmetic.zeros(np.shape(w))[()] for name in optimizer.state}
    result: dict[str, Any] = {}
    for rule in optimizer.steps:
        values[rule.name] = result[rule.name] = evaluate(rule.formula, arithmetic=arithmetic, variables=values)
    return result


def _float(function: Any, first: Array, second: Array) -> Array:
    result = function(np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64))
    check_finite(result)
    return np.asarray(result)
