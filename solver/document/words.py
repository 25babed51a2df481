"""Short constructors for document nodes: words and mathematics side by side."""

from __future__ import annotations

from collections.abc import Sequence

from solver.document.nodes import (
    Emphasis,
    Equation,
    EquationLine,
    Inline,
    InlineMath,
    Paragraph,
    Phrase,
    Step,
    Strong,
    Text,
    Tone,
)
from solver.notation import math as m
from solver.notation.math import Math

_NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def phrase(*parts: str | Math | Inline | Phrase) -> Phrase:
    """Return words and mathematics as one phrase; a bare string is text, a math tree is inline mathematics."""
    built: list[Inline] = []
    for part in parts:
        match part:
            case str():
                if part:
                    built.append(Text(part))
            case Math():
                built.append(InlineMath(part))
            case Inline():
                built.append(part)
            case _:
                built.extend(part)
    return tuple(built)


def paragraph(*parts: str | Math | Inline | Phrase) -> Paragraph:
    """Return a paragraph."""
    return Paragraph(phrase(*parts))


def strong(*parts: str | Math | Inline) -> Strong:
    """Return bold words."""
    return Strong(phrase(*parts))


def emphasis(*parts: str | Math | Inline) -> Emphasis:
    """Return italic words."""
    return Emphasis(phrase(*parts))


def toned(tone: str, *parts: str | Math | Inline) -> Tone:
    """Return words in the tone of a role."""
    return Tone(phrase(*parts), tone)


def line(left: Math | None, *steps: tuple[str, Math], tag: str | None = None) -> EquationLine:
    """Return left relation body relation body …."""
    return EquationLine(left, tuple(Step(relation, body) for relation, body in steps), tag)


def equation(*lines: EquationLine, small: bool = False) -> Equation:
    """Return a displayed block with one line per row."""
    return Equation(tuple((item,) for item in lines), small)


def display(body: Math) -> Equation:
    """Return one formula on a line of its own."""
    return equation(EquationLine(body, ()))


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun in words: "one weight", "two paths", "14 paths"."""
    word = _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)
    return f"{word} {noun if number == 1 else plural or noun + 's'}"


def ordinal(number: int) -> str:
    """Return "first", "second", …, "13th"."""
    names = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
    if 1 <= number <= len(names):
        return names[number - 1]
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def listed(items: Sequence[str | Math | Inline | Phrase], last: str = "and") -> Phrase:
    """Return items as an enumeration: "a, b and c"."""
    parts: list[str | Math | Inline | Phrase] = []
    for place, item in enumerate(items):
        if place:
            parts.append(f" {last} " if place == len(items) - 1 else ", ")
        parts.append(item)
    return phrase(*parts)


_ACRONYMS = {"relu": "ReLU", "elu": "ELU", "gelu": "GELU"}


def function_words(name: str) -> str:
    """Return how a function is called in a sentence: "sigmoid", "leaky ReLU"."""
    return " ".join(_ACRONYMS.get(word, word) for word in name.split("_"))


def small(body: m.Math) -> m.Math:
    """Return a formula with its fractions small, for a line of words."""
    match body:
        case m.Fraction(numerator, denominator):
            return m.Fraction(numerator, denominator, small=True)
        case m.Row(items):
            return m.Row(tuple(small(item) for item in items))
        case m.Script(base, sub, sup):
            return m.Script(small(base), sub, sup)
        case m.Fenced(inner, left, right):
            return m.Fenced(small(inner), left, right)
        case _:
            return body
