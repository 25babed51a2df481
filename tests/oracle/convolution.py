"""The judge of convolutional networks: sums written as they are read, window by window, differentiated by autograd."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.tracer import getval

from tests.oracle.layers import dense_layers, dense_parameters
from tests.oracle.reference import ACTIVATION
from tests.oracle.stepping import Quantities, Recorder, Traced, judged_steps, total_loss


def convolution_steps(problem: Mapping[str, Any]) -> list[Quantities]:
    """Return every quantity of every step of a parsed file of kind "convolution"."""
    table = problem["convolution"]
    padding, stride = table.get("padding", 0), table.get("stride", 1)
    parameters = {"K": table["kernels"]}
    if "biases" in table or "bias" in table:
        parameters["b"] = table.get("biases", table.get("bias"))
    layers = table.get("layer", ())
    from_to = table.get("weight_order") == "from-to"
    parameters |= dense_parameters(layers, from_to)

    def run(values: Recorder) -> None:
        x, kernels = values["x"], values["K"]
        sides = [(0, 0)] + [(padding, padding)] * (np.ndim(x) - 1)
        maps = []
        for number, kernel in enumerate(kernels):
            shift = 0.0
            if "b" in parameters:
                shift = values["b"][number] if np.ndim(parameters["b"]) else values["b"]
            size = np.shape(kernel)[1:]
            found = _over_windows(
                anp.pad(x, sides, "constant"), size, stride, lambda part, k=kernel: anp.sum(part * k)
            )
            maps.append(found + shift)
        z = values.name("Z", anp.array(maps))
        y = values.name("A", ACTIVATION[table.get("activation", "linear")](z))
        if "pool" in table:
            y = values.name("P", _pooled(y, table["pool"]))
        if layers:
            rows = anp.reshape(y, (1, -1))
            y = dense_layers(values, layers, rows, from_to, batched=False)[0]
        target = np.reshape(np.array(table["targets"], dtype=float), np.shape(y))
        weights = [values[name] for name, value in parameters.items() if np.ndim(value) > 1]
        values.out["L"] = total_loss(table, [(y, target)], weights)

    shape = table["targets"]
    return judged_steps(run, table, {"x": table["inputs"]}, parameters, {"t": shape} if layers else {})


def _over_windows(maps: Traced, size: tuple[int, ...], stride: int, each: Any) -> Traced:
    """Return each(window) for every window of maps (channels, …), in an array of the windows' places."""
    counts = [(side - k) // stride + 1 for side, k in zip(np.shape(maps)[1:], size, strict=True)]
    found = []
    for place in product(*map(range, counts)):
        cut = tuple(slice(p * stride, p * stride + k) for p, k in zip(place, size, strict=True))
        found.append(each(maps[(slice(None), *cut)]))
    return anp.reshape(anp.array(found), (*counts, *np.shape(found[0])))


def _pooled(maps: Traced, pool: Mapping[str, Any]) -> Traced:
    size = (pool["size"],) * (np.ndim(maps) - 1)
    stride = pool.get("stride", pool["size"])
    channels = []
    for channel in range(np.shape(maps)[0]):
        take = _first_largest if pool["kind"] == "max" else anp.mean
        channels.append(_over_windows(maps[channel : channel + 1], size, stride, take))
    return anp.array(channels)


def _first_largest(window: Traced) -> Traced:
    """Return the first largest entry in reading order (autograd's own max would share a tie)."""
    flat = anp.reshape(window, (-1,))
    return flat[int(np.argmax(getval(flat)))]
