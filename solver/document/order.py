"""The order in which a solution with numbers is told, whatever its kind; a kind brings the parts.

A dense network has more to tell (warnings, an example, topics of a symbolic problem) and keeps an order of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from solver.document.nodes import Block, Document, Section
from solver.document.summary import summary
from solver.document.telling import Telling
from solver.document.update import update
from solver.document.warnings import shortened_softmax
from solver.trace.asked import Asked


def in_order(
    telling: Telling,
    what: Asked,
    *,
    forward: Sequence[Block],
    backward: Sequence[Block],
    derivations: Callable[[Telling], Section] | None = None,
) -> Document:
    """Return a worked solution: what is given and computed, derivations, gradients, a warning, the update, the check.

    Args:
        telling: The document's context.
        what: What is asked.
        forward: What is given, and the forward pass.
        backward: The backward pass.
        derivations: Tells them; None for those of layers. Called only where the problem asks for derivations, since
            their calculus is slow to load.
    """
    blocks: list[Block] = [*forward]
    if telling.work.derive:
        blocks.append((derivations or _of_layers)(telling))
    blocks += backward
    warning = shortened_softmax(telling, what)
    if warning is not None:
        blocks.append(warning)
    if telling.work.update and telling.model.training is not None:
        blocks.append(update(telling, what))
    blocks.append(summary(telling, what))
    return Document(telling.problem.title, tuple(blocks), telling.problem.source)


def _of_layers(telling: Telling) -> Section:
    from solver.document.rules import derivations

    return derivations(telling)
