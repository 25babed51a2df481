"""The worked solution of a dense network, numeric or symbolic."""

from __future__ import annotations

from solver.document.backward_matrix import backward_matrix
from solver.document.backward_paths import backward_paths
from solver.document.forward import forward
from solver.document.given import given
from solver.document.nodes import Block, Document, Section
from solver.document.slopes import slope_parts
from solver.document.summary import summary
from solver.document.telling import Telling
from solver.document.update import update
from solver.document.warnings import shortened_softmax
from solver.trace.asked import Asked, asked, line_formulas
from solver.trace.chain import chain_rule


def explain_network(telling: Telling) -> Document:
    """Return the document of a dense network."""
    what = asked(telling.problem, telling.model)
    telling, back = backward(telling, what)
    blocks: list[Block] = [given(telling), forward(telling)]
    if telling.work.derive:
        from solver.document.rules import derivations

        blocks.append(derivations(telling))
    blocks.append(back)
    warning = shortened_softmax(telling, what)
    if warning is not None:
        blocks.append(warning)
    if (
        telling.work.update
        and telling.work.through == "loss"
        and (telling.model.training or not telling.numeric)
    ):
        blocks.append(update(telling, what))
    if not telling.numeric and telling.work.example:
        from solver.document.example import example

        blocks.append(example(telling))
    if telling.work.topics:
        from solver.document.topics import topics

        blocks += topics(telling)
    if telling.numeric:
        blocks.append(summary(telling, what))
    return Document(telling.problem.title, tuple(blocks), telling.problem.source)


def backward(telling: Telling, what: Asked) -> tuple[Telling, Section]:
    """Return the backward pass in the form asked for, and the context with all keys that it defines."""
    if what.form == "matrix":
        telling = telling.defining(slope_parts(telling))
        return telling, backward_matrix(telling, what)
    if telling.work.through == "output":
        from solver.document.through_output import through_output

        return telling, through_output(telling, what)
    chains = chain_rule(telling.graph, what.elements, stations=telling.graph.stations)
    telling = telling.defining(line_formulas(telling.problem, telling.model, what))
    return telling, backward_paths(telling, what, chains)
