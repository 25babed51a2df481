"""The numbers of variants, as late documents ask for them: each of all variants at once.

What a document asks for is the same for every variant, and so are the formulas that say how it is computed. So a number
is looked up in the columns of the cohort (`trace.enclosures`), and whether a line ends in = or ≈ is found out for all
variants in one pass (`trace.recomputed`); only what is not proven there is computed for a variant alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from solver import formula as f
from solver.arithmetic import Rounded
from solver.document.late import LateSteps, Looked, Stage
from solver.document.telling import Telling, is_constant, reads_the_same
from solver.formula import references
from solver.notation.columns import padded
from solver.notation.slots import DIGIT, POINT, texts_of, widths_of
from solver.quantities import Key
from solver.trace.recomputed import ShownColumn, follow


class Shown:
    """A number as it is shown.

    Args:
        number: The number.

    Attributes:
        texts: What is written in each role.
        widths: How wide that is.
        exponent: Its power of ten, if one is printed.
        fraction: How many digits stand behind the point.
    """

    __slots__ = ("exponent", "fraction", "texts", "widths")

    def __init__(self, number: Rounded) -> None:
        unsigned = f"{number.coefficient:f}"
        negative = number.sign < 0
        point = unsigned.find(".")
        self.texts = texts_of(unsigned, negative=negative)
        self.widths = widths_of(len(unsigned), pointed=point >= 0, negative=negative)
        self.exponent = number.exponent
        self.fraction = len(unsigned) - point - 1 if point >= 0 else 0


@dataclass(eq=False)
class NumberColumn:
    """One number of all variants.

    Attributes:
        rounded: The number, by variant.
    """

    rounded: Sequence[Rounded]

    @cached_property
    def shown(self) -> list[Shown]:
        """The number as it is shown, by variant."""
        return list(map(Shown, self.rounded))

    @cached_property
    def plain(self) -> bool:
        """Whether no variant prints a power of ten."""
        return all(number.exponent is None for number in self.rounded)

    @cached_property
    def recomputed(self) -> ShownColumn:
        """The number as a reader computes with it."""
        return ShownColumn(self.rounded, self.shown)


@dataclass(eq=False)
class MatrixColumn:
    """A column of a matrix, of all variants.

    Attributes:
        cells: The numbers as they stand there, by variant; None where they do not line up.
        widths: How wide the column is.
    """

    cells: list[tuple[str, ...] | None]
    widths: list[float]


class Variants:
    """The numbers of some variants.

    Args:
        tellings: Their own contexts: variants of one cohort, which differ in nothing but numbers.
    """

    def __init__(self, tellings: Sequence[Telling]) -> None:
        self.tellings = tuple(tellings)
        self._tellings: dict[tuple[Stage, int], Telling] = {}
        self._numbers: dict[Looked, NumberColumn] = {}
        self._columns: dict[tuple[Looked, ...], MatrixColumn] = {}
        self._relations: dict[tuple[Stage, Key, f.Formula], list[bool]] = {}

    def telling(self, stage: Stage, place: int) -> Telling:
        """Return a variant's context with the formulas and the graph of a stage."""
        known = self._tellings.get((stage, place))
        if known is None:
            telling = self.tellings[place]
            assert telling.ledger is not None
            ledger = telling.ledger.looking_up(stage.definitions, stage.graph, stage.step)
            known = self._tellings[stage, place] = replace(telling, ledger=ledger)
        return known

    def number(self, looked: Looked) -> NumberColumn:
        """Return a number."""
        known = self._numbers.get(looked)
        if known is None:
            known = self._numbers[looked] = NumberColumn(self._looked_up(looked))
        return known

    def _looked_up(self, looked: Looked) -> list[Rounded]:
        ledger = self.telling(looked.stage, 0).ledger
        assert ledger is not None
        together = ledger.together(looked.key)
        found = []
        for place, telling in enumerate(self.tellings):
            own = telling.ledger
            assert own is not None
            number = None if own.member is None else together[own.member.place]
            if number is None:
                alone = self.telling(looked.stage, place).ledger
                assert alone is not None
                number = alone.number(looked.key)
            found.append(number)
        return found

    def column(self, numbers: tuple[Looked, ...]) -> MatrixColumn:
        """Return a column of a matrix."""
        known = self._columns.get(numbers)
        if known is None:
            known = self._columns[numbers] = _lined_up([self.number(looked) for looked in numbers])
        return known

    def relations(self, pairs: Iterable[tuple[Key, f.Formula]], stage: Stage) -> list[str]:
        """Return "=" for each variant in which every key's shown value follows from its formula, else "≈"."""
        each = [self._follows(stage, key, formula) for key, formula in pairs]
        return ["=" if all(found) else "≈" for found in zip(*each, strict=True)] or ["="] * len(self.tellings)

    def _follows(self, stage: Stage, key: Key, formula: f.Formula) -> list[bool]:
        known = self._relations.get((stage, key, formula))
        if known is None:
            known = self._relations[stage, key, formula] = list(self._followed(stage, key, formula))
        return known

    def _followed(self, stage: Stage, key: Key, formula: f.Formula) -> Iterable[bool]:
        ledger = self.telling(stage, 0).ledger
        assert ledger is not None
        number = self.number(stage.looked(key))
        columns = {read: self.number(stage.looked(read)).recomputed for read in references(formula)}
        together = follow(formula, number.recomputed, columns, ledger.digits, ledger.constants)
        for place, found in enumerate(together):
            if found is None:
                alone = self.telling(stage, place).ledger
                assert alone is not None
                yield alone.follows(formula, number.rounded[place])
            else:
                yield found

    def told(self, steps: LateSteps) -> list[tuple[object, ...]]:
        """Return for each variant what ends a line: = or ≈, and whether the numbers put in look like the value."""
        stage = steps.stage
        places = range(len(self.tellings))
        value = self.number(stage.looked(steps.key)).rounded
        if is_constant(steps.formula):
            return [
                (str(number), relation) for number, relation in zip(value, self._ends(steps), strict=True)
            ]
        if isinstance(steps.formula, f.Ref):
            return [()] * len(places)
        same = [False] * len(places)
        keys = references(steps.formula)
        if len(keys) == 1:
            put_in = self.number(stage.looked(keys[0])).rounded
            same = [
                put_in[place].coefficient == value[place].coefficient and self._same(steps, place)
                for place in places
            ]
        elif not keys:  # constants of the file alone
            same = [self._same(steps, place) for place in places]
        return list(zip(self._ends(steps), same, strict=True))

    def _ends(self, steps: LateSteps) -> list[str]:
        return self.relations([(steps.key, steps.formula)], steps.stage)

    def _same(self, steps: LateSteps, place: int) -> bool:
        telling = self.telling(steps.stage, place)
        return reads_the_same(telling.numbers(steps.formula), telling.value(steps.key))


def _lined_up(numbers: Sequence[NumberColumn]) -> MatrixColumn:
    cells: list[tuple[str, ...] | None] = []
    widths = []
    for entries in zip(*(number.shown for number in numbers), strict=True):
        room = _room(tuple(-1 if entry.exponent is not None else entry.fraction for entry in entries))
        if room is None:
            cells.append(None)
            widths.append(0.0)
        else:
            cells.append(tuple(entry.texts[1] + pad for entry, (pad, _) in zip(entries, room, strict=True)))
            widths.append(max(entry.widths[1] + wide for entry, (_, wide) in zip(entries, room, strict=True)))
    return MatrixColumn(cells, widths)


@lru_cache(maxsize=4096)
def _room(fractions: tuple[int, ...]) -> tuple[tuple[str, float], ...] | None:
    """Return what follows each number of a column, and its width; None where they do not line up."""
    pads = None if min(fractions) < 0 else padded(fractions)
    if pads is None:
        return None
    return tuple(
        (rf"\phantom{{{pad}}}" if pad else "", sum(POINT if char == "." else DIGIT for char in pad))
        for pad in pads
    )
