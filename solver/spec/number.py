"""Which numbers of a file can be computed with."""

from __future__ import annotations

from decimal import Decimal

from solver.spec.findings import MOST_DIGITS, Unusable, described

LARGEST = 1e300
"""Largest magnitude of a number; the next steps must not overflow at once."""

SMALLEST = 1e-300
"""Smallest magnitude of a number that is not zero; below it float64 loses digits, and then the number."""


def fault_of_number(value: object) -> tuple[str, str] | None:
    """Return (found, expected) where a value is no usable number, else None; truth values and text are no numbers."""
    if isinstance(value, Unusable):
        return described(value), f"at most {MOST_DIGITS} digits and a magnitude of at most 1e300"
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return described(value), "a number"
    if isinstance(value, Decimal) and not value.is_finite():
        if value.is_nan():
            return "nan", "a finite number"
        return "-infinity" if value < 0 else "infinity", "a finite number"
    size = value.copy_abs() if isinstance(value, Decimal) else abs(value)
    if size > LARGEST:
        return described(value), "a magnitude of at most 1e300"
    if size != 0 and size < SMALLEST:
        return described(value), "0 or a magnitude of at least 1e-300"
    return None
