"""The kinds of text that a field of a file can hold: lines, prose, letters of a notation, lengths, files, folders.

What a page cannot show is refused here, so that no writer has to guess: control characters, and characters that override
the reading direction. Right-to-left text itself, emoji and every TeX or HTML special are text like any other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from solver.spec.findings import RefusedError, described, refused

_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def text_reader(expected: str, most: int, lines: bool = False) -> Callable[[object], str]:
    """Return a reader of text that a page can show: no control characters, no overrides of the reading direction."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise refused(found=described(value), expected=expected)
        if len(value) > most:
            raise refused(found=f"{len(value):,} characters", expected=f"at most {most:,}")
        text = value.replace("\r\n", "\n")
        message = unprintable(text)
        if message:
            raise refused(message, expected=expected)
        return text if lines else " ".join(text.split("\n")).replace("\t", " ").strip()

    return read


def unprintable(text: str) -> str:
    """Return which character of a text no page can show and where it stands; "" where there is none."""
    for place, character in enumerate(text, 1):
        if character in _BIDI_CONTROLS:
            return f"the direction override U+{ord(character):04X} at character {place} cannot be printed"
        if unicodedata.category(character) == "Cc" and character not in "\n\t":
            return f"the control character U+{ord(character):04X} at character {place} cannot be printed"
    return ""


read_line = text_reader("a line of text", 500)

Line = Annotated[
    str,
    PlainValidator(read_line),
    WithJsonSchema({"type": "string", "maxLength": 500}),
]
Prose = Annotated[
    str,
    PlainValidator(text_reader("text", 20_000, lines=True)),
    WithJsonSchema({"type": "string", "maxLength": 20_000}),
]
Name = Annotated[
    str,
    PlainValidator(text_reader("the name of a quantity", 200)),
    WithJsonSchema({"type": "string", "maxLength": 200}),
]

Expression = Annotated[
    str,
    PlainValidator(text_reader('a formula as text: "x + y"', 10_000)),
    WithJsonSchema({"type": "string", "minLength": 1}),
]


def choice_reader(what: str, names: Callable[[], tuple[str, ...]]) -> Callable[[object], str]:
    """Return a reader of one name of a table; `names` is called when it is needed, since a table may load slowly."""

    def read(value: object) -> str:
        known = names()
        if isinstance(value, str) and value in known:
            return value
        raise not_among(value, known, what)

    return read


def not_among(value: object, known: tuple[str, ...], what: str) -> RefusedError:
    """Return the error for a name that is none of the known ones, with the nearest."""
    from solver.errors import listed, nearest_name

    nearest = nearest_name(value, known) if isinstance(value, str) else ""
    return refused(found=described(value), expected=f"{what}: {listed(known)}", nearest=nearest)


_LETTER = re.compile(r"(?:(?:hat|bar|tilde|vec|dot) )?[A-Za-z]{1,12}\Z")
_LETTER_EXPECTED = 'a letter or its name: "w", "eta", "net", "hat y"'


def read_letter(value: object) -> str:
    """Return a letter as the notation names it; a Greek character becomes its name (η is eta, Φ is Phi)."""
    if not isinstance(value, str):
        raise refused(found=described(value), expected=_LETTER_EXPECTED)
    words = [_greek_name(word) for word in value.split(" ")]
    text = " ".join(words)
    if not _LETTER.match(text):
        raise refused(found=described(value), expected=_LETTER_EXPECTED)
    return text


def _greek_name(word: str) -> str:
    if len(word) != 1 or word.isascii():
        return word
    described_as = unicodedata.name(word, "").split(" ")
    if described_as[:2] not in (["GREEK", "SMALL"], ["GREEK", "CAPITAL"]) or described_as[2:3] != ["LETTER"]:
        return word
    name = {"LAMDA": "lambda"}.get(described_as[-1], described_as[-1].lower())
    return name.capitalize() if described_as[1] == "CAPITAL" else name


Letter = Annotated[
    str,
    PlainValidator(read_letter),
    WithJsonSchema(
        {"type": "string", "pattern": "^((hat|bar|tilde|vec|dot) )?([A-Za-z]{1,12}|[\u0370-\u03ff])$"}
    ),
]


_LENGTH = re.compile(r"(\d{1,4}(?:\.\d{1,3})?) ?(mm|cm|in|pt|em|ex)\Z")
_MILLIMETRES = {"mm": 1.0, "cm": 10.0, "in": 25.4, "pt": 25.4 / 72.27, "em": 3.9, "ex": 1.7}
_TALLEST = 250.0


def read_length(value: object) -> str:
    """Return a length on the page, as TeX writes it ("6cm"); at most 25 cm, which is what a page holds."""
    match = _LENGTH.match(value) if isinstance(value, str) else None
    if match is None:
        raise refused(found=described(value), expected='a length: "6cm", "40mm", "2in"')
    if float(match[1]) * _MILLIMETRES[match[2]] > _TALLEST:
        raise refused(found=described(value), expected='at most the height of a page, "25cm"')
    return match[1] + match[2]


Length = Annotated[
    str,
    PlainValidator(read_length),
    WithJsonSchema({"type": "string", "pattern": _LENGTH.pattern.replace("\\Z", "$")}),
]


def read_file_name(value: object) -> str:
    """Return the name of a file, relative to the file that names it or absolute."""
    if not isinstance(value, str) or not value.strip():
        raise refused(found=described(value), expected="the name of a file")
    if any(unicodedata.category(character) == "Cc" for character in value):
        raise refused(found=described(value), expected="the name of a file, without control characters")
    return value


_SECRET = re.compile(r"(env:[A-Za-z_][A-Za-z0-9_]{0,100}|file:.{1,500})\Z")


def read_secret(value: object) -> str:
    """Return where a secret is kept; the secret itself never stands in a file that is handed around."""
    if not isinstance(value, str) or not _SECRET.match(value):
        found = "text" if isinstance(value, str) else described(value)
        raise refused(found=found, expected='where the secret is kept: "env:NAME" or "file:NAME"')
    return value


Secret = Annotated[
    str, PlainValidator(read_secret), WithJsonSchema({"type": "string", "pattern": "^(env|file):.+$"})
]

FileName = Annotated[str, PlainValidator(read_file_name), WithJsonSchema({"type": "string", "minLength": 1})]

_FOLDER_PART = re.compile(r"[^\x00-\x1f\x7f/\\:*?\"<>|]{1,120}\Z")
_FOLDER_EXPECTED = 'a folder below the output folder: "handouts/week-1"'


def read_folder(value: object) -> str:
    """Return a relative folder that stays below the output folder on every system."""
    if not isinstance(value, str) or not value:
        raise refused(found=described(value), expected=_FOLDER_EXPECTED)
    parts = value.rstrip("/").split("/")
    if any(part.strip(". ") == "" or part[-1] in ". " or not _FOLDER_PART.match(part) for part in parts):
        raise refused(found=described(value), expected=_FOLDER_EXPECTED)
    return "/".join(parts)


Folder = Annotated[str, PlainValidator(read_folder), WithJsonSchema({"type": "string", "minLength": 1})]
