"""Derivations as data: the lines that a lecturer writes, each with the rules that lead to it.

The first line is the left-hand side itself (`Derivative(of, by)`, or the expression that an identity starts from); every
other line equals the line before it, and nothing leaves this room that was not checked to be so. Names, not letters:
a derivation is about `Variable`s and `Ref`s, and notation prints it. What cancels or vanishes is data as well: paths to
the parts of a line, so that the formula itself stays an ordinary formula that can be computed and substituted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from solver.calculus.rule import Rule
from solver.errors import SolverError
from solver.formula import Call, Case, Derivative, Formula, Ref, Variable, children, rebuild, transform

Path = tuple[int, ...]
"""Which part of a formula: at each level the place among `solver.formula.children`, from 0."""

CANCELLED = "cancelled"
"""Function name around a part that cancels, in `DerivationLine.marked`."""

VANISHING = "vanishing"
"""Function name around a part that is zero, in `DerivationLine.marked`."""


@dataclass(frozen=True, slots=True)
class Equation:
    """left = right: what a name stands for, or what is assumed."""

    left: Formula
    right: Formula


@dataclass(frozen=True, slots=True)
class Condition:
    """subject (relation) bound, as in a `Case`: "k = j", "z > 0"."""

    subject: Formula
    relation: str
    bound: Formula


@dataclass(frozen=True, slots=True)
class Convention:
    """Where `where` holds there is no derivative, and `value` is taken.

    Attributes:
        where: The kink: z = 0, y = t.
        value: The stated slope.
        reason: Why this one, in words.
    """

    where: Equation
    value: Formula
    reason: str


@dataclass(frozen=True, slots=True)
class DerivationLine:
    """One line: "= formula", and why it equals the line before.

    Attributes:
        formula: What stands on the line; may hold `Derivative`s that the next line works out.
        rules: What was applied, the outermost first; empty on the first line alone.
        note: A remark for the reader, in words; usually empty.
        cancelled: Parts that cancel each other on this line and are gone on the next.
        vanishing: Parts that are zero on this line and are gone on the next.
    """

    formula: Formula
    rules: tuple[Rule, ...] = ()
    note: str = ""
    cancelled: tuple[Path, ...] = ()
    vanishing: tuple[Path, ...] = ()

    @property
    def rule(self) -> Rule | None:
        """The main rule of the line."""
        return self.rules[0] if self.rules else None

    @property
    def marked(self) -> Formula:
        """The formula with Call("cancelled", (part,)) and Call("vanishing", (part,)) around the marked parts."""
        marks = dict.fromkeys(self.cancelled, CANCELLED) | dict.fromkeys(self.vanishing, VANISHING)
        return _wrap(self.formula, (), marks)


@dataclass(frozen=True, slots=True)
class Branch:
    """The lines under one condition; the first of them equals the last common line."""

    condition: Condition
    lines: tuple[DerivationLine, ...]

    @property
    def result(self) -> Formula:
        """What comes out under this condition."""
        return self.lines[-1].formula


@dataclass(frozen=True, slots=True)
class Derivation:
    """A chain of equal lines from ∂of/∂by to its result.

    Attributes:
        of: What is differentiated, or rewritten.
        by: By what; None for an identity (nothing is differentiated).
        lines: The common lines, the left-hand side first.
        result: The last word: the last line, or the cases that the branches lead to.
        definitions: What the names stand for that are not free (y = σ(z)); indices in them are free.
        assumptions: What is known besides (Σ t = 1).
        branches: Cases that are worked out one by one after the common lines.
        conventions: Values taken where there is no derivative.
    """

    of: Formula
    by: Formula | None
    lines: tuple[DerivationLine, ...]
    result: Formula
    definitions: tuple[Equation, ...] = ()
    assumptions: tuple[Equation, ...] = ()
    branches: tuple[Branch, ...] = ()
    conventions: tuple[Convention, ...] = ()

    @property
    def left(self) -> Formula:
        """The left-hand side of the whole chain."""
        return self.lines[0].formula

    @property
    def steps(self) -> tuple[DerivationLine, ...]:
        """The lines right of the first equals sign."""
        return self.lines[1:]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules used, in order of appearance, each once."""
        lines = (*self.lines, *(line for branch in self.branches for line in branch.lines))
        return tuple(dict.fromkeys(rule for line in lines for rule in line.rules))

    def renamed(self, names: Mapping[Formula, Formula]) -> Derivation:
        """Return the same derivation with other leaves: {Variable("z"): Ref(a1[2])}; paths stay valid."""

        def new(formula: Formula) -> Formula:
            return transform(formula, names.get)

        def line(old: DerivationLine) -> DerivationLine:
            return replace(old, formula=new(old.formula))

        def equation(old: Equation) -> Equation:
            return Equation(new(old.left), new(old.right))

        return replace(
            self,
            of=new(self.of),
            by=None if self.by is None else new(self.by),
            lines=tuple(map(line, self.lines)),
            result=new(self.result),
            definitions=tuple(map(equation, self.definitions)),
            assumptions=tuple(map(equation, self.assumptions)),
            branches=tuple(
                Branch(
                    Condition(new(b.condition.subject), b.condition.relation, new(b.condition.bound)),
                    tuple(map(line, b.lines)),
                )
                for b in self.branches
            ),
            conventions=tuple(
                Convention(equation(c.where), new(c.value), c.reason) for c in self.conventions
            ),
        )


class Unfinished(SolverError):
    """A derivation that does not reach its end; it holds the lines that are proven, and no other.

    Args:
        of: What should have been differentiated.
        by: By what.
        lines: The proven lines; at least the left-hand side.
        reason: What is missing, as a sentence part.
    """

    def __init__(
        self, of: Formula, by: Formula | None, lines: tuple[DerivationLine, ...], reason: str
    ) -> None:
        super().__init__(of, by, lines, reason)
        self.of = of
        self.by = by
        self.lines = lines
        self.reason = reason

    def __str__(self) -> str:
        return f"the derivation is unfinished: {self.reason}"


def at(name: Formula, index: Formula) -> Call:
    """Return name_index with an index that is a letter: z_k."""
    return Call("at", (name, index))


def total(body: Formula, index: Formula, without: Formula | None = None) -> Call:
    """Return Σ_index body over all classes, or over all but one: Σ_{k≠j}."""
    return Call("sum", (body, index)) if without is None else Call("sum_except", (body, index, without))


def is_leaf(node: Formula) -> bool:
    """Return whether a node is something to differentiate by: a name, a quantity, or an indexed name."""
    return isinstance(node, (Variable, Ref)) or (isinstance(node, Call) and node.function == "at")


def part(formula: Formula, path: Path) -> Formula:
    """Return the part of a formula at a path."""
    for place in path:
        formula = children(formula)[place]
    return formula


def unfinished(node: Formula) -> bool:
    """Return whether a derivative is still to be worked out somewhere in a formula."""
    return isinstance(node, Derivative) or any(unfinished(operand) for operand in children(node))


def _wrap(node: Formula, here: Path, marks: Mapping[Path, str]) -> Formula:
    if not any(path[: len(here)] == here for path in marks):
        return node
    operands = children(node)
    inside = (
        rebuild(node, tuple(_wrap(operand, (*here, n), marks) for n, operand in enumerate(operands)))
        if operands
        else node
    )
    if here in marks and not isinstance(node, Case):
        return Call(marks[here], (inside,))
    return inside
