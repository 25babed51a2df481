"""From the contract's names to what they name: an array of a trace, one element of it, a local derivative, a path.

Beside the quantities of the contract, published solutions print factors of the chain rule and products along paths, and
what the forward pass gives after an update. They are claimed as

    dh2[1]/da2[1]                  the local derivative of one element by another
    dL/dW1[3,1] along path 2       one product of a sum over paths
    a1'[2]                         a value of the forward pass with the updated parameters
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from solver.errors import nearest_name, quoted
from solver.graph.model import Model
from solver.graph.node import Graph, Leaf, Node
from solver.quantities import Along, Key, Partial, Quantity, Role
from solver.spec.findings import Finding
from solver.spec.names import QuantityName, parse_name, shape_text
from solver.trace.chain import ChainProduct, chain_rule
from solver.trace.paths import LIMIT, count_paths

_FACTOR = re.compile(r"\s*d(?P<of>[^/]+?)\s*/\s*d(?P<by>[^/]+?)\s*\Z")
_ALONG = re.compile(r"(?P<gradient>.+?)\s+along\s+path\s+(?P<path>[1-9]\d{0,3})\s*\Z")


@dataclass(frozen=True)
class Layout:
    """How the contract writes one array: the nodes that are its rows (time steps), or its one node.

    Attributes:
        keys: The arrays of the trace, role included.
        nodes: Their nodes.
        stacked: Whether the arrays are rows of one.
        samples: Length of the axis of samples, None where it is not written.
    """

    keys: tuple[Quantity, ...]
    nodes: tuple[Node, ...]
    stacked: bool
    samples: int | None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape in JSON."""
        rows = (len(self.keys),) if self.stacked else ()
        samples = (self.samples,) if self.samples is not None else ()
        return rows + samples + self.nodes[0].shape

    def element(self, index: tuple[int, ...]) -> Quantity:
        """Return the element with a contract's index, from 1."""
        place = 0
        if self.stacked:
            place, index = index[0] - 1, index[1:]
        sample = None
        if self.samples is not None:
            sample, index = index[0], index[1:]
        return replace(self.keys[place], index=index, sample=sample)

    def elements(self) -> Iterator[tuple[tuple[int, ...], Quantity]]:
        """Yield (index, element) in the order of the JSON form."""
        for place in np.ndindex(*self.shape):
            index = tuple(axis + 1 for axis in place)
            yield index, self.element(index)


