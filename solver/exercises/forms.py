"""The four forms of a question: what the sheet shows of the worked solution, and what the key adds to it.

An open question shows nothing of it, and so does one with options to choose from; a solution with gaps shows all but some
numbers; one with an error shows all of it, with one mistake carried through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from solver.document.asking import (
    boxes,
    gradients_asked,
    precision,
    quantities_of,
    shortened,
    verb_of,
    wording,
)
from solver.document.nodes import AnswerSpace, Block, Equation, EquationLine, Step, Table, Together
from solver.document.telling import Telling
from solver.document.update import method
from solver.document.views import results
from solver.document.words import equation, listed, paragraph, phrase
from solver.errors import Fault
from solver.exercises.answers import Answer, answers_to
from solver.exercises.marking_key import (
    answers_tables,
    mistakes_tables,
    number,
    options_table,
    slips_told,
    steps_table,
    titled,
)
from solver.exercises.naming import name_of, sentence
from solver.exercises.points import points_text, shared_out
from solver.exercises.posed import Marked, UnaskableError
from solver.exercises.slips import Slip, plain_saying, slips
from solver.exercises.told import Told
from solver.exercises.worked import (
    definitions_of,
    given_by_another_name,
    keys_by_name,
    without_notes,
)
from solver.notation import math as m
from solver.quantities import Key, Quantity
from solver.spec.digits import digits_of

if TYPE_CHECKING:
    from solver.exercises.choices import Option
    from solver.spec.exam import Question

SPACE = 7.0
"""Room for the work of an open question that gives none, in centimetres."""

HAND = 2.0
"""Room for an array that is written out by hand, in centimetres."""

LINE, VALUE = "line", "value"
"""Names of the answers to a question with an error: the number of its line, and what is right there.

Every sheet has its own error, and so its own quantity there; under one name all sheets have the same columns.
"""

_CENTIMETRES = {"mm": 0.1, "cm": 1.0, "in": 2.54, "pt": 2.54 / 72.27, "em": 0.385, "ex": 0.166}

_STATES = ("m_", "v_", "mhat_", "vhat_")


@dataclass(frozen=True)
class Material:
    """Everything that the forms draw on.

    Attributes:
        told: The problem, as it is told.
        question: How it is asked.
        salt: What draws of this question depend on, the numbers of the problem aside.
        fading: Share of the results that a solution with gaps leaves out.
    """

    told: Told
    question: Question
    salt: tuple[object, ...]
    fading: Fraction

    @property
    def telling(self) -> Telling:
        """The problem's context."""
        return self.told.telling

    @property
    def statement(self) -> tuple[Block, ...]:
        """The statement of the problem."""
        return self.told.statement

    @property
    def solution(self) -> tuple[Block, ...]:
        """The worked solution, one level lower than in a document."""
        return self.told.solution

    @property
    def goals(self) -> list[Quantity]:
        """What is asked for, element by element: other quantities first, as they are computed first."""
        return self.told.member.family.once(("goals", *self.question.ask), self._goals)

    def _goals(self) -> list[Quantity]:
        graph = self.telling.graph
        others = [element for name in self.question.ask for element in quantities_of(graph, name)]
        gradients = [element for element in gradients_asked(self.telling) if element not in others]
        return [*others, *gradients]


def of_an_update(name: str) -> bool:
    """Return whether a name means what an update makes: a new parameter, or the state of an optimizer."""
    return "'" in name or name.startswith(_STATES)


Parts = tuple[list[Block], list[Block], list[Marked]]


def open_form(material: Material) -> Parts:
    """Statement, boxes and space; the key is the worked solution."""
    telling, goals = material.telling, material.goals
    sheet: list[Block] = [*material.statement, *material.told.common("request", lambda: _request(material))]
    answers: tuple[Answer, ...] = ()
    if telling.numeric:
        answers = answers_to(telling, goals, material.question.points)
        sheet += material.told.common(
            "boxes", lambda: [paragraph(*precision(telling)), *boxes(telling, goals)]
        )
    sheet.append(AnswerSpace(_space(material.question)))
    return sheet, _key(material, answers, material.solution), _marked(telling, answers)


