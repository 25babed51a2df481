"""How nodes stand beside each other: TeX's classes of atoms, and the space between two of them.

TeX spaces a formula by the class of each part: an infix sign has room on both sides, a prefix has none. The emitter
must know these classes to see where a small space has to be written; the metrics, to know what TeX will add.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

from solver.notation import math as m
from solver.notation.cases import TooEarlyError
from solver.notation.letters import FUNCTIONS, OPERATOR_NAMES, sign_of

Node: TypeAlias = (
    m.Symbol | m.Digits | m.Operator | m.Row | m.Fraction | m.Script | m.Fenced | m.Matrix | m.CasesOf | m.Underbrace
    | m.Accent | m.Prime | m.Root | m.BigOperator | m.Words | m.Boxed | m.Struck | m.Toned | m.Blank | m.Space
)  # fmt: skip
"""Every class of the math tree, as a union: what makes a match over them provably complete."""

Atom = Literal["ordinary", "operator", "binary", "relation", "open", "close", "punctuation", "inner", "space"]

THIN: Final = 3 / 18
MEDIUM: Final = 4 / 18
THICK: Final = 5 / 18

_THIN_BETWEEN: Final = frozenset(
    {
        ("ordinary", "operator"), ("ordinary", "inner"), ("operator", "ordinary"), ("operator", "operator"),
        ("operator", "inner"), ("close", "operator"), ("close", "inner"), ("inner", "ordinary"),
        ("inner", "operator"), ("inner", "open"), ("inner", "punctuation"), ("inner", "inner"),
        ("punctuation", "ordinary"), ("punctuation", "operator"), ("punctuation", "relation"),
        ("punctuation", "open"), ("punctuation", "close"), ("punctuation", "punctuation"), ("punctuation", "inner"),
    }
)  # fmt: skip
_OPERANDS: Final = frozenset({"ordinary", "operator", "inner"})
_NOT_BEFORE_INFIX: Final = frozenset({"binary", "operator", "relation", "open", "punctuation"})


def node(math: m.Math) -> Node:
    """Return the node itself, typed as one of the closed set.

    Raises:
        TooEarlyError: It is not known yet.
    """
    if isinstance(math, m.Unknown):
        raise TooEarlyError(str(math))
    return math  # type: ignore[return-value]  # the other subclasses of Math are all in the union


def flat(math: m.Math) -> tuple[Node, ...]:
    """Return the nodes of a row, nested rows opened; any other node alone."""
    if isinstance(math, m.Row):
        return tuple(part for item in math.items for part in flat(item))
    return (node(math),)


def is_letter(math: m.Math) -> bool:
    """Tell whether a node is one letter, over which a mark need not stretch."""
    return isinstance(math, m.Symbol) and len(math.name) == 1


def is_nucleus(math: m.Math) -> bool:
    """Tell whether a script can be put on this node's TeX as it stands, without braces around it."""
    match math:
        case m.Symbol() | m.Accent() | m.Boxed() | m.Root() | m.Blank() | m.Struck() | m.Words():
            return True
        case m.Digits(exponent=None):
            return math.short
        case m.Fenced(_, _, right):
            return bool(right)
        case m.Matrix():
            return True
        case m.Operator():
            return True
        case _:
            return False


def left_atom(math: m.Math) -> Atom:
    """Return the class that a node shows to its left neighbour."""
    plain = _PLAIN.get(type(math))
    if plain is not None:
        return plain
    match node(math):
        case m.Row(items):
            return left_atom(items[0]) if items else "space"
        case m.Fenced(_, left, _):
            return "open" if left else "inner"
        case m.Script(m.Fenced() as fenced) | m.Prime(m.Fenced() as fenced):
            return left_atom(fenced)
        case _:
            return _atom(math)


