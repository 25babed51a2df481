"""A worked solution as material for a question: its lines, the results in them, and what each result is."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from solver.document.circuit_words import leads_to_values
from solver.document.kinds import block, plain_text
from solver.document.nodes import (
    Block,
    Document,
    Equation,
    EquationLine,
    Listing,
    Note,
    Section,
    Table,
    Together,
)
from solver.document.rewriting import Rewriter, rewrite_math
from solver.document.slopes import slope_parts
from solver.document.summary import TITLES
from solver.document.telling import Telling
from solver.document.views import Secret
from solver.formula import Formula, Number, Ref
from solver.graph.node import Leaf, Node
from solver.notation import math as m
from solver.notation.walk import walk
from solver.quantities import Key, Quantity, Role
from solver.trace.asked import asked, line_formulas
from solver.trace.chain import chain_rule


def worked(document: Document) -> list[Block]:
    """Return the worked part of a solution: what follows the statement, without the table at its end.

    The circuit with its values is left out as well: the drawings of a question show names alone.
    """
    first = next(place for place, node in enumerate(document.blocks) if isinstance(node, Section))
    return _without_values_drawn(
        [
            node
            for node in document.blocks[first + 1 :]
            if not (isinstance(node, Section) and plain_text(node.title) in TITLES)
        ]
    )


def _without_values_drawn(blocks: Sequence[Block]) -> list[Block]:
    kept: list[Block] = []
    for node in blocks:
        if isinstance(node, Section):
            kept.append(replace(node, blocks=tuple(_without_values_drawn(node.blocks))))
        elif not (isinstance(node, Together) and leads_to_values(node.blocks[0])):
            kept.append(node)
    return kept


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
            lowered.append(Section(node.title, tuple(demoted(node.blocks)), 3))
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


def has_name(digits: m.Digits) -> bool:
    """Return whether a number is a quantity's, given or not: what a drawing shows beside names."""
    return digits.answer is not None


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
    """Return the formula of every line that a solution tells element by element, in the form in which it is told."""
    problem, graph = telling.problem, telling.graph
    what = asked(problem, telling.model)
    found = line_formulas(problem, telling.model, what)
    match what.form, graph.words:
        case "matrix", "network":
            found |= slope_parts(telling)
        case "matrix", "convolution":
            from solver.document.map_gradients import slope_parts as map_slopes
            from solver.document.maps import maps_of

            found |= slope_parts(telling) | map_slopes(telling, maps_of(graph))
        case "paths", "convolution":
            from solver.document.convolution_backward import unread
            from solver.document.maps import maps_of

            blocked = unread(telling, maps_of(graph))
            chains = chain_rule(graph, what.elements, stations=graph.stations, blocked=blocked)
            found |= chains.definitions
        case "sweep", _ if problem.work.form == "paths":
            found = dict(chain_rule(graph, what.elements).definitions) | found
        case _:
            pass
    return found


def told_in_lines(telling: Telling) -> bool:
    """Return whether a solution is told line by line, so that each line follows from the ones before; else by arrays."""
    form = asked(telling.problem, telling.model).form
    return form != "matrix" or telling.graph.words == "recurrent"


def keys_by_name(
    telling: Telling, definitions: Mapping[Key, Formula], names: Iterable[str]
) -> dict[str, Key]:
    """Return the keys of some numbers of a document, by the names that these carry; what is no key is left out."""
    told = {str(key): key for key in definitions}
    nodes: dict[str, list[Node]] = {}
    for node in telling.graph.nodes:
        nodes.setdefault(node.quantity.array_name, []).append(node)
    of = telling.graph.root.quantity.base
    found: dict[str, Key] = {}
    for name in names:
        key = told.get(name) or _element(nodes, name, of)
        if key is not None:
            found[name] = key
    return found


_PREFIXES = {role.value: role for role in Role if role not in (Role.VALUE, Role.GRADIENT, Role.UPDATED)}


def _element(nodes: Mapping[str, Sequence[Node]], name: str, of: str) -> Quantity | None:
    """Return the element that a name means: time step first, then the sample, where the element has them."""
    array, _, rest = name.partition("[")
    index = tuple(int(part) for part in rest.rstrip("]").split(",")) if rest else ()
    role, plain = Role.VALUE, array
    if array.startswith(f"d{of}/d"):
        role, plain = Role.GRADIENT, array.removeprefix(f"d{of}/d")
    elif array.endswith("'"):
        role, plain = Role.UPDATED, array[:-1]
    elif array not in nodes and array.partition("_")[0] in _PREFIXES:
        role, plain = _PREFIXES[array.partition("_")[0]], array.partition("_")[2]
    for node in nodes.get(plain, ()):
        lead = node.quantity.position
        within = index[len(lead) :]
        sample = None
        if node.per_sample and len(within) == len(node.shape) + 1:
            sample, within = within[0], within[1:]
        if index[: len(lead)] == lead and len(within) == len(node.shape):
            quantity = replace(node.quantity, index=within, sample=sample, role=role)
            return quantity.gradient(of) if role is Role.GRADIENT else quantity
    return None


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


def with_subtractions(blocks: Sequence[Block], names: Container[str]) -> tuple[Block, ...]:
    """Return blocks in which some numbers give their minus to the sum again: "2 + (−0.3)" becomes "2 − 0.3".

    It undoes `with_signs` for numbers that are shown: brackets that no other number has would tell which were exchanged.
    """

    def is_carried(sign: m.Math, term: m.Math, after: m.Math | None) -> bool:
        return (
            isinstance(sign, m.Operator)
            and sign.sign == "+"
            and isinstance(term, m.Fenced)
            and isinstance(term.body, m.Digits)
            and term.body.answer in names
            and term.body.text.startswith("-")
            and (after is None or (isinstance(after, m.Operator) and after.sign in "+−"))
        )

    def change(math: m.Math) -> m.Math | None:
        if not isinstance(math, m.Row):
            return None
        items = [rewrite_math(item, change) for item in math.items]
        for place, (sign, term, after) in enumerate(zip(items, items[1:], [*items[2:], None], strict=False)):
            if is_carried(sign, term, after):
                assert isinstance(term, m.Fenced)
                assert isinstance(term.body, m.Digits)
                items[place : place + 2] = m.Operator("−"), replace(term.body, text=term.body.text[1:])
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
