"""The worked solution of a dense network."""

from __future__ import annotations

from solver.document.asked import asked
from solver.document.backward_matrix import backward_matrix, slope_parts
from solver.document.backward_paths import backward_paths
from solver.document.forward import forward
from solver.document.given import given
from solver.document.nodes import Block, Document
from solver.document.summary import summary
from solver.document.telling import Telling
from solver.document.update import update
from solver.document.warnings import shortened_softmax
from solver.trace.chain import chain_rule


def explain_network(telling: Telling) -> Document:
    """Return the document of a dense network, numeric or symbolic."""
    what = asked(telling.problem, telling.model)
    blocks: list[Block] = []
    if what.form == "paths":
        chains = chain_rule(telling.graph, what.elements)
        telling = telling.defining(dict(chains.definitions))
        backward = backward_paths(telling, what, chains)
    else:
        telling = telling.defining(slope_parts(telling))
        backward = backward_matrix(telling, what)
    blocks += [given(telling), forward(telling), backward]
    warning = shortened_softmax(telling, what)
    if warning is not None:
        blocks.append(warning)
    if telling.work.update and telling.model.training is not None:
        blocks.append(update(telling, what))
    if telling.numeric:
        blocks.append(summary(telling, what))
    return Document(telling.problem.title, tuple(blocks), telling.problem.source)
