"""What each student was asked, for marking: the exam's questions with their numbers, drawn again.

Where the sheets have been written, their manifest says who got which variant and what is accepted; the problems are drawn
anew from it, so that an answer can be followed. Problems that have changed since are a fault, since the marks would be
those of another exam. Without a manifest the exam is planned as `exam` would plan it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solver.arithmetic import Float64
from solver.course.exam_plan import papers_of, plan_exam
from solver.course.execute import each
from solver.course.manifest import FILE, answer_entry
from solver.course.seats import Asking, askings_of, seats_of, seed_of
from solver.document.asking import key_name
from solver.document.explain import telling_of
from solver.errors import Fault, InputError
from solver.exercises.marking.asked import Item, Option, Question, Sheet, column_of
from solver.exercises.pencil import FULL, ByLines, element_of
from solver.exercises.question import asked_anew
from solver.exercises.worked import definitions_of, keys_by_name
from solver.graph import build
from solver.quantities import Key, Quantity
from solver.spec.digits import digits_of
from solver.spec.names import parse_name
from solver.trace.solve import solve_steps

if TYPE_CHECKING:
    from solver.spec import Exam, Problem

Entry = Mapping[str, Any]
"""One answer, as a manifest says it."""

CHANGED = 1e-9
"""Relative difference from which a right value is another one than when the sheets were written."""

FEW = 8
"""Sheets that are drawn in one go at least: fewer are not worth a process."""

LEAST = 1e-3
"""What a difference is at least held against: terms that cancel to 0 leave a trace in float64."""


@dataclass(frozen=True)
class Asked:
    """One sheet before its problems are drawn.

    Attributes:
        id: Name of the sheet: the student's id, or the number of the variant.
        name: The student's name, or "".
        variant: Of the draws.
        entries: The answers, as the manifest lists them.
    """

    id: str
    name: str
    variant: int
    entries: tuple[Entry, ...]


@dataclass
class MarkingSheets:
    """All sheets of an exam; a question is drawn when somebody's answers to it are marked, once for a variant.

    Attributes:
        exam: The exam.
        seed: Of its draws.
        asked: The sheets by their ids.
        source: The manifest that they are from; None where they were planned anew.
    """

    exam: Exam
    seed: int
    asked: Mapping[str, Asked]
    source: Path | None = None
    _questions: dict[tuple[int, int], Question] = field(default_factory=dict, repr=False)

    @cached_property
    def askings(self) -> tuple[Asking, ...]:
        """The questions with the seeds of their draws."""
        return askings_of(self.exam, self.seed)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The heading of every answer's column, over all sheets."""
        names = (
            f"{entry['question']}:{entry['quantity']}"
            for sheet in self.asked.values()
            for entry in sheet.entries
        )
        return tuple(dict.fromkeys(names))

    @property
    def per_student(self) -> bool:
        """Whether sheets bear students' ids."""
        return self.exam.students is not None or any(not name.isdigit() for name in self.asked)

    def sheet(self, identity: str) -> Sheet:
        """Return what one student was asked.

        Raises:
            InputError: The problems have changed since the sheets were written.
        """
        asked = self.asked[identity]
        questions = tuple(self._question(asking, asked) for asking in self.askings)
        return Sheet(asked.id, questions, asked.name, asked.variant)

    def _question(self, asking: Asking, asked: Asked) -> Question:
        entries = [entry for entry in asked.entries if entry["question"] == asking.number]
        variant = next((entry["variant"] for entry in entries if "variant" in entry), asked.variant)
        key = (asking.number, variant if asking.drawn else 0)
        if key not in self._questions:
            self._questions[key] = question_of(asking, variant, entries, self.source)
        return self._questions[key]


def marking_sheets(
    exam: Exam, out: Path, *, roster: Path | None = None, seed: int | None = None
) -> MarkingSheets:
    """Return the sheets of an exam, from its manifest where there is one.

    Args:
        exam: The exam, its roster with it.
        out: Where the exam's folder is.
        roster: A roster given besides the exam's own.
        seed: Of the draws, where the exam was written with another seed than its file's.

    Raises:
        InputError: The exam cannot be drawn, or the manifest is of other sheets.
    """
    file = out / exam.file.stem / FILE
    if file.is_file():
        return _of_manifest(exam, file, seed, given=roster is not None)
    return _planned(exam, seed)


