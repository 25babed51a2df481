"""A training of several updates as a table: one row for each, with parameter, gradient, optimizer state and output."""

from __future__ import annotations

from collections.abc import Sequence

from solver.arithmetic import Rounded
from solver.document.nodes import Block, Phrase, Table, Together
from solver.document.telling import Telling
from solver.document.words import count, paragraph, phrase
from solver.notation import math as m
from solver.quantities import Quantity, Role
from solver.trace.asked import Asked
from solver.trace.ledger import Ledger
from solver.trace.steps import UpdateNumbers, updates

MOST_COLUMNS = 9
"""Columns of one table; where there are more, every parameter has a table of its own."""

MOST_PARAMETERS = 4
"""Parameters that are followed through the training; of more the loss alone is."""

MOST_ROWS, FIRST_ROWS, LAST_ROWS = 24, 10, 5
"""Rows that are shown in full; of more the first ones and the last."""


def training(telling: Telling, asked: Asked) -> list[Block]:
    """Return the table of all updates, none where there is only one."""
    rule = telling.model.training
    if rule is None or telling.ledger is None or rule.steps == 1:
        return []
    rows = list(updates(telling.ledger))
    followed = _followed(telling, asked)
    width = 2 + len(followed) * (2 + len(_states(telling)))
    groups = [followed] if width <= MOST_COLUMNS else [[element] for element in followed]
    first, *others = [_table(telling, group, rows) for group in groups]
    blocks: list[Block] = [Together((paragraph(*_lead(telling, len(rows) - 1, followed)), first)), *others]
    if len(rows) > MOST_ROWS:
        last = len(rows) - LAST_ROWS
        blocks.append(paragraph(f"Rows {FIRST_ROWS + 1} to {last} are left out."))
    return [*blocks, paragraph(*_end(telling, rows))]


def _followed(telling: Telling, asked: Asked) -> list[Quantity]:
    """Return the parameters that the table follows."""
    graph = telling.graph
    elements = [element for element in asked.elements if element.whole in graph.trainable]
    return elements if asked.form != "matrix" and len(elements) <= MOST_PARAMETERS else []


def _states(telling: Telling) -> list[Role]:
    """Return the state of the optimizer that a row shows, in the order in which an update sets it."""
    assert telling.model.training is not None
    return [step.role for step in telling.model.training.optimizer.steps if step.name not in ("g", "w")]


def _lead(telling: Telling, number: int, followed: Sequence[Quantity]) -> list[str | m.Math]:
    alike = (
        f"The other {count(number - 1, 'update')} run alike, each from where the one before has ended."
        if number > 2
        else "The second update runs alike, from where the first has ended."
    )
    k = m.Symbol("k")
    state = ", and the state that it leaves" if followed and _states(telling) else ""
    return [
        f"{alike} Row ",
        k,
        " holds what update ",
        k,
        f" starts from{state}; the last row is where they end.",
    ]


def _table(telling: Telling, followed: Sequence[Quantity], rows: Sequence[UpdateNumbers]) -> Table:
    """Return one table of the training."""
    letters, graph = telling.letters, telling.graph
    root = graph.root.quantity
    header: list[Phrase] = [phrase(m.Symbol("k"))]
    for element in followed:
        slope = (m.Operator("∂"), letters(root), m.Operator("/"), m.Operator("∂"), letters(element))
        header += [phrase(letters(element)), phrase(m.row(*slope))]
        header += [phrase(letters(element.state(role))) for role in _states(telling)]
    header.append(phrase(letters(root)))
    shown = rows if len(rows) <= MOST_ROWS else [*rows[:FIRST_ROWS], None, *rows[-LAST_ROWS:]]
    body = tuple(_row(telling, followed, row, len(header)) for row in shown)
    return Table(tuple(header), body, "r" * len(header))


def _row(
    telling: Telling, followed: Sequence[Quantity], row: UpdateNumbers | None, width: int
) -> tuple[Phrase, ...]:
    if row is None:
        return (phrase(m.Operator("⋮")),) * width
    cells = [phrase(m.Digits(str(row.number)))]
    for element in followed:
        cells.append(_shown(row.parameter(element), element if row.before is None else element.updated()))
        for key in (telling.graph.gradient(element), *(element.state(role) for role in _states(telling))):
            cells.append(() if row.done else _shown(row.ledger.number(key), key))
    root = telling.graph.root.quantity
    return (*cells, _shown(row.output(root), root))


def _shown(number: Rounded, key: Quantity) -> Phrase:
    return phrase(m.Digits(number.text, number.exponent, str(key)))


def _end(telling: Telling, rows: Sequence[UpdateNumbers]) -> list[str | m.Math]:
    """Return what the training has done to the output."""
    root = telling.graph.root.quantity
    first, last = rows[0].output(root), rows[-1].output(root)
    start, end = (m.Digits(number.text, number.exponent, str(root)) for number in (first, last))
    name = telling.letters(root)
    if (first.sign, first.coefficient, first.exponent) == (last.sign, last.coefficient, last.exponent):
        alike = as_shown(rows[0].ledger, first, last)
        return [f"After {count(len(rows) - 1, 'update')} ", name, " is ", end, f" as at the start{alike}."]
    return [f"After {count(len(rows) - 1, 'update')} ", name, " has gone from ", start, " to ", end, "."]


def as_shown(ledger: Ledger, before: Rounded, after: Rounded) -> str:
    """Return what must be said where two numbers print alike and may differ further on."""
    return "" if ledger.by_hand or (before.exact and after.exact) else " to the digits shown"
