"""The errata of a published solution as a document: each slip with its place, what is right, and what follows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from solver.rendering import render_files
from solver.review.errata import errata_of
from solver.spec import load_problem, loads_problem
from solver.writers.formats import write
from tests.pdftext import page_texts
from tests.review.given import NETWORK, PROBLEMS

CARRIED = """
[[claims]]
quantity = "dL/da1"
value = ["-0.08166", "0.03440", "0.01286"]
where = "page 3"
[[claims]]
quantity = "b1'"
value = ["0.008166", "0.09656", "-0.1013"]
where = "page 4"
[[claims]]
quantity = "da2[1]/dh1[2]"
value = "0.2"
where = "page 3, 50 % & <more>"
"""

CHAINED = """
[[claims]]
quantity = "h1"
value = ["0.49", "0.35", "0.68"]
[[claims]]
quantity = "dL/dW2[1,1]"
value = "-0.05477"
"""


def markdown(text: str) -> str:
    """Return the errata of a problem as Markdown, its lines joined."""
    lines = write(errata_of(loads_problem(text)), "md", stem="errata")["errata.md"].decode().splitlines()
    return re.sub(r"(?<=[^\n])\n *(?=[^\n|#0-9 ])", " ", "\n".join(lines))


def test_slips_come_with_place_figure_right_value_and_cause() -> None:
    text = markdown((PROBLEMS / "four-three-two.toml").read_text())
    assert "91 printed figures were held against a computation that proves every digit: 84 are right" in text
    assert "1 follows from intermediate results that were rounded and 6 are wrong." in text
    assert (
        r"**Back propagation, layer 1**: $\frac{\partial L}{\partial w_{11}^{(1)}} = -0.204$ should be $-0.0204$. "
        r"The decimal point slipped one place to the right in $\frac{\partial L}{\partial w_{11}^{(1)}}$."
    ) in text
    assert r"**Layer 1 activation**: $a_1^{(1)} = 0.482$ should be $0.488$." in text
    assert len(re.findall(r"(?m)^\d\. ", text)) == 6
    row = r"| $0.306$ | $0.305$ | back propagation, layer 2 | $\partial L / \partial \mathbf{W}^{(2)}$ as printed |"
    assert (
        "This figure follows from intermediate results that were rounded, as the last column tells." in text
    )
    assert row in text


def test_what_follows_from_a_slip_stands_with_it_and_with_its_right_value() -> None:
    text = markdown(NETWORK + CARRIED)
    assert "7 printed figures" in text
    assert "0 are right and 7 are wrong, all from 2 slips." in text
    assert len(re.findall(r"(?m)^\d\. ", text)) == 2
    assert "The derivative of the activation was forgotten in" in text
    rows = re.findall(r"\| (\$[^|]+\$) \| \$(\S+)\$ \| \$(\S+)\$ \| (page \d) \|", text)
    assert [row[1:] for row in rows] == [
        ("0.03440", "0.007871", "page 3"), ("0.01286", "0.002801", "page 3"), ("0.008166", "0.002040", "page 4"),
        ("0.09656", "0.09921", "page 4"), ("-0.1013", "-0.1003", "page 4"),
    ]  # fmt: skip


def test_what_an_author_writes_as_a_place_is_text() -> None:
    document = errata_of(loads_problem(NETWORK + CARRIED))
    html = b"".join(write(document, "html", stem="errata").values()).decode()
    assert "Page 3, 50 % &amp; &lt;more&gt;" in html
    assert "<more>" not in html
    tex = write(document, "tex", stem="errata")["errata.tex"].decode()
    assert r"50 \% \&" in tex


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ("", "The file claims no figure of a published solution."),
        ('[[claims]]\nquantity = "L"\nvalue = "0.218"\n', "1 printed figure was held"),
        ('[[claims]]\nquantity = "h1[3]"\nvalue = "0.6791"\n', "1 is right, 1 of them cut off"),
        (
            CHAINED,
            r"| $-0.05477$ | $-0.05456$ |  | $\mathbf{h}_ {1}$ as printed |",
        ),
    ],
)  # fmt: skip
def test_few_figures_in_words(claims: str, words: str) -> None:
    assert words in markdown(NETWORK + claims)


def test_the_shortened_softmax_is_told_with_the_true_gradients() -> None:
    text = markdown((PROBLEMS / "padhai-multiple-paths.toml").read_text())
    assert "The softmax is treated as if elementwise." in text
    assert "$0.001580$ | $0.003159$" in text
    assert r"| $\mathbf{h}_ {1}$ rounded to 2 digits |" in text
    assert (
        r"| $\partial L / \partial w_{131}$ along path 1 and $\partial L / \partial w_{131}$ along path 2 as printed |"
        in text
    )


def test_noise_is_told_as_noise() -> None:
    text = markdown((PROBLEMS / "iitm-three-layer.toml").read_text())
    assert "Rounding noise alone: the terms cancel, and the exact value is 0." in text
    assert r"| $7.068 \times 10^{-5}$ | $0$ | backward pass, W211 |" in text


@pytest.mark.parametrize(
    "kind", ["attention-head", "elman-two-steps", "edge-detector", "neuron-circuit", "bowl-adam"]
)
def test_every_kind_has_errata(kind: str) -> None:
    assert "What was checked" in markdown((PROBLEMS / f"{kind}.toml").read_text())


def test_the_command_writes_them(tmp_path: Path) -> None:
    file = PROBLEMS / "four-three-two.toml"
    written = sorted(
        path.relative_to(tmp_path).as_posix()
        for path in render_files([file], ["pdf", "md"], tmp_path, view="errata")
    )
    assert written == ["four-three-two/errata.md", "four-three-two/errata.pdf"]
    (page,) = page_texts((tmp_path / "four-three-two/errata.pdf").read_bytes())
    for words in ("Errata", "What was checked", "should be", "0.0204", "was left at its old value"):
        assert words in page
    assert load_problem(file).title in page
