from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from mpmath import mp, mpf

from solver.calculus import (
    RULES,
    Derivation,
    DerivationLine,
    Unfinished,
    derive,
    derive_activation,
    derive_delta,
    lectures,
)
from solver.calculus.derivation import part, unfinished
from solver.calculus.lectures import Lecture
from solver.calculus.tidy import light
from solver.formula import (
    Call,
    Formula,
    Negative,
    Number,
    Product,
    Ref,
    Sum,
    Variable,
    children,
    rebuild,
    transform,
)
from solver.formula.parser import parse
from solver.functions import ACTIVATIONS, COMBINATIONS, LOSSES
from solver.quantities import Quantity
from tests.calculus.catalogue import CATALOGUE, EVERY
from tests.calculus.judge import Judge, NoValueError, points
from tests.calculus.reading import lines, text
from tests.formula.strategies import formulas

GOLDEN = Path(__file__).parents[1] / "golden" / "derivations"
X, Y, Z, T = map(Variable, "xyzt")


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    started = perf_counter()
    yield
    assert perf_counter() - started < seconds


@cache
def derivation(group: str, name: str) -> Derivation:
    return CATALOGUE[group][name]()


@pytest.mark.parametrize("group", CATALOGUE)
def test_every_line_reads_as_it_did(group: str, accept: bool) -> None:
    shown = "\n".join(
        line.rstrip() for name in CATALOGUE[group] for line in ("", name, "", *lines(derivation(group, name)))
    )
    path = GOLDEN / f"{group}.txt"
    if accept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shown.lstrip("\n") + "\n", encoding="utf-8")
    assert shown.lstrip("\n") + "\n" == path.read_text(encoding="utf-8")


def holding(whole: Derivation, judge: Judge, line: DerivationLine) -> mpf | None:
    try:
        return judge.of(line.formula)
    except (NoValueError, ZeroDivisionError):
        return None


def chains(whole: Derivation) -> list[tuple[Callable[[Judge], bool], tuple[DerivationLine, ...]]]:
    """Return each chain of equal lines with the condition under which it holds."""
    found: list[tuple[Callable[[Judge], bool], tuple[DerivationLine, ...]]] = [(lambda _: True, whole.lines)]
    for branch in whole.branches:
        condition = branch.condition
        found.append((lambda judge, c=condition: judge.holds(c), (whole.lines[-1], *branch.lines)))
    if whole.branches:
        found.append((lambda _: True, (whole.lines[-1], DerivationLine(whole.result))))
    return found


@pytest.mark.parametrize(("group", "name"), EVERY)
def test_another_judge_finds_every_line_equal(group: str, name: str) -> None:
    whole = derivation(group, name)
    compared = 0
    with mp.workdps(60):
        for judge in points(whole, 16):
            for holds, chain in chains(whole):
                if not holds(judge):
                    continue
                values = [holding(whole, judge, line) for line in chain]
                if values[0] is None:
                    continue
                compared += 1
                for before, after in pairwise(values):
                    assert after is not None
                    assert abs(before - after) <= mpf(10) ** -25 * (1 + abs(before))
    assert compared >= 3


@pytest.mark.parametrize(("group", "name"), EVERY)
def test_nothing_silly_stands_on_a_line(group: str, name: str) -> None:
    whole = derivation(group, name)
    for line in [*whole.steps, *(line for branch in whole.branches for line in branch.lines)]:
        assert line.rules, "every line says why"
        assert len(set(line.rules)) == len(line.rules)
        if "short" not in name:  # (y − t) · 1 is shown on purpose
            plain = transform(
                line.formula, dict.fromkeys((part(line.formula, p) for p in line.vanishing), X).get
            )
            assert light(plain) == plain
    formulas = [line.formula for line in whole.lines]
    assert len(set(formulas)) == len(formulas)
    assert not unfinished(whole.result)
    assert len(whole.steps) <= 12


