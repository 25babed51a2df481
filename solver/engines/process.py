"""One TeX process in a closed room: its own folder, a bare environment, limits it cannot leave.

TeX is a programming language, and a template or a mistake can make it loop, fill the disk or read what it should not.
So it may neither run programs nor open files outside its folder (by default ``\\input{/etc/passwd}`` succeeds), and a
wall-clock limit ends the whole process group. The environment is built from nothing: what a user exports for their own
TeX (``TEXINPUTS``, ``TEXMFHOME``, a locale, a time zone) cannot change a byte of ours. With ``SOURCE_DATE_EPOCH`` every
run happens in the first second of 1970, so nothing depends on the day.

What this cannot stop: ``\\pdfmapfile`` and ``\\pdfmapline`` name font files outside the checks of TeX's library. User
text never reaches TeX as commands; who writes templates is trusted that far.
"""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from solver.engines.find import Engine
from solver.engines.room import check_room
from solver.errors import EngineError

OUTPUT_BYTES = 512 * 1024 * 1024
"""Largest file a TeX process may write, in bytes; enforced on Linux."""

MEMORY_BYTES = 4 * 1024**3
"""Address space a TeX process may take, in bytes; enforced on Linux."""

_LINE_BYTES = 200_000
_LONGEST_LINE_BYTES = 20_000_000
_SCREEN = "_screen.txt"
_SCREEN_BYTES = 1_000_000
_GRACE_SECONDS = 1.0


@dataclass(frozen=True)
class Finished:
    """How a TeX process ended.

    Args:
        status: Exit status; negative: the signal that ended it.
        screen: What it printed, the first megabyte.
        late: Whether it was ended because its time was up.
    """

    status: int
    screen: str
    late: bool = False


def run_tex(engine: Engine, arguments: list[str], folder: Path, seconds: float) -> Finished:
    """Run pdfTeX in a folder and wait for it, at most so long.

    Args:
        engine: The program.
        arguments: Its arguments after those that close the room.
        folder: Working folder; the only place it can write to.
        seconds: Wall-clock limit, above zero.

    Returns:
        Its exit status and what it printed; neither a failure of TeX nor a limit is an exception here. Nothing of it
        runs any more.

    Raises:
        EngineError: The program could not be started, or the disk is full.
    """
    command = [str(engine.executable), "-no-shell-escape", "-interaction=nonstopmode", "-file-line-error"]
    command += ["-no-parse-first-line", *arguments]
    # What it prints goes to a file, whose size is bounded with that of every other file. Nearly nothing goes to the pipe,
    # but its end tells at once that the process is gone; `wait` with a timeout would look only every 50 ms.
    with (folder / _SCREEN).open("w+b") as screen:
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment(engine, folder),
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as fault:
            raise EngineError(f"{engine.executable} could not be started", detail=str(fault)) from fault
        late = False
        try:
            _limit(process.pid, seconds)
            process.communicate(timeout=max(seconds, 0.0))
        except subprocess.TimeoutExpired:
            late = True
            _interrupt(process)
        finally:
            # Also on KeyboardInterrupt: the process is in a session of its own and never sees the terminal's Ctrl-C.
            _end(process)
        screen.seek(0)
        printed = screen.read(_SCREEN_BYTES).decode("utf-8", "replace")
    check_room(folder, printed)
    return Finished(process.returncode, printed, late)


def environment(engine: Engine, folder: Path) -> dict[str, str]:
    """Return every environment variable that TeX sees.

    Args:
        engine: An embedded engine gets no home folder but its own, so that no macros of the user's are found; a
            system engine keeps the user's, since it was asked for.
        folder: The working folder.
    """
    variables = {
        "SOURCE_DATE_EPOCH": "0",
        "FORCE_SOURCE_DATE": "1",
        "TZ": "UTC",
        "LC_ALL": "C",
        # Read and write nothing above the working folder, no absolute names, no dot files.
        "openin_any": "p",
        "openout_any": "p",
        # A font that is missing is an error; no script is started to make it.
        "MKTEXPK": "0",
        "MKTEXTFM": "0",
        "MKTEXMF": "0",
        # The log in whole lines, so that it can be read back.
        "max_print_line": "1000000",
        "error_line": "254",
        "half_error_line": "238",
        "buf_size": str(_line_bytes(folder)),
        # TeX clears room for so many names at every start; a sheet with all its packages has some 45,000.
        "hash_extra": "200000",
        "PATH": str(engine.executable.parent),
        "HOME": str(folder),
    }
    if engine.kind == "system":
        kept = ("HOME", "PATH", "TEXMFHOME", "TEXMFVAR", "TEXMFCONFIG", "TEXMFCNF")
        variables |= {name: os.environ[name] for name in kept if name in os.environ}
    if sys.platform == "win32":
        variables |= {
            name: os.environ[name] for name in ("SYSTEMROOT", "WINDIR", "TEMP") if name in os.environ
        }
    return variables


def _line_bytes(folder: Path) -> int:
    """Return the room for an input line: TeX stops at a longer one, but clears all of the room at every start."""
    texts = (file.read_bytes() for file in folder.glob("*.tex"))
    longest = max((max(map(len, text.split(b"\n"))) for text in texts), default=0)
    return min(_LINE_BYTES + 2 * longest, _LONGEST_LINE_BYTES)


def _limit(pid: int, seconds: float) -> None:
    if sys.platform != "linux":
        return
    import resource

    # Set from outside: code between fork and exec (preexec_fn) is unsafe with threads. The limit on processor time ends
    # an endless loop even when this process itself was killed and cannot.
    processor = math.ceil(seconds) + 5
    limits = (
        (resource.RLIMIT_CPU, processor),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CORE, 0),
    )
    for what, most in limits:
        with suppress(OSError, ValueError):  # already over, or a stricter limit stands
            resource.prlimit(pid, what, (most, most))


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """Ask TeX to stop: it then closes its files and logs the line it was reading."""
    if sys.platform == "win32":
        return
    with suppress(ProcessLookupError, subprocess.TimeoutExpired):
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=_GRACE_SECONDS)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stderr is not None:
        process.stderr.close()
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
