"""What a rule is, and the few questions that rules ask about a formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from solver.formula import Call, Formula, Negative, Number, Power, Quotient, Ref, Variable, children

Step = Callable[[Formula, Formula], Formula | None]

ZERO, ONE, TWO = Number(Fraction(0)), Number(Fraction(1)), Number(Fraction(2))


@dataclass(frozen=True, slots=True)
class Rule:
    """What a line may appeal to.

    Attributes:
        key: Name within the program.
        name: Name in a document: "product rule".
        statement: Its formula in the language of `calculus.script`; "" for a step of algebra that has none.
        apply: (of, by) -> ∂of/∂by one step further, or None where the rule does not fit.
    """

    key: str
    name: str
    statement: str = field(default="", compare=False)
    apply: Step | None = field(default=None, compare=False, repr=False)


def rule(name: str) -> Callable[[Step], Rule]:
    """Make a rule of differentiation of a function; its key is the function's name, its statement the docstring."""

    def made(step: Step) -> Rule:
        return Rule(step.__name__.rstrip("_"), name, " ".join((step.__doc__ or "").split()), step)

    return made


def depends(node: Formula, by: Formula) -> bool:
    """Return whether a formula reads a leaf; z_k may be z_j, so it counts as reading it, and z_2 does not read z_1."""
    if node == by:
        return True
    match node, by:
        case Call("at", (name, index)), Call("at", (other, label)):
            return name == other and not (isinstance(index, Number) and isinstance(label, Number))
        case _:
            return any(depends(operand, by) for operand in children(node))


def plain_number(node: Formula) -> Fraction | None:
    """Return the value of a plain number, a signed one, or a fraction of two; None for anything else."""
    match node:
        case Number(value):
            return value
        case Negative(operand):
            inner = plain_number(operand)
            return None if inner is None else -inner
        case Quotient(Number(above), Number(below)) if below != 0:
            return above / below
        case _:
            return None


def is_name(node: Formula) -> bool:
    """Return whether a node is a plain leaf: a name or a quantity."""
    return isinstance(node, (Variable, Ref))


def squared(node: Formula) -> Power:
    """Return node²."""
    return Power(node, TWO)
