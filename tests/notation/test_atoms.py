from __future__ import annotations

from typing import get_args

import pytest

from solver.notation import math as m
from solver.notation.atoms import Atom, Node, flat, resolved, space_between, wants_thin_space


def test_the_union_holds_every_class_of_the_tree() -> None:
    # By name: a dataclass with slots is a second class of the same name. No tree that is printed holds an unknown part.
    known = {kind.__name__ for kind in m.Math.__subclasses__()} - {m.Unknown.__name__}
    assert {kind.__name__ for kind in get_args(Node)} == known


def test_a_sign_at_the_start_is_a_prefix() -> None:
    minus: tuple[Atom, Atom] = ("binary", "binary")
    letter: tuple[Atom, Atom] = ("ordinary", "ordinary")
    assert resolved([minus, letter, minus, letter]) == [letter, letter, minus, letter]


@pytest.mark.parametrize("before", ["relation", "binary", "open", "punctuation"])
def test_a_sign_after_a_sign_is_a_prefix(before: Atom) -> None:
    letter: tuple[Atom, Atom] = ("ordinary", "ordinary")
    assert resolved([letter, (before, before), ("binary", "binary"), letter])[2] == letter


def test_spaces_follow_tex() -> None:
    assert space_between("ordinary", "relation", script=False) == pytest.approx(5 / 18)
    assert space_between("ordinary", "binary", script=False) == pytest.approx(4 / 18)
    assert space_between("ordinary", "operator", script=True) == pytest.approx(3 / 18)
    assert space_between("ordinary", "relation", script=True) == 0
    assert space_between("ordinary", "ordinary", script=False) == 0


X = m.Symbol("x")
HALF = m.Fraction(X, X)


@pytest.mark.parametrize(
    ("left", "right", "wanted"),
    [
        (HALF, HALF, True),
        (X, HALF, True),
        (HALF, X, True),
        (m.Toned(HALF, "path-1"), X, True),
        (HALF, m.Fenced(X), False),
        (X, X, False),
        (m.Symbol("softmax"), X, True),
        (m.Symbol("softmax"), m.Fenced(X), False),
        (m.Symbol("log"), X, False),  # TeX knows log, and spaces it itself
        (m.Operator("="), HALF, False),
        (m.Operator("∂"), HALF, False),
    ],
)
def test_thin_spaces_stand_between_factors(left: m.Math, right: m.Math, wanted: bool) -> None:
    assert wants_thin_space(left, right) is wanted


def test_rows_in_rows_are_opened() -> None:
    assert flat(m.Row((m.Row((X, X)), X))) == (X, X, X)
