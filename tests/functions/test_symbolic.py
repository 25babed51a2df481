"""Formulas as sympy expressions, and no sympy before that."""

from __future__ import annotations

import subprocess
import sys

import pytest

from solver.formula import Call, Derivative, Variable, substitute
from solver.functions import ACTIVATIONS, LOSSES, OPTIMIZERS, PRIMITIVES, Activation, Loss
from solver.functions.symbolic import to_sympy


def test_importing_the_room_leaves_sympy_alone() -> None:
    code = "import solver.functions, solver.functions.symbolic, sys; sys.exit('sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "record", [a for a in ACTIVATIONS.values() if a.elementwise and a.numeric], ids=lambda record: record.name
)
def test_sympys_derivative_is_the_textbook_slope(record: Activation) -> None:
    import sympy

    z = sympy.Symbol("z", real=True)
    derived = sympy.diff(to_sympy(record.formula), z)
    written = to_sympy(substitute(record.slope, y=record.formula))
    for point in (sympy.Rational(-17, 10), sympy.Rational(3, 7)):
        difference = (derived - written).subs(z, point)
        assert abs(sympy.N(difference.doit(), 40)) < 1e-30


@pytest.mark.parametrize("record", LOSSES.values(), ids=lambda record: record.name)
def test_losses(record: Loss) -> None:
    import sympy

    y, t = sympy.symbols("y t", real=True)
    difference = sympy.diff(to_sympy(record.formula), y) - to_sympy(record.slope)
    for point in ({y: sympy.Rational(3, 10), t: sympy.Rational(1, 5)}, {y: sympy.Rational(1, 10), t: 1}):
        assert abs(sympy.N(difference.subs(point).doit(), 40)) < 1e-30


def test_everything_in_the_tables_can_be_written() -> None:
    for record in PRIMITIVES.values():
        for formula in (record.formula, *record.slopes):
            to_sympy(formula)
    for optimizer in OPTIMIZERS.values():
        for step in optimizer.steps:
            to_sympy(step.formula)


def test_phi_stays_a_function() -> None:
    import sympy

    z = sympy.Symbol("z", real=True)
    assert (
        sympy.diff(to_sympy(Call("phi", (Variable("z"),))), z).doit()
        == to_sympy(Call("phi", (Variable("z"),), 1)).doit()
    )
    assert to_sympy(Derivative(Variable("z") ** 3, Variable("z"))).doit() == 3 * z**2
    with pytest.raises(LookupError):
        to_sympy(Call("softmax", (Variable("z"),)))
