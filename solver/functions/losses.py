"""The losses, per output element; natural logarithms throughout. Sums and means over outputs are the graph's.

0 · log 0 counts as 0 where the target rules the term out (t = 0 in −t log y). Where log 0 is really needed, computing
raises `DomainError` with the position of the output: an infinite loss is a fault of the problem, not a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

import numpy as np

from solver.arithmetic.base import DomainError
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
from solver.functions.numeric import Floats
from solver.functions.record import Options


@dataclass(frozen=True)
class LossKink:
    """Where a loss has a corner, and the slope taken there.

    Args:
        where: The condition in words of formulas, as (left, right): left = right.
        slope: The stated value of ∂L/∂y.
        reason: Why this one, for the document.
    """

    where: tuple[Formula, Formula]
    slope: Fraction
    reason: str


@dataclass(frozen=True)
class Loss:
    """L(y, t) of one output element.

    Args:
        name: The contract's name.
        symbol: What it is called in a sentence.
        formula: L in Variable("y") and Variable("t").
        slope: ∂L/∂y as textbooks print it.
        value: L on float64 arrays of y and t.
        derivative: ∂L/∂y on float64 arrays of y and t.
        source: Where it comes from.
        kinks: Corners, with the slope taken.
        options: Parameters of the loss and their values, exact.
        certified: The same L with the excluded 0 · log 0 told apart; None: `formula` does.
        certified_slope: The same for `slope`.
        build: Makes the record for other options.
    """

    name: str
    symbol: str
    formula: Formula = field(compare=False)
    slope: Formula = field(compare=False)
    value: Callable[[Floats, Floats], Floats] = field(compare=False)
    derivative: Callable[[Floats, Floats], Floats] = field(compare=False)
    source: str = field(compare=False)
    kinks: tuple[LossKink, ...] = field(default=(), compare=False)
    options: Options = ()
    certified: Formula | None = field(default=None, compare=False)
    certified_slope: Formula | None = field(default=None, compare=False)
    build: Callable[..., Loss] | None = field(default=None, compare=False, repr=False)

    def with_options(self, **options: Fraction | int) -> Loss:
        """Return the record for other parameters: `LOSSES["huber"].with_options(delta=Fraction(1, 2))`."""
        if not options:
            return self
        if self.build is None:
            raise TypeError(f"{self.name} has no options")
        return self.build(
            **{name: Fraction(value) for name, value in {**dict(self.options), **options}.items()}
        )


_Y, _T = Variable("y"), Variable("t")
_ZERO, _ONE, _TWO = formula(0), formula(1), formula(2)
_ERROR = _Y - _T
_AT_TARGET = LossKink((_Y, _T), Fraction(0), "nothing to correct at the target")


def _log(argument: Formula) -> Formula:
    return Call("log", (argument,))


def _huber(delta: Fraction = Fraction(1)) -> Loss:
    width, d = float(delta), Number(delta)
    near = Quotient(_ERROR**2, _TWO)
    far = _scaled(delta, Call("abs", (_ERROR,)) - Number(delta / 2))

    def value(y: Floats, t: Floats) -> Floats:
        size = np.abs(y - t)
        inside = np.minimum(size, width)  # the other branch must not overflow
        return np.where(size <= width, 0.5 * inside * inside, width * (size - 0.5 * width))

    return Loss(
        name="huber",
        symbol="Huber loss",
        formula=Cases((Case(Call("abs", (_ERROR,)), "<=", d, near),), far),
        slope=Cases((Case(_ERROR, ">", d, d), Case(_ERROR, "<", Number(-delta), Negative(d))), _ERROR),
        value=value,
        derivative=lambda y, t: np.clip(y - t, -width, width),
        source="Huber (1964), Robust estimation of a location parameter",
        options=(("delta", delta),),
        build=_huber,
    )


def _scaled(factor: Fraction, term: Formula) -> Formula:
    return term if factor == 1 else Product((Number(factor), term))


def _checked_log(argument: Floats, weight: Floats) -> Floats:
    """Return weight · log(argument), 0 where the weight is 0; log 0 with a weight is a fault."""
    argument, weight = np.broadcast_arrays(argument, weight)
    used = weight != 0
    _refuse(used & (argument == 0), "log of zero")
    _refuse(used & (argument < 0), "log of a negative number")
    return np.asarray(weight * np.log(np.where(used, argument, 1.0)))


def _checked_quotient(weight: Floats, denominator: Floats) -> Floats:
    """Return weight / denominator, 0 where the weight is 0; division by zero with a weight is a fault."""
    weight, denominator = np.broadcast_arrays(weight, denominator)
    used = weight != 0
    _refuse(used & (denominator == 0), "division by zero")
    return np.asarray(weight / np.where(used, denominator, 1.0))


def _refuse(wrong: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], what: str) -> None:
    if np.any(wrong):
        raise DomainError.where(np.asarray(wrong), what)


def _binary_value(y: Floats, t: Floats) -> Floats:
    positive = _checked_log(y, t)
    rest = 1.0 - np.asarray(y)
    negative = _checked_log(rest, 1.0 - np.asarray(t))
    small = (y > 0) & (y < 0.5)  # there 1 − y is rounded, and log1p is not
    return np.asarray(-(positive + np.where(small, (1.0 - t) * np.log1p(-np.where(small, y, 0.0)), negative)))


def _binary_derivative(y: Floats, t: Floats) -> Floats:
    # −(t/y − (1 − t)/(1 − y)) = (y − t)/(y (1 − y)), which keeps its digits near y = t.
    _checked_quotient(t, y)
    _checked_quotient(1.0 - np.asarray(t), 1.0 - np.asarray(y))
    y, t = np.broadcast_arrays(np.asarray(y, dtype=np.float64), np.asarray(t, dtype=np.float64))
    only_one, only_zero = t == 1, t == 0
    plain = ~(only_one | only_zero)
    return np.where(
        plain,
        (y - t) / np.where(plain, y * (1.0 - y), 1.0),
        np.where(only_one, -1.0 / np.where(only_one, y, 1.0), 1.0 / np.where(only_zero, 1.0 - y, 1.0)),
    )


_RECORDS: tuple[Loss, ...] = (
    Loss(
        name="squared_error",
        symbol="squared error",
        formula=_ERROR**2,
        slope=Product((_TWO, _ERROR)),
        value=lambda y, t: np.square(y - t),
        derivative=lambda y, t: 2.0 * (y - t),
        source="Legendre (1805), Nouvelles méthodes pour la détermination des orbites des comètes",
    ),
    Loss(
        name="absolute_error",
        symbol="absolute error",
        formula=Call("abs", (_ERROR,)),
        slope=Cases((Case(_Y, ">", _T, _ONE), Case(_Y, "<", _T, Negative(_ONE))), _ZERO),
        value=lambda y, t: np.abs(y - t),
        derivative=lambda y, t: np.sign(y - t),
        source="Boscovich (1757), De litteraria expeditione",
        kinks=(_AT_TARGET,),
    ),
    _huber(),
    Loss(
        name="hinge",
        symbol="hinge loss",
        formula=Call("max", (_ZERO, _ONE - _T * _Y)),
        slope=Cases((Case(_T * _Y, "<", _ONE, Negative(_T)),), _ZERO),
        value=lambda y, t: np.maximum(0.0, 1.0 - t * y),
        derivative=lambda y, t: np.where(t * y < 1.0, -t, 0.0 * t),
        source="Cortes, Vapnik (1995), Support-vector networks; t is −1 or 1",
        kinks=(LossKink((_T * _Y, _ONE), Fraction(0), "the margin is met: nothing to correct"),),
    ),
    Loss(
        name="binary_cross_entropy",
        symbol="binary cross-entropy",
        formula=Negative(Sum((_T * _log(_Y), Product((_ONE - _T, _log(_ONE - _Y)))))),
        slope=Negative(Sum((Quotient(_T, _Y), Negative(Quotient(_ONE - _T, _ONE - _Y))))),
        value=_binary_value,
        derivative=_binary_derivative,
        source="Goodfellow, Bengio, Courville (2016), Deep learning, section 6.2.2.2",
        certified=Cases(
            (
                Case(_T, "=", _ZERO, Negative(_log(_ONE - _Y))),
                Case(_T, "=", _ONE, Negative(_log(_Y))),
            ),
            Negative(Sum((_T * _log(_Y), Product((_ONE - _T, _log(_ONE - _Y)))))),
        ),
        certified_slope=Cases(
            (
                Case(_T, "=", _ZERO, Quotient(_ONE, _ONE - _Y)),
                Case(_T, "=", _ONE, Negative(Quotient(_ONE, _Y))),
            ),
            Negative(Sum((Quotient(_T, _Y), Negative(Quotient(_ONE - _T, _ONE - _Y))))),
        ),
    ),
    Loss(
        name="cross_entropy",
        symbol="cross-entropy",
        formula=Negative(_T * _log(_Y)),
        slope=Negative(Quotient(_T, _Y)),
        value=lambda y, t: -_checked_log(y, t),
        derivative=lambda y, t: -_checked_quotient(t, y),
        source="Goodfellow, Bengio, Courville (2016), Deep learning, section 6.2.2.3",
        certified=Cases((Case(_T, "=", _ZERO, _ZERO),), Negative(_T * _log(_Y))),
        certified_slope=Cases((Case(_T, "=", _ZERO, _ZERO),), Negative(Quotient(_T, _Y))),
    ),
)

LOSSES: Mapping[str, Loss] = MappingProxyType({record.name: record for record in _RECORDS})
"""Every loss of the contract by name, options at their defaults."""
