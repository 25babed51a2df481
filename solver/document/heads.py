"""What makes an attention head: its nodes, and products of its matrices in letters and in numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from solver import formula as f
from solver.document.forward import transposed
from solver.document.telling import Telling
from solver.graph.attention import Mixture, Projection, Scores
from solver.graph.dense import SoftmaxLayer
from solver.graph.node import Graph, Node
from solver.notation import math as m
from solver.quantities import Key, Quantity


@dataclass(frozen=True)
class Head:
    """The nodes of an attention head, in the order of the forward pass.

    Attributes:
        queries: Q = X Wq.
        keys: K = X Wk.
        values: V = X Wv.
        scores: S = Q Kᵀ / √d.
        weights: P, the softmax of each row of S.
        outputs: O = P V.
    """

    queries: Node
    keys: Node
    values: Node
    scores: Node
    weights: Node
    outputs: Node

    @property
    def projections(self) -> tuple[Node, Node, Node]:
        """Queries, keys and values."""
        return self.queries, self.keys, self.values

    @property
    def input(self) -> Quantity:
        """x."""
        return self.queries.parents[0]

    @property
    def tokens(self) -> int:
        """How many tokens there are."""
        return self.scores.shape[0]

    @property
    def width(self) -> int:
        """d, how many numbers a query and a key have."""
        return self.queries.shape[1]

    @property
    def root(self) -> f.Formula:
        """√d, as a number where it is whole."""
        operation = self.scores.operation
        assert isinstance(operation, Scores)
        return operation.root

    @property
    def causal(self) -> bool:
        """Whether a token sees none after it."""
        operation = self.weights.operation
        assert isinstance(operation, SoftmaxLayer)
        return operation.causal

    @property
    def from_to(self) -> bool:
        """Whether weights stand right of the tokens: Q = X Wq."""
        operation = self.queries.operation
        assert isinstance(operation, Projection)
        return operation.from_to

    def seen(self, token: int) -> range:
        """Return the tokens that a token looks at."""
        return range(1, (token if self.causal else self.tokens) + 1)


def head_of(graph: Graph) -> Head:
    """Return the attention head of a graph."""
    projections = [node for node in graph.nodes if isinstance(node.operation, Projection)]
    scores = next(node for node in graph.nodes if isinstance(node.operation, Scores))
    weights = next(node for node in graph.nodes if isinstance(node.operation, SoftmaxLayer))
    outputs = next(node for node in graph.nodes if isinstance(node.operation, Mixture))
    queries, keys, values = projections
    return Head(queries, keys, values, scores, weights, outputs)


@dataclass(frozen=True)
class Factor:
    """One matrix of a product, perhaps turned over."""

    quantity: Quantity
    turned: bool = False


def symbols(telling: Telling, *factors: Factor) -> m.Math:
    """Return a product of matrices in letters: P V, Q Kᵀ."""
    items: list[m.Math] = []
    for factor in factors:
        items += [m.Space(0.17)] if items else []
        letter = telling.letters(factor.quantity)
        if factor.turned and isinstance(letter, m.Fraction):
            letter = m.Fenced(letter)
        items.append(
            m.Script(letter, sup=m.Symbol("⊤"))
            if isinstance(letter, m.Fenced)
            else turned(letter, factor.turned)
        )
    return m.row(*items)


def turned(body: m.Math, turn: bool) -> m.Math:
    """Return a matrix, or its transpose."""
    return transposed(body) if turn else body


def numbers(telling: Telling, *factors: Factor) -> m.Math:
    """Return a product of matrices with their values."""
    return m.row(*(turned(telling.column(factor.quantity), factor.turned) for factor in factors))


def over_root(head: Head, telling: Telling, body: m.Math) -> m.Math:
    """Return body / √d, as a factor in front; the body alone where d = 1."""
    if head.width == 1:
        return body
    return m.row(m.Fraction(m.Digits("1"), telling.symbols(head.root)), m.Space(0.17), body)


def entries(telling: Telling, quantity: Quantity) -> Iterator[Quantity]:
    """Yield the elements of an array, of its sample."""
    sample = 1 if telling.graph.node(quantity).per_sample else None
    yield from telling.graph.elements(quantity, sample)


def made(telling: Telling, node: Node) -> Iterator[tuple[Key, f.Formula]]:
    """Yield each element of a computed array with the formula that makes it."""
    for element in entries(telling, node.quantity):
        yield element, telling.graph.made_by(element)
