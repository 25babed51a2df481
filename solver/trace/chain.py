"""The chain rule written out: factors, products along paths, sums over paths. Steps are data; words come later.

For one element w:  ∂L/∂w = Σ_paths Π_edges ∂(reader)/∂(read).  Each factor is a key with a formula, so that it is
derived once and referred to afterwards; each product and each sum is a key with a formula over those keys, so that
by-hand arithmetic can round every one of them exactly where a reader sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from solver.formula import Call, Cases, Formula, Product, Ref, Sum, formula, references, substitute, walk
from solver.graph.dense import Elementwise, SoftmaxLayer
from solver.graph.loss import TotalLoss, scaled
from solver.graph.node import Graph, Leaf, Node
from solver.quantities import Along, Key, Partial, Quantity
from solver.trace.paths import LIMIT, Path, count_paths, paths


@dataclass(frozen=True)
class ChainProduct:
    """The product along one path.

    Attributes:
        key: `Along`, or the gradient itself where there is only one path.
        factors: Keys of the factors, from the loss back to the parameter.
        path: The elements that the path visits.
    """

    key: Key
    factors: tuple[Key, ...]
    path: Path

    @property
    def formula(self) -> Formula:
        """The product of the factors, in order."""
        references = tuple(Ref(factor) for factor in self.factors)
        return references[0] if len(references) == 1 else Product(references)


@dataclass(frozen=True)
class Chain:
    """The gradient of one element as a sum over paths.

    Attributes:
        target: The gradient, as a quantity.
        products: One per path; none where the loss does not depend on the element.
        written: Of a station, the same sum in one line, the local derivatives written out; a station's paths have no
            lines of their own.
    """

    target: Quantity
    products: tuple[ChainProduct, ...]
    written: Formula | None = None

    @property
    def formula(self) -> Formula:
        """The sum over paths, or the single product."""
        if self.written is not None:
            return self.written
        if not self.products:
            return formula(0)
        if len(self.products) == 1:
            return self.products[0].formula
        return Sum(tuple(Ref(product.key) for product in self.products))

    @property
    def shared(self) -> tuple[Key, ...]:
        """Factors that end every product alike (nearest the parameter), in order: what a sum of paths can bracket out."""
        if len(self.products) < 2:
            return ()
        tails = [product.factors[::-1] for product in self.products]
        common: list[Key] = []
        for level in zip(*tails, strict=False):
            if len(set(level)) > 1:
                break
            common.append(level[0])
        shortest = min(len(tail) for tail in tails)
        return tuple(common[: shortest - 1][::-1])


@dataclass(frozen=True)
class Chains:
    """All chains of a document, with the formula of every key that they use.

    Attributes:
        chains: In the order asked for.
        definitions: Formula of every factor, product and sum.
        stations: The chains of the stations that the others end at, each before those that use it.
    """

    chains: tuple[Chain, ...]
    definitions: Mapping[Key, Formula] = field(default_factory=dict)
    stations: tuple[Chain, ...] = ()


def head_nodes(graph: Graph) -> tuple[Quantity, ...]:
    """Return the pre-activations whose gradient is one factor: those below a full softmax that feeds the loss alone."""
    found: list[Quantity] = []
    for node in graph.nodes:
        if not isinstance(node.operation, SoftmaxLayer) or node.operation.diagonal:
            continue
        if all(reader is graph.root for reader, _ in graph.consumers[node.quantity]):
            found.append(node.parents[0])
    return tuple(found)


def chain_rule(
    graph: Graph,
    elements: Iterable[Quantity],
    of: str | None = None,
    *,
    stations: Collection[Quantity] = (),
    blocked: Callable[[Quantity, Quantity], bool] | None = None,
) -> Chains:
    """Return the chain rule of each element, every factor defined once.

    Args:
        graph: Where to walk.
        elements: By what to differentiate.
        of: What is differentiated, the graph's root, as gradients name it; None for its own name.
        stations: Arrays at which a path ends, because the gradient of each of their elements is worked out once.
        blocked: Whether the edge from a reader to what it reads hands nothing on at the given numbers, so that the paths
            over it are left out: an entry that is not the largest of its pooling window.
    """
    walk = _Walk(graph, graph.root.quantity.base if of is None else of, tuple(stations), blocked)
    chains = tuple(walk.chain(element) for element in elements)
    walk.complete()
    return Chains(chains, walk.definitions, tuple(walk.stops.values()))


@dataclass
class _Walk:
    """One walk from the asked elements to the loss, by way of the stations.

    Attributes:
        graph: Where to walk.
        of: What is differentiated.
        stations: Arrays at which a path ends.
        blocked: Edges that hand nothing on.
        definitions: Formulas found so far.
        stops: Chains of the station elements met so far, each after those that it uses.
    """

    graph: Graph
    of: str
    stations: tuple[Quantity, ...]
    blocked: Callable[[Quantity, Quantity], bool] | None
    definitions: dict[Key, Formula] = field(default_factory=dict)
    stops: dict[Quantity, Chain] = field(default_factory=dict)

    def chain(self, element: Quantity) -> Chain:
        """Return the chain of an asked element."""
        target = element.gradient(self.of)
        found = self._open_paths(element)
        products: list[ChainProduct] = []
        for number, path in enumerate(found, start=1):
            key: Key = target if len(found) == 1 else Along(target, number)
            products.append(ChainProduct(key, self._factors(path), path))
            self.definitions[key] = products[-1].formula
        chain = Chain(target, tuple(products))
        self.definitions[target] = chain.formula
        return chain

    def _stop(self, element: Quantity) -> Chain:
        """Return the chain of a station's element; each is found once."""
        if element not in self.stops:
            target = element.gradient(self.of)
            short = combined_delta(self.graph, element)
            if short is not None:
                chain = Chain(target, (), short)
            else:
                paths_ = self._open_paths(element)
                products = tuple(
                    ChainProduct(Along(target, number), self._factors(path), path)
                    for number, path in enumerate(paths_, start=1)
                )
                chain = Chain(target, products, self._written(products))
            self.definitions[target] = chain.formula
            self.stops[element] = chain
        return self.stops[element]

    def complete(self) -> None:
        """Find every element of the stations met: a gradient of an array is told as a whole."""
        done: set[Quantity] = set()
        while met := {element.whole for element in self.stops} - done:
            done |= met
            for whole in met:
                for element in members(self.graph, whole):
                    self._stop(element)

    def _open_paths(self, element: Quantity) -> list[Path]:
        ends = {*head_nodes(self.graph), *self.stations} - {element.whole}
        return [path for path in paths(self.graph, element, ends) if self._is_open(path)]

    def _is_open(self, path: Path) -> bool:
        """Return whether a path hands anything on."""
        if self.blocked is not None and any(self.blocked(of, by) for of, by in path.edges):
            return False
        end = path.elements[-1]
        return end.whole not in self.stations or self._stop(end).written != formula(0)

    def _factors(self, path: Path) -> tuple[Key, ...]:
        """Return the keys of a path's factors and define those that are new."""
        factors: list[Key] = []
        end = path.elements[-1]
        if end.whole != self.graph.root.quantity:
            factors.append(end.gradient(self.of))
            if factors[-1] not in self.definitions:
                self.definitions[factors[-1]] = head_gradient(self.graph, end, self.definitions)
        for of, through, by in steps_of(self.graph, path):
            factor = Partial(of, by)
            factors.append(factor)
            if factor not in self.definitions:
                self.definitions[factor] = self._partial(through, by)
        return tuple(factors)

    def _partial(self, of: Quantity, by: Quantity) -> Formula:
        """Return ∂of/∂by; edges are blocked in max pooling alone, where the one entry that is left gives all of P."""
        if self.blocked is not None and of.base == "P":
            return formula(1)
        return partial_formula(self.graph, of, by)

    def _written(self, products: Sequence[ChainProduct]) -> Formula:
        """Return Σ Π with the short local derivatives written out, without factors of one."""
        terms: list[Formula] = []
        for product in products:
            factors = [
                self.definitions[factor]
                if factor in self.definitions and is_short(factor, self.definitions)
                else Ref(factor)
                for factor in product.factors
            ]
            kept = [factor for factor in factors if factor != formula(1)]
            terms.append(kept[0] if len(kept) == 1 else Product(tuple(kept)) if kept else formula(1))
        if not terms:
            return formula(0)
        return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def is_short(factor: Key, definitions: Mapping[Key, Formula]) -> bool:
    """Return whether a local derivative is written out where it is used: a function's value or cases are told before."""
    return isinstance(factor, Partial) and not any(
        isinstance(part, Cases) or (isinstance(part, Call) and any(references(part)))
        for part in walk(definitions[factor])
    )


