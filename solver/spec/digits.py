"""How many digits a file asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.arithmetic import Digits

if TYPE_CHECKING:
    from solver.spec import Problem


def digits_of(problem: Problem) -> Digits:
    """Return the digits of a problem's `[numbers]` table."""
    if problem.numbers.decimals is not None:
        return Digits(decimals=problem.numbers.decimals)
    return Digits(significant=problem.numbers.digits)
