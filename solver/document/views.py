"""Views of one document: what a sheet leaves out of a worked solution, so that sheet, key and solution cannot disagree.

Every number that a document prints carries the name of its quantity (`Digits.answer`). A name that the file gives may
stand in a sheet; every other one is a result. A sheet is the statement of the problem, with its given numbers, and what
is to be found, with a box for each number. Should a result stand in the statement all the same, it is a box there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from solver.document.asking import tasks
from solver.document.explain import telling_of
from solver.document.given import digits, elided, elision
from solver.document.nodes import Block, Document, EquationLine, Paragraph, Section
from solver.document.rewriting import Rewriter, Rows
from solver.document.telling import Telling
from solver.document.words import paragraph, phrase
from solver.figures.scene import Box, Circle, Label, Scene, Shape
from solver.graph import build
from solver.graph.node import Graph, Leaf
from solver.notation import math as m
from solver.notation.walk import walk

if TYPE_CHECKING:
    from solver.spec import Problem

BOX = 3.5
"""Width of a box that stands for a number, in em."""


def view_of(document: Document, problem: Problem, view: str) -> Document:
    """Return a view of a worked solution.

    Args:
        document: The worked solution of the problem.
        problem: The problem.
        view: "solution", "sheet" or "key"; the key is the worked solution under its own name. (What a key adds, marks and
            mistakes, is known in `solver.exercises`.)

    Raises:
        ValueError: There is no such view.
    """
    match view:
        case "solution":
            return document
        case "key":
            return replace(document, running="Answer key")
        case "sheet":
            return _sheet(document, telling_of(problem, build(problem)))
        case _:
            raise ValueError(f"no such view: {view}")


def _sheet(document: Document, telling: Telling) -> Document:
    statement = Section(phrase("Given"), statement_of(document, telling))
    asked = Section(phrase("To be found"), (*tasks(telling),))
    return Document(document.title, (statement, asked), document.source, "Sheet", document.language)


def statement_of(document: Document, telling: Telling) -> tuple[Block, ...]:
    """Return the statement of the problem from its worked solution: the first section, without words about results."""
    return hidden(stated(document, telling), results(telling.graph))


def stated(document: Document, telling: Telling) -> list[Block]:
    """Return the statement, in which no result has been hidden yet."""
    first = next(block for block in document.blocks if isinstance(block, Section))
    left_out: list[Block] = []
    if telling.numeric:
        left_out.append(Paragraph(digits(telling)))
        if elided(telling):
            left_out.append(paragraph(*elision(telling)))
    return [block for block in first.blocks if block not in left_out]


@dataclass(frozen=True)
class Results:
    """Tells results from given numbers by their names.

    Attributes:
        given: Names of the numbers that the file gives.
        shown: Names of results that may be shown all the same.
    """

    given: frozenset[str]
    shown: frozenset[str] = frozenset()

    def __call__(self, digits: m.Digits) -> bool:
        """Return whether a number is a result that must not be seen."""
        return (
            digits.answer is not None and digits.answer not in self.given and digits.answer not in self.shown
        )


def results(graph: Graph, shown: Collection[str] = ()) -> Results:
    """Return what tells the results of a problem from its given numbers."""
    names: set[str] = set()
    for node in graph.nodes:
        if isinstance(node.operation, Leaf):
            samples = (None, *range(1, graph.samples + 1)) if node.per_sample else (None,)
            names.update(
                str(element) for sample in samples for element in graph.elements(node.quantity, sample)
            )
    return Results(frozenset(names), frozenset(shown))


Secret = Callable[[m.Digits], bool]


def hidden(
    blocks: Sequence[Block], secret: Secret, box: Callable[[m.Digits], m.Math] | None = None
) -> tuple[Block, ...]:
    """Return blocks in which secret numbers are boxes; in drawings they are left out.

    Args:
        blocks: Part of a worked solution.
        secret: Which numbers must not be seen.
        box: What stands for a number; by default an empty box.
    """

    def change(math: m.Math) -> m.Math | None:
        if isinstance(math, m.Digits) and secret(math):
            return m.Blank(BOX, math.answer) if box is None else box(math)
        if isinstance(math, m.Fenced | m.Boxed) and isinstance(math.body, m.Digits) and secret(math.body):
            return change(math.body)  # brackets around a negative number would tell its sign
        return None

    def rows(rows: Rows) -> Rows:
        return tuple(tuple(_unjudged(line, secret) for line in row) for row in rows)

    return Rewriter(change, lambda scene: without_values(scene, secret), rows).blocks(blocks)


def _unjudged(line: EquationLine, secret: Secret) -> EquationLine:
    """Return a line with = for ≈ where it holds a secret number: whether its digits follow would tell something of it."""
    if not any(_is_secret(part, secret) for step in line.steps for part in walk(step.body)):
        return line
    steps = tuple(
        replace(step, relation="=" if step.relation == "≈" else step.relation) for step in line.steps
    )
    return replace(line, steps=steps)


def _is_secret(part: m.Math, secret: Secret) -> bool:
    return isinstance(part, m.Digits) and secret(part)


def without_values(scene: Scene, secret: Secret) -> Scene:
    """Return a drawing without secret numbers: a label keeps its name, "w = 0.3" becomes "w"."""
    shapes: list[Shape] = []
    for shape in scene.shapes:
        body = (
            shape.body
            if isinstance(shape, Label)
            else shape.label
            if isinstance(shape, Circle | Box)
            else None
        )
        if body is None or not any(_is_secret(part, secret) for part in walk(body)):
            shapes.append(shape)
            continue
        name = _name_of(body, secret)
        if isinstance(shape, Circle | Box):
            shapes.append(replace(shape, label=name))
        elif isinstance(shape, Label) and name is not None:
            shapes.append(replace(shape, body=name))
    return replace(scene, shapes=tuple(shapes))


def _name_of(body: m.Math, secret: Secret) -> m.Math | None:
    """Return what stands before the equals sign of a label, if no secret is in it."""
    if not isinstance(body, m.Row):
        return None
    place = next(
        (k for k, item in enumerate(body.items) if isinstance(item, m.Operator) and item.sign in "=≈"), 0
    )
    name = m.row(*body.items[:place])
    return name if place and not any(_is_secret(part, secret) for part in walk(name)) else None
