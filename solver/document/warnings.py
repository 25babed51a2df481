"""Warnings that a document must carry: where it follows its source in something that is not the true derivative."""

from __future__ import annotations

from dataclasses import replace

from solver.document.nodes import Block, Note, Table
from solver.document.telling import Telling
from solver.document.words import paragraph, phrase
from solver.graph.assembly import has_cross_terms
from solver.notation import math as m
from solver.trace.asked import Asked, first_of_each


def shortened_softmax(telling: Telling, asked: Asked) -> Note | None:
    """Return the warning that softmax was differentiated as if elementwise, with the true values beside."""
    reference = telling.model.reference
    if reference is None:
        return None
    letters = telling.letters
    node = next(node for node in telling.graph.nodes if has_cross_terms(node))
    # Two units of a layer, or of the last token's shares: a causal mask leaves those of the first no cross terms.
    row = node.shape[:-1]
    output, other = node.quantity.at(*row, 1), node.quantity.at(*row, 2)
    cross = m.Fraction(
        m.row(m.Operator("∂"), letters(output)),
        m.row(m.Operator("∂"), letters(node.parents[0].at(*row, 2))),
        small=True,
    )
    product = m.row(m.Operator("−"), letters(output), m.Space(0.17), letters(other))
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
