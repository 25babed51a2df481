"""Random draws: from a seed, a problem and the number of a variant to exact decimals, the same everywhere and for good.

Each number is drawn from a BLAKE2 hash of (seed, problem, variant, attempt, quantity) and of nothing else: no random
state is shared, so adding a variant, a student, a question or a quantity changes no other draw, and neither the
version of numpy nor the number of processes matters. What is drawn is a place in a list of decimals, so a drawn number
has the digits that a teacher would have typed.

Whether a draw makes a good problem is judged elsewhere (`solver.variants`), which asks for the next attempt where not.

Source: Saarinen and Aumasson (2015), The BLAKE2 cryptographic hash, RFC 7693.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solver.spec.array import Array
from solver.spec.fields import Number
from solver.spec.inventory import inventory_of
from solver.spec.names import parse_name
from solver.spec.variants import ChoiceDraw, Draw, OneHotDraw, RangeDraw

if TYPE_CHECKING:
    from solver.spec.problem import Problem

Places = NDArray[np.int64]
"""Drawn places in a list of numbers; shape (candidates, places)."""

_PERSON = b"chainsheet-draw"
_WORDS = 8
"""Words of 64 bits in one hash."""

_BITS = 44
"""Bits of a word that are used: times a list of 100,000 numbers they still fit, and no number is favoured by 1e-8."""


@dataclass(frozen=True)
class Drawn:
    """One entry of `[variants.draw]`: a quantity, and what each of its numbers can be.

    Attributes:
        name: As the file spells it: "W1", "W1[2,3]", "learning_rate".
        array: The quantity that it belongs to.
        numbers: What can be drawn, in order, each once.
        places: Positions in the flattened array that are drawn: one number each; for a one-hot draw, one each of a row.
        one_hot: Length of a row of which one number is 1; 0 where each number is drawn from `numbers`.
    """

    name: str
    array: str
    numbers: tuple[Number, ...]
    places: tuple[int, ...]
    one_hot: int = 0

    @property
    def choices(self) -> int:
        """How many numbers each place can be."""
        return self.one_hot or len(self.numbers)

    @property
    def space(self) -> int:
        """In how many ways the entry can come out."""
        return int(self.choices ** len(self.places))

    def filled(self, base: Array | Number, places: Sequence[int]) -> Array | Number:
        """Return the file's own array (or number) with the drawn numbers put in, exactly."""
        if not isinstance(base, Array):
            return self.numbers[places[0]]
        flat = base.exact.ravel().copy()
        for start, choice in zip(self.places, places, strict=True):
            if self.one_hot:
                flat[start : start + self.one_hot] = 0
                flat[start + choice] = 1
            else:
                flat[start] = self.numbers[choice]
        return Array(flat.reshape(base.shape))

    def values(self, base: NDArray[np.float64], places: Places) -> NDArray[np.float64]:
        """Return the same in float64 for many candidates at once: shape (candidates, numbers of the array)."""
        flat = np.repeat(base.reshape(1, -1), len(places), axis=0)
        if self.one_hot:
            for start, chosen in zip(self.places, places.T, strict=True):
                flat[:, start : start + self.one_hot] = np.eye(self.one_hot)[chosen]
        else:
            flat[:, self.places] = np.array([float(number) for number in self.numbers])[places]
        return flat


def drawn_quantities(problem: Problem) -> tuple[Drawn, ...]:
    """Return what a problem draws, in the order of the file; () where it draws nothing."""
    if problem.variants is None:
        return ()
    given = inventory_of(problem).given
    found = []
    for name, draw in problem.variants.draw.items():
        parsed = parse_name(name)
        assert parsed is not None  # held by the rules while loading
        base = given.get(parsed.array)
        shape = base.shape if isinstance(base, Array) else ()
        found.append(_drawn(name, parsed.array, parsed.index, shape, draw))
    return tuple(found)


def _drawn(name: str, array: str, index: tuple[int, ...], shape: tuple[int, ...], draw: Draw) -> Drawn:
    size = math.prod(shape)
    if isinstance(draw, OneHotDraw):
        width = shape[-1]
        return Drawn(name, array, (0, 1), tuple(range(0, size, width)), width)
    if index:
        place = int(np.ravel_multi_index(tuple(axis - 1 for axis in index), shape))
        return Drawn(name, array, numbers_of(draw), (place,))
    return Drawn(name, array, numbers_of(draw), tuple(range(size)))


