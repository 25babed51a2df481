"""The verdict `rounding` names the chain of the source's own figures that leads to the printed one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from solver.arithmetic import Digits
from solver.graph import build
from solver.review.figures import figures_of
from solver.review.judge import Judge
from solver.review.names import Names
from solver.review.review import review
from solver.review.verdicts import Finding, Verdict
from solver.spec import load_problem, loads_problem
from tests.review.given import NETWORK, PROBLEMS, claimed

FOLLOWS = "follows from rounded intermediates: "

Claims = Sequence[tuple[str, str]]


def last(claims: Claims) -> Finding:
    return claimed(*claims).findings[-1]


CHAINS: list[tuple[str, Claims, str]] = [
    # 0.3 − 0.1 · (−0.055) is 0.3055; with all digits it is 0.30546.
    ("printed", [("dL/dW2[1,1]", '"-0.055"'), ("W2'[1,1]", '"0.306"')], "dL/dW2[1,1] as printed"),
    # σ′ = 0.49 · 0.51; 0.2498 with all digits of 0.4875.
    ("one array", [("h2[1]", '"0.55"'), ("dh1[1]/da1[1]", '"0.2499"')], "h1 rounded to 2 digits"),
    # −0.112 · 0.487 is −0.054544; with all digits it is −0.054555.
    (
        "two claims",
        [("h1[1]", '"0.487"'), ("dL/da2[1]", '"-0.112"'), ("dL/dW2[1,1]", '"-0.05454"')],
        "h1[1] and dL/da2[1] as printed",
    ),
]


@pytest.mark.parametrize(("claims", "chain"), [case[1:] for case in CHAINS], ids=[case[0] for case in CHAINS])
def test_the_chain_is_told(claims: Claims, chain: str) -> None:
    found = last(claims)
    assert (found.verdict, found.cause) == (Verdict.ROUNDING, FOLLOWS + chain)


def test_digits_that_the_source_does_not_use_make_no_chain() -> None:
    # 0.354 · 0.646 is 0.2287; 0.35 · 0.65 is 0.2275.
    assert last([("dh1[2]/da1[2]", '"0.2275"')]).verdict is Verdict.WRONG
    found = last([("h2[1]", '"0.55"'), ("dh1[2]/da1[2]", '"0.2275"')])
    assert (found.verdict, found.cause) == (Verdict.ROUNDING, FOLLOWS + "h1 rounded to 2 digits")


def test_more_digits_than_a_float_has_are_told_as_such() -> None:
    problem = loads_problem(
        "[network]\ninputs = [1, 2]\ntargets = [1]\n"
        '[[network.layer]]\nweights = [[0.1, 0.2]]\nactivation = "sigmoid"\n'
        '[[claims]]\nquantity = "L"\nvalue = "0.14253695659655099"\n'  # exactly 0.142536956596550946…
    )
    (found,) = review(problem).findings
    assert (found.verdict, found.cause) == (
        Verdict.ROUNDING,
        "noise of floating-point arithmetic in the last digits",
    )


def test_a_wrong_figure_is_no_link_of_a_chain() -> None:
    # 0.3 − 0.1 · (−0.065) is 0.3065, but −0.065 is wrong itself: what follows from it follows from a slip.
    found = last([("dL/dW2[1,1]", '"-0.065"'), ("W2'[1,1]", '"0.3065"')])
    assert (found.verdict, found.cause) == (Verdict.WRONG, "follows from the slip in dL/dW2[1,1]")


@pytest.mark.parametrize("printed", ['"2"', '"-2"', '"-3"'])
def test_no_figure_leads_to_itself(printed: str) -> None:
    # ∂L/∂h1 is the first factor of every path, and here the whole of its own line: −0.797.
    text = (
        "[network]\ninputs = [0.5, -1]\ntargets = [1]\nloss = 'squared_error'\n"
        "[[network.layer]]\nweights = [[0.6, -0.1123]]\nactivation = 'sigmoid'\n"
        f"[[claims]]\nquantity = 'dL/dh1[1]'\nvalue = {printed}\n"
    )
    (found,) = review(loads_problem(text)).findings
    assert found.verdict is Verdict.WRONG


def test_who_goes_on_with_one_number_of_a_claim_goes_on_with_all_of_it() -> None:
    # dL/dh1[1] is 0.3 · (−0.1119) − 0.4 · 0.1202 = −0.08166. With −0.11 alone as printed it would be −0.0811.
    values = '["-0.11", "0.12"]'
    assert last([("dL/da2", values), ("dL/dh1[1]", '"-0.0810"')]).verdict is Verdict.ROUNDING
    assert last([("dL/da2", values), ("dL/dh1[1]", '"-0.0811"')]).verdict is Verdict.WRONG


def test_noise_about_an_exact_zero_is_no_larger_than_rounding_leaves() -> None:
    text = (PROBLEMS / "iitm-three-layer.toml").read_text()
    for printed, verdict in (("7.068e-5", Verdict.ROUNDING), ("7.068e-3", Verdict.WRONG)):
        found = review(loads_problem(text.replace('"7.068e-5"', f'"{printed}"')))
        (noise,) = [j for j in found.figures if str(j.figure.key) == "dL/dW2[1,1]"]
        assert noise.verdict is verdict


def test_whole_numbers_leave_nothing_to_round() -> None:
    # The source takes the error with the other sign: no rounding turns 2 into −2.
    found = review(load_problem(PROBLEMS / "filter-update.toml"))
    slips = [str(judgement.cause) for judgement in found.slips]
    assert slips == ["the sign of dL/dK was flipped"]


def digits(*claims: tuple[str, str]) -> list[Digits]:
    text = "".join(f'[[claims]]\nquantity = "{name}"\nvalue = {value}\n' for name, value in claims)
    problem = loads_problem(NETWORK + text)
    model = build(problem)
    figures, faults = figures_of(Names(model), problem.claims)
    assert not faults
    return Judge(model, figures).source.digits


def test_the_digits_that_a_source_uses() -> None:
    decimals = [("h1", '["0.488", "0.354", "0.679"]'), ("dL/da1", '["-0.020", "0.008", "0.003"]')]
    assert digits(*decimals) == [Digits(decimals=3)]
    # A zero left out at the end says nothing new, nor does a number of the file, nor one that is far from right.
    assert digits(*decimals, ("dL/dW1[1,2]", '"-0.01"'), ("b2", '["0.05", "-0.05"]')) == [Digits(decimals=3)]
    assert digits(*decimals, ("dL/dh2[1]", '"0.05"')) == [Digits(decimals=3)]
    other = digits(*decimals, ("a2[2]", '"-0.0737"'))
    assert other[0] == Digits(decimals=3)
    assert set(other[1:]) == {Digits(significant=3), Digits(decimals=4)}
