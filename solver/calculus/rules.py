"""The rules that a line of a derivation may name: one record each, in one table.

A rule of differentiation is a function from ∂of/∂by to one step further, and its docstring is its formula, written in
the language of `calculus.script`: D(u, x) is ∂u/∂x. So the formula can be printed, and a test proves each one for
functions u and v. A rule leaves the inner derivatives standing (the chain rule is in each of them); who writes the
line decides how many are worked out at once. The order of the table is the order in which the rules are tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from solver.calculus.elementary import ELEMENTARY
from solver.calculus.rule import Rule
from solver.calculus.structural import STRUCTURAL
from solver.formula import Formula

DIFFERENTIATION: tuple[Rule, ...] = (*STRUCTURAL, *ELEMENTARY)
"""The rules of differentiation in the order in which they are tried."""

_ALGEBRA = {
    "definition": "definition",
    "reciprocal_as_power": "a reciprocal is the power −1",
    "simplify": "simplify",
    "expand": "expand",
    "collect": "collect",
    "factor": "factor out",
    "cancel": "cancel",
    "split": "split the fraction",
    "add_subtract": "add and subtract 1",
    "add_subtract_same": "add and subtract the same number",
    "recognise": "recognise the function",
    "recognise_sigmoid": "recognise σ",
    "output": "write the output",
    "divide_through": "divide numerator and denominator",
    "exponents": "law of exponents",
    "known": "slopes found before",
    "one_term": "one term depends on the variable",
    "separate": "take one term apart",
    "sum_to_one": "the sum is 1",
    "vanish": "the other terms vanish",
}

RULES: Mapping[str, Rule] = MappingProxyType(
    {entry.key: entry for entry in DIFFERENTIATION}
    | {"chain": Rule("chain", "chain rule", "D(phi(u), x) = D(phi(u), u)*D(u, x)")}
    | {key: Rule(key, name) for key, name in _ALGEBRA.items()}
)
"""Every rule by its key: those of differentiation, the chain rule by its own name, and the steps of algebra."""


def differentiate_once(of: Formula, by: Formula) -> tuple[Formula, Rule] | None:
    """Return ∂of/∂by one step further, inner derivatives standing, and the rule that did it; None without a rule."""
    for entry in DIFFERENTIATION:
        if entry.apply is not None:
            step = entry.apply(of, by)
            if step is not None:
                return step, entry
    return None
