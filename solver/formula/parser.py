"""The grammar of a teacher's expression: text -> `Formula`, and nothing else.

    expression = term { ("+" | "-") term }
    term       = "-" term | factor { ("*" | "/") factor }
    factor     = "-" factor | atom [ "^" factor ]
    atom       = number | name | function "(" expression { "," expression } ")" | "(" expression ")"

So `^` groups to the right, `-x^2` is −(x²), and a minus at the head of a term is the sign of the whole term: `-a*b` is
−(ab), as it is read. Parentheses leave no trace but the grouping that they make.

A precedence climber of our own and no parsing library: the grammar has four rules, an error must say in a teacher's
words what could stand at that place (a generated parser says it in names of tokens), and the text must be bounded
before it is read. Nothing here evaluates: no `eval`, no `sympify`. Length, nesting and the size of a number are limited,
so that no text can exhaust the stack or the memory of what comes after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from solver.errors import nearest_name, quoted
from solver.formula.tokens import FUNCTIONS, ExpressionError, Token, is_name, number, scan
from solver.formula.tree import Call, Formula, Negative, Number, Power, Product, Quotient, Sum, Variable

LENGTH_LIMIT = 10_000
"""Most characters of an expression."""

NESTING_LIMIT = 50
"""Most levels of the tree. Everything that walks a formula recurses, and a derivative is about three times as deep."""

__all__ = ["FUNCTIONS", "LENGTH_LIMIT", "NESTING_LIMIT", "ExpressionError", "is_name", "parse"]

_OPERAND = 'a number, a name, "(" or "-"'


@dataclass(frozen=True, slots=True)
class _Operand:
    """A formula, and how many levels it has."""

    formula: Formula
    depth: int


def parse(text: str, functions: Mapping[str, int | None] = FUNCTIONS) -> Formula:
    """Return the formula that a text of the grammar stands for.

    Args:
        text: For example "-x^2 + max(0, 1 - x*y)".
        functions: Names that may be called, with the number of their arguments (None: two or more).

    Returns:
        A tree whose names are `Variable`s, grouped as written.

    Raises:
        ExpressionError: The text does not follow the grammar, or passes a limit.
    """
    if len(text) > LENGTH_LIMIT:
        raise ExpressionError(
            "the expression is too long",
            LENGTH_LIMIT,
            text,
            found=f"{len(text)} characters",
            expected=f"at most {LENGTH_LIMIT}",
        )
    return _Parser(text, functions).whole()


class _Parser:
    """One pass over the tokens of one text; the method names are those of the grammar."""

    def __init__(self, text: str, functions: Mapping[str, int | None]) -> None:
        self._text = text
        self._functions = functions
        self._open: list[str] = []
        self._level = 0
        self._token = scan(text, 0)

    def whole(self) -> Formula:
        if not self._text.strip():
            raise ExpressionError("", 0, self._text, found="an empty expression", expected=_OPERAND)
        result = self._expression()
        if self._token.kind != "end":
            raise self._unexpected()
        return result.formula

    def _expression(self) -> _Operand:
        terms = [self._term()]
        while self._token.text in ("+", "-"):
            sign = self._next()
            term = self._term()
            terms.append(term if sign.text == "+" else self._grow(Negative(term.formula), sign, term))
        if len(terms) == 1:
            return terms[0]
        return self._grow(Sum(tuple(term.formula for term in terms)), self._token, *terms)

    def _term(self) -> _Operand:
        if self._token.text == "-":
            sign = self._descend()
            operand = self._term()
            return self._ascend(self._grow(Negative(operand.formula), sign, operand))
        # `factors` is what a "*" can still join: (a*b)*c and a*(b*c) keep the grouping that their author wrote.
        factors = [self._factor()]
        while self._token.text in ("*", "/"):
            sign = self._next()
            right = self._factor()
            if sign.text == "*":
                factors.append(right)
            else:
                left = self._product(factors, sign)
                factors = [self._grow(Quotient(left.formula, right.formula), sign, left, right)]
        return self._product(factors, self._token)

    def _product(self, factors: list[_Operand], sign: Token) -> _Operand:
        if len(factors) == 1:
            return factors[0]
        return self._grow(Product(tuple(factor.formula for factor in factors)), sign, *factors)

    def _factor(self) -> _Operand:
        if self._token.text == "-":
            sign = self._descend()
            operand = self._factor()
            return self._ascend(self._grow(Negative(operand.formula), sign, operand))
        base = self._atom()
        if self._token.text != "^":
            return base
        sign = self._descend()
        exponent = self._factor()
        return self._ascend(self._grow(Power(base.formula, exponent.formula), sign, base, exponent))

    def _atom(self) -> _Operand:
        token = self._token
        if token.kind == "number":
            self._next()
            return _Operand(Number(number(token, self._text)), 1)
        if token.kind == "name":
            self._next()
            return self._named(token)
        if token.text == "(":
            self._descend()
            self._open.append("")
            inside = self._expression()
            return self._ascend(self._close(inside))
        raise self._unexpected(_OPERAND)

    def _named(self, name: Token) -> _Operand:
        known = name.text in self._functions
        if self._token.text != "(":
            if known:
                raise self._error(f"{name.text} needs its argument", self._token, expected='"("')
            return _Operand(Variable(name.text), 1)
        if not known:
            nearest = nearest_name(name.text, self._functions)
            expected = f'a function ({", ".join(self._functions)}), or "*" before "("'
            raise self._error("", name, expected=expected, nearest=nearest)
        self._descend()
        self._open.append(name.text)
        arguments = [self._expression()]
        while self._token.text == ",":
            self._next()
            arguments.append(self._expression())
        self._close(arguments[-1])
        self._check_count(name, len(arguments))
        called = Call(name.text, tuple(argument.formula for argument in arguments))
        return self._ascend(self._grow(called, name, *arguments))

    def _check_count(self, name: Token, count: int) -> None:
        wanted = self._functions[name.text]
        if count == wanted or (wanted is None and count > 1):
            return
        expected = "two or more" if wanted is None else str(wanted)
        found = "1 argument" if count == 1 else f"{count} arguments"
        raise ExpressionError(name.text, name.position, self._text, found=found, expected=expected)

    def _close(self, inside: _Operand) -> _Operand:
        if self._token.text != ")":
            raise self._unexpected()
        self._open.pop()
        self._next()
        return inside

    def _grow(self, node: Formula, sign: Token, *operands: _Operand) -> _Operand:
        depth = 1 + max(operand.depth for operand in operands)
        if depth > NESTING_LIMIT:
            self._too_deep(sign)
        return _Operand(node, depth)

    def _descend(self) -> Token:
        self._level += 1
        if self._level > NESTING_LIMIT:
            self._too_deep(self._token)
        return self._next()

    def _ascend(self, operand: _Operand) -> _Operand:
        self._level -= 1
        return operand

    def _next(self) -> Token:
        """Return the current token and move on to the one after it."""
        token = self._token
        self._token = scan(self._text, token.position + len(token.text))
        return token

    def _unexpected(self, expected: str = "") -> ExpressionError:
        if not expected:
            operators = "an operator (+ - * / ^)"
            inside = self._open[-1] if self._open else None
            expected = {None: f"{operators} or the end", "": f'{operators} or ")"'}.get(
                inside, f'{operators}, "," or ")"'
            )
        return self._error("", self._token, expected=expected)

    def _error(self, message: str, token: Token, *, expected: str, nearest: str = "") -> ExpressionError:
        found = quoted(token.text) if token.kind != "end" else "the end"
        return ExpressionError(
            message, token.position, self._text, found=found, expected=expected, nearest=nearest
        )

    def _too_deep(self, token: Token) -> NoReturn:
        raise ExpressionError(
            f"the expression is nested more than {NESTING_LIMIT} levels deep", token.position, self._text
        )
