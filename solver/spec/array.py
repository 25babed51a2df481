"""Arrays of numbers that keep the digits a teacher typed.

The document proves its printed digits from the decimals of the file, the trace computes in float64: an `Array` holds
both. Reading is level by level over whole lists (a 784 x 128 matrix has 100,000 numbers); the slow search for the
exact position of a bad number starts only when one is known to be there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.spec.findings import (
    Finding,
    KeyPath,
    RefusedError,
    counted,
    described,
    refused,
)
from solver.spec.number import LARGEST, SMALLEST, fault_of_number

MOST_ELEMENTS = 20_000_000
MOST_FINDINGS = 8
"""Bad numbers reported per array: a matrix of text is one mistake, not ten thousand."""

_DEEPEST = 6
_RANK_NAMES = {
    0: "a number",
    1: "a list of numbers",
    2: "rows of numbers, [[…], […]]",
    3: "a list of matrices, [[[…]]]",
    4: "a list of lists of matrices, [[[[…]]]]",
}


@dataclass(frozen=True, eq=False)
class Array:
    """Numbers of a file: `exact` as typed (int or Decimal), `values` in float64; both read-only.

    Attributes:
        exact: Object array of int and Decimal.
        values: The same numbers, correctly rounded to float64.
    """

    exact: NDArray[np.object_]
    values: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        exact = np.array(self.exact, dtype=object)
        values = exact.astype(np.float64)
        exact.flags.writeable = values.flags.writeable = False
        object.__setattr__(self, "exact", exact)
        object.__setattr__(self, "values", values)

    @classmethod
    def of(cls, numbers: object) -> Array:
        """Return the array of nested lists of int, Decimal or float (a float stands for its shortest decimal).

        Raises:
            RefusedError: Where the lists are ragged, empty, or hold something that is no number.
        """
        return read_array(_decimals(numbers), range(_DEEPEST))

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes; () for a single number."""
        return self.exact.shape

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return self.exact.ndim

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return self.exact.size

    def tolist(self) -> object:
        """Return nested lists of int and Decimal."""
        return self.exact.tolist()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Array):
            return NotImplemented
        return self.shape == other.shape and bool(np.all(self.exact == other.exact))

    def __hash__(self) -> int:
        return hash((self.shape, self.values.tobytes()))

    def __reduce__(self) -> tuple[type[Array], tuple[NDArray[np.object_]]]:
        return Array, (self.exact,)

    def __repr__(self) -> str:
        return f"Array{self.shape}"


def read_array(value: object, ranks: Sequence[int], expected: str = "", lenient: bool = False) -> Array:
    """Return nested lists of numbers as an array.

    Args:
        value: What the TOML parser gave.
        ranks: Numbers of axes that are allowed.
        expected: What the array is, for messages; by default named after its ranks.
        lenient: Put 0 in the place of what is no number, to look for further faults after the first are known.

    Returns:
        The array, digits as typed.

    Raises:
        RefusedError: Empty, ragged, too deep or too large an array, NaN, infinity, text, a date, a truth value; each
            at its position.
    """
    expected = expected or " or ".join(_RANK_NAMES[rank] for rank in ranks if rank in _RANK_NAMES)
    flat, shape = _flattened(value, expected)
    findings = [] if lenient else _bad_numbers(flat, shape)
    if findings:
        raise RefusedError(*(replace(finding, mild=len(shape) in ranks) for finding in findings))
    if len(shape) not in ranks:
        found = _rank_found(shape) if shape else described(value)
        raise refused(found=found, expected=expected)
    if lenient:
        flat = [0 if fault_of_number(number) else number for number in flat]
    exact = np.empty(len(flat), dtype=object)
    exact[:] = flat
    return Array(exact.reshape(shape))


