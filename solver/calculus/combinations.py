"""Derivations from first principles that are more than one function: output layers with their losses, and softmax.

Each is written down line by line, with what cancels struck, and proven line by line like any other. Names are those
of `functions`: pre-activations z, outputs y, targets t; k runs over the classes and j is one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from solver.calculus.derivation import Branch, Condition, Derivation, DerivationLine, Equation
from solver.calculus.lectures import Step
from solver.calculus.prove import proven
from solver.calculus.script import equation_of, formula_of, line_of
from solver.calculus.tidy import light
from solver.formula import Formula, Negative, substitute
from solver.functions.losses import Loss


@dataclass(frozen=True, slots=True)
class Script:
    """A derivation as it stands on the board.

    Args:
        of: What is differentiated, or rewritten where `by` is empty.
        by: By what.
        lines: The steps after the left-hand side.
        definitions: What names stand for, as "y = sigmoid(z)".
        assumptions: What is known besides.
        branches: (subject, relation, bound) and the steps under this condition.
        names: Names in the texts that stand for whole formulas.
    """

    of: str
    by: str
    lines: tuple[Step, ...]
    definitions: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    branches: tuple[tuple[tuple[str, str, str], tuple[Step, ...]], ...] = ()
    names: Mapping[str, Formula] = field(default_factory=dict)

    def derivation(self) -> Derivation:
        """Return the derivation, every line of it checked.

        Raises:
            Unfinished: A line does not hold; a test makes sure that this does not happen.
        """

        def whole(formula: Formula) -> Formula:
            return light(substitute(formula, **self.names)) if self.names else formula

        def lines(steps: tuple[Step, ...]) -> tuple[DerivationLine, ...]:
            written = (line_of(*step) for step in steps)
            return tuple(replace(line, formula=whole(line.formula)) for line in written)

        def equations(texts: tuple[str, ...]) -> tuple[Equation, ...]:
            return tuple(Equation(e.left, whole(e.right)) for e in map(equation_of, texts))

        return proven(
            formula_of(self.of),
            formula_of(self.by) if self.by else None,
            lines(self.lines),
            definitions=equations(self.definitions),
            assumptions=equations(self.assumptions),
            branches=tuple(
                Branch(Condition(formula_of(subject), relation, formula_of(bound)), lines(steps))
                for (subject, relation, bound), steps in self.branches
            ),
        )


_SUM_OF_EXPONENTIALS = "S = sum(exp(at(z, i)), i)"
_SOFTMAX = "at(y, k) = exp(at(z, k))/sum(exp(at(z, i)), i)"

SOFTMAX_JACOBIAN = Script(
    of="at(y, k)",
    by="at(z, j)",
    definitions=("at(y, k) = exp(at(z, k))/S", _SUM_OF_EXPONENTIALS),
    lines=(
        ("definition", "D(exp(at(z, k))/S, at(z, j))"),
        ("quotient", "(D(exp(at(z, k)), at(z, j))*S - exp(at(z, k))*D(S, at(z, j)))/S^2"),
        ("one_term exponential", "(D(exp(at(z, k)), at(z, j))*S - exp(at(z, k))*exp(at(z, j)))/S^2"),
    ),
    branches=(
        (
            ("k", "=", "j"),
            (
                ("exponential", "(exp(at(z, k))*S - exp(at(z, k))*exp(at(z, k)))/S^2"),
                ("factor split", "(exp(at(z, k))/S)*((S - exp(at(z, k)))/S)"),
                ("split", "(exp(at(z, k))/S)*(1 - exp(at(z, k))/S)"),
                ("output", "at(y, k)*(1 - at(y, k))"),
            ),
        ),
        (
            ("k", "!=", "j"),
            (
                ("constant", "(gone(0) - exp(at(z, k))*exp(at(z, j)))/S^2"),
                ("split", "-(exp(at(z, k))/S)*(exp(at(z, j))/S)"),
                ("output", "-at(y, k)*at(y, j)"),
            ),
        ),
    ),
)
"""∂y_k/∂z_j of softmax: y_k(1 − y_k) for k = j, −y_k y_j otherwise."""

SIGMOID_AS_SOFTMAX = Script(
    of="exp(at(z, A))/(exp(at(z, A)) + exp(at(z, B)))",
    by="",
    lines=(
        ("divide_through", "1/(1 + exp(at(z, B))/exp(at(z, A)))"),
        ("exponents", "1/(1 + exp(at(z, B) - at(z, A)))"),
        ("factor", "1/(1 + exp(-(at(z, A) - at(z, B))))"),
        ("recognise_sigmoid", "sigmoid(at(z, A) - at(z, B))"),
    ),
)
"""Softmax over two classes is the sigmoid of the difference of their pre-activations."""

_LOGISTIC = Script(
    of="L",
    by="z",
    definitions=("L = -(t*log(y) + (1 - t)*log(1 - y))", "y = sigmoid(z)"),
    lines=(
        ("chain", "D(L, y)*D(y, z)"),
        ("known", "-(t/y - (1 - t)/(1 - y))*y*(1 - y)"),
        (
            "expand",
            "-((t/struck(y))*struck(y)*(1 - y) - ((1 - t)/struck(1 - y))*y*struck(1 - y))",
        ),
        ("cancel", "-(t*(1 - y) - (1 - t)*y)"),
        ("expand", "-(t - struck(t*y) - y + struck(t*y))"),
        ("cancel", "y - t"),
    ),
)

_SOFTMAX_CROSS_ENTROPY = Script(
    of="L",
    by="at(z, j)",
    definitions=("L = -sum(at(t, k)*log(at(y, k)), k)", _SOFTMAX),
    assumptions=("sum(at(t, k), k) = 1",),
    lines=(
        ("chain", "sum(D(L, at(y, k))*D(at(y, k), at(z, j)), k)"),
        ("known", "sum(-(at(t, k)/at(y, k))*D(at(y, k), at(z, j)), k)"),
        (
            "separate known",
            (
                "-(at(t, j)/struck(at(y, j)))*struck(at(y, j))*(1 - at(y, j))"
                " + sumx((at(t, k)/struck(at(y, k)))*struck(at(y, k))*at(y, j), k, j)"
            ),
        ),
        ("cancel", "-at(t, j)*(1 - at(y, j)) + sumx(at(t, k)*at(y, j), k, j)"),
        ("expand factor", "-at(t, j) + at(y, j)*(at(t, j) + sumx(at(t, k), k, j))"),
        ("collect", "at(y, j)*sum(at(t, k), k) - at(t, j)"),
        ("sum_to_one", "at(y, j) - at(t, j)"),
    ),
)

_SOFTMAX_SQUARED_ERROR = Script(
    of="L",
    by="at(z, j)",
    definitions=("L = sum((at(y, k) - at(t, k))^2, k)", _SOFTMAX),
    lines=(
        ("chain", "sum(D(L, at(y, k))*D(at(y, k), at(z, j)), k)"),
        ("known", "sum(2*(at(y, k) - at(t, k))*D(at(y, k), at(z, j)), k)"),
        (
            "separate known",
            (
                "2*(at(y, j) - at(t, j))*at(y, j)*(1 - at(y, j))"
                " - sumx(2*(at(y, k) - at(t, k))*at(y, k)*at(y, j), k, j)"
            ),
        ),
        (
            "factor",
            "2*at(y, j)*((at(y, j) - at(t, j))*(1 - at(y, j)) - sumx((at(y, k) - at(t, k))*at(y, k), k, j))",
        ),
        ("collect", "2*at(y, j)*(at(y, j) - at(t, j) - sum((at(y, k) - at(t, k))*at(y, k), k))"),
    ),
)

DELTAS: Mapping[tuple[str, str], Script] = MappingProxyType(
    {
        ("sigmoid", "binary_cross_entropy"): _LOGISTIC,
        ("softmax", "cross_entropy"): _SOFTMAX_CROSS_ENTROPY,
        ("softmax", "squared_error"): _SOFTMAX_SQUARED_ERROR,
    }
)
"""∂L/∂z by (activation, loss); an elementwise pair that is not here is the product of its two slopes."""


def softmax_script(loss: Loss) -> Script:
    """Return ∂L/∂z_j for softmax with any loss ℓ(y_k, t_k) summed over the classes: y_j (g_j − Σ_k g_k y_k), g = ℓ′."""

    def of_class(formula: Formula, index: str) -> Formula:
        return substitute(formula, y=formula_of(f"at(y, {index})"), t=formula_of(f"at(t, {index})"))

    # A minus before the slope stands before the sums as well, not inside them.
    minus = isinstance(loss.slope, Negative)
    slope = loss.slope.operand if isinstance(loss.slope, Negative) else loss.slope
    sign, other = ("-", "+") if minus else ("", "-")
    return Script(
        of="L",
        by="at(z, j)",
        definitions=("L = sum(ell_k, k)", _SOFTMAX),
        lines=(
            ("chain", "sum(D(L, at(y, k))*D(at(y, k), at(z, j)), k)"),
            ("known", f"{sign}sum(g_k*D(at(y, k), at(z, j)), k)"),
            (
                "separate known",
                f"{sign}g_j*at(y, j)*(1 - at(y, j)) {other} sumx(g_k*at(y, k)*at(y, j), k, j)",
            ),
            ("factor", f"{sign}at(y, j)*(g_j*(1 - at(y, j)) - sumx(g_k*at(y, k), k, j))"),
            ("collect", f"{sign}at(y, j)*(g_j - sum(g_k*at(y, k), k))"),
        ),
        names={
            "ell_k": of_class(loss.formula, "k"),
            "g_k": of_class(slope, "k"),
            "g_j": of_class(slope, "j"),
        },
    )
