"""Placeholders for numbers: what is written once is filled in many times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.notation import math as m
from solver.notation.slots import NoSlotError, SlottedText, unsigned_slot, whole_slot
from solver.notation.tex import tex
from solver.notation.width import width

numbers = st.lists(st.decimals(-100, 100, allow_nan=False, places=3).map(str), min_size=1, max_size=6)
words = st.text(st.characters(codec="ascii"), max_size=8)


@given(numbers, st.data())
def test_text_is_filled_where_the_placeholders_stand(shown: list[str], data: st.DataObject) -> None:
    texts = [text for number in shown for text in (number.removeprefix("-"), number)]
    template, expected = "", ""
    for place in data.draw(st.lists(st.integers(0, 2 * len(shown) - 1), max_size=8)):
        word = data.draw(words)
        template += word + (whole_slot if place % 2 else unsigned_slot)(place // 2)
        expected += word + texts[place]
    assert SlottedText.of(template + "end").filled(texts) == expected + "end"


@given(numbers)
def test_a_sum_is_written_with_placeholders_as_with_numbers(shown: list[str]) -> None:
    def row(slots: bool) -> m.Math:
        items: list[m.Math] = []
        for place, number in enumerate(shown):
            slot = ("-" if number.startswith("-") else "") + unsigned_slot(place) if slots else None
            items += [m.Operator("="), m.Digits(number, slot=slot)]
        return m.row(*items)

    texts = [text for number in shown for text in (number.removeprefix("-"), number)]
    assert SlottedText.of(tex(row(True))).filled(texts) == tex(row(False))
    assert width(row(True)) == width(row(False))


def test_an_exponent_stays_beside_a_placeholder() -> None:
    written = tex(m.Digits("-1.5", -7, slot="-" + unsigned_slot(0)))
    assert SlottedText.of(written).filled(("2.5", "-2.5")) == tex(m.Digits("-2.5", -7))


def test_there_are_only_so_many_placeholders() -> None:
    with pytest.raises(NoSlotError):
        unsigned_slot(40_000)
    with pytest.raises(NoSlotError):
        whole_slot(40_000)
