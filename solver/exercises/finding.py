"""Find the error: the lines of a worked solution, numbered, with the numbers that follow from one mistake."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice

from solver.arithmetic import Digits, Float64
from solver.document.nodes import Block, EquationLine, EquationReference, Inline
from solver.document.rewriting import Rewriter, Rows, rewrite_math
from solver.document.telling import Telling
from solver.document.views import results, without_values
from solver.exercises.planting import Error, errors_in_arrays, errors_in_lines, true_values
from solver.exercises.reckoning import follows
from solver.exercises.slips import shown_number
from solver.exercises.worked import (
    definitions_of,
    has_name,
    keys_by_name,
    lines_of,
    results_in,
    told_in_lines,
    with_signs,
    with_subtractions,
)
from solver.notation import math as m
from solver.notation.walk import walk
from solver.quantities import Key, Quantity
from solver.spec.digits import digits_of
from solver.trace.solve import solve_steps

MOST_TRIES = 60
"""Mistakes that are tried until one leaves exactly one line wrong."""


@dataclass(frozen=True)
class Flawed:
    """A worked solution with a mistake.

    Attributes:
        sheet: The solution with the mistake, its lines numbered.
        key: The same, the wrong number marked in its line.
        line: Number of the line that is wrong.
        error: The mistake.
        right: The line as it should read.
    """

    sheet: tuple[Block, ...]
    key: tuple[Block, ...]
    line: int
    error: Error
    right: EquationLine


def flawed(
    telling: Telling,
    blocks: Sequence[Block],
    goals: Sequence[Key],
    salt: Sequence[object],
    beside: Sequence[Block] = (),
) -> Flawed | None:
    """Return a worked solution with one mistake carried through.

    What the wrong line should read stands nowhere: gates copy numbers, y₁(1 − y₁) may be y₂(1 − y₂), and a mistake whose
    right number can be read off elsewhere is passed over. Mistakes that reach a goal are tried first; where none will
    do, those that are carried to the output, as in a forward pass on which no gradient depends.

    Args:
        telling: The problem's context.
        blocks: The worked solution.
        goals: What the solution is about.
        salt: What the draw of the mistake depends on.
        beside: What else the sheet prints.

    Returns:
        The solution; None where no mistake changes one line visibly and keeps its right number to itself.
    """
    secret = results(telling.graph)
    definitions = definitions_of(telling)
    found = results_in(blocks, secret)
    known = keys_by_name(telling, definitions, found)
    keys = list(dict.fromkeys([*known.values(), *goals]))
    right = true_values(telling.model, solve_steps(telling.model, Float64())[0], definitions, keys)
    ways = errors_in_lines if told_in_lines(telling) else errors_in_arrays
    plain = numbered(blocks)
    looks = _Looks.of((*beside, *plain))
    output = telling.graph.root.quantity
    for aims in (goals, [output] if output in keys else []):
        errors = (
            (error, _wrong_numbers(telling, error, right, known))
            for error in ways(telling, definitions, keys, aims, salt)
            if error.place != output or output in goals  # else nothing would follow from it
        )
        untold = (
            (error, wrong)
            for error, wrong in errors
            if not looks.show([found[name] for name in wrong if _within(known[name], error.place)], wrong)
        )
        for error, wrong in islice(untold, MOST_TRIES):
            signed = with_signs(plain, {name: found[name] for name in wrong})
            sheet = _with(signed, wrong)
            place = _only_wrong_line(signed, sheet, digits_of(telling.problem))
            if place is None:
                continue
            line = list(lines_of(plain))[place][0]
            if not looks.show([found[name] for name in _results_of(line) if name in wrong], wrong):
                told, marked = (with_subtractions(b, wrong) for b in (sheet, _with(signed, wrong, place)))
                return Flawed(told, marked, place + 1, error, replace(line, tag=None))
    return None


def _results_of(line: EquationLine) -> list[str]:
    """Return the names of the numbers that a line ends in."""
    return [part.answer for part in walk(line.steps[-1].body) if isinstance(part, m.Digits) and part.answer]


_Look = tuple[str, int | None]


def _look(digits: m.Digits) -> _Look:
    """Return what a number looks like, without its sign."""
    return digits.text.removeprefix("-"), digits.exponent


@dataclass(frozen=True)
class _Looks:
    """What every number of a sheet looks like.

    Attributes:
        named: Of the numbers that carry names, by these.
        others: Of constants, powers and indices.
    """

    named: Mapping[str, _Look]
    others: frozenset[_Look]

    @classmethod
    def of(cls, blocks: Sequence[Block]) -> _Looks:
        """Return those of the numbers that some blocks print."""
        named: dict[str, _Look] = {}
        others: set[_Look] = set()

        def see(math: m.Math) -> None:
            if isinstance(math, m.Digits) and math.answer is not None:
                named[math.answer] = _look(math)
            elif isinstance(math, m.Digits):
                others.add(_look(math))

        Rewriter(see).blocks(blocks)
        return cls(named, frozenset(others))

    def show(self, numbers: Sequence[m.Digits], wrong: Mapping[str, m.Digits]) -> bool:
        """Return whether one of some numbers can be read in the sheet in which others have become wrong."""
        left = {look for name, look in self.named.items() if name not in wrong}
        printed = self.others | left | {_look(digits) for digits in wrong.values()}
        return any(_look(digits) in printed for digits in numbers)


def _within(key: Key, place: Key) -> bool:
    """Return whether a key is what a mistake is made at, or an element of it."""
    if not (isinstance(key, Quantity) and isinstance(place, Quantity)):
        return key == place
    same = place.sample is None or key.sample == place.sample
    return key.whole == place.whole and same and (not place.index or key.index == place.index)


def _only_wrong_line(right: Sequence[Block], wrong: Sequence[Block], digits: Digits) -> int | None:
    """Return which line does not follow (counted from 0), where it is the first that changed and the only one.

    A solution may tell a number twice, or take a maximum elsewhere than before: then other lines would be wrong too.
    """
    pairs = [(old[0], new[0]) for old, new in zip(lines_of(right), lines_of(wrong), strict=True)]
    changed = [place for place, (old, new) in enumerate(pairs) if old != new]
    if not changed:
        return None
    first = changed[0]
    if any(follows(pairs[place][1], digits) is (place == first) for place in changed):
        return None
    return first


def numbered(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return a solution with one line a row, each with its number; references follow, drawings lose their values."""
    numbers = count(1)
    tags: dict[str, str] = {}

    def rows(rows: Rows) -> Rows:
        found = []
        for line in (line for row in rows for line in row):
            number = str(next(numbers))
            if line.tag is not None:
                tags[line.tag] = number
            found.append((replace(_equals(line), tag=number),))
        return tuple(found)

    def referring(part: Inline) -> Inline | None:
        return (
            EquationReference(tags.get(part.tag, part.tag)) if isinstance(part, EquationReference) else None
        )

    once = Rewriter(_same, lambda scene: without_values(scene, has_name), rows).blocks(blocks)
    return Rewriter(_same, lambda scene: scene, inline=referring).blocks(once)


