"""Work that is done once for all numbers with which it would come out the same.

A line of an exam is set for hundreds of students, each with other numbers. How it is set depends on them in few places: a
row is wide enough or it is not, a sign is there or not. So numbers are left open while a line is laid out and written
(`slots`), what is measured is a `Length`, a sum of their widths, and whoever compares lengths asks a question. `Decided`
remembers what was asked on the way to a result, and the answers: for other numbers the questions are asked again, which
takes microseconds, and the work is done anew only where the answers lead to where nobody has been.

The questions are found, not declared: code that lays out closed formulas lays out open ones as well, and cannot forget to
say what its result depends on. What depends on a width itself, and not on a comparison, is refused: `TooEarlyError`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from itertools import pairwise
from operator import itemgetter
from typing import Any, Generic, NoReturn, ParamSpec, Protocol, TypeVar

T = TypeVar("T")
P = ParamSpec("P")

MOST_RESULTS = 512
"""Results that one `Decided` remembers; past it, it begins anew, so that memory stays bounded."""


class TooEarlyError(Exception):
    """A part of a formula was looked into that is not known yet."""


class Question(Protocol):
    """What was asked about numbers."""

    def answer(self, values: Sequence[float]) -> Hashable:
        """Return the answer for some numbers, as values of the variables."""


@dataclass(slots=True)
class _Case:
    """The numbers at hand, and what has been asked about them."""

    values: Sequence[float]
    path: list[tuple[Question, Hashable]] = field(default_factory=list)


_case: ContextVar[_Case | None] = ContextVar("case", default=None)


def _asked(question: Question) -> Any:
    case = _case.get()
    if case is None:
        raise TooEarlyError("a length that depends on numbers")
    found = question.answer(case.values)
    case.path.append((question, found))
    return found


# --- lengths -----------------------------------------------------------------------------------------------


class Length(float):
    """A length that depends on numbers: Σ coefficient · variable + rest.

    It stands where a float stands. Sums, differences and multiples of lengths are lengths; comparing one asks a question.

    Args:
        rest: What is known of it.
        terms: Coefficients by variable: a place among the values at hand, or the longest of some lengths.
    """

    rest: float
    terms: Mapping[Any, float]

    __slots__ = ("rest", "terms")

    def __new__(cls, rest: float, terms: Mapping[Any, float]) -> Length:
        """Note the terms; as a bare float it is none, so that nobody can take it for one by mistake."""
        made = super().__new__(cls, math.nan)
        made.rest, made.terms = rest, terms
        return made

    def at(self, values: Sequence[float]) -> float:
        """Return the length for some numbers."""
        return self.rest + sum(
            coefficient * (values[part] if part.__class__ is int else part.at(values))
            for part, coefficient in self.terms.items()
        )

    def __add__(self, other: float) -> float:
        """Return the sum."""
        if not isinstance(other, Length):
            return Length(self.rest + other, self.terms)
        terms = dict(self.terms)
        for part, coefficient in other.terms.items():
            terms[part] = terms.get(part, 0.0) + coefficient
        kept = {part: coefficient for part, coefficient in terms.items() if coefficient}
        rest = self.rest + other.rest
        return Length(rest, kept) if kept else rest

    __radd__ = __add__

    def __neg__(self) -> Length:
        """Return the opposite."""
        return Length(-self.rest, {part: -coefficient for part, coefficient in self.terms.items()})

    def __sub__(self, other: float) -> float:
        """Return the difference."""
        return self + -other

    def __rsub__(self, other: float) -> float:
        """Return the difference."""
        return -self + other

    def __mul__(self, other: float) -> float:
        """Return a multiple."""
        if isinstance(other, Length):
            _refused()
        if not other:
            return 0.0
        return Length(
            self.rest * other, {part: coefficient * other for part, coefficient in self.terms.items()}
        )

    __rmul__ = __mul__

    def __truediv__(self, other: float) -> float:
        """Return a share."""
        return self * (1 / other)

    def __le__(self, other: float) -> bool:
        """Ask whether it is at most so long."""
        return _at_most_zero(self - other)

    def __ge__(self, other: float) -> bool:
        """Ask whether it is at least so long."""
        return _at_most_zero(other - self)

    def __lt__(self, other: float) -> bool:
        """Ask whether it is shorter."""
        return not _at_most_zero(other - self)

    def __gt__(self, other: float) -> bool:
        """Ask whether it is longer."""
        return not _at_most_zero(self - other)

    def __bool__(self) -> bool:
        """Ask whether it is a length at all."""
        return not (self <= 0 and self >= 0)

    def __ceil__(self) -> int:
        """Ask for the next whole number."""
        found: int = _asked(_Ceiling(self))
        return found

    def __hash__(self) -> int:
        """Lengths are equal to themselves alone."""
        return id(self)

    def __eq__(self, other: object) -> bool:
        """Lengths are equal to themselves alone."""
        return self is other

    def __ne__(self, other: object) -> bool:
        """Lengths are equal to themselves alone."""
        return self is not other

    def _refuse(self, *_: object) -> NoReturn:
        _refused()

    __float__ = __int__ = __round__ = __floor__ = __trunc__ = __format__ = __str__ = _refuse
    __rtruediv__ = __pow__ = __rpow__ = __mod__ = __floordiv__ = __abs__ = _refuse

    def __repr__(self) -> str:
        """Show the terms."""
        return f"Length({self.rest!r}, {dict(self.terms)!r})"


def _refused() -> NoReturn:
    raise TooEarlyError("a length that depends on numbers")


@dataclass(frozen=True, slots=True)
class _Longest:
    """The longest of some lengths."""

    lengths: tuple[tuple[float, tuple[tuple[Any, float], ...]], ...]

    def at(self, values: Sequence[float]) -> float:
        return max(Length(rest, dict(terms)).at(values) for rest, terms in self.lengths)


def longest(lengths: Iterable[float], default: float = 0.0) -> float:
    """Return the longest of some lengths, without asking which."""
    found = list(lengths)
    if not any(isinstance(length, Length) for length in found):
        return max(found, default=default)
    parts = {
        (length.rest, tuple(length.terms.items())) if isinstance(length, Length) else (length, ())
        for length in found
    }
    if len(parts) == 1:
        return found[0]
    return Length(0.0, {_Longest(tuple(sorted(parts, key=repr))): 1.0})


class _AtMost:
    """Whether Σ coefficient · variable ≤ bound."""

    __slots__ = ("_bound", "_length", "_values")

    def __init__(self, length: Length) -> None:
        self._length = length
        coefficients = set(length.terms.values())
        places = [part for part in length.terms if part.__class__ is int]
        self._values: Callable[[Sequence[float]], Any] | None = None
        if len(places) == len(length.terms) > 1 and len(coefficients) == 1 and min(coefficients) > 0:
            self._values = itemgetter(*places)  # one call instead of one for each number
            self._bound = -length.rest / min(coefficients)

    def answer(self, values: Sequence[float]) -> bool:
        """Return whether it holds for some numbers."""
        if self._values is not None:
            return bool(sum(self._values(values)) <= self._bound)
        return self._length.at(values) <= 0


@dataclass(frozen=True, slots=True)
class _Ceiling:
    """The whole number next above a length."""

    length: Length

    def answer(self, values: Sequence[float]) -> int:
        """Return it for some numbers."""
        return math.ceil(self.length.at(values))


def _at_most_zero(length: float) -> bool:
    if not isinstance(length, Length):
        return length <= 0
    return bool(_asked(_AtMost(length)))


# --- results -----------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class _Fork:
    question: Question
    branches: dict[Hashable, _Fork | _Result] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class _Result:
    value: Any


class Decided(Generic[T]):
    """What is made of numbers: made once for all that give the same answers to what is asked on the way.

    Args:
        make: Makes it of the numbers at hand; as long as the answers are the same, it asks the same questions in the same
            order. May be left out where `at` is told.
    """

    __slots__ = ("_count", "_make", "_root")

    def __init__(self, make: Callable[[], T] | None = None) -> None:
        self._make = make
        self._root: _Fork | _Result | None = None
        self._count = 0

    def at(self, values: Sequence[float], make: Callable[[], T] | None = None) -> T:
        """Return what is made of some numbers.

        Args:
            values: Of the variables.
            make: Instead of the own one: makes the same, and is not kept.
        """
        found: T = self._find(values, make).value
        return found

    def here(self) -> T:
        """Return what is made of the numbers at hand: whatever is being made of it depends on this one."""
        found: T = _asked(self).value
        return found

    def answer(self, values: Sequence[float]) -> _Result:
        """Return the result for some numbers, as a thing that is equal to itself alone."""
        return self._find(values, None)

    def _find(self, values: Sequence[float], make: Callable[[], T] | None) -> _Result:
        at = self._root
        while at.__class__ is _Fork:
            at = at.branches.get(at.question.answer(values))
        return self._made(values, make or self._make) if at is None else at  # type: ignore[return-value]

    def _made(self, values: Sequence[float], make: Callable[[], T] | None) -> _Result:
        assert make is not None
        case = _Case(values)
        outer = _case.set(case)
        try:
            result = _Result(make())
        finally:
            _case.reset(outer)
        self._keep(case.path, result)
        return result

    def _keep(self, path: Sequence[tuple[Question, Hashable]], result: _Result) -> None:
        if self._count == MOST_RESULTS:
            self._root, self._count = None, 0
        self._count += 1
        if not path:
            self._root = result
            return
        if not isinstance(self._root, _Fork):
            self._root = _Fork(path[0][0])
        fork = self._root
        for (_, found), (following, _) in pairwise(path):
            known = fork.branches.get(found)
            if not isinstance(known, _Fork):
                known = fork.branches[found] = _Fork(following)
            fork = known
        fork.branches[path[-1][1]] = result


def remembered(most: int, *, same: bool = False) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Remember results by arguments, but for those that depend on the numbers at hand.

    Args:
        most: Results that are remembered; past it, it begins anew.
        same: Whether the first argument must be the very same object: long ones take a while to compare.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        known: dict[Hashable, tuple[T, object]] = {}

        @wraps(function)
        def remembering(*args: P.args, **kwargs: P.kwargs) -> T:
            key: Hashable = (id(args[0]), *args[1:]) if same else args
            if kwargs:
                key = key, tuple(kwargs.items())
            found = known.get(key)
            if found is not None:
                return found[0]
            case = _case.get()
            before = 0 if case is None else len(case.path)
            result = function(*args, **kwargs)
            if case is None or len(case.path) == before:
                if len(known) >= most:
                    known.clear()
                known[key] = result, args[0]  # as long as it lives, no other object is given its number
            return result

        return remembering

    return decorate
