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
        magnitude = abs(mp.mpf(exact)) / mp.mpf(str(shown.unit))
        rounded = int(mp.floor(magnitude + mp.mpf("0.5") + mp.mpf(10) ** -40))
        # In decimals: 0.3 / 0.1 is 3 there, and not quite 3 in binary.
        units = int(shown.value.scaleb(-shown.unit.adjusted()))
        return bool(units == rounded * int(mp.sign(exact)))
