from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.calculus import Layout, Shape, ShapeMismatch, ShapeSum, dense_shapes
from solver.calculus.shapes import Shaped
from solver.formula import Call, Ref, Variable


def letters(equation: ShapeSum) -> str:
    def name(shaped: Shaped) -> str:
        match shaped.matrix:
            case Call("transpose", (Ref(quantity),)):
                return f"{quantity}ᵀ"
            case Call("f", (Ref(quantity),), primes):
                return "f" + "'" * primes + f"({quantity})"
            case Ref(quantity):
                return str(quantity)
        raise TypeError(shaped)

    joint = " ∘ " if equation.elementwise else " "
    terms = " + ".join(joint.join(map(name, term)) for term in equation.terms)
    shapes = " + ".join("".join(f"({factor.shape})" for factor in term) for term in equation.terms)
    return f"{name(equation.result)} = {terms}: {shapes} = {equation.result.shape}"


def test_columns() -> None:
    assert [letters(equation) for equation in dense_shapes(("d", "k"), "n")] == [
        "a1 = W1 x + b1: (k × d)(d × n) + (k × 1) = k × n",
        "h1 = f(a1): (k × n) = k × n",
        "dL/dW1 = dL/da1 xᵀ: (k × n)(n × d) = k × d",
        "dL/db1 = dL/da1: (k × n) = k × 1",
    ]


def test_rows() -> None:
    assert [letters(equation) for equation in dense_shapes(("d", "m", "k"), "n", Layout.ROWS)] == [
        "a1 = x W1 + b1: (n × d)(d × m) + (1 × m) = n × m",
        "h1 = f(a1): (n × m) = n × m",
        "a2 = h1 W2 + b2: (n × m)(m × k) + (1 × k) = n × k",
        "h2 = f(a2): (n × k) = n × k",
        "dL/dW2 = h1ᵀ dL/da2: (m × n)(n × k) = m × k",
        "dL/db2 = dL/da2: (n × k) = 1 × k",
        "dL/dh1 = dL/da2 W2ᵀ: (n × k)(k × m) = n × m",
        "dL/da1 = dL/dh1 ∘ f'(a1): (n × m)(n × m) = n × m",
        "dL/dW1 = xᵀ dL/da1: (d × n)(n × m) = d × m",
        "dL/db1 = dL/da1: (n × m) = 1 × m",
    ]


@given(
    st.lists(st.integers(1, 7), min_size=2, max_size=5),
    st.integers(1, 6),
    st.sampled_from(Layout),
    st.booleans(),
)
def test_real_arrays_of_these_shapes_can_be_multiplied(
    widths: list[int], samples: int, layout: Layout, biases: bool
) -> None:
    for equation in dense_shapes(widths, samples, layout, biases=biases):
        total = np.zeros((1, 1))
        for term in equation.terms:
            arrays = [np.ones((factor.shape.rows, factor.shape.columns)) for factor in term]
            value = arrays[0]
            for array in arrays[1:]:
                value = value * array if equation.elementwise else value @ array
            total = total + value
        if equation.summed:
            total = total.sum(axis=1 if layout is Layout.COLUMNS else 0, keepdims=True)
        assert total.shape == (equation.result.shape.rows, equation.result.shape.columns)


def test_shapes_that_do_not_fit_make_no_equation() -> None:
    a, b = (Shaped(Variable(name), Shape(*shape)) for name, shape in (("a", ("k", "d")), ("b", ("n", "d"))))
    with pytest.raises(ShapeMismatch, match="k × d does not fit n × d"):
        ShapeSum(a, ((a, b),))
    with pytest.raises(ShapeMismatch, match="k × n does not fit k × d"):
        ShapeSum(a, ((a, b.transposed),))
    with pytest.raises(ShapeMismatch):
        ShapeSum(a, ((a, b),), elementwise=True)
    with pytest.raises(ValueError, match="at least one layer"):
        dense_shapes(("d",))
