"""The rounding contract, line by line: "=" reproduces from the shown digits, "≈" does not; by hand there is no "≈"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from solver.document import nodes as n
from solver.document.explain import explain
from solver.notation import math as m
from solver.spec import load_problem, loads_problem
from tests.document.calculator import lines, rounds_to, value
from tests.oracle import networks, to_toml

PROBLEMS = Path(__file__).parents[2] / "problems"
NUMERIC = ["padhai-multiple-paths", "four-three-two", "iitm-three-layer"]


def computed_lines(document: n.Document) -> list[tuple[n.EquationLine, m.Math, str, m.Digits]]:
    """Return (line, expression with numbers, relation, shown value) for every line that ends in a value."""
    found = []
    for line in lines(document.blocks):
        for before, after in zip(line.steps, line.steps[1:], strict=False):
            shown = after.body.body if isinstance(after.body, m.Boxed) else after.body
            if isinstance(shown, m.Digits) and value(before.body) is not None:
                found.append((line, before.body, after.relation, shown))
    return found


def broken(document: n.Document, significant: int = 4) -> list[n.EquationLine]:
    """Return the lines whose relation says something else than the calculator."""
    return [
        line
        for line, body, relation, shown in computed_lines(document)
        if (relation == "=") != rounds_to(shown, value(body), significant)
    ]


@pytest.mark.parametrize("name", NUMERIC)
def test_shipped_documents_keep_the_contract(name: str) -> None:
    document = explain(load_problem(PROBLEMS / f"{name}.toml"))
    assert computed_lines(document)
    assert broken(document) == []


@settings(max_examples=25)
@given(networks(depths=(1, 3), widths=(1, 3), samples=(1, 1)))
def test_random_documents_keep_the_contract(table: dict[str, Any]) -> None:
    assert broken(explain(loads_problem(to_toml(table)))) == []


@settings(max_examples=25)
@given(networks(depths=(1, 3), widths=(1, 3), samples=(1, 1)))
def test_by_hand_every_shown_line_reproduces(table: dict[str, Any]) -> None:
    document = explain(
        loads_problem(to_toml({**table, "numbers": {"rounding": "by-hand", "significant": 3}}))
    )
    told = computed_lines(document)
    assert [line for line, _, relation, _ in told if relation != "="] == []
    assert broken(document, significant=3) == []


def test_the_calculator_finds_a_wrong_digit() -> None:
    row = m.row(m.Fenced(m.Digits("-0.4593")), m.Operator("·"), m.Digits("0.1769"))
    assert rounds_to(m.Digits("-0.08125"), value(row))
    assert not rounds_to(m.Digits("-0.08124"), value(row))
    assert value(m.row(m.Symbol("w"), m.Digits("2"))) is None
