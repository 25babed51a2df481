"""Single slips in an otherwise right solution: what is told of them, and of what follows."""

from __future__ import annotations

import math

import pytest

from solver.review.verdicts import Finding, Verdict
from tests.review.given import NETWORK, claimed

RIGHT = (
    ("a1", '["-0.05000", "-0.6000", "0.7500"]'),
    ("h1", '["0.4875", "0.3543", "0.6792"]'),
    ("a2", '["0.1933", "-0.07373"]'),
    ("h2", '["0.5482", "0.4816"]'),
    ("L", '"0.2180"'),
    ("dL/dh2", '["-0.4518", "0.4816"]'),
    ("dL/da2", '["-0.1119", "0.1202"]'),
    ("dL/dh1", '["-0.08166", "0.03440", "0.01286"]'),
    ("dL/da1", '["-0.02040", "0.007871", "0.002801"]'),
    ("dL/db1", '["-0.02040", "0.007871", "0.002801"]'),
    ("b1'", '["0.002040", "0.09921", "-0.1003"]'),
    ("W1'[1,1]", '"0.2020"'),
)


def with_slip(*slips: tuple[str, str]) -> dict[str, Finding]:
    """Return the findings of the right solution with some claims replaced, by quantity."""
    changed = dict(slips)
    found = claimed(*((name, changed.get(name, value)) for name, value in RIGHT))
    return {finding.claim.quantity: finding for finding in found.findings}


def test_a_right_solution_has_nothing_to_tell() -> None:
    for finding in with_slip().values():
        assert finding.verdict is Verdict.AGREES
        assert finding.cause == ""


SLIPS = [
    ("h1", '["0.4857", "0.3543", "0.6792"]', "the digits 7 and 5 were swapped in h1[1]"),
    ("L", '"2.180"', "the decimal point slipped one place to the right in L"),
    ("dL/da2", '["0.1119", "0.1202"]', "the sign of dL/da2[1] was flipped"),
    ("a2", '["0.1833", "-0.07373"]', "a digit was mistyped in a2[1]: 8 for 9"),
    ("L", '"0.4361"', "a factor ½ was forgotten in L"),
    ("a2", '["0.1433", "-0.02373"]', "the bias b2 was left out of a2"),
    ("a2", '["0.04705", "-0.07373"]', "W2[1,1] · h1[1] was left out of a2[1]"),
    ("dL/dh1", '["-0.03357", "0.03440", "0.01286"]', "the path through a2[2] was left out of dL/dh1[1]"),
    ("W1'[1,1]", '"0.2204"', "the learning rate was forgotten in W1'[1,1]"),
    ("W1'[1,1]", '"0.1980"', "the gradient was added instead of subtracted in W1'[1,1]"),
    ("W1'[1,1]", '"0.2000"', "W1'[1,1] was left at its old value"),
    ("dL/dh2", '["0.4816", "0.4816"]', "the value of dL/dh2[2] was printed for dL/dh2[1]"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "cause"), SLIPS, ids=[cause for *_, cause in SLIPS])
def test_a_slip_is_named(name: str, value: str, cause: str) -> None:
    findings = with_slip((name, value))
    assert findings[name].verdict is Verdict.WRONG
    first, *others = (j for j in findings[name].judgements if j.verdict is Verdict.WRONG)
    assert str(first.cause) == cause
    assert {str(other.cause) for other in others} <= {f"follows from the slip in {first.figure.key}"}
    wrong = [quantity for quantity, finding in findings.items() if finding.verdict is Verdict.WRONG]
    assert wrong == [name]  # it was not gone on with: everything else is still right


@pytest.mark.parametrize(("name", "printed"), [("dL/da1[1]", "5"), ("dL/da2[1]", "3"), ("a2[1]", "-2")])
def test_one_digit_that_a_mistake_meets_by_chance_names_none(name: str, printed: str) -> None:
    (finding,) = claimed((name, f'"{printed}"')).findings
    assert (finding.verdict, finding.cause) == (Verdict.WRONG, "no mistake of the table explains it")


@pytest.mark.parametrize(
    ("name", "printed", "cause"),
    [
        ("L", "-0.2", "the sign of L was flipped"),
        ("L", "2", "the decimal point slipped one place to the right in L"),
        ("W1[2,1]", "-0.4", "a digit was mistyped in W1[2,1]: 4 for 3"),
    ],
)
def test_one_digit_that_shows_the_slip_names_it(name: str, printed: str, cause: str) -> None:
    (finding,) = claimed((name, f'"{printed}"')).findings
    assert (finding.verdict, finding.cause) == (Verdict.WRONG, cause)


def test_what_follows_from_a_slip_is_one_finding() -> None:
    findings = with_slip(
        ("dL/da1", '["-0.08166", "0.03440", "0.01286"]'),
        ("dL/db1", '["-0.08166", "0.03440", "0.01286"]'),
        ("b1'", '["0.008166", "0.09656", "-0.1013"]'),
        ("W1'[1,1]", '"0.2082"'),
    )
    slip, *siblings = findings["dL/da1"].judgements
    assert str(slip.cause) == "the derivative of the activation was forgotten in dL/da1"
    assert slip.root is None
    following = [*siblings, *(j for name in ("dL/db1", "b1'", "W1'[1,1]") for j in findings[name].judgements)]
    assert len(following) == 9
    for judgement in following:
        assert judgement.verdict is Verdict.WRONG
        assert judgement.root is not None
        assert str(judgement.cause).startswith("follows from the slip in dL/da1[")
    rest = [name for name in findings if name not in ("dL/da1", "dL/db1", "b1'", "W1'[1,1]")]
    assert all(findings[name].verdict is Verdict.AGREES for name in rest)


