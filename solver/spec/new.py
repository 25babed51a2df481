"""Files to start from: for every kind a small problem, real and commented, that works as it stands.

They are files and no text in the code, so that a reader sees them as a teacher will.
"""

from __future__ import annotations

from importlib.resources import files

from solver.errors import Fault, InputError, listed, nearest_name, quoted
from solver.spec.source import KINDS


def new_problem_text(kind: str = "network") -> str:
    """Return a commented problem file to start from.

    Args:
        kind: A kind of problem.

    Raises:
        InputError: There is no such kind.
    """
    if kind not in KINDS:
        fault = Fault(
            key="kind",
            found=quoted(kind),
            expected=f"a kind: {listed(KINDS)}",
            nearest=nearest_name(kind, KINDS),
        )
        raise InputError(fault)
    return files("solver.spec").joinpath("examples", f"{kind}.toml").read_text("utf-8")
