"""Random problems of every kind but the plain network, as parsed files: short decimals, clear of kinks and saturation.

Hypothesis draws the structure (sizes, options, functions), which is what shrinks well; the numbers come from a drawn
seed. What would be badly conditioned is thrown away, by the judge's own quantities.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.oracle.training_strategies import (
    ACTIVATIONS,
    SMOOTH,
    Generator,
    Table,
    biases,
    endings,
    generators,
    optimizers,
    trainings,
    typed,
)

Problem = dict[str, Any]


@st.composite
def recurrents(
    draw: st.DrawFn,
    *,
    cells: Sequence[str] = ("elman", "lstm", "gru"),
    most: tuple[int, int, int] = (5, 4, 3),
) -> Problem:
    """Draw a recurrent problem; `most` bounds time steps, units and features."""
    rng, table = draw(generators()), draw(trainings())
    time, units, features, outputs = (draw(st.integers(1, limit)) for limit in (*most, 3))
    cell = draw(st.sampled_from(cells))
    from_to = draw(st.booleans())
    if from_to:
        table["weight_order"] = "from-to"

    def cell_of(width: int, **entering: int) -> Table:
        """Draw weights to so many units from each named group, and biases of any kind."""
        entry: Table = {
            name: typed(rng, from_, width) if from_to else typed(rng, width, from_)
            for name, from_ in entering.items()
        }
        return entry | draw(biases(rng, width))

    def gate() -> Table:
        return cell_of(units, input_weights=features, hidden_weights=units)

    table |= {"cell": cell, "inputs": typed(rng, time, features, scale=1)}
    if draw(st.booleans()):
        table["initial"] = typed(rng, units)
        if cell == "lstm":
            table["initial_cell"] = typed(rng, units)
    if cell == "elman":
        table |= gate()
        table["activation"] = draw(st.sampled_from(ACTIVATIONS))
    if cell == "gru" and draw(st.booleans()):
        table["convention"] = draw(st.sampled_from(["z-keeps", "z-replaces"]))
    if draw(st.booleans()):
        table["output"] = cell_of(outputs, weights=units)
        table["output"]["activation"] = draw(st.sampled_from([*SMOOTH, "softmax"]))
    else:
        outputs = units
    rows = time if draw(st.booleans()) else 1
    last = table.get("output") or (table if cell == "elman" else None)
    if last is None:  # a gated cell's h is no probability
        table["targets"] = typed(rng, rows, outputs, scale=1.5)
    else:
        table["targets"] = draw(endings(rng, table, last, rows, outputs))
    names = ["V"] if "output" in table else []
    names += (
        ["U", "W"] if cell == "elman" else [f"{letter}_{gate}" for letter in "UW" for gate in GATES[cell]]
    )
    if draw(st.booleans()):
        table["fixed"] = [draw(st.sampled_from(names))]
    if cell != "elman":
        table["gates"] = {name: gate() for name in GATES[cell]}
    return {"title": "A random recurrent network", "kind": "recurrent", "recurrent": table}


GATES = {"lstm": "fiog", "gru": "zrn"}


@st.composite
def dense_tables(
    draw: st.DrawFn,
    rng: Generator,
    width: int,
    from_to: bool,
    samples: int,
    *,
    depth: int,
    normal: bool = True,
) -> list[Table]:
    """Draw dense layers that may normalise and drop units out."""
    layers = []
    for _ in range(depth):
        units = draw(st.integers(2, 4))
        layer: Table = {"weights": typed(rng, width, units) if from_to else typed(rng, units, width)}
        if draw(st.booleans()):
            layer["biases"] = typed(rng, units)
        layer["activation"] = draw(st.sampled_from(ACTIVATIONS))
        kinds = [None, "layer", *(["batch"] if samples > 2 else [])]
        if normal and (kind := draw(st.sampled_from(kinds))) is not None:
            layer["normalize"] = kind
            if draw(st.booleans()):
                layer["gamma"] = typed(rng, units, scale=1.5)
            if draw(st.booleans()):
                layer["beta"] = typed(rng, units)
            if draw(st.booleans()):
                layer["epsilon"] = draw(st.sampled_from([0.1, 0.01]))
        if draw(st.integers(0, 3)) == 0:
            rows = samples > 1 and draw(st.booleans())
            mask = rng.integers(0, 2, (samples, units) if rows else units)
            layer["dropout"] = mask.tolist()
            if draw(st.booleans()):
                layer["keep"] = draw(st.sampled_from([0.5, 0.8]))
        layers.append(layer)
        width = units
    return layers


@st.composite
def layered(draw: st.DrawFn) -> Problem:
    """Draw a dense network with normalisation and dropout, a single sample or several."""
    rng, table = draw(generators()), draw(trainings())
    samples = draw(st.sampled_from([1, 1, 3, 4]))
    from_to, width = draw(st.booleans()), draw(st.integers(1, 4))
    if from_to:
        table["weight_order"] = "from-to"
    layers = draw(dense_tables(rng, width, from_to, samples, depth=draw(st.integers(1, 3))))
    outputs = len(layers[-1]["weights"][0] if from_to else layers[-1]["weights"])
    flat = samples == 1 and draw(st.booleans())
    table["inputs"] = typed(rng, width, scale=1) if flat else typed(rng, samples, width, scale=1)
    shape = (outputs,) if flat else (samples, outputs)
    if "dropout" in layers[-1]:  # a dropped output is no probability
        table["targets"] = typed(rng, *shape, scale=1.5)
    else:
        table["targets"] = draw(endings(rng, table, layers[-1], *shape))
    if flat:
        for layer in layers:
            if np.ndim(layer.get("dropout", [])) == 2:
                layer["dropout"] = layer["dropout"][0]
    return {"title": "A random network", "kind": "network", "network": {**table, "layer": layers}}


@st.composite
def convolutions(draw: st.DrawFn, *, spatial: Sequence[int] = (1, 2)) -> Problem:
    """Draw a convolutional problem in one or two dimensions."""
    rng, table = draw(generators()), draw(trainings())
    axes = draw(st.sampled_from(spatial))
    channels, maps = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    sides = [draw(st.integers(2, 5)) for _ in range(axes)]
    table["padding"] = draw(st.integers(0, 1))
    size = [draw(st.integers(1, min(3, side + 2 * table["padding"]))) for side in sides]
    table["stride"] = draw(st.integers(1, 2))
    table |= {"inputs": typed(rng, channels, *sides, scale=1), "kernels": typed(rng, maps, channels, *size)}
    table |= draw(biases(rng, maps))
    table["activation"] = draw(st.sampled_from(ACTIVATIONS))
    places = [(n + 2 * table["padding"] - k) // table["stride"] + 1 for n, k in zip(sides, size, strict=True)]
    if draw(st.booleans()):
        pool: Table = {"kind": draw(st.sampled_from(["max", "average"]))}
        pool["size"] = draw(st.integers(1, min(2, *places) if len(places) > 1 else min(2, places[0])))
        if draw(st.booleans()):
            pool["stride"] = draw(st.integers(1, 2))
        table["pool"] = pool
        step = pool.get("stride", pool["size"])
        places = [(n - pool["size"]) // step + 1 for n in places]
    if draw(st.booleans()):
        from_to = draw(st.booleans())
        if from_to:
            table["weight_order"] = "from-to"
        flat = maps * int(np.prod(places))
        table["layer"] = draw(dense_tables(rng, flat, from_to, 1, depth=draw(st.integers(1, 2))))
        last = table["layer"][-1]
        outputs = len(last["weights"][0] if from_to else last["weights"])
        if "dropout" in last:
            table["targets"] = typed(rng, outputs, scale=1.5)
        else:
            table["targets"] = draw(endings(rng, table, last, outputs))
    else:
        shape = (maps * int(np.prod(places)),) if draw(st.booleans()) else (maps, *places)
        table["targets"] = typed(rng, *shape, scale=1.5)
    return {"title": "A random convolution", "kind": "convolution", "convolution": table}


@st.composite
def attentions(draw: st.DrawFn, *, tokens: int = 4) -> Problem:
    """Draw an attention head, causal or not."""
    rng, table = draw(generators()), draw(trainings())
    count, features, width, values = (draw(st.integers(1, limit)) for limit in (tokens, 3, 4, 3))
    from_to = draw(st.booleans())
    if from_to or draw(st.booleans()):
        table["weight_order"] = "from-to" if from_to else "to-from"

    def weights(to: int) -> Any:
        return typed(rng, features, to) if from_to else typed(rng, to, features)

    table |= {"inputs": typed(rng, count, features, scale=1), "query_weights": weights(width)}
    table |= {"key_weights": weights(width), "value_weights": weights(values)}
    table["targets"] = typed(rng, count, values, scale=1.5)
    if draw(st.booleans()):
        table["causal"] = draw(st.booleans())
    if draw(st.integers(0, 4)) == 0:
        table["softmax_jacobian"] = "diagonal"
    if draw(st.booleans()):
        table["fixed"] = [draw(st.sampled_from(["Wq", "Wk", "Wv"]))]
    return {"title": "A random head", "kind": "attention", "attention": table}


@st.composite
def formulas(draw: st.DrawFn, names: Sequence[str], depth: int = 3) -> str:
    """Draw a formula of the grammar over some names, fully bracketed."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        constant = st.sampled_from(["2", "0.5", "1.5", "3"])
        return draw(st.one_of(st.sampled_from(list(names)), st.sampled_from(list(names)), constant))
    inner = formulas(names, depth - 1)
    shape = draw(
        st.sampled_from(
            ["{} + {}", "{} - {}", "{} * {}", "{} * {}", "{} / {}", "-{}", "{}^2", "{}^3", "exp({})", "log({})",
             "sqrt({})", "sin({})", "cos({})", "tanh({})", "sigmoid({})", "max({}, {})", "min({}, {})", "abs({})",
             "max({}, {}, 0.3)", "{}^-1", "{}^1.5", "2^{}", "{}^{}"]
        )
    )  # fmt: skip
    parts = [draw(inner) for _ in range(shape.count("{}"))]
    return shape.format(*(part if part.isidentifier() else f"({part})" for part in parts))


@st.composite
def expressions(draw: st.DrawFn, *, most: int = 4) -> Problem:
    """Draw a computation graph of named nodes; its output is one of them, others may not lead to it."""
    rng = draw(generators())
    inputs = {name: abs(typed(rng, scale=1.9)) + 0.1 for name in ("x", "y", "W1")[: draw(st.integers(1, 3))]}
    inputs = {name: round(value, 2) for name, value in inputs.items()}
    names, nodes = list(inputs), {}
    for name in ("q", "node", "b1", "f_1")[: draw(st.integers(1, most))]:
        nodes[name] = draw(formulas(names))
        names.append(name)
    nodes["L"] = draw(formulas(names))
    if draw(st.booleans()):
        nodes["after"] = draw(formulas([*names, "L"]))
    table: Table = {"inputs": inputs, "nodes": nodes, "output": "L"}
    training = draw(optimizers())
    if training:
        table |= training
        table["parameters"] = draw(st.lists(st.sampled_from(list(inputs)), min_size=1, unique=True))
        table["steps"] = draw(st.integers(1, 3))
    return {"title": "A random expression", "kind": "expression", "expression": table}