def _planned(exam: Exam, seed: int | None) -> MarkingSheets:
    plan = plan_exam(exam, seed)
    places = list(range(len(plan.seats)))
    size = max(FEW, min(16, len(places) // 8))
    chunks = [places[start : start + size] for start in range(0, len(places), size)]
    papers = [paper for part in each(partial(papers_of, plan), chunks) for paper in part]
    asked = {}
    for paper in papers:
        entries = tuple(
            answer_entry(number, answer)
            for number, question in enumerate(paper.questions, start=1)
            for answer in question.answers
        )
        name = "" if paper.seat.student is None else paper.seat.student.name
        asked[paper.seat.name] = Asked(paper.seat.name, name, paper.seat.variant, entries)
    return MarkingSheets(exam, plan.seed, asked)


def _of_manifest(exam: Exam, file: Path, seed: int | None, *, given: bool) -> MarkingSheets:
    content = _read(file)
    written = content["seed"]
    own = seed_of(exam, written if seed is None and exam.secret is None else seed)
    if own != written:
        message = "the sheets were written with another seed, or another secret"
        raise InputError(
            Fault(
                message,
                file,
                key="seed",
                found=str(written),
                expected="the seed and the secret of the sheets",
            )
        )
    names = {} if exam.students is None else {student.id: student.name for student in exam.students.students}
    asked = {}
    for sheet in content["sheets"]:
        identity = str(sheet["variant"]) if sheet["student"] is None else sheet["student"]
        asked[identity] = Asked(identity, names.get(identity, ""), sheet["variant"], tuple(sheet["answers"]))
    missing = [name for name in (seat.name for seat in seats_of(exam, own)) if name not in asked]
    if missing and given:
        found = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        message = "the roster names students who got no sheet"
        raise InputError(
            Fault(message, file, found=found, expected="the roster that the sheets were written for")
        )
    return MarkingSheets(exam, own, asked, file)


def _read(file: Path) -> dict[str, Any]:
    """Return a manifest that has what marking needs.

    Raises:
        InputError: It is none.
    """
    try:
        content = json.loads(file.read_bytes())
        for sheet in content["sheets"]:
            for entry in sheet["answers"]:
                _ = [float(entry[name]) for name in ("value", "low", "high", "points")]
                _ = entry["question"], entry["quantity"]
                _ = int(entry.get("variant", 0))
            _ = sheet["student"], sheet["variant"]
        _ = content["seed"]
    except (OSError, ValueError, KeyError, TypeError):
        expected = "the manifest of the exam, as `exam` writes it; without one the sheets are drawn anew"
        raise InputError(Fault("", file, found="no manifest", expected=expected)) from None
    return dict(content)


def question_of(asking: Asking, variant: int, entries: Sequence[Entry], source: Path | None) -> Question:
    """Return one question of one variant, its problem drawn.

    Raises:
        InputError: The problem is not the one that the answers belong to.
    """
    problem = asked_anew(_drawn(asking, variant), asking.question)
    model = build(problem)
    if model.symbolic:
        items = tuple(_item(entry, {}) for entry in entries)
        return Question(
            asking.number, items, digits=digits_of(problem), by_hand=float(asking.question.points)
        )
    telling = telling_of(problem, model)
    definitions = definitions_of(telling)
    lines = {key_name(model.graph, key): key for key in definitions}
    others = [name for name in map(_computed, entries) if name not in lines and parse_name(name)]
    keys = lines | keys_by_name(telling, definitions, others)
    items = tuple(_item(entry, keys) for entry in entries)
    question = Question(asking.number, items, model, digits_of(problem), definitions, telling.letters)
    _hold(question, problem, source)
    return question


def _drawn(asking: Asking, variant: int) -> Problem:
    if not asking.drawn:
        return asking.problem
    from solver.variants import draw_variant

    return draw_variant(asking.problem, variant, seed=asking.seed)


def _computed(entry: Entry) -> str:
    """Return the name of what the problem computes for an answer."""
    return str(entry.get("of", entry["quantity"]))


def _item(entry: Entry, keys: Mapping[str, Key]) -> Item:
    options = {
        option["option"]: Option(float(option["value"]), option["mistake"] or "", None)
        for option in entry.get("options", ())
    }
    low, high, value = (float(entry[name]) for name in ("low", "high", "value"))
    key = keys.get(_computed(entry))
    return Item(entry["quantity"], value, low, high, float(entry["points"]), key, options)


def _hold(question: Question, problem: Problem, source: Path | None) -> None:
    """Hold the right values of a manifest against the problem as it is now."""
    model = question.model
    if source is None or model is None:
        return
    step = solve_steps(model, Float64())[0]
    lines = ByLines(model, step, question.definitions, FULL)
    for item in question.items:
        if item.key is None:
            continue
        value = element_of(model, step, item.key) if isinstance(item.key, Quantity) else lines.value(item.key)
        if abs(value - item.value) > CHANGED * max(abs(value), abs(item.value), LEAST):
            raise InputError(
                Fault(
                    "the problem has changed since the sheets were written", source, key=column_of(question, item),
                    found=f"{item.value:.6g} in the manifest, {value:.6g} now",
                    expected=f"{problem.file.name} as it was; or write the sheets anew",
                )
            )  # fmt: skip
