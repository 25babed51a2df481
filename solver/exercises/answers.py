"""Answers: every number that a question asks for, with what a marker accepts for it.

A student may carry full precision to the end or round every step at the stated digits; both are right. The accepted
interval reaches from one to the other, and by half a unit in the last stated digit beyond, since the result itself is
rounded as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from solver.arithmetic import Digits, Float64, Rounded
from solver.document.asking import key_name
from solver.document.telling import Telling
from solver.exercises.pencil import FULL, ByLines, by_lines, element_of, line_value
from solver.exercises.points import shared_out
from solver.quantities import Key, Quantity
from solver.spec.digits import digits_of
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
    model, ledger, digits = telling.model, telling.ledger, digits_of(telling.problem)
    assert ledger is not None
    exact = solve_steps(model, Float64())[0]
    definitions = dict(ledger.definitions)
    full = ByLines(model, exact, definitions, FULL)
    by_hand = by_lines(model, definitions, digits)
    found = []
    for key, share in zip(keys, shared_out(points, [1] * len(keys)), strict=True):
        shown = ledger.number(key)
        value = element_of(model, exact, key) if isinstance(key, Quantity) else full.value(key)
        value = value if shown.sign else 0.0
        right = [value, float(shown.fraction)]
        if by_hand is not None:
            right += [element_of(model, by_hand.step, key)] if isinstance(key, Quantity) else []
            written = line_value(by_hand, key)
            right += [] if written is None else [written]
        low, high = accepted(right, digits)
        found.append(Answer(key_name(telling.graph, key), key, value, shown, low, high, share))
    return tuple(found)


def accepted(right: Sequence[float], digits: Digits) -> tuple[float, float]:
    """Return (low, high) around right answers: half a unit of the last stated digit beyond them.

    Exact decimals decide where the ends lie; they are then rounded outwards to float64.
    """
    exact = [Fraction(repr(value)) for value in right]
    lowest, highest = min(exact), max(exact)
    return _outwards(lowest - half_unit(lowest, digits), -1), _outwards(
        highest + half_unit(highest, digits), 1
    )


def half_unit(value: Fraction, digits: Digits) -> Fraction:
    """Return half a unit in the last digit that is stated of a value."""
    size = abs(value)
    if size == 0:
        return Fraction(0)
    power = 0
    while size >= 10 ** (power + 1):
        power += 1
    while size < Fraction(10) ** power:
        power -= 1
    unit = Fraction(10) ** (power + 1 - digits.significant)
    if digits.decimals is not None:
        fixed = Fraction(10) ** -digits.decimals
        unit = fixed if 2 * size >= fixed else Fraction(10) ** (power + 1 - max(2, digits.decimals))
    return unit / 2


def _outwards(value: Fraction, direction: int) -> float:
    near = float(value)
    if direction * Fraction(near) >= direction * value:
        return near
    return math.nextafter(near, direction * math.inf)
