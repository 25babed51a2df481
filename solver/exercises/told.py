"""What a question tells of a problem: its statement and its worked solution, told once for all variants if possible.

Sheets and keys of an exam differ in their numbers. The first variant of a cohort has the solution told with its numbers
left open (`document.late`), and all of them fill it in. A problem whose solution says different things for different
numbers is told for each variant anew; so it is where the form looks into the lines (gaps, a planted mistake).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from solver.document.explain import explain, explained, telling_of
from solver.document.filling import filled, keys_in, late_blocks
from solver.document.late import LateTelling
from solver.document.nodes import Block, Document
from solver.document.numbers import Variants
from solver.document.rewriting import Rewriter
from solver.document.telling import Telling
from solver.document.views import results, stated, statement_of, without_values
from solver.exercises.worked import definitions_of, demoted, has_name, worked
from solver.formula import Formula
from solver.notation.cases import TooEarlyError
from solver.quantities import Key
from solver.trace.cohort import Cohort, Member

if TYPE_CHECKING:
    from solver.spec import Problem

BY_LINES = frozenset({"blanks", "find-the-error"})
"""Forms that look into the lines of a solution."""


@dataclass(frozen=True)
class Told:
    """A problem as a question tells it.

    Attributes:
        telling: The variant's context.
        statement: The statement.
        solution: The worked solution, one level lower than in a document.
        member: The variant among those that are computed together.
        variants: The numbers of these, where they are told together.
    """

    telling: Telling
    statement: tuple[Block, ...]
    solution: tuple[Block, ...]
    member: Member
    variants: Variants | None = None

    def common(self, name: str, make: Callable[[], Sequence[Block]]) -> tuple[Block, ...]:
        """Return blocks that hold no number of the variant, and are the same for all that are told together.

        Args:
            name: Of the blocks, within the question.
            make: Makes them.
        """
        variants, family = self.variants, self.member.family
        if variants is None:
            return tuple(make())
        every = self.member.cohort.once(
            ("common", name),
            lambda: filled(family.once(("common", name), lambda: late_blocks(make())), variants),
        )
        return every[self.member.place]


def tell(problem: Problem, member: Member, form: str) -> Told:
    """Return a problem as a question of some form tells it."""
    telling = _telling(problem, member)
    if telling.numeric and form not in BY_LINES:
        shared = member.family.once("told", lambda: _late(telling))
        if shared is not None:
            variants, statements, solutions = member.cohort.once(
                "told", lambda: _filled(shared, member.cohort)
            )
            return Told(telling, statements[member.place], solutions[member.place], member, variants)
    document = _plain(explain(problem, member.model, checked=False, drawn_values=False, member=member))
    return Told(telling, statement_of(document, telling), tuple(demoted(worked(document))), member)


def _telling(problem: Problem, member: Member) -> Telling:
    """Return the context of a variant, with a formula for every number that a line of the solution determines."""
    known = member.family.once("telling", lambda: telling_of(problem, member.model, member))
    if known.ledger is None:
        return known
    return replace(_tellings(member.cohort)[member.place], problem=problem)


def _tellings(cohort: Cohort) -> list[Telling]:
    """Return the contexts of all variants of a cohort."""
    known: Telling = cohort.family.once("telling", _not_told)
    definitions = cohort.family.once("definitions", lambda: _definitions(known))
    base = known if definitions is None else cohort.family.once("base", lambda: known.defining(definitions))

    def own(place: int) -> Telling:
        member = Member(cohort, place)
        assert base.ledger is not None
        ledger = replace(base.ledger, model=member.model, member=member, _solved={}, _numbers={}, _exact={})
        telling = replace(base, model=member.model, ledger=ledger)
        return telling if definitions is not None else telling.defining(definitions_of(telling))

    return cohort.once("tellings", lambda: [own(place) for place in range(len(cohort.models))])


def _not_told() -> Telling:
    raise LookupError("a family whose context is not known")


Shared = tuple[tuple[Block, ...], tuple[Block, ...]]
"""Statement and solution, told once."""


def _filled(
    shared: Shared, cohort: Cohort
) -> tuple[Variants, list[tuple[Block, ...]], list[tuple[Block, ...]]]:
    """Return the numbers of all variants, their statements and their solutions."""
    variants = Variants(_tellings(cohort))
    statements, solutions = (filled(blocks, variants) for blocks in shared)
    return variants, statements, solutions


def _definitions(telling: Telling) -> dict[Key, Formula] | None:
    """Return the formulas of all lines; None where they depend on the numbers."""
    try:
        return definitions_of(LateTelling.of(telling))
    except TooEarlyError:
        return None


def _late(telling: Telling) -> Shared | None:
    """Return statement and solution with their numbers left open; None where they depend on the numbers."""
    assert telling.ledger is not None
    base = replace(telling, ledger=telling.ledger.looking_up({}), checked=False, drawn_values=False)
    late = LateTelling.of(base)
    given = results(telling.graph).given
    try:
        document = _plain(explained(late))
        statement = late_blocks(stated(document, late))
        if any(str(key) not in given for key in keys_in(statement)):
            return None
        return statement, late_blocks(demoted(worked(document)))
    except TooEarlyError:
        return None


def _plain(document: Document) -> Document:
    """Return a document whose drawings show names alone: the same drawings for every variant, and typeset once."""
    rewriter = Rewriter(lambda math: math, lambda scene: without_values(scene, has_name))
    return replace(document, blocks=rewriter.blocks(document.blocks))
