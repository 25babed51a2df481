"""What a student wrote into a box, as a number, and how it was understood.

People write numbers in many ways, and files mangle them further: a decimal comma, a typographic minus, a power of ten
with its exponent raised or not, a fraction, a percentage, a formula that was never worked out. Each is read where it can
mean one thing only, and the reading is told, so that nobody loses a point to a comma and nobody wins one by chance.

A formula goes through the grammar of `formula`; nothing is ever evaluated as code.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from types import MappingProxyType

from solver.arithmetic import DomainError, Float64
from solver.formula import Formula, Variable, walk
from solver.formula.parser import ExpressionError, parse
from solver.functions import evaluate

LONGEST = 200
"""Characters of an answer; more is no number."""

LARGEST_EXPONENT = 300


class Manner(Enum):
    """How an answer was understood."""

    BLANK = "blank"
    NUMBER = "number"
    COMMA = "decimal comma"
    PERCENTAGE = "percentage"
    FRACTION = "fraction"
    FORMULA = "formula"
    LETTER = "letter"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Reading:
    """An answer as it was understood.

    Attributes:
        written: What stands in the file.
        manner: As what it was read.
        value: The number, None where there is none.
        figure: The number with the digits that were written; None for a fraction or a formula, which have no last digit.
        letter: The letter of a choice, in upper case; "" for everything else.
        note: What there is to say about the reading, a sentence part; "" where it is plain.
    """

    written: str
    manner: Manner
    value: float | None = None
    figure: Decimal | None = None
    letter: str = ""
    note: str = ""

    @property
    def unit(self) -> float:
        """What one step of the last written digit is worth; 0 where there is no last digit."""
        return 0.0 if self.figure is None else float(Decimal(1).scaleb(_exponent(self.figure)))

    @property
    def significant(self) -> int | None:
        """How many significant digits were written; None where the number has no last digit."""
        if self.figure is None:
            return None
        return len(self.figure.as_tuple().digits) if self.figure else 1


def _exponent(figure: Decimal) -> int:
    exponent = figure.as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent


_BLANKS = frozenset(
    {"", "-", "--", "---", ".", "..", "...", "?", "??", "/", "n/a", "na", "none", "nil", "blank", "_", "*"}
)
_MINUS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u207b\u208b"
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True))
_RAISED_RUN = re.compile(f"[{''.join(_RAISED)}]+")
_TIMES = str.maketrans(
    dict.fromkeys("·⋅∙•×✕✖∗", "*") | {"÷": "/", "\u2044": "/", "\u2215": "/", "[": "(", "]": ")"}
)

_WHOLE = r"(?:\d{1,3}(?:[ '’]\d{3})+|\d+)"
_PLAIN = re.compile(rf"([+-]?)\s*({_WHOLE}?(?:[.,]\d*(?: \d{{3}})*(?: \d{{1,3}})?)?|\d[\d.,]*)\Z")
_POWER = re.compile(
    r"(.+?)\s*(?:[*xX]\s*10\s*(?:\^|\*\*)?\s*\(?\s*([+-]?\s*\d+)\s*\)?|[eE]\s*([+-]?\s*\d+))\Z"
)
_MIXED = re.compile(r"([+-]?)\s*(\d+)\s+(\d+)\s*/\s*(\d+)\Z")
_LETTER = re.compile(r"\(?([A-Za-z])[).]?\Z")
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = re.compile(
    rf"\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}\Z|\d{{1,2}}[-. ]+{_MONTH}\.?(?: \d+)?\Z|{_MONTH}[-. ]+\d{{1,4}}\Z",
    re.IGNORECASE,
)
_WORDS = {r"\bln\b": "log", r"\barctan\b": "atan", r"σ\s*(?=\()": "sigmoid"}
_ROOT = re.compile(r"√\s*(?=\()")
_ROOT_OF_NUMBER = re.compile(r"√\s*(\d+(?:[.,]\d+)?)")
_CONSTANTS = MappingProxyType({"e": math.e, "pi": math.pi, "π": math.pi})


def read_answer(written: str) -> Reading:
    """Return what an answer means.

    Args:
        written: The cell of the file.
    """
    if len(written) > LONGEST:
        return Reading(written, Manner.UNREADABLE, note=f"{len(written)} characters are no number")
    text = _even(written)
    if text.casefold() in _BLANKS:
        return Reading(written, Manner.BLANK)
    equation = re.split(r"[=≈≃≅~∼]", text)
    note = ""
    if len(equation) > 1:
        text = next((part.strip() for part in reversed(equation) if part.strip()), "")
        note = f'the last part, "{text}", was read' if text and equation[0].strip() else ""
    return _noted(_read(text, written), note)


def _noted(reading: Reading, note: str) -> Reading:
    if not note:
        return reading
    both = f"{note}; {reading.note}" if reading.note else note
    return Reading(reading.written, reading.manner, reading.value, reading.figure, reading.letter, both)


def _read(text: str, written: str) -> Reading:
    letter = _LETTER.match(text)
    if letter is not None:
        return Reading(written, Manner.LETTER, letter=letter[1].upper())
    if text.endswith("%"):
        number = _figure(text[:-1].strip())
        if number is not None:
            figure = number[0].scaleb(-2)
            return _number(written, figure, Manner.PERCENTAGE, f"{text} is {figure:f}")
    number = _figure(text) or (_figure(text[1:-1].strip()) if _enclosed(text) else None)
    if number is not None:
        figure, note = number
        return _number(written, figure, Manner.COMMA if _decimal_comma(text) else Manner.NUMBER, note)
    if _DATE.match(text):
        note = "a date; a spreadsheet may have made it from a number"
        return Reading(written, Manner.UNREADABLE, note=note)
    return _formula(text, written)


def _even(written: str) -> str:
    """Return an answer in plain characters: one kind of minus, of digit, of space."""
    text = "".join("-" if sign in _MINUS and sign not in _RAISED else sign for sign in written)
    text = _RAISED_RUN.sub(lambda run: "^" + "".join(_RAISED[sign] for sign in run[0]), text)
    text = "".join(_vulgar(sign) for sign in text)
    text = "".join(
        sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) not in ("Cf", "Cc")
    )
    text = " ".join(text.translate(_TIMES).split())
    # A leading apostrophe is how spreadsheets keep a cell from being read as a number.
    return text.strip('"“”„ ').lstrip("'").strip()


def _enclosed(text: str) -> bool:
    return text.startswith("(") and text.endswith(")")


def _decimal_comma(text: str) -> bool:
    return text.count(",") == 1 and text.rfind(",") > text.rfind(".")


def _vulgar(sign: str) -> str:
    """Return ½ as " 1/2"."""
    parts = unicodedata.normalize("NFKC", sign)
    if "\u2044" in parts and len(sign) == 1 and sign != "\u2044":
        return " " + parts.replace("\u2044", "/")
    return sign


def _figure(text: str) -> tuple[Decimal, str] | None:
    """Return a number that is written in digits, and what is to say about it; None where it is no such number."""
    plain = _digits(text)
    if plain is not None:
        return plain
    power = _POWER.match(text)
    if power is None:
        return None
    mantissa = _digits(power[1].strip())
    exponent = (
        int((power[2] or power[3]).replace(" ", ""))
        if len(power[2] or power[3]) < 6
        else LARGEST_EXPONENT + 1
    )
    if mantissa is None or abs(exponent) > LARGEST_EXPONENT:
        return None
    return mantissa[0].scaleb(exponent), mantissa[1]


def _digits(text: str) -> tuple[Decimal, str] | None:
    """Return a number without a power of ten, from digits, one mark of decimals and marks between groups of three."""
    match = _PLAIN.match(text)
    if match is None or not any(sign.isdigit() for sign in match[2]):
        return None
    digits = re.sub("[ '’]", "", match[2])
    points, commas = digits.count("."), digits.count(",")
    note = ""
    if points and commas:
        mark, group = (".", ",") if digits.rfind(".") > digits.rfind(",") else (",", ".")
        whole, _, rest = digits.rpartition(mark)
        if not _in_threes(whole, group) or mark in whole:
            return None
        digits = whole.replace(group, "") + "." + rest
    elif commas == 1:
        digits = digits.replace(",", ".")
    elif commas > 1 or points > 1:
        group = "," if commas else "."
        if not _in_threes(digits, group):
            return None
        digits = digits.replace(group, "")
    if commas or points > 1:
        note = f"{text} is {match[1]}{digits}"
    return Decimal(f"{match[1]}{digits}"), note


def _in_threes(text: str, mark: str) -> bool:
    first, *others = text.split(mark)
    return (
        1 <= len(first) <= 3 and first.isdigit() and all(len(part) == 3 and part.isdigit() for part in others)
    )


def _number(written: str, figure: Decimal, manner: Manner, note: str) -> Reading:
    value = float(figure)
    if not math.isfinite(value) or (figure and abs(figure.adjusted()) > LARGEST_EXPONENT):
        return Reading(written, Manner.UNREADABLE, note="the number is out of range")
    return Reading(written, manner, value + 0.0, figure, note=note)


def _formula(text: str, written: str) -> Reading:
    """Return a fraction or a formula, worked out."""
    mixed = _MIXED.match(text)
    if mixed is not None:
        text = f"{mixed[1]}({mixed[2]}+{mixed[3]}/{mixed[4]})"
    try:
        tree = parse(_in_grammar(text).removeprefix("+"))
        value = _value(tree)
    except ExpressionError:
        return Reading(written, Manner.UNREADABLE, note="neither a number nor a formula")
    except DomainError as error:
        return Reading(written, Manner.UNREADABLE, note=f"a formula without a value: {error.what}")
    except LookupError as error:
        return Reading(written, Manner.UNREADABLE, note=f"a formula with a name in it: {error.args[0]}")
    only_a_fraction = mixed is not None or re.fullmatch(r"[+-]?\s*\d+\s*/\s*-?\d+", text) is not None
    return Reading(
        written, Manner.FRACTION if only_a_fraction else Manner.FORMULA, value, note=f"{text} is {value:.6g}"
    )


def _in_grammar(text: str) -> str:
    text = text.replace("**", "^")
    text = _ROOT.sub("sqrt", _ROOT_OF_NUMBER.sub(r"sqrt(\1)", text))
    for pattern, word in _WORDS.items():
        text = re.sub(pattern, word, text)
    if not re.search(r"\b(?:max|min)\b", text):  # between their arguments a comma is a comma
        text = re.sub(r"(?<=\d),(?=\d)", ".", text)
    return text


def _value(tree: Formula) -> float:
    """Return the value of a formula without names.

    Raises:
        LookupError: With a name that stands in it.
        DomainError: It has no value.
    """
    names = {part.name for part in walk(tree) if isinstance(part, Variable)}
    unknown = sorted(names - _CONSTANTS.keys())
    if unknown:
        raise LookupError(unknown[0])
    numbers = Float64()
    with numbers.working():
        variables = {name: numbers.number(Decimal(repr(_CONSTANTS[name]))) for name in names}
        return float(evaluate(tree, arithmetic=numbers, variables=variables)) + 0.0
