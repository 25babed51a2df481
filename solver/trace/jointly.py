"""Computing for a whole cohort what may fail for one of its variants: all together, or else in ever smaller parts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeVar

from solver.graph.model import Model
from solver.trace.cohort import Cohort, Family, Member, Memo

T = TypeVar("T")


def alone(model: Model) -> Member:
    """Return a variant that is computed with no other."""
    return Member(Cohort(Family(model), (model,)), 0)


def jointly(
    member: Member, name: Hashable, compute: Callable[[Model], T], most: int | None = None
) -> tuple[T, int]:
    """Return (what was computed for a part of a cohort, the place of one variant in that part).

    It is computed once for all variants. A part in which something fails is halved until the failure stands alone, so
    that a variant without a value spoils no other.

    Args:
        member: The variant.
        name: Of the result, among all that the cohort keeps.
        compute: From a model that holds some variants to their results, in the order of the variants.
        most: Variants in a part at most; None for all.

    Raises:
        ArithmeticError: What `compute` raises for this variant alone.
    """
    cohort = member.cohort
    found = cohort.once(
        name, lambda: list(_in_parts(cohort, cohort.models, compute, most or len(cohort.models)))
    )
    outcome = found[member.place]
    if isinstance(outcome, ArithmeticError):
        raise outcome
    return outcome


def _in_parts(
    cohort: Cohort, models: Sequence[Model], compute: Callable[[Model], T], most: int
) -> Iterator[tuple[T, int] | ArithmeticError]:
    """Yield the result of each variant: of its part and its place there, or how it fails alone."""
    if len(models) <= most:
        whole = len(models) == len(cohort.models)
        try:
            found = compute(cohort.joined if whole else Cohort(cohort.family, models).joined)
        except ArithmeticError as error:
            if len(models) == 1:
                yield error
                return
            most = (len(models) + 1) // 2
        else:
            yield from ((found, place) for place in range(len(models)))
            return
    for start in range(0, len(models), most):
        yield from _in_parts(cohort, models[start : start + most], compute, most)


def number_of(memo: Memo, name: Hashable, value: object) -> int:
    """Return the same number for equal values, so that what follows from a value can be kept under a short name."""
    known: list[object] = memo.once(("number", name), list)
    for number, one in enumerate(known):
        if one is value or one == value:
            return number
    known.append(value)
    return len(known) - 1
