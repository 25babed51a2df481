"""Differentiating line by line, in the steps of a lecturer rather than of a machine.

One line applies one rule to each derivative that stands on the line before, and at once works out what a reader sees
without help: derivatives of constants, of linear terms, and inner derivatives that take a single rule. Linear rules
(sums, constant multiples) are drawn through in one line; where only plain terms are left they take no line at all.
When no derivative is left, signs, numbers and equal factors are gathered, if that changes anything.
"""

from __future__ import annotations

from collections.abc import Iterator

from solver.calculus.derivation import DerivationLine, unfinished
from solver.calculus.rule import ONE, Rule, depends, is_name, plain_number
from solver.calculus.rules import RULES, differentiate_once
from solver.calculus.slope import NotDifferentiable
from solver.calculus.tidy import clean, folded, light, reordered, size
from solver.formula import (
    Call,
    Cases,
    Derivative,
    Formula,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    children,
    rebuild,
    transform,
    walk,
)

LINE_LIMIT = 25
"""Most lines; a formula that needs more is not one that anybody reads."""

SIZE_LIMIT = 400
"""Most nodes of a formula that is derived line by line."""

SMALL = 6
"""Nodes of a formula that is tidied without a line of its own."""

_LINEAR = ("constant_multiple", "sum", "each_case")
_SILENT = ("constant", "variable")
_REWRITING = ("negative_power", "equal_factors")


class TooLong(ValueError):
    """Nobody would read it."""


def mechanical_lines(of: Formula, by: Formula) -> Iterator[DerivationLine]:
    """Yield the lines after ∂of/∂by, down to one without derivatives, gathered. Not yet checked.

    Raises:
        NotDifferentiable: No rule fits a part of the formula.
        TooLong: The formula, or the way, is longer than anybody reads.
    """
    if size(of) > SIZE_LIMIT:
        raise TooLong(f"the formula has more than {SIZE_LIMIT} parts")
    state: Formula = Derivative(of, by)
    for _ in range(LINE_LIMIT):
        used: dict[Rule, None] = {}
        state = _joined(light(_advanced(state, used)))
        rules = tuple(used) or (RULES["variable" if depends(of, by) else "constant"],)
        if unfinished(state):
            yield DerivationLine(state, rules)
            continue
        gathered = light(clean(state))
        # What was only put into another order takes no line either.
        if reordered(folded(gathered), folded(state)) or size(state) <= SMALL:
            yield DerivationLine(gathered, rules)
        else:
            yield DerivationLine(state, rules)
            yield DerivationLine(gathered, (RULES["simplify"],))
        return
    raise TooLong(f"it takes more than {LINE_LIMIT} lines")


def effort(of: Formula, by: Formula) -> int:
    """Return how many rules in a row a derivative takes, linear ones not counted; 0 for a linear formula."""
    if not depends(of, by) or of == by:
        return 0
    inner = [effort(operand, by) for operand in children(of) if depends(operand, by)]
    match of:
        case Negative() | Sum() | Cases():
            return max(inner)
        case Product() | Quotient() if len(inner) == 1 and not _below(of, by):
            return inner[0]
        case _:
            return 1 + sum(inner)


def _below(of: Formula, by: Formula) -> bool:
    return isinstance(of, Quotient) and depends(of.denominator, by)


def _advanced(state: Formula, used: dict[Rule, None]) -> Formula:
    return transform(state, lambda node: _step(node, used) if isinstance(node, Derivative) else None)


def _step(node: Derivative, used: dict[Rule, None]) -> Formula:
    result, rule = _ruled(_without_numbers(node))
    if rule.key in _SILENT:
        return result
    if rule.key in _REWRITING:
        used[rule] = None
        return result
    if rule.key in _LINEAR:
        used[rule] = None
        if _plain(node.of, node.by):
            return _at_once(result, used)
        return transform(result, lambda inner: _through(inner, used))
    _note(rule, result, used)
    return transform(result, lambda inner: _finished(inner, used))


def _note(rule: Rule, result: Formula, used: dict[Rule, None]) -> None:
    """Name a rule that was applied, and the chain rule where it left an inner derivative to multiply with."""
    used[rule] = None
    if rule.key not in ("product", "quotient", "reciprocal") and any(
        isinstance(inner, Derivative) and depends(inner.of, inner.by) and inner.of != inner.by
        for inner in walk(result)
    ):
        used[RULES["chain"]] = None