def test_two_slips_are_two_findings() -> None:
    findings = with_slip(("L", '"2.180"'), ("dL/dh1", '["0.08166", "0.03440", "0.01286"]'))
    assert findings["L"].cause == "the decimal point slipped one place to the right in L"
    assert findings["dL/dh1"].cause == "the sign of dL/dh1[1] was flipped"


def test_two_mistakes_at_once() -> None:
    # Nothing is subtracted but added, and the learning rate is forgotten: b + g for b − ηg.
    findings = with_slip(("b1'", '["-0.02040", "0.1079", "-0.09720"]'))
    borrowed, slip, sibling = findings["b1'"].judgements
    assert str(borrowed.cause) == "the value of dL/db1[1] was printed for b1'[1]"  # the old bias is 0
    assert str(slip.cause) == (
        "the gradient was added instead of subtracted in b1', and the learning rate was forgotten in b1'"
    )
    assert slip.mistakes == ("update-sign", "rate-forgotten")
    assert str(sibling.cause) == "follows from the slip in b1'[2]"


def test_a_mistake_and_a_misprint_at_once() -> None:
    # Without its bias a2[2] is −0.02373; the point slipped as well.
    findings = with_slip(("a2", '["0.1933", "-0.2373"]'))
    cause = str(findings["a2"].judgements[1].cause)
    assert "the bias b2 was left out of a2[2]" in cause
    assert "the decimal point slipped one place to the right in a2[2]" in cause


def test_the_softmax_as_if_elementwise() -> None:
    text = """
[network]
inputs = [2, 5, 3, 3]
targets = [1, 0]
loss = "squared_error"
learning_rate = 1
[[network.layer]]
weights = [[0.1, 0.3, 0.8, -0.4], [-0.3, -0.2, 0.5, 0.5], [-0.3, 0, 0.5, 0.4], [0.2, 0.5, -0.9, 0.7]]
activation = "sigmoid"
[[network.layer]]
weights = [[0.5, 0.8, 0.2, 0.4], [0.5, 0.2, 0.3, -0.5]]
activation = "softmax"
"""
    found = claimed(("dL/da2", '["-0.08126", "0.08126"]'), ("dL/dW1[3,1]", '"0.001580"'), problem=text)
    assert found.findings[0].cause.startswith("the softmax was differentiated as if elementwise in dL/da2")
    assert found.findings[1].cause.startswith("follows from the slip in dL/da2")
    # The file asks for it: then it is no slip, and the true value is told.
    asked = text.replace("learning_rate = 1", 'learning_rate = 1\nsoftmax_jacobian = "diagonal"')
    found = claimed(("dL/da2", '["-0.08126", "0.08126"]'), ("dL/dW1[3,1]", '"0.001580"'), problem=asked)
    assert [finding.verdict for finding in found.findings] == [Verdict.AGREES] * 2
    assert found.findings[1].cause.endswith("its full derivative gives 0.003159")


def with_coarse_activations() -> str:
    """Return dL/dW2[1,1] as it comes out of h1 = (0.49, 0.35, 0.68), by hand."""
    a = 0.3 * 0.49 - 0.2 * 0.35 + 0.1 * 0.68 + 0.05
    y = 1 / (1 + math.exp(-a))
    return f"{(y - 1) * y * (1 - y) * 0.49:.5f}"


def test_how_coarse_the_intermediates_were_is_told() -> None:
    assert with_coarse_activations() == "-0.05477"
    told = "h1 was rounded to 2 digits before it was used"
    # Nothing says that the source rounds to two digits.
    found = claimed(("dL/dW2[1,1]", '"-0.05477"')).findings[0]
    assert (found.verdict, found.cause) == (Verdict.WRONG, told)
    found = claimed(("h1[1]", '"0.4875"'), ("dL/dW2[1,1]", '"-0.05477"')).findings[1]
    assert (found.verdict, found.cause) == (Verdict.WRONG, told)
    # Where it prints other digits, it did not go on with these.
    found = claimed(("h1[1]", '"0.48"'), ("dL/dW2[1,1]", '"-0.05477"')).findings[1]
    assert told not in found.cause


def test_a_factor_of_the_chain_rule() -> None:
    found = claimed(
        ("dh1[1]/da1[1]", '"0.2498"'), ("da2[1]/dh1[2]", '"0.2"'), ("dL/dW1[1,1] along path 1", '"-0.008387"')
    )
    assert [finding.verdict for finding in found.findings] == [Verdict.AGREES, Verdict.WRONG, Verdict.AGREES]
    assert found.findings[1].cause == "the sign of da2[1]/dh1[2] was flipped"


def test_a_later_step() -> None:
    text = NETWORK.replace("learning_rate = 0.1", "learning_rate = 0.1\nsteps = 2")
    first = claimed(("L'", '"0.21279"'), problem=text).findings[0]
    text += '\n[[claims]]\nquantity = "L"\nvalue = "0.21279"\nstep = 2\n'
    second = claimed(problem=text).findings[0]
    assert first.verdict is second.verdict is Verdict.AGREES
