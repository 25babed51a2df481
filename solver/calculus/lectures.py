"""How a lecturer goes from the mechanical derivative of a known function to its textbook form.

One record for each function: rewritings before the differentiation, the steps after it, and those that name the
output. The differentiation between them is left to `calculus.mechanical`, and every line, whoever wrote it, is
checked before it is believed. A function without a record here is differentiated as any expression is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

Step = tuple[str, str]
"""Keys of the rules, separated by spaces, and the line in the language of `calculus.script`."""


@dataclass(frozen=True, slots=True)
class Lecture:
    """A way through one function.

    Args:
        definition: What is differentiated, where it is not the formula of the table.
        opening: The definition rewritten, step by step.
        closing: From the mechanical derivative to the textbook form in the variable.
        naming: On to the form in the output y; used only where the output has a name.
    """

    definition: str = ""
    opening: tuple[Step, ...] = ()
    closing: tuple[Step, ...] = ()
    naming: tuple[Step, ...] = ()


ACTIVATION_LECTURES: Mapping[str, Lecture] = MappingProxyType(
    {
        "sigmoid": Lecture(
            opening=(("reciprocal_as_power", "(1 + exp(-z))^(-1)"),),
            closing=(
                ("split", "(1/(1 + exp(-z)))*(exp(-z)/(1 + exp(-z)))"),
                ("add_subtract", "(1/(1 + exp(-z)))*((1 + exp(-z) - 1)/(1 + exp(-z)))"),
                ("split", "(1/(1 + exp(-z)))*(1 - 1/(1 + exp(-z)))"),
                ("recognise_sigmoid", "sigmoid(z)*(1 - sigmoid(z))"),
            ),
            naming=(("output", "y*(1 - y)"),),
        ),
        "tanh": Lecture(
            definition="(exp(z) - exp(-z))/(exp(z) + exp(-z))",
            closing=(
                ("split", "1 - ((exp(z) - exp(-z))/(exp(z) + exp(-z)))^2"),
                ("recognise", "1 - tanh(z)^2"),
            ),
            naming=(("output", "1 - y^2"),),
        ),
        "relu": Lecture(opening=(("maximum", "cases(gt(z, 0, z), 0)"),)),
        "elu": Lecture(
            naming=(
                ("add_subtract_same", "cases(gt(z, 0, 1), alpha*(exp(z) - 1) + alpha)"),
                ("output", "cases(gt(z, 0, 1), y + alpha)"),
            )
        ),
        "softplus": Lecture(
            closing=(
                ("divide_through", "1/(exp(-z) + 1)"),
                ("recognise_sigmoid", "sigmoid(z)"),
            )
        ),
        "gelu": Lecture(closing=(("simplify", "(1 + erf(z/sqrt(2)))/2 + z*(exp(-z^2/2)/sqrt(2*pi))"),)),
        "swish": Lecture(
            naming=(
                ("output", "sigmoid(z) + y*(1 - sigmoid(z))"),
                ("collect", "y + sigmoid(z)*(1 - y)"),
            )
        ),
    }
)
"""By the name of the activation."""

LOSS_LECTURES: Mapping[str, Lecture] = MappingProxyType(
    {
        "absolute_error": Lecture(
            opening=(("absolute_value", "cases(gt(y, t, y - t), lt(y, t, -(y - t)), 0)"),)
        ),
        "huber": Lecture(
            opening=(
                (
                    "absolute_value",
                    (
                        "cases(gt(y - t, delta, delta*(y - t - delta/2)),"
                        " lt(y - t, -delta, delta*(-(y - t) - delta/2)), (y - t)^2/2)"
                    ),
                ),
            )
        ),
        "hinge": Lecture(opening=(("maximum", "cases(lt(t*y, 1, 1 - t*y), 0)"),)),
    }
)
"""By the name of the loss; what is missing needs no bridge."""
