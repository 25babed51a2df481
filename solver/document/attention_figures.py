"""The drawings of an attention head: which array is made of which, and how much each token looks at each other."""

from __future__ import annotations

from solver.document.heads import Head
from solver.document.nodes import Figure
from solver.document.telling import Telling
from solver.figures.attention import AttentionPicture, Weight, attention_scene
from solver.notation import math as m


def weights(telling: Telling, head: Head, lit: int | None = None) -> Figure:
    """Return the matrix of weights, darker where a token looks harder; hidden ones are left empty."""
    assert telling.ledger is not None
    rows: list[tuple[Weight | None, ...]] = []
    for query in range(1, head.tokens + 1):
        row: list[Weight | None] = []
        for key in range(1, head.tokens + 1):
            cell = head.weights.quantity.at(query, key).of_sample(1)
            shown = key in head.seen(query)
            row.append(
                Weight(telling.value(cell), float(telling.ledger.number(cell).fraction)) if shown else None
            )
        rows.append(tuple(row))
    names = tuple(m.Digits(str(token)) for token in range(1, head.tokens + 1))
    picture = AttentionPicture(
        names, names, tuple(rows), m.Words("token that looks"), m.Words("token looked at"), lit
    )
    words = f"The weights of {head.tokens} tokens: one row for each token that looks, darker where the weight is larger."
    return Figure(attention_scene(picture), words)
