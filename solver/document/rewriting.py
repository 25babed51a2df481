"""Rewrite a document: the same blocks, with mathematics replaced wherever it stands: lines, tables, captions, figures.

Views are made so. A change is a function that returns what stands for a formula, or None to look inside it; it is asked
from the outside in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from solver.document import nodes as n
from solver.document.kinds import block, inline
from solver.figures.scene import Box, Circle, Label, Scene, Shape
from solver.notation import math as m
from solver.notation.atoms import node

MathChange = Callable[[m.Math], m.Math | None]
SceneChange = Callable[[Scene], Scene]
Rows = tuple[tuple[n.EquationLine, ...], ...]


def rewrite_math(math: m.Math, change: MathChange) -> m.Math:  # noqa: C901 - one case a class
    """Return a formula in which every part that `change` knows is replaced."""
    found = change(math)
    if found is not None:
        return found

    def each(part: m.Math) -> m.Math:
        return rewrite_math(part, change)

    def maybe(part: m.Math | None) -> m.Math | None:
        return None if part is None else each(part)

    match node(math):
        case m.Row(items):
            return m.row(*map(each, items))
        case m.Fraction(numerator, denominator, small):
            return m.Fraction(each(numerator), each(denominator), small)
        case m.Script(base, sub, sup):
            return m.Script(each(base), maybe(sub), maybe(sup))
        case m.Fenced(body, left, right):
            return m.Fenced(each(body), left, right)
        case m.Matrix(rows, left, right):
            return m.Matrix(tuple(tuple(map(each, row)) for row in rows), left, right)
        case m.CasesOf(lines):
            return m.CasesOf(tuple((each(value), each(condition)) for value, condition in lines))
        case m.Underbrace(body, note):
            return m.Underbrace(each(body), each(note))
        case m.BigOperator(sign, body, sub, sup):
            return m.BigOperator(sign, each(body), maybe(sub), maybe(sup))
        case m.Accent() | m.Prime() | m.Root() | m.Boxed() | m.Struck() | m.Toned() as wrapped:
            return replace(wrapped, body=each(wrapped.body))
        case m.Symbol() | m.Digits() | m.Operator() | m.Words() | m.Blank() | m.Space():
            return math
        case _ as never:
            assert_never(never)


@dataclass
class Rewriter:
    """Rewrites blocks.

    Attributes:
        math: What stands for a formula, or None to look inside it.
        scene: What stands for a drawing; by default its formulas are rewritten where they stand.
        rows: What stands for the rows of an equation, before their formulas are rewritten.
        inline: What stands for a piece of a phrase, or None to look inside it.
    """

    math: MathChange
    scene: SceneChange | None = None
    rows: Callable[[Rows], Rows] | None = None
    inline: Callable[[n.Inline], n.Inline | None] | None = None

    def blocks(self, blocks: Sequence[n.Block]) -> tuple[n.Block, ...]:
        """Return rewritten blocks."""
        return tuple(map(self.block, blocks))

    def block(self, node: n.Block) -> n.Block:
        """Return a rewritten block."""
        match block(node):
            case n.Paragraph(phrase):
                return n.Paragraph(self.phrase(phrase))
            case n.Equation(rows, small):
                changed = rows if self.rows is None else self.rows(rows)
                return n.Equation(tuple(tuple(map(self.line, row)) for row in changed), small)
            case n.Figure(scene, alt, caption):
                return n.Figure(self.drawing(scene), alt, self.phrase(caption))
            case n.Table(header, rows, align, caption):
                body = tuple(tuple(map(self.phrase, row)) for row in rows)
                return n.Table(tuple(map(self.phrase, header)), body, align, self.phrase(caption))
            case n.Note(lead, blocks, kind):
                return n.Note(self.phrase(lead), self.blocks(blocks), kind)
            case n.Listing(items, ordered):
                return n.Listing(tuple(map(self.blocks, items)), ordered)
            case n.Together(blocks):
                return n.Together(self.blocks(blocks))
            case n.Section(title, blocks, level):
                return n.Section(self.phrase(title), self.blocks(blocks), level)
            case n.AnswerSpace() | n.PageBreak():
                return node
            case _ as never:
                assert_never(never)

    def line(self, line: n.EquationLine) -> n.EquationLine:
        """Return a rewritten line of an equation."""
        steps = tuple(replace(step, body=self.formula(step.body)) for step in line.steps)
        return n.EquationLine(None if line.left is None else self.formula(line.left), steps, line.tag)

    def formula(self, math: m.Math) -> m.Math:
        """Return a rewritten formula."""
        return rewrite_math(math, self.math)

    def phrase(self, phrase: n.Phrase) -> n.Phrase:
        """Return a rewritten phrase."""
        return tuple(map(self._inline, phrase))

    def _inline(self, part: n.Inline) -> n.Inline:
        found = None if self.inline is None else self.inline(part)
        if found is not None:
            return found
        match inline(part):
            case n.InlineMath(math):
                return n.InlineMath(self.formula(math))
            case n.Strong() | n.Emphasis() | n.Tone() | n.Link() as wrapped:
                return replace(wrapped, phrase=self.phrase(wrapped.phrase))
            case n.Text() | n.EquationReference():
                return part
            case _ as never:
                assert_never(never)

    def drawing(self, scene: Scene) -> Scene:
        """Return a rewritten drawing."""
        if self.scene is not None:
            return self.scene(scene)
        return replace(scene, shapes=tuple(map(self._shape, scene.shapes)))

    def _shape(self, shape: Shape) -> Shape:
        match shape:
            case Label():
                return replace(shape, body=self.formula(shape.body))
            case Circle() | Box():
                return shape if shape.label is None else replace(shape, label=self.formula(shape.label))
            case _:
                return shape
