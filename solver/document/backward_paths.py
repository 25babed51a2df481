"""The backward pass path by path: for each gradient the paths lit in the drawing, the factors, the products, their sum.

A factor is derived where it is first met, gets a number, and is referred to afterwards; so the tenth gradient takes three
lines where the first took ten. Where every path ends in the same factors they are bracketed out, as a lecturer does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from solver import formula as f
from solver.document import drawing
from solver.document.guide import Guide
from solver.document.loss import penalty_symbols
from solver.document.nodes import (
    Block,
    Equation,
    EquationLine,
    EquationReference,
    Paragraph,
    Phrase,
    Section,
    Step,
    Table,
    Together,
)
from solver.document.numbered import Numbered
from solver.document.stations import stations
from solver.document.telling import Telling
from solver.document.words import count, equation, listed, paragraph, phrase, toned
from solver.graph.dense import Affine
from solver.notation import math as m
from solver.notation.convention import derivative
from solver.quantities import Key, Partial, Quantity
from solver.trace.asked import Asked, first_of_each
from solver.trace.chain import Chain, ChainProduct, Chains, is_identity, partial_formula

MOST_TERMS = 4
"""Terms of a sum that are written out when it is differentiated."""

MOST_TONES = 4
"""Paths that are told apart by their tone."""

MOST_WRITTEN = 4
"""Paths of one gradient whose products stand in one formula; past it each has a line of its own."""


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
    return phrase("The penalty ", m.row(letter, m.Operator("="), penalty), " adds a product of its own.")


def penalised(chain: Chain) -> list[ChainProduct]:
    """Return the product by which a penalty on the weights reads the parameter directly, in a list; [] without one."""
    return [product for product in chain.products if product.path.elements[1].base == chain.target.of]


def with_penalty(chain: Chain) -> tuple[tuple[str, int], ...]:
    """Return the groups of the paths where one is that of a penalty."""
    direct = len(penalised(chain))
    return (("data", len(chain.products) - direct), ("penalty", direct)) if direct else ()


DENSE = Guide(route, drawing.lit, with_penalty)
"""The words and the figure of a dense network."""


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


def chain_rule_line(telling: Telling, chain: Chain, parts: tuple[tuple[str, int], ...] = ()) -> Equation:
    """Return the chain rule in letters: a product, or a bracketed sum of products with what is common behind it.

    Args:
        telling: The document's context.
        chain: The gradient.
        parts: Groups of its paths, as in a `Guide`; each path is named with its group.
    """
    left = telling.letters(chain.target)
    if len(chain.products) == 1:
        return equation(EquationLine(left, (Step("=", fractions(telling, chain.products[0].factors)),)))
    shared = chain.shared
    own = [
        fractions(telling, product.factors[: len(product.factors) - len(shared)])
        for product in chain.products
    ]
    names: list[m.Math] = [m.Words(f"path {number}") for number in range(1, len(own) + 1)]
    written = len(own) <= MOST_WRITTEN
    groups = [f" ({name})" for name, many in parts for _ in range(many)] or [""] * len(own)
    if written:
        braced: list[m.Math] = [
            m.Underbrace(m.Toned(body, drawing.tone_of(number)), m.Words(f"path {number}{group}"))
            for number, (body, group) in enumerate(zip(own, groups, strict=True), start=1)
        ]
        total = summed(braced)
    else:
        total = summed([names[0], names[1], m.Operator("⋯"), names[-1]])
    if shared:
        total = m.row(m.Fenced(total), m.Space(0.17), fractions(telling, shared))
    first = EquationLine(left, (Step("=", total),))
    if written:
        return equation(first)
    labels = [m.Words(f"path {number}{group}") for number, group in enumerate(groups, start=1)]
    return equation(
        first, *(EquationLine(name, (Step("=", body),)) for name, body in zip(labels, own, strict=True))
    )


def summed(terms: list[m.Math]) -> m.Math:
    """Return the terms with plus signs between them."""
    items: list[m.Math] = []
    for term in terms:
        items += [m.Operator("+"), term] if items else [term]
    return m.row(*items)


def fractions(telling: Telling, factors: tuple[Key, ...]) -> m.Math:
    """Return the factors side by side, as the fractions that they are."""
    items: list[m.Math] = []
    for factor in factors:
        items += [m.Space(0.17)] if items else []
        items.append(telling.letters(factor))
    return m.row(*items)


def split(chain: Chain, numbered: Numbered) -> tuple[list[tuple[Key, int]], list[Key]]:
    """Return the factors met for the first time (with the number of their path, 0 if shared), and those known."""
    owners: dict[Key, set[int]] = {}
    for number, product in enumerate(chain.products, start=1):
        for factor in product.factors:
            owners.setdefault(factor, set()).add(number)
    new: list[tuple[Key, int]] = []
    known: list[Key] = []
    for factor, paths in owners.items():
        if factor in numbered.tags:
            known.append(factor)
        else:
            new.append((factor, next(iter(paths)) if len(paths) == 1 and len(chain.products) > 1 else 0))
    return new, known


def recall(telling: Telling, known: list[Key], numbered: Numbered) -> Phrase:
    """Return the sentence that refers back to factors found before."""
    ordered = sorted(known, key=lambda key: int(numbered.tags[key]))
    shown: list[Phrase] = []
    for key in ordered:
        body = m.Fraction(*_fraction_parts(telling.letters(key)), small=True)
        equal: list[m.Math] = [m.Operator("="), telling.value(key)] if telling.numeric else []
        shown.append(phrase(m.row(body, *equal), " ", EquationReference(numbered.tags[key])))
    return phrase("Known from above: ", listed(shown), ".")


def _fraction_parts(body: m.Math) -> tuple[m.Math, m.Math]:
    if isinstance(body, m.Fraction):
        return body.numerator, body.denominator
    return body, m.Digits("1")


def factor_lines(
    telling: Telling, chain: Chain, chains: Chains, new: list[tuple[Key, int]], numbered: Numbered
) -> Equation:
    """Return the numbered lines of the new factors, path by path; those of two paths stand side by side.

    The two lines of a row share its number: a reference always prints the factor beside it.
    """
    own = [[factor for factor, path in new if path == number] for number in (1, 2)]
    rows: list[tuple[EquationLine, ...]] = []
    paired = len(chain.products) == 2 and len(own[0]) == len(own[1]) > 0
    if paired:
        for pair in zip(*own, strict=True):
            tag = numbered.tag(*pair)
            told = [told_factor(telling, chain, chains, key, k) for k, key in enumerate(pair, start=1)]
            rows.append((replace(told[0], tag=tag), told[1]))
        new = [(factor, path) for factor, path in new if path not in (1, 2)]
    rows += [(told_factor(telling, chain, chains, key, path, numbered.tag(key)),) for key, path in new]
    return Equation(tuple(rows), small=paired)


def told_factor(
    telling: Telling, chain: Chain, chains: Chains, factor: Key, path: int, tag: str | None = None
) -> EquationLine:
    """Return the line of one factor, in the tone of its path."""
    formula = chains.definitions[factor]
    left = telling.letters(factor)
    if path and len(chain.products) <= MOST_TONES:
        left = m.Toned(left, drawing.tone_of(path))
    told = telling.line(factor, formula, left=left, tag=tag)
    if telling.work.derive and isinstance(factor, Partial):
        return replace(told, steps=(*differentiated(telling, factor), *told.steps))
    return told


def differentiated(telling: Telling, factor: Partial) -> Iterator[Step]:
    """Yield what is differentiated to get a factor of the affine map: the sum, and which of its terms vanish."""
    graph = telling.graph
    of = factor.of
    while is_identity(graph.node(of)):
        of = graph.node(of).parents[0].at(*of.index).of_sample(of.sample)
    node = graph.node(of)
    if not isinstance(node.operation, Affine):
        return
    made = node.operation.element(node, of)
    if not isinstance(made, f.Sum) or len(made.terms) > MOST_TERMS:
        return
    yield Step("=", telling.symbols(f.Derivative(made, f.Ref(factor.by))))
    zero = m.Digits("0")
    terms: list[m.Math] = []
    for term in made.terms:
        if factor.by not in f.references(term):
            terms.append(zero)
        else:
            terms.append(telling.symbols(partial_formula(graph, of, factor.by)))
    yield Step("=", summed(terms))


def products(telling: Telling, chain: Chain) -> Equation:
    """Return the products with numbers, one line per path, and their sum."""
    lines: list[EquationLine] = []
    single = len(chain.products) == 1
    for number, product in enumerate(chain.products, start=1):
        left = telling.letters(product.key)
        if not single:
            left = m.Toned(left, drawing.tone_of(number)) if len(chain.products) <= MOST_TONES else left
        lines.append(EquationLine(left, tuple(product_steps(telling, product, boxed=single))))
    if not single:
        target = chain.target
        lines.append(EquationLine(telling.letters(target), tuple(sum_steps(telling, chain))))
    return equation(*lines)


def product_steps(telling: Telling, product: ChainProduct, *, boxed: bool) -> Iterator[Step]:
    """Yield the stages of a product: the numbers, the value."""
    if not telling.numeric:
        yield Step("=", fractions(telling, product.factors))
        return
    yield from telling.valued(product.key, product.formula, boxed=boxed)


def sum_steps(telling: Telling, chain: Chain) -> Iterator[Step]:
    """Yield the stages of the sum over paths."""
    if telling.numeric:
        yield from telling.valued(chain.target, chain.formula, boxed=True)
    else:
        yield Step("=", telling.symbols(chain.formula))


def symbolic_product(telling: Telling, chain: Chain, chains: Chains) -> Equation:
    """Return the product of a symbolic problem with every factor's formula put in."""
    factors = tuple(chains.definitions[factor] for factor in chain.products[0].factors)
    kept = tuple(factor for factor in factors if factor != f.Number(f.formula(1).value)) or factors[:1]  # type: ignore[attr-defined]
    body = telling.symbols(kept[0] if len(kept) == 1 else f.Product(kept))
    return equation(EquationLine(telling.letters(chain.target), (Step("=", m.Boxed(body)),)))


def remaining(telling: Telling, chains: list[Chain]) -> Table:
    """Return the gradients that are not told in full, as a table."""
    rows = []
    for chain in chains:
        target = derivative(telling.letters(telling.graph.root.quantity), telling.letters(chain.target.value))
        products = (
            [telling.numbers(product.formula) for product in chain.products[:2]] if telling.numeric else []
        )
        body = (
            products[0]
            if len(chain.products) == 1 and products
            else m.Words(count(len(chain.products), "path"))
        )
        value = telling.value(chain.target) if telling.numeric else telling.symbols(chain.formula)
        rows.append((phrase(target), phrase(body), phrase(value)))
    header = (phrase("Gradient"), phrase("Product"), phrase("Value"))
    return Table(header, tuple(rows), "lcr", phrase("The remaining gradients, from the same factors."))


def is_partial(key: Key) -> bool:
    """Return whether a key is a factor of the chain rule."""
    return isinstance(key, Partial)
