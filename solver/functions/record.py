"""What is known about an activation function, in all the forms that the rest of the house needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from solver.formula import Call, Formula, Number
from solver.functions.numeric import Floats

Options = tuple[tuple[str, Fraction], ...]
"""Names and exact values of a function's parameters, in order."""


class UnnamedFunctionError(ValueError):
    """A value of the unnamed function Φ was asked for: it stands for any function and has none."""


@dataclass(frozen=True)
class Kink:
    """A point where the derivative jumps, and the value that is taken there.

    Args:
        at: The point, in the function's own variable.
        slope: The stated value of the derivative.
        reason: Why this one, for the document.
    """

    at: Fraction
    slope: Fraction
    reason: str


@dataclass(frozen=True)
class Activation:
    """y = f(z), elementwise.

    Args:
        name: The contract's name.
        symbol: What is printed before the bracket: "σ", "tanh", "ReLU".
        formula: f in Variable("z").
        slope: f′ as textbooks print it, in Variable("z") and Variable("y") = f(z).
        value: f on float64 arrays.
        derivative: f′ on float64 arrays of z and y, accurate where the textbook form cancels.
        source: Where the function comes from.
        kinks: Where f′ jumps, with the value taken.
        options: Parameters of the function and their values, exact.
        certified: The same f in a form that balls evaluate without cancellation; None: `formula` does.
        certified_slope: The same for `slope`.
        build: Makes the record for other options.
        elementwise: False for softmax alone.
        numeric: False for the unnamed function, which has no values.
    """

    name: str
    symbol: str
    formula: Formula = field(compare=False)
    slope: Formula = field(compare=False)
    value: Callable[[Floats], Floats] = field(compare=False)
    derivative: Callable[[Floats, Floats], Floats] = field(compare=False)
    source: str = field(compare=False)
    kinks: tuple[Kink, ...] = field(default=(), compare=False)
    options: Options = ()
    certified: Formula | None = field(default=None, compare=False)
    certified_slope: Formula | None = field(default=None, compare=False)
    build: Callable[..., Activation] | None = field(default=None, compare=False, repr=False)
    elementwise: bool = field(default=True, compare=False)
    numeric: bool = field(default=True, compare=False)

    def with_options(self, **options: Fraction | int) -> Activation:
        """Return the record for other parameters: `ACTIVATIONS["elu"].with_options(alpha=Fraction(1, 2))`."""
        if not options:
            return self
        if self.build is None:
            raise TypeError(f"{self.name} has no options")
        return self.build(
            **{name: Fraction(value) for name, value in {**dict(self.options), **options}.items()}
        )

    def call(self, z: Formula) -> Call:
        """Return f(z) as a formula; options follow the argument."""
        return Call(self.name, (z, *(Number(value) for _, value in self.options)))
