"""The optimizers: each an ordered tuple of update steps, which are formulas, so that what is printed is what is computed.

Variables of the steps: "w" the parameter, "g" its gradient, "m" and "v" the state carried from step to step, "mhat"
and "vhat" the bias-corrected moments, "rate" the learning rate, "decay" the weight decay, "step" the number of the
update from 1, and the options by their names ("beta", "beta1", "beta2", "epsilon").

Choices, all stated in the document too:

- State is named by its meaning: "m" is a mean or sum of gradients (momentum, nesterov, adam), "v" of squared gradients
  (rmsprop, adam). So a velocity is `m_W1`, and `v_W1` never means two things.
- `weight_decay` λ adds λw to the gradient before anything else (as L2 in the loss would), for every optimizer.
- `momentum` and `nesterov` have two forms: "ema" m = βm + (1 − β)g and "classical" m = βm + g. State starts at 0.
- `nesterov` looks ahead from the gradient at the current parameters (Bengio, Boulanger-Lewandowski, Pascanu 2013).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import MappingProxyType

from solver.formula import Call, Formula, Product, Quotient, Variable, formula
from solver.functions.record import Options
from solver.quantities import Role


@dataclass(frozen=True)
class UpdateStep:
    """name ← formula.

    Args:
        name: Variable that the step sets: "g", "m", "v", "mhat", "vhat" or "w".
        role: What the result is, as a role of the parameter's quantity.
        formula: In the variables of this module; "m", "v", "w" on the right are the old values, until set.
    """

    name: str
    role: Role
    formula: Formula


@dataclass(frozen=True)
class Optimizer:
    """An update rule w ← w − η · (something of g), as ordered steps.

    Args:
        name: The contract's name.
        title: What it is called in a sentence.
        options: Names and values of its options, exact.
        source: Where it comes from.
        default_rate: A usual learning rate, for a new file; a problem states its own.
        forms: Variants of the rule; the first is the default. Empty where there is one.
        form: The variant chosen.
        weight_decay: λ; where it is 0 there is no decay step.
        aliases: Other usual names of the options, and the name here.
    """

    name: str
    title: str
    options: Options
    source: str
    default_rate: Fraction
    rule: Callable[[str], tuple[UpdateStep, ...]] = field(compare=False, repr=False)
    forms: tuple[str, ...] = ()
    form: str = ""
    weight_decay: Fraction = Fraction(0)
    aliases: tuple[tuple[str, str], ...] = ()

    @property
    def steps(self) -> tuple[UpdateStep, ...]:
        """The steps of one update, in order; the last one sets "w"."""
        decay = (_DECAY,) if self.weight_decay else ()
        return decay + self.rule(self.form)

    @property
    def state(self) -> tuple[str, ...]:
        """The variables that one update hands to the next: of "m" and "v" those that it uses."""
        return tuple(name for name in ("m", "v") if any(step.name == name for step in self.steps))

    def with_options(
        self, form: str = "", weight_decay: Fraction | int = 0, **options: Fraction | int
    ) -> Optimizer:
        """Return the record for other options: `OPTIMIZERS["adam"].with_options(beta1=Fraction(4, 5))`.

        Raises:
            TypeError: An option or a form that this optimizer does not have.
        """
        if form and form not in self.forms:
            raise TypeError(f"{self.name} has no form {form!r}")
        values = dict(self.options)
        for given, value in options.items():
            name = dict(self.aliases).get(given, given)
            if name not in values:
                raise TypeError(f"{self.name} has no option {given!r}")
            values[name] = Fraction(value)
        return replace(
            self,
            form=form or self.form,
            weight_decay=Fraction(weight_decay),
            options=tuple(values.items()),
        )


def _of(name: str) -> Variable:
    return Variable(name)


_W, _G, _M, _V = _of("w"), _of("g"), _of("m"), _of("v")
_RATE, _BETA, _BETA1, _BETA2, _EPSILON = _of("rate"), _of("beta"), _of("beta1"), _of("beta2"), _of("epsilon")
_ONE = formula(1)

_DECAY = UpdateStep("g", Role.GRADIENT, _G + Product((_of("decay"), _W)))


def _mean(old: Formula, beta: Formula, new: Formula) -> Formula:
    """Return β·old + (1 − β)·new."""
    return Product((beta, old)) + Product((_ONE - beta, new))


def _accumulate(form: str) -> Formula:
    return _mean(_M, _BETA, _G) if form == "ema" else Product((_BETA, _M)) + _G


def _step(name: str, formula: Formula) -> UpdateStep:
    return UpdateStep(name, _ROLES[name], formula)


_ROLES = {
    "m": Role.FIRST_MOMENT,
    "v": Role.SECOND_MOMENT,
    "mhat": Role.FIRST_CORRECTED,
    "vhat": Role.SECOND_CORRECTED,
    "w": Role.UPDATED,
}


def _sgd(form: str) -> tuple[UpdateStep, ...]:
    return (_step("w", _W - Product((_RATE, _G))),)


def _momentum(form: str) -> tuple[UpdateStep, ...]:
    return (_step("m", _accumulate(form)), _step("w", _W - Product((_RATE, _M))))


def _nesterov(form: str) -> tuple[UpdateStep, ...]:
    # The new m, once more decayed and refreshed with the same gradient: one step ahead.
    return (_step("m", _accumulate(form)), _step("w", _W - Product((_RATE, _accumulate(form)))))


def _scaled_step(first: Formula, second: Formula) -> Formula:
    return _W - Product((_RATE, Quotient(first, Call("sqrt", (second,)) + _EPSILON)))


def _rmsprop(form: str) -> tuple[UpdateStep, ...]:
    return (_step("v", _mean(_V, _BETA, _G**2)), _step("w", _scaled_step(_G, _V)))


def _adam(form: str) -> tuple[UpdateStep, ...]:
    return (
        _step("m", _mean(_M, _BETA1, _G)),
        _step("v", _mean(_V, _BETA2, _G**2)),
        _step("mhat", Quotient(_M, _ONE - _BETA1 ** _of("step"))),
        _step("vhat", Quotient(_V, _ONE - _BETA2 ** _of("step"))),
        _step("w", _scaled_step(_of("mhat"), _of("vhat"))),
    )


_NINE_TENTHS, _TINY = Fraction(9, 10), Fraction(1, 10**8)

_RECORDS: tuple[Optimizer, ...] = (
    Optimizer(
        "sgd",
        "gradient descent",
        (),
        "Cauchy (1847); Robbins, Monro (1951), A stochastic approximation method",
        Fraction(1, 100),
        _sgd,
    ),
    Optimizer(
        "momentum",
        "gradient descent with momentum",
        (("beta", _NINE_TENTHS),),
        "Polyak (1964), Some methods of speeding up the convergence of iteration methods",
        Fraction(1, 100),
        _momentum,
        forms=("ema", "classical"),
        form="ema",
        aliases=(("beta1", "beta"), ("momentum", "beta")),
    ),
    Optimizer(
        "nesterov",
        "Nesterov’s accelerated gradient",
        (("beta", _NINE_TENTHS),),
        "Nesterov (1983), A method for solving the convex programming problem with convergence rate O(1/k²)",
        Fraction(1, 100),
        _nesterov,
        forms=("classical", "ema"),
        form="classical",
        aliases=(("beta1", "beta"), ("momentum", "beta")),
    ),
    Optimizer(
        "rmsprop",
        "RMSProp",
        (("beta", _NINE_TENTHS), ("epsilon", _TINY)),
        "Tieleman, Hinton (2012), Lecture 6.5: RMSProp, Coursera: Neural networks for machine learning",
        Fraction(1, 1000),
        _rmsprop,
        aliases=(("beta2", "beta"), ("rho", "beta"), ("alpha", "beta")),
    ),
    Optimizer(
        "adam",
        "Adam",
        (("beta1", _NINE_TENTHS), ("beta2", Fraction(999, 1000)), ("epsilon", _TINY)),
        "Kingma, Ba (2015), Adam: a method for stochastic optimization",
        Fraction(1, 1000),
        _adam,
    ),
)

OPTIMIZERS: Mapping[str, Optimizer] = MappingProxyType({record.name: record for record in _RECORDS})
"""Every optimizer of the contract by name, options at their defaults."""
