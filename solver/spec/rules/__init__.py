"""The rules between fields of a problem: shapes that must fit, options that exclude each other, names that must exist.

One module per kind and one for what is common. A rule returns findings and never stops at the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.spec.findings import Finding
from solver.spec.rules.asked import asked_faults

if TYPE_CHECKING:
    from solver.spec.problem import Problem


def problem_faults(problem: Problem, known: list[Finding]) -> list[Finding]:
    """Return everything that is wrong between the fields of a problem.

    Args:
        problem: A problem whose fields are right one by one, or one read without those that are faulty.
        known: Faults found before.
    """
    hidden = hidden_keys(known, problem.kind)
    body = _body_faults(problem, hidden)
    return body + asked_faults(problem, known, body, hidden)


def hidden_keys(known: list[Finding], kind: str) -> frozenset[str]:
    """Return the keys of the kind's own table whose values are not known for a fault: misspelt ones by their nearest."""
    keys = set()
    for finding in known:
        if len(finding.path) > 1 and finding.path[0] == kind and not finding.mild:
            keys.add(str(finding.path[1]))
            if len(finding.path) == 2 and finding.nearest:
                keys.add(finding.nearest)
    return frozenset(keys)


def _body_faults(problem: Problem, hidden: frozenset[str]) -> list[Finding]:
    # Only the module of the kind at hand is imported: starting quickly is a feature.
    match problem.kind:
        case "network":
            from solver.spec.rules.network import network_faults

            return network_faults(problem.network, hidden)
        case "expression":
            from solver.spec.rules.expression import expression_faults

            return expression_faults(problem.expression, hidden)
        case "recurrent":
            from solver.spec.rules.recurrent import recurrent_faults

            return recurrent_faults(problem.recurrent, hidden)
        case "convolution":
            from solver.spec.rules.convolution import convolution_faults

            return convolution_faults(problem.convolution, hidden)
        case "attention":
            from solver.spec.rules.attention import attention_faults

            return attention_faults(problem.attention, hidden)
