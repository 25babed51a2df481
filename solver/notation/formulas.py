"""From a formula to the math tree: the same tree in letters, or with numbers in it.

`typeset` asks a callback how each key looks. With a notation's letters it prints the symbolic line, with rounded
values the line below it; brackets follow from precedence and from the sign of what the callback shows, so that a
negative number never collides with an operator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from solver import formula as f
from solver.arithmetic import as_written
from solver.notation import math as m
from solver.notation.slots import Role
from solver.quantities import Key

Show = Callable[[Key], m.Math]
"""How a key looks: a letter, or a number."""

_SUM, _NEGATIVE, _PRODUCT, _POWER, _ATOM = range(5)

_NAMES = {
    "exp": "exp",
    "log": "log",
    "sin": "sin",
    "cos": "cos",
    "max": "max",
    "min": "min",
    "erf": "erf",
    "tanh": "tanh",
}
_DERIVATION_MARKS = frozenset({"at", "sum", "sum_except", "cancelled", "vanishing", "transpose"})
_POSITIVE_FACTOR, _NEGATIVE_FACTOR = m.Digits("1"), m.Fenced(m.Digits("-1"))
_RELATIONS = {"<=": "≤", ">=": "≥", "!=": "≠"}


@dataclass(frozen=True)
class Typesetter:
    """Formula to math tree.

    Attributes:
        show: How a key looks.
        functions: Printed names of functions ("sigmoid" -> "σ"), beside the elementary ones.
        dot: The sign between factors where one is needed ("·" or "×").
        variables: How a free variable looks; its own name by default.
        decimals: Whether every constant that ends is a decimal (0.5), or only those that a person would not halve (½).
    """

    show: Show
    functions: Callable[[str], str | None] = lambda name: None
    dot: str = "·"
    variables: Callable[[str], m.Math] = m.Symbol
    decimals: bool = False

    def __call__(self, node: f.Formula) -> m.Math:
        """Return the formula as mathematics."""
        return self._open(node) or self._print(node)[0]

    def _open(self, node: f.Formula) -> m.Digits | None:
        """Return a number that is put in later and whose sign is not known, None for anything else."""
        if not isinstance(node, f.Ref):
            return None
        shown = self.show(node.quantity)
        return shown if isinstance(shown, m.Digits) and shown.open else None

    @property
    def _settled(self) -> Typesetter:
        """What prints the parts of a fraction or a power: how tall they are depends on signs, so these are asked for."""

        def show(key: Key) -> m.Math:
            shown = self.show(key)
            return shown.settled if isinstance(shown, m.Digits) else shown

        return replace(self, show=show)

    def _of_several(self, parts: tuple[f.Formula, ...]) -> Typesetter:
        """Return what prints a sum or a product; a single number there is asked for its sign: it meets others."""
        return self if len(parts) > 1 else self._settled

    def _print(self, node: f.Formula) -> tuple[m.Math, int]:
        match node:
            case f.Number(value):
                return self._constant(value.numerator, value.denominator)
            case f.Ref(key):
                shown = self.show(key)
                return shown, _strength(shown)
            case f.Variable(name):
                return self.variables(name), _ATOM
            case f.Sum(terms):
                return self._of_several(terms)._sum(terms), _SUM  # noqa: SLF001
            case f.Product(factors):
                return self._of_several(factors)._product(factors), _PRODUCT  # noqa: SLF001
            case f.Negative(operand):
                return m.row(m.Operator("−"), self._within(operand, _PRODUCT)), _NEGATIVE
            case f.Quotient(numerator, denominator):
                return m.Fraction(_level(self._settled(numerator)), self._settled(denominator)), _POWER
            case f.Power(base, exponent):
                # An open number has no brackets to raise: its sign is asked for.
                raising = self if self._open(base) is None else self._settled
                return raising._power(base, exponent), _POWER  # noqa: SLF001
            case f.Call():
                return self._call(node)
            case f.Cases(cases, otherwise):
                lines = [(self(case.then), self._condition(case)) for case in cases]
                lines.append((self(otherwise), m.Words("otherwise")))
                return m.CasesOf(tuple(lines)), _ATOM
            case f.Derivative(of, by):
                return self._derivative(of, by), _PRODUCT
            case _:
                raise TypeError(f"not a formula: {node!r}")

    def _constant(self, numerator: int, denominator: int) -> tuple[m.Math, int]:
        if numerator < 0:
            return m.row(m.Operator("−"), self._constant(-numerator, denominator)[0]), _NEGATIVE
        if denominator != 1 and not (
            _ends(denominator) and (self.decimals or _reads_as_decimal(numerator, denominator))
        ):
            return m.Fraction(m.Digits(str(numerator)), m.Digits(str(denominator))), _POWER
        number = as_written(Decimal(numerator) / Decimal(denominator))
        body = m.Digits(number.text, number.exponent)
        return body, _strength(body)

    def _within(self, node: f.Formula, weakest: int) -> m.Math:
        """Print an operand, in brackets where it binds weaker than `weakest`."""
        number = self._open(node)
        if number is not None:
            return number.within(Role.FACTOR)
        body, strength = self._print(node)
        return body if strength >= weakest else m.Fenced(body)

    def _sum(self, terms: tuple[f.Formula, ...]) -> m.Math:
        items: list[m.Math] = []
        for place, term in enumerate(terms):
            number = self._open(term)
            if number is not None and number.slot is not None:
                sign = m.Operator("+", number.slot.within(Role.SIGN))
                items += [sign, number.unsigned] if place else [number.within(Role.LEADING)]
                continue
            infix, body = self._signed(term, first=place == 0)
            if place or infix == "−":
                items.append(m.Operator(infix))
            items.append(body)
        return m.row(*items)

    def _signed(self, term: f.Formula, *, first: bool) -> tuple[str, m.Math]:
        """Return a term as (sign, body): subtractions and bare negative numbers give their sign to the line."""
        if isinstance(term, f.Negative):
            return "−", self._within(term.operand, _PRODUCT)
        body, strength = self._print(term)
        if isinstance(body, m.Digits) and body.negative:
            return "−", body.unsigned
        if isinstance(term, f.Number) and term.value < 0:
            return "−", self._constant(-term.value.numerator, term.value.denominator)[0]
        return "+", m.Fenced(body) if strength < _PRODUCT and not first else body

    def _product(self, factors: tuple[f.Formula, ...]) -> m.Math:
        items: list[m.Math] = []
        for place, factor in enumerate(factors):
            body = self._within(factor, _PRODUCT)
            if place:
                if self._depends(items[-1], body):
                    items[-1], body = _with_signs(items[-1]), _with_signs(body)
                items.append(self._between(items[-1], body))
            items.append(body)
        return m.row(*(item for item in items if item != m.Row(())))

    def _depends(self, left: m.Math, right: m.Math) -> bool:
        """Return whether what stands between two factors depends on the sign of a number that comes later."""
        found = [self._between(one, other) for one in _faces(left) for other in _faces(right)]
        return any(one != found[0] for one in found)

    def _between(self, left: m.Math, right: m.Math) -> m.Math:
        """Return what stands between two factors: a dot next to a number, nothing beside letters and brackets."""
        if starts_with_digit(right) or (
            (ends_with_digit(left) or holds_number(left)) and isinstance(right, m.Fraction)
        ):
            return m.Operator(self.dot)
        if is_word(left) or is_word(right):
            return m.Operator(self.dot)
        if (
            ends_with_digit(left)
            and isinstance(right, m.Fenced)
            and starts_with_sign(right.body)
            and holds_number(right)
        ):
            return m.Operator(self.dot)
        if (
            isinstance(left, m.Fenced)
            and isinstance(right, m.Fenced)
            and holds_number(left)
            and holds_number(right)
        ):
            return m.Operator(self.dot)
        if isinstance(left, m.Fraction) and isinstance(right, m.Fraction):
            return m.Space(0.17)
        if is_function(left) or is_function(right):
            return m.Operator(self.dot) if ends_with_digit(left) else m.Space(0.17)
        return m.Row(())

    def _power(self, base: f.Formula, exponent: f.Formula) -> m.Math:
        if exponent == f.Number(f.formula(1).value / 2):  # type: ignore[attr-defined]
            return m.Root(self._settled(base))
        body = self._within(base, _ATOM)
        if isinstance(body, m.Script) and body.sup is None:
            return m.Script(body.base, body.sub, self._settled(exponent))  # above the index, not beside it
        raised = isinstance(body, m.Prime | m.Accent | m.Fraction | m.Script)
        return m.Script(m.Fenced(body) if raised else body, sup=self._settled(exponent))

    def _call(self, node: f.Call) -> tuple[m.Math, int]:
        if node.function == "exp" and len(node.arguments) == 1:
            return m.Script(m.Symbol("e"), sup=self._settled(node.arguments[0])), _POWER
        if node.function == "sqrt":
            return m.Root(self._settled(node.arguments[0])), _ATOM
        if node.function == "abs":
            return m.Fenced(self(node.arguments[0]), "|", "|"), _ATOM
        if node.function == "pi":
            return m.Symbol("π"), _ATOM
        if node.function in _DERIVATION_MARKS:
            # A mark meets its neighbours with what it is put on: with brackets, or with a digit.
            return self._settled._marked(node)  # noqa: SLF001
        if node.function == "log" and _is_name(node.arguments[0]):
            name_shown, strength = self._print(node.arguments[0])
            if strength == _ATOM:
                return m.row(m.Symbol("log"), name_shown), _PRODUCT
        name = self.functions(node.function) or _NAMES.get(node.function, node.function)
        head: m.Math = m.Symbol(name)
        if node.primes:
            head = m.Prime(head, node.primes)
        arguments: list[m.Math] = []
        for argument in node.arguments:
            arguments += [m.Operator(","), self(argument)] if arguments else [self(argument)]
        return m.row(head, m.Fenced(m.row(*arguments))), _ATOM

    def _marked(self, node: f.Call) -> tuple[m.Math, int]:
        """Print what only derivations hold: an index, a sum over classes, parts that cancel or vanish."""
        match node.function, node.arguments:
            case "at", (name, index):
                return m.Script(self(name), sub=self(index)), _ATOM
            case "sum", (body, index):
                return m.BigOperator("Σ", self._within(body, _PRODUCT), self(index)), _PRODUCT
            case "sum_except", (body, index, without):
                below = m.row(self(index), m.Operator("≠"), self(without))
                return m.BigOperator("Σ", self._within(body, _PRODUCT), below), _PRODUCT
            case "transpose", (matrix,):
                shown = self(matrix)
                raised = isinstance(shown, m.Script) and shown.sup is not None
                return m.Script(m.Fenced(shown) if raised else shown, sup=m.Symbol("⊤")), _ATOM
            case "vanishing", (part,):
                gone, strength = self._print(part)
                return m.Toned(gone, "muted"), strength
            case _:
                struck, strength = self._print(node.arguments[0])
                return m.Struck(struck), strength

    def _condition(self, case: f.Case) -> m.Math:
        sign = _RELATIONS.get(case.relation, case.relation)
        return m.row(self(case.subject), m.Operator(sign), self(case.bound))

    def _derivative(self, of: f.Formula, by: f.Formula) -> m.Math:
        """∂of/∂by as one fraction when `of` is a short name, as an operator before a bracket otherwise."""
        variable = m.row(m.Operator("∂"), self(by))
        if isinstance(of, f.Ref | f.Variable) or (isinstance(of, f.Call) and of.function == "at"):
            return m.Fraction(m.row(m.Operator("∂"), self(of)), variable)
        body = self(of)
        wrapped = body if isinstance(of, f.Call) and of.function not in ("exp", "abs") else m.Fenced(body)
        return m.row(m.Fraction(m.Operator("∂"), variable), m.Space(0.17), wrapped)


def _strength(shown: m.Math) -> int:
    """Return how tightly a number or a letter holds together: 3 × 10⁹ is a product, and −3 a difference."""
    if is_negative(shown):
        return _NEGATIVE
    return _PRODUCT if isinstance(shown, m.Digits) and shown.exponent is not None else _ATOM


def _ends(denominator: int) -> bool:
    """Return whether a fraction in lowest terms is a decimal that ends."""
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    return denominator == 1


def _reads_as_decimal(numerator: int, denominator: int) -> bool:
    """Return whether a decimal that ends is written as one: 1/100, 193/5; not 1/2."""
    return denominator > 8 or numerator > 9


def _is_name(node: f.Formula) -> bool:
    """Return whether a formula is one letter (with its index) or a number."""
    return isinstance(node, f.Ref | f.Variable | f.Number) or (
        isinstance(node, f.Call) and node.function == "at"
    )


def _level(part: m.Math) -> m.Math:
    """Return a derivative that is itself part of a fraction on one line: ∂L/∂w."""
    match part:
        case m.Fraction(m.Row((m.Operator("∂"), *_)) as above, below):
            return m.row(above, m.Operator("/"), below)
        case _:
            return part


def is_negative(shown: m.Math) -> bool:
    """Return whether what is shown begins with a minus sign."""
    return starts_with_sign(shown)


def starts_with_sign(shown: m.Math) -> bool:
    """Return whether a minus stands first."""
    match shown:
        case m.Digits() as number:
            return number.negative
        case m.Operator(sign):
            return sign == "−"
        case m.Row(items):
            return bool(items) and starts_with_sign(items[0])
        case _:
            return False


def _with_signs(factor: m.Math) -> m.Math:
    """Return a factor whose ends are no numbers without a sign; asks for it."""
    match factor:
        case m.Digits() if factor.open:
            number = factor.within(Role.WHOLE).settled
            return m.Fenced(number) if number.negative else number
        case m.Row((first, *middle, last)):
            return m.Row((_with_signs(first), *middle, _with_signs(last)))
        case _:
            return factor


def _faces(factor: m.Math) -> tuple[m.Math, ...]:
    """Return what a factor may look like: a number whose sign is not known stands in brackets, or does not."""
    match factor:
        case m.Digits() if factor.open:
            return _POSITIVE_FACTOR, _NEGATIVE_FACTOR
        case m.Row((first, *middle, last)):  # only its ends meet others
            return tuple(m.Row((one, *middle, other)) for one in _faces(first) for other in _faces(last))
        case _:
            return (factor,)


def starts_with_digit(shown: m.Math) -> bool:
    """Return whether a digit stands first, so that a factor before it needs a dot."""
    match shown:
        case m.Digits():
            return True
        case m.Row(items):
            return bool(items) and starts_with_digit(items[0])
        case m.Script(base) | m.Toned(base) | m.Struck(base):
            return starts_with_digit(base)
        case m.Blank():
            return True
        case _:
            return False


def ends_with_digit(shown: m.Math) -> bool:
    """Return whether a digit stands last."""
    match shown:
        case m.Digits() | m.Blank():
            return True
        case m.Row(items):
            return bool(items) and ends_with_digit(items[-1])
        case _:
            return False


def holds_number(shown: m.Math) -> bool:
    """Return whether a bracket holds nothing but a number: (−0.3)."""
    return isinstance(shown, m.Fenced) and isinstance(shown.body, m.Digits)


def is_word(shown: m.Math) -> bool:
    """Return whether a name of several letters stands here, which would run into its neighbour or seem to apply to it."""
    match shown:
        case m.Symbol(name):
            return len(name) > 1
        case m.Words():
            return True
        case m.Script(base, None, _):
            return is_word(base)
        case _:
            return False


def is_function(shown: m.Math) -> bool:
    """Return whether a named function stands here: σ′(z), log y."""
    return isinstance(shown, m.Row) and bool(shown.items) and isinstance(shown.items[-1], m.Fenced)
