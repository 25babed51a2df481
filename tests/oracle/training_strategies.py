"""What random problems of all kinds share: decimals, losses, optimizers, endings, a clear distance from trouble."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from tests.oracle.clearance import suits, suits_loss
from tests.oracle.stepping import Quantities

Table = dict[str, Any]
Generator = np.random.Generator

SMOOTH = ("linear", "sigmoid", "tanh", "softplus", "gelu", "swish")
ACTIVATIONS = (*SMOOTH, "relu", "leaky_relu", "elu")
LOSSES = ("squared_error", "absolute_error", "huber")
_FAINT = 1e-4
"""A gradient this far below the largest one is rounding, which adam and rmsprop would blow up to a whole step."""
_SPREAD = 1e-3
"""Least variance of what is normalised."""


def typed(rng: Generator, *shape: int, scale: float = 0.6, places: int = 2) -> Any:
    """Return nested lists of short decimals; a single number without a shape."""
    return np.round(rng.uniform(-scale, scale, shape), places).tolist()


@st.composite
def generators(draw: st.DrawFn) -> Generator:
    """Draw a source of numbers."""
    return np.random.default_rng(draw(st.integers(0, 2**32 - 1)))


@st.composite
def trainings(draw: st.DrawFn, *, losses: Sequence[str] = LOSSES, l2: bool = True) -> Table:
    """Draw the loss, the optimizer with its options, and the number of steps."""
    table: Table = {}
    if losses:
        written: Table = {"name": draw(st.sampled_from(losses))}
        choices: dict[str, list[Any]] = {"factor": [0.5, 2]}
        choices |= {"outputs": ["sum", "mean"], "samples": ["sum", "mean"]}
        for key, values in choices.items():
            if (value := draw(st.sampled_from([None, *values]))) is not None:
                written[key] = value
        table["loss"] = written
    if l2 and (strength := draw(st.sampled_from([0, 0.1, 0.02]))):
        table["l2"] = strength
    table |= draw(optimizers())
    if "optimizer" in table or "learning_rate" in table:
        table["steps"] = draw(st.integers(1, 3))
    return table


@st.composite
def optimizers(draw: st.DrawFn) -> Table:
    """Draw a learning rate, an optimizer with its options, or neither."""
    rate = draw(st.sampled_from([0.1, 0.05, 0.01]))
    name = draw(st.sampled_from(["none", "rate", "sgd", "momentum", "nesterov", "rmsprop", "adam"]))
    if name == "none":
        return {}
    if name == "rate":
        return {"learning_rate": rate}
    options: dict[str, dict[str, list[Any]]] = {
        "momentum": {"beta": [0.8, 0.5], "form": ["ema", "classical"]},
        "nesterov": {"beta": [0.8, 0.5], "form": ["ema", "classical"]},
        "rmsprop": {"beta": [0.8, 0.99], "epsilon": [1e-6, 0.001]},
        "adam": {"beta1": [0.8, 0.5], "beta2": [0.99, 0.9], "epsilon": [1e-6, 0.001]},
    }
    chosen: Table = {"name": name, "learning_rate": rate}
    for key, values in {**options.get(name, {}), "weight_decay": [0.01, 0.1]}.items():
        if (value := draw(st.sampled_from([None, *values]))) is not None:
            chosen[key] = value
    return {"optimizer": chosen}


def assume_clear(
    steps: Iterable[Quantities],
    table: Mapping[str, Any],
    functions: Mapping[str, str],
    output: str,
) -> None:
    """Throw a problem away that is near a kink, in saturation, or whose optimizer divides rounding by rounding.

    Args:
        steps: What the judge returned.
        table: The kind's table of the file.
        functions: By the name of the pre-activations, the activation that reads them.
        output: The quantity that is held against the targets.
    """
    adaptive = table.get("optimizer", {}).get("name") in ("rmsprop", "adam")
    loss = table.get("loss", "squared_error")
    loss = loss["name"] if isinstance(loss, Mapping) else loss
    targets = np.array(table["targets"], dtype=float)
    for step in steps:
        for name, activation in functions.items():
            rows = np.asarray(step[name], dtype=float)
            assume(suits(activation, rows.reshape(-1, rows.shape[-1])))
        y = np.asarray(step[output], dtype=float)
        if len(targets) == 1 and y.ndim > 1 and len(y) > 1:  # a hidden state held against its last target
            y = y[-1:]
        assume(suits_loss(loss, y, targets.reshape(y.shape)))
        slopes = [np.abs(value) for name, value in step.items() if name.startswith("dL/d")]
        largest = max(float(np.max(value, initial=0.0)) for value in slopes)
        assume(largest < 1e3)
        # A variance near 0 is a difference of nearly equal numbers, and everything after it divides by it.
        assume(all(np.all(value > _SPREAD) for name, value in step.items() if name.startswith("var")))
        if adaptive:
            decay = float(table["optimizer"].get("weight_decay", 0))
            states = [name.removeprefix("v_") for name in step if name.startswith("v_")]
            decayed = [np.abs(step[f"dL/d{name}"] + decay * step[name]) for name in states]
            # A dropped unit's weights have exact zeros; a bias's may be a sum that only one of two judges sees cancel.
            zero = [(value == 0) & (np.ndim(value) > 1) for value in decayed]
            clear = [value > _FAINT * largest for value in decayed]
            assume(all(np.all(one | other) for one, other in zip(zero, clear, strict=True)))


@st.composite
def endings(draw: st.DrawFn, rng: Generator, table: Table, last: Table, *shape: int) -> Any:
    """Draw targets, often with a loss of probabilities and the activation that belongs to it.

    Args:
        draw: Given by hypothesis.
        rng: Where numbers come from.
        table: The kind's table, whose loss may be changed.
        last: The table whose activation gives the outputs.
        shape: Shape of the targets, outputs last.
    """
    loss = draw(st.sampled_from([None, None, "cross_entropy", "binary_cross_entropy"]))
    if loss is None:
        return typed(rng, *shape, scale=1.5)
    table["loss"] = {**table.get("loss", {}), "name": loss}
    if loss == "cross_entropy" and shape[-1] > 1:
        last["activation"] = "softmax"
        if draw(st.booleans()):  # shares that need not sum to 1
            return np.round(rng.uniform(0, 1, shape), 1).tolist()
        return np.eye(shape[-1], dtype=int)[rng.integers(0, shape[-1], shape[:-1])].tolist()
    last["activation"] = "sigmoid"
    return rng.choice([0, 1, 0.3], shape).tolist()


@st.composite
def biases(draw: st.DrawFn, rng: Generator, width: int) -> Table:
    """Draw one bias per unit, one for all, or none."""
    kind = draw(st.sampled_from(["none", "each", "shared"]))
    if kind == "none":
        return {}
    return {"biases": typed(rng, width)} if kind == "each" else {"bias": typed(rng)}