def without(line: DerivationLine) -> Formula:
    """Return the line without what cancels: a factor becomes 1, a term becomes 0."""

    def taken(node: Formula, here: tuple[int, ...]) -> Formula:
        if here in line.cancelled:
            parent = part(line.formula, here[:-1])
            grand = part(line.formula, here[:-2]) if len(here) > 1 else parent
            is_term = isinstance(parent, Sum) or (isinstance(parent, Negative) and isinstance(grand, Sum))
            return Number(Fraction(0 if is_term else 1))
        operands = children(node)
        inside = tuple(taken(operand, (*here, n)) for n, operand in enumerate(operands))
        return rebuild(node, inside) if operands else node

    return taken(line.formula, ())


@pytest.mark.parametrize(("group", "name"), EVERY)
def test_what_is_struck_can_go_and_what_vanishes_is_zero(group: str, name: str) -> None:
    whole = derivation(group, name)
    with mp.workdps(50):
        for judge in points(whole, 3):
            for line in [*whole.lines, *(line for branch in whole.branches for line in branch.lines)]:
                if line.cancelled:
                    assert abs(judge.of(line.formula) - judge.of(without(line))) < mpf(10) ** -25
                for path in line.vanishing:
                    assert judge.of(part(line.formula, path)) == 0


def test_what_cancels_is_struck_where_a_lecturer_strikes_it() -> None:
    struck = [
        text(line.marked)
        for line in derivation("deltas", "sigmoid with binary_cross_entropy").lines
        if line.cancelled
    ]
    assert struck == [
        "-((t/cancelled(y))*cancelled(y)*(1 - y) - ((1 - t)/cancelled(1 - y))*y*cancelled(1 - y))",
        "-(t - cancelled(t*y) - y + cancelled(t*y))",
    ]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_ends_in_its_textbook_slope(name: str) -> None:
    record = ACTIVATIONS[name]
    if record.elementwise:
        assert derivation("activations", name).result == record.slope
        assert len(derivation("activations", name).conventions) == len(record.kinks)
    else:
        expected = "{y_k*(1 - y_k) if k = j; -y_k*y_j otherwise}"
        assert text(derivation("activations", name).result) == expected


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_ends_in_its_textbook_slope(name: str) -> None:
    assert derivation("losses", name).result == LOSSES[name].slope


@pytest.mark.parametrize(("activation", "loss"), COMBINATIONS)
def test_a_combination_ends_in_the_delta_of_the_table(activation: str, loss: str) -> None:
    result = derivation("deltas", f"{activation} with {loss}").result
    indexed = transform(result, lambda node: node.arguments[0] if isinstance(node, Call) else None)
    assert indexed == COMBINATIONS[activation, loss].delta


@pytest.mark.slow
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_pair_has_a_proven_delta(activation: str, loss: str) -> None:
    def third() -> Derivation:
        return derive_delta(ACTIVATIONS[activation], LOSSES[loss], Fraction(1, 3))

    if (activation, loss) == ("step", "binary_cross_entropy"):
        with pytest.raises(
            Unfinished, match="too few points"
        ):  # its outputs are 0 and 1: the loss has no value
            third()
    else:
        assert not unfinished(third().result)


def test_a_vanishing_term_is_shown_as_zero() -> None:
    whole = derivation("expressions", "W_1*x + W_2*h_2 + W_3*h_3")
    shown = whole.steps[1]
    assert shown.formula == Sum((Variable("W_1"), Number(Fraction(0)), Number(Fraction(0))))
    assert shown.vanishing == ((1,), (2,))
    assert whole.result == Variable("W_1")


def test_a_wrong_line_is_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Lecture(closing=(("split", "1 - 1/(1 + exp(z))"), ("recognise_sigmoid", "sigmoid(z) + 1e-45")))
    monkeypatch.setattr(
        "solver.calculus.deriving.ACTIVATION_LECTURES", {**lectures.ACTIVATION_LECTURES, "softplus": wrong}
    )
    with pytest.raises(Unfinished, match="does not follow") as caught:
        derive_activation(ACTIVATIONS["softplus"], y=Y)
    assert text(caught.value.lines[-1].formula) == "1 - 1/(1 + exp(z))"


