"""Is this line equal to the line before? Decided at random points of the domain, to 50 digits, with proven bounds.

Two formulas that agree to 50 digits at several random rational points are equal for every purpose of this house: what
is written here is piecewise analytic with small coefficients; the points go through all signs, and where there are
cases there are more of them, so that each case gets its share. A disagreement is proven, not guessed: the balls of the
two values do not meet. The draw is fixed, so that the same problem gives the same document.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from solver.calculus.balls import Leaf, Point, Undecided, Undefined, Unknown, working
from solver.calculus.derivation import Condition, Equation
from solver.formula import Call, Case, Cases, Formula, Number, Ref, Variable, children, walk

DIGITS = 50
"""Digits to which two values must agree."""

BITS = (256, 1024)
"""Working precision, and the one tried where the first cannot decide."""

SMOOTH_POINTS, PIECEWISE_POINTS = 8, 24
"""Points at which formulas without and with cases are compared."""

ORTHANTS = 8
"""The first draws go through all signs of three names, twice: log(xy) is log x + log y for positive x and y alone."""

TRIES = 40
"""Draws per wanted point before the domain counts as not found."""

CLASSES = (2, 3, 4)
"""Numbers of classes at which sums over an index are computed, in turn."""

_RANGES = ((Fraction(0), Fraction(1)), (Fraction(1, 4), Fraction(3)), (Fraction(-3), Fraction(3)))
_GRAIN = 9973  # prime: no drawn value is a round number


@dataclass(frozen=True)
class Checker:
    """Compares formulas about the same names.

    Args:
        definitions: What names stand for.
        assumptions: What is known besides: Σ_k t_k = 1 alone, so far; points are drawn so that it holds.
        conditions: Under which the formulas are compared.
    """

    definitions: tuple[Equation, ...] = ()
    assumptions: tuple[Equation, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def equal(self, left: Formula, right: Formula) -> bool:
        """Return whether two formulas agree to 50 digits wherever the left one has a value.

        Raises:
            Unknown: A name or a function cannot be computed, or too few points of the domain were found.
        """
        wanted = PIECEWISE_POINTS if _piecewise(left) or _piecewise(right) else SMOOTH_POINTS
        found = 0
        for point in self._points(left, right, TRIES * wanted):
            agreed = self._agree(point, left, right, *BITS)
            if agreed is False:
                return False
            found += agreed is True
            if found == wanted:
                break
        if found < SMOOTH_POINTS:
            raise Unknown("too few points where the formula has a value")
        return True

    def _agree(self, point: Point, left: Formula, right: Formula, bits: int, *more: int) -> bool | None:
        """Return whether both sides agree at a point; None where one of them says nothing there."""
        from flint import arb

        with working(bits):
            try:
                if not all(point.holds(c.subject, c.relation, c.bound) for c in self.conditions):
                    return None
                before = point.value(left)
            except Undefined:
                return None
            try:
                difference = before - point.value(right)
            except Undecided:
                difference = None
            except Undefined:
                return False
            if difference is not None:
                if not difference.contains(0):
                    return False
                if difference.abs_upper() < (1 + before.abs_lower()) * arb(10) ** -DIGITS:
                    return True
        return self._agree(point, left, right, *more) if more else None

    def _points(self, left: Formula, right: Formula, count: int) -> Iterator[Point]:
        """Yield random points, the same ones for the same formulas."""
        names = _Names()
        for formula in (left, right, *(e.right for e in self.definitions)):
            names.read(formula)
        for condition in self.conditions:
            names.compare(condition)
        plain, indexed = names.free(self.definitions)
        normalised = [_normalised(assumption) for assumption in self.assumptions]
        draw = random.Random(2026)
        for n in range(count):
            classes = CLASSES[n % len(CLASSES)] if indexed else 1
            values: dict[Leaf, Fraction] = {(name, 0): _value(draw) for name in plain}
            if n < 2 * ORTHANTS:
                for place, leaf in enumerate(values):
                    values[leaf] = abs(values[leaf]) * (-1 if n >> place % 3 & 1 else 1)
            for name in indexed:
                vector = [_value(draw) for _ in range(classes)]
                if name in normalised:
                    vector = [abs(value) for value in vector]
                    vector = [value / sum(vector) for value in vector]
                values |= {(name, k): value for k, value in enumerate(vector, start=1)}
            indices = {index: draw.randint(1, classes) for index in names.indices}
            yield Point(values, classes, indices, self.definitions)


class _Names:
    """The names that formulas read: plain ones, those that carry an index, and the indices."""

    def __init__(self) -> None:
        self.plain: dict[Formula, None] = {}
        self.indexed: dict[Formula, None] = {}
        self.indices: dict[Formula, None] = {}

    def read(self, formula: Formula) -> None:
        match formula:
            case Call("at", (name, index)):
                self.indexed[name] = None
                self._index(index)
            case Call("sum" | "sum_except", (body, *indices)):
                self.read(body)
                for index in indices:
                    self._index(index)
            case Variable() | Ref():
                self.plain[formula] = None
            case _:
                for operand in children(formula):
                    self.read(operand)

    def compare(self, condition: Condition) -> None:
        """Read a condition; where one side is an index, the other is."""
        if condition.subject in self.indices or condition.bound in self.indices:
            self._index(condition.subject)
            self._index(condition.bound)
        else:
            self.read(condition.subject)
            self.read(condition.bound)

    def free(self, definitions: tuple[Equation, ...]) -> tuple[list[Formula], list[Formula]]:
        """Return the plain and the indexed names that need a value."""
        defined = {e.left.arguments[0] if isinstance(e.left, Call) else e.left for e in definitions}
        plain = [name for name in self.plain if name not in self.indices and name not in defined]
        return plain, [name for name in self.indexed if name not in defined]

    def _index(self, index: Formula) -> None:
        if not isinstance(index, Number):
            self.indices[index] = None


def _value(draw: random.Random) -> Fraction:
    low, high = draw.choice(_RANGES)
    return low + (high - low) * Fraction(draw.randint(1, _GRAIN - 1), _GRAIN)


def _normalised(assumption: Equation) -> Formula:
    """Return the name t of an assumption Σ_k t_k = 1."""
    match assumption:
        case Equation(Call("sum", (Call("at", (name, _)), _)), Number(value)) if value == 1:
            return name
        case _:
            raise Unknown("this assumption cannot be drawn")


def _piecewise(formula: Formula) -> bool:
    kinked = ("abs", "max", "min", "relu", "leaky_relu", "elu", "step")
    return any(
        isinstance(node, (Case, Cases)) or (isinstance(node, Call) and node.function in kinked)
        for node in walk(formula)
    )
