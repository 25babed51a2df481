from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.errors import InputError, render_failure
from solver.formula.ordering import names, order_nodes
from solver.formula.parser import parse


def order(nodes: dict[str, str], inputs: list[str]) -> list[str]:
    return order_nodes({name: parse(text) for name, text in nodes.items()}, inputs, "expression.nodes")


def test_names_are_listed_once_in_order_of_appearance() -> None:
    assert names(parse("y*x + exp(y) - 2")) == ("y", "x")


def test_the_written_order_stays_where_it_can() -> None:
    assert order({"b": "x + 1", "a": "x * 2", "c": "a + b"}, ["x"]) == ["b", "a", "c"]


def test_a_node_moves_behind_what_it_reads() -> None:
    assert order({"f": "q * z", "q": "x + y", "r": "q"}, ["x", "y", "z"]) == ["q", "f", "r"]


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        (
            {"q": "x + yy"},
            'expression.nodes.q: the name "yy" is not defined; expected "x" or "y"; did you mean "y"?',
        ),
        (
            {"f": "g", "g": "h * h", "h": "f + x", "k": "f"},
            (
                "expression.nodes.f: depends on itself; found f → g → h → f,"
                " expected nodes that read only inputs and each other without a circle"
            ),
        ),
        (
            {"k": "k + 1"},
            (
                "expression.nodes.k: depends on itself; found k → k,"
                " expected nodes that read only inputs and each other without a circle"
            ),
        ),
        ({"x": "y"}, 'expression.nodes.x: is an input already; found "x", expected a name of its own'),
    ],
)
def test_messages(nodes: dict[str, str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        order(nodes, ["x", "y"])
    assert render_failure(caught.value) == message


def test_all_faults_come_at_once() -> None:
    with pytest.raises(InputError) as caught:
        order({"a": "b", "b": "a", "c": "zz", "d": "d", "x": "1"}, ["x"])
    assert len(caught.value.faults) == 4


@given(st.permutations(range(12)), st.randoms(use_true_random=False))
def test_every_node_stands_behind_what_it_reads(places: list[int], draw: random.Random) -> None:
    # Node n<k> reads only nodes of a smaller number, so there is an order; they are written in any order.
    texts = {k: " + ".join(["x", *(f"n{j}" for j in range(k) if draw.random() < 0.3)]) for k in places}
    result = order({f"n{k}": texts[k] for k in places}, ["x"])
    assert sorted(result) == sorted(f"n{k}" for k in places)
    for place, name in enumerate(result):
        assert set(names(parse(texts[int(name[1:])]))) <= {"x", *result[:place]}
