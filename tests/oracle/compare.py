"""What differs between a solver's quantities and a judge's, one line a quantity."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

# A number that cancels to nothing keeps rounding errors of what it was summed from: 0.1 + 0.2 − 0.3 is not 0, and the
# deltas of a softmax never quite sum to it.
CANCELLATION = 1e-14


def disagreements(
    computed: Mapping[str, Any], reference: Mapping[str, Any], relative: float = 1e-12
) -> list[str]:
    """Compare every quantity of the reference; names that only `computed` has are not looked at.

    A number agrees when it differs by at most `relative` times the largest entry of its array (an entry far below its
    neighbours is a difference of numbers of their size), plus 1e-14 of the largest number of its kind: of all
    gradients for a gradient, of all values for a value, of both for what stands after an update.

    Args:
        computed: Names to numbers or nested lists, as `solve` prints them.
        reference: What a judge returned: floats, mpf, or arrays of them.
        relative: Allowed difference.

    Returns:
        Sentences for a failing assertion, empty when all agrees.
    """
    arrays = {name: np.asarray(value).astype(float) for name, value in reference.items()}
    of_gradients = CANCELLATION * _largest(value for name, value in arrays.items() if name.startswith("dL/d"))
    of_values = CANCELLATION * _largest(
        value for name, value in arrays.items() if not name.startswith("dL/d")
    )
    found = []
    for name, expected in arrays.items():
        if name not in computed:
            found.append(f"{name} is missing")
            continue
        value = np.asarray(computed[name], dtype=float)
        if value.shape != expected.shape:
            found.append(f"{name} has shape {value.shape}, not {expected.shape}")
            continue
        allowed = relative * _largest([expected])
        if name.startswith("dL/d") or name.endswith("'"):
            allowed += of_gradients
        if not name.startswith("dL/d"):
            allowed += of_values
        difference = np.abs(value - expected)
        if not np.all(difference <= allowed):  # `not …`: a NaN agrees with nothing
            worst = _worst(difference)
            element = f"{name}{list(worst)}" if worst else name
            found.append(f"{element} is {float(value[worst])!r}, not {float(expected[worst])!r}")
    return found


def _largest(arrays: Iterable[np.ndarray[Any, np.dtype[np.float64]]]) -> float:
    return max((float(np.max(np.abs(values), initial=0.0)) for values in arrays), default=0.0)


def _worst(difference: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[int, ...]:
    ranked = np.where(np.isnan(difference), math.inf, difference)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(ranked)), difference.shape))