def count_told(graph: Graph, elements: Sequence[Quantity], limit: int = LIMIT) -> int:
    """Return how many paths lead from elements to the loss or the first station, and from all stations onward.

    Past the limit it is limit + 1.
    """
    ends = {*head_nodes(graph), *graph.stations}
    total = count_paths(graph, elements, ends, limit)
    for station in graph.stations:
        node = graph.node(station)
        if total > limit or prod(node.shape) * (graph.samples if node.per_sample else 1) > limit:
            return limit + 1
        total += count_paths(graph, members(graph, station), ends - {station}, limit)
    return min(total, limit + 1)


def members(graph: Graph, whole: Quantity) -> list[Quantity]:
    """Return all elements of an array, of every sample."""
    samples: list[int | None] = list(range(1, graph.samples + 1)) if graph.node(whole).per_sample else [None]
    return [element for sample in samples for element in graph.elements(whole, sample)]


def steps_of(graph: Graph, path: Path) -> Iterator[tuple[Quantity, Quantity, Quantity]]:
    """Yield (of, through, by) for the factors of a path: `through` makes `of`, by itself or through an identity.

    A linear activation adds a factor of one that no one writes down: ∂y/∂h stands for ∂y/∂a · ∂a/∂h there.
    """
    pending: Quantity | None = None
    for of, by in path.edges:
        start = pending or of
        if is_identity(graph.node(of)) and by != path.elements[0] and pending is None:
            pending = of
            continue
        yield start, of, by
        pending = None


