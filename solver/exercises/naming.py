"""What quantities and mistakes are called in the words of a document; every variant of a question says it alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from solver.document.nodes import Phrase
from solver.document.telling import Telling
from solver.document.words import phrase
from solver.exercises.answers import member_of
from solver.exercises.mistakes import Saying
from solver.exercises.slips import on_one_line
from solver.notation import math as m
from solver.notation.convention import Letters
from solver.quantities import Key
from solver.trace.jointly import number_of


@dataclass(frozen=True, eq=False)
class Wording:
    """The names and sentences of one document; each is made once.

    Attributes:
        letters: The symbol of every key.
    """

    letters: Letters
    _names: dict[Key, m.Math] = field(default_factory=dict)
    _phrases: dict[Key, Phrase] = field(default_factory=dict)
    _sentences: dict[int, tuple[Saying, Phrase]] = field(default_factory=dict)

    def name(self, key: Key) -> m.Math:
        """Return the symbol of a key, for tables and sentences: a derivative with a slash."""
        if key not in self._names:
            self._names[key] = on_one_line(self.letters, key)
        return self._names[key]

    def named(self, key: Key) -> Phrase:
        """Return the symbol of a key as words; each is made once, so that writers know it again."""
        if key not in self._phrases:
            self._phrases[key] = phrase(self.name(key))
        return self._phrases[key]

    def sentence(self, saying: Saying) -> Phrase:
        """Return a sentence about a mistake, with a capital letter and a full stop."""
        # The plants of a cohort are the same objects for all variants; a saying that is kept keeps its id.
        if id(saying) not in self._sentences:
            self._sentences[id(saying)] = saying, phrase(*self._parts(saying), ".")
        return self._sentences[id(saying)][1]

    def _parts(self, saying: Saying) -> Iterator[str | m.Math]:
        for place, part in enumerate(saying.parts):
            if isinstance(part, str):
                yield part[:1].upper() + part[1:] if place == 0 else part
            else:
                yield self.name(part)


def wording_of(telling: Telling) -> Wording:
    """Return the names and sentences of a document, shared by all variants that have the same letters."""
    member = member_of(telling)
    number = number_of(member.family, "letters", telling.letters)
    return member.family.once(("wording", number), lambda: Wording(telling.letters))


def name_of(telling: Telling, key: Key) -> m.Math:
    """Return the symbol of a key, for tables and sentences."""
    return wording_of(telling).name(key)


def sentence(telling: Telling, saying: Saying) -> Phrase:
    """Return a sentence about a mistake with a capital letter and a full stop."""
    return wording_of(telling).sentence(saying)
