"""A solution told once for all variants of a question: its numbers are named, and come late.

What a worked solution says depends on the graph; the digits aside, most of it is the same for every student. A
`LateTelling` stands where a document is written and hands out, instead of a number, a note of which number will stand
there (`Late`), instead of = or ≈ a note of what will be compared (`LateRelation`), instead of the last stages of a line a
note of the line (`LateSteps`). `filling` puts the numbers of a variant in, and what comes out is the very document that
the variant's own `Telling` would have written: a property that the tests hold for every problem.

A document that asks for a number while it is written (which entry of a window is the largest?) differs from variant to
variant in more than digits. It is refused here, by `TooEarlyError`, and written for each variant anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NoReturn

from solver import formula as f
from solver.arithmetic import Arithmetic, Rounded
from solver.document.nodes import Step
from solver.document.telling import MOST_COMPARED, Telling, is_constant_leaf
from solver.notation import math as m
from solver.notation.cases import TooEarlyError
from solver.notation.formulas import Show
from solver.quantities import Key
from solver.trace.ledger import Ledger


@dataclass(eq=False, slots=True)
class Looked:
    """A number: its key, and how it is looked up. Equal to itself alone, so that it is found quickly.

    Attributes:
        stage: How.
        key: Which.
        written: Whether it is a constant of the file, printed as it is written there.
    """

    stage: Stage
    key: Key
    written: bool


@dataclass(eq=False)
class Stage(Ledger):
    """Which formulas and which graph a number is looked up with: a ledger without numbers.

    The chain rule brings formulas of its own while a document is written, so the same key may be looked up in two ways.
    """

    _looked: dict[Key, Looked] = field(default_factory=dict, init=False, repr=False)

    __hash__ = object.__hash__

    def looked(self, key: Key) -> Looked:
        """Return the one object that means the number of a key here."""
        found = self._looked.get(key)
        if found is None:
            found = self._looked[key] = Looked(self, key, is_constant_leaf(self.model.graph, key))
        return found

    def number(self, key: Key) -> NoReturn:
        """Refuse: there is no number yet."""
        raise TooEarlyError(f"the value of {key}")

    def evaluate(self, formula: f.Formula) -> NoReturn:
        """Refuse: there is no number yet."""
        raise TooEarlyError("the value of a formula")

    def follows(self, formula: f.Formula, shown: Rounded) -> NoReturn:
        """Refuse: there is no number yet."""
        raise TooEarlyError("whether a number follows")

    def value(self, key: Key, arithmetic: Arithmetic) -> NoReturn:
        """Refuse: there is no number yet."""
        raise TooEarlyError(f"the value of {key}")

    def is_given(self, key: Key) -> NoReturn:
        """Refuse: there is no number yet."""
        raise TooEarlyError(f"whether {key} is given")


@dataclass(frozen=True, slots=True)
class Late(m.Unknown):
    """Stands for a formula with its numbers put in; for a number where the formula is one key alone.

    Attributes:
        formula: What is put into.
        stage: How its keys are looked up.
    """

    formula: f.Formula
    stage: Stage


@dataclass(frozen=True, slots=True)
class LateSteps(Step):
    """Stands for the last stages of a line: numbers put in, and the value; see `Telling.valued`.

    Attributes:
        key: What the line determines.
        formula: Its formula.
        boxed: Whether the value is framed.
        last: Whether the value alone is meant, which is the last stage; else all before it.
        stage: How its keys are looked up.
    """

    key: Key
    formula: f.Formula
    boxed: bool
    last: bool
    stage: Stage


class LateRelation(str):
    """Stands for = or ≈; whoever compares it with one of these asks too early.

    Attributes:
        pairs: Keys and the formulas that they are held against.
        stage: How they are looked up.
    """

    pairs: tuple[tuple[Key, f.Formula], ...]
    stage: Stage

    __slots__ = ("pairs", "stage")

    def __new__(cls, pairs: Iterable[tuple[Key, f.Formula]], stage: Stage) -> LateRelation:
        """Note what will be compared."""
        made = super().__new__(cls, "≟")
        made.pairs, made.stage = tuple(pairs), stage
        return made

    def __eq__(self, other: object) -> bool:
        """Refuse to say whether it is an equals sign."""
        if other is self:
            return True
        raise TooEarlyError("whether a relation is exact")

    __hash__ = str.__hash__


@dataclass(frozen=True)
class LateTelling(Telling):
    """The context of a document whose numbers come late."""

    @classmethod
    def of(cls, telling: Telling) -> LateTelling:
        """Return the context of any variant as that of all."""
        ledger = telling.ledger
        assert ledger is not None
        stage = Stage(
            replace(ledger.model, given={}),
            ledger.digits,
            ledger.by_hand,
            ledger.definitions,
            ledger.graph,
            ledger.step,
            ledger.constants,
        )
        model = replace(telling.model, given={})
        return cls(telling.problem, model, telling.letters, stage, telling.checked, telling.drawn_values)

    @property
    def stage(self) -> Stage:
        """How keys are looked up here."""
        assert isinstance(self.ledger, Stage)
        return self.ledger

    def defining(self, definitions: dict[Key, f.Formula]) -> LateTelling:
        """Return the same context, with formulas for more keys."""
        joined = dict(self.stage.definitions) | definitions
        return replace(self, ledger=replace(self.stage, definitions=joined))

    def numbers(self, node: f.Formula) -> m.Math:
        """Note a formula with its numbers."""
        return Late(node, self.stage)

    def typeset(self, node: f.Formula, show: Show) -> NoReturn:
        """Refuse: how a formula looks depends on the signs of what `show` gives."""
        raise TooEarlyError("the signs of numbers")

    def value(self, key: Key) -> m.Math:
        """Note a number."""
        return Late(f.Ref(key), self.stage)

    def relation(self, node: f.Formula, key: Key) -> str:
        """Note what will be compared."""
        return LateRelation(((key, node),), self.stage)

    def equal(self, one: Key, other: Key) -> NoReturn:
        """Refuse: there is no number yet."""
        raise TooEarlyError(f"whether {one} equals {other}")

    def follows(self, pairs: Iterable[tuple[Key, f.Formula]]) -> str:
        """Note what will be compared."""
        return LateRelation(islice(pairs, MOST_COMPARED), self.stage)

    def valued(self, key: Key, node: f.Formula, *, boxed: bool = False) -> list[Step]:
        """Note the last stages of a line."""
        return [LateSteps("=", m.Row(()), key, node, boxed, last, self.stage) for last in (False, True)]
