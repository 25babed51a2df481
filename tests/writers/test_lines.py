from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from solver.writers.lines import wrapped
from solver.writers.markdown_lines import indented, lines_of, started

WORDS = st.lists(st.text("abcxyz\\{}0", min_size=1, max_size=30), max_size=60).map(" ".join)


@given(WORDS)
def test_wrapping_changes_nothing_but_spaces(text: str) -> None:
    assert wrapped(text).split() == text.split()
    assert lines_of(text).split() == text.split()
    assert all(
        len(row) <= 110 or " " not in row.strip() for row in wrapped(text).split("\n") if "\\ " not in row
    )


def test_a_comment_keeps_its_line() -> None:
    line = "word " * 40 + "% and a comment"
    assert wrapped(line) == line


def test_no_line_of_markdown_begins_with_a_marker() -> None:
    text = " ".join(["word", "-", "1.", "+", "=", "12)"] * 60)
    assert all(row.startswith("word") for row in lines_of(text).split("\n"))


def test_a_paragraph_that_begins_with_a_marker_is_escaped() -> None:
    assert started("- x") == r"\- x"
    assert started("1. x") == r"1\. x"
    assert started("1.5 x") == "1.5 x"
    assert started("===") == r"\==="


def test_indented_lines() -> None:
    assert indented("a\n\nb", "1. ", "   ") == "1. a\n\n   b"
