"""Variants: distinct, within their constraints, none changed by another, and an honest end where there are too few."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from solver.arithmetic import Digits, Float64, round_number
from solver.errors import InputError
from solver.graph import build
from solver.solution import solve_problem
from solver.spec import Problem, load_problem, loads_problem, new_problem_text
from solver.spec.hashing import key_number
from solver.spec.inventory import inventory_of
from solver.trace.solve import given_arrays, solve_steps
from solver.variants import Chooser, draw_variant, draw_variants
from solver.variants.batch import leaf_values
from solver.variants.judging import Judge, typed_digits
from solver.variants.printed import printed_keys
from tests.spec.test_draw import KINDS, without_variants
from tests.variants.study import SHIPPED, faults, given, study

SIGMOID = """
[network]
inputs = [2, 5, 3, 3]
targets = [1, 0]
learning_rate = 1
[[network.layer]]
weights = [[0.1, 0.3, 0.8, -0.4], [-0.3, -0.2, 0.5, 0.5], [-0.3, 0, 0.5, 0.4], [0.2, 0.5, -0.9, 0.7]]
activation = "sigmoid"
[[network.layer]]
weights = [[0.5, 0.8, 0.2, 0.4], [0.5, 0.2, 0.3, -0.5]]
activation = "softmax"
[work]
gradients = ["W1[3,1]", "W2"]
[variants]
seed = 2026
[variants.draw]
"W1" = { low = -0.5, high = 0.5, step = 0.1, exclude = [0] }
"W2" = { choices = [0.1, 0.2, 0.5] }
"t" = { one_hot = true }
[variants.require]
min_gradient = 0.001
max_activation = 0.98
"""

RELU = """
[network]
inputs = [[1, 2], [-1, 1]]
targets = [[1], [0]]
[[network.layer]]
weights = [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]
biases = [0, 0, 0]
activation = "relu"
[[network.layer]]
weights = [[1, 1, 1]]
[variants.draw]
"W1" = { low = -1, high = 1, step = 0.5 }
"W2" = { low = -1, high = 1, step = 0.5 }
[variants.require]
alive = true
"""

SMALL = """
kind = "expression"
[expression]
inputs = { x = 1, y = 2, z = 3 }
nodes = { q = "x + y", f = "q * z" }
output = "f"
[work]
gradients = ["x", "z"]
[variants.draw]
"x" = { low = 1, high = 4 }
"z" = { low = 1, high = 5 }
"""


def answers(problem: Problem, names: tuple[str, ...]) -> tuple[str, ...]:
    found = solve_problem(problem)["quantities"]
    digits = Digits(4)
    return tuple(
        str(round_number(Decimal(f"{value:.15g}"), digits))
        for name in names
        for value in np.ravel(found[name])
    )


def test_variants_differ_in_every_answer_and_keep_their_constraints() -> None:
    drawn = draw_variants(loads_problem(SIGMOID), range(1, 61))
    assert len({given(problem) for problem in drawn}) == 60
    printed = [answers(problem, ("dL/dW2",)) for problem in drawn]
    for column in zip(*printed, strict=True):
        assert len(set(column)) == 60
    for problem in drawn:
        found = solve_problem(problem)["quantities"]
        assert np.abs(found["dL/dW2"]).min() >= 0.001
        assert abs(found["dL/dW1"][2][0]) >= 0.001
        assert 0.02 <= min(found["h1"]) <= max(found["h1"] + found["h2"]) <= 0.98


def test_a_variant_is_the_same_alone_later_and_in_another_process(tmp_path: Path) -> None:
    problem = loads_problem(SIGMOID)
    drawn = draw_variants(problem, range(1, 21))
    assert given(draw_variant(loads_problem(SIGMOID), 17)) == given(drawn[16])
    assert [given(p) for p in draw_variants(loads_problem(SIGMOID), [20, 3])] == [
        given(drawn[19]),
        given(drawn[2]),
    ]
    file = tmp_path / "problem.toml"
    file.write_text(SIGMOID, encoding="utf-8")
    code = (
        "from solver.spec import load_problem; from solver.variants import draw_variant; import sys;"
        "print(draw_variant(load_problem(sys.argv[1]), 17).network.layers[0].weights.tolist())"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(drawn[16].network.layers[0].weights.tolist())


@pytest.mark.parametrize("number", [0, -1])
def test_variants_count_from_one(number: int) -> None:
    problem = load_problem(SHIPPED[0])
    draw_variants(problem, (1, 2, 3))
    with pytest.raises(InputError, match=f"no such variant; found {number}, expected a number from 1"):
        draw_variant(problem, number)


def test_students_depend_on_no_one() -> None:
    numbers = [10**6 + 1 + key_number("student", place, below=10**12) for place in range(40)]
    problem = loads_problem(SIGMOID)
    together = [given(p) for p in draw_variants(problem, numbers)]
    assert len(set(together)) == 40
    backwards = [given(p) for p in draw_variants(loads_problem(SIGMOID), numbers[::-1])]
    assert backwards[::-1] == together
    fresh = loads_problem(SIGMOID)
    draw_variants(fresh, range(1, 30))
    assert given(draw_variant(fresh, numbers[7])) == together[7]


def test_seeds_differ() -> None:
    problem = loads_problem(SIGMOID)
    assert given(draw_variant(problem, 1, seed=1)) != given(draw_variant(problem, 1, seed=2))
    assert given(draw_variant(problem, 1, seed=2026)) == given(draw_variant(problem, 1))


def test_no_relu_is_dead_on_every_sample() -> None:
    drawn = draw_variants(loads_problem(RELU), range(1, 31))
    for problem in drawn:
        before = np.array(solve_problem(problem)["quantities"]["a1"])
        assert (before > 0).any(axis=0).all()
    chooser = Chooser.of(loads_problem(RELU))
    chooser.upto(30)
    assert chooser.refused["alive"] > 0  # it is the constraint that keeps them out


def test_difficulty_is_alike() -> None:
    text = SIGMOID.replace("step = 0.1, exclude = [0]", "step = 0.05")
    chooser = Chooser.of(loads_problem(text))
    efforts = [choice.effort for choice in chooser.upto(60)]
    work, digits = zip(*efforts, strict=True)
    pilot = chooser.judge.judge([(0, attempt) for attempt in range(256)]).effort
    assert max(digits) - min(digits) <= 4 < np.ptp(pilot[:, 1]) / 2
    assert max(work) - min(work) <= 1 < np.ptp(pilot[:, 0])


def test_no_variant_sits_at_a_corner_that_others_keep_away_from() -> None:
    text = """
    kind = "expression"
    [expression]
    inputs = { x = 1, y = 2, z = 3 }
    nodes = { q = "max(x - 1, y)", f = "q * abs(z)" }
    output = "f"
    [variants.draw]
    "x" = { low = 3, high = 9 }
    "y" = { low = 2, high = 9 }
    "z" = { low = -0.5, high = 0.5, step = 0.1 }
    """
    for problem in draw_variants(loads_problem(text), range(1, 21)):
        inputs = problem.expression.inputs
        assert inputs["x"] - 1 != inputs["y"]
        assert inputs["z"] != 0


@pytest.mark.parametrize(
    ("number", "digits"), [("0.5", 1), ("-0.25", 2), ("10", 2), ("0", 1), ("1.05", 3), ("-7", 1)]
)
def test_typed_digits(number: str, digits: int) -> None:
    assert typed_digits(Decimal(number)) == digits
    if "." not in number:
        assert typed_digits(int(number)) == digits


def test_a_small_space_is_used_to_its_end() -> None:
    drawn = draw_variants(loads_problem(SMALL), range(1, 21))
    assert len({given(problem) for problem in drawn}) == 20


def test_too_few_variants_say_how_many_there_are() -> None:
    with pytest.raises(InputError) as caught:
        draw_variants(loads_problem(SMALL), range(1, 22))
    (fault,) = caught.value.faults
    assert fault.found == "20 variants"
    assert "21" in fault.expected


def test_too_few_variants_name_the_constraint_that_costs_most() -> None:
    text = SMALL + "[variants.require]\nmin_gradient = 4\n"  # df/dx = z, df/dz = x + 2: z from 4, x from 2
    assert len(draw_variants(loads_problem(text), range(1, 7))) == 6
    with pytest.raises(InputError) as caught:
        draw_variants(loads_problem(text), range(1, 8))
    (fault,) = caught.value.faults
    assert (fault.key, fault.found) == ("variants.require.min_gradient", "6 variants")
    assert "14 of 20 candidates" in fault.message


def test_the_same_answers_are_no_variant() -> None:
    text = SMALL.replace('gradients = ["x", "z"]', 'gradients = ["x"]')
    assert len(draw_variants(loads_problem(text), range(1, 6))) == 5
    with pytest.raises(InputError) as caught:
        draw_variants(loads_problem(text), range(1, 7))
    assert (caught.value.faults[0].key, caught.value.faults[0].found) == (
        "variants.require.distinct",
        "5 variants",
    )
    free = loads_problem(text + "[variants.require]\ndistinct = false\n")
    assert len(draw_variants(free, range(1, 50))) == 49


def test_a_large_space_without_a_good_candidate_ends_too() -> None:
    with pytest.raises(InputError) as caught:
        draw_variant(loads_problem(SIGMOID.replace("min_gradient = 0.001", "min_gradient = 10")), 1)
    (fault,) = caught.value.faults
    assert (fault.key, fault.found) == ("variants.require.min_gradient", "none")


def test_candidates_without_a_value_are_passed_over() -> None:
    text = """
    kind = "expression"
    [expression]
    inputs = { x = 1, y = 2 }
    nodes = { f = "log(x) / y" }
    output = "f"
    [work]
    gradients = ["x"]
    [variants.draw]
    "x" = { low = -3, high = 9 }
    "y" = { low = -3, high = 3 }
    """
    for problem in draw_variants(loads_problem(text), range(1, 9)):
        assert problem.expression.inputs["x"] > 0
        assert problem.expression.inputs["y"] != 0


def test_a_problem_that_draws_nothing_has_no_variants() -> None:
    with pytest.raises(InputError, match="draws nothing"):
        draw_variant(loads_problem(SIGMOID[: SIGMOID.index("[variants]")]), 1)


def test_by_hand_answers_are_compared_as_they_are_printed() -> None:
    text = SMALL.replace('"q * z"', '"q * z / 7"').replace("high = 4", "high = 30")
    text = text.replace("[work]", '[numbers]\nrounding = "by-hand"\nsignificant = 1\n[work]')
    with pytest.raises(InputError) as caught:
        draw_variants(loads_problem(text), range(1, 151))
    found = int(caught.value.faults[0].found.split()[0])
    printed = {
        tuple(solve_problem(problem)["by_hand"][name] for name in ("df/dx", "df/dz"))
        for problem in draw_variants(loads_problem(text), range(1, found + 1))
    }
    assert len(printed) == found < 150


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_is_its_variants_one_by_one(kind: str) -> None:
    text = without_variants(new_problem_text(kind))
    names = [name for name in inventory_of(loads_problem(text)).given if name != "t"]
    draws = "\n".join(f'"{name}" = {{ low = -0.9, high = 0.9, step = 0.1, exclude = [0] }}' for name in names)
    problem = loads_problem(f"{text}\n[variants.draw]\n{draws}\n")
    chooser = Chooser.of(problem)
    choices = chooser.upto(5)
    judge = Judge(problem, chooser.judge.model, chooser.source)
    places = {name: np.array([choice.places[name] for choice in choices]) for name in names}
    leaves = leaf_values(judge.model, judge.source, places, len(choices))
    for row, choice in enumerate(choices):
        alone = given_arrays(build(chooser.drawn(choice)), Float64())
        assert set(alone) == set(leaves)
        for quantity, array in alone.items():
            assert np.array_equal(array[0], leaves[quantity][row]), quantity


@pytest.mark.parametrize("digits", [Digits(4), Digits(2), Digits(decimals=3)])
def test_keys_are_equal_where_the_digits_are(digits: Digits) -> None:
    values = np.array(
        [0.1, 0.10004, 0.10006, 9.9996, 10.0, -0.1, 0.0, 1e-9, 1.0001e-9, 123456.0, 0.0004, 0.0004999]
    )
    keys = printed_keys(values, digits).tolist()
    texts = [str(round_number(Decimal(repr(float(value))), digits).fraction) for value in values]
    for one, key in zip(texts, keys, strict=True):
        assert [other == one for other in texts] == [other == key for other in keys]


@pytest.mark.parametrize("name", ["padhai-multiple-paths", "two-gates", "elman-two-steps"])
def test_variants_of_shipped_problems(name: str) -> None:
    found = study(next(path for path in SHIPPED if path.stem == name), 40)
    assert found.good, found
    assert found.repeated == 0 or name == "two-gates", found  # df/dx = df/dy = z: 36 numbers for 40 variants


@pytest.mark.slow
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_variants_of_every_shipped_problem(path: Path) -> None:
    """A thousand of each: `python -m tests.variants.study`."""
    found = study(path, 150)
    assert found.good, found


@pytest.mark.parametrize("constraint", ["min_gradient = 0.05", "max_activation = 0.6"])
def test_the_study_sees_a_constraint_that_does_not_hold(constraint: str, tmp_path: Path) -> None:
    path = next(path for path in SHIPPED if path.stem == "padhai-multiple-paths")
    problem = load_problem(path)
    model = build(problem)
    name, value = constraint.split(" = ")
    assert problem.variants is not None
    require = problem.variants.require.model_copy(update={name: Decimal(value)})
    stricter = problem.model_copy(
        update={"variants": problem.variants.model_copy(update={"require": require})}
    )
    assert faults(stricter, model, solve_steps(model, Float64())[0], [0.001])
    assert not faults(problem, model, solve_steps(model, Float64())[0], [0.5])
