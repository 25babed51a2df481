"""The activation functions: one record each, in one table. Adding one is adding one record here.

Deriving every form from one expression was tried and fails: the sigmoid's slope would print as e^(−z)/(1 + e^(−z))²
and softplus overflow at 800. So a record repeats itself (see `Activation`), and one parametrized test holds all its
forms against each other and against 50-digit differences.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

import numpy as np

from solver.formula import (
    Call,
    Case,
    Cases,
    Formula,
    Negative,
    Number,
    Product,
    Quotient,
    Sum,
    Variable,
    formula,
)
from solver.functions import numeric
from solver.functions.numeric import Floats
from solver.functions.record import Activation, Kink, UnnamedFunctionError
from solver.functions.softmax import SOFTMAX

_Z, _Y = Variable("z"), Variable("y")
_ZERO, _ONE, _TWO = formula(0), formula(1), formula(2)


def _leaky_relu(alpha: Fraction = Fraction(1, 100)) -> Activation:
    slope = float(alpha)
    return Activation(
        name="leaky_relu",
        symbol="LeakyReLU",
        formula=Cases((Case(_Z, ">", _ZERO, _Z),), Number(alpha) * _Z),
        slope=Cases((Case(_Z, ">", _ZERO, _ONE),), Number(alpha)),
        value=lambda z: np.where(z > 0, z, slope * z),
        derivative=lambda z, y: np.where(z > 0, 1.0, slope),
        source="Maas, Hannun, Ng (2013), Rectifier nonlinearities improve neural network acoustic models",
        kinks=(Kink(Fraction(0), alpha, "the slope of the left branch"),),
        options=(("alpha", alpha),),
        build=_leaky_relu,
    )


def _elu(alpha: Fraction = Fraction(1)) -> Activation:
    scale = float(alpha)
    kink = Kink(Fraction(0), alpha, "the slope of the left branch")
    return Activation(
        name="elu",
        symbol="ELU",
        formula=Cases((Case(_Z, ">", _ZERO, _Z),), _scaled(alpha, Sum((_exp(_Z), Negative(_ONE))))),
        slope=Cases((Case(_Z, ">", _ZERO, _ONE),), _Y + Number(alpha)),
        value=lambda z: numeric.elu(z, scale),
        derivative=lambda z, y: numeric.elu_slope(z, scale),
        source="Clevert, Unterthiner, Hochreiter (2016), Fast and accurate deep network learning by ELUs",
        kinks=() if alpha == 1 else (kink,),
        options=(("alpha", alpha),),
        certified=Cases((Case(_Z, ">", _ZERO, _Z),), _scaled(alpha, Call("expm1", (_Z,)))),
        build=_elu,
    )


def _scaled(factor: Fraction, term: Formula) -> Formula:
    return term if factor == 1 else Number(factor) * term


def _exp(argument: Formula) -> Formula:
    return Call("exp", (argument,))


def _no_value(*_: Floats) -> Floats:
    raise UnnamedFunctionError("the unnamed function Φ has no values; name an activation to compute with")


_ROOT_TWO = Call("sqrt", (_TWO,))
_SIGMOID = Call("sigmoid", (_Z,))
_NORMAL = Quotient(_ONE + Call("erf", (Quotient(_Z, _ROOT_TWO),)), _TWO)
_TAIL = Quotient(Call("erfc", (Negative(Quotient(_Z, _ROOT_TWO)),)), _TWO)
_DENSITY = Quotient(_exp(Negative(Quotient(_Z**2, _TWO))), Call("sqrt", (_TWO * Call("pi", ()),)))

_RECORDS: tuple[Activation, ...] = (
    Activation(
        name="linear",
        symbol="id",
        formula=_Z,
        slope=_ONE,
        value=lambda z: z,
        derivative=lambda z, y: np.ones_like(z),
        source="the identity",
    ),
    Activation(
        name="sigmoid",
        symbol="σ",
        formula=Quotient(_ONE, _ONE + _exp(Negative(_Z))),
        slope=_Y * (_ONE - _Y),
        value=numeric.sigmoid,
        derivative=lambda z, y: numeric.sigmoid_slope(z),
        source="Rumelhart, Hinton, Williams (1986), Learning representations by back-propagating errors",
        certified_slope=Quotient(_Y, _ONE + _exp(_Z)),
    ),
    Activation(
        name="tanh",
        symbol="tanh",
        formula=Call("tanh", (_Z,)),
        slope=_ONE - _Y**2,
        value=np.tanh,
        derivative=lambda z, y: numeric.tanh_slope(z),
        source="LeCun, Bottou, Orr, Müller (1998), Efficient BackProp",
        certified_slope=Quotient(_TWO, _exp(_Z) + _exp(Negative(_Z))) ** 2,
    ),
    Activation(
        name="relu",
        symbol="ReLU",
        formula=Call("max", (_ZERO, _Z)),
        slope=Cases((Case(_Z, ">", _ZERO, _ONE),), _ZERO),
        value=lambda z: np.maximum(z, 0.0),
        derivative=lambda z, y: np.where(z > 0, 1.0, 0.0),
        source="Nair, Hinton (2010), Rectified linear units improve restricted Boltzmann machines",
        kinks=(Kink(Fraction(0), Fraction(0), "a unit at rest passes nothing back"),),
    ),
    _leaky_relu(),
    _elu(),
    Activation(
        name="softplus",
        symbol="softplus",
        formula=Call("log", (_ONE + _exp(_Z),)),
        slope=_SIGMOID,
        value=numeric.softplus,
        derivative=lambda z, y: numeric.sigmoid(z),
        source="Dugas, Bengio, Bélisle, Nadeau, Garcia (2001), Incorporating second-order functional knowledge",
        certified=Call("log1p", (_exp(_Z),)),
    ),
    Activation(
        name="gelu",
        symbol="GELU",
        formula=_Z * _NORMAL,
        slope=_NORMAL + _Z * _DENSITY,
        value=numeric.gelu,
        derivative=lambda z, y: numeric.gelu_slope(z),
        source="Hendrycks, Gimpel (2016), Gaussian error linear units; the exact form with erf",
        certified=_Z * _TAIL,
        certified_slope=_TAIL + _Z * _DENSITY,
    ),
    Activation(
        name="swish",
        symbol="swish",
        formula=_Z * _SIGMOID,
        slope=_Y + _SIGMOID * (_ONE - _Y),
        value=lambda z: z * numeric.sigmoid(z),
        derivative=lambda z, y: numeric.swish_slope(z),
        source="Ramachandran, Zoph, Le (2017), Searching for activation functions; β = 1",
        certified_slope=_SIGMOID + Product((_Y, Call("sigmoid", (Negative(_Z),)))),
    ),
    Activation(
        name="step",
        symbol="step",
        formula=Cases((Case(_Z, ">=", _ZERO, _ONE),), _ZERO),
        slope=_ZERO,
        value=lambda z: np.where(z >= 0, 1.0, 0.0),
        derivative=lambda z, y: np.zeros_like(z),
        source="McCulloch, Pitts (1943), A logical calculus of the ideas immanent in nervous activity",
        kinks=(Kink(Fraction(0), Fraction(0), "flat on both sides; step(0) = 1"),),
    ),
    Activation(
        name="phi",
        symbol="Φ",
        formula=Call("phi", (_Z,)),
        slope=Call("phi", (_Z,), 1),
        value=_no_value,
        derivative=_no_value,
        source="any differentiable function",
        numeric=False,
    ),
    SOFTMAX,
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({record.name: record for record in _RECORDS})
"""Every activation of the contract by name, options at their defaults."""
