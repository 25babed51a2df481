"""The report on a class, as a document: how it did, what each question shows, which mistakes were made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from solver.document.nodes import Block, Document, Figure, Phrase, Section, Table
from solver.document.words import count, paragraph, phrase, strong
from solver.exercises.marking import plots
from solver.exercises.marking.asked import Question
from solver.exercises.marking.marker import MarkedSheet
from solver.exercises.marking.reading import Manner
from solver.exercises.marking.statistics import ClassStatistics, ItemStatistics
from solver.exercises.marking.verdicts import Mark, Verdict
from solver.exercises.marking.wording import (
    letters_of,
    mistake_title,
    name_of,
    points_text,
    read_as,
    shortened,
    told,
)
from solver.exercises.points import added
from solver.figures.scene import Scene
from solver.notation import math as m

GOOD = 0.2
"""Discrimination that an item should reach."""

MOST_LOOKS = 60

MOST_NAMED = 12
"""Answers up to which all are named in the plot of their discrimination; of more, those below the line."""


def class_report(
    title: str, marked: Sequence[MarkedSheet], found: ClassStatistics, notes: Sequence[str] = ()
) -> Document:
    """Return the report on a class.

    Args:
        title: Of the exam.
        marked: Every student's sheet.
        found: Statistics of the same.
        notes: What the reading of the files had to say.
    """
    blocks: list[Block] = [*_summary(found, notes), *_questions(found), *_mistakes(found)]
    looks = list(_looks(marked))
    if looks:
        blocks.append(_worth_a_look(looks))
    blocks.append(_students(marked))
    return Document(title, tuple(blocks), running="Marks")


def _summary(found: ClassStatistics, notes: Sequence[str]) -> Iterator[Block]:
    blocks: list[Block] = []
    if found.students:
        words = (
            f"{count(found.students, 'student').capitalize()} handed in answers. Of {points_text(found.points)} they "
            f"earned {found.mean:.3g} on average (median {found.median:.3g}, standard deviation {found.deviation:.2g})."
        )
        if found.reliability is not None:
            words += f" The reliability of the total (Cronbach’s alpha) is {_hundredths(found.reliability)}."
        blocks.append(paragraph(words))
        scene = plots.histogram(found.totals, found.points, found.mean, "points")
        alt = f"Histogram of the points of {found.students} students, mean {found.mean:.3g} of {found.points:g}."
        blocks.append(Figure(scene, alt, phrase("How many students earned how many points.")))
    else:
        blocks.append(paragraph("Nobody answered anything."))
    if found.absent:
        listed = ", ".join(found.absent[:40]) + (
            f" and {len(found.absent) - 40} more" if len(found.absent) > 40 else ""
        )
        blocks.append(paragraph(f"Without any answer, and in no statistics: {listed}."))
    blocks += [paragraph(f"{note[:1].upper()}{note[1:]}.") for note in notes]
    yield Section(phrase("The class"), tuple(blocks))


def _hundredths(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _questions(found: ClassStatistics) -> Iterator[Block]:
    if not found.items:
        return
    blocks: list[Block] = [
        paragraph(
            "Difficulty is the share of students who earned the points of an answer: 1 is easy. Discrimination is "
            f"the correlation with the points of all other answers: below {GOOD:g} an answer hardly tells who knows the "
            "subject, below 0 something is wrong with it. Answers that are right given an earlier wrong one count as "
            "earned."
        ),
        _items_table(found.items),
    ]
    for start in range(0, len(found.items), plots.MOST_ROWS):
        some = found.items[start : start + plots.MOST_ROWS]
        blocks.append(Figure(_difficulty(some), _difficulty_alt(some), phrase("How each answer was given.")))
    few = len(found.items) <= MOST_NAMED
    dots = [
        plots.Dot(i.difficulty, i.discrimination, _item_name(i) if few or i.discrimination < GOOD else None)
        for i in found.items
        if i.discrimination is not None
    ]
    if dots:
        scene = plots.scatter(dots, "difficulty", "discrimination", GOOD)
        alt = "; ".join(
            f"{i.column}: {i.difficulty:.2f}, {i.discrimination:.2f}"
            for i in found.items
            if i.discrimination is not None
        )
        blocks.append(
            Figure(
                scene,
                f"Difficulty and discrimination. {alt}",
                phrase("Difficulty and discrimination of each answer."),
            )
        )
    yield Section(phrase("The questions"), tuple(blocks))


def _items_table(items: Sequence[ItemStatistics]) -> Table:
    header = tuple(
        phrase(head)
        for head in (
            "Answer",
            "Points",
            "Right",
            "Follows",
            "Difficulty",
            "Discrimination",
            "Commonest mistake",
        )
    )
    rows = []
    for item in items:
        mistake = f"{mistake_title(item.mistakes[0][0])} ({item.mistakes[0][1]})" if item.mistakes else ""
        discrimination = "–" if item.discrimination is None else _hundredths(item.discrimination)
        rows.append(
            (phrase(_item_name(item)), phrase(f"{item.points:g}"), phrase(str(item.verdicts[Verdict.RIGHT])),
             phrase(str(item.verdicts[Verdict.FOLLOWS])), phrase(_hundredths(item.difficulty)), phrase(discrimination),
             phrase(mistake))
        )  # fmt: skip
    return Table(header, tuple(rows), "lrrrrrl")


def _item_name(item: ItemStatistics) -> m.Math:
    return name_of(item.question, item.quantity, item.label)


def _difficulty(items: Sequence[ItemStatistics]) -> Scene:
    rows = []
    for item in items:
        share = {verdict: item.verdicts[verdict] / max(1, item.students) for verdict in Verdict}
        lost = 1 - share[Verdict.RIGHT] - share[Verdict.FOLLOWS] - share[Verdict.BLANK]
        parts = (
            (share[Verdict.RIGHT], plots.DARK), (share[Verdict.FOLLOWS], plots.MIDDLE), (max(lost, 0.0), plots.LIGHT)
        )  # fmt: skip
        rows.append(plots.Bar(_item_name(item), parts, f"{round(100 * item.difficulty)} %"))
    legend = (
        ("right", plots.DARK),
        ("follows from an earlier answer", plots.MIDDLE),
        ("no points", plots.LIGHT),
    )
    return plots.bars(rows, 1.0, "share of the students; what is missing gave no answer", legend)


def _difficulty_alt(items: Sequence[ItemStatistics]) -> str:
    told = "; ".join(f"{item.column}: {round(100 * item.difficulty)} %" for item in items)
    return f"Share of the students who earned each answer’s points. {told}"


def _mistakes(found: ClassStatistics) -> Iterator[Block]:
    if not found.mistakes:
        return
    rows = [
        plots.Bar(
            m.Words(mistake_title(name).replace("½", "1/2")), ((float(number), plots.MIDDLE),), str(number)
        )
        for name, number in sorted(found.mistakes, key=lambda pair: not pair[0])[: plots.MOST_ROWS]
    ]
    most = max(number for _, number in found.mistakes)
    told = "; ".join(f"{mistake_title(name)}: {number}" for name, number in found.mistakes)
    yield Section(
        phrase("The mistakes"),
        (
            paragraph(
                "Each slip counts once, however many answers it spoils; what follows from it rightly is none."
            ),
            Figure(plots.bars(rows, float(most), "slips"), f"How often each mistake was made. {told}"),
        ),
    )


# --- what deserves a look -----------------------------------------------------------------------------------


def _looks(marked: Sequence[MarkedSheet]) -> Iterator[tuple[str, Question, Mark, Phrase]]:
    """Yield the answers that a teacher should look at by eye, and why."""
    for sheet in marked:
        for question, marks in zip(sheet.sheet.questions, sheet.marks, strict=True):
            for mark in marks:
                why = _why_look(question, mark)
                if why:
                    yield sheet.sheet.id, question, mark, why


def _why_look(question: Question, mark: Mark) -> Phrase:
    if mark.verdict is Verdict.UNREADABLE:
        return phrase(f"not readable: {read_as(mark)}")
    if mark.verdict in (Verdict.AVOIDED, Verdict.IMPRECISE) and mark.cause is not None and not mark.same_slip:
        return phrase(f"{mark.verdict.value}: ", *told(question, mark.cause))
    if (
        mark.verdict is Verdict.WRONG
        and mark.cause is None
        and not mark.item.options
        and mark.item.key is not None
    ):
        return phrase("no mistake of the table gives this number")
    if mark.reading.manner in (Manner.FORMULA, Manner.PERCENTAGE):
        return phrase(f"{mark.verdict.value}, read as {read_as(mark)}")
    return ()


def _worth_a_look(looks: Sequence[tuple[str, Question, Mark, Phrase]]) -> Section:
    rows = tuple(
        (phrase(student), phrase(name_of(question.number, mark.item.quantity, letters_of(question, mark.item))),
         phrase(shortened(mark.reading.written)), why)
        for student, question, mark, why in looks[:MOST_LOOKS]
    )  # fmt: skip
    header = (phrase("Student"), phrase("Answer"), phrase("Written"), phrase("Why"))
    blocks: list[Block] = [
        paragraph("These answers were decided by a rule that a teacher may see otherwise."),
        Table(header, rows, "llll"),
    ]
    if len(looks) > MOST_LOOKS:
        blocks.append(paragraph(f"{len(looks) - MOST_LOOKS} more stand in answers.csv."))
    return Section(phrase("Worth a look"), tuple(blocks))


def _students(marked: Sequence[MarkedSheet]) -> Section:
    numbers = list(dict.fromkeys(question.number for sheet in marked for question in sheet.sheet.questions))
    named = any(sheet.sheet.name for sheet in marked)
    header = [
        phrase("Id"),
        *([phrase("Name")] if named else []),
        *(phrase(str(number)) for number in numbers),
        phrase("Points"),
    ]
    rows = []
    for sheet in marked:
        points = {
            question.number: added(mark.points for mark in marks)
            for question, marks in zip(sheet.sheet.questions, sheet.marks, strict=True)
            if not question.by_hand
        }
        cells = [phrase(sheet.sheet.id), *([phrase(sheet.sheet.name)] if named else [])]
        cells += [phrase(f"{points[number]:g}" if number in points else "") for number in numbers]
        rows.append((*cells, phrase(strong(f"{sheet.points:g}"))))
    align = "l" + "l" * named + "r" * (len(numbers) + 1)
    return Section(phrase("The students"), (Table(tuple(header), tuple(rows), align),))