def _flattened(value: object, expected: str) -> tuple[list[Any], tuple[int, ...]]:
    level: list[Any] = [value]
    shape: tuple[int, ...] = ()
    while True:
        lists = sum(1 for item in level if type(item) is list)
        if lists == 0:
            return level, shape
        if lists < len(level):
            raise _mixed(level, shape)
        lengths = set(map(len, level))
        if 0 in lengths:
            where = next(place for place, item in enumerate(level) if not item)
            raise RefusedError(Finding(_position(where, shape), "", "an empty list", expected))
        if len(lengths) > 1:
            raise _ragged(level, shape)
        shape += (lengths.pop(),)
        if len(shape) > _DEEPEST:
            raise refused(found=f"lists nested more than {_DEEPEST} deep", expected=expected)
        if len(level) * shape[-1] > MOST_ELEMENTS:
            raise refused(f"holds more than {MOST_ELEMENTS:,} numbers")
        level = list(chain.from_iterable(level))


def _mixed(level: list[Any], shape: tuple[int, ...]) -> RefusedError:
    # Beside lists, a bare number is the odd one out, and the other way round: the rarer is the fault.
    lists = sum(1 for item in level if type(item) is list)
    odd_is_list = lists * 2 < len(level)
    expected = "a number, as beside it" if odd_is_list else "a list, as beside it"
    findings = [
        Finding(_position(place, shape), "", described(item), expected)
        for place, item in enumerate(level)
        if (type(item) is list) is odd_is_list
    ]
    return RefusedError(*findings[:MOST_FINDINGS])


def _ragged(level: list[Any], shape: tuple[int, ...]) -> RefusedError:
    lengths = [len(item) for item in level]
    usual = max(set(lengths), key=lambda length: (lengths.count(length), length))
    first = lengths.index(usual)
    beside = _position(first, shape)
    findings = [
        Finding(
            _position(place, shape),
            "ragged",
            counted(length, "number" if type(level[place][0]) is not list else "list"),
            f"{usual}, as in row {beside[-1] + 1 if beside and isinstance(beside[-1], int) else 1}",
        )
        for place, length in enumerate(lengths)
        if length != usual
    ]
    return RefusedError(*findings[:MOST_FINDINGS])


def _bad_numbers(flat: list[Any], shape: tuple[int, ...]) -> list[Finding]:
    suspects: Sequence[int]
    if set(map(type, flat)) <= {int, Decimal}:
        exact = np.empty(len(flat), dtype=object)
        exact[:] = flat
        try:
            sizes = np.abs(exact.astype(np.float64))
        except OverflowError:
            sizes = np.array([np.inf])
        # NaN fails both comparisons; a number that underflowed to 0 is told from a true 0 by its exact form.
        ordinary = (sizes <= LARGEST) & (sizes >= SMALLEST)
        if bool(ordinary.all()):
            return []
        whole = len(sizes) == len(flat)
        suspects = [p for p in np.flatnonzero(~ordinary).tolist() if flat[p]] if whole else range(len(flat))
    else:
        suspects = range(len(flat))
    findings: list[Finding] = []
    more = 0
    for place in suspects:
        fault = fault_of_number(flat[place])
        if fault and len(findings) < MOST_FINDINGS:
            findings.append(Finding(_position(place, shape), "", *fault))
        elif fault:
            more += 1
    if more:
        findings.append(Finding((), f"{counted(more, 'more number')} like these"))
    return findings


def _position(place: int, shape: tuple[int, ...]) -> KeyPath:
    return tuple(int(axis) for axis in np.unravel_index(place, shape)) if shape else ()


def _rank_found(shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return f"a list of {counted(shape[0], 'number')}"
    if len(shape) == 2:
        return f"{counted(shape[0], 'row')} of {counted(shape[1], 'number')}"
    return f"lists nested {len(shape)} deep"


def _decimals(numbers: object) -> object:
    if isinstance(numbers, np.ndarray):
        numbers = numbers.tolist()
    if isinstance(numbers, (list, tuple)):
        return [_decimals(item) for item in numbers]
    return Decimal(repr(numbers)) if isinstance(numbers, float) else numbers
