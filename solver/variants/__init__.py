"""Variants: draws that make good problems. `solver.spec.draw` draws, this room judges and chooses.

`draw_variant(problem, 3, seed=2026)` is a problem like any other; `draw_variants(problem, range(1, 31))` chooses many at
once, which is far quicker than one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from solver.errors import Fault, InputError
from solver.variants.choosing import Choice, Chooser

if TYPE_CHECKING:
    from solver.spec import Problem

__all__ = ["Choice", "Chooser", "chooser_of", "draw_variant", "draw_variants"]


def draw_variant(problem: Problem, number: int, *, seed: int | None = None) -> Problem:
    """Return one drawn variant of a problem.

    Args:
        problem: A problem with a table `[variants.draw]`.
        number: From 1. Each of the first million differs from those before it; greater numbers depend on no other
            variant, and stand for students.
        seed: Instead of the file's own seed.

    Raises:
        InputError: The problem draws nothing, there are too few variants, or none has this number.
    """
    return draw_variants(problem, (number,), seed=seed)[0]


def draw_variants(problem: Problem, numbers: Iterable[int], *, seed: int | None = None) -> list[Problem]:
    """Return several drawn variants of a problem, in the order asked for; see `draw_variant`."""
    numbers = tuple(numbers)
    if min(numbers, default=1) < 1:
        found = str(min(numbers))
        raise InputError(
            Fault("there is no such variant", problem.file, found=found, expected="a number from 1")
        )
    chooser = chooser_of(problem, seed)
    return [chooser.drawn(choice) for choice in chooser.many(numbers)]


def chooser_of(problem: Problem, seed: int | None = None) -> Chooser:
    """Return the chooser of a problem; the same one for the same problem and seed, which remembers what it chose.

    Raises:
        InputError: The problem draws nothing.
    """
    if problem.variants is None:
        message = "the problem draws nothing, so it has no variants"
        raise InputError(
            Fault(
                message, problem.file, key="variants", expected='a table [variants.draw], as in "W1" = { … }'
            )
        )
    return _Known(problem, problem.variants.seed if seed is None else seed).chooser


class _Known:
    """A problem and a seed as a key: two problems that are one object share what was chosen for it."""

    def __init__(self, problem: Problem, seed: int) -> None:
        self.problem, self.seed = problem, seed

    def __hash__(self) -> int:
        return hash((id(self.problem), self.seed))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and self.problem is other.problem and self.seed == other.seed

    @property
    def chooser(self) -> Chooser:
        return _chooser(self)


@lru_cache(maxsize=16)
def _chooser(known: _Known) -> Chooser:
    return Chooser.of(known.problem, known.seed)
