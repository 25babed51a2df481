"""The backward pass of a recurrent network as a recursion: each gradient from those of the arrays that read it.

    ∂L/∂h_t = (own read-out) + Σ_gates Wᵀ δ_{t+1},   δ_t = ∂L/∂h_t ∘ φ′(a_t),   ∂L/∂W = Σ_t δ_t h_{t−1}ᵀ

Told are the states, the pre-activations (δ) and the read-out. What lies between, the gates themselves, has one reader
each and is passed through: δ_f = ∂L/∂s ∘ s_{t−1} ∘ f ∘ (1 − f) is one line, as in every textbook.

Source: Werbos (1990), Backpropagation through time: what it does and how to do it; Hochreiter, Schmidhuber (1997).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from solver.formula import Formula, Number, Product, Ref, Sum, formula
from solver.graph.loss import TotalLoss
from solver.graph.node import Graph, Leaf, Node
from solver.quantities import Key, Quantity
from solver.trace.chain import combined_delta, is_identity, partial_formula


@dataclass(frozen=True)
class Inflow:
    """What one reader hands back to an array.

    Attributes:
        reader: The reading node whose gradient is told, or the loss.
        position: As which of its parents it reads.
        between: Nodes that are passed through on the way, from the array to that reader; usually none.
    """

    reader: Node
    position: int
    between: tuple[Node, ...] = ()


def is_told(graph: Graph, node: Node) -> bool:
    """Return whether the gradient of a node is a line of its own.

    A gate is passed through; so is what only renames: a linear read-out is told, its pre-activation is the same.
    """
    if isinstance(node.operation, Leaf):
        return not node.operation.fixed
    if node.quantity.base == "h" and node.quantity.gate is not None:
        return False
    if node.quantity.base == "z":
        return not is_identity(_only_reader(graph, node))
    return not _fused(graph, node)


def _only_reader(graph: Graph, node: Node) -> Node:
    return next(reader for reader, _ in graph.consumers[node.quantity] if reader is not graph.root)


def _fused(graph: Graph, node: Node) -> bool:
    """Return whether the loss hands the gradient of this node's pre-activation back in one piece with its own."""
    return node.quantity in graph.root.parents and is_head(graph, node.parents[0])


def is_head(graph: Graph, quantity: Quantity) -> bool:
    """Return whether an array is what an output activation is applied to that the loss is differentiated with."""
    loss = graph.root.operation
    return isinstance(loss, TotalLoss) and loss.output_above(graph.root, quantity) is not None


def inflows(graph: Graph, quantity: Quantity) -> Iterator[Inflow]:
    """Yield what the readers of an array hand back to it, in the order of time."""
    if is_head(graph, quantity):
        yield Inflow(graph.root, graph.root.parents.index(quantity))
        return
    for reader, position in graph.consumers[quantity]:
        if reader is graph.root or is_told(graph, reader):
            yield Inflow(reader, position)
        else:
            for further in inflows(graph, reader.quantity):
                yield Inflow(further.reader, further.position, (reader, *further.between))


def gradient_formula(graph: Graph, element: Quantity) -> Formula:
    """Return ∂L/∂(element) over the gradients that are told."""
    combined = combined_delta(graph, element)
    if combined is not None:
        return combined
    terms = list(_terms(graph, element))
    if not terms:
        return formula(0)
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def _terms(graph: Graph, element: Quantity) -> Iterator[Formula]:
    """Yield what each reading element hands back."""
    for node, _, reader in graph.readers(element):
        local = partial_formula(graph, reader, element)
        if node is graph.root:
            yield local
        elif is_told(graph, node):
            yield times(Ref(graph.gradient(reader)), local)
        else:
            for handed in _terms(graph, reader):
                yield times(handed, local)


def times(left: Formula, right: Formula) -> Formula:
    """Return the product of two formulas as one list of factors, without factors of one."""
    factors = [factor for factor in (*_factors(left), *_factors(right)) if factor != Number(formula(1).value)]  # type: ignore[attr-defined]
    return Product(tuple(factors)) if len(factors) > 1 else (factors or [formula(1)])[0]


def _factors(node: Formula) -> tuple[Formula, ...]:
    return node.factors if isinstance(node, Product) else (node,)


def time_formulas(graph: Graph) -> dict[Key, Formula]:
    """Return the formula of every gradient that is told, element by element, from the last step back."""
    definitions: dict[Key, Formula] = {}
    for node in reversed(graph.nodes):
        if node is graph.root or not is_told(graph, node):
            continue
        for element in graph.elements(node.quantity, 1 if node.per_sample else None):
            definitions[graph.gradient(element)] = gradient_formula(graph, element)
    return definitions
