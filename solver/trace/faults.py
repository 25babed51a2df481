"""From a number that does not exist to a fault of the file: which quantity, why, and what would mend it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from solver.arithmetic import Undecided
from solver.errors import Fault, InputError, quoted, safe
from solver.formula import Formula, Quotient
from solver.formula.ordering import names
from solver.graph.loss import TotalLoss
from solver.graph.node import Leaf, Node
from solver.graph.pointwise import Pointwise
from solver.quantities import Quantity
from solver.trace.passes import UncomputableError

if TYPE_CHECKING:
    from solver.spec import Problem
    from solver.spec.findings import KeyPath

_SHOWN = 6
"""Values of a formula's names that a fault lists."""


@contextmanager
def faults_of(problem: Problem) -> Iterator[None]:
    """Turn a value that does not exist, or lies too deep to be told, into one `InputError` about the problem's file."""
    try:
        yield
    except UncomputableError as error:
        raise InputError(fault_of(problem, error)) from None
    except Undecided as error:
        raise InputError(_fault_of_depth(problem, error)) from None


def fault_of(problem: Problem, error: UncomputableError) -> Fault:
    """Return the fault that a teacher reads."""
    node = error.node
    if error.during == "update":
        return _fault_of_update(problem, error)
    if isinstance(node.operation, TotalLoss):
        return _fault_of_loss(problem, error)
    if problem.kind == "expression":
        return _fault_of_expression(problem, error)
    place = _element(problem, node, error.cause.position)
    stage = "" if error.during == "forward" else f" in the gradient behind {place}"
    return _fault(
        problem, (problem.kind,), f"{error.cause.what}{stage}", f"no value for {place}",
        "numbers for which it can be computed",
    )  # fmt: skip


def _fault_of_loss(problem: Problem, error: UncomputableError) -> Fault:
    operation = error.node.operation
    assert isinstance(operation, TotalLoss)
    block = error.cause.subject if isinstance(error.cause.subject, int) else 0
    output = _element(problem, error.node, error.cause.position, error.node.parents[block * operation.width])
    return _fault(
        problem, (problem.kind, "loss"), f"{error.cause.what} in the loss {operation.loss.name}",
        f"the output {output} at the edge of what the loss allows",
        "inputs and parameters for which every output stays inside",
    )  # fmt: skip


def _fault_of_expression(problem: Problem, error: UncomputableError) -> Fault:
    """Return the fault of a node: its formula as the author wrote it, and the numbers at which it has no value."""
    node, name = error.node, error.node.quantity.base
    assert problem.kind == "expression"
    assert isinstance(node.operation, Pointwise)
    values = dict(zip(node.operation.names, error.values, strict=True))
    # In a derivative the part that fails is a slope, in names of its own.
    part = error.cause.subject if error.during == "forward" else None
    concerned = [read for read in _concerned(part) if read in values]
    numbers = [f"{read} = {values[read]:.6g}" for read in concerned or values]
    if len(numbers) > _SHOWN:
        numbers[_SHOWN:] = ["…"]
    where = f" at {', '.join(numbers)}" if numbers else ""
    stage = "" if error.during == "forward" else f" in the derivative of {name}"
    return _fault(
        problem, ("expression", "nodes", name), f"{error.cause.what}{stage}",
        f"{quoted(problem.expression.nodes[name])}{safe(where)}", "numbers for which it can be computed",
    )  # fmt: skip


def _concerned(subject: object) -> tuple[str, ...]:
    """Return the names in the part of a formula that has no value; of a fraction, those below the line."""
    if isinstance(subject, Quotient):
        return names(subject.denominator)
    return names(subject) if isinstance(subject, Formula) else ()


def _fault_of_update(problem: Problem, error: UncomputableError) -> Fault:
    key = "optimizer" if problem.body.optimizer is not None else "learning_rate"
    parameter = error.node.quantity.updated().array_name
    return _fault(
        problem, (problem.kind, key), f"{error.cause.what} in the update", f"no value for {parameter}",
        "a smaller learning rate, or other options",
    )  # fmt: skip


def _fault_of_depth(problem: Problem, error: Undecided) -> Fault:
    """Return the fault of numbers that need more digits than are computed: 1 − σ(3000) begins at the 1,303rd."""
    return _fault(
        problem, (problem.kind,), "a value is too small beside what it is computed from", f"no proof of {error}",
        "numbers that saturate no unit so far, and cancel less",
    )  # fmt: skip


def _fault(problem: Problem, path: KeyPath, message: str, found: str, expected: str) -> Fault:
    from solver.spec.findings import key_path

    return Fault(
        message, problem.file, _line(problem, path), key=key_path(path), found=found, expected=expected
    )


def _line(problem: Problem, path: KeyPath) -> int | None:
    """Return the line of a key; the file is read again, since a problem that can be computed needs no lines."""
    from solver.spec.positions import Lines

    try:
        return Lines(problem.file.read_text(encoding="utf-8")).line(path)
    except (OSError, UnicodeDecodeError):  # the problem was made from Python, or its file is gone
        return None


def _element(problem: Problem, node: Node, position: tuple[int, ...], array: Quantity | None = None) -> str:
    """Return the name of the element at (variant, sample, unit …), as far as the position tells."""
    array = array or node.quantity
    if isinstance(node.operation, Leaf) or len(position) < 3:
        return array.array_name
    sample = position[1] if getattr(problem.body, "sample_axis", False) else None
    return str(array.at(*position[2:]).of_sample(sample))
