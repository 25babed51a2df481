"""How tall a block will be on a printed page, in em: enough to decide what must not be parted from what.

LaTeX knows how tall a block is only when it has set it, but a heading, or a group that is to stay together, has to know
before. These estimates come from the same metrics as the line breaks, and are on the tall side.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Final, assert_never

from solver.document import nodes as n
from solver.document.breaking import REMEMBERED, Cell, Layout, lay_out
from solver.document.kinds import block, plain_text
from solver.notation.cases import remembered
from solver.notation.glyphs import BRACKET_DEPTH, BRACKET_HEIGHT
from solver.notation.width import TEXT, Extent, measure, text_width, width

EM: Final = 0.3849
"""Centimetres in an em of 11-point text."""

LONGEST_UNBROKEN: Final = 14
"""Rows of a table that still has to fit on one page."""

LONG_TABLE: Final = 10.0
"""Room that a longer one asks for to begin, in em: its header and a few rows."""

_LINE: Final = 1.25
_PARAGRAPH_GAP: Final = 0.35
_DISPLAY_GAP: Final = 1.9
_ROW_GAP: Final = 0.45
_HEADING: Final = 3.2
_CAPTION: Final = 1.8
_TABLE_ROW: Final = 1.5
_NOTE: Final = 2.6
_FIGURE_GAP: Final = 2.0


def layout_height(layout: Layout) -> float:
    """Return the height of a displayed equation, in em."""
    return _DISPLAY_GAP + sum(max(_LINE, _row_height(row.cells) + _ROW_GAP) for row in layout.rows)


def _row_height(cells: Sequence[Cell]) -> float:
    return sum(_height_and_depth([extent for cell in cells for extent in _extents(cell)]))


def _height_and_depth(extents: Sequence[Extent]) -> tuple[float, float]:
    """Return the room above and below the line, at least a bracket's: the same whether a number is negative or not."""
    return (
        max([BRACKET_HEIGHT, *(extent.height for extent in extents)]),
        max([BRACKET_DEPTH, *(extent.depth for extent in extents)]),
    )


@remembered(REMEMBERED)
def _extents(cell: Cell) -> tuple[Extent, ...]:
    return tuple(measure(part) for part in (cell.left, cell.right) if part is not None)


def phrase_height(phrase: n.Phrase, line: float) -> float:
    """Return the height of a paragraph, in em."""
    across = sum(
        width(part.math, display=False) if isinstance(part, n.InlineMath) else text_width(plain_text((part,)))
        for part in phrase
    )
    extents = [measure(part.math, TEXT) for part in phrase if isinstance(part, n.InlineMath)]
    tall = sum(_height_and_depth(extents))
    return ceil(across / (0.97 * line) or 1) * max(_LINE, min(tall, 3 * _LINE))


def block_height(node: n.Block, line: float) -> float:
    """Return the height of a block, in em.

    Args:
        node: The block.
        line: Room on a line, in em.
    """
    if isinstance(node, n.Filled):
        return node.once(("height", line), lambda like: block_height(like, line))
    match block(node):
        case n.Paragraph(phrase):
            return phrase_height(phrase, line) + _PARAGRAPH_GAP
        case n.Equation() as equation:
            return layout_height(lay_out(equation, line))
        case n.Figure(scene, _, caption):
            return (
                scene.height / EM
                + _FIGURE_GAP
                + (phrase_height(caption, line) + _CAPTION if caption else 0.0)
            )
        case n.Table(_, rows, _, caption):
            return _TABLE_ROW * (len(rows) + 1) + _FIGURE_GAP + (_CAPTION if caption else 0.0)
        case n.Note(lead, blocks):
            return _NOTE + phrase_height(lead, line) + blocks_height(blocks, line)
        case n.Listing(items):
            return sum(blocks_height(item, line - 2) for item in items)
        case n.Together(blocks):
            return blocks_height(blocks, line)
        case n.Section(_, blocks):
            return _HEADING + blocks_height(blocks, line)
        case n.AnswerSpace(height):
            return height / EM
        case n.PageBreak():
            return 0.0
        case _ as never:
            assert_never(never)


def blocks_height(blocks: Sequence[n.Block], line: float) -> float:
    """Return the height of blocks one below the other, in em."""
    return sum(block_height(node, line) for node in blocks)


def _words_height(node: n.Block, line: float) -> float:
    return phrase_height(node.phrase, line) if isinstance(node, n.Paragraph) else 0.0


def _opening_of_words(height: float, display: float | None) -> float:
    """Return what must follow a heading: a few lines of words, with the display that they lead to if there is one."""
    if display is not None and height < 4 * _LINE:
        return height + display
    return min(height, 2 * _LINE)


def opening_height(blocks: Sequence[n.Block], line: float) -> float:
    """Return the height of what must follow a heading on its page, in em: the first piece that a page cannot part."""
    if not blocks:
        return 0.0
    first, rest = blocks[0], blocks[1:]
    displays = bool(rest) and isinstance(n.looks(rest[0]), (n.Equation, n.Figure, n.Table))
    if isinstance(first, n.Filled):
        if displays and isinstance(n.looks(first), n.Paragraph):
            height = first.once(("words", line), lambda like: _words_height(like, line))
            return _opening_of_words(height, opening_height(rest, line))
        return first.once(("opening", line), lambda like: opening_height((like,), line))
    match block(first):
        case n.Paragraph():
            return _opening_of_words(
                _words_height(first, line), opening_height(rest, line) if displays else None
            )
        case n.Equation() as equation:
            layout = lay_out(equation, line)
            return _DISPLAY_GAP + max(_LINE, _row_height(layout.rows[0].cells) if layout.rows else 0.0)
        case n.Table(_, rows) if len(rows) > LONGEST_UNBROKEN:
            return LONG_TABLE
        case n.Section(_, inner):
            return _HEADING + opening_height(inner, line)
        case n.Listing(items):
            return opening_height(items[0], line - 2) if items else 0.0
        case n.PageBreak():
            return 0.0
        case n.AnswerSpace():
            return 2 * _LINE
        case _:
            return block_height(first, line)
