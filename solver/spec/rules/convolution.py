"""Rules of `kind = "convolution"`: channels that match, windows that fit, and the dense layers after them."""

from __future__ import annotations

from math import prod

from solver.errors import quoted
from solver.spec.convolution import Convolution
from solver.spec.findings import Finding, counted
from solver.spec.names import shape_text
from solver.spec.rules.dense import Chain, chain_faults
from solver.spec.rules.training import bias_faults, target_faults, unnamed_function_faults, update_faults

_PATH = ("convolution",)
_SIDES = {1: ("length",), 2: ("height", "width")}


def convolution_faults(convolution: Convolution, hidden: frozenset[str] = frozenset()) -> list[Finding]:
    """Return what is wrong between the fields of a convolutional network, as far as no fault hides its shapes."""
    findings = update_faults(convolution, _PATH)
    findings += unnamed_function_faults(convolution.activation, _PATH)
    if convolution.activation.name == "softmax":
        findings.append(
            Finding(
                (*_PATH, "activation"),
                "",
                quoted("softmax"),
                "an elementwise function; softmax is for dense layers",
            )
        )
    channels = convolution.kernels.shape[0]
    of = f"the kernels give {counted(channels, 'channel')}"
    findings += bias_faults(convolution.biases, convolution.bias, channels, _PATH, of)
    if "weight_order" in hidden:
        return findings
    windows = [] if "padding" in hidden else _window_faults(convolution, hidden)
    doubtful = bool(windows or hidden & {"padding", "stride", "pool"})
    flat = None if doubtful else prod(convolution.pooled_shape())
    chain = Chain(
        _PATH,
        convolution.from_to,
        flat,
        f"the flattened maps have {counted(flat or 0, 'number')}",
        outputs=convolution.targets.size,
    )
    findings += windows + chain_faults(convolution.layers, chain)
    return findings + _target_faults(convolution, flat)


def _window_faults(convolution: Convolution, hidden: frozenset[str]) -> list[Finding]:
    kernels = _kernel_faults(convolution)
    return kernels if kernels or "stride" in hidden else _pool_faults(convolution)


def _kernel_faults(convolution: Convolution) -> list[Finding]:
    inputs, kernels, path = convolution.inputs, convolution.kernels, (*_PATH, "kernels")
    if kernels.ndim != inputs.ndim + 1:
        dimensions = "out x in x length" if convolution.spatial == 1 else "out x in x height x width"
        message = f"is {shape_text(kernels.shape)}, but the inputs are {shape_text(inputs.shape)}"
        return [Finding(path, message, expected=dimensions)]
    findings = []
    if kernels.shape[1] != inputs.shape[0]:
        message = f"takes {counted(kernels.shape[1], 'channel')}, but the inputs have {inputs.shape[0]}"
        findings.append(Finding(path, message, expected=counted(inputs.shape[0], "channel")))
    for side, n, k in zip(_SIDES[convolution.spatial], inputs.shape[1:], kernels.shape[2:], strict=True):
        room = n + 2 * convolution.padding
        if k > room:
            with_padding = f" with padding {convolution.padding}" if convolution.padding else ""
            message = (
                f"the window is larger than its input: {side} {k}, but the inputs have {n}{with_padding}"
            )
            findings.append(Finding(path, message, expected=f"at most {room}"))
    return findings


def _pool_faults(convolution: Convolution) -> list[Finding]:
    if convolution.pool is None:
        return []
    return [
        Finding(
            (*_PATH, "pool", "size"),
            f"the window is larger than its input: {side} {convolution.pool.size}, but the activations have {n}",
            expected=f"at most {n}",
        )
        for side, n in zip(_SIDES[convolution.spatial], convolution.convolved_shape()[1:], strict=True)
        if convolution.pool.size > n
    ]


def _target_faults(convolution: Convolution, flat: int | None) -> list[Finding]:
    path, targets = (*_PATH, "targets"), convolution.targets
    findings = []
    if convolution.layers:
        outputs = convolution.layers[-1].unit_count(convolution.from_to)
        if outputs is not None and targets.shape != (outputs,):
            message = f"is {shape_text(targets.shape)}, but the last layer has {counted(outputs, 'unit')}"
            findings.append(Finding(path, message, expected=f"a list of {outputs}"))
    elif flat is not None and targets.shape not in ((flat,), convolution.pooled_shape()):
        maps = shape_text(convolution.pooled_shape())
        message = f"is {shape_text(targets.shape)}, but the outputs are {maps}"
        findings.append(Finding(path, message, expected=f"{maps}, or a list of {flat}"))
    return findings + target_faults(convolution.loss, targets, path)
