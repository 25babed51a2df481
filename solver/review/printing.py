"""To how many digits a source prints, and so to how many its intermediate results may have been rounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from solver.arithmetic import Digits
from solver.exercises.mistakes.run import Floats
from solver.exercises.pencil import rounded
from solver.review.figures import Figure

USUAL = 4
"""Significant digits of a source that prints nothing but numbers that need fewer."""

FAR = 10
"""Steps of its last digit beyond which a figure is no rounding of what it should be."""

MOST_OTHERS = 6
"""Numbers of digits that are followed beside the usual ones."""


@dataclass(frozen=True)
class Printing:
    """How a source rounds.

    Attributes:
        significant: Its usual number of significant digits; None where it keeps to a number of decimals.
        decimals: Its usual number of decimals; None where it keeps to significant digits. Both where its figures do not
            tell which: then the coarser of the two is allowed for.
        keeps_small: Whether numbers that would round to zero keep significant digits all the same.
    """

    significant: int | None
    decimals: int | None
    keeps_small: bool = False

    def units(self, values: Floats) -> Floats:
        """Return what one step of the last digit is worth for numbers of this size; 0 for a zero."""
        values = np.asarray(values, dtype=np.float64)
        units = np.zeros(values.shape)
        if self.significant is not None:
            with np.errstate(divide="ignore"):
                power = np.floor(np.log10(np.abs(values), where=values != 0, out=np.zeros(values.shape)))
            units = np.where(values != 0, 10.0 ** (power + 1 - self.significant), 0.0)
        if self.decimals is not None:
            unit = 10.0**-self.decimals
            small = self.keeps_small & (np.abs(values) < unit / 2)
            units = np.where(small, units, np.maximum(units, unit))
        return units

    def half(self, figure: Figure) -> float:
        """Return half of a figure's last digit; a whole number is taken to be as fine as the others."""
        if figure.is_whole and figure.value:
            return min(figure.unit, float(self.units(np.array([float(figure.value)]))[0])) / 2
        return figure.unit / 2

    def coarseness(self, figure: Figure) -> float:
        """Return by how much coarser the intermediates of a figure may be that is printed shorter than usual."""
        if not figure.value:
            return 1.0
        missing = 0
        if self.significant is not None:
            missing = max(missing, self.significant - figure.significant)
        if self.decimals is not None and self.significant is None:
            missing = max(0, self.decimals - figure.decimals)
        return float(10.0**missing)


def printing_of(figures: Sequence[Figure], values: Floats, given: Iterable[bool]) -> Printing:
    """Return how a source rounds, from the figures that had to be rounded.

    Args:
        figures: All figures.
        values: Their true values.
        given: For each, whether it is a number of the file.
    """
    told = [
        figure
        for figure, value, stands in zip(figures, values, given, strict=True)
        if not stands and _tells(figure, value)
    ]
    if not told:
        most = max((figure.significant for figure in figures), default=USUAL)
        return Printing(max(USUAL, most), None)
    significant, agree = _commonest([figure.significant for figure in told])
    decimals, align = _commonest([figure.decimals for figure in told])
    if agree != align:
        return Printing(significant, None) if agree > align else Printing(None, decimals)
    keeps_small = any(figure.value and abs(figure.value) < Decimal(1).scaleb(-decimals) for figure in told)
    return Printing(significant, decimals, keeps_small)


def digits_of(
    printing: Printing, figures: Sequence[Figure], values: Floats, given: Iterable[bool]
) -> list[Digits]:
    """Return to how many digits a source rounds: its usual ones, and those of the figures that are printed otherwise.

    A figure that its usual digits give as well, small or with zeros at its end left out, says nothing of its own; nor
    does one that is far from right.

    Args:
        printing: Its usual digits.
        figures: All figures.
        values: Their true values.
        given: For each, whether it is a number of the file.
    """
    found: list[Digits] = []
    if printing.significant is not None:
        found.append(Digits(significant=printing.significant))
    if printing.decimals is not None:
        found.append(Digits(decimals=printing.decimals))
    usual = list(found)
    others: Counter[Digits] = Counter()
    for figure, value, stands in zip(figures, values, given, strict=True):
        near = abs(float(figure.value) - value) <= FAR * figure.unit
        if stands or not figure.value or not near or not _tells(figure, value):
            continue
        if not any(_prints(digits, figure, value) for digits in usual):
            others[Digits(significant=figure.significant)] += 1
            if figure.decimals > 0:
                others[Digits(decimals=figure.decimals)] += 1
    return found + [digits for digits, _ in others.most_common() if digits not in usual][:MOST_OTHERS]


def last_places_of(digits: Digits, values: Floats) -> Floats:
    """Return what one step of the last digit is worth that is kept of each number."""
    return Printing(None if digits.decimals is not None else digits.significant, digits.decimals).units(
        values
    )


def _prints(digits: Digits, figure: Figure, value: float) -> bool:
    """Return whether a source that rounds to these digits may print a figure of this length."""
    if digits.decimals is None:
        if figure.significant == digits.significant:
            return True
    elif figure.decimals == digits.decimals:
        return True
    elif figure.decimals > digits.decimals:  # what would vanish among the decimals keeps its leading digits
        return abs(value) < 10.0**-digits.decimals and figure.significant <= max(2, digits.decimals)
    shorter = figure.significant < digits.significant if digits.decimals is None else True
    return shorter and abs(float(rounded(np.array([value]), digits)[0]) - float(figure.value)) <= 1e-9 * abs(
        value
    )


def _tells(figure: Figure, value: float) -> bool:
    """Return whether a figure had to be rounded, or ends in zeros that nobody writes otherwise."""
    if figure.value:
        inexact = abs(float(figure.value) - value) > 1e-12 * max(abs(value), 1e-300)
        return inexact or figure.value.as_tuple().digits[-1:] == (0,)
    return not figure.is_whole  # a bare 0 has no digits to tell by, 0.000 has


def _commonest(numbers: Sequence[int]) -> tuple[int, int]:
    """Return the commonest number, the smallest of them on a tie, and how often it stands."""
    counts = Counter(numbers)
    number = min(counts, key=lambda n: (-counts[n], n))
    return number, counts[number]
