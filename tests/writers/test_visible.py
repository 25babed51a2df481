from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from solver.writers.visible import visible


def test_overrides_are_shown_and_writing_stays() -> None:
    assert visible("שלום") == "שלום"
    assert visible("a\u202eb") == "a[U+202E]b"
    assert visible("a\x00b") == "a[U+0000]b"
    assert visible("a\r\nb\tc") == "a b c"
    assert visible("\ue000") == "[U+E000]"


@given(st.text())
def test_nothing_hidden_remains(text: str) -> None:
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") for char in visible(text))


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"], exclude_characters="\u00a0")))
def test_plain_text_is_untouched(text: str) -> None:
    assert visible(text) == text
