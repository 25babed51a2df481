"""A worked solution as material for a question: its lines, the results in them, and what each result is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from solver.document.backward_matrix import slope_parts
from solver.document.kinds import block, plain_text
from solver.document.nodes import (
    Block,
    Document,
    Equation,
    EquationLine,
    Listing,
    Note,
    Paragraph,
    Section,
    Strong,
    Table,
    Together,
)
from solver.document.rewriting import Rewriter, rewrite_math
from solver.document.telling import Telling
from solver.document.views import Secret
from solver.exercises.answers import path_lines
from solver.formula import Formula, Number, Ref
from solver.graph.node import Graph, Leaf, Node
from solver.notation import math as m
from solver.notation.walk import walk
from solver.quantities import Key, Quantity, Role

_ENDS = ("Summary", "Summary and check")
_AFTER = ("Update", *_ENDS)


def worked(document: Document, *, update: bool = True) -> list[Block]:
    """Return the worked part of a solution: what follows the statement, without the table at its end.

    Args:
        document: The worked solution.
        update: Whether the update belongs to it.
    """
    left_out = _ENDS if update else _AFTER
    first = next(place for place, node in enumerate(document.blocks) if isinstance(node, Section))
    return [
        node
        for node in document.blocks[first + 1 :]
        if not (isinstance(node, Section) and plain_text(node.title) in left_out)
    ]


def without_notes(blocks: Sequence[Block]) -> list[Block]:
    """Return blocks without remarks and warnings, which compare results with others."""
    kept: list[Block] = []
    for node in blocks:
        if isinstance(node, Section):
            kept.append(replace(node, blocks=tuple(without_notes(node.blocks))))
        elif not isinstance(node, Note):
            kept.append(node)
    return kept


def demoted(blocks: Sequence[Block]) -> list[Block]:
    """Return the sections of a solution as parts of a question: one level lower, the lowest as bold words."""
    lowered: list[Block] = []
    for node in blocks:
        if isinstance(node, Section) and node.level == 1:
            lowered.append(Section(node.title, tuple(demoted(node.blocks)), 2))
        elif isinstance(node, Section):
            head = Paragraph((Strong(node.title),))
            inner = demoted(node.blocks)
            lowered += [Together((head, inner[0])), *inner[1:]] if inner else [head]
        else:
            lowered.append(node)
    return lowered


def lines_of(blocks: Sequence[Block]) -> Iterator[tuple[EquationLine, ...]]:
    """Yield the rows of all equations, top to bottom."""
    for node in blocks:
        match block(node):
            case Equation(rows):
                yield from rows
            case Section(_, inner) | Together(inner) | Note(_, inner):
                yield from lines_of(inner)
            case Listing(items):
                for item in items:
                    yield from lines_of(item)
            case _:
                pass


def results_in(blocks: Sequence[Block], secret: Secret) -> dict[str, m.Digits]:
    """Return the results that lines and tables of a solution print, by name, in the order of their first appearance."""
    found: dict[str, m.Digits] = {}
    for formula in _formulas(blocks):
        for part in walk(formula):
            if isinstance(part, m.Digits) and secret(part):
                assert part.answer is not None
                found.setdefault(part.answer, part)
    return found


def _formulas(blocks: Sequence[Block]) -> Iterator[m.Math]:
    for node in blocks:
        match block(node):
            case Equation(rows):
                yield from (step.body for row in rows for line in row for step in line.steps)
            case Section(_, inner) | Together(inner) | Note(_, inner):
                yield from _formulas(inner)
            case Listing(items):
                for item in items:
                    yield from _formulas(item)
            case Table(_, rows):
                yield from (
                    part.math for row in rows for cell in row for part in cell if hasattr(part, "math")
                )
            case _:
                pass


def definitions_of(telling: Telling) -> dict[Key, Formula]:
    """Return the formula of every key of either form that is no array of the graph: factors, paths, slopes."""
    found = dict(path_lines(telling.problem, telling.model))
    if telling.graph.words == "network":
        found |= slope_parts(telling)
    return found


def keys_by_name(telling: Telling, definitions: dict[Key, Formula]) -> dict[str, Key]:
    """Return every key that a document may print, by the name that its numbers carry."""
    graph = telling.graph
    found: dict[str, Key] = {}
    for node in graph.nodes:
        for element in _elements(graph, node):
            for key in (
                element,
                element.gradient(),
                element.gradient(graph.root.quantity.base),
                element.updated(),
            ):
                found[str(key)] = key
    for parameter in graph.parameters:
        states = (role for role in Role if role not in (Role.VALUE, Role.GRADIENT, Role.UPDATED))
        for role, element in product(states, graph.elements(parameter)):
            found[str(element.state(role))] = element.state(role)
    return found | {str(key): key for key in definitions}


def _elements(graph: Graph, node: Node) -> Iterator[Quantity]:
    if not node.per_sample:
        yield from graph.elements(node.quantity)
        return
    for sample in range(1, graph.samples + 1):
        for element in graph.elements(node.quantity, sample):
            yield element
            if graph.samples == 1:
                yield element.of_sample(None)


def with_signs(blocks: Sequence[Block], numbers: Mapping[str, m.Digits]) -> tuple[Block, ...]:
    """Return blocks in which some numbers carry their own minus: "2 − 0.3" becomes "2 + (−0.3)" where −0.3 is the number.

    In a sum a negative number gives its sign to the line, which would tell it of a number that is hidden, and be wrong of
    one that is exchanged.

    Args:
        blocks: Part of a worked solution.
        numbers: The numbers by name, with their signs.
    """

    def is_folded(sign: m.Math, digits: m.Math) -> bool:
        return (
            isinstance(sign, m.Operator)
            and sign.sign == "−"
            and isinstance(digits, m.Digits)
            and digits.answer in numbers
            and numbers[digits.answer or ""].text.startswith("-")
            and not digits.text.startswith("-")
        )

    def change(math: m.Math) -> m.Math | None:
        if not isinstance(math, m.Row):
            return None
        items: list[m.Math] = []
        rest = list(math.items)
        while rest:
            item = rest.pop(0)
            if rest and is_folded(item, rest[0]):
                digits = rest.pop(0)
                assert isinstance(digits, m.Digits)
                full = numbers[digits.answer or ""]
                items += [m.Operator("+"), m.Fenced(full)] if items else [full]
            else:
                items.append(rewrite_math(item, change))
        return m.row(*items)

    return Rewriter(change, lambda scene: scene).blocks(blocks)


def given_by_another_name(telling: Telling, definitions: Mapping[Key, Formula]) -> set[str]:
    """Return the names of local derivatives that are a given number: ∂a/∂h = w."""
    leaves = {node.quantity for node in telling.graph.nodes if isinstance(node.operation, Leaf)}
    return {
        str(key)
        for key, formula in definitions.items()
        if isinstance(formula, Number)
        or (
            isinstance(formula, Ref)
            and isinstance(formula.quantity, Quantity)
            and formula.quantity.whole in leaves
        )
    }
