"""Points shared out: in steps that a teacher writes by hand, and to the last point."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal

UNITS = tuple(map(Decimal, ("1", "0.5", "0.25", "0.1", "0.05", "0.01", "0.001")))
"""What points are counted in: the coarsest of these of which everybody gets at least one."""


def shared_out(points: Decimal | int, weights: Sequence[int]) -> list[Decimal]:
    """Return points for each weight, as near to proportional as the unit allows; their sum is exact.

    The largest remainders get what rounding down leaves over, the first of equal ones first.

    Args:
        points: 0 or more.
        weights: Positive.
    """
    total = Decimal(points)
    if not weights:
        return []
    if total == 0:
        return [Decimal(0)] * len(weights)
    whole = sum(weights)
    unit = next((unit for unit in UNITS if total % unit == 0 and total * min(weights) >= unit * whole), None)
    if unit is None:
        exact = [total * weight / whole for weight in weights]
        return [*exact[:-1], total - sum(exact[:-1])]
    count = int(total / unit)
    shares = [count * weight // whole for weight in weights]
    rest = sorted(range(len(weights)), key=lambda place: (-(count * weights[place] % whole), place))
    for place in rest[: count - sum(shares)]:
        shares[place] += 1
    return [unit * share for share in shares]


def added(points: Iterable[float]) -> float:
    """Return a sum of points as a teacher adds them: tenths add up to whole points."""
    return round(math.fsum(points), 9)


def points_text(points: Decimal | int) -> str:
    """Return points as they are printed: "2", "2.5"."""
    return f"{Decimal(points).normalize():f}"


def points_number(points: Decimal | int) -> int | float:
    """Return points as JSON carries them: whole ones as whole numbers."""
    return int(points) if points == int(points) else float(points)