def _through(node: Formula, used: dict[Rule, None]) -> Formula | None:
    """Draw linear rules through, and leave what needs a rule of its own for the next line."""
    if not isinstance(node, Derivative):
        return None
    if effort(node.of, node.by) == 0:
        return _at_once(node, {})
    node = _without_numbers(node)
    result, rule = _ruled(node)
    if rule.key in _LINEAR:
        used[rule] = None
        return transform(result, lambda inner: _through(inner, used))
    return node


def _finished(node: Formula, used: dict[Rule, None]) -> Formula | None:
    """Work an inner derivative out if it takes one rule at most."""
    if not isinstance(node, Derivative):
        return None
    return _at_once(node, used) if effort(node.of, node.by) <= 1 else node


def _at_once(node: Formula, used: dict[Rule, None]) -> Formula:
    """Work every derivative out to the end; rules that a reader need not be told are not noted."""

    def step(inner: Formula) -> Formula | None:
        if not isinstance(inner, Derivative):
            return None
        result, rule = _ruled(inner)
        if rule.key not in (*_SILENT, *_LINEAR, *_REWRITING):
            _note(rule, result, used)
        return _at_once(result, used)

    return light(transform(node, step))


def _ruled(node: Derivative) -> tuple[Formula, Rule]:
    found = differentiate_once(node.of, node.by)
    if found is None:
        raise NotDifferentiable(node.of, node.by)
    return found


def _without_numbers(node: Derivative) -> Derivative:
    """Return ∂(u + 3)/∂x as ∂u/∂x: one term and plain numbers are no sum worth a line."""
    if not isinstance(node.of, Sum):
        return node
    kept = [term for term in node.of.terms if depends(term, node.by)]
    left_out = [term for term in node.of.terms if term not in kept]
    if (
        len(kept) != 1
        or isinstance(kept[0], Negative)
        or any(plain_number(term) is None for term in left_out)
    ):
        return node
    return Derivative(kept[0], node.by)


def _plain(of: Formula, by: Formula) -> bool:
    """Return whether every term is linear or one function of a multiple of the variable: x², 3 e^{−x}, log x."""
    match of:
        case Sum(terms):
            return all(_plain(term, by) for term in terms)
        case Negative(operand):
            return _plain(operand, by)
        case Cases(cases, otherwise):
            return all(_plain(value, by) for value in (*(case.then for case in cases), otherwise))
        case Quotient(numerator, denominator) if denominator == by:
            return not depends(numerator, by)
        case Product() | Quotient() if not _below(of, by):
            return effort(of, by) == 0 or (
                effort(of, by) == 1
                and all(_plain(operand, by) for operand in children(of) if depends(operand, by))
            )
        case Call() | Power():
            inner = [operand for operand in children(of) if depends(operand, by)]
            return all(effort(operand, by) == 0 and _seen_through(operand, by) for operand in inner)
        case _:
            return effort(of, by) == 0


def _seen_through(argument: Formula, by: Formula) -> bool:
    """Return whether a linear argument is a multiple of the variable, or the variable and a constant."""
    return not isinstance(argument, Sum) or by in argument.terms


def _joined(node: Formula) -> Formula:
    """Return the formula with c · 1/v written as c/v where c is made of names and numbers alone."""
    operands = children(node)
    if not operands or isinstance(node, Derivative):
        return node
    if not isinstance(node, Product):
        return _rebuilt(node)
    node = _rebuilt(node)
    match node:
        case Product((*fixed, Quotient(numerator, denominator))) if (
            numerator == ONE and all(map(_bare, fixed)) and not any(depends(denominator, f) for f in fixed)
        ):
            return Quotient(fixed[0] if len(fixed) == 1 else Product(tuple(fixed)), denominator)
        case _:
            return node


def _rebuilt(node: Formula) -> Formula:
    return rebuild(node, tuple(map(_joined, children(node))))


def _bare(node: Formula) -> bool:
    match node:
        case Sum(terms):
            return all(map(_bare, terms))
        case Negative(operand):
            return _bare(operand)
        case Number():
            return True
        case Call("at"):
            return True
        case _:
            return is_name(node)
