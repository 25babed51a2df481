"""The words of an expression: how a text falls into numbers, names and signs, and how a fault in it is told.

The scanner reads one token at a time and raises at the first character that no token starts with. What looks like one
of our signs but is none (a typographic minus, `**`, a superscript two) is named together with what was meant.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from solver.errors import Fault, InputError, quoted

NUMBER_LIMIT = 400
"""Most characters of one number."""

FUNCTIONS: Mapping[str, int | None] = MappingProxyType(
    {
        "exp": 1,
        "log": 1,
        "sqrt": 1,
        "sin": 1,
        "cos": 1,
        "tanh": 1,
        "sigmoid": 1,
        "abs": 1,
        "max": None,
        "min": None,
    }
)
"""The functions of the grammar with the number of their arguments; None: two or more."""

_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
    (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<name>[A-Za-zΑ-Ωα-ω][A-Za-z0-9_Α-Ωα-ω]*)
    |(?P<sign>\*\*|[-+*/^(),])
    |(?P<end>\Z)
    |(?P<other>.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_NAME = re.compile(r"[A-Za-zΑ-Ωα-ω][A-Za-z0-9_Α-Ωα-ω]*\Z")
_MEANT = {
    "**": "^", "−": "-", "–": "-", "·": "*", "×": "*", "⋅": "*", "÷": "/", "²": "^2", "³": "^3", "[": "(", "]": ")",
    "{": "(", "}": ")", "\u2044": "/", "\u2215": "/",
}  # fmt: skip


class ExpressionError(InputError):
    """An expression that does not follow the grammar.

    Args:
        message: What is wrong, as a sentence part; may be empty where `found` and `expected` say it all.
        position: Index of the character in the text, from 0.
        text: The whole expression.
        found: What stands there.
        expected: What could stand there.
        nearest: What was probably meant.
    """

    def __init__(
        self,
        message: str,
        position: int,
        text: str,
        *,
        found: str = "",
        expected: str = "",
        nearest: str = "",
    ) -> None:
        self.message = message
        self.position = position
        self.text = text
        place = f"at character {position + 1} of {quoted(text)}"
        self.fault = Fault(
            message=f"{message} {place}" if message else place,
            found=found,
            expected=expected,
            nearest=nearest,
        )
        super().__init__(self.fault)


@dataclass(frozen=True, slots=True)
class Token:
    """A number, a name or a sign, and where it stands."""

    kind: str  # "number", "name", "sign" or "end"
    text: str
    position: int


def is_name(text: str) -> bool:
    """Return whether a text can name an input or a node: a Latin or Greek letter, then letters, digits and _."""
    return _NAME.match(text) is not None and text not in FUNCTIONS


def scan(text: str, start: int) -> Token:
    """Return the token at or after an index of the text.

    Raises:
        ExpressionError: No token starts there.
    """
    match = _TOKEN.match(text, start)
    assert match is not None  # the last alternative takes any character
    kind = match.lastgroup or ""
    position, word = match.start(kind), match.group(kind)
    if kind in ("number", "name", "end") or (kind == "sign" and word != "**"):
        return Token(kind, word, position)
    raise ExpressionError(
        "",
        position,
        text,
        found=quoted(word),
        expected="a number, a name or one of + - * / ^ ( ) ,",
        nearest=_MEANT.get(word, ""),
    )


def number(token: Token, text: str) -> Fraction:
    """Return the exact value of a number token.

    Raises:
        ExpressionError: Its size is none that float64 has, or it has very many digits.
    """
    exponent = token.text.lower().partition("e")[2]
    if len(token.text) <= NUMBER_LIMIT and len(exponent) <= 5:
        # Only now: Fraction("1e99999") would have a hundred thousand digits.
        size = abs(float(token.text))
        if math.isfinite(size) and abs(int(exponent or 0)) < 1000:
            value = Fraction(token.text)
            if size > 0 or value == 0:
                return value
    raise ExpressionError(
        "the number is out of range",
        token.position,
        text,
        found=quoted(token.text),
        expected="at most 1.8e308, at least 5e-324 or 0",
    )
