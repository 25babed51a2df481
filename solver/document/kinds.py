"""Every class of node as a union, so that a writer's match over them is provably complete; and phrases as plain words."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TypeAlias, assert_never, cast

from solver.document import nodes as n
from solver.notation import math as m
from solver.notation.unicode import unicode

AnyInline: TypeAlias = n.Text | n.InlineMath | n.Strong | n.Emphasis | n.Tone | n.EquationReference | n.Link
"""Every class of inline node."""

AnyBlock: TypeAlias = (
    n.Paragraph | n.Equation | n.Figure | n.Table | n.Note | n.Listing | n.Together | n.Section | n.AnswerSpace
    | n.PageBreak
)  # fmt: skip
"""Every class of block."""


def inline(node: n.Inline) -> AnyInline:
    """Return the node itself, typed as one of the closed set."""
    return cast(AnyInline, node)


def block(node: n.Block) -> AnyBlock:
    """Return the node itself, typed as one of the closed set; of a variant's filled block, the block that it is."""
    return cast(AnyBlock, node.block if isinstance(node, n.Filled) else node)


def tied(phrase: n.Phrase) -> n.Phrase:
    """Return a phrase in which the number of an equation stays on the line of what stands before it."""
    parts = list(phrase)
    for place, (before, after) in enumerate(pairwise(phrase)):
        if (
            isinstance(after, n.EquationReference)
            and isinstance(before, n.Text)
            and before.text.endswith(" ")
        ):
            parts[place] = n.Text(before.text[:-1] + "\u00a0")
    return tuple(parts)


def plain_text(phrase: n.Phrase, math: Callable[[m.Math], str] = unicode) -> str:
    """Return the words of a phrase without markup.

    Args:
        phrase: Words and formulas.
        math: Turns a formula into plain characters.
    """
    return "".join(_plain(part, math) for part in phrase)


def _plain(node: n.Inline, math: Callable[[m.Math], str]) -> str:
    match inline(node):
        case n.Text(text):
            return text
        case n.InlineMath(formula):
            return math(formula)
        case n.Strong(phrase) | n.Emphasis(phrase) | n.Tone(phrase) | n.Link(phrase):
            return plain_text(phrase, math)
        case n.EquationReference(tag):
            return f"({tag})"
        case _ as never:
            assert_never(never)
