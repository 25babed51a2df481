"""Claims about a problem of letters: only what the numbers of its example determine can be judged."""

from __future__ import annotations

import pytest

from solver.review.verdicts import Verdict
from tests.review.given import claimed

NEURON = """
[network]
inputs = 3
loss = "binary_cross_entropy"
[[network.layer]]
units = 1
biases = true
activation = "sigmoid"
[work]
example = { h1 = 0.7, t = 1 }
"""


@pytest.mark.parametrize(
    ("quantity", "value", "verdict", "cause"),
    [
        ("dL/da1", "-0.3", Verdict.AGREES, ""),
        ("dL/dh1", "-1.43", Verdict.AGREES, ""),
        ("dL/dh1", "-1.42", Verdict.AGREES, "cut off after the last printed digit; rounded it is -1.43"),
        ("dh1[1]/da1[1]", "0.21", Verdict.AGREES, ""),
        ("dL/da1", "0.3", Verdict.WRONG, "the sign of dL/da1[1] was flipped"),
        ("h1", "0.07", Verdict.WRONG, "the decimal point slipped one place to the left in h1[1]"),
        ("dh1[1]/da1[1]", "0.12", Verdict.WRONG, "the digits 2 and 1 were swapped in dh1[1]/da1[1]"),
        ("dL/dh1", "-1.93", Verdict.WRONG, "a digit was mistyped in dL/dh1[1]: 9 for 4"),
        ("dL/da1", "-0.0123", Verdict.WRONG, "no mistake of the table explains it"),
    ],
)
def test_what_the_example_determines_is_judged(
    quantity: str, value: str, verdict: Verdict, cause: str
) -> None:
    finding = claimed((quantity, f'"{value}"'), problem=NEURON).findings[0]
    assert (finding.verdict, finding.cause) == (verdict, cause)
