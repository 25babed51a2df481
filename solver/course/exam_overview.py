"""The page of all answers: every variant's final results side by side, for whoever marks a pile of sheets."""

from __future__ import annotations

from collections.abc import Sequence

from solver.course.exam_plan import Paper
from solver.document.nodes import Block, Phrase, Table
from solver.document.words import paragraph, phrase
from solver.exercises.question import Marked
from solver.notation.math import Math

COLUMNS = 6
"""Answers beside each other."""


def all_answers(papers: Sequence[Paper], notes: Sequence[str]) -> list[Block]:
    """Return the final answers of all variants side by side, and how alike the variants are."""
    labels: dict[tuple[int, str], Math] = {}
    for paper in papers:
        for number, question in enumerate(paper.questions, start=1):
            for answer in question.answers:
                labels.setdefault((number, answer.quantity), answer.label)
    columns = list(labels)
    blocks: list[Block] = [paragraph(f"{text[0].upper()}{text[1:]}.") for text in notes]
    for start in range(0, len(columns), COLUMNS):
        some = columns[start : start + COLUMNS]
        header = (
            phrase("Sheet"),
            *(phrase(f"{number}: ", labels[number, quantity]) for number, quantity in some),
        )
        rows = []
        for paper in papers:
            known = {
                (number, answer.quantity): answer
                for number, question in enumerate(paper.questions, start=1)
                for answer in question.answers
            }
            cells: list[Phrase] = []
            for key in some:
                found = known.get(key)
                cells.append(phrase("") if found is None else _cell(found))
            rows.append((phrase(paper.seat.name), *cells))
        blocks.append(Table(header, tuple(rows), "l" + "r" * len(some)))
    return blocks


def _cell(answer: Marked) -> Phrase:
    """Return an answer, and the letter of the right option where there was a choice."""
    right = next((option.letter for option in answer.options if option.right), "")
    return phrase(answer.shown, f" {right}" if right else "")
