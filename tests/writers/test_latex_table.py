from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from solver.document import nodes as n
from solver.notation import math as m
from solver.writers.latex_table import Column, latex_table, phrase_width
from tests.writers.documents import words


def table(*columns: str) -> n.Table:
    return n.Table(
        tuple(words(f"h{i}") for i in range(len(columns))),
        (tuple(words(c) for c in columns),),
        "l" * len(columns),
    )


def test_a_narrow_table_keeps_its_columns() -> None:
    assert latex_table(table("a", "b"), 40).columns == (Column("l"), Column("l"))


def test_the_widest_column_gives_way_first() -> None:
    short, long = latex_table(table("a few", "many words " * 20), 40).columns
    assert short.width is None
    assert long.width is not None
    assert long.spec == rf">{{\raggedright\arraybackslash}}p{{{long.width:.2f}em}}"


@given(
    st.lists(st.text("abc def", min_size=1, max_size=90), min_size=1, max_size=6),
    st.sampled_from([30.0, 42.6]),
)
def test_no_table_is_wider_than_the_line(texts: list[str], line: float) -> None:
    columns = latex_table(table(*texts), line).columns
    across = sum(
        column.width if column.width is not None else phrase_width(words(text))
        for text, column in zip(texts, columns, strict=True)
    )
    assert across + 1.1 * (len(columns) - 1) <= line + 1e-6


def test_what_is_tall_keeps_clear_of_the_rules_in_the_header_as_well() -> None:
    layer = m.Fenced(m.Digits("1"))
    weight = (n.InlineMath(m.Script(m.Symbol("w"), m.Digits("1"), layer)),)
    state = (n.InlineMath(m.Script(m.Symbol("m"), m.Script(m.Symbol("w"), m.Digits("1"), layer))),)
    plain = words("plain")
    text = latex_table(n.Table((weight, state), ((weight, plain), (plain, plain)), "lr"), 40)
    struts = [row.partition(r"\rule")[2] for row in (text.header, *text.rows)]
    assert struts == ["[-0.86em]{0pt}{2.03em}", "[-0.42em]{0pt}{1.58em}", ""]
