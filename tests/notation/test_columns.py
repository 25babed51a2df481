from __future__ import annotations

from solver.notation import math as m
from solver.notation.columns import paddings


def column(*texts: str) -> list[m.Math]:
    return [m.Digits(text) for text in texts]


def test_decimal_points_stand_in_one_line() -> None:
    assert paddings(column("0.5", "-0.25", "2")) == ("0", "", ".00")
    assert paddings(column("1", "12")) == ("", "")


def test_what_is_no_plain_number_is_centred() -> None:
    assert paddings([m.Symbol("x"), m.Digits("1")]) is None
    assert paddings([m.Digits("1", -5), m.Digits("1")]) is None
    assert paddings(column("0.00001234", "12")) is None
    assert paddings([]) is None


def test_tones_do_not_matter() -> None:
    assert paddings([m.Toned(m.Digits("0.5"), "path-1"), m.Digits("0.25")]) == ("0", "")
