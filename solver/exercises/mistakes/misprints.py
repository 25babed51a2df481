"""Mistakes of the hand that writes a figure: they need no problem, only digits."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from solver.exercises.mistakes.record import Misprint, Saying

_COUNTS = {1: "one place", 2: "two places", 3: "three places"}


def point_slipped(figure: Decimal) -> Iterator[Misprint]:
    """0.0204 becomes 0.204, or 0.00204."""
    if not figure:
        return
    for places, count in _COUNTS.items():
        for power in (places, -places):
            saying = Saying(
                "the decimal point slipped {count} in {place}", {"count": _slip(count, power), "place": ""}
            )
            yield Misprint("decimal-point", figure.scaleb(power), saying, 0.3 ** (places - 1))


def _slip(count: str, power: int) -> str:
    return f"{count} to the {'right' if power > 0 else 'left'}"


def digits_swapped(figure: Decimal) -> Iterator[Misprint]:
    """0.487 becomes 0.478: two neighbouring digits change places."""
    sign, digits, exponent = _written(figure)
    for place in range(len(digits) - 1):
        if digits[place] == digits[place + 1] or _vanishes(digits, exponent, place, digits[place + 1]):
            continue
        swapped = list(digits)
        swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
        words = {"first": str(digits[place]), "second": str(digits[place + 1]), "place": ""}
        saying = Saying("the digits {first} and {second} were swapped in {place}", words)
        yield Misprint("digits-swapped", Decimal((sign, tuple(swapped), exponent)), saying)


def sign_dropped(figure: Decimal) -> Iterator[Misprint]:
    """−0.1 becomes 0.1, and 0.1 −0.1."""
    if figure:
        yield Misprint("sign-flipped", -figure, Saying("the sign of {place} was flipped", {"place": ""}))


def digit_mistyped(figure: Decimal) -> Iterator[Misprint]:
    """0.487 becomes 0.482: one digit is another."""
    sign, digits, exponent = _written(figure)
    for place, digit in enumerate(digits):
        for other in range(10):
            if other != digit and not _vanishes(digits, exponent, place, other):
                changed = (*digits[:place], other, *digits[place + 1 :])
                words = {"wrong": str(other), "right": str(digit), "place": ""}
                saying = Saying("a digit was mistyped in {place}: {wrong} for {right}", words)
                yield Misprint("digit-mistyped", Decimal((sign, changed, exponent)), saying, 1 / 9)


def _vanishes(digits: tuple[int, ...], exponent: int, place: int, digit: int) -> bool:
    """Return whether nobody writes this digit in this place: a 0 before other digits of the whole part."""
    return place == 0 and digit == 0 and len(digits) + exponent > 1


def _written(figure: Decimal) -> tuple[int, tuple[int, ...], int]:
    """Return sign, digits and exponent; the zeros around the point and before the first digit are written too."""
    sign, digits, exponent = figure.as_tuple()
    assert isinstance(exponent, int)
    return sign, (0,) * (1 - exponent - len(digits)) + digits, exponent
