"""Draws: decimals on their grid, the same for good, and none of them changed by what else is drawn."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from solver.spec import load_problem, loads_problem, new_problem_text
from solver.spec.draw import drawn_quantities, numbers_of, redrawn, source_of
from solver.spec.inventory import inventory_of
from solver.spec.variants import ChoiceDraw, RangeDraw

NETWORK = """
[network]
inputs = [1, 2]
targets = [1, 0, 0]
learning_rate = 0.5
[[network.layer]]
weights = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]
bias = 0.1
activation = "softmax"
[variants]
seed = 7
[variants.draw]
"""
KINDS = ("network", "expression", "recurrent", "convolution", "attention")


def source(text: str, name: str = "problem.toml"):  # noqa: ANN201
    return source_of(loads_problem(NETWORK + text, name))


def test_a_range_is_typed_decimals() -> None:
    draw = RangeDraw(low=Decimal("-0.5"), high=Decimal("0.5"), step=Decimal("0.25"), exclude=(0,))
    assert list(map(str, numbers_of(draw))) == ["-0.5", "-0.25", "0.25", "0.5"]


def test_a_range_without_a_step_takes_the_last_digit_typed() -> None:
    draw = RangeDraw(low=Decimal("0.08"), high=Decimal("0.1"), step=None)
    assert list(map(str, numbers_of(draw))) == ["0.08", "0.09", "0.1"]


def test_whole_numbers_are_typed_whole_and_choices_count_once() -> None:
    draw = ChoiceDraw(choices=(Decimal("2.0"), Decimal("0.50"), Decimal("0.5"), 100))
    assert list(map(str, numbers_of(draw))) == ["2", "0.5", "100"]


def test_draws_are_the_same_for_good() -> None:
    # These places were drawn once. If this test fails, every exam that was ever printed has changed.
    places = source('"W1" = { low = -0.5, high = 0.5, step = 0.1 }\n"t" = { one_hot = true }').draw(
        [(1, 0), (2, 3)]
    )
    assert places["W1"].tolist() == [[10, 9, 9, 5, 9, 1], [7, 9, 10, 9, 8, 3]]
    assert places["t"].tolist() == [[2], [1]]


def test_a_draw_depends_on_no_other_draw() -> None:
    one = source('"W1" = { low = -0.5, high = 0.5, step = 0.1 }').draw([(1, 0), (5, 2)])
    both = source('"x" = { choices = [1, 2] }\n"W1" = { low = -0.5, high = 0.5, step = 0.1 }').draw(
        [(5, 2), (1, 0)]
    )
    assert np.array_equal(one["W1"], both["W1"][::-1])


@pytest.mark.parametrize("change", ["seed", "problem", "variant", "attempt", "quantity"])
def test_each_part_of_the_key_counts(change: str) -> None:
    text = '"W1" = { low = -9, high = 9 }\n"x" = { low = -9, high = 9 }'
    base = source(text)
    other = {
        "seed": lambda: source_of(loads_problem(NETWORK + text), 8).draw([(1, 0)])["W1"],
        "problem": lambda: source(text, "other.toml").draw([(1, 0)])["W1"],
        "variant": lambda: base.draw([(2, 0)])["W1"],
        "attempt": lambda: base.draw([(1, 1)])["W1"],
        "quantity": lambda: np.tile(base.draw([(1, 0)])["x"], 3),
    }[change]()
    assert not np.array_equal(base.draw([(1, 0)])["W1"], other)


def test_the_folder_and_the_rest_of_the_file_do_not_count() -> None:
    text = '"W1" = { low = -9, high = 9 }'
    here = source(text, "a/problem.toml").draw([(1, 0)])["W1"]
    there = source_of(loads_problem('title = "x"\n' + NETWORK + text, "b/problem.toml")).draw([(1, 0)])["W1"]
    assert np.array_equal(here, there)


def test_every_number_is_about_as_likely() -> None:
    drawn = source('"W1" = { low = 0, high = 6 }').draw([(number, 0) for number in range(1, 5001)])["W1"]
    counts = np.bincount(drawn.ravel(), minlength=7)
    expected = drawn.size / 7
    assert (
        (counts - expected) ** 2 / expected
    ).sum() < 22.5  # chi-squared with 6 degrees of freedom, p = 0.001


def test_redrawn_numbers_stand_where_they_belong() -> None:
    text = (
        '"W1[2,1]" = { choices = [0.7] }\n"b1" = { choices = [0.9] }\n"learning_rate" = { choices = [0.25] }'
    )
    problem = loads_problem(NETWORK + text)
    where = source_of(problem)
    places = {name: tuple(map(int, row[0])) for name, row in where.draw([(1, 0)]).items()}
    network = redrawn(problem, where, places).network
    assert network.layers[0].weights.tolist() == [
        [Decimal("0.1"), Decimal("0.2")], [Decimal("0.7"), Decimal("0.4")], [Decimal("0.5"), Decimal("0.6")]
    ]  # fmt: skip
    assert (network.layers[0].bias, network.learning_rate) == (Decimal("0.9"), Decimal("0.25"))
    assert problem.network.layers[0].bias == Decimal("0.1")


def test_a_rate_goes_into_an_optimizer() -> None:
    text = NETWORK.replace("learning_rate = 0.5", 'optimizer = { name = "adam", learning_rate = 0.5 }')
    problem = loads_problem(text + '"learning_rate" = { choices = [0.25] }')
    drawn = redrawn(problem, source_of(problem), {"learning_rate": (0,)})
    assert drawn.network.optimizer.learning_rate == Decimal("0.25")


def test_one_hot_targets_have_one_one_a_row() -> None:
    problem = loads_problem(NETWORK + '"t" = { one_hot = true }')
    where = source_of(problem)
    seen = set()
    for number in range(1, 30):
        places = {name: tuple(map(int, row[0])) for name, row in where.draw([(number, 0)]).items()}
        targets = tuple(redrawn(problem, where, places).network.targets.tolist())
        assert sorted(targets) == [0, 0, 1]
        seen.add(targets)
    assert len(seen) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_every_given_number_of_every_kind_can_be_drawn(kind: str, tmp_path) -> None:  # noqa: ANN001
    text = new_problem_text(kind)
    plain = loads_problem(text)
    names = list(inventory_of(plain).given)
    file = tmp_path / "problem.toml"
    draws = "\n".join(f'"{name}" = {{ choices = [0.625] }}' for name in names)
    file.write_text(f"{without_variants(text)}\n[variants.draw]\n{draws}\n", encoding="utf-8")
    problem = load_problem(file)
    assert [drawn.name for drawn in drawn_quantities(problem)] == names
    where = source_of(problem)
    places = {name: tuple(map(int, row[0])) for name, row in where.draw([(1, 0)]).items()}
    for name, value in inventory_of(redrawn(problem, where, places)).given.items():
        numbers = np.asarray(getattr(value, "exact", value), dtype=object).ravel()
        assert set(numbers) == {Decimal("0.625")}, name


def without_variants(text: str) -> str:
    """Return an example file without its own draws."""
    kept, skipping = [], False
    for line in text.splitlines():
        if line.startswith("["):
            skipping = line.startswith("[variants")
        if not skipping:
            kept.append(line)
    return "\n".join(kept)
