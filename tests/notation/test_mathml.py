from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.notation import math as m
from solver.notation.mathml import mathml
from tests.notation.trees import trees

NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
# https://www.w3.org/TR/mathml-core/: every element that Core defines and a formula may hold.
CORE = {
    "math", "merror", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom", "mroot", "mrow", "ms",
    "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover",
}  # fmt: skip
CHILDREN = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3}


@given(trees())
def test_well_formed_and_within_core(math: m.Math) -> None:
    for element in ET.fromstring(mathml(math)).iter():
        name = element.tag.removeprefix(NAMESPACE)
        assert name in CORE
        if name in CHILDREN:
            assert len(element) == CHILDREN[name], name


@given(st.text())
def test_words_are_escaped(text: str) -> None:
    root = ET.fromstring(mathml(m.row(m.Symbol("x"), m.Words(text))))
    assert {element.tag.removeprefix(NAMESPACE) for element in root.iter()} <= {
        "math",
        "mrow",
        "mi",
        "mtext",
        "mspace",
    }


@pytest.mark.parametrize(
    ("math", "inner"),
    [
        (m.Digits("-0.5"), '<mrow><mo form="prefix">−</mo><mn>0.5</mn></mrow>'),
        (m.Symbol("W", "bold"), '<mi mathvariant="normal" class="bold">W</mi>'),
        (m.Symbol("L", "calligraphic"), "<mi>ℒ</mi>"),
        (m.Script(m.Symbol("w"), m.Digits("1")), "<msub><mi>w</mi><mn>1</mn></msub>"),
        (m.Toned(m.Symbol("x"), "path-6"), '<mrow class="tone-path-2"><mi>x</mi></mrow>'),
        (
            m.row(m.Operator("−"), m.Symbol("x"), m.Operator("−"), m.Symbol("y")),
            '<mrow><mo form="prefix">−</mo><mi>x</mi><mo>−</mo><mi>y</mi></mrow>',
        ),
    ],
)
def test_examples(math: m.Math, inner: str) -> None:
    assert mathml(math) == f'<math xmlns="http://www.w3.org/1998/Math/MathML">{inner}</math>'
