"""Rules of what is asked, claimed, fixed and shown: every name must exist, and symbols have no numbers to claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.errors import quoted
from solver.spec.findings import Finding, KeyPath, counted
from solver.spec.inventory import Inventory, Shape, inventory_of, known_quantities
from solver.spec.names import fault_of_name, parse_name, shape_of, shape_text
from solver.spec.rules.variants import variant_faults
from solver.spec.training import Training

if TYPE_CHECKING:
    from solver.spec.problem import Problem

_RULE = frozenset({"optimizer", "learning_rate"})

_NAMELESS = frozenset(
    {"activation", "loss", "softmax_jacobian", "l2", "keep", "dropout", "fixed", "steps", "epsilon", *_RULE}
)
"""Keys whose faults leave it clear which quantities a problem has, what an optimizer adds aside."""

_SHAPELESS = _NAMELESS | {"parameters", "bias", "units"}
"""Keys about which a rule can be broken without a doubt about shapes."""


@dataclass(frozen=True)
class Asked:
    """A problem and the names that it has.

    Attributes:
        problem: The problem.
        inventory: Its quantities.
        names: Every name, gradients and updates included.
        shaped: Whether the shapes can be trusted, so that indices can be checked.
    """

    problem: Problem
    inventory: Inventory
    names: dict[str, Shape]
    shaped: bool


def asked_faults(
    problem: Problem, known: list[Finding], body: list[Finding], hidden: frozenset[str]
) -> list[Finding]:
    """Return what is wrong with the names that a problem uses and with the options around it.

    Args:
        problem: A problem of any kind.
        known: Faults of single fields; where one hides which quantities there are, no name is checked.
        body: Rules broken in the kind's own table; where shapes do not fit, no index is checked.
        hidden: Keys of the kind's own table whose values are not known.
    """
    findings = _number_faults(problem) + _symbolic_faults(problem) + _repeated(problem)
    inventory = inventory_of(problem)
    if inventory.complete and all(_is_about(_NAMELESS, finding, problem.kind) for finding in known):
        shaped = all(_is_about(_SHAPELESS, finding, problem.kind) for finding in body)
        names = known_quantities(problem, any_rule=bool(hidden & _RULE))
        asked = Asked(problem, inventory, names, shaped)
        findings += _fixed_faults(asked) + _work_faults(asked) + _claim_faults(asked)
        findings += variant_faults(problem, inventory, shaped=shaped)
    return findings


def _is_about(keys: frozenset[str], finding: Finding, kind: str) -> bool:
    """Return whether a fault is outside of the kind's own table, or about one of these of its keys."""
    path = (*finding.path, finding.nearest) if finding.message == "unknown key" else finding.path
    if not path or path[0] == "kind":
        return False
    return finding.mild or path[0] != kind or any(key in keys for key in path)


def _number_faults(problem: Problem) -> list[Finding]:
    if problem.numbers.significant is not None and problem.numbers.decimals is not None:
        return [
            Finding(
                ("numbers", "decimals"), "significant and decimals are both given", expected="one of them"
            )
        ]
    return []


def _symbolic_faults(problem: Problem) -> list[Finding]:
    if not problem.symbolic:
        if problem.work.example:
            message = "only a symbolic problem has an example; this one has its own numbers"
            return [Finding(("work", "example"), message)]
        return []
    reason = "needs numbers, and the problem is symbolic"
    # The numbers of an example determine some of the final formulas; `check` says which claims they do not.
    claims = () if problem.work.example else problem.claims
    findings = [Finding(("claims", number), f"a claim {reason}") for number in range(len(claims))]
    if problem.variants is not None:
        findings.append(Finding(("variants",), f"a draw {reason}"))
    if problem.numbers.rounding == "by-hand":
        findings.append(Finding(("numbers", "rounding"), f"by-hand rounding {reason}"))
    return findings


def _repeated(problem: Problem) -> list[Finding]:
    """Return the fault of each name or claim that stands in a list a second time."""
    findings = []
    lists: list[tuple[KeyPath, tuple[str, ...]]] = [
        (("work", "gradients"), problem.work.gradients or ()),
        (("work", "topics"), problem.work.topics),
    ]
    if isinstance(problem.body, Training):
        lists.append(((problem.kind, "fixed"), problem.body.fixed))
    for path, names in lists:
        plain = [name.replace(" ", "") for name in names]
        findings += [
            Finding((*path, number), f"{quoted(name)} is listed twice")
            for number, name in enumerate(names)
            if plain[number] in plain[:number]
        ]
    seen: dict[tuple[str, int, str], int] = {}
    for number, claim in enumerate(problem.claims):
        key = (claim.quantity.replace(" ", ""), claim.step, claim.where)
        if key in seen:
            what = f"{quoted(claim.quantity)} is claimed already in claim {seen[key] + 1}"
            expected = "one claim per quantity, or another place in where"
            findings.append(Finding(("claims", number), what, expected=expected))
        seen.setdefault(key, number)
    return findings


def _fixed_faults(asked: Asked) -> list[Finding]:
    body, kind = asked.problem.body, asked.problem.kind
    if not isinstance(body, Training):
        return []
    parameters = {name: asked.inventory.shapes[name] for name in asked.inventory.parameters}
    findings = []
    for number, name in enumerate(body.fixed):
        path = (kind, "fixed", number)
        parsed = parse_name(name)
        fault = fault_of_name(name, parameters, "a parameter", indices=False)
        if fault is not None:
            findings.append(fault.under(path))
        elif parsed is not None and parsed.index:
            findings.append(
                Finding(path, "a parameter is fixed as a whole", quoted(name), quoted(parsed.array))
            )
    return findings


def _work_faults(asked: Asked) -> list[Finding]:
    work, findings = asked.problem.work, []
    for number, name in enumerate(work.gradients or ()):
        path = ("work", "gradients", number)
        fault = fault_of_name(
            name, asked.inventory.differentiable, "a quantity with a gradient", indices=asked.shaped
        )
        if fault is not None:
            findings.append(fault.under(path))
    for name in work.example if asked.problem.symbolic else ():
        findings += _example_faults(asked, name)
    outputs = asked.inventory.shapes.get("t", (1,))[-1]
    if work.through == "output" and outputs != 1 and asked.shaped:
        expected = 'a single output, or through = "loss"'
        findings.append(
            Finding(("work", "through"), f"there are {counted(outputs, 'output')}", '"output"', expected)
        )
    return findings


def _example_faults(asked: Asked, name: str) -> list[Finding]:
    path = ("work", "example", name)
    fault = fault_of_name(name, asked.names, indices=asked.shaped)
    if fault is not None:
        return [fault.under(path)]
    shape = shape_of(name, asked.names)
    if not shape or not asked.shaped or all(length == 1 for length in shape):
        return []
    first = quoted(f"{name}[{','.join('1' * len(shape))}]")
    return [
        Finding(
            path, f"{name} is {shape_text(shape)}, the example one number", expected=f"an element: {first}"
        )
    ]


def _claim_faults(asked: Asked) -> list[Finding]:
    problem = asked.problem
    if not problem.claims or (problem.symbolic and not problem.work.example):
        return []
    from solver.spec.rules.claims import claim_faults

    findings = claim_faults(problem, problem.claims, asked.inventory, asked.names, shaped=asked.shaped)
    return [finding.under(("claims",)) for finding in findings]
