"""A question: what stands in the sheet, what stands in the key, and the answers that marking goes by.

Sheet and key are views of one worked solution. The four forms differ in what the sheet shows of it: nothing ("open",
"choice"), all but some numbers ("blanks"), or all of it with one mistake ("find-the-error").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from solver.document.asking import (
    boxes,
    gradients_asked,
    precision,
    quantities_of,
    wording,
)
from solver.document.explain import explain, telling_of
from solver.document.nodes import AnswerSpace, Block, Document, Equation, EquationLine, Step, Table, Together
from solver.document.rewriting import Rewriter
from solver.document.telling import Telling
from solver.document.views import results, statement_of, without_values
from solver.document.words import equation, listed, paragraph, phrase
from solver.errors import Fault, InputError
from solver.exercises.answers import Answer, answers_to
from solver.exercises.choices import Option, options_for
from solver.exercises.finding import flawed, has_name
from solver.exercises.gaps import gapped
from solver.exercises.marking_key import (
    answers_tables,
    mistakes_tables,
    number,
    options_table,
    steps_table,
    titled,
)
from solver.exercises.points import points_text, shared_out
from solver.exercises.slips import Slip, on_one_line, plain_saying, sentence, slips
from solver.exercises.worked import (
    definitions_of,
    demoted,
    given_by_another_name,
    keys_by_name,
    without_notes,
    worked,
)
from solver.graph import build
from solver.notation import math as m
from solver.quantities import Key, Quantity
from solver.spec.digits import digits_of

if TYPE_CHECKING:
    from solver.spec import Problem
    from solver.spec.exam import Question

SPACE = 7.0
"""Room for the work of an open question that gives none, in centimetres."""

LINE = "line"
"""Name of the answer that is the number of a line."""

_STATES = ("m_", "v_", "mhat_", "vhat_")

_CENTIMETRES = {"mm": 0.1, "cm": 1.0, "in": 2.54, "pt": 2.54 / 72.27, "em": 0.385, "ex": 0.166}


@dataclass(frozen=True)
class Marked:
    """One answer as marking knows it.

    Attributes:
        quantity: Its name in the contract, or "line" for the number of a line.
        value: The right answer.
        low: The smallest number that is accepted.
        high: The largest one.
        points: What it is worth.
        shown: As the key prints it.
        label: How a table of many variants calls it.
        options: What could be chosen, where there was a choice.
        extra: What else marking wants to know: the mistake that was planted.
    """

    quantity: str
    value: float
    low: float
    high: float
    points: Decimal
    shown: m.Math
    label: m.Math
    options: tuple[Option, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Posed:
    """A question for one sheet.

    Attributes:
        title: Heading.
        points: Of the whole question.
        sheet: What a student reads.
        key: What a marker reads.
        answers: What is asked for; none in a symbolic problem.
    """

    title: str
    points: Decimal
    sheet: tuple[Block, ...]
    key: tuple[Block, ...]
    answers: tuple[Marked, ...]


@dataclass(frozen=True)
class _Material:
    """Everything that the forms draw on.

    Attributes:
        telling: The problem's context.
        document: Its worked solution.
        question: How it is asked.
        salt: What draws of this question depend on, the numbers of the problem aside.
        fading: Share of the results that a solution with gaps leaves out.
    """

    telling: Telling
    document: Document
    question: Question
    salt: tuple[object, ...]
    fading: Fraction

    @property
    def statement(self) -> tuple[Block, ...]:
        """The statement of the problem."""
        return statement_of(self.document, self.telling)

    @property
    def goals(self) -> list[Quantity]:
        """What is asked for, element by element: other quantities first, as they are computed first."""
        graph = self.telling.graph
        others = [element for name in self.question.ask for element in quantities_of(graph, name)]
        gradients = [element for element in gradients_asked(self.telling) if element not in others]
        return [*others, *gradients]

    def told(self) -> list[Block]:
        """Return the worked solution, one level lower than in a document."""
        return demoted(worked(self.document))


def pose(
    problem: Problem, question: Question, *, salt: Sequence[object] = (), fading: Fraction = Fraction(1, 2)
) -> Posed:
    """Return a question about a problem (or a drawn variant of it).

    Args:
        problem: The problem.
        question: How it is asked.
        salt: What distractors and planted mistakes depend on: seed, variant, number of the question.
        fading: For a solution with gaps: share of its results that are missing.

    Raises:
        InputError: The form needs numbers and the problem has none, or no mistake can be planted.
    """
    problem = asked_anew(problem, question)
    model = build(problem)
    if model.symbolic and question.form != "open":
        raise _without_numbers(problem, question)
    telling = telling_of(problem, model)
    if not model.symbolic:
        telling = telling.defining(definitions_of(telling))
    material = _Material(
        telling, explain(problem, model, checked=False, drawn_values=False), question, tuple(salt), fading
    )
    forms = {"open": _open, "blanks": _blanks, "choice": _choice, "find-the-error": _find_the_error}
    sheet, key, answers = forms[question.form](material)
    points = Decimal(question.points)
    return Posed(question.title or problem.title, points, _plain(sheet), _plain(key), tuple(answers))


def asked_anew(problem: Problem, question: Question) -> Problem:
    """Return a problem whose work is what a question asks for: its gradients, and no update unless that is asked for."""
    changes: dict[str, object] = {}
    if question.gradients is not None:
        changes["gradients"] = question.gradients
    if not any("'" in name or name.startswith(_STATES) for name in question.ask) and not problem.symbolic:
        changes["update"] = False
    work = problem.work.model_copy(update=changes)
    return problem.model_copy(update={"work": work})


def _without_numbers(problem: Problem, question: Question) -> InputError:
    return InputError(
        Fault(
            "a symbolic problem has no numbers to ask for", problem.file, key=f"{problem.kind}.inputs",
            found=f'form = "{question.form}" in the exam', expected='form = "open", or a problem with numbers',
        )
    )  # fmt: skip


def _plain(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return blocks whose drawings show names alone: the same drawing for every variant, and typeset once for all."""
    return Rewriter(lambda math: math, lambda scene: without_values(scene, has_name)).blocks(blocks)


