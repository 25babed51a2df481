"""The local derivatives of an expression, derived rule by rule; steps of the same form are derived once."""

from __future__ import annotations

from dataclasses import replace

from solver import formula as f
from solver.calculus import Derivation, Unfinished, derive
from solver.document.derivations import derivation_blocks
from solver.document.nodes import Block, Equation, EquationLine, Section, Step
from solver.document.telling import Telling
from solver.document.words import paragraph, phrase, small
from solver.graph.node import Node
from solver.notation import math as m
from solver.notation.formulas import Typesetter
from solver.notation.names import function_name
from solver.quantities import Key, Partial
from solver.trace.sweep import Sweep

COLUMNS = 2
"""Results side by side."""


def derivations(telling: Telling, sweep: Sweep) -> Section:
    """Return every local derivative, derived rule by rule, the last step of the forward pass first."""
    letters = telling.letters
    typeset = Typesetter(letters, function_name, letters.notation.product, decimals=True)
    blocks: list[Block] = []
    known: set[f.Formula] = set()
    again: list[Derivation] = []
    for node in reversed(telling.graph.nodes):
        inside: list[Block] = []
        for local in locals_of(sweep, node):
            formula = telling.graph.made_by(node.quantity)
            form = without_names(formula, local.by)
            try:
                derivation = up_to(derive(formula, f.Ref(local.by)), sweep.definitions[local])
            except Unfinished as unfinished:
                inside.append(paragraph(f"This derivation is not finished here: {unfinished.reason}."))
                continue
            if form in known:
                again.append(derivation)
            else:
                inside += derivation_blocks(derivation, typeset)
            known.add(form)
        if inside:
            step = m.row(
                letters(node.quantity), m.Operator("="), telling.symbols(telling.graph.made_by(node.quantity))
            )
            blocks.append(Section(phrase(small(step)), tuple(inside), 2))
    if again:
        blocks += [paragraph("In the same way:"), results(again, typeset)]
    return Section(phrase("The local derivatives, rule by rule"), tuple(blocks))


def locals_of(sweep: Sweep, node: Node) -> list[Partial]:
    """Return the local derivatives of one step, in the order in which it reads its names."""
    found = [inflow.local for _, inflow in sweep.through(node.quantity)]
    return sorted(found, key=lambda local: node.parents.index(local.by))


def up_to(derivation: Derivation, formula: f.Formula) -> Derivation:
    """Return a derivation that ends where it has reached the form in which the backward pass uses it."""
    for place, line in enumerate(derivation.lines):
        if line.formula == formula and not derivation.branches:
            return replace(derivation, lines=derivation.lines[: place + 1], result=formula)
    return derivation


def without_names(formula: f.Formula, by: Key) -> f.Formula:
    """Return what is derived with numbers for its names, so that steps of the same form are equal."""
    order = list(dict.fromkeys(f.references(formula)))
    form = f.transform(
        formula, lambda node: f.Variable(str(order.index(node.quantity))) if isinstance(node, f.Ref) else None
    )
    return f.Derivative(form, f.Variable(str(order.index(by))))


def results(derivations: list[Derivation], typeset: Typesetter) -> Equation:
    """Return what derivations lead to, without their lines."""
    lines = [
        EquationLine(typeset(derivation.left), (Step("=", typeset(derivation.result)),))
        for derivation in derivations
    ]
    return Equation(tuple(tuple(lines[place : place + COLUMNS]) for place in range(0, len(lines), COLUMNS)))
