"""Numbers that are put in later: what is written once is filled in many times, as if it had been written each time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from solver import formula as f
from solver.notation import math as m
from solver.notation.cases import Decided, Length, TooEarlyError
from solver.notation.columns import paddings
from solver.notation.formulas import Typesetter
from solver.notation.slots import NoSlotError, Role, Slot, SlottedText, slot_of, texts_of, widths_of
from solver.notation.tex import tex
from solver.notation.width import measure
from solver.quantities import Key, Quantity

numbers = st.lists(st.decimals(-100, 100, allow_nan=False, places=3).map(str), min_size=1, max_size=6)
words = st.text(st.characters(codec="ascii"), max_size=8)


def texts(shown: Sequence[str]) -> list[str]:
    return list(
        chain.from_iterable(texts_of(text.removeprefix("-"), negative=text.startswith("-")) for text in shown)
    )


def widths(shown: Sequence[str]) -> list[float]:
    return list(
        chain.from_iterable(
            widths_of(len(text.removeprefix("-")), pointed="." in text, negative=text.startswith("-"))
            for text in shown
        )
    )


@given(numbers, st.data())
def test_text_is_filled_where_the_placeholders_stand(shown: list[str], data: st.DataObject) -> None:
    template, expected = "", ""
    for place in data.draw(st.lists(st.integers(0, len(Role) * len(shown) - 1), max_size=8)):
        word = data.draw(words)
        number, role = divmod(place, len(Role))
        template += word + Slot(number, Role(role)).placeholder
        expected += word + texts(shown)[place]
    assert SlottedText(template + "end").filled(texts(shown)) == expected + "end"


def test_a_placeholder_tells_its_slot() -> None:
    for role in Role:
        assert slot_of(Slot(7, role).placeholder) == Slot(7, role)
    assert slot_of("x") is None
    assert slot_of("") is None


# --- formulas --------------------------------------------------------------------------------------------

X = Quantity("x")
leaves = st.builds(lambda k: f.Ref(X.at(k)), st.integers(1, 4)) | st.builds(
    lambda k: f.Number(f.formula(k).value),  # type: ignore[attr-defined]
    st.integers(-2, 3),
)


def _larger(parts: st.SearchStrategy[f.Formula]) -> st.SearchStrategy[f.Formula]:
    several = st.lists(parts, min_size=2, max_size=4).map(tuple)
    return (
        several.map(f.Sum)
        | several.map(f.Product)
        | parts.map(f.Negative)
        | st.builds(f.Quotient, parts, parts)
        | st.builds(f.Power, parts, st.just(f.Number(f.formula(2).value)))  # type: ignore[attr-defined]
        | st.sampled_from(["exp", "σ", "log", "sqrt"]).flatmap(
            lambda name: parts.map(lambda p: f.Call(name, (p,)))
        )
    )


formulas = st.recursive(leaves, _larger, max_leaves=8)
shown_numbers = st.lists(
    st.sampled_from(["0.3", "-0.3", "2", "-2", "0.1234", "-0.01234", "0", "-12.5"]), min_size=4, max_size=4
)


@given(formulas, shown_numbers, shown_numbers)
def test_a_formula_is_written_with_open_numbers_as_with_these_numbers(
    formula: f.Formula, first: list[str], second: list[str]
) -> None:
    def with_numbers(shown: list[str]) -> m.Math:
        def show(key: Key) -> m.Math:
            assert isinstance(key, Quantity)
            return m.Digits(shown[key.position[0] - 1])

        return Typesetter(show)(formula)

    def with_slots(key: Key) -> m.Math:
        assert isinstance(key, Quantity)
        return m.Digits("0.0", slot=Slot(key.position[0] - 1))

    def written() -> tuple[SlottedText, float]:
        math = Typesetter(with_slots)(formula)
        return SlottedText(tex(math)), measure(math).width

    decided = Decided(written)
    for shown in (first, second, first):
        plain = with_numbers(shown)
        try:
            text, width = decided.at(widths(shown))
        except TooEarlyError:
            assume(False)
        assert text.filled(texts(shown)) == tex(plain)
        wide = width.at(widths(shown)) if isinstance(width, Length) else width
        assert wide == pytest.approx(measure(plain).width)


@given(st.lists(st.sampled_from(["0.3", "-0.31", "2", "-0.1234", "12"]), min_size=1, max_size=4))
def test_a_column_of_open_numbers_lines_up_as_these_numbers_do(shown: list[str]) -> None:
    plain = m.Matrix(tuple((m.Digits(text),) for text in shown))
    pads = paddings([row[0] for row in plain.rows])
    assert pads is not None
    open_ = m.Matrix(tuple((m.Digits("0.0", slot=Slot(k, Role.PADDED, True, 0)),) for k in range(len(shown))))
    cells = [text + (rf"\phantom{{{pad}}}" if pad else "") for text, pad in zip(shown, pads, strict=True)]
    filled = [cell for cell in cells for _ in Role]
    assert SlottedText(tex(open_)).filled(filled) == tex(plain)


def test_an_exponent_stays_beside_a_placeholder() -> None:
    number = Decided(lambda: tex(m.Digits("0.0", -7, slot=Slot(0)).settled))
    assert SlottedText(number.at(widths(["-2.5"]))).filled(texts(["-2.5"])) == tex(m.Digits("-2.5", -7))


def test_there_are_only_so_many_placeholders() -> None:
    with pytest.raises(NoSlotError):
        Slot(40_000)