Parts = tuple[list[Block], list[Block], list[Marked]]


def _open(material: _Material) -> Parts:
    """Statement, boxes and space; the key is the worked solution."""
    telling, goals = material.telling, material.goals
    sheet: list[Block] = [*material.statement, *_request(material)]
    answers: tuple[Answer, ...] = ()
    if telling.numeric:
        answers = answers_to(telling, goals, material.question.points)
        sheet += [paragraph(*precision(telling)), *boxes(telling, goals)]
    sheet.append(AnswerSpace(_space(material.question)))
    return sheet, _key(material, answers, material.told()), _marked(telling, answers)


def _request(material: _Material) -> list[Block]:
    """Return the sentences that ask."""
    telling, question = material.telling, material.question
    words = list(wording(telling, gradients_asked(telling)))
    if question.ask:
        names = [
            telling.letters(element.whole if len(found) > 1 else element)
            for found in (quantities_of(telling.graph, name) for name in question.ask)
            for element in found[:1]
        ]
        words += [*phrase(" State also "), *listed(names), *phrase(".")]
    if telling.model.reference is not None:
        words += phrase(
            " Differentiate each output of the softmax with respect to its own pre-activation alone."
        )
    return [paragraph(*words)]


def _blanks(material: _Material) -> Parts:
    """The worked solution with gaps."""
    telling, goals = material.telling, material.goals
    definitions = definitions_of(telling)
    secret = results(telling.graph, given_by_another_name(telling, definitions))
    blocks = without_notes(material.told())
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


def _choice(material: _Material) -> Parts:
    """For each answer some numbers to choose from."""
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
        name = on_one_line(telling.letters(answer.key))
        lead = paragraph("The right value of ", name, f" is option {letter}.")
        told += [lead, options_table(telling, chosen[answer.quantity])]
    key = [*told, *_key(material, answers, material.told(), wrong)]
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
        rows.append(
            (phrase(on_one_line(telling.letters(answer.key))), *cells, *[phrase("")] * (most - len(cells)))
        )
    return Table(header, tuple(rows), "l" + "r" * most)


