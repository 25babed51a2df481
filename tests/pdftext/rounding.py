"""Whether a shown number is the correctly rounded form of an exact one."""

from __future__ import annotations

from typing import Any

from mpmath import mp

from tests.pdftext.numbers import Number

# Digits to compare with; a judge's value is right to 50.
_DIGITS = 60


def is_rounding_of(shown: Number, exact: Any) -> bool:
    """Tell whether rounding `exact` at the last shown digit, ties away from zero, gives `shown`.

    A value within 10⁻⁴⁰ of a tie is taken for one: judges know 50 digits, not all of them.

    Args:
        shown: A number of a page.
        exact: Its value, as an mpf (or anything that mpmath takes).
    """
    with mp.workdps(_DIGITS):
        value, unit = mp.mpf(str(shown.value)), mp.mpf(str(shown.unit))
        magnitude = abs(mp.mpf(exact)) / unit
        rounded = mp.floor(magnitude + mp.mpf("0.5") + mp.mpf(10) ** -40)
        return bool(abs(value) / unit == rounded and (rounded == 0 or mp.sign(value) == mp.sign(exact)))
