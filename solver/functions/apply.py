"""Activations, losses and optimizers on whole arrays, in any arithmetic.

In float64 the stable forms of the records are used, elsewhere their formulas. The derivative of softmax is a
Jacobian, so a backward pass asks `pull` for δ = (∂y/∂z)ᵀ g and need not know which activation is elementwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from solver.arithmetic.base import Arithmetic, Array, Values
from solver.arithmetic.by_hand import ByHand
from solver.formula import Formula
from solver.functions import numeric
from solver.functions.combinations import Combination
from solver.functions.evaluate import check_finite, evaluate
from solver.functions.losses import Loss
from solver.functions.numeric import Floats
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
        return _float(activation.value, z)
    if activation.elementwise:
        return _computed(activation.certified or activation.formula, arithmetic, z=z)
    with arithmetic.working():
        e = arithmetic.call("exp", z)
        y: Array = arithmetic.call("divide", e, e.sum(axis=-1, keepdims=True))
        return y


def slope(activation: Activation, z: Array, y: Array, arithmetic: Arithmetic) -> Array:
    """Return f′(z) elementwise, for y = f(z); for softmax the diagonal y(1 − y) alone."""
    if not arithmetic.exact:
        return _float(activation.derivative, z, y)
    if isinstance(arithmetic, ByHand):
        # What is printed, y(1 − y) of the rounded y; the other form would mix it with the z it no longer belongs to.
        return _computed(activation.slope, arithmetic, z=z, y=y)
    return _computed(activation.certified_slope or activation.slope, arithmetic, z=z, y=y)


def pull(
    activation: Activation,
    z: Array,
    y: Array,
    gradient: Array,
    arithmetic: Arithmetic,
    diagonal: bool = False,
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
    with arithmetic.working():
        if activation.elementwise or diagonal:
            return gradient * slope(activation, z, y, arithmetic)
        if not arithmetic.exact:
            return _float(numeric.softmax_pull, y, gradient)
        pulled: Array = y * (gradient - (gradient * y).sum(axis=-1, keepdims=True))
        return pulled


def loss_value(loss: Loss, y: Array, t: Array, arithmetic: Arithmetic) -> Array:
    """Return L(y, t) per output element.

    Raises:
        DomainError: A logarithm of zero that the target does not rule out; `position` is the output's.
    """
    if not arithmetic.exact:
        return _float(loss.value, y, t)
    return _computed(loss.certified or loss.formula, arithmetic, y=y, t=t)


def loss_slope(loss: Loss, y: Array, t: Array, arithmetic: Arithmetic) -> Array:
    """Return ∂L/∂y per output element.

    Raises:
        DomainError: A division by zero that the target does not rule out; `position` is the output's.
    """
    if not arithmetic.exact:
        return _float(loss.derivative, y, t)
    return _computed(loss.certified_slope or loss.slope, arithmetic, y=y, t=t)


def combined_value(
    pair: Combination, loss: Loss, z: Array, y: Array, t: Array, arithmetic: Arithmetic
) -> Array:
    """Return the loss per output element; float64 finds it from z, as y may round to 0 or 1.

    Args:
        pair: The combination.
        loss: Its loss.
        z: Pre-activations of the output layer.
        y: Outputs.
        t: Targets.
        arithmetic: Their number system.
    """
    if not arithmetic.exact:
        return _float(pair.value, z, t)
    return loss_value(loss, y, t, arithmetic)


def combined_slope(
    pair: Combination, loss: Loss, z: Array, y: Array, t: Array, arithmetic: Arithmetic
) -> Array:
    """Return ∂L/∂y per output element; float64 finds it from z, as 1 − y loses its digits where y is nearly 1.

    Raises:
        DomainError: A division by zero that the target does not rule out; `position` is the output's.
    """
    if not arithmetic.exact:
        return _float(pair.output_slope, z, t)
    return loss_slope(loss, y, t, arithmetic)


def combined_delta(pair: Combination, z: Array, y: Array, t: Array, arithmetic: Arithmetic) -> Array:
    """Return ∂L/∂z = y − t, or y Σt − t where the targets of a softmax do not sum to 1."""
    if not arithmetic.exact:
        return _float(pair.derivative, z, t)
    with arithmetic.working():
        total = np.asanyarray(t).sum(axis=-1, keepdims=True)
        return _computed(pair.general_delta, arithmetic, y=y, t=t, s=total)


def update(
    optimizer: Optimizer,
    w: Values,
    g: Values,
    state: Mapping[str, Values],
    step: int,
    rate: Values,
    arithmetic: Arithmetic,
    written: Callable[[str, Values], Values] = lambda name, value: value,
) -> dict[str, Values]:
    """Return what each step of one update sets, in order; "w" is the new parameter.

    Args:
        optimizer: The record, options bound.
        w: The parameter, an element or an array.
        g: Its gradient, of the same shape.
        state: "m" and "v" of the update before; what is missing starts at zero.
        step: Number of this update, from 1.
        rate: Learning rate, an element.
        arithmetic: Their number system.
        written: What is gone on with, by the name of a step and what it gives.

    Returns:
        Values by the names of the steps; hand `{name: result[name] for name in optimizer.state}` to the next update.
    """
    values = {name: arithmetic.number(value) for name, value in optimizer.options}
    values |= {"decay": arithmetic.number(optimizer.weight_decay), "step": arithmetic.number(step)}
    values |= {"rate": rate, "w": w, "g": g}
    values |= {name: state.get(name, arithmetic.number(0)) for name in optimizer.state}
    result: dict[str, Values] = {}
    for rule in optimizer.steps:
        value = evaluate(rule.formula, arithmetic=arithmetic, variables=values)
        values[rule.name] = result[rule.name] = written(rule.name, arithmetic.settle(value))
    return result


def _computed(formula: Formula, arithmetic: Arithmetic, **variables: Array) -> Array:
    """Return a formula's value in the common shape of its variables, also where it is constant."""
    values: Array = evaluate(formula, arithmetic=arithmetic, variables=variables)
    shape = np.broadcast_shapes(*(np.shape(variable) for variable in variables.values()))
    if np.shape(values) == shape:
        return values
    full = arithmetic.zeros(shape)
    full[...] = values
    return full


def _float(function: Callable[..., Floats], *arguments: Array) -> Floats:
    with np.errstate(all="ignore"):
        result = np.asarray(function(*(np.asarray(argument, dtype=np.float64) for argument in arguments)))
    check_finite(result)
    return result
