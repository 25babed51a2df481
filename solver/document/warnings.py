"""Warnings that a document must carry: where it follows its source in something that is not the true derivative."""

from __future__ import annotations

from dataclasses import replace

from solver.document.nodes import Block, Note, Table
from solver.document.telling import Telling
from solver.document.words import paragraph, phrase
from solver.graph.dense import SoftmaxLayer
from solver.notation import math as m
from solver.trace.asked import Asked, first_of_each


def shortened_softmax(telling: Telling, asked: Asked) -> Note | None:
    """Return the warning that softmax was differentiated as if elementwise, with the true values beside."""
    reference = telling.model.reference
    if reference is None:
        return None
    letters = telling.letters
    node = next(node for node in telling.graph.nodes if isinstance(node.operation, SoftmaxLayer))
    output, before = node.quantity, node.parents[0]
    cross = m.Fraction(
        m.row(m.Operator("∂"), letters(output.at(1))),
        m.row(m.Operator("∂"), letters(before.at(2))),
        small=True,
    )
    product = m.row(m.Operator("−"), letters(output.at(1)), m.Space(0.17), letters(output.at(2)))
    blocks: list[Block] = [
        paragraph(
            "As in the source, each output of the softmax is differentiated with respect to its own pre-activation "
            "alone. In truth every output depends on all of them: there are also the cross terms such as ",
            m.row(cross, m.Operator("="), product), ". With them the gradients are:",
        )
    ]  # fmt: skip
    if telling.ledger is not None:
        full = replace(telling, ledger=telling.ledger.looking_up({}, reference))
        shown = list(asked.elements[:24]) or first_of_each(asked.elements)
        header = (phrase("Gradient with respect to"), phrase("as above"), phrase("with the cross terms"))
        rows = tuple(
            (phrase(letters(e)), phrase(telling.value(e.gradient())), phrase(full.value(e.gradient())))
            for e in shown
        )
        blocks.append(Table(header, rows, "lrr"))
    return Note(phrase("The softmax is treated as if elementwise."), tuple(blocks), "warning")