@dataclass(frozen=True)
class Names:
    """The names of one problem.

    Attributes:
        model: The problem.
    """

    model: Model

    @property
    def graph(self) -> Graph:
        """The problem's graph."""
        return self.model.graph

    @cached_property
    def layouts(self) -> Mapping[str, Layout]:
        """Every array by its name."""
        found: dict[str, list[tuple[Quantity, Node]]] = {}
        for node in self.graph.nodes:
            for key in self._keys(node):
                found.setdefault(key.array_name, []).append((key, node))
        layouts = {name: self._layout(pairs) for name, pairs in found.items()}
        for layout in tuple(layouts.values()):
            first = layout.keys[0]
            if (
                first.role is Role.FIRST_MOMENT
            ):  # where there is no second moment, v is another name of the velocity m
                layouts.setdefault(first.value.state(Role.SECOND_MOMENT).array_name, layout)
        return layouts

    def _keys(self, node: Node) -> Iterator[Quantity]:
        quantity = node.quantity
        if node.operation == Leaf("constant"):
            return
        yield quantity
        if quantity != self.graph.root.quantity and quantity not in self.graph.targets:
            yield self.graph.gradient(quantity)
        training = self.model.training
        if training is None and not self.model.symbolic:
            return
        if not isinstance(node.operation, Leaf) or quantity in self.graph.parameters:
            yield quantity.updated()
        if training is not None and quantity in self.graph.trainable:
            for rule in training.optimizer.steps:
                if rule.name not in ("g", "w"):
                    yield quantity.state(Role(rule.name))

    def _layout(self, pairs: list[tuple[Quantity, Node]]) -> Layout:
        keys, nodes = zip(*pairs, strict=True)
        samples = self.graph.samples if nodes[0].per_sample and self.graph.sample_axis else None
        return Layout(keys, nodes, bool(keys[0].time), samples)

    def elements(self, name: str) -> list[tuple[tuple[int, ...], Key]]:
        """Return what a name names, element by element, with their indices within it: (index, key) pairs.

        Raises:
            UnknownName: There is no such thing.
        """
        along = _ALONG.match(name)
        if along is not None:
            return [((), self.route(along["gradient"], int(along["path"]))[0])]
        parsed = parse_name(name)
        if parsed is not None and parsed.array in self.layouts:
            layout = self.layouts[parsed.array]
            if parsed.index:
                return [((), layout.element(self._within(parsed, layout)))]
            return list(layout.elements())
        factor = _FACTOR.match(name)
        # "dL/dW9[1,1]" is a misspelt gradient, not the derivative of L by something unknown.
        if factor is not None and (parsed is None or factor["of"].strip() != str(self.graph.root.quantity)):
            return [((), self._factor(factor["of"], factor["by"]))]
        nearest = nearest_name(parsed.array if parsed else name, self.layouts, cutoff=0.5)
        if nearest and parsed and len(parsed.index) == len(self.layouts[nearest].shape) > 0:
            nearest = str(QuantityName(nearest, parsed.index))
        raise UnknownName(Finding((), "", quoted(name), "a quantity of this problem", nearest))

    def element(self, name: str) -> Quantity:
        """Return one element; an array with a single one needs no index."""
        found = self.elements(name)
        if len(found) != 1:
            expected = f"one element, as in {found[0][1]}"
            raise UnknownName(Finding((), f"{name.strip()} is an array", quoted(name), expected))
        key = found[0][1]
        assert isinstance(key, Quantity)
        return key

    def _within(self, name: QuantityName, layout: Layout) -> tuple[int, ...]:
        shape = layout.shape
        inside = len(name.index) == len(shape) and all(
            1 <= place <= length for place, length in zip(name.index, shape, strict=True)
        )
        if inside:
            return name.index
        first, last = QuantityName(name.array, (1,) * len(shape)), QuantityName(name.array, shape)
        expected = f"an index from {first} to {last}" if shape else quoted(name.array)
        raise UnknownName(Finding((), f"{name.array} is {shape_text(shape)}", quoted(str(name)), expected))

    def _factor(self, of: str, by: str) -> Key:
        above, below = self.element(of), self.element(by)
        if above == self.graph.root.quantity:
            return self.graph.gradient(below)
        node = self.graph.by_quantity.get(above.whole)
        reads = (
            node is not None
            and below.whole in node.parents
            and any(reader.whole == above.whole and reader.index == above.index and _same_sample(reader, above)
                    for _, _, reader in self.graph.readers(below))
        )  # fmt: skip
        if not reads:
            named = f"d{of.strip()}/d{by.strip()}"
            message = f"{above} does not read {below}"
            raise UnknownName(
                Finding((), message, quoted(named), "the derivative of a number by one that it reads")
            )
        return Partial(above, below)

    def route(self, gradient: str, path: int) -> tuple[Along, ChainProduct]:
        """Return one product of the sum over paths that makes a gradient."""
        target = self.element(gradient)
        if target.role is not Role.GRADIENT:
            raise UnknownName(
                Finding((), f"{target} is no gradient", expected=f"d{self.graph.root.quantity}/d{target}")
            )
        count = count_paths(self.graph, [target.value])
        if count <= LIMIT:
            chain = chain_rule(self.graph, [target.value], target.of).chains[0]
            if path <= len(chain.products):
                return Along(target, path), chain.products[path - 1]
            count = len(chain.products)
        raise UnknownName(Finding((), f"{target} has {count} paths", str(path), f"a path from 1 to {count}"))


def _same_sample(one: Quantity, other: Quantity) -> bool:
    return (one.sample or 1) == (other.sample or 1)


class UnknownName(ValueError):
    """A claim names something that the problem does not have.

    Args:
        finding: What is wrong, its path empty.
    """

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding
