"""Answers: every number that a question asks for, with what a marker accepts for it.

A student may carry full precision to the end or round every step at the stated digits; both are right. The accepted
interval reaches from one to the other, and by half a unit in the last stated digit beyond, since the result itself is
rounded as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact

from solver.arithmetic import Digits, DomainError, Float64, Rounded
from solver.document.asking import key_name
from solver.document.telling import Telling
from solver.exercises.pencil import FULL, ByLines, by_lines, elements_of
from solver.exercises.points import shared_out
from solver.formula import Formula
from solver.quantities import Key, Quantity
from solver.spec.digits import digits_of
from solver.trace.cohort import Member
from solver.trace.jointly import alone, jointly, number_of
from solver.trace.passes import UncomputableError
from solver.trace.solve import solve_steps


@dataclass(frozen=True)
class Answer:
    """One number that is asked for.

    Attributes:
        quantity: Its name in the contract; a local derivative is named as it is written, "dh1[3]/da1[3]".
        key: What it is.
        value: In float64.
        shown: As the key prints it.
        low: The smallest number that is accepted.
        high: The largest one.
        points: What it is worth.
    """

    quantity: str
    key: Key
    value: float
    shown: Rounded
    low: float
    high: float
    points: Decimal = Decimal(0)


def answers_to(telling: Telling, keys: Sequence[Key], points: Decimal | int = 0) -> tuple[Answer, ...]:
    """Return the answers to a question, its points shared out among them.

    Args:
        telling: The problem's context; it has numbers, and knows the formula of every key that is no quantity.
        keys: What is asked for, element by element.
        points: Points of the whole question.
    """
    graph, ledger, digits = telling.graph, telling.ledger, digits_of(telling.problem)
    assert ledger is not None
    member = member_of(telling)
    numbers = _Numbers.of(member, ledger.definitions, digits)
    found = []
    for key, share in zip(keys, shared_out(points, [1] * len(keys)), strict=True):
        shown = ledger.number(key)
        value = numbers.exact(key) if shown.sign else 0.0
        right = [value, float(str(shown)), *numbers.by_hand(key)]
        low, high = accepted(right, digits)
        found.append(Answer(key_name(graph, key), key, value, shown, low, high, share))
    return tuple(found)


def member_of(telling: Telling) -> Member:
    """Return the variant that is told, among those that it is computed with."""
    member = telling.ledger.member if telling.ledger is not None else None
    return alone(telling.model) if member is None or member.model is not telling.model else member


@dataclass(frozen=True)
class _Numbers:
    """The right numbers of one variant, computed for its whole cohort.

    Attributes:
        full: In full precision.
        pencil: With every shown value rounded; None where rounding leaves something without a value.
    """

    full: tuple[ByLines, int]
    pencil: tuple[ByLines, int] | None

    @classmethod
    def of(cls, member: Member, definitions: Mapping[Key, Formula], digits: Digits) -> _Numbers:
        """Return the numbers of a variant; `definitions` are the formulas of its lines."""
        told = number_of(member.cohort, "definitions", definitions)
        full = jointly(
            member,
            ("full precision", told),
            lambda model: ByLines(model, solve_steps(model, Float64())[0], definitions, FULL),
        )
        try:
            pencil = jointly(
                member, ("by hand", told, digits), lambda model: by_lines(model, definitions, digits)
            )
        except UncomputableError:
            pencil = None
        return cls(full, pencil)

    def exact(self, key: Key) -> float:
        """Return the value in full precision."""
        lines, row = self.full
        if isinstance(key, Quantity):
            return float(elements_of(lines.model, lines.step, key)[row])
        return lines.value(key, row)

    def by_hand(self, key: Key) -> Iterator[float]:
        """Yield what is written down in matrix form and line by line, where there are such numbers."""
        if self.pencil is None:
            return
        lines, row = self.pencil
        if isinstance(key, Quantity):
            yield float(elements_of(lines.model, lines.step, key)[row])
        try:
            yield lines.value(key, row)
        except DomainError:
            return


def accepted(right: Sequence[float], digits: Digits) -> tuple[float, float]:
    """Return (low, high) around right answers: half a unit of the last stated digit beyond them.

    Exact decimals decide where the ends lie; they are then rounded outwards to float64.
    """
    exact = [Decimal(repr(value)) for value in right]
    lowest, highest = min(exact), max(exact)
    low = _EXACT.subtract(lowest, half_unit(lowest, digits))
    high = _EXACT.add(highest, half_unit(highest, digits))
    return _outwards(low, -1), _outwards(high, 1)


_EXACT = Context(prec=2000, traps=[Inexact])
"""Sums of float64 numbers and units of their last digits need no more digits than this."""


def half_unit(value: Decimal, digits: Digits) -> Decimal:
    """Return half a unit in the last digit that is stated of a value."""
    if not value:
        return Decimal(0)
    last = value.adjusted() + 1 - digits.significant
    if digits.decimals is not None:
        vanishes = 2 * abs(value) < Decimal(1).scaleb(-digits.decimals)
        last = value.adjusted() + 1 - max(2, digits.decimals) if vanishes else -digits.decimals
    return Decimal(5).scaleb(last - 1)


def _outwards(value: Decimal, direction: int) -> float:
    near = float(value) or 0.0
    exact = Decimal(near)
    if exact >= value if direction > 0 else exact <= value:
        return near
    return math.nextafter(near, direction * math.inf)