def is_identity(node: Node) -> bool:
    """Return whether a node only renames its parent: a linear activation."""
    return isinstance(node.operation, Elementwise) and node.operation.activation.name == "linear"


def partial_formula(graph: Graph, of: Quantity, by: Quantity) -> Formula:
    """Return ∂of/∂by of two neighbours as a textbook formula."""
    node = graph.node(of)
    assert not isinstance(node.operation, Leaf)
    position = node.parents.index(by.whole)
    return node.operation.partial(node, of, position, by)


def local_gradient(graph: Graph, element: Quantity) -> Formula:
    """Return Σ ∂L/∂y · ∂y/∂x over the elements y that read x: one step of the backward pass, slopes written out."""
    terms: list[Formula] = []
    for _, _, reader in graph.readers(element):
        slope = partial_formula(graph, reader, element)
        if reader.whole == graph.root.quantity:
            terms.append(slope)
        elif slope == formula(1):
            terms.append(Ref(graph.gradient(reader)))
        else:
            terms.append(Product((Ref(graph.gradient(reader)), slope)))
    if not terms:
        return formula(0)
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def head_gradient(graph: Graph, element: Quantity, definitions: dict[Key, Formula]) -> Formula:
    """Return ∂L/∂a_k below a softmax: the combined form where there is one, else the sum over all outputs."""
    combined = combined_delta(graph, element)
    if combined is not None:
        return combined
    terms: list[Formula] = []
    for _, _, output in graph.readers(element):
        onward = [reader for _, _, reader in graph.readers(output)]
        assert onward == [graph.root.quantity]
        edges = (Partial(onward[0], output), Partial(output, element))
        for edge in edges:
            definitions.setdefault(edge, partial_formula(graph, edge.of, edge.by))
        terms.append(Product(tuple(Ref(edge) for edge in edges)))
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def combined_delta(graph: Graph, element: Quantity) -> Formula | None:
    """Return the short form of ∂L/∂a at the output (y − t), where loss and activation combine to one."""
    root = graph.root
    loss = root.operation
    above = loss.output_above(root, element) if isinstance(loss, TotalLoss) else None
    if above is None:
        return None
    assert isinstance(loss, TotalLoss)
    assert loss.pair is not None
    output, target = (array.at(*element.index).of_sample(element.sample) for array in above)
    if loss.unit_targets or not loss.pair.condition:
        return scaled(loss.scale, substitute(loss.pair.delta, y=Ref(output), t=Ref(target)))
    total = target_sum(graph, target)
    return scaled(loss.scale, substitute(loss.pair.general_delta, y=Ref(output), t=Ref(target), s=total))


def target_sum(graph: Graph, target: Quantity) -> Formula:
    """Return Σ_k t_k over the outputs beside this one."""
    *row, _ = target.index
    units = graph.node(target).shape[-1]
    return Sum(tuple(Ref(target.at(*row, k)) for k in range(1, units + 1)))
