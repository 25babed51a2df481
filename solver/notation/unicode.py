"""Mathematics as one line of plain characters: for terminals, alternative texts and titles ("∂L/∂w₁₃₁ = 0.001580").

Scripts use the raised and lowered characters that Unicode has; where one is missing, the whole script is written with
"_" or "^" and brackets, so that nothing is guessed. Marks on letters are combining characters, composed if possible.
"""

from __future__ import annotations

import unicodedata
from typing import Final, assert_never

from solver.notation import math as m
from solver.notation.atoms import flat, left_atom, node, resolved, right_atom
from solver.notation.letters import BIG_SIGNS, OPERATOR_NAMES, SPELLINGS

_SUBSCRIPTS: Final = dict(
    zip("0123456789+−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True)
)
_SUPERSCRIPTS: Final = dict(
    zip(
        "0123456789+−=()abcdefghijklmnoprstuvwxyzT⊤′",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀᵀ′",
        strict=True,
    )
)
_MARKS: Final = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "vec": "\u20d7"}
_BLANK_SHARE: Final = 2


def unicode(math: m.Math) -> str:
    """Return a formula as one line of characters."""
    return _join(flat(math)).strip()


def _of(math: m.Math) -> str:  # noqa: C901 - one case a class
    match node(math):
        case m.Symbol(name) | m.Words(name):
            return name
        case m.Digits(text, exponent):
            number = text.replace("-", "−")
            return number if exponent is None else f"{number}×10{_raised(str(exponent).replace('-', '−'))}"
        case m.Operator(sign):
            return SPELLINGS.get(sign, sign)
        case m.Row():
            return _join(flat(math))
        case m.Fraction(numerator, denominator):
            return f"{_grouped(numerator)}/{_grouped(denominator, below=True)}"
        case m.Script(base, sub, sup):
            below = _lowered(_tight(sub)) if sub is not None else ""
            above = _raised(_tight(sup)) if sup is not None else ""
            return f"{_grouped(base)}{below}{above}"
        case m.Fenced(body, left, right):
            return f"{left}{_of(body)}{right}"
        case m.Matrix(rows, left, right):
            return left + "; ".join("  ".join(_of(cell) for cell in row) for row in rows) + right
        case m.CasesOf(lines):
            return "{" + "; ".join(f"{_of(value)}  {_of(condition)}" for value, condition in lines) + "}"
        case m.Underbrace(body, note):
            return f"{_of(body)} ({_of(note)})"
        case m.Accent(body, mark):
            return _marked(_of(body), _MARKS[mark])
        case m.Prime(base, count):
            return _grouped(base) + "′" * count
        case m.Root(body):
            return "√" + _grouped(body)
        case m.BigOperator() as big:
            return _big(big)
        case m.Boxed(body) | m.Struck(body) | m.Toned(body):
            return _of(body)
        case m.Blank(width):
            return "_" * max(3, round(width * _BLANK_SHARE))
        case m.Space():
            return " "
        case _ as never:
            assert_never(never)


def _join(parts: tuple[m.Math, ...]) -> str:
    """Return nodes side by side, with spaces around infix signs and relations but not around prefixes."""
    atoms = resolved([(left_atom(part), right_atom(part)) for part in parts])
    text = ""
    for i, part in enumerate(parts):
        piece = _of(part)
        kind = atoms[i][0]
        if kind in ("relation", "binary"):
            text = f"{text.rstrip(' ')} {piece} " if text.strip() else f"{piece} "
        elif kind == "punctuation":
            text = f"{text.rstrip(' ')}{piece} "
        elif i and _needs_space(parts[i - 1], part) and not text.endswith(" "):
            text += f" {piece}"
        else:
            text += piece
    return text.rstrip(" ") if parts and not isinstance(parts[-1], m.Space) else text


def _needs_space(left: m.Math, right: m.Math) -> bool:
    if isinstance(left, m.Operator) or isinstance(right, m.Operator):
        return False
    if isinstance(right, m.Fenced):
        return isinstance(left, m.Fraction)
    return any(_is_long(side) for side in (left, right)) and right_atom(left) != "space"


def _is_long(math: m.Math) -> bool:
    match node(math):
        case m.Fraction() | m.Underbrace() | m.BigOperator() | m.Matrix():
            return True
        case m.Symbol(name):
            return len(name) > 1 and (name in OPERATOR_NAMES or name.isalpha())
        case m.Script(base) | m.Prime(base) | m.Toned(base) | m.Struck(base) | m.Boxed(base):
            return _is_long(base)
        case _:
            return False


def _tight(math: m.Math) -> str:
    return _of(math).replace(" ", "")


def _lowered(text: str) -> str:
    if all(char in _SUBSCRIPTS for char in text):
        return "".join(_SUBSCRIPTS[char] for char in text)
    return f"_{text}" if len(text) == 1 else f"_({text})"


def _raised(text: str) -> str:
    if all(char in _SUPERSCRIPTS for char in text):
        return "".join(_SUPERSCRIPTS[char] for char in text)
    return f"^{text}" if len(text) == 1 or _is_bracketed(text) else f"^({text})"


def _is_bracketed(text: str) -> bool:
    return text[:1] == "(" and text[-1:] == ")" and text.count("(") == 1


def _marked(text: str, mark: str) -> str:
    return (
        unicodedata.normalize("NFC", "".join(char + mark for char in text))
        if len(text) <= 2
        else f"{text}{mark}"
    )


def _grouped(math: m.Math, *, below: bool = False) -> str:
    """Return a node that stands beside a slash or under a script, in brackets where it would be read otherwise."""
    text = _of(math)
    parts = flat(math)
    if len(parts) == 1:
        bare = not isinstance(parts[0], (m.Fraction, m.BigOperator, m.Underbrace)) or not below
        return text if bare or isinstance(parts[0], m.Fenced) else f"({text})"
    signs = [part for part in parts[1:] if isinstance(part, m.Operator) and left_atom(part) != "ordinary"]
    differential = isinstance(parts[0], m.Operator) and parts[0].sign == "∂"
    if signs or (below and not differential and len(parts) > 1):
        return f"({text})"
    return text


def _big(math: m.BigOperator) -> str:
    sign = BIG_SIGNS.get(math.sign, math.sign)
    below = _lowered(_tight(math.sub)) if math.sub is not None else ""
    above = _raised(_tight(math.sup)) if math.sup is not None else ""
    return f"{sign}{below}{above} {_of(math.body)}"