def _same(math: m.Math) -> m.Math:
    return math


def _equals(line: EquationLine) -> EquationLine:
    """Return a line with = for ≈: which lines follow to the last digit belongs to the right solution."""
    steps = tuple(
        replace(step, relation="=" if step.relation == "≈" else step.relation) for step in line.steps
    )
    return replace(line, steps=steps)


def _wrong_numbers(
    telling: Telling, error: Error, right: Mapping[Key, float], known: Mapping[str, Key]
) -> dict[str, m.Digits]:
    """Return what is written down for each name whose number is no longer the right one."""
    digits = digits_of(telling.problem)
    found = {}
    for name, key in known.items():
        if key in error.values and abs(error.values[key] - right[key]) > 1e-12 * max(1.0, abs(right[key])):
            number = shown_number(error.values[key], digits)
            found[name] = m.Digits(number.text, number.exponent, name)
    return found


def _with(
    blocks: Sequence[Block], wrong: Mapping[str, m.Digits], marked: int | None = None
) -> tuple[Block, ...]:
    """Return a solution with wrong numbers in it; those of the marked line (counted from 0) are toned."""
    places = count()

    def rows(rows: Rows) -> Rows:
        return tuple((_line(row[0], wrong, toned=next(places) == marked),) for row in rows)

    def change(math: m.Math) -> m.Math | None:
        return wrong.get(math.answer or "") if isinstance(math, m.Digits) else None

    return Rewriter(change, lambda scene: scene, rows).blocks(blocks)


def _line(line: EquationLine, wrong: Mapping[str, m.Digits], *, toned: bool) -> EquationLine:
    def new(digits: m.Digits) -> m.Math | None:
        found = wrong.get(digits.answer or "")
        return m.Toned(found, "wrong") if toned and found is not None else found

    return replace(line, steps=tuple(replace(step, body=_alone(step.body, new)) for step in line.steps))


def _alone(body: m.Math, new: Callable[[m.Digits], m.Math | None]) -> m.Math:
    """Return a formula with numbers replaced; a negative one gets brackets unless it stands alone."""
    match body:
        case m.Digits():
            return new(body) or body
        case m.Boxed(inner):
            return m.Boxed(_alone(inner, new))
        case _:
            return rewrite_math(body, lambda part: _inside(part, new))


def _inside(part: m.Math, new: Callable[[m.Digits], m.Math | None]) -> m.Math | None:
    match part:
        case m.Matrix(rows, left, right):
            return m.Matrix(tuple(tuple(_alone(cell, new) for cell in row) for row in rows), left, right)
        case m.Fenced(m.Digits() as digits):
            found = new(digits)
            return None if found is None else m.Fenced(found) if _is_negative(found) else found
        case m.Digits():
            found = new(part)
            bracketed = found is not None and _is_negative(found) and not part.text.startswith("-")
            return m.Fenced(found) if found is not None and bracketed else found
        case _:
            return None


def _is_negative(math: m.Math) -> bool:
    body = math.body if isinstance(math, m.Toned) else math
    return isinstance(body, m.Digits) and body.text.startswith("-")
