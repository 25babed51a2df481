"""What a template prints around its parts, found once: the sheets of an exam differ in the parts alone.

Most of a template's time goes into its machinery, not into its text. Where a template does nothing with a part but print
it, or go through a list of parts and print each, its text around them depends on its other values only. Whether that is
so is read off its own syntax tree, so that a teacher's template that looks into a part is rendered each time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from jinja2 import nodes

_FIRST: Final = 0x100000
_PLACE: Final = re.compile(f"([{chr(_FIRST)}-{chr(_FIRST + 0xFFFD)}])")

_LOOKING: Final = (
    nodes.Include, nodes.Extends, nodes.Import, nodes.FromImport, nodes.Block, nodes.CallBlock, nodes.FilterBlock,
    nodes.AssignBlock, nodes.ContextReference, nodes.DerivedContextReference,
)  # fmt: skip
"""What hands names on, or changes what was printed."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The text of a template around its parts.

    Attributes:
        pieces: The text; at odd places which part stands there.
    """

    pieces: tuple[str | int, ...]

    @classmethod
    def of(cls, text: str) -> Frame:
        """Take the text of a template apart that was rendered with places for its parts."""
        found = _PLACE.split(text)
        return cls(tuple(ord(piece) - _FIRST if place % 2 else piece for place, piece in enumerate(found)))

    def around(self, parts: Sequence[str]) -> str:
        """Return the text with its parts in it."""
        return "".join([piece if piece.__class__ is str else parts[piece] for piece in self.pieces])  # type: ignore[index]


def places(count: int, first: int = 0) -> list[str]:
    """Return what a template is given instead of so many parts."""
    return [chr(_FIRST + first + place) for place in range(count)]


def only_prints(template: nodes.Template, names: Mapping[str, bool]) -> bool:
    """Return whether a template does nothing with some of its values but print them.

    Args:
        template: Its syntax tree.
        names: The values; True where one is a list whose items are printed.
    """
    if next(template.find_all(_LOOKING), None) is not None:
        return False
    # What a macro prints is a value again, which the template may change.
    kept = (name for macro in template.find_all(nodes.Macro) for name, _ in _read(macro, macro))
    if any(name.name in names for name in kept):
        return False
    single = {name for name, several in names.items() if not several}
    return all(
        isinstance(parent, nodes.Output)
        if name.name in single
        else isinstance(parent, nodes.For) and parent.iter is name and _only_printed(parent)
        for name, parent in _read(template, template)
        if name.name in names
    )


def _only_printed(loop: nodes.For) -> bool:
    if not isinstance(loop.target, nodes.Name) or loop.test is not None or loop.recursive:
        return False
    item = loop.target.name
    return all(
        isinstance(parent, nodes.Output)
        if name.name == item
        else name.name != "loop"  # which knows the neighbours
        for part in loop.body
        for name, parent in _read(part, loop)
    )


def _read(node: nodes.Node, parent: nodes.Node) -> Iterator[tuple[nodes.Name, nodes.Node]]:
    """Yield every name that is read, with the node that it is part of."""
    if isinstance(node, nodes.Name):
        if node.ctx == "load":
            yield node, parent
        return
    for child in node.iter_child_nodes():
        yield from _read(child, node)