def _request(material: Material) -> list[Block]:
    """Return the sentences that ask."""
    telling, question = material.telling, material.question
    gradients = gradients_asked(telling)
    words = list(wording(telling, gradients)) if gradients or not question.ask else []
    if question.ask:
        names = [
            telling.letters(element.whole if len(found) > 1 else element)
            for found in (quantities_of(telling.graph, name) for name in question.ask)
            for element in found[:1]
        ]
        lead = " State also " if gradients else f"{verb_of(telling)} "
        words += [*phrase(lead), *listed(names), *phrase(".")]
        if telling.numeric and any(map(of_an_update, question.ask)):
            words += phrase(" The update is made by ", method(telling), ".")
    return [paragraph(*words, *shortened(telling))]


def blanks_form(material: Material) -> Parts:
    """The worked solution with gaps."""
    from solver.exercises.gaps import gapped

    telling, goals = material.telling, material.goals
    definitions = definitions_of(telling)
    secret = results(telling.graph, given_by_another_name(telling, definitions))
    blocks = without_notes(material.solution)
    found = gapped(blocks, secret, material.fading, {str(goal) for goal in goals})
    keys = list(dict.fromkeys(keys_by_name(telling, definitions, found.names).values()))
    answers = answers_to(telling, keys, material.question.points)
    sheet: list[Block] = [
        *material.statement,
        paragraph(
            "Below is a solution with gaps. Fill in every numbered box; where a number comes again, so does its box. ",
            *precision(telling),
        ),
        *found.sheet,
    ]
    sheet += [] if material.question.space is None else [AnswerSpace(_space(material.question))]
    return sheet, _key(material, answers, [*found.key]), _marked(telling, answers)


def choice_form(material: Material) -> Parts:
    """For each answer some numbers to choose from."""
    from solver.exercises.choices import options_for

    telling, goals, question = material.telling, material.goals, material.question
    answers = answers_to(telling, goals, question.points)
    wrong = slips(telling, answers)
    chosen = {
        answer.quantity: options_for(
            answer, wrong, question.choices, digits_of(telling.problem), (*material.salt, answer.quantity)
        )
        for answer in answers
    }
    sheet: list[Block] = [
        *material.statement, *_request(material),
        paragraph("For each of them mark the right value."), _options(telling, answers, chosen),
    ]  # fmt: skip
    sheet += [] if question.space is None else [AnswerSpace(_space(question))]
    told: list[Block] = []
    for answer in answers:
        letter = next(option.letter for option in chosen[answer.quantity] if option.right)
        name = name_of(telling, answer.key)
        lead = paragraph("The right value of ", name, f" is option {letter}.")
        told.append(Together((lead, options_table(telling, chosen[answer.quantity]))))
    key = [*told, *_key(material, answers, material.solution, wrong)]
    return (
        sheet,
        key,
        [replace(marked, options=chosen[marked.quantity]) for marked in _marked(telling, answers)],
    )


def _options(telling: Telling, answers: Sequence[Answer], chosen: Mapping[str, tuple[Option, ...]]) -> Table:
    """Return a row of options for each answer."""
    most = max(len(options) for options in chosen.values())
    header = (phrase(""), *(phrase(letter) for letter in "ABCDEFGH"[:most]))
    rows = []
    for answer in answers:
        cells = [phrase(number(option.shown)) for option in chosen[answer.quantity]]
        rows.append((phrase(name_of(telling, answer.key)), *cells, *[phrase("")] * (most - len(cells))))
    return Table(header, tuple(rows), "l" + "r" * most)


