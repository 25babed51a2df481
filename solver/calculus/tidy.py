"""Writing a formula as a person would: two degrees of tidiness, neither of which moves mathematics out of sight.

`light` drops what nobody writes down (· 1, + 0, a double minus) and is silent: no line of a derivation is spent on it.
`clean` also gathers signs, numbers and equal factors, cancels, joins like terms and writes one fraction instead of a
product of fractions: a line of its own. Neither expands brackets nor reorders a sum. Nothing here needs to be believed:
every line of a derivation is checked against the one before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from solver.calculus.rule import ONE, ZERO, is_name, plain_number
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
    Sum,
    children,
    rebuild,
    walk,
)

DISTRIBUTED = 60
"""Nodes up to which a factor is written into every case; a long one is written once, before the brace."""


WRITTEN = 64
"""Bits of a power of numbers that is multiplied out."""


def light(node: Formula) -> Formula:
    """Return the formula without · 1, + 0, factors 0, double minus signs and nested sums or products."""
    node = _each(node, light)
    match node:
        case Sum(terms):
            return _sum_of([term for term in _flat_sum(terms) if term != ZERO])
        case Product(factors):
            return _light_product(_flat_product(factors))
        case Negative(operand):
            return negated(operand)
        case Quotient(numerator, denominator) if numerator == ZERO or denominator == ONE:
            return numerator
        case Power(base, exponent) if plain_number(exponent) == 1:
            return base
        case Power(_, exponent) if plain_number(exponent) == 0:
            return ONE
        case Cases(cases, otherwise) if all(case.then == otherwise for case in cases):
            return otherwise
        case _:
            return node


def clean(node: Formula) -> Formula:
    """Return the formula with signs, numbers and equal factors gathered, and like terms joined."""
    node = _each(node, clean)
    match node:
        case Sum(terms):
            return _like_terms(_flat_sum(terms))
        case Product() | Quotient() | Negative() | Power():
            return _gathered(node)
        case Call("exp", (argument,)) if argument == ZERO:
            return ONE
        case Call("log", (argument,)) if argument == ONE:
            return ZERO
        case Cases(cases, otherwise):
            return _fewer_cases(cases, otherwise)
        case _:
            return node


def negated(node: Formula) -> Formula:
    """Return −node without a double minus."""
    match node:
        case Negative(operand):
            return operand
        case Number(value) if value <= 0:
            return Number(-value)
        case _:
            return Negative(node)


def folded(node: Formula) -> Formula:
    """Return the formula with fractions of plain numbers as numbers: 1/2 as ½."""
    node = _each(node, folded)
    match node:
        case Quotient(Number(above), Number(below)) if below != 0:
            return Number(above / below)
        case _:
            return node


def signed(node: Formula) -> Formula:
    """Return the formula with every −(number) as a negative number, so that two spellings compare equal."""
    node = _each(node, signed)
    match node:
        case Negative(Number(value)):
            return Number(-value)
        case _:
            return node


def size(node: Formula) -> int:
    """Return the number of nodes of a formula."""
    return sum(1 for _ in walk(node))


def reordered(one: Formula, other: Formula) -> bool:
    """Return whether two formulas are made of the same pieces, so that only their order differs."""
    return _pieces(one) == _pieces(other)


def _pieces(node: Formula) -> Counter[tuple[type[Formula], object]]:
    return Counter((type(part), part if not children(part) else len(children(part))) for part in walk(node))


def _each(node: Formula, change: Callable[[Formula], Formula]) -> Formula:
    operands = children(node)
    if not operands or isinstance(node, Derivative):
        return node
    return rebuild(
        node,
        tuple(operand if _index_case(node, n) else change(operand) for n, operand in enumerate(operands)),
    )


def _index_case(node: Formula, place: int) -> bool:
    # Σ_k and z_k: the index is a label, nothing to tidy.
    return isinstance(node, Call) and node.function in ("at", "sum", "sum_except") and place > 0


def _flat_sum(terms: Sequence[Formula]) -> list[Formula]:
    found: list[Formula] = []
    for term in terms:
        found.extend(_flat_sum(term.terms) if isinstance(term, Sum) else (term,))
    return found


def _flat_product(factors: Sequence[Formula]) -> list[Formula]:
    found: list[Formula] = []
    for factor in factors:
        found.extend(_flat_product(factor.factors) if isinstance(factor, Product) else (factor,))
    return found


def _sum_of(terms: Sequence[Formula]) -> Formula:
    if not terms:
        return ZERO
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def _product_of(factors: Sequence[Formula]) -> Formula:
    if not factors:
        return ONE
    return factors[0] if len(factors) == 1 else Product(tuple(factors))


def _light_product(factors: list[Formula]) -> Formula:
    if ZERO in factors:
        return ZERO
    negative = False
    kept: list[Formula] = []
    for factor in factors:
        value = plain_number(factor)
        if value in (1, -1):
            negative ^= value == -1
        elif not kept and isinstance(factor, Negative):
            negative = not negative
            kept.append(factor.operand)
        else:
            kept.append(factor)
    product = _product_of(_flat_product(kept))
    return negated(product) if negative else product


@dataclass
class _Monomial:
    """coefficient · Π base^exponent, while it is being gathered; exponents are numbers, bases any formula."""

    coefficient: Fraction = Fraction(1)
    powers: dict[Formula, Fraction] = field(default_factory=dict)
    divided: bool = False  # a fraction was written: x/2 stays x/2
    decimal: bool = False  # a decimal was written: 0.5/x stays 0.5/x

    def take(self, node: Formula, exponent: Fraction) -> None:
        match node:
            case Number(value) if value == 0 and exponent < 0:
                self._raise(node, exponent)
            case Number(value) if exponent.denominator == 1 and _writable(value, int(exponent)):
                self.decimal |= value.denominator != 1
                self.coefficient *= value ** int(exponent)
            case Negative(operand) if exponent.denominator == 1:
                self.coefficient *= Fraction(-1) ** int(exponent)
                self.take(operand, exponent)
            case Product(factors) if exponent.denominator == 1:
                for factor in factors:
                    self.take(factor, exponent)
            case Quotient(numerator, denominator) if exponent.denominator == 1:
                self.divided = True
                self.take(numerator, exponent)
                self.take(denominator, -exponent)
            case Power(base, power) if (n := plain_number(power)) is not None and exponent.denominator == 1:
                self.take(base, n * exponent) if n.denominator == 1 else self._raise(base, n * exponent)
            case Call("sqrt", (argument,)):
                self._raise(argument, exponent / 2)
            case _:
                self._raise(node, exponent)

    def _raise(self, base: Formula, exponent: Fraction) -> None:
        self.powers[base] = self.powers.get(base, Fraction(0)) + exponent

    def written(self) -> Formula:
        """Return the monomial as a fraction or a product: number, names, then the rest in their order."""
        if self.coefficient == 0:
            return ZERO
        cases = [base for base in self.powers if isinstance(base, Cases)]
        if len(cases) == 1 and self.powers[cases[0]] == 1 and sum(map(size, self.powers)) <= DISTRIBUTED:
            return self._inside(cases[0])
        amount = abs(self.coefficient)
        above = [power for base, n in self.powers.items() if n > 0 for power in _powered(base, n)]
        below = [power for base, n in self.powers.items() if n < 0 for power in _powered(base, -n)]
        above.sort(key=_rank)
        below.sort(key=_rank)
        if self.divided and not (self.decimal and _is_decimal(amount)):
            top, bottom = Fraction(amount.numerator), Fraction(amount.denominator)
            above = [Number(top), *above] if top != 1 else above
            below = [Number(bottom), *below] if bottom != 1 else below
        elif amount != 1:
            above = [Number(amount), *above]
        result = _product_of(_flat_product(above))
        if below:
            result = Quotient(result, _product_of(_flat_product(below)))
        return result if self.coefficient > 0 else Negative(result)

    def _inside(self, cases: Cases) -> Formula:
        """Return { a·u, a·v } for a·{ u, v }: a factor belongs into the cases, where it can vanish."""

        def times(value: Formula) -> Formula:
            powers = {base: n for base, n in self.powers.items() if base != cases}
            product = _Monomial(self.coefficient, powers, self.divided, self.decimal)
            product.take(value, Fraction(1))
            return product.written()

        inside = tuple(Case(c.subject, c.relation, c.bound, times(c.then)) for c in cases.cases)
        return _fewer_cases(inside, times(cases.otherwise))


def _is_decimal(value: Fraction) -> bool:
    """Return whether a number has a finite decimal expansion."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def _writable(value: Fraction, exponent: int) -> bool:
    """Return whether value^exponent is a number that one would write out: 9^9^9^9 stays as it is."""
    return max(value.numerator.bit_length(), value.denominator.bit_length()) * abs(exponent) <= WRITTEN


