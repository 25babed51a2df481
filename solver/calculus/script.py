"""The language in which known derivations are written down: the grammar of expressions and a few words more.

    D(u, x)              ∂u/∂x, still to be worked out
    at(z, k)             z_k                        sum(u, k)         Σ_k u
    sumx(u, k, j)        Σ_{k≠j} u                  phi(u), dphi(u)   Φ(u), Φ′(u)
    struck(u)            u, which cancels here      gone(u)           u, which is zero here
    cases(gt(u, v, w), lt(u, v, w), …, rest)        w where u > v (lt: <, ge: ≥, le: ≤, eq: =, ne: ≠), otherwise rest
    erf(u), pi           the error function, π

A line of a table is then as readable as a line on a board, and it goes through the same parser as a teacher's text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from solver.calculus.derivation import DerivationLine, Equation, Path
from solver.calculus.rule import plain_number
from solver.calculus.rules import RULES
from solver.formula import Call, Case, Cases, Derivative, Formula, Number, Power, Variable, children, rebuild
from solver.formula.parser import FUNCTIONS, parse

_RELATIONS = {"gt": ">", "lt": "<", "ge": ">=", "le": "<=", "eq": "=", "ne": "!="}

WORDS: Mapping[str, int | None] = {
    **FUNCTIONS, "D": 2, "at": 2, "sum": 2, "sumx": 3, "phi": 1, "dphi": 1, "struck": 1, "gone": 1, "cases": None,
    **dict.fromkeys(_RELATIONS, 3), "erf": 1,
}  # fmt: skip
"""Every word of the language that takes arguments, with their number (None: two or more)."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A formula and the parts of it that are marked."""

    formula: Formula
    cancelled: tuple[Path, ...] = ()
    vanishing: tuple[Path, ...] = ()


@cache
def read(text: str) -> Marked:
    """Return the formula of a line and where it is struck.

    Raises:
        ExpressionError: The line does not follow the language.
    """
    marks: dict[str, list[Path]] = {"struck": [], "gone": []}
    result = _converted(parse(text, WORDS), (), marks)
    return Marked(result, tuple(marks["struck"]), tuple(marks["gone"]))


def formula_of(text: str) -> Formula:
    """Return the formula of a line without marks."""
    return read(text).formula


def equation_of(text: str) -> Equation:
    """Return "left = right" as an equation."""
    left, _, right = text.partition("=")
    return Equation(formula_of(left.strip()), formula_of(right.strip()))


def line_of(rules: str, text: str, note: str = "") -> DerivationLine:
    """Return a line from the keys of its rules, separated by spaces, and its text."""
    marked = read(text)
    return DerivationLine(
        marked.formula,
        tuple(RULES[key] for key in rules.split()),
        note,
        cancelled=marked.cancelled,
        vanishing=marked.vanishing,
    )


def _converted(node: Formula, here: Path, marks: dict[str, list[Path]]) -> Formula:
    if isinstance(node, Variable):
        return Call("pi", ()) if node.name == "pi" else node
    if isinstance(node, Power) and (exponent := plain_number(node.exponent)) is not None:
        return Power(_converted(node.base, (*here, 0), marks), Number(exponent))
    if isinstance(node, Call):
        return _called(node, here, marks)
    operands = children(node)
    return rebuild(node, _all(operands, here, marks)) if operands else node


def _called(node: Call, here: Path, marks: dict[str, list[Path]]) -> Formula:
    if node.function in marks:
        marks[node.function].append(here)
        return _converted(node.arguments[0], here, marks)
    if node.function == "cases":
        *cases, otherwise = _all(node.arguments, here, marks)
        return Cases(tuple(case for case in cases if isinstance(case, Case)), otherwise)
    arguments = _all(node.arguments, here, marks)
    if node.function in _RELATIONS:
        subject, bound, then = arguments
        return Case(subject, _RELATIONS[node.function], bound, then)
    match node.function:
        case "D":
            return Derivative(*arguments)
        case "dphi":
            return Call("phi", arguments, 1)
        case "sumx":
            return Call("sum_except", arguments)
        case _:
            return Call(node.function, arguments)


def _all(nodes: tuple[Formula, ...], here: Path, marks: dict[str, list[Path]]) -> tuple[Formula, ...]:
    return tuple(_converted(node, (*here, place), marks) for place, node in enumerate(nodes))