def find_the_error_form(material: Material) -> Parts:
    """The worked solution with one mistake, its lines numbered."""
    from solver.exercises.finding import flawed

    telling, goals, question = material.telling, material.goals, material.question
    blocks = without_notes(material.solution)
    found = flawed(telling, blocks, goals, material.salt, material.statement)
    if found is None:
        message = (
            "no mistake can be planted that changes a result, and whose right number stands nowhere else"
        )
        expected = 'form = "open", or other gradients'
        raise UnaskableError(Fault(message, telling.problem.file, expected=expected))
    # What the line should read is one number, or an array that no column of a table of answers could hold.
    place = found.error.place
    single = not isinstance(place, Quantity) or bool(place.index) or _is_number(telling, place)
    parts = shared_out(Decimal(question.points), [1, 1] if single else [1])
    right = answers_to(telling, [_told_as(telling, place)], parts[1]) if single else ()
    asks, reply = _reply(question, single=single)
    sheet: list[Block] = [
        *material.statement,
        paragraph(
            "The solution below has one mistake. Every line after it follows correctly from the wrong one; shown numbers "
            f"are rounded. In which line is the mistake, and {asks}"
        ),
        *found.sheet, *reply,
    ]  # fmt: skip
    row = (phrase(f"Line {found.line}"), sentence(telling, found.error.saying), phrase(points_text(parts[0])))
    key: list[Block] = [
        Table((phrase("Where"), phrase("What went wrong"), phrase("Points")), (row,), "llr"),
        paragraph("The line should read:"), equation(found.right),
        *answers_tables(telling, right),
        *found.key, titled("The right solution", *material.solution),
    ]  # fmt: skip
    extra = {"mistake": found.error.mistake, "saying": plain_saying(telling.graph, found.error.saying)}
    value = float(found.line)
    line = Marked(
        LINE, value, value, value, parts[0], m.Digits(str(found.line)), m.Words("line"), extra=extra
    )
    instead = [
        replace(marked, quantity=VALUE, label=m.Words("its value"), extra={"of": marked.quantity})
        for marked in _marked(telling, right)
    ]
    return sheet, key, [line, *instead]


def _reply(question: Question, *, single: bool) -> tuple[str, list[Block]]:
    """Return how a sheet asks what a line should read, and where: one number in a box, an array by hand."""
    where = EquationLine(m.Words("The mistake is in line"), (Step("", m.Blank(3.0)),))
    space = [] if question.space is None else [AnswerSpace(_space(question))]
    if single:
        value = EquationLine(m.Words("The right value is"), (Step("", m.Blank(4.0)),))
        return "what is its right value?", [Equation(((where, value),)), *space]
    written = [paragraph("The line should read:"), *(space or [AnswerSpace(HAND)])]
    return "how should that line read?", [Together((Equation(((where,),)), *written))]


def _is_number(telling: Telling, array: Quantity) -> bool:
    node = telling.graph.node(array.value)
    return not node.shape and not (node.per_sample and telling.graph.samples > 1)


def _told_as(telling: Telling, place: Key) -> Key:
    """Return a key as the lines of a solution carry it: with its sample, also where the author writes a single one."""
    if isinstance(place, Quantity) and place.sample is None and telling.graph.node(place.value).per_sample:
        return place.of_sample(1)
    return place


def _key(
    material: Material, answers: Sequence[Answer], told: Sequence[Block], wrong: Sequence[Slip] | None = None
) -> list[Block]:
    """Return the key of a question: answers, worked solution, points by step, mistakes."""
    telling = material.telling
    blocks: list[Block] = []
    if answers:
        blocks += answers_tables(telling, answers)
        if wrong is None:
            wrong = slips(telling, answers, slips_told(answers))
        tables = mistakes_tables(telling, answers, wrong)
        if tables:
            blocks.append(titled("Which mistake gives which number", *tables))
    return [*blocks, *material.told.common("steps", lambda: _points_by_step(material, told)), *told]


def _points_by_step(material: Material, told: Sequence[Block]) -> list[Block]:
    steps = steps_table(told, Decimal(material.question.points))
    return [] if steps is None else [titled("Points by step", Together((steps,)))]


def _marked(telling: Telling, answers: Sequence[Answer]) -> list[Marked]:
    return [
        Marked(
            answer.quantity, answer.value, answer.low, answer.high, answer.points,
            number(answer.shown), name_of(telling, answer.key),
        )
        for answer in answers
    ]  # fmt: skip


def _space(question: Question, otherwise: float = SPACE) -> float:
    """Return the room for an answer, in centimetres."""
    if question.space is None:
        return otherwise
    unit = question.space[-2:]
    return float(question.space[:-2]) * _CENTIMETRES[unit]


FORMS: dict[str, Callable[[Material], Parts]] = {
    "open": open_form,
    "blanks": blanks_form,
    "choice": choice_form,
    "find-the-error": find_the_error_form,
}
"""A form of question by its name in an exam file."""
