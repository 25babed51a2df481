"""Chainsheet: worked solutions of backpropagation, proven to the last printed digit.

from solver import load, solve, render

solution = solve("problems/four-three-two.toml")        # {"title", "kind", "quantities", "steps"}
files = render("problems/four-three-two.toml", to=("md",), out="output")
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from solver.spec import Problem

__all__ = ["__version__", "load", "render", "solve"]


def load(file: str | Path) -> Problem:
    """Return a problem file as a model of its kind.

    Raises:
        InputError: The file cannot be used; all its faults at once.
    """
    from solver.spec import load_problem

    return load_problem(Path(file))


def solve(file: str | Path, *, seed: int | None = None, variant: int | None = None) -> dict[str, Any]:
    """Return every quantity of a problem, by its contract name, in float64.

    Args:
        file: A problem file.
        seed: Seed of the draws, instead of the file's.
        variant: Number of a drawn variant; None for the problem as it is written.

    Raises:
        InputError: The file cannot be used, is symbolic, or its numbers cannot be computed.
    """
    from solver.solution import solve_file

    return solve_file(Path(file), seed=seed, variant=variant)


def render(
    file: str | Path, *, to: str | Sequence[str] = ("pdf", "md"), out: str | Path = "output"
) -> list[Path]:
    """Write the worked solution of a problem and return the files written.

    Args:
        file: A problem file.
        to: Of "pdf", "md", "tex", "html", "json"; a single one may stand alone.
        out: A folder named after the problem is made in it.

    Raises:
        InputError: The file cannot be used.
        EngineError: TeX failed.
    """
    from solver.rendering import render_files

    formats = (to,) if isinstance(to, str) else tuple(to)
    return list(render_files([Path(file)], formats, Path(out)))
