"""Rules of `kind = "network"`."""

from __future__ import annotations

from solver.spec.array import Array
from solver.spec.findings import Finding, counted
from solver.spec.names import shape_text
from solver.spec.network import Network
from solver.spec.rules.dense import Chain, chain_faults
from solver.spec.rules.training import target_faults, update_faults
from solver.spec.translate import missing

_PATH = ("network",)


def network_faults(network: Network, hidden: frozenset[str] = frozenset()) -> list[Finding]:
    """Return what is wrong between the fields of a network; nothing of shapes where the order of weights is hidden."""
    findings = update_faults(network, _PATH)
    if "weight_order" in hidden or (not network.layers and "layer" in hidden):
        return findings
    if not network.layers:
        findings.append(Finding((*_PATH, "layer"), "", "no layer", "at least one [[network.layer]]"))
    chain = Chain(
        _PATH,
        network.from_to,
        network.input_units,
        f"{'each sample has' if network.sample_axis else 'there are'} {counted(network.input_units, 'input')}",
        network.samples if network.sample_axis else None,
        network.symbolic,
        network.targets.shape[-1] if isinstance(network.targets, Array) else None,
    )
    findings += chain_faults(network.layers, chain)
    findings += _target_faults(network)
    if network.symbolic and network.steps > 1:
        findings.append(
            Finding(
                (*_PATH, "steps"),
                "several steps need numbers, and the problem is symbolic",
                str(network.steps),
                "1",
            )
        )
    return findings


def _target_faults(network: Network) -> list[Finding]:
    path, targets = (*_PATH, "targets"), network.targets
    outputs = network.layers[-1].unit_count(network.from_to) if network.layers else None
    if network.symbolic:
        if isinstance(targets, Array):
            return [
                Finding(path, "", "numbers", "no targets: a symbolic problem has letters instead of numbers")
            ]
        if targets is not None and outputs is not None and targets != outputs:
            message = f"the last layer has {counted(outputs, 'unit')}"
            return [Finding(path, message, f"a count of {targets}", f"{outputs}, or no targets")]
        return []
    if targets is None:
        return [missing(path, [1, 0])]
    if isinstance(targets, int):
        expected = "a list of numbers; a count goes with inputs that are a count"
        return [Finding(path, "", str(targets), expected)]
    shape = (network.samples,) if network.sample_axis else ()
    findings = []
    if targets.ndim != len(shape) + 1:
        expected = (
            f"{counted(network.samples, 'row')}, one per sample: [[…], […]]"
            if shape
            else "a list, like the inputs"
        )
        findings.append(Finding(path, "", _rows_text(targets), expected))
    elif shape and targets.shape[0] != network.samples:
        message = (
            f"has {counted(targets.shape[0], 'row')}, but there are {counted(network.samples, 'sample')}"
        )
        findings.append(Finding(path, message, expected=counted(network.samples, "row")))
    if not findings and outputs is not None and targets.shape[-1] != outputs:
        each = "has rows of" if shape else "has"
        message = f"{each} {counted(targets.shape[-1], 'number')}, but the last layer has {counted(outputs, 'unit')}"
        findings.append(Finding(path, message, expected=str(outputs)))
    return findings + target_faults(network.loss, targets, path)


def _rows_text(targets: Array) -> str:
    return (
        shape_text(targets.shape) if targets.ndim == 1 else f"{counted(targets.shape[0], 'row')} of numbers"
    )
