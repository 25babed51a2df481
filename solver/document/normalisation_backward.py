"""The backward pass of normalisation and dropout: along the three ways from a pre-activation to the normalised ones.

Every line follows the arrays: what is rounded by hand there is a line here. So the slopes of the two moments stand as
vectors of their own before the sums that read them.

Source: Ioffe, Szegedy (2015), Batch normalization, section 3; Ba, Kiros, Hinton (2016), Layer normalization.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from solver import formula as f
from solver.document.layer import Layer
from solver.document.nodes import Block, EquationLine, Step
from solver.document.normalisation import over_samples
from solver.document.telling import Telling
from solver.document.words import equation, line, paragraph
from solver.graph.layers import Mean
from solver.graph.node import Node
from solver.notation import math as m
from solver.quantities import Key, Part, Partial, Quantity
from solver.trace.chain import local_gradient, partial_formula

WAYS = ("directly", "through the mean", "through the variance")
"""The three terms of ∂L/∂a."""


def parts(telling: Telling, layer: Layer) -> dict[Key, f.Formula]:
    """Return the slopes and the three terms of ∂L/∂a as keys with their formulas, for the ledger."""
    found: dict[Key, f.Formula] = {}
    if layer.dropped is not None:
        for out, by in pairs(telling, layer.dropped, 1):
            found[Partial(out, by)] = partial_formula(telling.graph, out, by)
    if layer.normal is None or layer.mean is None or layer.variance is None:
        return found
    for position in (0, 1, 2):
        for out, by in pairs(telling, layer.normal, position):
            found[Partial(out, by)] = partial_formula(telling.graph, out, by)
    for element in telling.elements(layer.affine.quantity):
        for way, reader in zip(WAYS, (layer.normal, layer.mean, layer.variance), strict=True):
            (out,) = readers(telling, element, reader)
            slope = (
                f.Ref(Partial(out, element))
                if reader is layer.normal
                else partial_formula(telling.graph, out, element)
            )
            found[Part(way, element)] = handed(out, slope)
    return found


def handed(out: Quantity, slope: f.Formula) -> f.Formula:
    """Return ∂L/∂out · slope as one formula; a slope of 1/n divides."""
    gradient = f.Ref(out.gradient())
    if isinstance(slope, f.Number) and slope.value.numerator == 1:
        return f.Quotient(gradient, f.formula(slope.value.denominator))
    return f.Product((gradient, slope))


def pairs(telling: Telling, node: Node, position: int) -> Iterator[tuple[Quantity, Quantity]]:
    """Yield (element, the element of parent number `position` that it reads) of an elementwise stage."""
    for element in telling.elements(node.parents[position]):
        for out in readers(telling, element, node):
            yield out, element


def readers(telling: Telling, element: Quantity, node: Node) -> list[Quantity]:
    """Return the elements of a node that read an element."""
    return [out for reader, _, out in telling.graph.readers(element) if reader is node]


def normalised_back(telling: Telling, layer: Layer, wanted: set[Quantity]) -> list[Block]:
    """Return ∂L/∂γ, ∂L/∂β and δ = ∂L/∂a from ∂L/∂ã."""
    if layer.mean is None or layer.variance is None or layer.normal is None or layer.scaled is None:
        return []
    blocks: list[Block] = []
    own = [q for q in (layer.scaled.parents[0], layer.scaled.parents[2]) if q in wanted]
    if own:
        words = "The scale multiplies the normalised value and the shift is added to it"
        words += (
            ", in every sample; so their gradients are sums over the samples:"
            if telling.graph.samples > 1
            else ":"
        )
        blocks += [paragraph(words), equation(*(told for q in own for told in summed_back(telling, q)))]
    blocks += [
        paragraph("The normalised values receive"),
        equation(*summed_back(telling, layer.normal.quantity)),
        *moments_back(telling, layer),
        *three_ways(telling, layer),
    ]
    return blocks


def summed_back(telling: Telling, quantity: Quantity) -> list[EquationLine]:
    """Return the gradient of an array from those of its readers: the first element in full, then the whole array."""
    found = telling.elements(quantity)
    first = found[0]
    lines = [telling.line(first.gradient(), local_gradient(telling.graph, first))]
    if len(found) > 1 and telling.numeric:
        lines.append(line(telling.letters(quantity.gradient()), ("=", telling.column(quantity.gradient()))))
    return lines


def moments_back(telling: Telling, layer: Layer) -> list[Block]:
    """Return ∂L/∂σ² and ∂L/∂μ, each with the slopes that it reads."""
    assert layer.normal is not None
    assert layer.mean is not None
    assert layer.variance is not None
    shared = "all samples of a unit" if over_samples(layer) else "all units of a layer"
    blocks: list[Block] = [
        paragraph(
            f"Variance and mean are shared by {shared}, so each collects one product from every normalised value:"
        )
    ]
    for position, node in ((2, layer.variance), (1, layer.mean)):
        blocks.append(
            equation(*slopes(telling, layer.normal, position), *collected(telling, layer.normal, node))
        )
    return blocks


def slopes(telling: Telling, normal: Node, position: int) -> list[EquationLine]:
    """Return ∂â/∂σ² or ∂â/∂μ: the first in full, and all of them where they differ."""
    found = list(pairs(telling, normal, position))
    out, by = found[0]
    lines = [telling.line(Partial(out, by), partial_formula(telling.graph, out, by))]
    if position == 1 or len(found) == 1 or not telling.numeric:
        return lines
    by_out = {out: Partial(out, by) for out, by in found}
    left = m.Fraction(
        m.row(m.Operator("∂"), telling.letters(normal.quantity)),
        m.row(m.Operator("∂"), telling.letters(normal.parents[position])),
    )
    return [*lines, line(left, ("=", telling.array(normal.quantity, lambda key: telling.value(by_out[key]))))]


def collected(telling: Telling, normal: Node, node: Node) -> list[EquationLine]:
    """Return Σ ∂L/∂â · ∂â/∂m for a moment: the first in full, then all."""
    found = telling.elements(node.quantity)
    terms = [
        f.Product((f.Ref(out.gradient()), f.Ref(Partial(out, found[0]))))
        for out in readers(telling, found[0], normal)
    ]
    total = terms[0] if len(terms) == 1 else f.Sum(tuple(terms))
    lines = [telling.line(found[0].gradient(), total)]
    if len(found) > 1 and telling.numeric:
        whole = node.quantity.gradient()
        lines.append(line(telling.letters(whole), ("=", telling.column(whole))))
    return lines


def three_ways(telling: Telling, layer: Layer) -> list[Block]:
    """Return δ as the sum of its three terms, and the closed form in which the papers write it."""
    assert layer.normal is not None
    assert layer.mean is not None
    assert layer.variance is not None
    letters, affine = telling.letters, layer.affine
    root = m.Root(m.row(letters(layer.variance.quantity), m.Operator("+"), letters(layer.normal.parents[3])))
    a, mean = letters(affine.quantity), letters(layer.mean.quantity)
    n = f.formula(mean_of(layer))
    gradients = [letters(node.quantity.gradient()) for node in (layer.normal, layer.mean, layer.variance)]
    terms = [
        m.row(gradients[0], m.Space(0.17), m.Fraction(m.Digits("1"), root)),
        m.row(gradients[1], m.Space(0.17), m.Fraction(m.Digits("1"), telling.symbols(n))),
        m.row(gradients[2], m.Space(0.17), m.Fraction(
            m.row(m.Digits("2"), m.Fenced(m.row(a, m.Operator("−"), mean))), telling.symbols(n)
        )),
    ]  # fmt: skip
    braced: list[m.Math] = []
    for way, term in zip(WAYS, terms, strict=True):
        braced += [m.Operator("+")] if braced else []
        braced.append(m.Underbrace(term, m.Words(way)))
    steps = [Step("=", m.row(*braced))]
    if telling.numeric:
        steps += three_numbers(telling, layer)
    words = paragraph(
        "A pre-activation reaches the normalised values in three ways, and its gradient is the sum of three terms:"
    )
    return [
        words,
        equation(EquationLine(letters.delta(affine.quantity.layer or 1), tuple(steps))),
        *closed(telling, layer),
    ]


def three_numbers(telling: Telling, layer: Layer) -> list[Step]:
    """Return the three terms as arrays, and their sum."""
    affine = layer.affine
    arrays: list[m.Math] = []
    for way in WAYS:
        arrays += [m.Operator("+")] if arrays else []
        arrays.append(telling.array(affine.quantity, partial(shown_part, telling, way)))
    told = (
        (element.gradient(), f.Sum(tuple(f.Ref(Part(way, element)) for way in WAYS)))
        for element in telling.elements(affine.quantity)
    )
    return [
        Step("=", m.row(*arrays)),
        Step(telling.follows(told), telling.column(affine.quantity.gradient())),
    ]


def shown_part(telling: Telling, way: str, element: Quantity) -> m.Math:
    """Return the shown value of one term of ∂L/∂a."""
    return telling.value(Part(way, element))


def mean_of(layer: Layer) -> int:
    """Return how many numbers a mean is of."""
    assert layer.mean is not None
    operation = layer.mean.operation
    assert isinstance(operation, Mean)
    return operation.count


def closed(telling: Telling, layer: Layer) -> list[Block]:
    """Return the closed form of δ, and why its entries cancel."""
    assert layer.normal is not None
    assert layer.variance is not None
    letters = telling.letters
    g, a_hat = m.Symbol("g", "bold"), letters(layer.normal.quantity)
    times = m.Operator(letters.notation.hadamard)
    means = [m.row(m.Symbol("mean"), m.Fenced(body)) for body in (g, m.row(g, times, a_hat))]
    root = m.Root(m.row(letters(layer.variance.quantity), m.Operator("+"), letters(layer.normal.parents[3])))
    body = m.row(g, m.Operator("−"), means[0], m.Operator("−"), a_hat, times, means[1])
    right = m.row(m.Fraction(m.Digits("1"), root), times, m.Fenced(body))
    gradient = m.Fraction(
        m.row(m.Operator("∂"), letters(telling.graph.root.quantity)),
        m.row(m.Operator("∂"), a_hat),
        small=True,
    )
    shared = "samples of a unit" if over_samples(layer) else "units of a sample"
    words = paragraph(
        "With ",
        m.row(g, m.Operator("="), gradient),
        f" and means over the {shared}, the three terms together are",
    )
    delta = letters.delta(layer.affine.quantity.layer or 1)
    after = paragraph(
        f"What all {shared} have in common is taken out, and over them the entries of ", delta, " add up to 0: one "
        "number added to all of their pre-activations changes nothing.",
    )  # fmt: skip
    return [words, equation(EquationLine(delta, (Step("=", right),))), after]


def dropped_back(telling: Telling, layer: Layer) -> list[Block]:
    """Return ∂L/∂u = ∂L/∂h ∘ r / p."""
    if layer.dropped is None:
        return []
    letters = telling.letters
    mask, active, keep = layer.dropped.parents
    incoming, left = letters(layer.dropped.quantity.gradient()), letters(active.gradient())
    times = m.Operator(letters.notation.hadamard)
    steps = [Step("=", m.row(incoming, times, m.Fraction(letters(mask), letters(keep))))]
    if telling.numeric:
        by_in = {by: Partial(out, by) for out, by in pairs(telling, layer.dropped, 1)}
        slope = telling.array(active, lambda key: telling.value(by_in[key]))
        steps.append(Step("=", m.row(telling.column(layer.dropped.quantity.gradient()), times, slope)))
        told = (
            (by.gradient(), f.Product((f.Ref(key.of.gradient()), f.Ref(key)))) for by, key in by_in.items()
        )
        steps.append(Step(telling.follows(told), telling.column(active.gradient())))
    words = paragraph(
        "The mask meets the gradient as it met the activations: a dropped unit learns nothing, a kept one is scaled:"
    )
    return [words, equation(EquationLine(left, tuple(steps)))]
