"""What is timed, and against what. A new row is a function that makes two jobs, and a line in `ROWS`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests.bench.timing import Job, Row
from tests.bench.wrong_figures import wrong_figures_against_a_second
from tests.embedded_tex import pdflatex

CHECKOUT = Path(__file__).parents[2]
MOST_PASSES = 5


def _render(problem: str, formats: str, out: Path) -> Job:
    """Render a problem of the checkout in a fresh process."""
    file = CHECKOUT / "problems" / f"{problem}.toml"
    command = [sys.executable, "-m", "solver", "render", "--to", formats, "--out", str(out), str(file)]
    return Job([command], CHECKOUT, writes=out)


def _markdown_against_imports(folder: Path) -> tuple[Job, Job]:
    imports = Job([[sys.executable, "-c", "import numpy, sympy, jinja2"]], CHECKOUT)
    return _render("padhai-multiple-paths", "md", folder / "md"), imports


def _pdf_against_pdflatex(folder: Path) -> tuple[Job, Job]:
    problem = "iitm-three-layer"
    _render(problem, "tex", folder / "tex").seconds()
    return _render(problem, "pdf", folder / "pdf"), bare_passes(folder / "tex" / problem, folder / "bare")


def bare_passes(written: Path, folder: Path) -> Job:
    """Compile the one .tex of a folder as often as its references need, with nothing around it.

    Args:
        written: Holds the .tex and what it includes; copied, not touched.
        folder: Where to compile.
    """
    (source,) = written.glob("*.tex")
    command = [str(pdflatex()), "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", source.name]
    for passes in range(1, MOST_PASSES + 1):
        job = Job([command] * passes, folder, writes=folder, seed=written)
        job.seconds()
        log = (folder / source.name).with_suffix(".log").read_text(encoding="utf-8", errors="replace")
        if not re.search(r"\bRerun (to get|LaTeX)\b", log):
            return job
    raise ValueError(f"{source.name} still asks for another pass after {MOST_PASSES}")


ROWS = (
    Row("render --to md / import numpy, sympy, jinja2", 1.5, _markdown_against_imports),
    Row("render --to pdf / bare pdflatex passes", 1.5, _pdf_against_pdflatex),
    Row("check of 100 wrong figures, started / 1 s", 1.0, wrong_figures_against_a_second),
)
