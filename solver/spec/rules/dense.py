"""Rules of a chain of dense layers: each takes what the one before gives, and has one of everything per unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solver.spec.array import MOST_FINDINGS, Array
from solver.spec.dense import Layer
from solver.spec.findings import Finding, KeyPath, counted, number_text
from solver.spec.names import shape_text
from solver.spec.rules.training import bias_faults, unnamed_function_faults


@dataclass(frozen=True)
class Chain:
    """Where a chain of layers stands.

    Attributes:
        path: Key path of the kind's table.
        from_to: Whether weights are written W[from][to].
        inputs: How many numbers enter the first layer; None where a fault hides it.
        origin: What gives them, for messages: "there are 4 inputs".
        samples: How many rows of samples there are; None for a single sample written as a list.
        symbolic: Whether layers have units instead of weights.
        outputs: How many targets a sample has; None where it is unknown.
    """

    path: KeyPath
    from_to: bool
    inputs: int | None
    origin: str
    samples: int | None = None
    symbolic: bool = False
    outputs: int | None = None


def chain_faults(layers: tuple[Layer, ...], chain: Chain) -> list[Finding]:
    """Return what is wrong with the layers, each held against the one before."""
    findings: list[Finding] = []
    width, origin = chain.inputs, chain.origin
    for number, layer in enumerate(layers):
        path = (*chain.path, "layer", number)
        units = layer.unit_count(chain.from_to)
        if layer.weights is None or chain.symbolic:
            findings += _presence_faults(layer, path, symbolic=chain.symbolic)
        else:
            findings += _weight_faults(layer, path, chain, width, origin)
            if width not in (None, layer.input_count(chain.from_to)) and _is_transposed(
                layers, number, chain, width
            ):
                # One slip, one fault: what follows is held against the layer that was meant.
                units = layer.input_count(chain.from_to)
        if chain.symbolic:
            findings += _symbolic_faults(layer, path)
        else:
            findings += _numeric_faults(layer, path, units, chain.samples)
        width = units
        origin = f"layer {number + 1} has {counted(units, 'unit')}" if units is not None else ""
    return findings


def _presence_faults(layer: Layer, path: KeyPath, *, symbolic: bool) -> list[Finding]:
    """Return the fault of weights where units are expected, units where weights are, or neither."""
    if symbolic and layer.weights is not None:
        found = f"numbers, {shape_text(layer.weights.shape)}"
        return [Finding((*path, "weights"), "", found, "units = …, since the inputs are a count")]
    if symbolic:
        return (
            []
            if layer.units is not None
            else [Finding(path, "has no units", expected="units = 3, for example")]
        )
    if layer.units is not None:
        expected = "weights, since the inputs are numbers and no count"
        return [Finding((*path, "units"), "", f"units = {layer.units}", expected)]
    return [Finding(path, "has no weights", expected="weights = [[0.1, -0.2], [0.3, 0.4]], for example")]


def _weight_faults(
    layer: Layer, path: KeyPath, chain: Chain, width: int | None, origin: str
) -> list[Finding]:
    entering, weights = layer.input_count(chain.from_to), layer.weights
    if layer.units is not None:
        return [Finding((*path, "units"), "weights and units are both given", expected="weights alone")]
    if width is None or entering is None or weights is None or entering == width:
        return []
    axis, order, other = ("row", "from-to", "to-from") if chain.from_to else ("column", "to-from", "from-to")
    expected = f'{counted(width, axis)} (weight_order = "{order}")'
    if layer.unit_count(chain.from_to) == width:
        expected += f'; the {shape_text(weights.shape)} matrix would fit "{other}"'
    return [Finding((*path, "weights"), f"has {counted(entering, axis)}, but {origin}", expected=expected)]


def _is_transposed(layers: tuple[Layer, ...], number: int, chain: Chain, width: int | None) -> bool:
    """Return whether a matrix that does not fit is the right one turned: it takes its inputs, and what follows agrees."""
    layer = layers[number]
    rows, columns = layer.unit_count(chain.from_to), layer.input_count(chain.from_to)
    if rows != width:
        return False
    after = layers[number + 1].input_count(chain.from_to) if number + 1 < len(layers) else chain.outputs
    beside = layer.biases.shape[0] if isinstance(layer.biases, Array) else None
    return columns in (after, beside)


def _symbolic_faults(layer: Layer, path: KeyPath) -> list[Finding]:
    findings = []
    if isinstance(layer.biases, Array):
        findings.append(
            Finding(
                (*path, "biases"),
                "",
                "numbers",
                "biases = true: a symbolic problem has letters instead of numbers",
            )
        )
    given = [
        key
        for key in ("bias", "normalize", "gamma", "beta", "epsilon", "dropout", "keep")
        if layer.given(key)
    ]
    findings += [Finding((*path, key), f"{key} needs numbers, and the problem is symbolic") for key in given]
    return findings


def _numeric_faults(layer: Layer, path: KeyPath, units: int | None, samples: int | None) -> list[Finding]:
    findings = unnamed_function_faults(layer.activation, path)
    of = f"the layer has {counted(units or 0, 'unit')}"
    if layer.biases is True:
        findings.append(Finding((*path, "biases"), "", "true", "numbers; true is for symbolic problems"))
    findings += bias_faults(layer.biases, layer.bias, units, path, of)
    for key, value in (("gamma", layer.gamma), ("beta", layer.beta)):
        if value is not None and units is not None and value.shape[0] != units:
            message = f"has {counted(value.shape[0], 'number')}, but {of}"
            findings.append(Finding((*path, key), message, expected=str(units)))
    if layer.normalize is None:
        findings += [
            Finding(
                (*path, key),
                f"{key} is given without normalize",
                expected='normalize = "layer" or "batch" beside it',
            )
            for key in ("gamma", "beta", "epsilon")
            if layer.given(key)
        ]
    elif layer.normalize == "batch" and (samples or 1) == 1:
        message = "a batch of one sample has no spread: every unit would be its own mean"
        findings.append(Finding((*path, "normalize"), message, '"batch"', 'several samples, or "layer"'))
    if layer.dropout is not None:
        findings += _mask_faults(layer.dropout, (*path, "dropout"), units, samples)
    elif layer.keep is not None:
        findings.append(
            Finding(
                (*path, "keep"), "keep is given without dropout", expected="dropout = [1, 0, …] beside it"
            )
        )
    return findings


def _mask_faults(mask: Array, path: KeyPath, units: int | None, samples: int | None) -> list[Finding]:
    findings = [
        Finding(
            (*path, *map(int, place)), "", number_text(mask.exact[tuple(place)]), "0 or 1, as in any mask"
        )
        for place in np.argwhere((mask.values != 0) & (mask.values != 1))[:MOST_FINDINGS]
    ]
    if units is None:
        return findings
    shapes = [(units,)] if samples is None else [(units,), (samples, units)]
    if mask.shape not in shapes:
        expected = f"a list of {units}, one per unit"
        if samples is not None:
            expected += f", or {counted(samples, 'row')} of {units}"
        findings.append(Finding(path, "", shape_text(mask.shape), expected))
    return findings
