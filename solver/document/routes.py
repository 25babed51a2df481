"""Where a parameter of a dense network sits, and along which paths the loss is reached from there, in words."""

from __future__ import annotations

from solver.document import drawing
from solver.document.guide import Guide
from solver.document.loss import penalty_symbols
from solver.document.nodes import (
    Phrase,
)
from solver.document.telling import Telling
from solver.document.words import count, listed, phrase, toned
from solver.graph.dense import Affine
from solver.notation import math as m
from solver.quantities import Quantity
from solver.trace.chain import Chain, ChainProduct


def route(telling: Telling, chain: Chain) -> Phrase:
    """Return the sentence that says where the parameter sits and how the loss is reached from there."""
    parameter = chain.target.value
    element = chain.products[0].path.elements[1]
    node = telling.graph.node(element)
    letters = telling.letters
    operation = node.operation
    if isinstance(operation, Affine) and parameter.whole == node.parents[1]:
        entering = letters(operation.entering(node, None, operation.ends(parameter.index)[1]))
        start = phrase(
            "The weight ",
            letters(parameter),
            " leads from ",
            entering,
            " to ",
            letters(element.of_sample(None)),
            ".",
        )
    elif parameter.base == "b":
        start = phrase("The bias ", letters(parameter), " enters ", letters(element.of_sample(None)), ".")
    else:
        start = phrase(letters(parameter), " enters ", letters(element.of_sample(None)), ".")
    number = len(chain.products) - len(penalised(chain))
    last = chain.products[0].path.elements[-1]
    if penalised(chain):
        leads = "leads" if number == 1 else "lead"
        return phrase(
            start, f" From there {count(number, 'path')} {leads} to the loss. ", penalty_words(telling)
        )
    if number == 1 and last.whole in telling.graph.stations:
        return phrase(start, " The gradient of ", letters(last), " is known; one factor is left.")
    if number == 1:
        return phrase(start, f" One path leads from there to {goal(chain)}.")
    if last.whole in telling.graph.stations:
        return phrase(
            start, f" From there {count(number, 'path')} lead on, each to an element of ", letters(last.whole),
            " whose gradient is known; each adds one product.",
        )  # fmt: skip
    samples = telling.graph.samples
    if samples > 1:
        each = number // samples
        return phrase(
            start, f" From there {count(number, 'path')} lead to {goal(chain)}, "
            f"{count(each, 'path')} for each of the {count(samples, 'sample')}; each adds one product.",
        )  # fmt: skip
    branches = branching(chain)
    if number <= 4 and len(set(branches)) == number:
        through = [
            toned(f"path-{k}", "through ", letters(q.of_sample(None)))
            for k, q in enumerate(branches, start=1)
        ]
        return phrase(
            start,
            f" From there {count(number, 'path')} lead to {goal(chain)}, ",
            listed(through),
            "; each adds one product.",
        )
    return phrase(start, f" From there {count(number, 'path')} lead to {goal(chain)}; each adds one product.")


def penalty_words(telling: Telling) -> Phrase:
    """Return what a penalty on the weights adds: a path that reads the parameter directly."""
    penalty = penalty_symbols(telling)
    letter = telling.letters.notation.letter("R")
    return phrase("The penalty ", m.row(letter, m.Operator("="), penalty), " adds a term of its own.")


def penalised(chain: Chain) -> list[ChainProduct]:
    """Return the product by which a penalty on the weights reads the parameter directly, in a list; [] without one."""
    return [product for product in chain.products if product.path.elements[1].base == chain.target.of]


def with_penalty(chain: Chain) -> tuple[tuple[str, int], ...]:
    """Return the groups of the paths where one is that of a penalty."""
    direct = len(penalised(chain))
    return (("data", len(chain.products) - direct), ("penalty", direct)) if direct else ()


def goal(chain: Chain) -> str:
    """Return what the paths lead to."""
    return "the loss" if chain.target.of == "L" else "the output"


def branching(chain: Chain) -> list[Quantity]:
    """Return, for each path, the first element that tells it from the others."""
    trails = [product.path.elements for product in chain.products]
    level = 0
    while level < min(map(len, trails)) and len({trail[level] for trail in trails}) < 2:
        level += 1
    named = []
    for trail in trails:
        place = min(level, len(trail) - 1)
        onward = [element for element in trail[place:] if element.base == "h"]
        named.append(onward[0] if onward else trail[place])
    return named


DENSE = Guide(route, drawing.lit, with_penalty)
"""The words and the figure of a dense network."""
