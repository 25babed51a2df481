"""A ledger among others shows what it shows alone: every key, every digit, in either regime, and the same = and ≈."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from solver.arithmetic import Digits
from solver.formula import Number, Ref, Sum
from solver.graph import build
from solver.graph.model import Given, Model
from solver.graph.node import Leaf
from solver.quantities import Key, Quantity
from solver.spec import load_problem, loads_problem
from solver.trace.cohort import Families, Member
from solver.trace.enclosures import Enclosures, enclosures_of
from solver.trace.ledger import Ledger, constants

PROBLEMS = Path(__file__).parents[2] / "problems"
QUICK = ("four-three-two", "max-gate", "weight-decay")
SLOW = sorted({path.stem for path in PROBLEMS.glob("*.toml")} - set(QUICK))


def varied(model: Model, count: int) -> list[Model]:
    """Return the problem with other given numbers, of one or two decimals; the first variant is the file's own."""
    random = np.random.default_rng(len(model.graph.nodes))
    nodes = model.graph.by_quantity
    found = [model]
    for _ in range(count - 1):
        given = dict(model.given)
        for quantity, own in model.given.items():
            leaf = nodes[quantity].operation
            assert isinstance(leaf, Leaf)
            if leaf.fixed:
                continue
            drawn = [
                Decimal(int(k)).scaleb(-int(p))
                for k, p in random.integers((-150, 1), (150, 3), (own.exact.size, 2))
            ]
            exact = np.empty(own.exact.size, dtype=object)
            exact[:] = drawn
            exact = exact.reshape(own.exact.shape)
            given[quantity] = Given(exact, exact.astype(np.float64))
        found.append(replace(model, given=given))
    return found


def keys_of(model: Model) -> list[Quantity]:
    """Return every element of the problem with its gradient, and what the update makes of it."""
    found: list[Quantity] = []
    for node in model.graph.nodes:
        samples = range(1, model.graph.samples + 1) if node.per_sample else [None]
        for sample in samples:
            for element in model.graph.elements(node.quantity, sample):
                found.append(element)
                if not (isinstance(node.operation, Leaf) and node.operation.fixed):
                    found.append(model.graph.gradient(element))
                if model.training is not None and node.quantity in model.graph.trainable:
                    found.append(element.updated())
    return found


def ledgers(member: Member, *, by_hand: bool, digits: Digits) -> tuple[Ledger, Ledger]:
    """Return (among the others, alone)."""
    both = [
        Ledger(member.model, digits, by_hand, constants=constants(member.model), member=among)
        for among in (member, None)
    ]
    return both[0], both[1]


def outcome(ledger: Ledger, key: Key) -> object:
    try:
        number = ledger.number(key)
    except ArithmeticError as error:
        return type(error)
    return number, number.text


def assert_same(name: str, count: int, per_variant: int) -> int:
    """Hold every number against what the variant shows alone; return how many were read from enclosures."""
    model = build(load_problem(PROBLEMS / f"{name}.toml"))
    if model.symbolic:
        return 0
    among = Families().members(varied(model, count))
    keys = keys_of(model)
    random = np.random.default_rng(0)
    read = 0
    for place, member in enumerate(among):
        chosen = [keys[k] for k in random.permutation(len(keys))[:per_variant]]
        for by_hand, digits in ((False, Digits(4)), (False, Digits(4, decimals=2)), (True, Digits(4))):
            if by_hand and place > 1:
                continue
            together, alone = ledgers(member, by_hand=by_hand, digits=digits)
            for key in chosen:
                shown = outcome(together, key)
                assert shown == outcome(alone, key), (key, place, digits)
                node = model.graph.node(key.value)
                if isinstance(shown, tuple) and key == key.value and not isinstance(node.operation, Leaf):
                    made = model.graph.made_by(key)
                    assert together.follows(made, shown[0]) == alone.follows(made, shown[0])
                    twice = Sum((made, Ref(key)))
                    assert together.evaluate(twice) == alone.evaluate(twice)
            read += sum(column is not None for column in together._columns.values())
    return read


@pytest.mark.parametrize("name", QUICK)
def test_a_variant_shows_the_same_among_others(name: str) -> None:
    assert assert_same(name, count=6, per_variant=12) > 0


def test_formulas_steps_and_graphs_are_kept_apart() -> None:
    """A ledger made of another one answers for its own formulas and its own graph, not from what the other has met."""
    model = build(load_problem(PROBLEMS / "iitm-three-layer.toml"))
    assert model.reference is not None
    key = model.graph.gradient(next(model.graph.elements(model.graph.parameters[0])))
    for member in Families().members(varied(model, 5))[:2]:
        both = ledgers(member, by_hand=False, digits=Digits(4))
        told = []
        for ledger in both:
            defined = ledger.defining({key: Number(Fraction(1, 3))})
            before = [ledger.number(key).text, defined.number(key).text]
            over = replace(ledger, graph=model.reference, definitions={}, _numbers={}, _exact={}, _solved={})
            again = defined.defining({key: Number(Fraction(2, 3))})
            told.append([*before, over.number(key).text, again.number(key).text, ledger.number(key).text])
        assert told[0] == told[1]
        assert told[0][1] == "0.3333"
        assert told[0][3] == "0.6667"


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_thirty_variants_show_the_same_among_others(name: str) -> None:
    assert_same(name, count=30, per_variant=10)


def test_one_variant_without_a_value_does_not_take_the_others_along() -> None:
    """log x₁ of a variant with x₁ = −1 has no value: that one is left to itself."""
    source = (
        'title = "log"\nkind = "expression"\n[expression]\noutput = "f"\n'
        'nodes = { f = "log(x) + x*y" }\ninputs = { x = 2, y = 0.5 }\n'
    )
    model = build(loads_problem(source))
    (x,) = (q for q in model.given if q.base == "x")

    def at(value: int) -> Model:
        exact = np.full_like(model.given[x].exact, Decimal(value))
        return replace(model, given={**model.given, x: Given(exact, exact.astype(np.float64))})

    cohort = Families().members([at(value) for value in (1, 2, 3, -1, 5, 6, 7, 8)])[0].cohort
    found = enclosures_of(cohort, None)
    assert isinstance(found, Enclosures)
    assert sorted(found.rows) == [0, 1, 2, 4, 5, 6, 7]
    for place, row in found.rows.items():
        root = model.graph.root.quantity
        shown = Ledger(cohort.models[place], Digits(4)).number(root)
        column = found.element(1, root, lambda step, key: step.values[key], lambda _: ())
        assert column.rounded(Digits(4))[row] == shown
