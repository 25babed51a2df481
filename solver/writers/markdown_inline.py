"""Words and mathematics inside a line, as GitHub's Markdown: plain text is printed literally, and formulas survive.

Emphasis around a formula and formulas inside links do not work there, so emphasis stops before a formula and goes on
after it. A dollar outside mathematics stands in an empty element, as GitHub itself advises.
"""

from __future__ import annotations

import re
from typing import Final, assert_never

from solver.document import nodes as n
from solver.document.kinds import inline, plain_text
from solver.notation import math as m
from solver.notation.tex import GITHUB, tex
from solver.writers.visible import visible

KEPT_SPACE: Final = "\ue000"
"""Stands for a space at which a line must not be broken, until the lines are made."""

_ESCAPED: Final = re.compile(r"[\\`*_\[\]|~#{}]")
_ENTITIES: Final = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "$": "<span>$</span>", "@": "&#64;"}
_ADDRESS: Final = re.compile(r"(?:https?://|mailto:)[\x21-\x7e]{1,2000}\Z")
_SHORTCODE: Final = re.compile(r":(?=[\w+-]+:)")
_SAFE_IN_ADDRESS: Final = re.compile(r"[A-Za-z0-9:/?=.,+;@&%#_~-]")
_OPENS: Final = frozenset("([{ \n" + KEPT_SPACE)
_CLOSES: Final = frozenset(")]}.,;:!? \n" + KEPT_SPACE)


def markdown_text(text: str) -> str:
    """Return plain text as Markdown that GitHub prints literally; safe anywhere but at the start of a line."""
    escaped = "".join(_escaped(char) for char in visible(text))
    escaped = escaped.replace("://", "&#58;//").replace("www.", "www&#46;")
    return _SHORTCODE.sub("&#58;", escaped)


def _escaped(char: str) -> str:
    return _ENTITIES.get(char) or (f"\\{char}" if _ESCAPED.match(char) else char)


def markdown_math(math: m.Math) -> str:
    """Return a formula between dollars, in one piece."""
    body = " ".join(tex(math, GITHUB, display=False).split())
    return f"${body.replace(' ', KEPT_SPACE)}$" if body else ""


def markdown_phrase(phrase: n.Phrase) -> str:
    """Return a phrase as Markdown; spaces inside formulas are `KEPT_SPACE`."""
    return _joined([piece for part in phrase for piece in _pieces(part, "")])


def _joined(pieces: list[str]) -> str:
    """Return pieces side by side, with a space where a formula would touch a word: GitHub would not see it."""
    text = ""
    for piece in pieces:
        if not piece:
            continue
        formula, after = piece.startswith("$"), text.endswith("$")
        touches = (formula and text[-1:] not in _OPENS) or (after and piece[0] not in _CLOSES)
        text += f" {piece}" if text and touches else piece
    return text


def _pieces(part: n.Inline, mark: str) -> list[str]:
    """Return the pieces of a node; `mark` is the emphasis around it."""
    match inline(part):
        case n.Text(text):
            return [_emphasized(markdown_text(text), mark)]
        case n.InlineMath(math):
            return [markdown_math(math)]
        case n.Strong(phrase):
            return [piece for inner in phrase for piece in _pieces(inner, "**")]
        case n.Emphasis(phrase):
            return [piece for inner in phrase for piece in _pieces(inner, mark or "*")]
        case n.Tone(phrase):
            return [piece for inner in phrase for piece in _pieces(inner, mark)]
        case n.EquationReference(tag):
            return [_emphasized(f"({markdown_text(tag)})", mark)]
        case n.Link(phrase, address):
            words = markdown_text(plain_text(phrase))
            if not _ADDRESS.match(address):
                return [_emphasized(words, mark)]
            return [f"[{words}]({_address(address)})".replace(" ", KEPT_SPACE)]
        case _ as never:
            assert_never(never)


def _emphasized(text: str, mark: str) -> str:
    """Return text with emphasis around it, the spaces at its ends outside."""
    inner = text.strip(" ")
    if not mark or not inner:
        return text
    lead, trail = text[: len(text) - len(text.lstrip(" "))], text[len(text.rstrip(" ")) :]
    return f"{lead}{mark}{inner}{mark}{trail}"


def _address(address: str) -> str:
    return "".join(char if _SAFE_IN_ADDRESS.match(char) else f"%{ord(char):02X}" for char in address)
