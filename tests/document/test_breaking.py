from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.document.breaking import TIGHT_GAP, Cell, Layout, lay_out
from solver.document.nodes import Equation, EquationLine, Step
from solver.notation import math as m
from solver.notation.walk import walk
from solver.notation.width import COLUMN_GAP, measure
from tests.notation.trees import TONES, digits, leaves, trees

X, Y, L = m.Symbol("x"), m.Symbol("y"), m.Symbol("L")
EM = {"normal": 1.0, "small": 0.94, "footnote": 0.885, "script": 0.845}


def chain(count: int, sign: str = "+") -> m.Math:
    """x₁ + x₂ + …"""
    terms = [m.Script(X, m.Digits(str(i))) for i in range(1, count + 1)]
    return m.row(*[part for term in terms for part in (m.Operator(sign), term)][1:])


def line(left: m.Math | None, *steps: m.Math, tag: str | None = None) -> EquationLine:
    return EquationLine(left, tuple(Step("=", step) for step in steps), tag)


def single(*lines: EquationLine, small: bool = False) -> Equation:
    return Equation(tuple((one,) for one in lines), small)


def matrix(columns: int, height: int = 2) -> m.Math:
    return m.Matrix(tuple(tuple(m.Digits("-0.1234") for _ in range(columns)) for _ in range(height)))


def cells(layout: Layout) -> Iterator[Cell]:
    return (cell for row in layout.rows for cell in row.cells)


def extent(layout: Layout, cell: Cell) -> float:
    """Width of what stands right of the alignment point, in em of the text."""
    em = EM[layout.size]
    gap = (TIGHT_GAP if layout.tight else COLUMN_GAP) / em
    return cell.indent + cell.scale * em * measure(cell.right, column_gap=gap).width


def room_taken(layout: Layout) -> float:
    """Width of the whole block, as an alignment of several rows takes it."""
    em = EM[layout.size]
    across = 0.0
    for i in range(layout.columns):
        column = [row.cells[i] for row in layout.rows if i < len(row.cells)]
        across += max(
            (em * measure(cell.left).width for cell in column if cell.left is not None), default=0.0
        )
        across += max(extent(layout, cell) for cell in column)
    return across


def test_a_line_that_fits_stays_on_one_row() -> None:
    layout = lay_out(single(line(L, chain(4), m.Digits("0.5"))), 40)
    assert [row.tag for row in layout.rows] == [None]
    (cell,) = cells(layout)
    assert cell.left == L
    assert cell.right == m.row(m.Operator("="), chain(4), m.Operator("="), m.Digits("0.5"))
    assert (cell.indent, cell.scale) == (0.0, 1.0)


def test_a_long_line_is_broken_before_relations() -> None:
    layout = lay_out(single(line(L, chain(9), chain(9), m.Digits("0.5"), tag="1")), 28)
    assert [cell.left for cell in cells(layout)] == [L, None]
    assert [cell.right.items[0] for cell in cells(layout) if isinstance(cell.right, m.Row)] == [
        m.Operator("=")
    ] * 2
    assert [row.tag for row in layout.rows] == [None, "1"]
    assert [cell.indent for cell in cells(layout)] == [0.0, 0.0]


def test_a_long_step_is_broken_before_a_sign_and_continued_further_in() -> None:
    layout = lay_out(single(line(L, chain(30))), 24)
    first, *others = cells(layout)
    assert len(others) >= 2
    assert first.indent == 0
    for cell in others:
        assert cell.indent > 0
        assert isinstance(cell.right, m.Row)
        # An empty word before the sign keeps it an infix one.
        assert cell.right.items[:2] == (m.Words(""), m.Operator("+"))


def test_a_long_step_is_broken_inside_its_brackets_when_there_is_no_other_place() -> None:
    layout = lay_out(single(line(L, m.row(m.Symbol("σ"), m.Fenced(chain(30))))), 24)
    fences = [part for cell in cells(layout) for part in walk(cell.right) if isinstance(part, m.Fenced)]
    assert [(fence.left, fence.right) for fence in fences] == [("(", ""), ("", ")")]


def test_tones_and_braces_go_on_over_a_break() -> None:
    body = m.Toned(m.Underbrace(chain(30), m.Words("path 1")), "path-1")
    found = [cell.right for cell in cells(lay_out(single(line(L, body)), 24))]
    assert len(found) >= 2
    assert all(any(isinstance(part, m.Toned) for part in walk(right)) for right in found)


def test_a_fraction_wider_than_the_page_becomes_a_line_with_a_slash() -> None:
    parts = [
        part
        for cell in cells(lay_out(single(line(L, m.Fraction(chain(30), Y))), 24))
        for part in walk(cell.right)
    ]
    assert m.Operator("/") in parts
    assert not any(isinstance(part, m.Fraction) for part in parts)