def numbers_of(draw: RangeDraw | ChoiceDraw) -> tuple[Number, ...]:
    """Return the numbers that can be drawn, each once: a range from low to high, or the choices in their order."""
    if isinstance(draw, ChoiceDraw):
        return tuple(_plain(Decimal(number)) for number in dict.fromkeys(map(Decimal, draw.choices)))
    low, step = Decimal(draw.low), Decimal(draw.grid)
    count = int((Decimal(draw.high) - low) / step) + 1
    left_out = set(map(Decimal, draw.exclude))
    steps = (low + place * step for place in range(count))
    return tuple(_plain(number) for number in steps if number not in left_out)


def _plain(number: Decimal) -> Number:
    """Return a number as a teacher would have typed it: whole ones as whole numbers, no zeros at the end."""
    whole = number.to_integral_value()
    return int(whole) if whole == number else number.normalize()


def problem_identity(problem: Problem) -> str:
    """Return what a problem is called in its draws: the name of its file, without folder and suffix.

    Its title, letters, digits and claims can be edited, and the file can move, without changing a variant.
    """
    return problem.file.stem


@dataclass(frozen=True)
class Source:
    """Where the draws of one problem come from.

    Attributes:
        seed: The seed.
        problem: See `problem_identity`.
        quantities: What is drawn.
    """

    seed: int
    problem: str
    quantities: tuple[Drawn, ...]

    @property
    def space(self) -> int:
        """How many different problems can be drawn at all."""
        return math.prod(quantity.space for quantity in self.quantities)

    def draw(self, keys: Sequence[tuple[int, int]]) -> dict[str, Places]:
        """Return drawn places for each (variant, attempt), by the name of the quantity."""
        return {quantity.name: self._places(quantity, keys) for quantity in self.quantities}

    def _places(self, quantity: Drawn, keys: Sequence[tuple[int, int]]) -> Places:
        blocks = -(-len(quantity.places) // _WORDS)
        data = b"".join(
            _hash(f"{self.seed}\0{self.problem}\0{variant}\0{attempt}\0{quantity.name}\0{block}")
            for variant, attempt in keys
            for block in range(blocks)
        )
        words = np.frombuffer(data, dtype="<u8").reshape(len(keys), blocks * _WORDS)[
            :, : len(quantity.places)
        ]
        scaled = (words >> np.uint64(64 - _BITS)) * np.uint64(quantity.choices)
        return (scaled >> np.uint64(_BITS)).astype(np.int64)

    def all(self, start: int, stop: int) -> dict[str, Places]:
        """Return a part of all problems that can be drawn, counted through from 0; for spaces that are small."""
        rest = np.arange(start, stop, dtype=np.int64)
        found: dict[str, Places] = {}
        for quantity in self.quantities:
            columns = []
            for _ in quantity.places:
                columns.append(rest % quantity.choices)
                rest = rest // quantity.choices
            found[quantity.name] = np.stack(columns, axis=1)
        return found


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=64, person=_PERSON).digest()


def source_of(problem: Problem, seed: int | None = None) -> Source:
    """Return where a problem's draws come from.

    Args:
        problem: A problem that draws something.
        seed: Instead of the file's own seed.
    """
    assert problem.variants is not None
    own = problem.variants.seed if seed is None else seed
    return Source(own, problem_identity(problem), drawn_quantities(problem))


def redrawn(problem: Problem, source: Source, places: Mapping[str, Sequence[int]]) -> Problem:
    """Return the problem with drawn numbers in the place of its own, the digits as a teacher would have typed them."""
    from solver.spec.redrawn import with_numbers

    given = dict(inventory_of(problem).given)
    numbers: dict[str, Array | Number] = {}
    for quantity in source.quantities:
        base = numbers.get(quantity.array, given.get(quantity.array, 0))
        numbers[quantity.array] = quantity.filled(base, places[quantity.name])
    return with_numbers(problem, numbers)
