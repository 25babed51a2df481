"""LaTeX to PDF: as many passes as the document asks for, in a folder that is gone afterwards.

The same TeX gives the same bytes on any day, in any locale, from any folder, with a precompiled preamble or without.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from solver.engines.find import Engine, find_engine
from solver.engines.formats import discard_format, ensure_format, without_preamble
from solver.engines.log import TexFault, TexLog, parse_log, read_log
from solver.engines.marks import Mark, parse_marks
from solver.engines.process import Finished, run_tex
from solver.engines.room import no_room
from solver.engines.source import LatexSource
from solver.errors import EngineError

MAX_PASSES = 4
TIME_LIMIT = 120.0
"""Seconds one document may take, all passes together."""

JOB = "sheet"
"""TeX's name of every job: it is part of what a PDF is made from."""

_ASSET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class CompiledPdf:
    """A PDF and what TeX said while making it.

    Args:
        pdf: The file's bytes.
        pages: Number of pages.
        log: The last pass's log, read.
        passes: Passes run.
        marks: What the `sheet` macros wrote, in order (see `marks`).
    """

    pdf: bytes
    pages: int
    log: TexLog
    passes: int
    marks: tuple[Mark, ...] = ()


class TexError(EngineError):
    """TeX stopped at a fault of the document.

    Args:
        fault: Where and why.
        marks: What the `sheet` macros had written by then.
    """

    def __init__(self, fault: TexFault, marks: tuple[Mark, ...] = ()) -> None:
        place = (
            f" at line {fault.line}" if fault.line is not None else f" in {fault.file}" if fault.file else ""
        )
        super().__init__(f"pdfLaTeX stopped{place}: {fault.message}", fault.context or fault.source)
        self.fault = fault
        self.marks = marks

    def __reduce__(self) -> tuple[type[TexError], tuple[TexFault, tuple[Mark, ...]]]:
        """Keep fault and marks when the error comes back from another process."""
        return type(self), (self.fault, self.marks)


class TimeLimitError(TexError):
    """TeX was ended because its time was up; the fault's line is the one it was reading."""


def compile_latex(
    source: str | LatexSource,
    *,
    assets: Mapping[str, bytes] | None = None,
    engine: Engine | None = None,
    passes: int | Literal["auto"] = "auto",
    time_limit: float = TIME_LIMIT,
    use_format: bool = True,
) -> CompiledPdf:
    """Compile a document to PDF.

    Args:
        source: Whole TeX, or preamble and body apart: then the preamble is precompiled and kept for the next document
            (the bytes of the PDF are the same either way).
        assets: Files the document includes, by plain name (letters, digits, ``.``, ``_``, ``-``).
        engine: Default: `find_engine()`.
        passes: "auto" runs again while TeX asks for it, at most four times; a number runs exactly so often.
        time_limit: Seconds for all passes together.
        use_format: False reads the packages anew, as a plain pdflatex does.

    Returns:
        The PDF with its log. Overfull boxes are no error: see ``log.overfull``.

    Raises:
        TexError: The document has a fault; it carries line and context.
        TimeLimitError: The time is up; nothing runs on.
        EngineError: There is no engine, or no room to work in.
        ValueError: A name of an asset is not plain.
    """
    engine = engine or find_engine()
    for name in assets or {}:
        if not _ASSET.fullmatch(name) or Path(name).stem == JOB:
            raise ValueError(f"not a plain name for a file beside {JOB}.tex: {name!r}")
    text = source if isinstance(source, str) else source.text
    try:
        with tempfile.TemporaryDirectory(prefix="chainsheet-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            for asset, data in (assets or {}).items():
                (folder / asset).write_bytes(data)
            room = _Room(engine, folder, text, time_limit, time.monotonic() + time_limit)
            if isinstance(source, LatexSource) and use_format:
                file = ensure_format(source.preamble, engine)
                if file is not None and room.load_format(file, without_preamble(source)):
                    compiled = room.compile(passes)
                    if compiled is not None:
                        return compiled
                    discard_format(file)
            room.load_text(text)
            compiled = room.compile(passes)
            if compiled is None:
                raise EngineError(
                    "pdfLaTeX does not start", detail=room.screen, hint="Install the engine anew."
                )
            return compiled
    except OSError as fault:
        raise no_room(Path(tempfile.gettempdir()), str(fault)) from fault


@dataclass
class _Room:
    """A folder in which one document is compiled."""

    engine: Engine
    folder: Path
    text: str  # the whole document, for messages
    seconds: float
    deadline: float
    format_name: str = ""
    screen: str = ""

    def load_text(self, text: str) -> None:
        self.format_name = ""
        try:
            data = text.encode("utf-8")
        except UnicodeEncodeError as fault:
            line = text.count("\n", 0, fault.start) + 1
            raise EngineError(
                f"line {line} of the TeX holds half a surrogate pair, which is no character"
            ) from fault
        (self.folder / f"{JOB}.tex").write_bytes(data)

    def load_format(self, file: Path, text: str) -> bool:
        """Put a format into the folder: TeX's library splits paths at colons, braces and dollar signs."""
        self.load_text(text)
        target = self.folder / "_preamble.fmt"
        try:
            target.symlink_to(file)
        except (OSError, NotImplementedError):
            try:
                shutil.copyfile(file, target)
            except OSError:
                return False
        self.format_name = "_preamble"
        return True

    def compile(self, passes: int | Literal["auto"]) -> CompiledPdf | None:
        """Run passes until the document has come to rest; None: TeX refuses the format."""
        most = MAX_PASSES if passes == "auto" else max(1, passes)
        done = 0
        while True:
            finished = self._run()
            self.screen = finished.screen
            done += 1
            if finished.late:
                raise self._too_late()
            if finished.status != 0 and not (self.folder / f"{JOB}.log").exists():
                return None  # it never came to the document
            log = self._log()
            if finished.status != 0 or log.pages == 0:
                raise self._failure(finished, log)
            if done >= most or (passes == "auto" and not log.rerun):
                break
        pdf = (self.folder / f"{JOB}.pdf").read_bytes()
        return CompiledPdf(pdf, log.pages, log, done, self._marks())

    def _run(self) -> Finished:
        arguments = ["-halt-on-error", f"-jobname={JOB}"]
        if self.format_name:
            arguments.append(f"-fmt={self.format_name}")
        left = self.deadline - time.monotonic()
        return run_tex(self.engine, [*arguments, f"{JOB}.tex"], self.folder, left)

    def _log(self) -> TexLog:
        return parse_log(read_log(self.folder / f"{JOB}.log"), self.text, f"{JOB}.tex")

    def _marks(self) -> tuple[Mark, ...]:
        try:
            return parse_marks((self.folder / f"{JOB}.marks").read_text("utf-8", "replace"))
        except FileNotFoundError:
            return ()

    def _too_late(self) -> TimeLimitError:
        fault = self._log().fault or TexFault("")
        message = f"not done after {self.seconds:.3g} seconds: a loop, or a document far too long"
        return TimeLimitError(replace(fault, message=message), self._marks())

    def _failure(self, finished: Finished, log: TexLog) -> EngineError:
        if log.fault is not None:
            return TexError(log.fault, self._marks())
        if finished.status == 0:
            return TexError(TexFault("the document has no pages"), self._marks())
        if finished.status < 0:
            # No word in the log: out of memory, or more than half a gigabyte written.
            return TexError(
                TexFault(f"ended by signal {-finished.status}, as by a loop that fills the disk"),
                self._marks(),
            )
        return EngineError("pdfLaTeX failed without saying why", detail=finished.screen[-1000:])
