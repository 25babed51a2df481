"""Rules of the loss, the targets and the update rule, common to all kinds that have them."""

from __future__ import annotations

import numpy as np

from solver.errors import quoted
from solver.spec.array import MOST_FINDINGS, Array
from solver.spec.choices import ActivationChoice, LossChoice
from solver.spec.fields import Number
from solver.spec.findings import Finding, KeyPath, counted, number_text
from solver.spec.training import Update


def update_faults(update: Update, path: KeyPath) -> list[Finding]:
    """Return faults of the update rule: two rates, or several steps of no rule."""
    findings = []
    if update.learning_rate is not None and update.optimizer is not None:
        findings.append(
            Finding(
                (*path, "optimizer"), "learning_rate and optimizer are both given", expected="one of them"
            )
        )
    if update.update_rule is None and update.steps > 1:
        findings.append(
            Finding(
                (*path, "steps"),
                "without an update there is one step",
                str(update.steps),
                "a learning_rate or an optimizer beside it",
            )
        )
    return findings


def bias_faults(
    biases: Array | bool | None, bias: Number | None, units: int | None, path: KeyPath, of: str
) -> list[Finding]:
    """Return faults of the biases of one group of units: both kinds given, or not one per unit.

    Args:
        biases: One per unit.
        bias: One for all.
        units: How many there should be; None where it is unknown.
        path: Key path of the table that holds them.
        of: What has the units, for the message: "the layer has 3 units".
    """
    findings = []
    if biases is not None and bias is not None:
        findings.append(
            Finding(
                (*path, "bias"),
                "biases and bias are both given",
                expected="a bias per unit, or one shared bias",
            )
        )
    if isinstance(biases, Array) and units is not None and biases.shape[0] != units:
        findings.append(
            Finding(
                (*path, "biases"), f"has {counted(biases.shape[0], 'number')}, but {of}", expected=str(units)
            )
        )
    return findings


def target_faults(loss: LossChoice, targets: Array, path: KeyPath) -> list[Finding]:
    """Return the targets that the loss has no meaning for: below 0, or for binary_cross_entropy above 1."""
    if loss.name == "cross_entropy":
        wrong, expected = targets.values < 0, "0 or more, as a share of a distribution"
    elif loss.name == "binary_cross_entropy":
        wrong, expected = (targets.values < 0) | (targets.values > 1), "a number from 0 to 1"
    else:
        return []
    return [
        Finding(
            (*path, *map(int, place)),
            f"no target of {loss.name}",
            number_text(targets.exact[tuple(place)]),
            expected,
        )
        for place in np.argwhere(wrong)[:MOST_FINDINGS]
    ]


def unnamed_function_faults(activation: ActivationChoice, path: KeyPath) -> list[Finding]:
    """Return the fault of computing with the unnamed function Φ, which has no values."""
    if activation.name != "phi":
        return []
    return [
        Finding(
            (*path, "activation"),
            "phi stands for any function and has no values",
            quoted("phi"),
            "a function that can be computed, or a symbolic network (inputs = 3, units = 2)",
        )
    ]
