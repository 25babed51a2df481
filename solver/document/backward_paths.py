"""The backward pass path by path: for each gradient the paths lit in the drawing, the factors, the products, their sum.

A factor is derived where it is first met, gets a number, and is referred to afterwards; so the tenth gradient takes three
lines where the first took ten. Where every path ends in the same factors they are bracketed out, as a lecturer does.
"""

from __future__ import annotations

from solver.document.chain_lines import (
    chain_rule_line,
    factor_lines,
    products,
    recall,
    split,
    symbolic_product,
)
from solver.document.guide import Guide
from solver.document.nodes import (
    Block,
    Paragraph,
    Section,
    Table,
    Together,
)
from solver.document.numbered import Numbered
from solver.document.routes import DENSE, goal
from solver.document.stations import stations
from solver.document.telling import Telling
from solver.document.words import count, paragraph, phrase
from solver.notation import math as m
from solver.trace.asked import Asked, first_of_each
from solver.trace.chain import Chain, Chains


def backward_paths(telling: Telling, asked: Asked, chains: Chains, guide: Guide | None = None) -> Section:
    """Return the section of the backward pass in path form."""
    told = list(chains.chains)
    rest: list[Chain] = []
    if telling.work.detail == "first":
        firsts = {element.gradient() for element in first_of_each(asked.elements)}
        told, rest = [c for c in told if c.target in firsts], [c for c in told if c.target not in firsts]
    numbered = Numbered(needed=len(told) > 1 or bool(chains.stations))
    blocks: list[Block] = [introduction(telling, numbered), *stations(telling, chains, numbered)]
    for chain in told:
        blocks.append(gradient(telling, chain, chains, numbered, guide))
    if rest:
        blocks.append(remaining(telling, rest))
    return Section(phrase("Backward pass"), tuple(blocks))


def introduction(telling: Telling, numbered: Numbered) -> Paragraph:
    """Return what is about to be done."""
    loss = telling.letters(telling.graph.root.quantity)
    words = (
        " with respect to a parameter is the product of the local derivatives along the path from the loss back to that "
        "parameter; where several paths lead there, the products are added."
    )
    if numbered.needed:
        words += " A factor is worked out once, where it first appears, and carries a number from then on."
    return paragraph("The derivative of ", loss, words)


def gradient(
    telling: Telling, chain: Chain, chains: Chains, numbered: Numbered, guide: Guide | None = None
) -> Section:
    """Return one gradient in full; the words and the figure around it are those of a dense network by default."""
    guide = guide or DENSE
    parameter = chain.target.value
    title = phrase(inline_derivative(telling, chain))
    if not chain.products:
        return Section(
            title,
            (paragraph(goal(chain).capitalize(), " does not depend on ", telling.letters(parameter), "."),),
            2,
        )
    lead: list[Block] = [Paragraph(guide.route(telling, chain))]
    figure = guide.lit(telling, chain)
    lead += [figure] if figure is not None else []
    plain = len(chain.products) == 1 and len(chain.products[0].factors) == 1
    rule = () if plain else (chain_rule_line(telling, chain, guide.parts(chain)),)
    blocks: list[Block] = [Together((*lead, *rule))]
    new, known = split(chain, numbered)
    if known:
        blocks.append(Paragraph(recall(telling, known, numbered)))
    if new:
        blocks.append(factor_lines(telling, chain, chains, new, numbered))
    if plain:
        return Section(title, tuple(blocks), 2)
    if telling.numeric or len(chain.products) > 1:
        blocks.append(products(telling, chain))
    else:
        blocks.append(symbolic_product(telling, chain, chains))
    return Section(title, tuple(blocks), 2)


def inline_derivative(telling: Telling, chain: Chain) -> m.Math:
    """Return ∂L/∂w on one line, for a heading."""
    parameter = chain.target.value
    top = telling.letters.scalar(chain.target.of)
    return m.row(m.Operator("∂"), top, m.Operator("/"), m.Operator("∂"), telling.letters(parameter))


def remaining(telling: Telling, chains: list[Chain]) -> Table:
    """Return the gradients that are not told in full, as a table."""
    rows = []
    for chain in chains:
        products = (
            [telling.numbers(product.formula) for product in chain.products[:2]] if telling.numeric else []
        )
        body = (
            products[0]
            if len(chain.products) == 1 and products
            else m.Words(count(len(chain.products), "path"))
        )
        value = telling.value(chain.target) if telling.numeric else telling.symbols(chain.formula)
        rows.append((phrase(inline_derivative(telling, chain)), phrase(body), phrase(value)))
    header = (phrase("Gradient"), phrase("Product"), phrase("Value"))
    return Table(header, tuple(rows), "lcr", phrase("The remaining gradients, from the same factors."))