@pytest.mark.parametrize(("names", "columns"), [(10, 5), (12, 6), (13, 7)])
def test_a_name_is_not_cut_for_what_stands_beside_it(names: int, columns: int) -> None:
    net = m.Symbol("net")
    total = m.Underbrace(m.row(*[net, m.Operator("+")] * (names - 1), net), m.Words("path 1"))
    found = cells(lay_out(single(line(None, m.row(total, m.Fenced(matrix(columns))))), 24))
    assert [part for cell in found for part in walk(cell.right) if isinstance(part, m.Symbol)] == [
        net
    ] * names


def test_a_name_that_no_row_can_hold_is_cut() -> None:
    name = "learning" * 12
    found = list(cells(lay_out(single(line(L, m.row(m.Symbol("σ"), m.Symbol(name)))), 24)))
    assert len(found) > 1
    assert all(cell.scale == 1 for cell in found)
    words = [part.text for cell in found for part in walk(cell.right) if isinstance(part, m.Words)]
    assert "".join(words) == name


def test_lines_side_by_side_stay_so_while_they_fit() -> None:
    both = Equation(((line(L, chain(3)), line(X, chain(3))), (line(L, chain(2)),)))
    assert lay_out(both, 40).columns == 2
    below = lay_out(both, 14)
    assert below.columns == 1
    # Column by column, as a reader follows one path and then the other.
    assert [cell.left for cell in cells(below)] == [L, L, X]


def test_numbered_lines_keep_their_order_when_they_no_longer_fit_side_by_side() -> None:
    both = Equation(((line(L, chain(5), tag="1"), line(X, chain(5))), (line(Y, chain(5), tag="2"),)))
    assert [cell.left for cell in cells(lay_out(both, 17))] == [L, X, Y]


def test_a_long_left_side_does_not_push_the_others_away() -> None:
    layout = lay_out(single(line(chain(12), X), line(L, Y)), 30)
    assert [cell.left for cell in cells(layout)] == [None, None, L]
    assert next(cells(layout)).right == chain(12)


@pytest.mark.parametrize(
    ("columns", "size", "tight"),
    [(8, "normal", False), (9, "normal", True), (10, "small", True), (11, "script", True)],
)
def test_a_wide_matrix_moves_together_and_shrinks(columns: int, size: str, tight: bool) -> None:
    layout = lay_out(single(line(L, matrix(columns))), 42)
    assert (layout.size, layout.tight) == (size, tight)
    assert all(cell.scale == 1 for cell in cells(layout))


def test_at_the_very_last_a_matrix_is_scaled() -> None:
    layout = lay_out(single(line(L, matrix(30))), 42)
    assert [cell.scale < 1 for cell in cells(layout)] == [True]
    assert room_taken(layout) <= 42


def test_what_is_taller_than_a_page_is_scaled() -> None:
    (cell,) = cells(lay_out(single(line(L, matrix(2, 80))), 42, 50))
    assert cell.scale * measure(cell.right).total <= 50 + 1e-9


def test_an_equation_without_lines_is_empty() -> None:
    assert lay_out(Equation(()), 40).rows == ()


def long_bodies() -> st.SearchStrategy[m.Math]:
    chains = st.lists(st.one_of(leaves(), trees(5)), min_size=3, max_size=25).map(
        lambda parts: m.row(*[piece for part in parts for piece in (m.Operator("+"), part)][1:])
    )
    wrapped = st.one_of(
        chains.map(m.Fenced),
        st.builds(m.Toned, chains, TONES),
        chains.map(lambda body: m.row(m.Symbol("σ"), m.Fenced(body))),
        st.builds(m.Fraction, chains, digits()),
        st.integers(1, 20).map(matrix),
    )
    return st.one_of(trees(8), chains, wrapped)


def equations() -> st.SearchStrategy[Equation]:
    lines = st.builds(
        EquationLine,
        st.one_of(st.none(), leaves(), trees(6)),
        st.lists(st.builds(Step, st.sampled_from("=≈←"), long_bodies()), min_size=1, max_size=3).map(tuple),
        st.sampled_from([None, None, "3", "chain rule"]),
    )
    side_by_side = st.lists(lines, min_size=1, max_size=2).map(tuple)
    return st.builds(Equation, st.lists(side_by_side, min_size=1, max_size=3).map(tuple), st.booleans())


@settings(max_examples=60)
@given(equations(), st.sampled_from([24.0, 34.0, 42.6]))
def test_nothing_is_wider_than_its_room(equation: Equation, width: float) -> None:
    layout = lay_out(equation, width)
    assert room_taken(layout) <= width
    assert all(len(row.cells) == 1 for row in layout.rows) or not layout.tight


@settings(max_examples=60)
@given(equations(), st.sampled_from([24.0, 42.6]))
def test_no_number_and_no_letter_is_lost(equation: Equation, width: float) -> None:
    def content(formulas: Iterator[m.Math | None]) -> list[str]:
        known = [part for formula in formulas if formula is not None for part in walk(formula)]
        return sorted(repr(part) for part in known if isinstance(part, (m.Digits, m.Symbol, m.Matrix)))

    before = content(
        part
        for row in equation.rows
        for one in row
        for part in (one.left, *(step.body for step in one.steps))
    )
    after = content(part for cell in cells(lay_out(equation, width)) for part in (cell.left, cell.right))
    assert after == before
