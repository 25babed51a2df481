"""Rules of random draws: what is drawn stands in the file, and there is something left to draw from."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from solver.errors import quoted
from solver.spec.array import Array
from solver.spec.findings import Finding, KeyPath, number_text
from solver.spec.inventory import Inventory, Shape
from solver.spec.names import fault_of_name, parse_name, shape_text
from solver.spec.variants import Draw, OneHotDraw, RangeDraw

if TYPE_CHECKING:
    from solver.spec.problem import Problem

MOST_CHOICES = 100_000
_PATH = ("variants", "draw")


def variant_faults(problem: Problem, inventory: Inventory, *, shaped: bool = True) -> list[Finding]:
    """Return what is wrong with the draws of a problem; indices are checked where the shapes can be trusted."""
    if problem.variants is None or problem.symbolic:
        return []
    drawable = drawable_shapes(problem, inventory)
    draws = problem.variants.draw
    findings: list[Finding] = []
    for name, draw in draws.items():
        path = (*_PATH, name)
        fault = fault_of_name(name, drawable, "numbers that the file gives", indices=shaped)
        if fault is not None:
            findings.append(fault.under(path))
            continue
        parsed = parse_name(name)
        if parsed is not None and parsed.index and parsed.array in draws:
            findings.append(Finding(path, f"{quoted(parsed.array)} is drawn as a whole already"))
        shape = () if parsed is not None and parsed.index else drawable[parsed.array if parsed else name]
        findings += _draw_faults(draw, path, shape)
    return findings


def drawable_shapes(problem: Problem, inventory: Inventory) -> dict[str, Shape]:
    """Return what can be drawn, by name, with its shape: every number and array of the file, and the learning rate."""
    shapes = {
        name: value.shape if isinstance(value, Array) else () for name, value in inventory.given.items()
    }
    if problem.body.update_rule is not None:
        shapes["learning_rate"] = ()
    return shapes


def _draw_faults(draw: Draw, path: KeyPath, shape: Shape) -> list[Finding]:
    if isinstance(draw, OneHotDraw):
        if not shape or shape[-1] < 2:
            message = f"{path[-1]} is {shape_text(shape)}"
            return [Finding((*path, "one_hot"), message, expected="a list of 2 or more, or rows of them")]
        return []
    if not isinstance(draw, RangeDraw):
        return []
    if draw.low > draw.high:
        found = f"low = {number_text(draw.low)}, high = {number_text(draw.high)}"
        return [Finding((*path, "low"), "", found, "low at most high")]
    span = (Decimal(draw.high) - Decimal(draw.low)) / Decimal(draw.grid)
    if span >= MOST_CHOICES:
        message = f"there are more than {MOST_CHOICES:,} numbers to draw from"
        return [Finding((*path, "step"), message, expected="a larger step")]
    left = {Decimal(draw.low) + number * draw.grid for number in range(int(span) + 1)} - set(draw.exclude)
    if not left:
        return [Finding((*path, "exclude"), "nothing is left to draw", expected="fewer numbers to exclude")]
    return []