@pytest.mark.parametrize(
    ("formula", "by", "reason"),
    [
        (parse("sqrt(-1 - x^2)"), X, "too few points where the formula has a value"),
        (Call("zeta", (X,)), X, "no rule differentiates a part of it"),
        (Call("zeta", (Y,)) * X, X, "the function zeta has no value here"),
        (parse("*".join(f"sin({k}*x)" for k in range(200))), X, "more than 400 parts"),
        (parse("sin(" * 40 + "x" + ")" * 40), X, "more than 25 lines"),
        (parse("x^2"), parse("x + 1"), "a derivative is taken by a name"),
    ],
)
def test_what_cannot_be_finished_says_so(formula: Formula, by: Formula, reason: str) -> None:
    with pytest.raises(Unfinished) as caught:
        derive(formula, by)
    assert reason in str(caught.value)
    assert all(isinstance(line, DerivationLine) for line in caught.value.lines)


def test_other_names_change_nothing_else() -> None:
    a, h = Ref(Quantity("a", layer=1, index=(2,))), Ref(Quantity("h", layer=1, index=(2,)))
    plain = derive_activation(ACTIVATIONS["sigmoid"], y=Y)
    direct = derive_activation(ACTIVATIONS["sigmoid"], z=a, y=h)
    assert plain.renamed({Z: a, Y: h}) == direct
    assert direct.result == Product((h, Sum((Number(Fraction(1)), Negative(h)))))
    delta = derivation("deltas", "sigmoid with binary_cross_entropy")
    moved = delta.renamed({Y: h})
    for before, after in zip(delta.lines, moved.lines, strict=True):
        for path in before.cancelled:
            assert transform(part(before.formula, path), {Y: h}.get) == part(after.formula, path)


def test_the_same_question_has_the_same_answer() -> None:
    first = derive(parse("x*exp(-x^2)"), X)
    assert first == derive(parse("x*exp(-x^2)"), X)
    assert first.rules[0] is RULES["product"]


@pytest.mark.parametrize(
    "source",
    [
        "(-(x^157 + x*y))^157",
        "9^9^9^9*x^2 + sin(x)*x^2",
        "x^(9^9^9) + x*exp(x)*y",
        "((((9^64)^64)^64)^64)^64^x",
        "abs(" * 12 + "x" + ")-1" * 12,
        "max(" + ", ".join(f"{k}*x" for k in range(15)) + ")",
    ],
)
def test_a_hostile_expression_takes_no_time(source: str) -> None:
    with at_most(10):
        try:
            derive(parse(source), X)
        except Unfinished as unfinished_one:
            reason = unfinished_one.reason
        else:
            reason = ""
    assert "does not follow" not in reason


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("max(x, 0, 0)", "{1 if x > max(0, 0); 0 if x < max(0, 0); 1/2 otherwise}"),
        ("min(x, 1, 1)", "{1 if x < min(1, 1); 0 if x > min(1, 1); 1/2 otherwise}"),
        ("max(x, 1, y, 1)", "{1 if x > max(1, y, 1); 0 if x < max(1, y, 1); 1/2 otherwise}"),
        ("max(x, x)", "1"),
        ("max(2, 2)*x", "max(2, 2)"),
    ],
)
def test_a_tie_of_constants_is_derived(source: str, result: str) -> None:
    assert text(derive(parse(source), X).result) == result


@pytest.mark.slow
@settings(max_examples=1500)
@given(formulas(size=8))
def test_whatever_is_written_is_derived_or_refused_for_a_reason(formula: Formula) -> None:
    reason = ""
    try:
        whole = derive(formula, X)
    except Unfinished as refused:
        reason = refused.reason
    else:
        assert not unfinished(whole.result)
    assert "does not follow" not in reason
