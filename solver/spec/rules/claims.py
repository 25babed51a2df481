"""Rules of claims: what a published solution can print, and in what shape.

That is more than the contract's quantities. Solutions print factors of the chain rule, `dh2[1]/da2[1]`, products along a
path, `dL/dW1[3,1] along path 2`, and what the forward pass gives after the update, `a1'[2]`. Here their parts must exist;
whether one reads the other, and how many paths there are, only the graph knows, and `check` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from solver.errors import quoted
from solver.spec.claims import Claim
from solver.spec.findings import Finding, counted
from solver.spec.inventory import Inventory, Shape, known_quantities
from solver.spec.names import fault_of_name, parse_name, shape_of, shape_text

if TYPE_CHECKING:
    from solver.spec.problem import Problem

_FACTOR = re.compile(r"\s*d(?P<of>[^/]+?)\s*/\s*d(?P<by>[^/]+?)\s*\Z")
_ALONG = re.compile(r"(?P<gradient>.+?)\s+along\s+path\s+[1-9]\d{0,3}\s*\Z")


def claim_faults(
    problem: Problem,
    claims: Iterable[Claim],
    inventory: Inventory,
    known: Mapping[str, Shape],
    *,
    shaped: bool = True,
) -> list[Finding]:
    """Return what is wrong with claims; each path starts with the number of the claim, from 0.

    Args:
        problem: What they are claims about.
        claims: The file's own, or those of another file.
        inventory: The problem's quantities.
        known: Their names, gradients and updates included.
        shaped: Whether the shapes can be trusted, so that indices can be checked.
    """
    names = claimable(problem, inventory, known)
    steps, findings = problem.body.steps, []
    for number, claim in enumerate(claims):
        fault = _fault(claim.quantity, names, shaped=shaped)
        shape = shape_of(claim.quantity, names)
        if fault is not None:
            findings.append((_not_updated(claim.quantity, problem) or fault).under((number, "quantity")))
        elif shape is None and claim.value.shape:
            found = shape_text(claim.value.shape)
            findings.append(Finding((number, "value"), f"{claim.quantity} is a number", found, "a number"))
        elif shape is not None and shaped and not _fits(claim.value.shape, shape):
            message = f"{claim.quantity} is {shape_text(shape)}"
            found, expected = shape_text(claim.value.shape), shape_text(shape)
            findings.append(Finding((number, "value"), message, found, expected))
        if claim.step > steps:
            message = f"the problem has {counted(steps, 'step')}"
            findings.append(Finding((number, "step"), message, str(claim.step), f"at most {steps}"))
    return findings


def claimable(problem: Problem, inventory: Inventory, known: Mapping[str, Shape]) -> dict[str, Shape]:
    """Return every name that can be claimed as it stands: the quantities, and computed ones after the update."""
    names = dict(known)
    if inventory.parameters and (problem.body.update_rule is not None or problem.symbolic):
        computed = {
            f"{name}'": shape
            for name, shape in inventory.shapes.items()
            if name not in inventory.given and name not in inventory.constants
        }
        names |= {name: shape for name, shape in computed.items() if name not in names}
    return names


def _fault(name: str, names: Mapping[str, Shape], *, shaped: bool) -> Finding | None:
    along = _ALONG.match(name)
    if along is not None:
        return fault_of_name(along["gradient"], names, indices=shaped)
    parsed, factor = parse_name(name), _FACTOR.match(name)
    if factor is not None and (parsed is None or parsed.array not in names):
        # "dL/dW9" is a misspelt gradient, "dh9[1]/da1[1]" a misspelt factor.
        faults = [fault_of_name(factor[part], names, indices=shaped) for part in ("of", "by")]
        if faults[0] is None and (faults[1] is None or "[" in factor["of"]):
            return faults[1]
        if "[" in factor["of"]:
            return faults[0]
    return fault_of_name(name, names, indices=shaped)


def _not_updated(name: str, problem: Problem) -> Finding | None:
    """Return the fault of an updated value where nothing is updated, though the name is right."""
    if problem.body.update_rule is not None:
        return None
    if fault_of_name(name, known_quantities(problem, any_rule=True)) is not None:
        return None
    expected = "a learning_rate or an optimizer, for it to be updated"
    return Finding((), "without an update there is no such quantity", quoted(name), expected)


def _fits(claimed: Shape, shape: Shape) -> bool:
    """A single number may stand for an array of one."""
    return claimed == shape or (claimed == () and all(length == 1 for length in shape))
