"""The errata of a published solution, as a document: each slip with its place, what is right, and what follows from it.

It is written by the same writers as every other document, in the letters of the problem's own notation. The right values
are proven to the digits to which the source prints, wherever the certified arithmetic can be asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.document.explain import telling_of
from solver.document.nodes import Block, Document, Inline, Listing, Phrase, Section, Table
from solver.document.telling import Telling
from solver.document.warnings import shortened_softmax
from solver.document.words import listed, paragraph, phrase, strong
from solver.exercises.mistakes import Saying
from solver.graph import Model, build
from solver.notation import math as m
from solver.quantities import Along, Key
from solver.review.figures import Figure
from solver.review.report import from_slips
from solver.review.review import review
from solver.review.telling import FOLLOWS
from solver.review.truth import Truth
from solver.review.verdicts import Finding, Judgement, Verdict, shown
from solver.trace.asked import asked
from solver.trace.faults import faults_of

if TYPE_CHECKING:
    from solver.spec import Problem

MOST_PLACES = 3
"""Places in the source at which a figure is said to stand; the rest are counted."""

MOST_FOLLOWING = 60
"""Consequences of one slip that are listed; the rest are counted."""


def errata_of(problem: Problem) -> Document:
    """Return the errata of a problem's claims.

    Raises:
        InputError: A claim cannot be held against the problem.
    """
    found = review(problem)
    return errata(problem, found.findings, found.model)


def errata(problem: Problem, findings: Sequence[Finding], model: Model | None = None) -> Document:
    """Return what was found of a problem's claims as a document.

    Args:
        problem: The problem.
        findings: One per claim, as `review` returns them.
        model: Its graph, where it has been built already.
    """
    with faults_of(problem):
        model = model or build(problem)
        telling = telling_of(problem, model)
        truth = None if model.symbolic else Truth(model)
        book = _Book(telling, truth, tuple(findings))
        blocks: list[Block] = [Section(phrase("What was checked"), (paragraph(*book.overview()),))]
        if book.slips:
            blocks.append(
                Section(phrase("Errata"), (Listing(tuple(book.slip(j) for j in book.slips), ordered=True),))
            )
        if not model.symbolic:
            warning = shortened_softmax(telling, asked(problem, model))
            if warning is not None:
                blocks.append(warning)
        if book.rounded:
            blocks.append(book.rounding())
        if book.cut_off:
            blocks.append(book.cutting())
    return Document(problem.title, tuple(blocks), problem.source, running="Errata")


@dataclass(frozen=True)
class _Book:
    """The findings of one problem, and how they are told.

    Attributes:
        telling: The problem's letters.
        truth: Its values; None for a symbolic problem.
        findings: One per claim.
    """

    telling: Telling
    truth: Truth | None
    findings: tuple[Finding, ...]

    @property
    def judged(self) -> list[tuple[Judgement, str]]:
        """Every figure with its place in the source, in order of work."""
        found = [(j, finding.claim.where) for finding in self.findings for j in finding.judgements]
        return sorted(found, key=lambda pair: pair[0].figure.order)

    @property
    def slips(self) -> list[tuple[Judgement, str]]:
        """The wrong figures that follow from no other."""
        return [(j, where) for j, where in self.judged if j.verdict is Verdict.WRONG and j.root is None]

    @property
    def rounded(self) -> list[tuple[Judgement, str]]:
        """The figures that rounding explains."""
        return [(j, where) for j, where in self.judged if j.verdict is Verdict.ROUNDING]

    @property
    def cut_off(self) -> list[tuple[Judgement, str]]:
        """The figures that were cut off instead of rounded."""
        return [(j, where) for j, where in self.judged if j.verdict is Verdict.AGREES and j.cause is not None]

    def overview(self) -> Phrase:
        """Return in a sentence or two what was checked and what came of it."""
        total = len(self.judged)
        if not total:
            return phrase("The file claims no figure of a published solution.")
        counts = {verdict: sum(j.verdict is verdict for j, _ in self.judged) for verdict in Verdict}
        agree = f"{_are(counts[Verdict.AGREES])} right"
        if self.cut_off:
            agree += f", {len(self.cut_off)} of them cut off after the last printed digit instead of rounded"
        parts = [agree]
        if counts[Verdict.ROUNDING]:
            verb = "follows" if counts[Verdict.ROUNDING] == 1 else "follow"
            parts.append(f"{counts[Verdict.ROUNDING]} {verb} from intermediate results that were rounded")
        if counts[Verdict.WRONG]:
            wrong = counts[Verdict.WRONG]
            parts.append(f"{_are(wrong)} wrong{from_slips(len(self.slips), wrong)}")
        figures = "figure was" if total == 1 else "figures were"
        return phrase(
            f"{total} printed {figures} held against a computation that proves every digit: ",
            listed(parts),
            ".",
        )

    def slip(self, found: tuple[Judgement, str]) -> tuple[Block, ...]:
        """Return one item of the errata: place, figure, what is right, what happened, what follows."""
        judgement, where = found
        figure = judgement.figure
        parts: list[str | m.Math | Inline | Phrase] = []
        if where:
            parts += [strong(_capital(where)), ": "]
        parts += [self.equation(figure.key, printed(figure)), " should be ", self.right(judgement), "."]
        if judgement.cause is not None:
            parts += [" ", *self.sentence(judgement.cause)]
        blocks: list[Block] = [paragraph(*parts)]
        following = self.following(judgement)
        if following:
            verb = "This figure follows" if len(following) == 1 else "These figures follow"
            more = len(following) - MOST_FOLLOWING
            parts = [f"{verb} from it", f"; {more} more are left out here" if more > 0 else "", ":"]
            blocks += [paragraph(*parts), self.table(following[:MOST_FOLLOWING])]
        return tuple(blocks)

    def following(self, root: Judgement) -> list[tuple[Judgement, str]]:
        """Return the other figures that are wrong because of a slip."""
        judged = self.judged
        return [
            (j, where)
            for j, where in judged
            if j.root is not None and judged[j.root][0].figure is root.figure
        ]

    def rounding(self) -> Section:
        """Return the figures that rounding explains, each with the chain that leads to it."""
        chains = [(j, where) for j, where in self.rounded if str(j.cause).startswith(FOLLOWS)]
        noise = [(j, where) for j, where in self.rounded if (j, where) not in chains]
        blocks: list[Block] = []
        if chains:
            few = "This figure follows" if len(chains) == 1 else "These figures follow"
            words = " from intermediate results that were rounded, as the last column tells."
            blocks += [paragraph(few + words), self.table(chains, with_chains=True)]
        if noise:
            blocks.append(paragraph("Rounding noise alone: the terms cancel, and the exact value is 0."))
            blocks.append(self.table(noise))
        return Section(phrase("Rounded on the way"), tuple(blocks))

    def cutting(self) -> Section:
        """Return the figures that were cut off."""
        words = "These figures agree with the exact values, but their last digit was cut off and not rounded."
        return Section(phrase("Cut off, not rounded"), (paragraph(words), self.table(self.cut_off)))

    def table(self, members: Sequence[tuple[Judgement, str]], *, with_chains: bool = False) -> Table:
        """Return figures with what is right; one that is printed at several places has one row."""
        rows: dict[tuple[Key, str], tuple[Judgement, list[str]]] = {}
        for judgement, where in members:
            key = (judgement.figure.key, judgement.figure.text)
            rows.setdefault(key, (judgement, []))[1].append(where)
        header = [phrase("Quantity"), phrase("Printed"), phrase("Right"), phrase("Where")]
        found = []
        for judgement, places in rows.values():
            figure = judgement.figure
            cells = [self.name(figure.key, flat=True), phrase(printed(figure)), phrase(self.right(judgement)),
                     phrase(_places(places))]  # fmt: skip
            found.append((*cells, self.chain(judgement)) if with_chains else tuple(cells))
        if with_chains:
            return Table((*header, phrase("By way of")), tuple(found), "lrrll")
        return Table(tuple(header), tuple(found), "lrrl")

    def chain(self, judgement: Judgement) -> Phrase:
        """Return the chain that leads to a figure: what stands as printed, what was rounded how far."""
        assert judgement.cause is not None
        parts: list[str | m.Math | Inline | Phrase] = [
            part.removeprefix(f"{FOLLOWS}: ") if isinstance(part, str) else self.name(part, flat=True)
            for part in judgement.cause.parts
        ]
        return phrase(*parts)

    # --- words ------------------------------------------------------------------------------------------

    def name(self, key: Key, *, flat: bool = False) -> Phrase:
        """Return a key in the letters of the problem; flat where it shares its lines with others, as in a table."""
        letters = self.telling.letters(key.target if isinstance(key, Along) else key)
        if flat and isinstance(letters, m.Fraction):
            letters = m.row(letters.numerator, m.Operator("/"), letters.denominator)
        return phrase(letters, f" along path {key.path}") if isinstance(key, Along) else phrase(letters)

    def equation(self, key: Key, value: m.Math) -> Phrase:
        """Return "key = value"."""
        if isinstance(key, Along):
            return phrase(*self.name(key), " = ", value)
        return phrase(m.row(self.telling.letters(key), m.Operator("="), value))

    def sentence(self, saying: Saying) -> Phrase:
        """Return what happened as a sentence, its quantities in letters."""
        parts: list[str | m.Math | Inline | Phrase] = []
        for part in saying.parts:
            parts.append(part if isinstance(part, str) else self.name(part))
        if parts and isinstance(parts[0], str):
            parts[0] = _capital(parts[0])
        return phrase(*parts, ".")

    def right(self, judgement: Judgement) -> m.Math:
        """Return the right value, to the digits that are printed."""
        figure = judgement.figure
        number = None if self.truth is None else self.truth.rounded(figure)
        if number is not None:
            return m.Digits(number.text, number.exponent)
        return _digits(shown(judgement.true, figure))


def printed(figure: Figure) -> m.Math:
    """Return a figure as it is printed."""
    return _digits(figure.text.replace("−", "-").replace("+", ""))


def _digits(text: str) -> m.Math:
    mantissa, _, exponent = text.lower().partition("e")
    return m.Digits(mantissa, int(exponent) if exponent else None)


def _places(places: Sequence[str]) -> str:
    """Return the first places of a figure in the source, and how many more there are."""
    named = [place for place in places if place]
    more = f" and {len(named) - MOST_PLACES} more" if len(named) > MOST_PLACES else ""
    return "; ".join(named[:MOST_PLACES]) + more


def _are(number: int) -> str:
    return f"{number} is" if number == 1 else f"{number} are"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
