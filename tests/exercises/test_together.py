"""Answers and slips of many variants, computed together, are those of each variant alone."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from solver.arithmetic import Digits, DomainError, Float64
from solver.document.asking import gradients_asked
from solver.document.explain import telling_of
from solver.document.telling import Telling
from solver.exercises.answers import accepted, answers_to
from solver.exercises.mistakes import Cell, Spot, Subject, outcomes, planted
from solver.exercises.mistakes.edits import outcomes_of_variants
from solver.exercises.pencil import FULL, ByLines
from solver.exercises.slips import MOST_QUESTIONS, slips
from solver.exercises.worked import definitions_of
from solver.formula import Number, Quotient, Ref
from solver.graph import build
from solver.graph.model import Model
from solver.quantities import Partial, Quantity
from solver.spec import Problem, load_problem
from solver.trace.cohort import Cohort, Families, Family, Member
from solver.trace.jointly import jointly
from solver.trace.solve import solve_steps
from solver.variants import draw_variant

PROBLEMS = sorted(Path("problems").glob("*.toml"))
EVERYDAY = ("four-three-two", "max-gate", "edge-detector", "lstm-two-steps")


def variants(name: str, count: int) -> list[tuple[Problem, Member]]:
    """Return drawn variants of a problem with their cohorts; none where it draws nothing."""
    problem = load_problem(Path("problems") / f"{name}.toml")
    if problem.variants is None:
        return []
    drawn = [draw_variant(problem, number, seed=11) for number in range(1, count + 1)]
    return list(zip(drawn, Families().members([build(one) for one in drawn]), strict=True))


def told(problem: Problem, member: Member) -> Telling:
    telling = telling_of(problem, member.model, member)
    return telling.defining(definitions_of(telling))


def apart(telling: Telling) -> Telling:
    """Return the same context, computed with no other; its proven digits are kept."""
    assert telling.ledger is not None
    return replace(telling, ledger=replace(telling.ledger, member=None))


def hold(name: str, count: int) -> None:
    for problem, member in variants(name, count):
        telling = told(problem, member)
        assert telling.ledger is not None
        keys = list(dict.fromkeys([*gradients_asked(telling)[:4], *list(telling.ledger.definitions)[:4]]))
        together, alone = (answers_to(one, keys, 5) for one in (telling, apart(telling)))
        assert together == alone
        for few in (together, together[:1]):
            assert slips(telling, few) == slips(apart(telling), few)


@pytest.mark.parametrize("name", EVERYDAY)
def test_answers_and_slips_of_some_problems(name: str) -> None:
    hold(name, 3)


@pytest.mark.slow
@pytest.mark.parametrize("name", [file.stem for file in PROBLEMS])
def test_answers_and_slips_of_all_problems(name: str) -> None:
    hold(name, 20)


@pytest.mark.parametrize("name", ["four-three-two", "two-channels", "bowl-adam", "attention-four-words"])
def test_every_mistake_gives_each_variant_its_own_numbers(name: str) -> None:
    cohort = variants(name, 3)[0][1].cohort
    model = cohort.models[0]
    graph = model.graph
    trials = [plant.edits for plant in planted(Subject(model))][::7]
    cells = [Cell(Spot(1, graph.gradient(parameter)), 0) for parameter in graph.trainable]
    found, alive = outcomes_of_variants(cohort.joined, trials, cells)
    parts, _ = outcomes_of_variants(cohort.joined, trials, cells, budget=500)
    for place, one in enumerate(cohort.models):
        own, lives = outcomes(one, trials, cells)
        assert np.array_equal(alive[:, place], lives)
        assert np.array_equal(found[lives, place], own[lives])
        assert np.array_equal(parts[lives, place], own[lives])


def test_a_variant_without_numbers_spoils_no_other() -> None:
    cohort = variants("four-three-two", 5)[0][1].cohort
    weights = next(quantity for quantity in cohort.models[0].given if quantity.base == "W")
    bad = cohort.models[3].given[weights].values[0].copy()
    calls = []

    def compute(model: Model) -> list[float]:
        values = model.given[weights].values
        calls.append(len(values))
        if any(np.array_equal(one, bad) for one in values):
            raise DomainError("log of zero")
        return [float(one.sum()) for one in values]

    for place, model in enumerate(cohort.models):
        if place == 3:
            with pytest.raises(DomainError):
                jointly(Member(cohort, place), "sums", compute)
        else:
            found, row = jointly(Member(cohort, place), "sums", compute)
            assert found[row] == float(model.given[weights].values.sum())
    assert calls == [5, 3, 2, 1, 1]


def test_a_line_without_a_number_in_one_variant_is_told_in_the_others() -> None:
    members_ = [member for _, member in variants("four-three-two", 3)]
    models = list(members_[0].cohort.models)
    x = next(quantity for quantity in models[0].given if quantity.base == "x")
    element = x.at(1).of_sample(1)
    given = models[1].given[x]
    zero = replace(given, exact=given.exact * 0, values=given.values * 0)
    models[1] = replace(models[1], given={**models[1].given, x: zero})
    joined = Cohort(Family(models[0]), models).joined
    key = Partial(element, element)
    after = Partial(element, Quantity("q"))
    definitions = {key: Quotient(Number(Fraction(1)), Ref(element)), after: Ref(key)}
    lines = ByLines(joined, solve_steps(joined, Float64())[0], definitions, FULL)
    for variant in (0, 2):
        right = 1 / models[variant].given[x].values.ravel()[0]
        assert lines.value(after, variant) == lines.value(key, variant) == right
    with pytest.raises(DomainError):
        lines.value(after, 1)


def test_variants_that_are_asked_for_other_elements() -> None:
    found = variants("four-three-two", 3)
    tellings = [told(*one) for one in found]
    for number, key in enumerate(gradients_asked(tellings[0])[: MOST_QUESTIONS + 2]):
        telling = tellings[number % 3]
        answers = answers_to(telling, [key])
        assert slips(telling, answers) == slips(apart(telling), answers)


@pytest.mark.parametrize("digits", [Digits(3), Digits(decimals=2)])
@pytest.mark.parametrize("right", [[0.1, 0.1004], [-2.5e-7, -2.4e-7], [9.9999, 10.0], [0.0], [-0.0, 0.0]])
def test_accepted_ends_are_exact_decimals_rounded_outwards(right: list[float], digits: Digits) -> None:
    low, high = (Fraction(end) for end in accepted(right, digits))
    lowest, highest = min(map(exact, right)), max(map(exact, right))
    assert low <= lowest - half(lowest, digits)
    assert high >= highest + half(highest, digits)
    assert abs(low - (lowest - half(lowest, digits))) <= abs(low) * Fraction(1, 2**52)
    assert abs(high - (highest + half(highest, digits))) <= abs(high) * Fraction(1, 2**52)


def exact(value: float) -> Fraction:
    return Fraction(repr(value))


def half(value: Fraction, digits: Digits) -> Fraction:
    """Return half a unit of the last digit, by repeated steps of ten."""
    if not value:
        return Fraction(0)
    power = 0
    while abs(value) >= Fraction(10) ** (power + 1):
        power += 1
    while abs(value) < Fraction(10) ** power:
        power -= 1
    if digits.decimals is None:
        return Fraction(10) ** (power + 1 - digits.significant) / 2
    fixed = Fraction(10) ** -digits.decimals
    return (fixed if 2 * abs(value) >= fixed else Fraction(10) ** (power + 1 - max(2, digits.decimals))) / 2
