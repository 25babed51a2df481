"""What is found in the five lecture notes that ship as problems, figure by figure."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from solver.review.review import Review, review
from solver.review.verdicts import Finding, Judgement, Verdict
from solver.spec import load_problem, loads_problem
from tests.review.given import PROBLEMS

ROUNDED = "follows from rounded intermediates"


@cache
def reviewed(name: str) -> Review:
    return review(load_problem(PROBLEMS / f"{name}.toml"))


def told(judgement: Judgement) -> tuple[str, str, str, str]:
    return (
        str(judgement.figure.key),
        judgement.figure.text,
        judgement.verdict.value,
        str(judgement.cause or ""),
    )


def at(name: str, quantity: str, where: str = "") -> Finding:
    """Return the finding of one claim."""
    found = [
        finding for finding in reviewed(name).findings
        if finding.claim.quantity == quantity and where in finding.claim.where
    ]  # fmt: skip
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("name", "agree", "rounding", "wrong"),
    [
        ("iitm-three-layer", 143, 15, 6),
        ("padhai-multiple-paths", 47, 13, 0),
        ("four-three-two", 84, 1, 6),
        ("single-neuron", 3, 0, 0),
        ("one-hidden-layer-phi", 0, 0, 0),
    ],
)
def test_every_figure_has_a_verdict(name: str, agree: int, rounding: int, wrong: int) -> None:
    counts = Counter(judgement.verdict for judgement in reviewed(name).figures)
    assert (counts[Verdict.AGREES], counts[Verdict.ROUNDING], counts[Verdict.WRONG]) == (
        agree,
        rounding,
        wrong,
    )
    assert len(reviewed(name).slips) == wrong  # no two of them are one slip and what follows from it
    assert all(finding.claim.where for finding in reviewed(name).findings)


def test_what_is_wrong_in_the_network_with_four_inputs() -> None:
    assert [told(judgement) for judgement in reviewed("four-three-two").figures if judgement.cause] == [
        ("h1[1]", "0.482", "wrong", "the value of h2[2] was printed for h1[1]"),
        ("h1[1]", "0.487", "agrees", "cut off after the last printed digit; rounded it is 0.488"),
        (
            "dL/dW1[1,1]",
            "-0.204",
            "wrong",
            "the decimal point slipped one place to the right in dL/dW1[1,1]",
        ),
        ("dL/dW1[3,1]", "0.002", "agrees", "cut off after the last printed digit; rounded it is 0.003"),
        ("dL/dW1[3,4]", "0.007", "wrong", "a digit was mistyped in dL/dW1[3,4]: 7 for 6"),
        ("W1'[1,3]", "0.400", "wrong", "W1'[1,3] was left at its old value"),
        ("W1'[2,1]", "-0.304", "wrong", "a digit was mistyped in W1'[2,1]: 4 for 1"),
        ("W1'[3,4]", "0.200", "wrong", "W1'[3,4] was left at its old value"),
        ("W2'[1,1]", "0.306", "rounding", f"{ROUNDED}: dL/dW2 as printed"),
    ]


def test_the_signs_of_the_network_with_four_inputs_are_right() -> None:
    # The first row of dL/dW1 has one slip, of the decimal point, and no other: neither there nor in W1' is a sign wrong.
    for judgement in reviewed("four-three-two").figures:
        printed = float(judgement.figure.value)
        assert printed * judgement.true > 0 or printed == judgement.true == 0, judgement
    row = at("four-three-two", "dL/dW1").judgements[:4]
    assert [judgement.verdict.value for judgement in row] == ["wrong", "agrees", "agrees", "agrees"]
    assert row[0].mistakes == ("decimal-point",)


def test_what_is_wrong_in_the_three_layers() -> None:
    wrong = [told(j) for j in reviewed("iitm-three-layer").figures if j.verdict is Verdict.WRONG]
    assert set(wrong) == {
        ("da2[1]/dW2[1,1]", "0.05", "wrong", "the value of W1[1,1] was printed for da2[1]/dW2[1,1]"),
        ("da3[1]/dh2[1]", "0.05", "wrong", "the value of W1[1,1] was printed for da3[1]/dh2[1]"),
        ("da3[2]/dh2[1]", "0.05", "wrong", "the value of W1[1,1] was printed for da3[2]/dh2[1]"),
        (
            "dL/dh3[1]",
            "-1.004",
            "wrong",
            "the value of dL/dh3[2] was printed for dL/dh3[1], with the other sign",
        ),
        (
            "dL/dh3[2]",
            "1.006",
            "wrong",
            "the value of dL/dh3[1] was printed for dL/dh3[2], with the other sign",
        ),
        ("h2[2]", "0.513", "wrong", "the value of h2[1] was printed for h2[2]"),
    }
    assert at("iitm-three-layer", "da3[1]/dh2[1]").judgements[0].true == 1


def test_every_chain_of_the_three_layers_is_told() -> None:
    rounded = [told(j) for j in reviewed("iitm-three-layer").figures if j.verdict is Verdict.ROUNDING]
    assert {(key, text, cause.removeprefix(f"{ROUNDED}: ")) for key, text, _, cause in rounded if ROUNDED in cause} == {
        ("dL/dh3[1]", "-1.006", "h3 as printed"),
        ("dL/dh3[2]", "1.004", "h3 as printed"),
        ("dL/dW3[1,1]", "-0.1289", "dh3[1]/da3[1] as printed"),
        ("dL/dW3[1,2]", "0.1287", "dL/dh3[2] and da3[2]/dW3[1,2] as printed"),
        ("dL/dW3[2,2]", "0.1294", "dL/dh3[2] and dh3[2]/da3[2] as printed"),
        ("dL/dW3[3,2]", "0.1299", "h2, dL/dh3[2] and dh3[2]/da3[2] as printed"),
        ("dL/db3[1]", "-0.2513", "dL/dh3[1] and dh3[1]/da3[1] as printed"),
        ("dL/db3[2]", "0.2508", "dL/dh3[2] and dh3[2]/da3[2] as printed"),
        ("a1'[1]", "0.359", "dL/dW1[1,1] as printed"),
        ("a1'[2]", "0.369", "dh3[1]/da3[1] as printed"),
        ("a1'[3]", "0.379", "dh3[1]/da3[1] as printed"),
        ("h1'[1]", "0.588", "a1' as printed"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("quantity", "printed"), [("dL/dW2[1,1]", "7.068e-5"), ("dL/dW2[1,2]", "6.5968e-5"), ("dL/dW1[1,1]", "3.285e-6")]
)  # fmt: skip
def test_gradients_that_are_nothing_but_rounding(quantity: str, printed: str) -> None:
    finding = at("iitm-three-layer", quantity)
    assert finding.verdict is Verdict.ROUNDING
    assert finding.cause == f"rounding noise alone: the terms cancel, and {quantity} is exactly 0"
    assert finding.claim.value.texts.item() == printed
    assert finding.judgements[0].true == 0


@pytest.mark.parametrize(
    ("name", "quantity", "full"),
    [
        ("iitm-three-layer", "dL/dW3[1,1]", "-0.2581"),
        ("iitm-three-layer", "dL/dW3[3,2]", "0.2606"),
        ("iitm-three-layer", "dL/db3[1]", "-0.5025"),
        ("iitm-three-layer", "dL/db3[2]", "0.5025"),
        ("padhai-multiple-paths", "W1'[3,1]", "-0.303159"),
    ],
)
def test_the_shortened_softmax_and_what_the_true_derivative_is(name: str, quantity: str, full: str) -> None:
    finding = at(name, quantity)
    assert finding.verdict is not Verdict.WRONG
    remark = f"softmax differentiated as if elementwise, as the file asks: its full derivative gives {full}"
    assert str(finding.remark) == remark
    assert finding.cause.endswith(remark)


@pytest.mark.parametrize("name", ["iitm-three-layer", "padhai-multiple-paths"])
def test_taken_for_the_true_derivative_it_is_one_slip(name: str) -> None:
    text = (PROBLEMS / f"{name}.toml").read_text().replace('softmax_jacobian = "diagonal"', "")
    found = review(loads_problem(text))
    slips = [judgement for judgement in found.slips if "softmax-elementwise" in judgement.mistakes]
    assert len(slips) == 1
    assert slips[0].root is None
    following = [j for j in found.figures if j.root is not None]
    assert following
    assert all(found.figures[j.root].mistakes == slips[0].mistakes for j in following if j.root is not None)


def test_the_outputs_were_rounded_to_two_digits_in_the_light_math() -> None:
    # 0.77 · 0.23 = 0.1771, where the outputs are 0.7706 and 0.2294; 0.89 · 0.11 = 0.0979.
    found = {told(j) for j in reviewed("padhai-multiple-paths").figures if j.verdict is Verdict.ROUNDING}
    paths = [f"dL/dW1[3,1] along path {number}" for number in (1, 2)]
    assert found == {
        ("dh2[1]/da2[1]", "0.1771", "rounding", f"{ROUNDED}: h2 rounded to 2 digits"),
        ("dh2[2]/da2[2]", "0.1771", "rounding", f"{ROUNDED}: h2 rounded to 2 digits"),
        ("dh1[3]/da1[3]", "0.0979", "rounding", f"{ROUNDED}: h1 rounded to 2 digits"),
        (
            paths[0], "-0.003190", "rounding",
            f"{ROUNDED}: dL/dh2[1], dh2[1]/da2[1] and dh1[3]/da1[3] as printed",
        ),
        (
            paths[1], "0.004785", "rounding",
            f"{ROUNDED}: dL/dh2[2], dh2[2]/da2[2] and dh1[3]/da1[3] as printed",
        ),
        ("dL/dW1[3,1]", "0.001595", "rounding", f"{ROUNDED}: {paths[0]} and {paths[1]} as printed"),
        ("W1'[3,1]", "-0.301595", "rounding", f"{ROUNDED}: dL/dW1[3,1] as printed"),
    }  # fmt: skip


def test_the_neuron_with_letters_agrees() -> None:
    assert [told(judgement)[:3] for judgement in reviewed("single-neuron").figures] == [
        ("h1[1]", "0.7", "agrees"), ("t[1]", "1", "agrees"), ("dL/da1[1]", "-0.3", "agrees"),
    ]  # fmt: skip


def test_what_follows_from_a_slip_to_the_last_digit_is_told_so_though_rounding_could_explain_it() -> None:
    # tanh(1.0462) is 0.7803; with 0.7790 every later figure is as it is printed.
    slip, *following = (j for j in reviewed("elman-two-steps").figures if j.verdict is not Verdict.AGREES)
    assert told(slip) == ("h[2,1]", "0.7790", "wrong", "no mistake of the table explains it")
    assert [(str(j.figure.key), j.figure.text) for j in following] == [
        ("o[2,1]", "1.558"), ("L", "0.1007"), ("dL/do[2,1]", "-0.442"), ("dL/dh[2,1]", "-0.884"),
        ("dh[2,1]/da[2,1]", "0.3931"), ("dL/da[2,1]", "-0.3475"),
    ]  # fmt: skip
    assert {str(j.cause) for j in following} == {"follows from the slip in h[2,1]"}
