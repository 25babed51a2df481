"""The lines of one gradient in path form: the chain rule, its factors, each product with numbers, and their sum.

A factor is derived where it is first met, gets a number, and is referred to afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from solver import formula as f
from solver.document import drawing
from solver.document.nodes import (
    Equation,
    EquationLine,
    EquationReference,
    Phrase,
    Step,
)
from solver.document.numbered import Numbered
from solver.document.telling import Telling
from solver.document.words import equation, listed, phrase
from solver.graph.dense import Affine
from solver.notation import math as m
from solver.quantities import Key, Partial
from solver.trace.chain import Chain, ChainProduct, Chains, is_identity, partial_formula

MOST_TERMS = 4
"""Terms of a sum that are written out when it is differentiated."""


MOST_TONES = 4
"""Paths that are told apart by their tone."""


MOST_WRITTEN = 4
"""Paths of one gradient whose products stand in one formula; past it each has a line of its own."""


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


def is_partial(key: Key) -> bool:
    """Return whether a key is a factor of the chain rule."""
    return isinstance(key, Partial)


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
