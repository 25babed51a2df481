"""Gradients that many paths share, told once before the paths that end at them: of maps, scores, means and variances.

Each is a sum over the ways that lead onward from one element, the local derivatives written out. The first element is
told in full; where there are many, the rest is an array.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby

from solver import formula as f
from solver.document.nodes import Block, Equation, EquationLine, Paragraph, Phrase, Section, Step
from solver.document.numbered import Numbered
from solver.document.telling import Telling
from solver.document.words import paragraph, phrase
from solver.graph.dense import Affine, SoftmaxLayer
from solver.graph.node import Node
from solver.notation import math as m
from solver.quantities import Key, Partial, Quantity
from solver.trace.chain import Chain, Chains, is_short

MOST_LINES = 6
"""Elements of one array that all have lines of their own."""

FEW_LINES = 2
"""Elements that have lines where there are more; the rest is an array."""


def stations(telling: Telling, chains: Chains, numbered: Numbered) -> list[Section]:
    """Return one section for each array whose gradient the asked gradients use, from the loss down.

    Args:
        telling: The document's context.
        chains: The asked gradients with the stations at which their paths end.
        numbered: The numbers of factors; every gradient told here gets one.
    """
    place = {node.quantity: number for number, node in enumerate(telling.graph.nodes)}
    ordered = sorted(chains.stations, key=lambda chain: -place[chain.target.value.whole])
    return [
        station(telling, whole, list(members), chains, numbered)
        for whole, members in groupby(ordered, key=lambda chain: chain.target.value.whole)
    ]


def station(
    telling: Telling, whole: Quantity, members: list[Chain], chains: Chains, numbered: Numbered
) -> Section:
    """Return the gradient of one array."""
    node = telling.graph.by_quantity[whole]
    letters = telling.letters
    title = m.row(
        m.Operator("∂"),
        letters(telling.graph.root.quantity),
        m.Operator("/"),
        m.Operator("∂"),
        letters(shown(telling, whole)),
    )
    members = in_order(telling, node, members)
    told = [chain for chain in members if chain.formula != f.formula(0)]
    blocks: list[Block] = [Paragraph(lead(telling, node, members))]
    few = len(told) if len(told) <= MOST_LINES else FEW_LINES
    richest = max(told[:few], key=lambda chain: len(chain.products), default=None)
    # The first shows what is done, the one with most paths what is added.
    in_full = [chain for chain in told[:few] if chain is told[0] or chain is richest]
    lines = [one for chain in in_full for one in slopes(telling, chain, chains, numbered)]
    lines += [line(telling, chain, numbered.tag(chain.target), full=chain in in_full) for chain in told[:few]]
    if lines:
        blocks.append(Equation(tuple((item,) for item in lines)))
    if telling.numeric and (few < len(told) or len(told) < len(members)):
        words = ["and likewise for the others"] if few < len(told) else []
        if len(told) < len(members):
            words.append(idle(node))
        words[0] = words[0] if few < len(told) else words[0].capitalize()
        tag = numbered.tag(*(chain.target for chain in members if chain.target not in numbered.tags))
        blocks += [paragraph("; ".join(words), ":"), arrays(telling, whole, tag)]
    return Section(phrase(title), tuple(blocks), 2)


def shown(telling: Telling, whole: Quantity) -> Quantity:
    """Return an array, or its only channel, so that one map alone carries no index."""
    parts = telling.parts(whole)
    return parts[0] if len(parts) == 1 else whole


def in_order(telling: Telling, node: Node, members: list[Chain]) -> list[Chain]:
    """Return the chains in the reading order of the array, sample by sample."""
    return sorted(members, key=lambda chain: (chain.target.sample or 0, chain.target.index))


def slopes(telling: Telling, chain: Chain, chains: Chains, numbered: Numbered) -> list[EquationLine]:
    """Return the lines of the local derivatives that are too long to stand inside of a sum, each once."""
    factors = dict.fromkeys(
        key for product in chain.products for key in product.factors if isinstance(key, Partial)
    )
    alike: dict[f.Formula, list[Key]] = {}
    for key in factors:
        if not is_short(key, chains.definitions) and key not in numbered.tags:
            alike.setdefault(chains.definitions[key], []).append(key)
    lines: list[EquationLine] = []
    for formula, keys in alike.items():
        told = telling.line(keys[0], formula, tag=numbered.tag(*keys))
        same = tuple(Step("=", telling.letters(key)) for key in keys[1:])
        lines.append(replace(told, steps=(*same, *told.steps)))
    return lines


def line(telling: Telling, chain: Chain, tag: str | None, *, full: bool) -> EquationLine:
    """Return the line of one element; in full it shows the factors as fractions and in letters too."""
    left = telling.letters(chain.target)
    steps: list[Step] = []
    if full or not telling.numeric:
        if chain.products:
            steps.append(Step("=", summed(telling, chain)))
        written = telling.symbols(chain.formula)
        steps += [Step("=", written)] if not steps or steps[-1].body != written else []
    if telling.numeric:
        steps += telling.valued(chain.target, chain.formula)
    return EquationLine(left, tuple(steps), tag)


def summed(telling: Telling, chain: Chain) -> m.Math:
    """Return the chain rule of one element in fractions."""
    items: list[m.Math] = []
    for product in chain.products:
        items += [m.Operator("+")] if items else []
        items.append(fractions(telling, product.factors))
    return m.row(*items)


def fractions(telling: Telling, factors: tuple[Key, ...]) -> m.Math:
    """Return factors side by side."""
    items: list[m.Math] = []
    for factor in factors:
        items += [m.Space(0.17)] if items else []
        items.append(telling.letters(factor))
    return m.row(*items)


def arrays(telling: Telling, whole: Quantity, tag: str | None) -> Equation:
    """Return the whole gradient as matrices, one for each channel."""
    lines = [
        EquationLine(
            telling.letters(part.gradient()),
            (Step("=", telling.column(part.gradient())),),
            None if place else tag,
        )
        for place, part in enumerate(telling.parts(whole))
    ]
    return Equation(tuple(tuple(lines[at : at + 2]) for at in range(0, len(lines), 2)))


def idle(node: Node) -> str:
    """Return why some entries of an array have gradient 0 for certain."""
    if node.quantity.base == "S":
        return "hidden scores have gradient 0"
    return "entries that are the largest of no pooling window have gradient 0"


def lead(telling: Telling, node: Node, members: list[Chain]) -> Phrase:
    """Return why this gradient is worth finding once, and how the loss is reached from there."""
    match node.operation:
        case Affine():
            return phrase(pre_activations(telling, node, members))
        case SoftmaxLayer(causal=causal):
            hidden = (
                " Entries right of the diagonal belong to hidden weights, and nothing reads them"
                if causal
                else ""
            )
            return phrase(
                f"A weight mixes one row of values into its row of outputs{'.' if hidden else ''}{hidden}:"
            )
        case _:
            return phrase(LEADS[telling.graph.words][node.quantity.base])


def pre_activations(telling: Telling, node: Node, members: list[Chain]) -> str:
    """Return the lead of the pre-activations of a layer: normalised, at the output, or between."""
    if telling.graph.consumers[node.quantity][0][0].quantity.base == "mean":
        return (
            "A pre-activation reaches the loss in three ways: through the mean, through the variance and through its own "
            "normalised value. Its gradient is the sum of three terms:"
        )
    if not members[0].products:
        return "At the output the derivatives of loss and activation combine:"
    return f"For the pre-activation{'s' if node.shape[0] > 1 else ''} of the dense layer:"


LEADS: Mapping[str, Mapping[str, str]] = {
    "network": {
        "n": "From the normalised values the path leads on through scale, shift and activation:",
        "mean": "The mean is shared in the same way:",
        "var": "The variance is shared: it collects one product from every value that it normalises:",
    },
    "convolution": {
        "Z": "Every kernel weight acts on all cells of the map, so their gradients are found first:",
        "A": "The dense layer reads every cell:",
        "P": "The dense layer reads every pooled entry:",
    },
    "attention": {
        "S": "A score enters all weights of its row, since the softmax divides by their sum:",
        "Q": "A query enters one row of scores:",
        "K": "A key enters one column of scores:",
        "V": "A value is mixed into the output of every token that looks at it:",
    },
}
"""How the gradients of an array begin: kind of problem -> base of the array -> words."""


__all__ = ["stations"]
