"""One formula for every element: the nodes of an expression, and the products and mixtures inside of a gated cell.

A `Pointwise` operation carries the formula that a reader sees, in variables that stand for its parents. Its value is
that formula; its local derivatives are that formula's, worked out by `calculus` when they are printed and by
`functions.slopes` when they are only computed. So an expression, the state of an LSTM, a dropout mask and a normalised
unit are one operation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from solver.arithmetic import Arithmetic, Values
from solver.arithmetic.by_hand import ByHand
from solver.formula import Call, Formula, Ref, Variable, transform, walk
from solver.functions import evaluate
from solver.functions.primitives import PRIMITIVES
from solver.functions.slopes import slopes
from solver.graph.node import Array, Index, Node, settled
from solver.quantities import Quantity

OUTPUT = Variable("=")
"""The node's own value in a textbook slope: y(1 − y). No name of the grammar is spelled so."""


@dataclass(frozen=True)
class Pointwise:
    """y = F(p₁, p₂, …), elementwise.

    Attributes:
        formula: F, in one `Variable` per parent.
        names: The variables, in the order of the parents.
        spread: For each parent, which axes of the result it lacks, the axis of variants being 0; () for all parents where
            each has the result's own axes.
    """

    formula: Formula
    names: tuple[str, ...]
    spread: tuple[tuple[int, ...], ...] = ()
    mixes_samples: bool = False

    def forward(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Array:
        """Parents broadcast: (variants, samples, …), or (variants,) for the scalars of an expression."""
        value = evaluate(self.formula, arithmetic=numbers, variables=self._variables(inputs))
        if np.ndim(value) == 0:  # it reads nothing: one number for all variants
            constant = numbers.zeros((1,))
            constant[...] = value
            value = constant
        return settled(numbers, value)

    def backward(
        self, numbers: Arithmetic, gradient: Array, inputs: Sequence[Array], output: Array
    ) -> tuple[Array | None, ...]:
        """∂L/∂p = Σ ∂L/∂y · ∂F/∂p over the elements that read p."""
        variables = self._variables(inputs)
        if isinstance(numbers, ByHand):
            variables[OUTPUT.name] = output
            by = {
                name: _computed(textbook_slope(self.formula, name), numbers, variables) for name in self.names
            }
        else:
            by = slopes(self.formula, variables, numbers)
        shares = []
        for place, name in enumerate(self.names):
            share = gradient * numbers.settle(by[name])
            if self._lacking(place):
                share = np.asanyarray(share.sum(axis=self._lacking(place)))
            shares.append(numbers.settle(share))
        return tuple(shares)

    def kinks(self, numbers: Arithmetic, inputs: Sequence[Array]) -> Iterator[Array]:
        """Yield arrays that are 0 where the formula has a kink: z − w for max(z, w), z for |z|."""
        variables = self._variables(inputs)

        for part in walk(self.formula):
            if isinstance(part, Call) and part.function in PRIMITIVES:
                for kink in PRIMITIVES[part.function].kinks:
                    values = [
                        evaluate(each, arithmetic=numbers, variables=variables) for each in part.arguments
                    ]
                    at = evaluate(
                        kink.at, arithmetic=numbers, variables=dict(zip("uv", values, strict=False))
                    )
                    yield np.asanyarray(values[0] - at)

    def _variables(self, inputs: Sequence[Array]) -> dict[str, Array]:
        return {
            name: np.expand_dims(array, self._lacking(place)) if self._lacking(place) else array
            for place, (name, array) in enumerate(zip(self.names, inputs, strict=True))
        }

    def _lacking(self, place: int) -> tuple[int, ...]:
        return self.spread[place] if self.spread else ()

    def element(self, node: Node, out: Quantity) -> Formula:
        """y_i = F(p_i, …)."""
        return _filled(self.formula, self._references(node, out))

    def readers(self, node: Node, position: int, index: Index) -> Iterator[Index]:
        """Each element is read by its own place, and everywhere along the axes that the parent lacks."""
        if len(index) == len(node.shape):
            yield index
            return
        for place in np.ndindex(*node.shape):
            reader = tuple(axis + 1 for axis in place)
            if self._within(node, position, reader) == index:
                yield reader

    def partial(self, node: Node, out: Quantity, position: int, by: Quantity) -> Formula:
        """∂F/∂p in its textbook form, in the output where that is shorter: y(1 − y)."""
        values = self._references(node, out) | {OUTPUT.name: Ref(out)}
        return _filled(textbook_slope(self.formula, self.names[position]), values)

    def _references(self, node: Node, out: Quantity) -> dict[str, Formula]:
        return {
            name: Ref(node.parent(position, out.sample, *self._within(node, position, out.index)))
            for position, name in enumerate(self.names)
        }

    def _within(self, node: Node, position: int, index: Index) -> Index:
        """Return the index within a parent, without the axes that it lacks; variants and samples are in no index."""
        first = 2 if node.per_sample else 1
        lacking = self._lacking(position)
        return tuple(place for axis, place in enumerate(index, start=first) if axis not in lacking)


@lru_cache(maxsize=4096)
def textbook_slope(formula: Formula, name: str) -> Formula:
    """Return ∂formula/∂name as it is printed; `OUTPUT` stands for the value of the formula itself."""
    from solver.calculus.slope import derivative

    found = derivative(formula, Variable(name))
    if isinstance(formula, Call):
        found = transform(found, lambda node: OUTPUT if node == formula else None)
    return found


def _filled(template: Formula, values: Mapping[str, Formula]) -> Formula:
    """Return a template with its variables replaced, whatever their names are."""
    return transform(template, lambda node: values.get(node.name) if isinstance(node, Variable) else None)


def _computed(slope: Formula, numbers: Arithmetic, variables: Mapping[str, Values]) -> Values:
    return evaluate(slope, arithmetic=numbers, variables=variables)
