"""Random problems that a teacher could have typed: short decimals, well away from kinks, saturation and log 0.

Nothing is drawn and thrown away when it can be chosen instead: weights come first, then an activation among those that
are smooth at the resulting pre-activations, then a loss that suits it, then targets and a learning rate that keep
clear of trouble. So every kind of network turns up often, and a failing one shrinks to something small.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from tests.oracle.clearance import is_clear, suits, suits_loss
from tests.oracle.reading import ACTIVATIONS, LOSSES
from tests.oracle.reference import ACTIVATION, reference_steps

Problem = dict[str, Any]
Table = dict[str, Any]

_PROBABILITIES = frozenset({"binary_cross_entropy", "cross_entropy"})
_OUTPUTS = {
    name: frozenset({"sigmoid", "softmax"}) if name in _PROBABILITIES else frozenset(ACTIVATIONS)
    for name in LOSSES
}


def decimals(low: float, high: float, places: int) -> st.SearchStrategy[int | float]:
    """Draw a decimal of so many places from [low, high]; a whole one is an int, as a teacher would type it."""
    unit: int = 10**places

    def typed(count: int) -> int | float:
        return count // unit if count % unit == 0 else count / unit

    return st.integers(round(low * unit), round(high * unit)).map(typed)


@st.composite
def networks(
    draw: st.DrawFn,
    *,
    activations: Collection[str] = ACTIVATIONS,
    losses: Collection[str] = LOSSES,
    depths: tuple[int, int] = (1, 5),
    widths: tuple[int, int] = (1, 6),
    samples: tuple[int, int] = (1, 4),
    steps: tuple[int, int] = (1, 1),
) -> Problem:
    """Draw a parsed TOML file of a dense network.

    Args:
        draw: Given by hypothesis.
        activations: Activations to choose from, hidden and last.
        losses: Losses to choose from.
        depths: Least and greatest number of layers.
        widths: Least and greatest number of units of a layer, and of inputs.
        samples: Least and greatest number of samples; one is written flat or as a single row.
        steps: Least and greatest number of update steps.
    """
    count = draw(st.integers(*samples))
    width = draw(st.integers(*widths))
    depth = draw(st.integers(*depths))
    order = draw(st.sampled_from([None, "to-from", "from-to"]))
    x = _matrix(draw, count, width, decimals(-2, 2, 1))

    layers: list[Table] = []
    h = np.array(x, dtype=float)
    for number in range(1, depth + 1):
        layer, a = _affine(draw, h, draw(st.integers(*widths)), order)
        if number < depth:
            smooth = [name for name in activations if suits(name, a)]
            assume(smooth)
            layer["activation"] = draw(st.sampled_from(smooth))
        else:
            loss, layer["activation"] = _ending(draw, a, activations, losses)
        h = ACTIVATION[layer["activation"]](a)
        layers.append(layer)
    targets = _targets(draw, loss, layers[-1]["activation"], h)

    flat = count == 1 and draw(st.booleans())
    table: Table = {
        "inputs": x[0] if flat else x,
        "targets": targets[0] if flat else targets,
        "loss": _loss(draw, loss),
    }
    table |= _options(draw, order, layers)
    table["steps"] = draw(st.integers(*steps))
    table["layer"] = layers
    return _trained(draw, {"title": "A random network", "kind": "network", "network": table})


def _matrix(
    draw: st.DrawFn, rows: int, columns: int, entry: st.SearchStrategy[int | float]
) -> list[list[int | float]]:
    row = st.lists(entry, min_size=columns, max_size=columns)
    return draw(st.lists(row, min_size=rows, max_size=rows))


def _affine(
    draw: st.DrawFn, h: np.ndarray[Any, np.dtype[np.float64]], width: int, order: str | None
) -> tuple[Table, np.ndarray[Any, np.dtype[np.float64]]]:
    """Draw weights and biases of a layer, and compute its pre-activations."""
    entry = draw(st.sampled_from([decimals(-1, 1, 1), decimals(-0.5, 0.5, 2), decimals(-1, 1, 3)]))
    rows, columns = (h.shape[1], width) if order == "from-to" else (width, h.shape[1])
    weights = _matrix(draw, rows, columns, entry)
    layer: Table = {"weights": weights}
    kind = draw(st.sampled_from(["none", "shared", "per unit"]))
    if kind == "shared":
        layer["bias"] = draw(decimals(-0.5, 0.5, 3))
    elif kind == "per unit":
        layer["biases"] = draw(st.lists(decimals(-0.5, 0.5, 3), min_size=width, max_size=width))
    w = np.array(weights, dtype=float)
    a = h @ (w if order == "from-to" else w.T)
    return layer, a + np.array(layer.get("biases", layer.get("bias", 0)), dtype=float)


def _ending(
    draw: st.DrawFn,
    a: np.ndarray[Any, np.dtype[np.float64]],
    activations: Collection[str],
    losses: Collection[str],
) -> tuple[str, str]:
    """Draw a loss, and a last activation that suits both it and the pre-activations."""
    fitting = {
        loss: [name for name in activations if name in _OUTPUTS[loss] and suits(name, a)] for loss in losses
    }
    possible = [loss for loss, names in fitting.items() if names]
    assume(possible)
    loss = draw(st.sampled_from(possible))
    return loss, draw(st.sampled_from(fitting[loss]))


def _targets(
    draw: st.DrawFn, loss: str, activation: str, y: np.ndarray[Any, np.dtype[np.float64]]
) -> list[list[int | float]]:
    """Draw targets in the loss's range, each at a distance from its kink."""
    if loss == "cross_entropy" and activation == "softmax":
        return [_distribution(draw, y.shape[1]) for _ in y]
    if loss == "hinge":
        choices: Sequence[int | float] = [-1, 1]
    elif loss in _PROBABILITIES:
        choices = [0, 1, 0.2, 0.5, 0.9]
    else:
        choices = [k / 10 if k % 10 else k // 10 for k in range(-15, 16)]

    def target(output: float) -> int | float:
        clear = [t for t in choices if suits_loss(loss, np.array([output]), np.array([float(t)]))]
        assume(clear)
        return draw(st.sampled_from(clear))

    return [[target(float(output)) for output in row] for row in y]


def _distribution(draw: st.DrawFn, classes: int) -> list[int | float]:
    """Draw one-hot targets, or tenths that sum to one."""
    cuts = draw(
        st.one_of(
            st.integers(0, classes - 1).map(lambda hot: [0] * hot + [10] * (classes - 1 - hot)),
            st.lists(st.integers(0, 10), min_size=classes - 1, max_size=classes - 1).map(sorted),
        )
    )
    tenths = [high - low for low, high in zip([0, *cuts], [*cuts, 10], strict=True)]
    return [k // 10 if k % 10 == 0 else k / 10 for k in tenths]


def _loss(draw: st.DrawFn, name: str) -> str | Table:
    choices: Mapping[str, Sequence[str | float | None]] = {
        "factor": [None, 0.5, 1, 2],
        "outputs": [None, "sum", "mean"],
        "samples": [None, "sum", "mean"],
    }
    drawn = {key: draw(st.sampled_from(values)) for key, values in choices.items()}
    written = {key: value for key, value in drawn.items() if value is not None}
    as_table = bool(written) or draw(st.booleans())
    return {"name": name, **written} if as_table else name


def _options(draw: st.DrawFn, order: str | None, layers: Sequence[Mapping[str, Any]]) -> Table:
    options: Table = {}
    if order is not None:
        options["weight_order"] = order
    names = [f"W{number}" for number in range(1, len(layers) + 1)]
    names += [
        f"b{number}" for number, layer in enumerate(layers, start=1) if layer.keys() & {"bias", "biases"}
    ]
    if fixed := draw(st.one_of(st.just([]), st.lists(st.sampled_from(names), unique=True, max_size=3))):
        options["fixed"] = fixed
    if l2 := draw(st.sampled_from([0, 0, 0.1, 0.01])):
        options["l2"] = l2
    if any(layer["activation"] == "softmax" for layer in layers) and draw(st.booleans()):
        options["softmax_jacobian"] = draw(st.sampled_from(["full", "diagonal"]))
    return options


def _trained(draw: st.DrawFn, problem: Problem) -> Problem:
    """Choose a learning rate after whose steps the network is still clear of trouble, and write it one of two ways."""
    rates = draw(st.permutations([1, 0.5, 0.1, 0.05, 0.01]))
    as_optimizer = draw(st.booleans())

    def trained(rate: float) -> Problem:
        spelled = (
            {"optimizer": {"name": "sgd", "learning_rate": rate}} if as_optimizer else {"learning_rate": rate}
        )
        return {**problem, "network": {**problem["network"], **spelled}}

    candidates = map(trained, rates)
    clear = next((c for c in candidates if all(is_clear(c, step) for step in reference_steps(c))), None)
    assume(clear is not None)
    return clear or problem
