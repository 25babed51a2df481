"""The preamble, precompiled: a format file that TeX loads instead of reading a dozen packages.

Reading the packages of a sheet takes 0.3 s, loading the format 0.03 s. The format is kept uncompressed: TeX writes it
gzipped, but unpacking 20 MB takes longer (0.06 s) than all else that happens before the first page.

The PDF must not depend on whether a format was used, and not everything is dumped: the page under construction, on which
xcolor puts a ``\\color{black}`` that `without_preamble` says again; PDF objects of pgf's shadings; ``\\pdfinfo``. So a
format is kept only after a small document gave the same bytes with it and without.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import logging
import os
import platform
import tempfile
import zlib
from dataclasses import replace
from pathlib import Path

from solver.engines.cache import cache_folder, publish
from solver.engines.find import Engine
from solver.engines.process import run_tex
from solver.engines.source import LatexSource
from solver.errors import EngineError

BUILD_SECONDS = 60.0
KEPT_FORMATS = 8
"""Format files kept; each takes some 20 MB. The one not used for longest goes first."""

_SCHEME = "1"  # part of every key: raise it when what is dumped changes
_log = logging.getLogger(__name__)

_DUMP = "\\makeatletter\\@ifpackageloaded{xcolor}{\\gdef\\chainsheet@start{\\color{black}}}{}\\makeatother\n\\dump\n"
_START = "\\csname chainsheet@start\\endcsname%\n"

_PROBE = "Abc fi 1 \\(x^2-\\frac{1}{2}\\)\n"


def ensure_format(preamble: str, engine: Engine) -> Path | None:
    """Return the format file of a preamble, built when it is not there.

    Args:
        preamble: As in `LatexSource`.
        engine: The engine that will load it; no other one can.

    Returns:
        The file, or None when there can be none: the preamble has a fault (which the run without a format will report
        with its line), does what a format does not keep, or the cache cannot be written.
    """
    file = cache_folder() / "formats" / f"{format_key(preamble, engine)}.fmt"
    with contextlib.suppress(OSError):
        os.utime(file)  # the youngest are kept
        return file if file.stat().st_size else None
    try:
        data = build_format(preamble, engine)
        publish(data or b"", file)  # an empty file remembers that there can be none
    except (OSError, EngineError) as fault:
        _log.warning("no precompiled preamble, every run reads the packages again: %s", fault)
        return None
    _forget_oldest(file.parent, spare=file)
    return file if data else None


def without_preamble(source: LatexSource) -> str:
    """Return the document as compiled with a format: comments stand for the preamble, so lines keep their number."""
    return "%\n" * (source.preamble_lines - 1) + _START + replace(source, preamble="").text


def format_key(preamble: str, engine: Engine) -> str:
    """Return the name of a preamble's format: a hash of everything it depends on."""
    parts = (_SCHEME, engine.identity, platform.machine(), preamble)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def build_format(preamble: str, engine: Engine) -> bytes | None:
    """Return the format of a preamble, uncompressed, or None when the preamble cannot have one.

    Raises:
        EngineError: TeX could not be run.
        OSError: No temporary file could be written.
    """
    from concurrent.futures import ThreadPoolExecutor

    probe = LatexSource(preamble, _PROBE)
    with (
        tempfile.TemporaryDirectory(prefix="chainsheet-", ignore_cleanup_errors=True) as name,
        ThreadPoolExecutor(1) as beside,
    ):
        plain, dumped = Path(name, "plain"), Path(name, "dumped")
        expected = beside.submit(_output, engine, plain, probe.text, [], "pdf")
        packed = _output(engine, dumped, f"{preamble}\n{_DUMP}", ["-ini", "&pdflatex"], "fmt")
        if packed is None:
            return None
        try:
            data = gzip.decompress(packed) if packed.startswith(b"\x1f\x8b") else packed
        except (OSError, EOFError, zlib.error):
            return None
        (dumped / "preamble.fmt").write_bytes(data)
        found = _output(engine, dumped, without_preamble(probe), ["-fmt=preamble"], "pdf")
        if found is None or found != expected.result():
            _log.warning("no precompiled preamble: it does something that a format file does not keep")
            return None
        return data


def _output(engine: Engine, folder: Path, text: str, arguments: list[str], suffix: str) -> bytes | None:
    """Return the file that TeX makes of a text, or None."""
    folder.mkdir(exist_ok=True)
    (folder / "sheet.tex").write_bytes(text.encode("utf-8", "surrogatepass"))
    made = folder / f"sheet.{suffix}"
    arguments = ["-halt-on-error", "-jobname=sheet", *arguments, "sheet.tex"]
    finished = run_tex(engine, arguments, folder, BUILD_SECONDS)
    return made.read_bytes() if finished.status == 0 and made.is_file() else None


def discard_format(file: Path) -> None:
    """Remove a format that TeX refuses (cut short, or of another build)."""
    with contextlib.suppress(OSError):
        file.unlink()


def _forget_oldest(folder: Path, spare: Path) -> None:
    with contextlib.suppress(OSError):
        aged = sorted(folder.glob("*.fmt"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        for file in aged[KEPT_FORMATS:]:
            if file != spare:
                discard_format(file)
