"""Derivations as lines of a document: every line with the rule that leads to it at the margin."""

from __future__ import annotations

from solver.calculus import Derivation, DerivationLine
from solver.document.nodes import Block, Equation, EquationLine, Step
from solver.document.words import listed, paragraph
from solver.notation import math as m
from solver.notation.formulas import Typesetter


def derivation_blocks(derivation: Derivation, typeset: Typesetter) -> list[Block]:
    """Return a derivation: what the names stand for, the lines, the cases, and what is agreed at kinks.

    Args:
        derivation: Checked lines.
        typeset: Prints formulas in the document's letters.
    """
    blocks: list[Block] = []
    if derivation.definitions or derivation.assumptions:
        known = [
            m.row(typeset(item.left), m.Operator("="), typeset(item.right))
            for item in (*derivation.definitions, *derivation.assumptions)
        ]
        blocks.append(paragraph("With ", *listed(known), ":"))
    left = typeset(derivation.left)
    blocks.append(lines(left, derivation.steps, typeset, final=not derivation.branches))
    for branch in derivation.branches:
        condition = branch.condition
        relation = {"!=": "≠", "<=": "≤", ">=": "≥"}.get(condition.relation, condition.relation)
        case = m.row(typeset(condition.subject), m.Operator(relation), typeset(condition.bound))
        blocks.append(paragraph("For ", case, ":"))
        blocks.append(lines(left, branch.lines, typeset))
    for agreed in derivation.conventions:
        where = m.row(typeset(agreed.where.left), m.Operator("="), typeset(agreed.where.right))
        blocks.append(
            paragraph(
                "At ", where, " the derivative is taken as ", typeset(agreed.value), f": {agreed.reason}."
            )
        )
    return blocks


def lines(
    left: m.Math, steps: tuple[DerivationLine, ...], typeset: Typesetter, *, final: bool = True
) -> Equation:
    """Return the lines of a derivation, one per row, with the names of the rules as tags; a final result is framed."""
    rows: list[tuple[EquationLine, ...]] = []
    for place, step in enumerate(steps):
        body = typeset(step.marked)
        if final and place == len(steps) - 1:
            body = m.Boxed(body)
        start = left if place == 0 else None
        rows.append((EquationLine(start, (Step("=", body),), rule_names(step)),))
    return Equation(tuple(rows))


def rule_names(step: DerivationLine) -> str | None:
    """Return the names of a line's rules, for the margin."""
    names = [rule.name for rule in step.rules[:2]]
    return ", ".join(names) or None
