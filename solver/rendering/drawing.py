"""The variants of a problem, in the groups that share a run of TeX."""

from __future__ import annotations

from collections.abc import Iterator

from solver.errors import InputError
from solver.spec import Problem
from solver.variants import draw_variant, draw_variants

VARIANTS_PER_RUN = 10
"""A run of TeX holds as many (see `runs`)."""

Numbered = tuple[int, Problem]


def drawn_groups(
    problem: Problem, count: int, seed: int | None, *, filled: bool
) -> Iterator[tuple[tuple[Numbered, ...], tuple[Problem, ...]]]:
    """Yield the variants 1 … count in groups, each with its fillers: the variants that its run holds unasked.

    Args:
        problem: A problem with a table `[variants.draw]`.
        count: How many are asked for.
        seed: Instead of the file's own.
        filled: Whether runs are filled; without a PDF there is no run.

    Raises:
        InputError: The problem draws nothing, or has fewer variants.
    """
    asked = list(enumerate(draw_variants(problem, range(1, count + 1), seed=seed), start=1))
    for start in range(0, count, VARIANTS_PER_RUN):
        own = tuple(asked[start : start + VARIANTS_PER_RUN])
        missing = range(count + 1, start + VARIANTS_PER_RUN + 1) if filled else range(0)
        yield own, tuple(_existing(problem, missing, seed))


def _existing(problem: Problem, numbers: range, seed: int | None) -> Iterator[Problem]:
    """Yield variants as far as there are any."""
    for number in numbers:
        try:
            yield draw_variant(problem, number, seed=seed)
        except InputError:
            return
