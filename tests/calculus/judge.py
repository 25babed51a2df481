"""The second judge: the value of any formula of a derivation with mpmath, derivatives by finite differences.

It shares nothing with `solver.calculus.balls` (no flint, no power series) and nothing with the rules.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from mpmath import mp, mpf

from solver.calculus import Condition, Derivation, Equation
from solver.formula import (
    Call,
    Case,
    Cases,
    Derivative,
    Formula,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Ref,
    Sum,
    Variable,
    substitute,
)
from solver.functions import ACTIVATIONS

CLASSES = 3
RELATIONS: dict[str, Callable[[mpf, mpf], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
FUNCTIONS: dict[str, Callable[..., mpf]] = {
    "exp": mp.exp, "log": mp.log, "sqrt": mp.sqrt, "sin": mp.sin, "cos": mp.cos, "tanh": mp.tanh, "erf": mp.erf,
    "abs": abs, "max": max, "min": min, "cancelled": lambda u: u, "vanishing": lambda u: u,
    "sigmoid": lambda u: 1 / (1 + mp.exp(-u)), "softplus": lambda u: mp.log(1 + mp.exp(u)),
    "swish": lambda u: u / (1 + mp.exp(-u)), "pi": lambda: +mp.pi,
}  # fmt: skip


class NoValueError(ArithmeticError):
    """There is no real value here."""


@dataclass(frozen=True)
class Judge:
    """Values of names (a name, and the number of its class or 0), and what the other names stand for."""

    values: Mapping[tuple[Formula, int], mpf]
    definitions: tuple[Equation, ...] = ()
    indices: Mapping[Formula, int] = field(default_factory=dict)

    def of(self, node: Formula) -> mpf:
        match node:
            case Number(value):
                return mpf(value.numerator) / value.denominator
            case Variable() | Ref() | Call("at"):
                return self._leaf(node)
            case Sum(terms):
                return mp.fsum(map(self.of, terms))
            case Product(factors):
                return mp.fprod(map(self.of, factors))
            case Negative(operand):
                return -self.of(operand)
            case Quotient(above, below):
                return self.of(above) / self.of(below)
            case Power(base, exponent):
                return self._real(self.of(base) ** self.of(exponent))
            case Cases(cases, otherwise):
                return self.of(next((case.then for case in cases if self.holds(case)), otherwise))
            case Derivative(of, by):
                return self._slope(of, by)
            case Call():
                return self._call(node)
        raise TypeError(node)

    def holds(self, case: Case | Condition) -> bool:
        sides = [case.subject, case.bound]
        if case.subject in self.indices:
            return RELATIONS[case.relation](*(self._index(side) for side in sides))
        return RELATIONS[case.relation](*map(self.of, sides))

    def _index(self, node: Formula) -> int:
        return self.indices[node] if node in self.indices else int(node.value)

    def _key(self, node: Formula) -> tuple[Formula, int]:
        return (node.arguments[0], self._index(node.arguments[1])) if isinstance(node, Call) else (node, 0)

    def _leaf(self, node: Formula) -> mpf:
        key = self._key(node)
        if key in self.values:
            return self.values[key]
        for equation in self.definitions:
            if equation.left == node:
                return self.of(equation.right)
            if isinstance(equation.left, Call) and equation.left.arguments[0] == key[0]:
                indices = {**self.indices, equation.left.arguments[1]: key[1]}
                return replace(self, indices=indices).of(equation.right)
        raise LookupError(node)

    def _slope(self, of: Formula, by: Formula) -> mpf:
        key, start = self._key(by), self.of(by)
        step = mpf(10) ** -(mp.dps // 4)

        def at(place: int) -> mpf:
            return replace(self, values={**self.values, key: start + place * step}).of(of)

        # Eighth-order central difference: the error is of the order of step^8.
        weights = {1: (4, 5), 2: (-1, 5), 3: (4, 105), 4: (-1, 280)}
        return mp.fsum(mpf(a) / b * (at(k) - at(-k)) for k, (a, b) in weights.items()) / step

    def _call(self, node: Call) -> mpf:
        match node:
            case Call("sum" | "sum_except", (body, index, *without)):
                left_out = [self._index(other) for other in without]
                classes = [k for k in range(1, CLASSES + 1) if k not in left_out]
                return mp.fsum(replace(self, indices={**self.indices, index: k}).of(body) for k in classes)
            case Call("phi", (argument,), primes):
                return (mp.sinh if primes % 2 == 0 else mp.cosh)(self.of(argument))
            case Call(name, arguments) if name in FUNCTIONS:
                return self._real(FUNCTIONS[name](*map(self.of, arguments)))
            case Call(name, (argument, *options)):
                record = ACTIVATIONS[name]
                chosen = {key: o.value for (key, _), o in zip(record.options, options, strict=True)}
                return self.of(substitute(record.with_options(**chosen).formula, z=argument))
        raise TypeError(node)

    @staticmethod
    def _real(value: mpf) -> mpf:
        if isinstance(value, mp.mpc) or not mp.isfinite(value):
            raise NoValueError(value)
        return value


def points(derivation: Derivation, count: int, seed: int = 7) -> list[Judge]:
    """Return judges at random points for the names of a derivation; targets that are indexed add up to 1."""
    draw = random.Random(seed)
    found = []
    for _ in range(count):
        values: dict[tuple[Formula, int], mpf] = {}
        for name in _names(derivation):
            values[name, 0] = mpf(draw.randint(1, 9999)) / 5003
            vector = [mpf(draw.randint(1, 9999)) / 5003 for _ in range(CLASSES)]
            total = mp.fsum(vector) if name == Variable("t") else 1
            values |= {(name, k): value / total for k, value in enumerate(vector, start=1)}
        indices = {Variable(letter): draw.randint(1, CLASSES) for letter in "jk"}
        labels = {Variable("A"): 1, Variable("B"): 2}
        found.append(Judge(values, derivation.definitions, indices | labels))
    return found


def _names(derivation: Derivation) -> list[Formula]:
    from solver.formula import walk

    defined = {e.left.arguments[0] if isinstance(e.left, Call) else e.left for e in derivation.definitions}
    formulas = [line.formula for line in derivation.lines] + [e.right for e in derivation.definitions]
    leaves = {n for formula in formulas for n in walk(formula) if isinstance(n, (Variable, Ref))}
    return sorted(leaves - defined, key=repr)
