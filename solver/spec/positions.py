"""The line on which a key or an element of a list stands, from a syntax tree of the file.

tomllib gives values without places; tree-sitter's TOML grammar gives places. The tree is made only when there is a fault
to report, and only the asked path is followed into a list: a matrix of 100,000 numbers is not walked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from solver.spec.findings import KeyPath

if TYPE_CHECKING:
    from tree_sitter import Node

_COMMENT = "comment"

_DEEPEST = 20
"""Keys of one path that are followed; no table of ours is deeper."""


class Lines:
    """The lines of one text's keys.

    Args:
        text: TOML that tomllib has accepted.
    """

    def __init__(self, text: str) -> None:
        self._bytes = text.encode()

    def line(self, path: KeyPath) -> int | None:
        """Return the line of the longest part of a path that stands in the file; None where nothing of it does."""
        for length in range(len(path), 0, -1):
            place = self._places.get(path[:length])
            if place is not None:
                line, value = place
                return _inside(value, path[length:], line) if value is not None else line
        return None

    @cached_property
    def _places(self) -> dict[KeyPath, tuple[int, Node | None]]:
        """Of every table header and key outside of inline values: its line, and the node of its value."""
        import tree_sitter_toml
        from tree_sitter import Language, Parser

        root = Parser(Language(tree_sitter_toml.language())).parse(self._bytes).root_node
        places: dict[KeyPath, tuple[int, Node | None]] = {}
        counts: dict[KeyPath, int] = {}
        for node in root.named_children:
            if node.type == "pair":
                _add_pair(places, (), node)
            elif node.type in ("table", "table_array_element"):
                keys, *pairs = (child for child in node.named_children if child.type != _COMMENT)
                path = _table_path(_keys(keys), counts, is_array=node.type == "table_array_element")
                _add(places, path, keys, None)
                for pair in pairs:
                    _add_pair(places, path, pair)
        return places


def _table_path(keys: KeyPath, counts: dict[KeyPath, int], *, is_array: bool) -> KeyPath:
    """Return the path of a header, the number of the element of each list of tables on the way put in."""
    path: KeyPath = ()
    for depth, key in enumerate(keys):
        path += (key,)
        last = depth == len(keys) - 1
        if last and is_array:
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path += (counts[path] - 1,)
    return path


def _add(
    places: dict[KeyPath, tuple[int, Node | None]], path: KeyPath, node: Node, value: Node | None
) -> None:
    for length in range(1, len(path)):
        places.setdefault(path[:length], (node.start_point.row + 1, None))
    if value is not None or path not in places:
        places[path] = (node.start_point.row + 1, value)


def _add_pair(places: dict[KeyPath, tuple[int, Node | None]], path: KeyPath, pair: Node) -> None:
    if pair.type != "pair" or len(pair.named_children) < 2:
        return
    key, value = pair.named_children[0], pair.named_children[-1]
    _add(places, path + _keys(key), key, value)


def _inside(value: Node, path: KeyPath, line: int) -> int:
    """Return the line of an element or key inside an inline value, as far as the path can be followed."""
    while path:
        step = _step(value, path)
        if step is None:
            break
        line, value, path = step
    return line


def _step(value: Node, path: KeyPath) -> tuple[int, Node, KeyPath] | None:
    head = path[0]
    children = [child for child in value.named_children if child.type != _COMMENT]
    if value.type == "array" and isinstance(head, int) and head < len(children):
        child = children[head]
        return child.start_point.row + 1, child, path[1:]
    if value.type == "inline_table":
        for pair in children:
            keys = _keys(pair.named_children[0])
            if path[: len(keys)] == keys:
                return pair.start_point.row + 1, pair.named_children[-1], path[len(keys) :]
    return None


def _keys(node: Node) -> KeyPath:
    """Return the keys that a bare, quoted or dotted key spells, as far as they are followed."""
    return tuple(_key_text(part) for part in islice(_key_parts(node), _DEEPEST))


def _key_parts(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        part = stack.pop()
        if part.type == "dotted_key":
            stack += reversed(part.named_children)
        else:
            yield part


def _key_text(node: Node) -> str:
    text = (node.text or b"").decode()
    if node.type == "bare_key":
        return text
    try:
        return next(iter(tomllib.loads(f"{text} = 0")))
    except (tomllib.TOMLDecodeError, StopIteration):
        return text
