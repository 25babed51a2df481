"""The judge of recurrent networks: the contract's formulas, step after step, differentiated by autograd."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import autograd.numpy as anp
import numpy as np

from tests.oracle.reference import ACTIVATION, _sigmoid
from tests.oracle.stepping import Quantities, Recorder, Traced, judged_steps, total_loss

GATES = {"elman": "", "lstm": "fiog", "gru": "zrn"}


def recurrent_steps(problem: Mapping[str, Any]) -> list[Quantities]:
    """Return every quantity of every step of a parsed file of kind "recurrent"."""
    table = problem["recurrent"]
    cell = table.get("cell", "elman")
    from_to = table.get("weight_order", "to-from") == "from-to"
    xs, targets = table["inputs"], table["targets"]
    weights, parameters = _parameters(table, cell)
    first = next(value for name, value in parameters.items() if name.startswith("W"))
    inputs = {f"x:{time}": row for time, row in enumerate(xs, 1)}
    inputs["h0"] = table.get("initial", [0] * len(first))
    if cell == "lstm":
        inputs["s0"] = table.get("initial_cell", [0] * len(first))
    read = range(1, len(xs) + 1) if len(targets) > 1 or len(xs) == 1 else [len(xs)]

    def times(matrix: Traced, vector: Traced) -> Traced:
        return vector @ matrix if from_to else matrix @ vector

    def run(values: Recorder) -> None:
        def gate(suffix: str, time: int, h: Traced, f: str) -> Traced:
            a = times(values[f"U{suffix}"], values[f"x:{time}"]) + times(values[f"W{suffix}"], h)
            if f"b{suffix}" in parameters:
                a = a + values[f"b{suffix}"]
            a = values.name(f"a{suffix}:{time}", a)
            return values.name(f"h{suffix}:{time}", _activated(f, a))

        h, s = values["h0"], values["s0"] if cell == "lstm" else None
        pairs = []
        for time in range(1, len(xs) + 1):
            if cell == "elman":
                h = gate("", time, h, table.get("activation", "tanh"))
            elif cell == "lstm":
                f, i, o = (gate(f"_{name}", time, h, "sigmoid") for name in "fio")
                s = values.name(f"s:{time}", f * s + i * gate("_g", time, h, "tanh"))
                h = values.name(f"h:{time}", o * anp.tanh(s))
            else:
                z, r = (gate(f"_{name}", time, h, "sigmoid") for name in "zr")
                n = gate("_n", time, values.name(f"rh:{time}", r * h), "tanh")
                keeps = table.get("convention", "z-keeps") == "z-keeps"
                h = values.name(f"h:{time}", (1 - z) * n + z * h if keeps else (1 - z) * h + z * n)
            if time not in read:
                continue
            y = h
            if "output" in table:
                z = times(values["V"], h) + (values["c"] if "c" in parameters else 0.0)
                z = values.name(f"z:{time}", z)
                y = values.name(f"o:{time}", _activated(table["output"].get("activation", "linear"), z))
            pairs.append((y, targets[time - 1 if len(targets) > 1 else 0]))
        values.out["L"] = total_loss(table, pairs, [values[name] for name in weights])

    return judged_steps(run, table, inputs, parameters, {"t": targets})


def _activated(name: str, a: Traced) -> Traced:
    if name == "sigmoid":
        return _sigmoid(a)
    return ACTIVATION[name](a[None, :])[0] if name == "softmax" else ACTIVATION[name](a)


def _parameters(table: Mapping[str, Any], cell: str) -> tuple[list[str], dict[str, Any]]:
    """Return the names that L2 is over, and all parameters."""
    cells = {"": table} if cell == "elman" else {f"_{name}": table["gates"][name] for name in GATES[cell]}
    parameters: dict[str, Any] = {}
    for suffix, entry in cells.items():
        parameters |= {f"U{suffix}": entry["input_weights"], f"W{suffix}": entry["hidden_weights"]}
        if "biases" in entry or "bias" in entry:
            parameters[f"b{suffix}"] = entry.get("biases", entry.get("bias"))
    if "output" in table:
        parameters["V"] = table["output"]["weights"]
        if "biases" in table["output"] or "bias" in table["output"]:
            parameters["c"] = table["output"].get("biases", table["output"].get("bias"))
    weights = [name for name, value in parameters.items() if np.ndim(value) == 2]
    return weights, parameters
