"""Computing any formula in any arithmetic: the one evaluator of the house.

Sums, products, quotients and powers go through the operators of the elements; calls go to the arithmetic, or to the
record of an activation (in float64 its stable form, elsewhere its formula). A failure names the innermost formula that
has no value, so that a message can print it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.arithmetic.base import OPERATIONS, Arithmetic, DomainError
from solver.formula import (
    Call,
    Case,
    Cases,
    Formula,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Ref,
    Sum,
    Variable,
    walk,
)
from solver.functions.activations import ACTIVATIONS
from solver.functions.record import Activation, UnnamedFunctionError
from solver.quantities import Key

Lookup = Callable[[Key], Any]


def no_lookup(quantity: Key) -> Any:
    """Refuse: the formula should hold no references."""
    raise LookupError(f"no value for {quantity}")


def evaluate(
    formula: Formula,
    lookup: Lookup = no_lookup,
    *,
    arithmetic: Arithmetic,
    variables: Mapping[str, Any] | None = None,
) -> Any:
    """Return the value of a formula, elementwise where its variables and references are arrays.

    Args:
        formula: Any formula without `Derivative`.
        lookup: Value of each `Ref`: an element of the arithmetic or an array of them.
        arithmetic: The number system; its working precision holds inside.
        variables: Value of each `Variable` by name.

    Returns:
        An element, or an array of the shape to which the operands broadcast.

    Raises:
        DomainError: Division by zero, log of a number that is not positive, …; `subject` is the sub-formula.
        Undecided: A ball is too wide for a case or a domain.
        UnnamedFunctionError: The formula holds Φ.
    """
    with arithmetic.working():
        result = _Evaluation(lookup, arithmetic, variables or {}).of(formula)
    if not arithmetic.exact:
        check_finite(result, formula)
    return result


def check_finite(values: Any, subject: Formula | None = None) -> None:
    """Refuse float64 values that have overflowed.

    Raises:
        DomainError: With the position of the first of them.
    """
    wrong = ~np.isfinite(np.asarray(values, dtype=np.float64))
    if np.any(wrong):
        raise DomainError.where(wrong, "a number too large for float64", subject)


_Leaves = Mapping[Ref | Variable, Any]
"""The value of every leaf of a formula, flattened to the common shape."""


@dataclass(frozen=True)
class _Evaluation:
    lookup: Lookup
    arithmetic: Arithmetic
    variables: Mapping[str, Any]

    def of(self, node: Formula) -> Any:
        match node:
            case Number() | Ref() | Variable():
                return self.leaf(node)
            case Sum(terms):
                return self.sum(terms)
            case Product(factors):
                return self.product(factors)
            case Negative(operand):
                return -self.of(operand)
            case Quotient(numerator, denominator):
                return self.call(node, "divide", (self.of(numerator), self.of(denominator)))
            case Power(base, exponent):
                return self.power(node, base, exponent)
            case Call():
                return self.function(node)
            case Cases(cases, otherwise):
                return self.cases(node, cases, otherwise)
            case _:
                raise TypeError(f"not a formula that has a value: {node!r}")

    def leaf(self, node: Number | Ref | Variable) -> Any:
        match node:
            case Number(value):
                return self.arithmetic.number(value)
            case Ref(quantity):
                return self.lookup(quantity)
            case Variable(name):
                if name not in self.variables:
                    raise LookupError(f"no value for the variable {name!r}")
                return self.variables[name]

    def product(self, factors: Sequence[Formula]) -> Any:
        result = self.of(factors[0])
        for factor in factors[1:]:
            result = result * self.of(factor)
        return result

    def sum(self, terms: Sequence[Formula]) -> Any:
        total = self.of(terms[0])
        for term in terms[1:]:
            total = total - self.of(term.operand) if isinstance(term, Negative) else total + self.of(term)
        return total

    def call(self, node: Formula, operation: str, values: tuple[Any, ...]) -> Any:
        try:
            return self.arithmetic.call(operation, *values)
        except DomainError as error:
            raise error.within(node) from None

    def power(self, node: Formula, base: Formula, exponent: Formula) -> Any:
        if isinstance(exponent, Number) and exponent.value.denominator == 1 and 0 <= exponent.value <= 64:
            return self.of(base) ** int(exponent.value)
        return self.call(node, "power", (self.of(base), self.of(exponent)))

    def function(self, node: Call) -> Any:
        if node.function in OPERATIONS and not node.primes:
            return self.operation(node, node.function, node.arguments)
        record = activation_of(node)
        if record is None:
            raise LookupError(f"no function {node.function!r}")
        if not record.numeric:
            raise UnnamedFunctionError(f"{record.symbol} has no values: it stands for any function")
        if node.primes or not record.elementwise:
            raise TypeError(
                f"{record.name} has no value here: its slope is in its record, softmax in `forward`"
            )
        return self.activation(node, record, self.of(node.arguments[0]))

    def operation(self, node: Formula, name: str, arguments: Sequence[Formula]) -> Any:
        values = tuple(self.of(argument) for argument in arguments)
        if name in ("max", "min") and len(values) != 2:
            result = values[0]
            for value in values[1:]:
                result = self.call(node, name, (result, value))
            return result
        return self.call(node, name, values)

    def activation(self, node: Formula, record: Activation, z: Any) -> Any:
        if not self.arithmetic.exact:
            result = record.value(np.asarray(z, dtype=np.float64))
            return result if np.ndim(result) else np.float64(result)
        inner = _Evaluation(self.lookup, self.arithmetic, {"z": z})
        try:
            return inner.of(record.certified or record.formula)
        except DomainError as error:
            raise error.within(node) from None

    def cases(self, node: Formula, cases: Sequence[Case], otherwise: Formula) -> Any:
        leaves = {leaf: self.of(leaf) for leaf in walk(node) if isinstance(leaf, (Ref, Variable))}
        shape = np.broadcast_shapes(*(np.shape(value) for value in leaves.values()))
        if shape == ():
            return self.scalar_cases(cases, otherwise)
        flat = {
            leaf: np.broadcast_to(np.asanyarray(value), shape, subok=True).ravel()
            for leaf, value in leaves.items()
        }
        result = self.arithmetic.zeros((int(np.prod(shape)),))
        rest = np.arange(result.size)
        for case in cases:
            subject = self.restricted(case.subject, flat, rest, shape)
            holds = self.arithmetic.compare(
                subject, case.relation, self.restricted(case.bound, flat, rest, shape)
            )
            chosen, rest = rest[holds], rest[~holds]
            result[chosen] = self.restricted(case.then, flat, chosen, shape)
        result[rest] = self.restricted(otherwise, flat, rest, shape)
        return result.reshape(shape)

    def restricted(
        self, formula: Formula, flat: _Leaves, where: NDArray[np.intp], shape: tuple[int, ...]
    ) -> NDArray[Any]:
        """Compute with the leaves' values at these places alone: no branch sees what it must not."""
        if not where.size:
            return self.arithmetic.zeros((0,))
        references = {leaf.quantity: values[where] for leaf, values in flat.items() if isinstance(leaf, Ref)}
        variables = {leaf.name: values[where] for leaf, values in flat.items() if isinstance(leaf, Variable)}
        try:
            values = _Evaluation(references.__getitem__, self.arithmetic, variables).of(formula)
        except DomainError as error:
            if not error.position:
                raise
            here = np.zeros(int(np.prod(shape)), dtype=bool)
            here[where[list(error.rows)]] = True
            raise DomainError.where(here.reshape(shape), error.what, error.subject) from None
        return np.broadcast_to(np.asarray(values), where.shape)

    def scalar_cases(self, cases: Sequence[Case], otherwise: Formula) -> Any:
        for case in cases:
            if self.arithmetic.compare(self.of(case.subject), case.relation, self.of(case.bound)):
                return self.of(case.then)
        return self.of(otherwise)


def _with_arguments(record: Activation, arguments: Sequence[Formula]) -> Activation:
    """Return the record with the options that follow the argument in a call: LeakyReLU(z, 1/100)."""
    given = arguments[1:]
    if not given:
        return record
    values: dict[str, Fraction] = {}
    for (name, _), argument in zip(record.options, given, strict=True):
        if not isinstance(argument, Number):
            raise TypeError(f"the option {name} of {record.name} must be a number")
        values[name] = argument.value
    return record.with_options(**values)


def activation_of(call: Call) -> Activation | None:
    """Return the record that a call names, with the options that follow its argument, or None."""
    record = ACTIVATIONS.get(call.function)
    return None if record is None else _with_arguments(record, call.arguments)
