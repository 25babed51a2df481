"""What TeX wrote into its log, as values: the first error with its line, boxes that stick out, characters that got lost.

The log is prose with conventions. It is read with ``max_print_line`` raised (see `process`), so that no line is broken
at 79 characters, and with ``-file-line-error``, so that an error begins with its file and line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

LOG_BYTES = 8 * 1024 * 1024
"""How much of a log is read from its start, and how much from its end; a loop can write one without end."""

_NO_MESSAGE = ("<", "l.", "\\", "Type ", "See the ", "Here is how", "!", " ==> ")
_CONTEXT_REACH = 40
"""Lines after an error in which TeX says where it was reading."""


@dataclass(frozen=True)
class TexFault:
    """The first error of a run.

    Args:
        message: TeX's own words, without file and line.
        line: Line of the source, from 1; None where TeX names none (the end of the file, a missing font).
        source: That line of the source; empty where it is not known.
        context: What TeX printed around the place, as it printed it.
        file: The file TeX was reading, where it is not the source itself.
    """

    message: str
    line: int | None = None
    source: str = ""
    context: str = ""
    file: str = ""


@dataclass(frozen=True)
class BadBox:
    """A line or page that is too full or too empty.

    Args:
        kind: "overfull" or "underfull".
        box: "hbox" (a line) or "vbox" (a page or a column).
        amount: Overfull: points that stick out; underfull: TeX's badness, at most 10000.
        first: First source line of the paragraph or alignment; None where TeX names none.
        last: Last one.
        text: The material TeX shows, font names taken out.
        sheet: In a run of many sheets, the one it is in.
    """

    kind: Literal["overfull", "underfull"]
    box: Literal["hbox", "vbox"]
    amount: float
    first: int | None = None
    last: int | None = None
    text: str = ""
    sheet: str = ""


@dataclass(frozen=True)
class MissingCharacter:
    """A character that a font does not have; it is not on the page.

    Args:
        character: As TeX names it.
        font: TeX's name of the font.
        sheet: In a run of many sheets, the one it is missing from.
    """

    character: str
    font: str
    sheet: str = ""


@dataclass(frozen=True)
class TexWarning:
    """A warning of LaTeX or of a package.

    Args:
        package: Who warns: "LaTeX", "LaTeX Font" or the package's name.
        message: Its words on one line.
        line: Line of the source, where named.
    """

    package: str
    message: str
    line: int | None = None


@dataclass(frozen=True)
class TexLog:
    """A log, read.

    Args:
        fault: The first error; None where there is none.
        boxes: Overfull and underfull boxes in order.
        missing: Characters that are not on the page.
        warnings: In order.
        rerun: Whether TeX says that another run would change the pages.
        pages: Pages written; 0 where there is no output.
    """

    fault: TexFault | None = None
    boxes: tuple[BadBox, ...] = ()
    missing: tuple[MissingCharacter, ...] = ()
    warnings: tuple[TexWarning, ...] = ()
    rerun: bool = False
    pages: int = 0

    @property
    def overfull(self) -> tuple[BadBox, ...]:
        """The boxes that stick out."""
        return tuple(box for box in self.boxes if box.kind == "overfull")


_FILE_ERROR = re.compile(r"^(?P<file>(?:\./|/|[A-Za-z]:[\\/])[^:]*):(?P<line>\d+): (?P<message>.*)")
_BARE_ERROR = re.compile(r"^! ?(?P<message>\S.*)")
_PROGRAM = re.compile(
    r"^(pdfTeX error)(?: \([^)]*\))?: (?:\S*pdflatex\S*:? )?"
)  # its path is the machine's business
_OPENED = re.compile(r" on input line (\d+) ended by ")
_PLACE = re.compile(r"^l\.(?P<line>\d+)(?: (?P<text>.*))?$")
_BAD_BOX = re.compile(
    r"^(?P<kind>Overfull|Underfull) \\(?P<box>[hv]box) "
    r"\((?:(?P<points>[\d.]+)pt too (?:wide|high)|badness (?P<badness>\d+))\) ?(?P<place>.*)"
)
_LINES = re.compile(r"at lines? (\d+)(?:--(\d+))?")
_MISSING = re.compile(
    r"^Missing character: There is no (?P<character>.+?)(?: \([^()]*\))? in font (?P<font>[^!]*)!"
)
_WARNING = re.compile(
    r"^(?:LaTeX (?P<part>\w+ )?|(?:Package|Class) (?P<package>\S+) )Warning: (?P<message>.*)"
)
_ENGINE_WARNING = re.compile(r"^pdfTeX warning(?: \([^)]*\))?: (?:\S*pdflatex\S*:? )?(?P<message>.*)")
_INPUT_LINE = re.compile(r"\s*on input line (\d+)\.?$")
_RERUN = re.compile(r"Rerun to get|[Rr]erun LaTeX|may have changed|have changed\. Rerun|has changed\. Rerun")
_SHEET = re.compile(r"^Sheet (\S+) begins$")  # written by the `sheet` environment
_OUTPUT = re.compile(r"^Output written on .*\((\d+) pages?[,)]")
_FONT_NAME = re.compile(r"\\(?:[A-Z][A-Z0-9]*/[^/\s]+/\S+|[a-z]+\d+)(?: |$)")


def read_log(file: Path) -> str:
    """Return the text of a log file, the middle left out where it is very long; "" where there is none."""
    try:
        with file.open("rb") as stream:
            start = stream.read(LOG_BYTES)
            rest = file.stat().st_size - len(start)
            if rest > LOG_BYTES:
                stream.seek(-LOG_BYTES, os.SEEK_END)
            return (start + stream.read(LOG_BYTES)).decode("utf-8", "backslashreplace")
    except FileNotFoundError:
        return ""


def parse_log(text: str, source: str = "", file: str = "sheet.tex") -> TexLog:
    """Return what a log says.

    Args:
        text: The log.
        source: The TeX that was compiled, to show the faulty line in full.
        file: Name under which TeX read it.
    """
    lines = text.split("\n")
    warnings = tuple(_warnings(lines))
    return TexLog(
        fault=_first_fault(lines, source.split("\n"), file),
        boxes=tuple(_bad_boxes(lines)),
        missing=tuple(_missing(lines)),
        warnings=warnings,
        rerun=any(_RERUN.search(warning.message) for warning in warnings),
        pages=next((int(found[1]) for found in map(_OUTPUT.match, reversed(lines)) if found), 0),
    )


def _first_fault(lines: list[str], source: list[str], file: str) -> TexFault | None:
    for index, line in enumerate(lines):
        found = _FILE_ERROR.match(line) or _BARE_ERROR.match(line)
        if found is None:
            continue
        named = found.groupdict()
        place = (named["file"].removeprefix("./"), int(named["line"])) if "file" in named else (file, None)
        return _fault(lines, index, found["message"], place, source, file)
    return None


def _fault(
    lines: list[str], index: int, message: str, place: tuple[str, int | None], source: list[str], file: str
) -> TexFault:
    name, number = place
    opened = _OPENED.search(message)
    if opened:  # an environment that is not closed: the line that opens it, not that of the end
        number = int(opened[1])
    end = index + 1
    # A message goes on until TeX shows where it was reading; LaTeX's own end with an empty line before.
    while end < len(lines) and lines[end].strip() and _is_message(lines[end]):
        message = f"{message.rstrip()} {lines[end].strip()}"
        end += 1
    shown = lines[end : end + _CONTEXT_REACH]
    stop = next((i for i, line in enumerate(shown) if _PLACE.match(line)), None)
    context: list[str] = []
    if index and lines[index - 2 : index - 1] and lines[index - 2].startswith("Runaway "):
        context += lines[index - 2 : index]
        number = _line_of(lines[index - 1], source) or number
    if stop is not None:
        found = _PLACE.match(shown[stop])
        number = number or int(found["line"] if found else 0)
        # Below stands the rest of the input line, indented to where TeX stopped reading.
        before = [line for line in shown[max(0, stop - 2) : stop] if "\\@err@" not in line]
        context += [*before, *shown[stop : stop + 2]]
    own = name == file
    return TexFault(
        message=_PROGRAM.sub(r"\1: ", message.strip()),
        line=number if own else None,
        source=source[number - 1] if own and number is not None and 0 < number <= len(source) else "",
        context="\n".join(line.rstrip() for line in context if line.strip()),
        file="" if own else name,
    )


def _is_message(line: str) -> bool:
    return not (line.startswith(_NO_MESSAGE) or " ->" in line)


def _line_of(runaway: str, source: list[str]) -> int | None:
    """Return the source line where an argument that was never closed begins, or None."""
    start = runaway.strip().removeprefix("{")[:40]
    for length in range(len(start), 7, -4):
        found = [number for number, line in enumerate(source, 1) if start[:length] in line]
        if found:
            return found[0]
    return None


def _bad_boxes(lines: list[str]) -> Iterator[BadBox]:
    sheet = ""
    for index, line in enumerate(lines):
        sheet = _sheet(line, sheet)
        found = _BAD_BOX.match(line)
        if not found:
            continue
        at = _LINES.search(found["place"])
        first = int(at[1]) if at else None
        material = lines[index + 1] if index + 1 < len(lines) and found["box"] == "hbox" else ""
        yield BadBox(
            kind="overfull" if found["kind"] == "Overfull" else "underfull",
            box="hbox" if found["box"] == "hbox" else "vbox",
            amount=float(found["points"] or found["badness"]),
            first=first,
            last=int(at[2]) if at and at[2] else first,
            text=_FONT_NAME.sub("", material).replace("[]", "").strip(),
            sheet=sheet,
        )


def _sheet(line: str, current: str) -> str:
    found = _SHEET.match(line)
    return found[1] if found else current


def _missing(lines: list[str]) -> Iterator[MissingCharacter]:
    seen: set[MissingCharacter] = set()
    sheet = ""
    for line in lines:
        sheet = _sheet(line, sheet)
        found = _MISSING.match(line)
        if found:
            lost = MissingCharacter(found["character"], found["font"].strip(), sheet)
            if lost not in seen:
                seen.add(lost)
                yield lost


def _warnings(lines: list[str]) -> Iterator[TexWarning]:
    for index, line in enumerate(lines):
        engine = _ENGINE_WARNING.match(line)
        if engine:
            yield TexWarning("pdfTeX", engine["message"].strip())
            continue
        found = _WARNING.match(line)
        if not found:
            continue
        package = found["package"] or f"LaTeX {found['part'] or ''}".strip()
        message = [found["message"].strip()]
        for more in lines[index + 1 :]:
            # A package repeats its name in brackets, the kernel indents.
            tail = more.removeprefix(f"({found['package'] or found['part'] or ' '})".replace(" )", ")"))
            if tail == more and not more.startswith("               "):
                break
            message.append(tail.strip())
        words = " ".join(part for part in message if part)
        at = _INPUT_LINE.search(words)
        yield TexWarning(package, _INPUT_LINE.sub("", words) if at else words, int(at[1]) if at else None)
