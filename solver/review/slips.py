"""Slips of the pen: what a printed figure may be a misprint of."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solver.exercises.mistakes import MISTAKES, Cell, Misprint, Saying
from solver.exercises.mistakes.run import Floats
from solver.graph.model import Model
from solver.quantities import Quantity, Role
from solver.review.figures import Figure
from solver.review.truth import Agreement, Truth, agreement_of

MOST_CELLS = 2000
"""Quantities among whose values a misplaced one is looked for."""

Cells = tuple[list[Cell], Floats, NDArray[np.bool_]]
"""Elements, their true values, and which of them the file gives."""

Misprints = tuple[list[Misprint], Floats, Floats]
"""Misprints, the numbers that they write, and what one step of the last digit of each is worth."""


@dataclass
class Slips:
    """Where slips are looked for.

    Attributes:
        model: The problem.
        figures: All printed figures.
        truth: The true values.
        sound: Whether the figure of a number is not wrong, as far as is known.
    """

    model: Model
    figures: Sequence[Figure]
    truth: Truth
    sound: Callable[[int], bool] = lambda number: False
    _all: dict[int, Cells] = field(default_factory=dict, repr=False)
    _known: dict[str, Misprints] = field(default_factory=dict, repr=False)

    def of(self, figure: Figure, targets: Sequence[float]) -> Iterator[tuple[str, Saying, float]]:
        """Yield (mistake, what is told, weight) of the slips that lead from one of the targets to the figure."""
        yield from self.misprints(figure, targets)
        if figure.value:
            yield from self._borrowed_print(figure)
            yield from self._borrowed(figure)

    def misprints(self, figure: Figure, targets: Sequence[float]) -> Iterator[tuple[str, Saying, float]]:
        """Yield the ways in which one of the targets was written down wrong."""
        misprints, values, units = self._misprints_of(figure.value)
        near = (np.abs(values[:, None] - np.asarray(targets)) <= units[:, None]).any(axis=1)
        for misprint in (misprints[place] for place in np.flatnonzero(near)):
            if any(_is(misprint.value, target) for target in targets):
                # The more digits there are, the less it says that one of them can be changed to fit.
                ways = max(1, figure.significant - 1) if misprint.mistake.startswith("digit") else 1
                yield misprint.mistake, undone(misprint.at(figure.key)), misprint.weight / ways

    def _misprints_of(self, value: Decimal) -> Misprints:
        """Return what a printed figure may be a misprint of: its misprints, since every way undoes itself."""
        text = str(value)
        if text not in self._known:
            found = [misprint for record in MISTAKES.values() for misprint in record.misprinted(value)]
            values = np.array([float(misprint.value) for misprint in found])
            units = np.array([float(Decimal(1).scaleb(_exponent(misprint.value))) for misprint in found])
            self._known[text] = found, values, units * (1 + 1e-6)
        return self._known[text]

    def _borrowed(self, figure: Figure) -> Iterator[tuple[str, Saying, float]]:
        """Yield the other quantities whose value stands there, printed elsewhere or not."""
        cells, values, given = self._cells(figure.step)
        near = np.abs(values - float(figure.value)) <= figure.unit * 0.51
        if figure.significant < 2:
            # One digit is soon met by chance; a number of the file catches the eye all the same.
            near &= given & (not figure.is_whole)
        for place in map(int, np.flatnonzero(near)):
            value = float(values[place])
            if (
                cells[place] == figure.address
                or agreement_of(figure.value, value, figure.unit) is not Agreement.ROUNDED
            ):
                continue
            other = self.truth.element(cells[place])
            other = other if self.model.graph.sample_axis else other.of_sample(None)
            saying = Saying(
                "the value of {other} was printed for {place}", {"other": other, "place": figure.key}
            )
            yield "other-quantity", saying, _nearness(other, figure) / math.sqrt(len(cells))

    def _cells(self, step: int) -> Cells:
        """Return every element of a step, its true value, and whether it is a number of the file; none of too many."""
        if step not in self._all:
            arrays = self.truth.arrays(step)
            if sum(array.size for _, array in arrays) > MOST_CELLS:
                arrays = []
            cells = [Cell(spot, place) for spot, array in arrays for place in range(array.size)]
            values = np.array([value for _, array in arrays for value in array.ravel()], dtype=np.float64)
            given = np.array([cell.spot.key in self.model.given for cell in cells], dtype=bool)
            self._all[step] = cells, values, given
        return self._all[step]

    @cached_property
    def _alike(self) -> dict[tuple[Decimal, int], list[int]]:
        """The figures that are printed with the same digits, but for the sign."""
        found: dict[tuple[Decimal, int], list[int]] = {}
        for number, figure in enumerate(self.figures):
            found.setdefault((abs(figure.value), figure.decimals), []).append(number)
        return found

    def _borrowed_print(self, figure: Figure) -> Iterator[tuple[str, Saying, float]]:
        """Yield the other figures that are printed alike, or alike but for the sign."""
        seen: set[object] = {figure.key}
        if figure.is_whole:
            return
        for number in self._alike[abs(figure.value), figure.decimals]:
            other = self.figures[number]
            if other.key in seen or not self.sound(number):
                continue
            near = _nearness(other.key, figure) if isinstance(other.key, Quantity) else 0.1
            words = {"other": other.key, "place": figure.key}
            if other.value == figure.value:
                yield (
                    "other-quantity",
                    Saying("the value of {other} was printed for {place}", words),
                    0.5 * near,
                )
            elif figure.significant > 2:
                template = "the value of {other} was printed for {place}, with the other sign"
                yield "other-quantity", Saying(template, words), 0.4 * near
            else:
                continue
            seen.add(other.key)


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent


def _is(printed: Decimal, target: float) -> bool:
    """Return whether a number may have been meant to be printed so; none but 0 is meant to be printed as 0."""
    return agreement_of(printed, target) is Agreement.ROUNDED and bool(printed or not target)


def undone(saying: Saying) -> Saying:
    """Return the sentence of a misprint read backwards: from what is printed to what was meant."""
    words = dict(saying.words)
    if "count" in words:
        count = str(words["count"])
        words["count"] = count.replace("right", "\0").replace("left", "right").replace("\0", "left")
    if "first" in words:
        words["first"], words["second"] = words["second"], words["first"]
    if "wrong" in words:
        words["wrong"], words["right"] = words["right"], words["wrong"]
    return Saying(saying.template, words)


def _nearness(other: Quantity, figure: Figure) -> float:
    """Return how easily the eye slips from one quantity to another, from 0 to 1."""
    own = figure.key
    if not isinstance(own, Quantity):
        return 0.3
    if other.whole == own.whole:
        return 1.0 if other.index == own.index[::-1] or other.sample != own.sample else 0.7
    if other.base == own.base and other.layer == own.layer and other.index == own.index:
        return 0.6
    if other.index == own.index and other.layer == own.layer and Role.VALUE in (other.role, own.role):
        return 0.4
    return 0.15 if other.role is own.role else 0.08
