"""Go through a math tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from solver.notation import math as m
from solver.notation.atoms import node


def children(math: m.Math) -> tuple[m.Math, ...]:
    """Return the nodes directly below a node, from left to right."""
    match node(math):
        case m.Row(items):
            return items
        case m.Fraction(numerator, denominator):
            return (numerator, denominator)
        case m.Script(base, sub, sup):
            return tuple(part for part in (base, sub, sup) if part is not None)
        case m.Matrix(rows):
            return tuple(cell for row in rows for cell in row)
        case m.CasesOf(lines):
            return tuple(part for line in lines for part in line)
        case m.Underbrace(body, note):
            return (body, note)
        case m.BigOperator(_, body, sub, sup):
            return tuple(part for part in (sub, sup, body) if part is not None)
        case (
            m.Fenced(body) | m.Accent(body) | m.Prime(body) | m.Root(body) | m.Boxed(body) | m.Struck(body)
            | m.Toned(body)
        ):  # fmt: skip
            return (body,)
        case m.Symbol() | m.Digits() | m.Operator() | m.Words() | m.Blank() | m.Space():
            return ()
        case _ as never:
            assert_never(never)


def walk(math: m.Math) -> Iterator[m.Math]:
    """Yield a node and everything below it, from the top down and left to right."""
    yield math
    for child in children(math):
        yield from walk(child)
