"""The judge of dense layers that normalise and drop units out, as they stand in a network or after a convolution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import autograd.numpy as anp
import numpy as np

from tests.oracle.reference import ACTIVATION
from tests.oracle.stepping import Quantities, Recorder, Traced, judged_steps, total_loss


def network_steps(problem: Mapping[str, Any]) -> list[Quantities]:
    """Return every quantity of every step of a parsed file of kind "network", layers and optimizers of all kinds."""
    table = problem["network"]
    batched = isinstance(table["inputs"][0], Sequence)
    from_to = table.get("weight_order") == "from-to"
    parameters = dense_parameters(table["layer"], from_to)

    def run(values: Recorder) -> None:
        x = values["x"] if batched else anp.reshape(values["x"], (1, -1))
        y = dense_layers(values, table["layer"], x, from_to, batched)
        t = np.array(table["targets"] if batched else [table["targets"]], dtype=float)
        weights = [values[name] for name, value in parameters.items() if np.ndim(value) > 1]
        values.out["L"] = total_loss(table, [(y, t)], weights, samples=len(t))

    return judged_steps(run, table, {"x": table["inputs"]}, parameters, {"t": table["targets"]})


def dense_parameters(layers: Sequence[Mapping[str, Any]], from_to: bool) -> dict[str, Any]:
    """Return W1, b1, gamma1, beta1, … as written, or as they are where the file leaves them out."""
    found: dict[str, Any] = {}
    for number, layer in enumerate(layers, 1):
        found[f"W{number}"] = layer["weights"]
        if "biases" in layer or "bias" in layer:
            found[f"b{number}"] = layer.get("biases", layer.get("bias"))
        if "normalize" in layer:
            units = len(layer["weights"][0] if from_to else layer["weights"])
            found[f"gamma{number}"] = layer.get("gamma", [1] * units)
            found[f"beta{number}"] = layer.get("beta", [0] * units)
    return found


def dense_layers(
    values: Recorder, layers: Sequence[Mapping[str, Any]], x: Traced, from_to: bool, batched: bool
) -> Traced:
    """Return the outputs (samples, units) of a chain of layers, everything on the way named.

    Args:
        values: Parameters, and where the stages are named.
        layers: The tables of the layers.
        x: What enters, (samples, numbers).
        from_to: Whether weights are written W[from][to].
        batched: Whether the stages keep the sample axis.
    """

    def name(stage: str, value: Traced) -> Traced:
        return values.name(stage, value) if batched else values.name(stage, value[0])[None]

    h = x
    for number, layer in enumerate(layers, 1):
        weights = values[f"W{number}"]
        a = h @ (weights if from_to else weights.T)
        if "biases" in layer or "bias" in layer:
            a = a + values[f"b{number}"]
        a = name(f"a{number}", a)
        if "normalize" in layer:
            a = _normalised(values, layer, number, a, name, batched)
        f = ACTIVATION[layer.get("activation", "linear")]
        if "dropout" in layer:
            u = name(f"u{number}", f(a))
            h = name(f"h{number}", u * np.array(layer["dropout"], dtype=float) / float(layer.get("keep", 1)))
        else:
            h = name(f"h{number}", f(a))
    return h


def _normalised(
    values: Recorder, layer: Mapping[str, Any], number: int, a: Traced, name: Any, batched: bool
) -> Traced:
    """(a − mean) / √(var + ε), scaled by gamma and shifted by beta."""
    epsilon = float(layer.get("epsilon", 1e-5))
    if layer["normalize"] == "batch":
        mean = values.name(f"mean{number}", anp.mean(a, axis=0))
        variance = values.name(f"var{number}", anp.mean((a - mean) ** 2, axis=0))
    else:
        averages = anp.mean(a, axis=1)
        mean = values.name(f"mean{number}", averages if batched else averages[0])
        mean = anp.reshape(mean, (-1, 1))
        spread = anp.mean((a - mean) ** 2, axis=1)
        variance = anp.reshape(values.name(f"var{number}", spread if batched else spread[0]), (-1, 1))
    normal = name(f"n{number}", (a - mean) / anp.sqrt(variance + epsilon))
    return name(f"s{number}", values[f"gamma{number}"] * normal + values[f"beta{number}"])
