"""Names of quantities as a file writes them, `dL/dW1[2,3]`, and whether a problem has what they name.

A name is kept as text in the models; here it falls into the array's name and the index, which is all that checking takes:
the array's name is looked up among those that the problem has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from solver.errors import nearest_name, quoted
from solver.spec.findings import Finding

_NAME = re.compile(r"\s*(?P<array>[^\[\]\s,]+)\s*(?:\[\s*(?P<index>\d{1,9}(?:\s*,\s*\d{1,9})*)\s*\])?\s*\Z")
_SHOWN = 12


@dataclass(frozen=True)
class QuantityName:
    """An array, or one element of it.

    Attributes:
        array: "W1", "dL/dW1", "W1'", "m_W1".
        index: Counted from 1, the sample first; () for the whole array.
    """

    array: str
    index: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.array}[{','.join(map(str, self.index))}]" if self.index else self.array


def parse_name(text: str) -> QuantityName | None:
    """Return the array and the index that a name gives; None where it is no name at all."""
    match = _NAME.match(text)
    if match is None:
        return None
    index = tuple(int(part) for part in match["index"].split(",")) if match["index"] else ()
    return QuantityName(match["array"], index)


def shape_of(text: str, known: Mapping[str, tuple[int, ...]]) -> tuple[int, ...] | None:
    """Return the shape of what a name names, () for an element; None where the problem does not have it."""
    name = parse_name(text)
    if name is None or name.array not in known:
        return None
    return () if name.index else known[name.array]


def fault_of_name(
    text: str,
    known: Mapping[str, tuple[int, ...]],
    what: str = "a quantity of this problem",
    *,
    indices: bool = True,
) -> Finding | None:
    """Return what is wrong with a name, its path empty; None where the problem has what it names.

    Args:
        text: The name as written.
        known: Arrays that can be named, with their shapes.
        what: What the name should be, for the message.
        indices: Whether the index is held against the shape.
    """
    name = parse_name(text)
    if name is None:
        return Finding((), "", quoted(text), f"{what}, such as {_example(known)}")
    if name.array not in known:
        nearest = nearest_name(name.array, known, cutoff=0.5)
        if nearest and name.index and len(name.index) == len(known[nearest]):
            nearest = str(QuantityName(nearest, name.index))
        return Finding((), "", quoted(text), f"{what}: {_examples(known)}", nearest)
    shape = known[name.array]
    if not name.index or not indices:
        return None
    if not shape:
        return Finding((), f"{name.array} is a single number", quoted(text), quoted(name.array))
    if len(name.index) != len(shape) or any(not 1 <= i <= n for i, n in zip(name.index, shape, strict=True)):
        first, last = QuantityName(name.array, (1,) * len(shape)), QuantityName(name.array, shape)
        return Finding(
            (), f"{name.array} is {shape_text(shape)}", quoted(text), f"an index from {first} to {last}"
        )
    return None


def shape_text(shape: tuple[int, ...]) -> str:
    """Return a shape in words: "a number", "a list of 3", "4 x 3"."""
    if len(shape) < 2:
        return f"a list of {shape[0]}" if shape else "a number"
    return " x ".join(map(str, shape))


def _examples(known: Mapping[str, tuple[int, ...]]) -> str:
    names = list(known)
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _example(known: Mapping[str, tuple[int, ...]]) -> QuantityName:
    name = next((name for name, shape in known.items() if len(shape) == 2), next(iter(known)))
    return QuantityName(name, (1,) * len(known[name]))
