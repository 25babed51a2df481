"""Variants of one problem that are computed together: one graph, their numbers along the axis of variants.

An exam poses one question to many students. What is true of the question whatever its numbers are (the solution in
letters, how its lines are set) is worked out once, and kept by the `Family` of its variants, for as long as there is one
who needs it; what is numbers is computed for some variants at a time, in one pass of numpy, and kept by their `Cohort`. A
variant that is computed together with others has the same numbers as alone: sharing is a matter of speed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from solver.graph.model import Given, Model

T = TypeVar("T")


class Memo:
    """Values by name, computed when they are asked for the first time."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}

    def once(self, name: Hashable, compute: Callable[[], T]) -> T:
        """Return what `compute` returned the first time that something of this name was asked for."""
        if name not in self._known:
            self._known[name] = compute()
        found: T = self._known[name]
        return found

    def forget(self) -> None:
        """Begin anew: what is kept here often leads back here, and would stay until someone looks for such circles."""
        self._known.clear()


class Family(Memo):
    """All variants of a question that have one graph; remembers what holds for any numbers.

    Args:
        model: One of them.
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model

    def has(self, model: Model) -> bool:
        """Return whether a model differs from this family's in its numbers alone."""
        own = self._model
        return (own.graph, own.reference, own.training, own.facts) == (
            model.graph,
            model.reference,
            model.training,
            model.facts,
        )

    def adopted(self, model: Model) -> Model:
        """Return an equal model that holds the family's own graph, so that what is known of that is known of it."""
        return replace(model, graph=self._model.graph, reference=self._model.reference)


class Cohort(Memo):
    """Some variants of a family, computed together; remembers what hangs on their numbers.

    Args:
        family: Theirs.
        models: One for each variant.
    """

    def __init__(self, family: Family, models: Sequence[Model]) -> None:
        super().__init__()
        self.family = family
        self.models = tuple(map(family.adopted, models))

    @cached_property
    def joined(self) -> Model:
        """All variants as one model: see `joined`."""
        return joined(self.models)


def joined(models: Sequence[Model]) -> Model:
    """Return models of one graph as one: every leaf's numbers along its first axis, that of the variants."""
    first = models[0]
    given = {
        quantity: Given(
            np.concatenate([model.given[quantity].exact for model in models]),
            np.concatenate([model.given[quantity].values for model in models]),
        )
        for quantity in first.given
    }
    return replace(first, given=given)


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

    @property
    def family(self) -> Family:
        """All variants with the same graph."""
        return self.cohort.family


@dataclass(eq=False)
class Families:
    """The families of one question: most often a single one."""

    known: list[Family] = field(default_factory=list)

    def __reduce__(self) -> tuple[type[Families], tuple[()]]:
        """Go to another process with nothing known: what is remembered is found again."""
        return Families, ()

    def members(self, models: Sequence[Model]) -> list[Member]:
        """Return every model as a member of the cohort of those among them that are of one family."""
        groups: dict[Family, list[int]] = {}
        for place, model in enumerate(models):
            groups.setdefault(self._family(model), []).append(place)
        found: dict[int, Member] = {}
        for family, places in groups.items():
            cohort = Cohort(family, [models[place] for place in places])
            found |= {place: Member(cohort, k) for k, place in enumerate(places)}
        return [found[place] for place in range(len(models))]

    def _family(self, model: Model) -> Family:
        for family in self.known:
            if family.has(model):
                return family
        self.known.append(Family(model))
        return self.known[-1]