def _find_the_error(material: _Material) -> Parts:
    """The worked solution with one mistake, its lines numbered."""
    telling, goals, question = material.telling, material.goals, material.question
    blocks = without_notes(material.told())
    found = flawed(telling, blocks, goals, material.salt)
    if found is None:
        message = "no mistake changes what is asked for visibly, so none can be planted"
        raise InputError(Fault(message, telling.problem.file, expected='form = "open", or other gradients'))
    # What the line should read is one number, or an array that no column of a table of answers could hold.
    place = found.error.place
    single = not isinstance(place, Quantity) or bool(place.index)
    parts = shared_out(Decimal(question.points), [1, 1] if single else [1])
    where = Equation(((EquationLine(m.Words("The mistake is in line"), (Step("", m.Blank(3.0)),)),),))
    instead: list[Block] = [paragraph("The line should read:"), AnswerSpace(_space(question, 2.0))]
    right: tuple[Answer, ...] = ()
    if single:
        right = answers_to(telling, [_told_as(telling, place)], parts[1])
        instead.insert(
            1, Equation(((EquationLine(m.Words("Its right value is"), (Step("", m.Blank(4.0)),)),),))
        )
    sheet: list[Block] = [
        *material.statement,
        paragraph(
            "The solution below has one mistake. Every line after it follows correctly from the wrong one; shown numbers "
            "are rounded. In which line is the mistake, and how should that line read?"
        ),
        *found.sheet, where, *instead,
    ]  # fmt: skip
    row = (phrase(f"Line {found.line}"), sentence(telling, found.error.saying), phrase(points_text(parts[0])))
    key: list[Block] = [
        Table((phrase("Where"), phrase("What went wrong"), phrase("Points")), (row,), "llr"),
        paragraph("The line should read:"), equation(found.right),
        *answers_tables(telling, right),
        *found.key, titled("The right solution", *material.told()),
    ]  # fmt: skip
    extra = {"mistake": found.error.mistake, "saying": plain_saying(telling.graph, found.error.saying)}
    value = float(found.line)
    line = Marked(
        LINE, value, value, value, parts[0], m.Digits(str(found.line)), m.Words("line"), extra=extra
    )
    return sheet, key, [line, *_marked(telling, right)]


def _told_as(telling: Telling, place: Key) -> Key:
    """Return a key as the lines of a solution carry it: with its sample, also where the author writes a single one."""
    if isinstance(place, Quantity) and place.sample is None and telling.graph.node(place.value).per_sample:
        return place.of_sample(1)
    return place


def _key(
    material: _Material, answers: Sequence[Answer], told: Sequence[Block], wrong: Sequence[Slip] | None = None
) -> list[Block]:
    """Return the key of a question: answers, worked solution, points by step, mistakes."""
    telling = material.telling
    blocks: list[Block] = []
    if answers:
        blocks += answers_tables(telling, answers)
        tables = mistakes_tables(telling, answers, slips(telling, answers) if wrong is None else wrong)
        if tables:
            blocks.append(titled("Which mistake gives which number", *tables))
    steps = steps_table(told, Decimal(material.question.points))
    if steps is not None:
        blocks.append(titled("Points by step", Together((steps,))))
    return [*blocks, *told]


def _marked(telling: Telling, answers: Sequence[Answer]) -> list[Marked]:
    return [
        Marked(
            answer.quantity, answer.value, answer.low, answer.high, answer.points,
            number(answer.shown), on_one_line(telling.letters(answer.key)),
        )
        for answer in answers
    ]  # fmt: skip


def _space(question: Question, otherwise: float = SPACE) -> float:
    """Return the room for an answer, in centimetres."""
    if question.space is None:
        return otherwise
    unit = question.space[-2:]
    return float(question.space[:-2]) * _CENTIMETRES[unit]
