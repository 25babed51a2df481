"""Variants of one problem that are computed together: one graph, their numbers along the axis of variants.

An exam poses one question to many students. What is true of the question is worked out once, and what is numbers is
computed for all in one pass of numpy; `Cohort.once` is where whoever computes so keeps it. A variant that is computed
together with others has the same numbers as alone: sharing is a matter of speed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from solver.graph.model import Given, Model

T = TypeVar("T")


@dataclass(eq=False)
class Cohort:
    """Models that differ in their given numbers alone.

    Attributes:
        models: One for each variant; all hold the very same graph.
    """

    models: tuple[Model, ...]
    _known: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def joined(self) -> Model:
        """All variants as one model: every leaf's numbers along its first axis."""
        first = self.models[0]
        given = {
            quantity: Given(
                np.concatenate([model.given[quantity].exact for model in self.models]),
                np.concatenate([model.given[quantity].values for model in self.models]),
            )
            for quantity in first.given
        }
        return replace(first, given=given)

    def once(self, name: Hashable, compute: Callable[[], T]) -> T:
        """Return what `compute` returned the first time that something of this name was asked for."""
        if name not in self._known:
            self._known[name] = compute()
        found: T = self._known[name]
        return found


@dataclass(frozen=True, eq=False)
class Member:
    """One variant of a cohort.

    Attributes:
        cohort: The variants.
        place: Which one, from 0.
    """

    cohort: Cohort
    place: int

    @property
    def model(self) -> Model:
        """The variant's own model."""
        return self.cohort.models[self.place]


def members(models: Sequence[Model]) -> list[Member]:
    """Return every model as a member of the cohort of those that share its graph and its training.

    Equal graphs become one and the same, so that what is known of a graph is known for all.
    """
    groups: list[list[int]] = []
    for place, model in enumerate(models):
        own = next((group for group in groups if _alike(models[group[0]], model)), None)
        if own is None:
            groups.append([place])
        else:
            own.append(place)
    found: dict[int, Member] = {}
    for group in groups:
        first = models[group[0]]
        cohort = Cohort(
            tuple(replace(models[k], graph=first.graph, reference=first.reference) for k in group)
        )
        found |= {place: Member(cohort, k) for k, place in enumerate(group)}
    return [found[place] for place in range(len(models))]


def _alike(one: Model, other: Model) -> bool:
    return (one.graph, one.reference, one.training, one.facts) == (
        other.graph,
        other.reference,
        other.training,
        other.facts,
    )
