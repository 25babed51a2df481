"""From a number that does not exist to a fault of the file: which quantity, why, and what would mend it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from solver.errors import Fault, InputError
from solver.graph.dense import TotalLoss
from solver.graph.node import Leaf, Node
from solver.trace.passes import UncomputableError

if TYPE_CHECKING:
    from solver.spec import Problem


@contextmanager
def faults_of(problem: Problem) -> Iterator[None]:
    """Turn a value that does not exist into one `InputError` about the problem's file."""
    try:
        yield
    except UncomputableError as error:
        raise InputError(fault_of(problem, error)) from None


def fault_of(problem: Problem, error: UncomputableError) -> Fault:
    """Return the fault that a teacher reads."""
    node, cause = error.node, error.cause
    name = node.quantity.array_name
    table = problem.kind
    if isinstance(node.operation, TotalLoss):
        output = _element(node.parents[0].array_name, node, cause.position)
        return Fault(
            f"{cause.what} in the loss {node.operation.loss.name}",
            file=problem.file, key=f"{table}.loss", found=f"the output {output} at the edge of what the loss allows",
            expected="inputs and parameters for which every output stays inside",
        )  # fmt: skip
    place = _element(name, node, cause.position)
    stage = "" if error.during == "forward" else f" in the gradient behind {place}"
    return Fault(
        f"{cause.what}{stage}", file=problem.file, key=table, found=f"no value for {place}",
        expected="numbers for which it can be computed",
    )  # fmt: skip


def _element(name: str, node: Node, position: tuple[int, ...]) -> str:
    """Return the name of the element at (variant, sample, unit …), as far as the position tells."""
    if isinstance(node.operation, Leaf) or len(position) < 3:
        return name
    return f"{name}[{','.join(map(str, position[2:]))}]"
