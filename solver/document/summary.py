"""The end of a worked solution: one table of the results, and the independent check of the gradients."""

from __future__ import annotations

from solver.document.nodes import Block, Paragraph, Phrase, Section, Table
from solver.document.telling import Telling
from solver.document.words import count, paragraph, phrase
from solver.notation import math as m
from solver.trace.asked import Asked
from solver.trace.check import Check, check_gradients

TITLES = ("Summary", "Summary and check", "Check")
"""What the last section may be called, by what is in it."""

MOST_ROWS = 40
"""Rows of the table. More results, and those of the matrix form, stand in the matrices above."""


def summary(telling: Telling, asked: Asked) -> Section:
    """Return the table and the check."""
    blocks: list[Block] = []
    named = []
    if asked.form != "matrix" and len(asked.elements) <= MOST_ROWS:
        blocks.append(table(telling, asked))
        named.append("Summary")
    if telling.checked:
        blocks.append(Paragraph(checked(telling, check_gradients(telling.model))))
        named.append("check")
    return Section(phrase(" and ".join(named).capitalize() or TITLES[0]), tuple(blocks))


def table(telling: Telling, asked: Asked) -> Table:
    """Return parameter, value, gradient, new value for each asked element."""
    graph = telling.graph
    updated = telling.model.training is not None and telling.work.update
    loss = telling.letters(graph.root.quantity)
    one = "Parameter" if graph.parameters else "Input"
    header: list[Phrase] = [phrase(one), phrase("Value"), phrase("Gradient of ", loss)]
    if updated:
        several = telling.model.training is not None and telling.model.training.steps > 1
        header.append(phrase("After the first update" if several else "After the update"))
    rows: list[tuple[Phrase, ...]] = []
    for element in asked.elements:
        row = [
            phrase(telling.letters(element)),
            phrase(telling.value(element)),
            phrase(telling.value(graph.gradient(element))),
        ]
        if updated:
            trained = element.whole in graph.parameters
            row.append(phrase(telling.value(element.updated())) if trained else ())
        rows.append(tuple(row))
    return Table(tuple(header), tuple(rows), "l" + "r" * (len(header) - 1))


def checked(telling: Telling, check: Check) -> Phrase:
    """Return what the independent check found."""
    circuit = telling.graph.words == "expression"
    things = "given numbers" if circuit else "parameters"
    kink = "at a kink, where a difference quotient says nothing"
    if not check.compared:
        return phrase(f"All {things} lie {kink}: there is nothing to compare their gradients with.")
    scope = (
        f"all {things}"
        if check.compared == check.total
        else f"{check.compared} of the {check.total} {things}"
    )
    kind = "full " if telling.model.reference is not None else ""
    unrounded = "unrounded " if telling.ledger is not None and telling.ledger.by_hand else ""
    which = f"The {unrounded}{kind}gradients"
    of = telling.letters(telling.graph.root.quantity) if circuit else "the loss"
    relative = "the gradient" if circuit else "the largest gradient of the same array"
    found = f", computed to 77 digits without the backward pass. The largest difference, relative to {relative} where "
    parts: list[str | m.Math] = [
        f"{which} of {scope} were compared with difference quotients of ",
        of,
        f"{found}that exceeds 1, is ",
        largest(check.largest),
        ".",
    ]
    if check.at_kinks:
        others = count(check.at_kinks, "other").capitalize()
        ends = ("lies", "was") if check.at_kinks == 1 else ("lie", "were")
        parts.append(f" {others} {ends[0]} {kink}, and {ends[1]} left out.")
    return phrase(*parts)


def largest(value: float) -> m.Math:
    """Return a small difference with two digits; 0 where every bit agrees."""
    if value == 0:
        return m.Digits("0")
    mantissa, exponent = f"{value:.1e}".split("e")
    return m.Digits(mantissa, int(exponent))


__all__ = ["paragraph", "summary"]