def _powered(base: Formula, exponent: Fraction) -> list[Formula]:
    """Return base^exponent as factors: x^(3/2) is x √x."""
    if exponent.denominator == 2:
        whole = exponent - Fraction(1, 2)
        return [*(_powered(base, whole) if whole else []), Call("sqrt", (base,))]
    return [base if exponent == 1 else Power(base, Number(exponent))]


def _rank(node: Formula) -> int:
    """Return 0 for numbers, 1 for names and their powers, 2 for everything else."""
    if isinstance(node, Number):
        return 0
    base = node.base if isinstance(node, Power) else node
    return 1 if is_name(base) else 2


def _gathered(node: Formula) -> Formula:
    monomial = _Monomial()
    monomial.take(node, Fraction(1))
    if any(base == ZERO for base in monomial.powers):
        return node  # a division by zero stays as it is written
    return monomial.written()


def _fewer_cases(cases: tuple[Case, ...], otherwise: Formula) -> Formula:
    # Trailing cases that say the same as "otherwise" say nothing; "otherwise" must stay last.
    kept = list(cases)
    while kept and kept[-1].then == otherwise:
        kept.pop()
    return Cases(tuple(kept), otherwise) if kept else otherwise


def _like_terms(terms: Sequence[Formula]) -> Formula:
    amounts: dict[Formula, Fraction] = {}
    alike: dict[Formula, list[Formula]] = {}
    for term in terms:
        amount, body = _split(term)
        amounts[body] = amounts.get(body, Fraction(0)) + amount
        alike.setdefault(body, []).append(term)
    # A term that meets no other of its kind stays as it is written: y/3, not (1/3) y.
    found = [
        same[0] if len(same) == 1 and body != ONE else _scaled(amounts[body], body)
        for body, same in alike.items()
        if amounts[body] != 0
    ]
    if len(found) > 1 and isinstance(found[0], Negative):
        # 1 − x, not −x + 1: the first term without a minus leads.
        first = next((n for n, term in enumerate(found) if not isinstance(term, Negative)), 0)
        found.insert(0, found.pop(first))
    return _sum_of(found)


def _split(term: Formula) -> tuple[Fraction, Formula]:
    """Return (number, rest) of a term; the rest of a plain number is 1."""
    match term:
        case Number(value):
            return value, ONE
        case Negative(operand):
            amount, body = _split(operand)
            return -amount, body
        case Product((Number(value), *rest)):
            return value, _product_of(rest)
        case Quotient(Number(above), Number(below)) if below != 0:
            return above / below, ONE
        case Quotient(Number(value), denominator) if value != 1:
            return value, Quotient(ONE, denominator)
        case Quotient(numerator, Number(value)) if value != 0:
            return 1 / value, numerator
        case _:
            return Fraction(1), term


def _scaled(amount: Fraction, body: Formula) -> Formula:
    if body == ONE:
        return Number(amount) if amount >= 0 else Negative(Number(-amount))
    return _gathered(Product((Number(amount), body)))
