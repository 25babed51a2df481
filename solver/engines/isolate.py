"""Many things in one run: when the run fails, find the one at fault and keep all the others.

The marks of a failed run say which sheet was being typeset. It is tried alone: when it fails alone it is guilty, and its
fault has the line numbers of its own document. When it does not, something before it spoiled it (a macro redefined for
good), and the others are tried in halves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from solver.engines.compile import TexError
from solver.engines.marks import unfinished_sheet

T = TypeVar("T")


def isolate(
    names: Sequence[str], attempt: Callable[[Sequence[str]], dict[str, T]]
) -> tuple[dict[str, T], dict[str, TexError]]:
    """Return what can be made, and why the rest cannot.

    Args:
        names: What to make, each by its name.
        attempt: Makes some of them in one run, or raises `TexError`.

    Returns:
        The things made, and the faults of the others, by name and in the order given.

    Raises:
        TexError: The fault lies in none of them: nothing had begun when TeX stopped (the preamble is at fault).
    """
    made: dict[str, T] = {}
    faults: dict[str, TexError] = {}
    waiting = [list(names)]
    while waiting:
        some = waiting.pop()
        if not some:
            continue
        try:
            made |= attempt(some)
            continue
        except TexError as fault:
            if not fault.marks and (fault.fault.line is not None or fault.fault.file):
                raise
            if len(some) == 1:
                faults[some[0]] = fault
                continue
            suspect = unfinished_sheet(fault.marks)
        if suspect is not None and suspect in some:
            alone, found = isolate([suspect], attempt)
            made |= alone
            faults |= found
            some.remove(suspect)
            if found:
                waiting.append(some)
                continue
        middle = (len(some) + 1) // 2
        waiting += [some[middle:], some[:middle]]
    order = {name: index for index, name in enumerate(names)}
    return (
        dict(sorted(made.items(), key=lambda item: order[item[0]])),
        dict(sorted(faults.items(), key=lambda item: order[item[0]])),
    )
