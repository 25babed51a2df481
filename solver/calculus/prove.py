"""From lines that claim something to a derivation that holds: no line leaves this module unchecked."""

from __future__ import annotations

from collections.abc import Iterable

from solver.calculus.balls import Unknown
from solver.calculus.check import Checker
from solver.calculus.derivation import (
    Branch,
    Condition,
    Convention,
    Derivation,
    DerivationLine,
    Equation,
    Unfinished,
)
from solver.calculus.mechanical import TooLong
from solver.calculus.slope import NotDifferentiable
from solver.formula import Case, Cases, Derivative, Formula


def proven(
    of: Formula,
    by: Formula | None,
    lines: Iterable[DerivationLine],
    *,
    left: Formula | None = None,
    definitions: tuple[Equation, ...] = (),
    assumptions: tuple[Equation, ...] = (),
    branches: tuple[Branch, ...] = (),
    conventions: tuple[Convention, ...] = (),
) -> Derivation:
    """Return the derivation made of these lines, each checked against the one before.

    Args:
        of: What is differentiated or rewritten.
        by: By what; None for an identity.
        lines: The lines after the left-hand side; a repeated formula is dropped.
        left: The left-hand side; by default ∂of/∂by, or `of` itself for an identity.
        definitions: What names stand for.
        assumptions: What is known besides.
        branches: Cases worked out after the lines; the last one is the "otherwise" of the result.
        conventions: Values taken where there is no derivative.

    Raises:
        Unfinished: A line does not follow, or cannot be checked; with the lines that are proven.
    """
    if left is None:
        left = of if by is None else Derivative(of, by)
    done = _chain(of, by, [DerivationLine(left)], lines, Checker(definitions, assumptions))
    if len(done) == 1 and not branches:
        raise Unfinished(of, by, tuple(done), "there is nothing to derive")
    checked = []
    for branch in branches:
        checker = Checker(definitions, assumptions, (branch.condition,))
        inside = _chain(of, by, [done[-1]], branch.lines, checker)
        checked.append(Branch(branch.condition, tuple(inside[1:])))
    result = _together(checked) if checked else done[-1].formula
    if checked:
        _chain(of, by, done, [DerivationLine(result)], Checker(definitions, assumptions))
    return Derivation(of, by, tuple(done), result, definitions, assumptions, tuple(checked), conventions)


def _chain(
    of: Formula,
    by: Formula | None,
    start: list[DerivationLine],
    lines: Iterable[DerivationLine],
    checker: Checker,
) -> list[DerivationLine]:
    done = list(start)
    try:
        for line in lines:
            if line.formula == done[-1].formula:
                continue
            if not checker.equal(done[-1].formula, line.formula):
                raise Unfinished(of, by, tuple(done), "the next line does not follow from the last one")
            done.append(line)
    except Unknown as unknown:
        reason = "a line cannot be checked: " + str(unknown)
        raise Unfinished(of, by, tuple(done), reason) from unknown
    except NotDifferentiable as fault:
        raise Unfinished(of, by, tuple(done), "no rule differentiates a part of it") from fault
    except TooLong as fault:
        raise Unfinished(of, by, tuple(done), str(fault)) from fault
    return done


def _together(branches: list[Branch]) -> Formula:
    *first, last = branches
    return Cases(tuple(_case(branch.condition, branch.result) for branch in first), last.result)


def _case(condition: Condition, then: Formula) -> Case:
    return Case(condition.subject, condition.relation, condition.bound, then)