def right_atom(math: m.Math) -> Atom:
    """Return the class that a node shows to its right neighbour."""
    plain = _PLAIN.get(type(math))
    if plain is not None:
        return plain
    match node(math):
        case m.Row(items):
            return right_atom(items[-1]) if items else "space"
        case m.Fenced(_, _, right):
            return "close" if right else "inner"
        case m.Script(m.Fenced() as fenced) | m.Prime(m.Fenced() as fenced):
            return right_atom(fenced)
        case m.BigOperator(_, body):
            return right_atom(body)
        case _:
            return _atom(math)


_PLAIN: Final[Mapping[type[m.Math], Atom]] = {
    m.Digits: "ordinary", m.Fraction: "ordinary", m.Accent: "ordinary", m.Root: "ordinary", m.Words: "ordinary",
    m.Boxed: "ordinary", m.Struck: "ordinary", m.Toned: "ordinary", m.Blank: "ordinary", m.Underbrace: "operator",
    m.Matrix: "inner", m.CasesOf: "inner", m.Space: "space",
}  # fmt: skip
"""Nodes of one class on both sides whatever they hold: a line breaker asks for thousands a page."""


def _atom(math: m.Math) -> Atom:
    match node(math):
        case m.Operator(sign):
            known = sign_of(sign)
            return "relation" if known is None else known.kind
        case m.Symbol(name):
            return "operator" if name in FUNCTIONS else "ordinary"
        case m.Script(base) | m.Prime(base):
            return _atom(base) if isinstance(base, (m.Symbol, m.Script, m.Prime)) else "ordinary"
        case m.BigOperator():
            return "operator"
        case _:
            return _PLAIN.get(type(math), "ordinary")


def resolved(atoms: Sequence[tuple[Atom, Atom]]) -> list[tuple[Atom, Atom]]:
    """Return the classes of neighbours in a list, with each infix sign that is really a prefix made ordinary.

    Args:
        atoms: The left and the right class of each part, from left to right.
    """
    result: list[tuple[Atom, Atom]] = []
    before: Atom | None = None
    for i, (left, right) in enumerate(atoms):
        if left == "binary":
            after = next((following for following, _ in atoms[i + 1 :] if following != "space"), None)
            if (
                before is None
                or before in _NOT_BEFORE_INFIX
                or after in (None, "relation", "close", "punctuation")
            ):
                left = right = "ordinary"
        if right != "space":
            before = right
        result.append((left, right))
    return result


def space_between(left: Atom, right: Atom, *, script: bool) -> float:
    """Return the space that TeX puts between two classes, in em; in scripts only that around function names."""
    if "space" in (left, right):
        return 0.0
    if "binary" in (left, right):
        return 0.0 if script else MEDIUM
    if "relation" in (left, right):
        both = left == right or right in ("close", "punctuation") or left in ("open", "punctuation")
        return 0.0 if script or both else THICK
    if (left, right) in _THIN_BETWEEN:
        return THIN if not script or "operator" in (left, right) else 0.0
    return 0.0


def wants_thin_space(left: m.Math, right: m.Math) -> bool:
    """Tell whether a careful typesetter puts a thin space between two neighbours where TeX would put none.

    Such are two factors of which one is a fraction or a root, and the name of a function beside an operand.
    """
    if isinstance(left, m.Operator) or isinstance(right, m.Operator):
        return False
    before, after = right_atom(left), left_atom(right)
    closed, opened = before == "close", after == "open"
    if not (closed or before in _OPERANDS) or not (opened or after in _OPERANDS):
        return False
    if space_between(before, after, script=False):
        return False
    if (_is_tall(left) and not opened) or (_is_tall(right) and not isinstance(left, m.Blank)):
        return True
    return (_is_name(left) and not opened) or (_is_name(right) and not closed)


def _is_tall(math: m.Math) -> bool:
    match node(math):
        case m.Fraction() | m.Root():
            return True
        case m.Toned(body) | m.Struck(body):
            return _is_tall(body)
        case m.Row(items):
            return any(_is_tall(item) for item in items)
        case _:
            return False


def _is_name(math: m.Math) -> bool:
    match node(math):
        case m.Symbol(name):
            return name in OPERATOR_NAMES
        case m.Script(base) | m.Prime(base):
            return _is_name(base)
        case _:
            return False
