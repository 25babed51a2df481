"""What every judged kind shares: gradients of all named quantities, optimizers with their state, several steps.

A kind gives one function from its inputs and parameters to its named quantities. To see the gradient by something that is
computed, zeros are added to it and differentiated by, so that autograd does the whole backward pass and nothing here
knows a derivative.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd import grad
from numpy.typing import NDArray

from tests.oracle.reference import LOSS

Array = NDArray[np.float64]
Traced = Any  # an array, or autograd's box around one
Quantities = dict[str, Any]


@dataclass
class Recorder:
    """Names the computed quantities of one forward pass; what is added to each is differentiated by.

    Attributes:
        values: Inputs, parameters and, by the names of computed quantities, additions to them.
        out: The computed quantities so far.
    """

    values: Mapping[str, Traced]
    out: dict[str, Traced] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Traced:
        return self.values[name]

    def name(self, name: str, value: Traced) -> Traced:
        """Return a computed array under its name."""
        self.out[name] = value + self.values.get(name, 0.0)
        return self.out[name]


Run = Callable[[Recorder], None]


def judged_steps(
    run: Run,
    table: Mapping[str, Any],
    inputs: Mapping[str, Any],
    parameters: Mapping[str, Any],
    constants: Mapping[str, Any],
    scalar: str = "L",
) -> list[Quantities]:
    """Return every quantity of every update step.

    Args:
        run: Names the computed quantities, `scalar` among them.
        table: The kind's table of the file: rate, optimizer, steps, fixed.
        inputs: Given arrays that have a gradient and are not trained.
        parameters: Given arrays that are trained.
        constants: Given arrays without a gradient.
        scalar: What is differentiated.
    """
    optimizer = read_optimizer(table)
    given = {name: np.array(value, dtype=float) for name, value in inputs.items()}
    trained = {name: np.array(value, dtype=float) for name, value in parameters.items()}
    fixed = set(table.get("fixed", ()))
    states: dict[str, dict[str, Array]] = {}
    steps = []
    for number in range(1, table.get("steps", 1) + 1):
        quantities, slopes = _one_pass(run, {**given, **trained}, scalar)
        quantities = {
            **{name: np.array(value, dtype=float) for name, value in constants.items()},
            **quantities,
        }
        if optimizer is not None and trained:
            updated = dict(trained)
            for name, value in trained.items():
                if name not in fixed:
                    updated[name], states[name] = optimizer(value, slopes[name], states.get(name, {}), number)
                    quantities |= {f"{state}_{name}": array for state, array in states[name].items()}
            trained = updated
            quantities |= {f"{name}'": value for name, value in trained.items()}
            after = Recorder({**given, **trained})
            run(after)
            quantities[f"{scalar}'"] = after.out[scalar]
        steps.append(quantities)
    return steps


def _one_pass(run: Run, given: Mapping[str, Array], scalar: str) -> tuple[Quantities, dict[str, Array]]:
    first = Recorder(given)
    run(first)
    additions = {name: np.zeros(np.shape(value)) for name, value in first.out.items() if name != scalar}

    def total(values: dict[str, Traced]) -> Traced:
        recorder = Recorder(values)
        run(recorder)
        return recorder.out[scalar]

    slopes = grad(total)({**given, **additions})
    quantities = {**given, **first.out} | {f"d{scalar}/d{name}": slope for name, slope in slopes.items()}
    return _stacked(quantities), slopes


def _stacked(quantities: Mapping[str, Any]) -> Quantities:
    """Return the quantities with those of single time steps ("h:1", "h:2", …) as the rows of one array."""
    found: Quantities = {}
    for name, value in quantities.items():
        base, _, time = name.partition(":")
        if time:
            found.setdefault(base, []).append(value)
        else:
            found[name] = value
    return {name: np.array(value) if isinstance(value, list) else value for name, value in found.items()}


Update = Callable[[Array, Array, Mapping[str, Array], int], tuple[Array, dict[str, Array]]]


def read_optimizer(table: Mapping[str, Any]) -> Update | None:
    """Return the update (w, g, state, step) -> (w, state) that a file asks for, or None.

    Raises:
        ValueError: An optimizer that is not judged.
    """
    if "optimizer" not in table:
        if "learning_rate" not in table:
            return None
        return _sgd(float(table["learning_rate"]))
    options = dict(table["optimizer"])
    name, rate = options.pop("name"), float(options.pop("learning_rate"))
    decay = float(options.pop("weight_decay", 0))
    makers: dict[str, Callable[..., Update]] = {
        "sgd": _sgd, "momentum": _momentum, "nesterov": _nesterov, "rmsprop": _rmsprop, "adam": _adam,
    }  # fmt: skip
    if name not in makers:
        raise ValueError(f"optimizer {name!r} is not judged")
    plain = makers[name](rate, **options)

    def decayed(w: Array, g: Array, state: Mapping[str, Array], step: int) -> tuple[Array, dict[str, Array]]:
        return plain(w, g + decay * w, state, step)

    return decayed


def _sgd(rate: float) -> Update:
    return lambda w, g, state, step: (w - rate * g, {})


def _accumulated(form: str, beta: float, state: Mapping[str, Array], g: Array) -> Array:
    before = state.get("m", np.zeros_like(g))
    return beta * before + (g if form == "classical" else (1 - beta) * g)


def _momentum(rate: float, beta: float = 0.9, form: str = "ema") -> Update:
    def update(w: Array, g: Array, state: Mapping[str, Array], step: int) -> tuple[Array, dict[str, Array]]:
        m = _accumulated(form, beta, state, g)
        return w - rate * m, {"m": m, "v": m}  # a velocity, by both of its usual names

    return update


def _nesterov(rate: float, beta: float = 0.9, form: str = "classical") -> Update:
    def update(w: Array, g: Array, state: Mapping[str, Array], step: int) -> tuple[Array, dict[str, Array]]:
        m = _accumulated(form, beta, state, g)
        ahead = _accumulated(form, beta, {"m": m}, g)
        return w - rate * ahead, {"m": m, "v": m}

    return update


def _rmsprop(rate: float, beta: float = 0.9, epsilon: float = 1e-8) -> Update:
    def update(w: Array, g: Array, state: Mapping[str, Array], step: int) -> tuple[Array, dict[str, Array]]:
        v = beta * state.get("v", np.zeros_like(g)) + (1 - beta) * g**2
        return w - rate * g / (np.sqrt(v) + epsilon), {"v": v}

    return update


def _adam(rate: float, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> Update:
    def update(w: Array, g: Array, state: Mapping[str, Array], step: int) -> tuple[Array, dict[str, Array]]:
        m = beta1 * state.get("m", np.zeros_like(g)) + (1 - beta1) * g
        v = beta2 * state.get("v", np.zeros_like(g)) + (1 - beta2) * g**2
        mhat, vhat = m / (1 - beta1**step), v / (1 - beta2**step)
        return w - rate * mhat / (np.sqrt(vhat) + epsilon), {"m": m, "v": v, "mhat": mhat, "vhat": vhat}

    return update


def total_loss(
    table: Mapping[str, Any],
    pairs: Sequence[tuple[Traced, Array]],
    weights: Sequence[Traced],
    samples: int = 1,
) -> Traced:
    """factor · Σ ℓ(y, t) over outputs (or mean), blocks and samples (or mean), plus l2/2 Σ w².

    Args:
        table: The kind's table of the file.
        pairs: Outputs and targets, one pair per time step that is read out.
        weights: The arrays that L2 is over.
        samples: How many samples there are.
    """
    loss = table.get("loss", "squared_error")
    options = dict(loss) if isinstance(loss, Mapping) else {"name": loss}
    total = sum(anp.sum(LOSS[options["name"]](y, np.array(t, dtype=float))) for y, t in pairs)
    total = total * float(options.get("factor", 1))
    if options.get("outputs", "sum") == "mean":
        total = total / (math.prod(np.shape(pairs[0][1])) / samples)
    if options.get("samples", "mean") == "mean":
        total = total / samples
    return total + float(table.get("l2", 0)) / 2 * sum(anp.sum(w**2) for w in weights)
